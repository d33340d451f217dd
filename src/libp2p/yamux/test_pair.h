// For tests and fuzzing: two sessions, an application at each end, and a wire between them that
// cuts and joins bytes anywhere. Every choice comes from outside. What one end writes must arrive
// at the other, byte for byte; streams that nobody reset must end with Finished and Closed at both
// ends; and nothing may be left behind.
#pragma once

#include "libp2p/yamux/yamux.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

namespace libp2p::yamux::test {

class Pair {
public:
    /// Uniform or otherwise, below its argument, which is not 0.
    using Choose = std::function<std::uint64_t(std::uint64_t)>;

    explicit Pair(Choose choose)
        : choose_(std::move(choose)),
          ends_{End(Role::client, budget_), End(Role::server, budget_)} {}

    /// One step of the schedule. What went wrong is in failure().
    void step() {
        auto const side = choose_(2);
        auto& end = ends_[side];
        now_ = now_ + std::chrono::microseconds(choose_(2000));
        switch (choose_(12)) {
            case 0: open(end); break;
            case 1:
            case 2: write(side); break;
            case 3: finish(side); break;
            case 4:
                if (choose_(8) == 0) reset(side);
                break;
            case 5: consume(end, pick(end), choose_(300'000)); break;
            case 6: end.session.ping(now_); break;
            case 7:
            case 8: gather(end, choose_(100'000)); break;
            default: deliver(side, choose_(60'000)); break;
        }
    }

    /// Lets everything flow until nothing moves, with applications that consume all they are given
    /// and finish what they opened.
    void settle() {
        for (auto& end : ends_) {
            for (auto const& [id, stream] : end.streams) end.session.finish(id);
        }
        for (bool moved = true; moved && failure_.empty();) {
            moved = false;
            for (std::size_t side = 0; side < 2; ++side) {
                auto& end = ends_[side];
                for (auto const& [id, stream] : end.streams) end.session.finish(id);
                while (gather(end, 65'519)) moved = true;
                if (!end.wire.empty()) moved = true;
                deliver(side, end.wire.size());
                for (auto& other : ends_) {
                    drain(other);
                    for (auto& [id, stream] : other.streams) consume(other, id, stream.held);
                }
            }
        }
        if (failure_.empty()) check_settled();
    }

    std::string const& failure() const { return failure_; }
    std::uint64_t delivered_bytes() const { return delivered_; }
    base::Instant now() const { return now_; }

private:
    struct Stream {
        std::uint64_t written = 0;
        std::uint64_t received = 0;
        std::size_t held = 0;  // received and not consumed
        bool we_finished = false;
        bool peer_finished = false;
    };
    struct End {
        End(Role role, base::MemoryBudget& budget)
            : session({.window_bytes_max = 2 * 1024 * 1024,
                       .window_growth = &budget,
                       .inbound_streams_max = 20},
                      role) {}
        Session session;
        std::map<StreamId, Stream> streams;
        std::map<StreamId, std::uint64_t>
            finished_at;                     // what was written on streams that we finished
        std::map<StreamId, bool> was_reset;  // by either side
        base::ByteString wire;               // sent and not delivered
    };

    /// The byte at `offset` of what `side` writes on `id`.
    static std::uint8_t pattern(std::size_t side, StreamId id, std::uint64_t offset) {
        auto const place = offset + id * 7919u + side * 104'729u;
        return static_cast<std::uint8_t>(place * 167u + (place >> 8) * 59u + (place >> 16));
    }

    void fail(std::string text) {
        if (failure_.empty()) failure_ = std::move(text);
    }
    static StreamId pick_from(End const& end, std::uint64_t index) {
        auto at = end.streams.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(index));
        return at->first;
    }
    StreamId pick(End const& end) {
        return end.streams.empty() ? 0 : pick_from(end, choose_(end.streams.size()));
    }

    void open(End& end) {
        if (auto const id = end.session.open()) end.streams[*id];
    }
    void write(std::size_t side) {
        auto& end = ends_[side];
        auto const id = pick(end);
        if (id == 0 || end.streams[id].we_finished) return;
        auto& stream = end.streams[id];
        base::ByteString bytes(choose_(4) == 0 ? choose_(400'000) : choose_(5'000));
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = pattern(side, id, stream.written + i);
        stream.written += bytes.size();
        end.session.write(id, base::SharedBytes::take(std::move(bytes)));
    }
    void finish(std::size_t side) {
        auto& end = ends_[side];
        auto const id = pick(end);
        if (id == 0) return;
        end.streams[id].we_finished = true;
        end.session.finish(id);
    }
    void reset(std::size_t side) {
        auto& end = ends_[side];
        auto const id = pick(end);
        if (id == 0) return;
        end.session.reset(id);
        end.streams.erase(id);
        for (auto& each : ends_) each.was_reset[id] = true;
    }
    void consume(End& end, StreamId id, std::size_t bytes) {
        if (id == 0) return;
        auto& stream = end.streams[id];
        bytes = std::min(bytes, stream.held);
        stream.held -= bytes;
        end.session.consume(id, bytes, now_);
    }
    bool gather(End& end, std::size_t bytes_max) {
        Gather gathered;
        if (!end.session.gather(bytes_max, gathered)) return false;
        if (gathered.size_bytes() > bytes_max) fail("gathered too much");
        for (auto const piece : gathered.pieces()) base::append(end.wire, piece);
        for (auto const id : end.session.take_writable()) {
            if (!end.session.is_open(id)) fail("a stream that is gone was called writable");
        }
        return true;
    }

    /// Moves the first `count` bytes from `side` to the other, in a buffer that ends where they end
    /// and dies with them.
    void deliver(std::size_t side, std::size_t count) {
        auto& wire = ends_[side].wire;
        auto& receiver = ends_[1 - side];
        count = std::min(count, wire.size());
        auto const chunk =
            base::ByteString(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(count));
        wire.erase(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(count));
        receiver.session.feed(chunk, now_);
        drain(receiver);
    }
    void drain(End& end) {
        while (failure_.empty()) {
            auto const step = end.session.next();
            if (!step) return fail("refused: " + std::string(to_string(step.error())));
            if (!*step) return;
            on_event(end, **step);
        }
    }

    void on_event(End& end, Event const& event) {
        std::size_t const side = &end == &ends_[0] ? 0 : 1;
        if (auto const* opened = std::get_if<Opened>(&event)) {
            if (end.streams.contains(opened->stream)) fail("opened twice");
            end.streams[opened->stream];
        } else if (auto const* acknowledged = std::get_if<Acknowledged>(&event)) {
            if (!end.streams.contains(acknowledged->stream)) fail("acknowledged and unknown");
        } else if (auto const* data = std::get_if<Data>(&event)) {
            on_data(side, *data);
        } else if (auto const* finished = std::get_if<Finished>(&event)) {
            on_finished(side, finished->stream);
        } else if (auto const* reset = std::get_if<Reset>(&event)) {
            if (end.streams.erase(reset->stream) == 0) fail("reset and unknown");
            for (auto& each : ends_) each.was_reset[reset->stream] = true;
        } else if (auto const* closed = std::get_if<Closed>(&event)) {
            if (!end.streams[closed->stream].peer_finished)
                fail("closed before the peer had finished");
            end.finished_at[closed->stream] = end.streams[closed->stream].written;
            end.streams.erase(closed->stream);
        }
    }
    void on_data(std::size_t side, Data const& data) {
        auto& end = ends_[side];
        if (!end.streams.contains(data.stream)) return fail("data for a stream that is gone");
        auto& stream = end.streams[data.stream];
        if (stream.peer_finished) return fail("data after FIN");
        if (data.bytes.empty()) return fail("empty data");
        for (auto const byte : data.bytes) {
            if (byte != pattern(1 - side, data.stream, stream.received++))
                return fail("another byte than was written");
        }
        stream.held += data.bytes.size();
        delivered_ += data.bytes.size();
        if (stream.held > end.session.receive_window(data.stream))
            fail("more held than the window");
    }
    void on_finished(std::size_t side, StreamId id) {
        auto& stream = ends_[side].streams[id];
        if (stream.peer_finished) fail("finished twice");
        stream.peer_finished = true;
        auto& sender = ends_[1 - side];
        auto const live = sender.streams.find(id);
        auto const written =
            live != sender.streams.end() ? live->second.written : sender.finished_at[id];
        if (!sender.was_reset[id] && stream.received != written)
            fail("finished before all had come");
    }

    void check_settled() {
        for (auto& end : ends_) {
            for (auto const& [id, stream] : end.streams)
                fail("stream " + std::to_string(id) + " did not end");
            if (end.session.stream_count() != 0) fail("streams left in the session");
            if (end.session.has_output()) fail("output left");
            if (!end.wire.empty()) fail("bytes left");
        }
        if (budget_.used() != 0) fail("budget left");
    }

    Choose choose_;
    base::MemoryBudget budget_{8 * 1024 * 1024};
    base::Instant now_;
    std::string failure_;
    std::uint64_t delivered_ = 0;
    End ends_[2];
};

}  // namespace libp2p::yamux::test
