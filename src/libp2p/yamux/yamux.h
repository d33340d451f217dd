// yamux: many streams over one connection. spec: yamux; hashicorp/yamux/spec.md
//
//   header: version 0 | type | flags (2) | stream id (4) | length (4), big-endian
//   types: DATA 0, WINDOW 1, PING 2, GOAWAY 3       flags: SYN 1, ACK 2, FIN 4, RST 8
//
//   stream:  Open ──our FIN──► LocalFinished ──their FIN──► Closed
//            Open ──their FIN──► RemoteFinished ──our FIN──► Closed        any ──RST──► Closed
//
// Rules. Both windows start at 262,144 and are enforced: a peer that overruns ours is a protocol
// error, checked before any state is made; every addition is checked. Frame bodies are streamed:
// nothing is allocated by an announced length. We open with SYN on the first DATA (or on a WINDOW
// when there is nothing to send), acknowledge each inbound stream at once, finish with FIN on an empty
// DATA frame (Mina's Rust node sees no other, js loses data beside it), and accept SYN, ACK, FIN and
// RST on either type. One
// queued write is never merged with the next in one frame, nor split while it fits one; while other
// streams wait, it is cut in two at most (Mina's Rust node loses messages that span three frames).
// Only a send window or a `bytes_max` that is too small can cut it further. At most one PING of
// ours is under way and at most one pong waits; frames for unknown streams are skipped, never
// answered. Stream ids may be reused once the peer has finished, and need not ascend: Mina's Rust
// node does both.
//
// The receive window of a stream doubles when the application consumes it at half a window for each
// round-trip time or faster (window.h); growth is charged to a budget of the connection and to one
// of the process, and given back when the stream ends. Before a round trip was measured, nothing
// grows.
//
// Limits: Config. Errors end the connection with GOAWAY. Use: feed(), then next() until it has
// nothing; write and consume; gather() while the connection has credit.
#pragma once

#include "base/memory_budget.h"
#include "base/result.h"
#include "base/shared_bytes.h"
#include "base/time.h"

#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace libp2p::yamux {

using StreamId = std::uint32_t;

inline constexpr std::uint32_t initial_window_bytes = 262'144;  // spec: "the initial window size is 256KB"
inline constexpr std::size_t header_bytes = 12;

enum class Role : std::uint8_t { client, server };  // client: the initiator of the connection; its ids are odd

struct Config {
    std::uint32_t frame_bytes_max = 65'507;         // of a DATA body we send: header and body fill one Noise record
    // The same while more than one stream has something to send; but half of frame_bytes_max for a write that fits one.
    std::uint32_t shared_frame_bytes_max = 16'384;
    std::uint32_t window_bytes_max = 16 * 1024 * 1024;             // of one stream's receive window
    std::size_t connection_window_growth_max = 64 * 1024 * 1024;   // above the initial windows, all streams together
    base::MemoryBudget* window_growth = nullptr;                   // the process's; may be null: no such bound
    std::size_t inbound_streams_max = 1024;         // beyond: the stream is refused with RST
    std::size_t outbound_streams_max = 4096;
    std::size_t unacknowledged_max = 256;           // spec: ACK backlog; beyond, open() says so
    std::size_t control_frames_max = 1024;          // replies waiting to be sent; beyond, the peer floods us
};

enum class Error : std::uint8_t {
    bad_version,
    bad_type,
    bad_flags,          // an unknown flag, or a PING that is not exactly one of question and answer
    bad_stream_id,      // wrong parity, in use, or 0 where a stream is meant and the reverse
    window_exceeded,    // the peer sent more than we granted
    window_overflow,    // its updates add up to more than 2^32 - 1 (CVE-2026-31814)
    unexpected_pong,
    control_flood,      // more questions, or streams opened and reset at once, than Config::control_frames_max
};
std::string_view to_string(Error error);

enum class GoAwayCode : std::uint32_t { normal = 0, protocol_error = 1, internal_error = 2 };

