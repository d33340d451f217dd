#include "base/describe.h"

#include "base/check.h"
#include "base/text.h"

#include <fmt/format.h>
#include <sodium.h>

namespace base {

namespace {

crypto_generichash_state* hash_state(ByteArray<384>& storage) {
    static_assert(sizeof(crypto_generichash_state) <= 384);
    return reinterpret_cast<crypto_generichash_state*>(storage.data());
}

constexpr std::size_t flush_bytes = 4096;

}  // namespace

DigestDescriber::DigestDescriber() { crypto_generichash_init(hash_state(state_), nullptr, 0, Digest{}.size()); }

void DigestDescriber::put_number(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) pending_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void DigestDescriber::put(std::uint8_t tag, std::string_view name, ByteView value) {
    pending_.push_back(tag);
    put_number(name.size());
    append(pending_, as_bytes(name));
    put_number(value.size());
    append(pending_, value);
    if (pending_.size() >= flush_bytes) flush();
}

void DigestDescriber::flush() {
    crypto_generichash_update(hash_state(state_), pending_.data(), pending_.size());
    pending_.clear();
}

void DigestDescriber::enter(std::string_view name, std::string_view key) { put('{', name, as_bytes(key)); }
void DigestDescriber::leave() { pending_.push_back('}'); }
void DigestDescriber::field(std::string_view name, std::string_view value) { put('t', name, as_bytes(value)); }
void DigestDescriber::bytes(std::string_view name, ByteView value) { put('b', name, value); }
void DigestDescriber::field(std::string_view name, std::uint64_t value) {
    put('n', name, {});
    put_number(value);
}

Digest DigestDescriber::finish() {
    flush();
    Digest digest{};
    crypto_generichash_final(hash_state(state_), digest.data(), digest.size());
    return digest;
}

void TextDescriber::line(std::string_view name, std::string_view value) {
    text_.append(static_cast<std::size_t>(depth_) * 2, ' ').append(name);
    if (!value.empty()) text_.append(" ").append(value);
    text_.push_back('\n');
}
void TextDescriber::enter(std::string_view name, std::string_view key) {
    line(name, key);
    ++depth_;
}
void TextDescriber::leave() {
    check(depth_ > 0, "leave without enter");
    --depth_;
}
void TextDescriber::field(std::string_view name, std::string_view value) { line(name, value.empty() ? "\"\"" : value); }
void TextDescriber::field(std::string_view name, std::uint64_t value) { line(name, fmt::to_string(value)); }
void TextDescriber::bytes(std::string_view name, ByteView value) { line(name, value.empty() ? "\"\"" : to_hex(value)); }

}  // namespace base
