#include "libp2p/wire/protobuf.h"

#include "base/reader.h"
#include "base/writer.h"

namespace libp2p::protobuf {

namespace {

constexpr std::uint64_t tag_max = UINT32_MAX;  // field numbers have 29 bits

std::uint64_t tag_of(std::uint32_t number, WireType type) {
    return std::uint64_t{number} << 3 | static_cast<std::uint64_t>(type);
}

}  // namespace

Field const* Reader::next() {
    if (rest_.empty()) return nullptr;
    base::Reader reader(rest_);
    auto const tag = reader.varint();
    field_ = {};
    field_.number = static_cast<std::uint32_t>(tag >> 3);
    switch (tag & 7) {
        case 0:
            field_.type = WireType::varint;
            field_.number_value = reader.varint();
            break;
        case 1:
            field_.type = WireType::fixed64;
            field_.number_value = reader.u64_le();
            break;
        case 2:
            field_.type = WireType::bytes;
            field_.bytes = reader.counted();
            break;
        case 5:
            field_.type = WireType::fixed32;
            field_.number_value = __builtin_bswap32(reader.u32_be());
            break;
        default: reader.set_failed();
    }
    if (!reader.ok() || tag > tag_max || field_.number == 0) {
        ok_ = false;
        rest_ = {};
        return nullptr;
    }
    rest_ = reader.rest();
    return &field_;
}

void append_varint_field(base::ByteString& out, std::uint32_t number, std::uint64_t value) {
    base::append_varint(out, tag_of(number, WireType::varint));
    base::append_varint(out, value);
}

void append_bytes_header(base::ByteString& out, std::uint32_t number, std::size_t size) {
    base::append_varint(out, tag_of(number, WireType::bytes));
    base::append_varint(out, size);
}

void append_bytes_field(base::ByteString& out, std::uint32_t number, base::ByteView value) {
    append_bytes_header(out, number, value.size());
    base::append(out, value);
}

std::size_t bytes_field_size(std::uint32_t number, std::size_t size) {
    return base::varint_size(tag_of(number, WireType::bytes)) + base::varint_size(size) + size;
}

}  // namespace libp2p::protobuf
