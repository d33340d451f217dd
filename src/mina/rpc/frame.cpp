#include "mina/rpc/frame.h"

#include "base/check.h"
#include "base/reader.h"
#include "base/writer.h"
#include "mina/binprot/writer.h"
#include "mina/messages/rpc_message.h"

#include <algorithm>

namespace mina::rpc {
namespace {

using binprot::Reader;
using binprot::Width;

enum Tag : std::uint8_t { heartbeat = 0, query = 1, response = 2 };

constexpr std::size_t length_bytes = 8;
constexpr std::int64_t rpc_magic = 4'411'474;  // "RPC"
constexpr std::int64_t protocol_version = 1;
constexpr std::size_t handshake_numbers_max = 16;

base::SharedBytes framed(base::ByteView message) {
    base::ByteString bytes;
    bytes.reserve(length_bytes + message.size());
    base::append_u64_le(bytes, message.size());
    base::append(bytes, message);
    return base::SharedBytes::take(std::move(bytes));
}

/// The length of a count by its first byte; 0 for none that begins so.
std::size_t count_bytes(std::uint8_t lead) {
    if (lead < 0x80) return 1;
    switch (lead) {
        case binprot::lead_int16: return 3;
        case binprot::lead_int32: return 5;
        case binprot::lead_int64: return 9;
        default: return 0;
    }
}

// An S-expression in bin_prot: 0 and a text, or 1 and a list.
void append_atom(base::ByteString& to, std::string_view text) {
    base::check(text.size() < 0x80, "rpc: a text too long");
    base::append_u8(to, 0);
    base::append_u8(to, static_cast<std::uint8_t>(text.size()));
    base::append(to, base::as_bytes(text));
}

using HeadBytes = base::ByteArray<length_bytes + 20>;

/// Returns how many bytes it takes.
std::size_t write_head(HeadBytes& to, std::int64_t id, std::uint64_t size) {
    binprot::Writer writer(base::MutableBytes(to).subspan(length_bytes));
    writer.put_byte(Tag::response);
    writer.put_integer(id);
    writer.put_byte(0);
    writer.put_count(size);
    binprot::Writer(to).put_little_endian(writer.size() + size, length_bytes);
    return length_bytes + writer.size();
}

}  // namespace

std::string_view to_string(FrameError error) {
    switch (error) {
        case FrameError::empty: return "empty frame";
        case FrameError::too_long: return "frame too long";
        case FrameError::malformed: return "malformed frame";
    }
    return "?";
}

void FrameReader::feed(base::ByteView chunk) {
    base::check(chunk_.empty(), "the previous chunk is not drained");
    if (!failure_) chunk_ = chunk;
}

base::Result<std::optional<Frame>, FrameError> FrameReader::next() {
    if (failure_) return base::fail(*failure_);
    if (std::exchange(is_delivered_, false)) partial_ = base::ByteString();  // an idle stream holds nothing
    if (phase_ == Phase::length && !take_length()) return std::nullopt;
    switch (phase_) {
        case Phase::length: return on_length();
        case Phase::kind: return on_kind();
        case Phase::body: return on_body();
        case Phase::value: break;
    }
    return on_value();
}

FrameReader::Step FrameReader::fail(FrameError error) {
    failure_ = error;
    chunk_ = {};
    partial_ = base::ByteString();
    return base::fail(error);
}

bool FrameReader::take_length() {
    auto const taken = chunk_.first(std::min(chunk_.size(), length_bytes - length_size_));
    std::ranges::copy(taken, length_bytes_.begin() + static_cast<std::ptrdiff_t>(length_size_));
    length_size_ += taken.size();
    chunk_ = chunk_.subspan(taken.size());
    return length_size_ == length_bytes;
}

FrameReader::Step FrameReader::on_length() {
    left_ = base::Reader(length_bytes_).u64_le();
    length_size_ = 0;
    if (left_ == 0) return fail(FrameError::empty);
    if (left_ > (is_shaken_ ? limits_.frame_bytes_max : limits_.handshake_bytes_max)) return fail(FrameError::too_long);
    head_size_ = 0;
    phase_ = is_shaken_ ? Phase::kind : Phase::body;
    return is_shaken_ ? on_kind() : on_body();
}

// The head of an answer is at most 20 bytes, so bytes are taken one by one only when they come so.
FrameReader::Step FrameReader::on_kind() {
    bool is_complete = false;
    std::size_t size = 0;
    if (head_size_ == 0) {
        auto const head_max = static_cast<std::size_t>(std::min<std::uint64_t>(left_, head_.size()));
        auto const in_chunk = chunk_.first(std::min(chunk_.size(), head_max));
        auto step = classify(in_chunk, is_complete, size);
        if (!step) return step;
        if (is_complete) {
            chunk_ = chunk_.subspan(size);
            return phase_ == Phase::body ? on_body() : std::move(step);
        }
    }
    while (!chunk_.empty()) {
        base::check(head_size_ < head_.size(), "rpc: the head of an answer without end");
        head_[head_size_++] = chunk_.front();
        chunk_ = chunk_.subspan(1);
        auto step = classify(base::ByteView(head_).first(head_size_), is_complete, size);
        if (!step) return step;
        if (!is_complete) continue;
        if (phase_ != Phase::body) return step;
        base::append(partial_, base::ByteView(head_).first(head_size_));
        return on_body();
    }
    return std::nullopt;
}

FrameReader::Step FrameReader::classify(base::ByteView head, bool& is_complete, std::size_t& size) {
    if (head.empty()) return std::nullopt;
    auto const is_whole = head.size() == left_;
    auto const assemble = [&](std::uint64_t bytes_max) -> Step {
        if (left_ > bytes_max) return fail(FrameError::too_long);
        is_complete = true;
        phase_ = Phase::body;
        return std::nullopt;
    };
    if (head.front() == Tag::heartbeat) return assemble(1);
    if (head.front() == Tag::query) return assemble(limits_.query_bytes_max);
    if (head.front() != Tag::response) return fail(FrameError::malformed);
    Reader reader(head.subspan(1));
    AnswerHead answer;
    std::uint8_t is_error = 0;
    if (!reader.integer<Width::int64>(answer.id) || !reader.tag(is_error, 2)) {
        if (reader.error().reason != binprot::Reason::truncated || is_whole) return fail(FrameError::malformed);
        return std::nullopt;
    }
    if (is_error == 1) return assemble(limits_.error_bytes_max);
    auto const head_bytes = 1 + reader.offset();
    auto const rest = left_ - head_bytes;  // the count and the value
    if (head_bytes == head.size()) return is_whole ? fail(FrameError::malformed) : Step(std::nullopt);
    auto const bytes = count_bytes(head[head_bytes]);
    if (bytes == 0 || bytes > rest) return fail(FrameError::malformed);
    if (head.size() - head_bytes < bytes) return std::nullopt;
    // The count has to be what the length leaves, in its shortest form.
    answer.size = rest - bytes;
    base::ByteArray<9> count{};
    binprot::Writer writer(count);
    writer.put_count(answer.size);
    if (!base::equal(head.subspan(head_bytes, bytes), base::ByteView(count).first(writer.size()))) {
        return fail(FrameError::malformed);
    }
    is_complete = true;
    size = head_bytes + bytes;
    phase_ = Phase::value;
    left_ = answer.size;
    return Frame(answer);
}

FrameReader::Step FrameReader::on_body() {
    auto const missing = static_cast<std::size_t>(left_) - partial_.size();
    auto const taken = chunk_.first(std::min(chunk_.size(), missing));
    auto const is_in_chunk = partial_.empty() && taken.size() == missing;
    if (!is_in_chunk) base::append(partial_, taken);
    chunk_ = chunk_.subspan(taken.size());
    if (taken.size() < missing) return std::nullopt;
    is_delivered_ = !is_in_chunk;
    phase_ = Phase::length;
    auto const whole = is_in_chunk ? taken : base::ByteView(partial_);
    if (std::exchange(is_shaken_, true)) return Frame(Whole{whole});
    return Frame(Handshake{whole});
}

FrameReader::Step FrameReader::on_value() {
    auto const taken = chunk_.first(static_cast<std::size_t>(std::min<std::uint64_t>(chunk_.size(), left_)));
    if (taken.empty() && left_ != 0) return std::nullopt;
    chunk_ = chunk_.subspan(taken.size());
    left_ -= taken.size();
    if (left_ == 0) phase_ = Phase::length;
    return Frame(AnswerPart{taken, left_ == 0});
}

bool is_handshake(base::ByteView bytes) {
    Reader reader(bytes);
    std::size_t count = 0;
    if (!reader.count(count, 1) || count > handshake_numbers_max) return false;
    bool is_rpc = false;
    bool has_version = false;
    for (std::size_t i = 0; i < count; ++i) {
        std::int64_t number = 0;
        if (!reader.integer<Width::int63>(number)) return false;
        is_rpc |= number == rpc_magic;
        has_version |= number == protocol_version;
    }
    return reader.finish() && is_rpc && has_version;
}

base::SharedBytes handshake_frame() { return framed(messages::rpc_handshake); }

base::SharedBytes heartbeat_frame() { return framed(messages::encode_rpc_message(messages::RpcHeartbeat{})); }

base::SharedBytes query_frame(std::string_view tag, std::int64_t version, std::int64_t id, base::ByteView query) {
    return framed(messages::encode_rpc_message(messages::RpcQuery{tag, version, id, query}));
}

base::SharedBytes unimplemented_frame(std::int64_t id, std::string_view tag, std::int64_t version, Dialect dialect) {
    messages::RpcError error;
    error.kind = messages::RpcErrorKind::unimplemented_rpc;
    error.tag = tag;
    error.version = version;
    auto message = messages::encode_rpc_message(messages::RpcResponse{id, {}, error});
    if (dialect == Dialect::rust) {
        // mina: the Rust node reads the version as a number, without the constructor `Version before it.
        constexpr std::size_t constructor_bytes = 4;
        binprot::Writer number({});
        number.put_integer(version);
        auto const end = message.end() - static_cast<std::ptrdiff_t>(number.size());
        message.erase(end - constructor_bytes, end);
    }
    return framed(message);
}

// mina: as Async_rpc_kernel writes it, ((location "…") (exn …)).
base::SharedBytes failure_frame(std::int64_t id, std::string_view what, bool is_unreadable) {
    base::ByteString details = {1, 2, 1, 2};
    append_atom(details, "location");
    append_atom(details, is_unreadable ? "server-side rpc query un-bin-io'ing" : "server-side rpc computation");
    base::append(details, base::ByteArray<2>{1, 2});
    append_atom(details, "exn");
    append_atom(details, what);
    messages::RpcError error;
    error.kind = is_unreadable ? messages::RpcErrorKind::bin_io_exn : messages::RpcErrorKind::uncaught_exn;
    error.details = details;
    return framed(messages::encode_rpc_message(messages::RpcResponse{id, {}, error}));
}

base::SharedBytes answer_head(std::int64_t id, std::uint64_t size) {
    HeadBytes bytes{};
    return base::SharedBytes::copy_of(base::ByteView(bytes).first(write_head(bytes, id, size)));
}

base::SharedBytes answer_frame(std::int64_t id, std::span<base::SharedBytes const> pieces) {
    std::size_t size = 0;
    for (auto const& piece : pieces) size += piece.size();
    HeadBytes head{};
    auto const head_bytes = write_head(head, id, size);
    base::ByteString frame;
    frame.reserve(head_bytes + size);
    base::append(frame, base::ByteView(head).first(head_bytes));
    for (auto const& piece : pieces) base::append(frame, piece.view());
    return base::SharedBytes::take(std::move(frame));
}

}  // namespace mina::rpc
