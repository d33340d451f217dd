// The state of a session. Its functions are in session.cpp (streams coming and going), receive.cpp
// and send.cpp. Private to this folder.
#pragma once

#include "libp2p/yamux/streams.h"
#include "libp2p/yamux/yamux_frame.h"

namespace libp2p::yamux {

struct Session::Impl {
    using Step = base::Result<std::optional<Event>, Error>;

    Impl(Config const& config_given, Role role_given);
    ~Impl();
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;

    // session.cpp
    bool is_ours(StreamId id) const { return (id % 2 == 1) == (role == Role::client); }
    base::Result<StreamId, OpenError> open();
    /// Forgets the stream and gives back all it held, without a word to the peer.
    void remove(Stream& stream);
    /// Ends the stream when both sides have finished; true when it is gone.
    bool close_if_finished(Stream& stream);
    /// Puts the stream on the ready list, or takes it off, as its state asks.
    void refresh(Stream& stream);
    void write(Stream& stream, base::SharedBytes bytes);
    void reset(Stream& stream);
    void queue_reset(StreamId id);
    void drop_reset(StreamId id);
    void drop_closed(StreamId id);
    void consume(Stream& stream, std::size_t bytes, base::Instant now);
    void grow(Stream& stream);

    // receive.cpp
    Step next();
    std::optional<Event> due_event();
    bool read_header(HeaderBytes& header_out);
    base::ByteView take_body();
    Step on_header(Header const& header);
    Step on_stream_frame(Header const& header);
    Step on_reset(Header const& header, Stream* stream);
    Step on_open(Header const& header);
    Step on_data(Header const& header, Stream& stream);
    Step on_window(Header const& header, Stream& stream);
    Step on_ping(Header const& header);
    /// Of the frame that has just begun: passes over its body.
    void skip_body(Header const& header);

    // send.cpp
    bool has_output() const;
    bool gather(std::size_t bytes_max, Gather& out);
    bool send_header(Header const& header, std::size_t& left, Gather& out) const;
    void gather_control(std::size_t& left, Gather& out);
    void gather_announcements(std::size_t& left, Gather& out);
    /// False when no frame of `stream` fits any more.
    bool gather_data(Stream& stream, std::size_t& left, Gather& out);
    std::size_t frame_limit(std::size_t rest) const;
    std::uint16_t take_opening_flags(Stream& stream);
    void note_sent(Stream& stream);
    std::vector<StreamId> take_writable();

    Config config;
    base::MemoryBudget growth;  // of this connection
    StreamTable streams;
    WritePool pool;
    ReadyList ready;
    AnnouncingList announcing;

    // Receiving.
    base::ByteView chunk;
    base::Instant now;
    std::vector<StreamId> closed;  // to be reported, behind the first `closed_reported`
    std::uint32_t closed_reported = 0;
    struct Incoming {  // the frame being received, and what of it is still to be reported
        std::uint32_t body_left = 0;
        StreamId stream = 0;
        bool skipped = false;
        bool opened = false;
        bool acknowledged = false;
        bool finished = false;  // behind the body
    } incoming;
    HeaderBytes partial;  // of a header that spans chunks
    std::uint8_t partial_size = 0;
    Role role;
    std::optional<Error> failed;

    // Sending.
    enum class Due : std::uint8_t { nothing, queued, sent };
    Due ping = Due::nothing;
    Due pong = Due::nothing;
    Due go_away = Due::nothing;
    bool peer_went_away = false;
    GoAwayCode go_away_code = GoAwayCode::normal;
    std::uint32_t ping_value = 0;
    std::uint32_t pong_value = 0;
    std::vector<StreamId> resets;    // streams to refuse or reset
    std::vector<StreamId> writable;  // whose queue fell to the low water
    base::Instant ping_sent_at;
    RoundTrips round_trips;

    std::uint64_t next_id;  // of a stream that we open; wider than an id, which it may outgrow
    std::uint32_t inbound_count = 0;
    std::uint32_t unacknowledged = 0;   // streams that we opened
    std::uint32_t replies_waiting = 0;  // ACK and RST for streams that the peer opened
    std::uint32_t pings_waiting = 0;    // questions that came since a pong was last sent
    std::uint32_t aborted = 0;  // streams that the peer opened and reset before our ACK, since:
    base::Instant aborted_since;
};

}  // namespace libp2p::yamux
