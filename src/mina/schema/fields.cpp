#include "mina/schema/fields.h"

#include "mina/schema/walker.h"

#include <algorithm>

namespace mina::schema {

namespace {

constexpr std::string_view p_text = "0x40000000000000000000000000000000224698fc094cf91b992d30ed00000001";
constexpr std::string_view q_text = "0x40000000000000000000000000000000224698fc0994a8dd8c46eb2100000001";

constexpr std::uint8_t digit(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

constexpr base::ByteArray<32> little_endian(std::string_view text) {
    base::ByteArray<32> bytes{};
    for (std::size_t i = 0; i < 32; ++i)
        bytes[31 - i] = static_cast<std::uint8_t>(digit(text[2 + 2 * i]) << 4 | digit(text[3 + 2 * i]));
    return bytes;
}

}  // namespace

constexpr base::ByteArray<32> modulus_p = little_endian(p_text);
constexpr base::ByteArray<32> modulus_q = little_endian(q_text);

bool is_reduced(Kind field, base::ByteView element) {
    auto const& modulus = field == Kind::field_p ? modulus_p : modulus_q;
    return std::lexicographical_compare(element.rbegin(), element.rend(), modulus.rbegin(), modulus.rend());
}

std::optional<FieldFault> first_unreduced_field(Type const& type, base::ByteView bytes) {
    Walker walker(type, bytes);
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const& step = **next;
        auto const kind = step.type->kind;
        if (kind != Kind::field_p && kind != Kind::field_q) continue;
        if (is_reduced(kind, step.bytes)) continue;
        return FieldFault{step.offset, walker.path(), kind == Kind::field_p ? p_text : q_text};
    }
    return std::nullopt;
}

}  // namespace mina::schema