enum class OpenError : std::uint8_t { going_away, too_many_streams, too_many_unacknowledged, ids_exhausted };
std::string_view to_string(OpenError error);

// Events.
struct Opened { StreamId stream; };                                  // by the peer
struct Acknowledged { StreamId stream; };                            // ours, by the peer
struct Data { StreamId stream; base::ByteView bytes; };              // lives until the next next() or feed()
struct Finished { StreamId stream; };                                // the peer's FIN
struct Reset { StreamId stream; std::uint32_t code; };               // by the peer; the stream is gone
struct Closed { StreamId stream; };                                  // both sides have finished; the stream is gone
struct Ponged { base::Duration round_trip; };
struct WentAway { std::uint32_t code; };
using Event = std::variant<Opened, Acknowledged, Data, Finished, Reset, Closed, Ponged, WentAway>;

/// Frames gathered for one record: views of headers and of queued slices, with the owners that keep
/// them alive. Reused from record to record, so that the steady state allocates nothing.
class Gather {
public:
    std::span<base::ByteView const> pieces() const { return pieces_; }
    std::size_t size_bytes() const { return size_bytes_; }
    bool empty() const { return pieces_.empty(); }
    void clear();

private:
    friend class Session;
    static constexpr std::size_t frames_max = 128;
    void add(base::ByteArray<header_bytes> const& header, base::SharedBytes body);
    std::vector<base::ByteView> pieces_;
    std::vector<base::ByteArray<header_bytes>> headers_;  // reserved once: its elements never move
    std::vector<base::SharedBytes> owners_;
    std::size_t size_bytes_ = 0;
};

class Session {
public:
    Session(Config const& config, Role role);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    /// Lends `chunk` until the next feed(); the previous chunk must have been drained with next().
    void feed(base::ByteView chunk, base::Instant now);
    /// The next event, nullopt when more bytes are needed, or an error (and again that error),
    /// after which only go_away() and gather() are of use. Closed also comes, with the next call,
    /// for a stream whose last FIN was ours: gather() and reset() may end streams between two
    /// calls, and events of a stream stop when it was reset.
    base::Result<std::optional<Event>, Error> next();

    base::Result<StreamId, OpenError> open();
    /// Queues `bytes` behind what is queued. Ignored when our side has finished or the stream is
    /// gone.
    void write(StreamId stream, base::SharedBytes bytes);
    /// FIN, behind what is queued.
    void finish(StreamId stream);
    /// RST; what is queued is dropped. The stream is gone.
    void reset(StreamId stream);
    /// The application has used up `bytes` that it was given: credit for the peer. More than it was
    /// given counts as all.
    void consume(StreamId stream, std::size_t bytes, base::Instant now);

    /// Sends a PING, unless one is under way. Its answer comes as Ponged.
    void ping(base::Instant now);
    /// When the PING under way was sent.
    std::optional<base::Instant> ping_sent_at() const;
    std::optional<base::Duration> round_trip() const;  // smoothed
    void go_away(GoAwayCode code);

    /// Moves frames of up to `bytes_max` in all into `out` (appending): control frames first, then
    /// the streams in turn, a frame for each visit. Returns false when nothing could be moved. A
    /// write that would fit one frame is left for the next record rather than cut at the end of
    /// this one; where it must be cut it is by 1,024 bytes or more, so less than 1,036 in
    /// `bytes_max` may move no data at all.
    bool gather(std::size_t bytes_max, Gather& out);
    bool has_output() const;
    /// Streams whose queue fell to `low_water_bytes` or less by gathering, since the last call.
    /// Each is reported once for each time it rises above.
    std::vector<StreamId> take_writable();

    static constexpr std::size_t low_water_bytes = 128 * 1024;

    std::size_t queued_bytes(StreamId stream) const;
    std::size_t stream_count() const;
    bool is_open(StreamId stream) const;       // known: neither reset nor closed
    std::uint32_t receive_window(StreamId stream) const;  // its present size, for tests and the status page

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace libp2p::yamux
