#include "mina/schema/schema.h"

#include <algorithm>

namespace mina::schema {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

}  // namespace

Root const* find_root(Schema const& schema, std::string_view name) {
    for (auto const& root : schema.roots) {
        if (same_word(root.alias, name) || same_word(root.name, name)) return &root;
    }
    return nullptr;
}

}  // namespace mina::schema
