// Protobuf without a compiler: fields are read as views into the message, and written one by one in the order the
// caller chooses (which some peers depend on).
#pragma once

#include "base/bytes.h"

namespace libp2p::protobuf {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct Field {
    std::uint32_t number = 0;
    WireType type = WireType::varint;
    std::uint64_t number_value = 0;  // of varint, fixed64 and fixed32
    base::ByteView bytes;            // of bytes; a view into the message
};

/// while (auto field = reader.next()) …; then reader.ok() says whether the message was well-formed to its end.
class Reader {
public:
    explicit Reader(base::ByteView message) : rest_(message) {}
    /// The next field, or null at the end or at a malformed one. Groups are malformed. Valid until the next call.
    Field const* next();
    bool ok() const { return ok_; }

private:
    base::ByteView rest_;
    Field field_;
    bool ok_ = true;
};

void append_varint_field(base::ByteString& out, std::uint32_t number, std::uint64_t value);
void append_bytes_field(base::ByteString& out, std::uint32_t number, base::ByteView value);
/// The tag and length of a bytes field, for a value that is written in place afterwards.
void append_bytes_header(base::ByteString& out, std::uint32_t number, std::size_t size);
std::size_t bytes_field_size(std::uint32_t number, std::size_t size);

}  // namespace libp2p::protobuf
