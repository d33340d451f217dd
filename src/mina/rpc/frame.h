// Frames of Async-RPC: eight bytes of length, little-endian, then a handshake (the first frame of each side) or a
// message (mina/messages/rpc_message.h).
//
//   length ──► first byte ──► heartbeat, query, failed answer: Whole, as a view of the chunk or assembled once
//                        └──► answer: AnswerHead, then AnswerParts, views of the chunks as they come
//
// So a long answer is never held. What is assembled is bounded by FrameLimits, and memory is taken as bytes arrive.
#pragma once

#include "base/result.h"
#include "base/shared_bytes.h"
#include "mina/rpc/dialect.h"

#include <optional>
#include <span>
#include <variant>

namespace mina::rpc {

enum class FrameError : std::uint8_t { empty, too_long, malformed };
std::string_view to_string(FrameError error);

struct FrameLimits {
    std::uint64_t handshake_bytes_max = 64;
    std::uint64_t query_bytes_max = 4096;
    std::uint64_t error_bytes_max = 16 * 1024;
    std::uint64_t frame_bytes_max = 512ULL * 1024 * 1024;
};

/// The first frame.
struct Handshake {
    base::ByteView bytes;
};
/// A message other than an answer that succeeded.
struct Whole {
    base::ByteView bytes;
};
/// An answer begins: its value has so many bytes.
struct AnswerHead {
    std::int64_t id = 0;
    std::uint64_t size = 0;
};
/// The next bytes of the value, a view of the chunk. Empty only when the value is.
struct AnswerPart {
    base::ByteView bytes;
    bool is_last = false;
};
using Frame = std::variant<Handshake, Whole, AnswerHead, AnswerPart>;

class FrameReader {
public:
    FrameReader() = default;
    explicit FrameReader(FrameLimits const& limits) : limits_(limits) {}

    /// Lends `chunk` until the next feed(); the previous one must have been drained with next(), or an error reported.
    void feed(base::ByteView chunk);
    /// The next part of a frame; nullopt when more bytes are needed; or an error, after which the stream is dead. Views
    /// are valid until the next call of next() or feed(), those of an AnswerPart as long as the chunk.
    base::Result<std::optional<Frame>, FrameError> next();

    /// Bytes of an unfinished message held.
    std::size_t held_bytes() const { return is_delivered_ ? 0 : partial_.size(); }
    /// Part of a frame has come, and not all.
    bool is_inside_frame() const { return phase_ != Phase::length || length_size_ != 0; }

private:
    enum class Phase : std::uint8_t { length, kind, body, value };
    using Step = base::Result<std::optional<Frame>, FrameError>;

    bool take_length();
    Step on_length();
    Step on_kind();
    Step on_body();
    Step on_value();
    Step fail(FrameError error);
    /// Reads the head of an answer, or of a message that is to be assembled, from the frame's first bytes.
    Step classify(base::ByteView head, bool& is_complete, std::size_t& size);

    FrameLimits limits_;
    Phase phase_ = Phase::length;
    bool is_shaken_ = false;        // the handshake has come
    bool is_delivered_ = false;     // partial_ was handed out and is to be dropped
    base::ByteView chunk_;
    base::ByteArray<8> length_bytes_{};
    std::size_t length_size_ = 0;
    std::uint64_t left_ = 0;        // bytes of the frame not yet handed out
    base::ByteArray<20> head_{};    // of an answer that spans chunks
    std::size_t head_size_ = 0;
    base::ByteString partial_;      // of a message that spans chunks
    std::optional<FrameError> failure_;
};

/// Whether this is a handshake that offers version 1. spec: Async_rpc_kernel Protocol_version_header
bool is_handshake(base::ByteView bytes);

// Whole frames.

base::SharedBytes handshake_frame();
base::SharedBytes heartbeat_frame();
base::SharedBytes query_frame(std::string_view tag, std::int64_t version, std::int64_t id, base::ByteView query);
/// The query cannot be answered, in the peer's spelling.
base::SharedBytes unimplemented_frame(std::int64_t id, std::string_view tag, std::int64_t version, Dialect dialect);
/// Answering failed: Uncaught_exn, or Bin_io_exn for a query that cannot be read.
base::SharedBytes failure_frame(std::int64_t id, std::string_view what, bool is_unreadable);

/// The frame of an answer up to its value, which has `size` bytes.
base::SharedBytes answer_head(std::int64_t id, std::uint64_t size);
/// The whole frame. Copies the value, so it is for small ones.
base::SharedBytes answer_frame(std::int64_t id, std::span<base::SharedBytes const> pieces);

}  // namespace mina::rpc
