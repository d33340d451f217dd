#include "base/reader.h"
#include "base/varint.h"
#include "base/writer.h"

namespace base {

VarintResult read_varint(ByteView in) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < in.size() && i < 10; ++i) {
        auto const bits = static_cast<std::uint64_t>(in[i] & 0x7F);
        if (i == 9 && bits > 1) return {std::nullopt, VarintError::overlong};  // more than 64 bits
        value |= bits << (7 * i);
        if ((in[i] & 0x80) == 0) return {Varint{value, i + 1}, {}};
    }
    return {std::nullopt, in.size() >= 10 ? VarintError::overlong : VarintError::incomplete};
}

void append_varint(ByteString& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    while (value >= 0x80) {
        value >>= 7;
        ++size;
    }
    return size;
}

std::uint64_t Reader::big_endian(std::size_t count) {
    auto const in = bytes(count);
    std::uint64_t value = 0;
    for (auto const byte : in) value = value << 8 | byte;
    return value;
}

std::uint64_t Reader::varint() {
    auto const result = read_varint(rest_);
    if (!ok_ || !result.varint) {
        set_failed();
        return 0;
    }
    rest_ = rest_.subspan(result.varint->size);
    return result.varint->value;
}

ByteView Reader::bytes(std::uint64_t count) {
    if (!ok_ || count > rest_.size()) {
        set_failed();
        return {};
    }
    auto const taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(taken.size());
    return taken;
}

namespace {

void append_big_endian(ByteString& out, std::uint64_t value, int count) {
    for (int i = count - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

void append_u16_be(ByteString& out, std::uint16_t value) { append_big_endian(out, value, 2); }
void append_u32_be(ByteString& out, std::uint32_t value) { append_big_endian(out, value, 4); }
void append_u64_be(ByteString& out, std::uint64_t value) { append_big_endian(out, value, 8); }
void append_u64_le(ByteString& out, std::uint64_t value) { append_big_endian(out, __builtin_bswap64(value), 8); }

void append_counted(ByteString& out, ByteView bytes) {
    append_varint(out, bytes.size());
    append(out, bytes);
}

}  // namespace base
