// How much a peer may send on one stream, and when to let it send more. Pure; private to this folder.
//
//   size = credit (granted, not yet received) + held (received, not yet consumed)
//        + owed (consumed, not yet granted)
//
// The window grows when the peer is seen to fill it: three quarters of it consumed within one and a
// half round trips, which is a rate of half a window for each round trip. Two choices keep that
// estimate honest.
//
// The bytes of the instant at which a measurement begins are not counted: a read brings them in one
// lump, and a lump has no rate. On loopback, where a read takes longer than a round trip, it would
// double the window again and again.
//
// One and a half round trips, not one: a sender that waits for us is heard once for each round trip
// and a little, and a measurement of one round trip would miss every second burst (go-yamux#136
// sticks at 512 KiB in a like way).
//
// The round trip is the shortest of late, not the average: a window that is too large fills queues,
// queues lengthen the average, and a window judged by the average would then grow for ever.
#pragma once

#include "base/time.h"
#include "libp2p/yamux/yamux.h"

namespace libp2p::yamux {

class ReceiveWindow {
public:
    /// Takes an arriving body from the credit; false, and nothing changes, when it is larger.
    bool receive(std::uint32_t bytes);
    /// The application has used up `bytes`; what exceeds held() is ignored. Returns what counted.
    std::uint32_t consume(std::size_t bytes);
    /// Measures the rate of consumption: true when the window should grow. Call it after consume().
    /// Without a round trip it never should.
    bool should_grow(std::uint32_t consumed, base::Instant now,
                     std::optional<base::Duration> round_trip);
    /// Requires size() + bytes to fit 32 bits.
    void grow(std::uint32_t bytes);

    /// Whether it is time to tell the peer: half of the initial window and an eighth of the present
    /// one are owed, or the peer has nearly run out.
    bool update_due() const;
    /// Grants all that is owed, and returns how much that was.
    std::uint32_t grant();

    std::uint32_t size() const { return size_; }
    std::uint32_t credit() const { return credit_; }
    std::uint32_t held() const { return held_; }
    std::uint32_t owed() const { return size_ - credit_ - held_; }
    /// What was added to the initial window.
    std::uint32_t growth() const { return size_ - initial_window_bytes; }

private:
    // Long ago, so that the first measurement begins with the first call.
    base::Instant measured_since_{std::numeric_limits<std::int64_t>::min()};
    std::uint32_t measured_bytes_ = 0;
    std::uint32_t size_ = initial_window_bytes;
    std::uint32_t credit_ = initial_window_bytes;
    std::uint32_t held_ = 0;
};

/// Round-trip times of one connection.
class RoundTrips {
public:
    void add(base::Duration sample);
    /// A moving average (weight 1/8), for people and time-outs.
    std::optional<base::Duration> smoothed() const { return smoothed_; }
    /// The shortest of late: follows a shorter sample at once, a longer one by an eighth of the
    /// difference, so that a change of route is learnt in some ten samples and a full queue is not
    /// taken for one.
    std::optional<base::Duration> shortest() const {
        return smoothed_ ? std::optional(shortest_) : std::nullopt;
    }

private:
    std::optional<base::Duration> smoothed_;
    base::Duration shortest_{};
};

}  // namespace libp2p::yamux
