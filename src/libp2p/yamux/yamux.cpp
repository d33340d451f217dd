#include "libp2p/yamux/yamux.h"

#include "base/check.h"
#include "libp2p/yamux/session_impl.h"

namespace libp2p::yamux {

std::string_view to_string(Error error) {
    switch (error) {
        case Error::bad_version: return "unknown version";
        case Error::bad_type: return "unknown frame type";
        case Error::bad_flags: return "impossible flags";
        case Error::bad_stream_id: return "impossible stream id";
        case Error::window_exceeded: return "more sent than granted";
        case Error::window_overflow: return "window beyond 2^32 - 1";
        case Error::unexpected_pong: return "pong without ping";
        case Error::control_flood: return "flood of control frames";
    }
    return "?";
}

std::string_view to_string(OpenError error) {
    switch (error) {
        case OpenError::going_away: return "the session is ending";
        case OpenError::too_many_streams: return "too many streams";
        case OpenError::too_many_unacknowledged: return "too many streams not acknowledged";
        case OpenError::ids_exhausted: return "stream ids used up";
    }
    return "?";
}

Session::Session(Config const& config, Role role) : impl_(std::make_unique<Impl>(config, role)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

void Session::feed(base::ByteView chunk, base::Instant now) {
    if (impl_->failed) return;
    base::check(impl_->chunk.empty(), "a chunk was lent before the last one was drained");
    impl_->chunk = chunk;
    impl_->now = now;
}

base::Result<std::optional<Event>, Error> Session::next() { return impl_->next(); }

base::Result<StreamId, OpenError> Session::open() { return impl_->open(); }

void Session::write(StreamId stream, base::SharedBytes bytes) {
    if (auto* const found = impl_->streams.find(stream)) impl_->write(*found, std::move(bytes));
}

void Session::finish(StreamId stream) {
    auto* const found = impl_->streams.find(stream);
    if (found == nullptr) return;
    found->finish_wanted = true;
    impl_->refresh(*found);
}

void Session::reset(StreamId stream) {
    if (auto* const found = impl_->streams.find(stream)) {
        impl_->reset(*found);
    } else {
        // It may have ended since the last event, by a FIN of ours; nothing more is said of a
        // stream that was reset.
        impl_->drop_closed(stream);
    }
}

void Session::consume(StreamId stream, std::size_t bytes, base::Instant now) {
    if (auto* const found = impl_->streams.find(stream)) impl_->consume(*found, bytes, now);
}

void Session::ping(base::Instant now) {
    if (impl_->ping != Impl::Due::nothing) return;
    impl_->ping = Impl::Due::queued;
    ++impl_->ping_value;
    impl_->ping_sent_at = now;
}

std::optional<base::Instant> Session::ping_sent_at() const {
    if (impl_->ping == Impl::Due::nothing) return std::nullopt;
    return impl_->ping_sent_at;
}

std::optional<base::Duration> Session::round_trip() const { return impl_->round_trips.smoothed(); }

void Session::go_away(GoAwayCode code) {
    // A fault may follow an orderly end, but not the reverse.
    bool const announced = impl_->go_away != Impl::Due::nothing;
    if (announced && (code == GoAwayCode::normal || code == impl_->go_away_code)) return;
    impl_->go_away = Impl::Due::queued;
    impl_->go_away_code = code;
}

bool Session::gather(std::size_t bytes_max, Gather& out) { return impl_->gather(bytes_max, out); }

bool Session::has_output() const { return impl_->has_output(); }

std::vector<StreamId> Session::take_writable() { return impl_->take_writable(); }

std::size_t Session::queued_bytes(StreamId stream) const {
    auto const* const found = impl_->streams.find(stream);
    return found == nullptr ? 0 : found->queue.bytes;
}

std::size_t Session::stream_count() const { return impl_->streams.size(); }

bool Session::is_open(StreamId stream) const { return impl_->streams.find(stream) != nullptr; }

std::uint32_t Session::receive_window(StreamId stream) const {
    auto const* const found = impl_->streams.find(stream);
    return found == nullptr ? 0 : found->receive.size();
}

}  // namespace libp2p::yamux
