#include "libp2p/multistream/multistream.h"

#include "base/check.h"
#include "base/varint.h"
#include "base/writer.h"

#include <algorithm>

namespace libp2p::multistream {

namespace {

constexpr std::string_view framed_header = "\x13/multistream/1.0.0\n";
constexpr std::size_t length_bytes_max = 2;  // of a message of at most name_bytes_max

}  // namespace

std::string_view to_string(Error error) {
    switch (error) {
        case Error::malformed: return "malformed message";
        case Error::bad_header: return "not multistream 1.0";
        case Error::unexpected: return "unexpected answer";
        case Error::none_supported: return "no protocol in common";
        case Error::too_many: return "too many messages or bytes";
        case Error::tie: return "simultaneous open with equal numbers";
    }
    return "?";
}

void append_message(base::ByteString& out, std::string_view name) {
    base::check(name.size() < name_bytes_max, "multistream: a name too long to send");
    base::append_varint(out, name.size() + 1);
    base::append(out, base::as_bytes(name));
    out.push_back('\n');
}

base::Result<bool, Error> MessageReader::take_header(base::ByteView& in) {
    auto const expected = base::as_bytes(framed_header).subspan(header_size_);
    auto const count = std::min(expected.size(), in.size());
    if (!base::equal(in.first(count), expected.first(count))) return base::fail(Error::bad_header);
    in = in.subspan(count);
    header_size_ = static_cast<std::uint8_t>(header_size_ + count);
    if (header_size_ < framed_header.size()) return false;
    bytes_ = framed_header.size();
    return true;
}

/// The size of the message that begins with `start`, its length included; 0 when more bytes are needed to tell.
base::Result<std::size_t, Error> MessageReader::message_size(base::ByteView start) const {
    auto const [length, error] = base::read_varint(start.first(std::min(start.size(), length_bytes_max)));
    if (!length) {
        if (start.size() >= length_bytes_max) return base::fail(Error::malformed);
        return std::size_t{0};
    }
    // spec: unsigned-varint "MUST be encoded in their minimal form"
    if (length->value == 0 || length->value > name_bytes_max || length->size != base::varint_size(length->value)) {
        return base::fail(Error::malformed);
    }
    auto const size = length->size + static_cast<std::size_t>(length->value);
    if (messages_ >= proposals_max || size > negotiation_bytes_max - bytes_) return base::fail(Error::too_many);
    return size;
}

/// Moves bytes from `in` to partial_, until it holds `size`.
void MessageReader::collect(base::ByteView& in, std::size_t size) {
    auto const count = std::min(in.size(), size - partial_.size());
    base::append(partial_, in.first(count));
    in = in.subspan(count);
}

base::Result<std::optional<MessageReader::Message>, Error> MessageReader::next(base::ByteView& in) {
    if (delivered_) partial_.clear();
    delivered_ = false;
    base::ByteView whole;
    for (;;) {
        TRY(auto const size, message_size(partial_.empty() ? in : base::ByteView(partial_)));
        if (partial_.empty() && size != 0 && size <= in.size()) {
            whole = in.first(size);
            in = in.subspan(size);
            break;
        }
        if (size != 0 && partial_.size() == size) {
            whole = partial_;
            delivered_ = true;
            break;
        }
        if (in.empty()) return std::nullopt;
        collect(in, size != 0 ? size : partial_.size() + 1);
    }
    ++messages_;
    bytes_ += whole.size();
    auto body = base::as_text(whole.subspan(base::read_varint(whole).varint->size));
    bool const terminated = body.ends_with('\n');
    if (terminated) body.remove_suffix(1);
    return Message{body, terminated};
}

}  // namespace libp2p::multistream
