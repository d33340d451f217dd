// Goal: the receive window never grants more than its size, grows on long paths until they are
// full, and does not grow where it need not.
// Method: the window alone, and with a model of a path: a sender that has always something to send,
// a link of a given rate, a delay each way, and reads of a given size. The model knows nothing of
// streams.
#include "libp2p/yamux/window.h"

#include <deque>

#include <gtest/gtest.h>

namespace libp2p::yamux {
namespace {

using namespace std::chrono_literals;
constexpr std::uint32_t KiB = 1024;
constexpr std::uint32_t MiB = 1024 * KiB;

TEST(ReceiveWindow, grants_what_was_consumed_and_no_more) {
    ReceiveWindow window;
    EXPECT_EQ(window.size(), 262'144u);
    EXPECT_TRUE(window.receive(200'000));
    EXPECT_EQ(window.consume(150'000), 150'000u);
    EXPECT_EQ(window.owed(), 150'000u);
    EXPECT_EQ(window.grant(), 150'000u);
    EXPECT_EQ(window.credit() + window.held(), window.size());
    EXPECT_EQ(window.grant(), 0u);
}

TEST(ReceiveWindow, refuses_a_body_larger_than_the_credit_and_stays_as_it_was) {
    ReceiveWindow window;
    EXPECT_TRUE(window.receive(262'144));
    EXPECT_FALSE(window.receive(1));
    EXPECT_EQ(window.held(), 262'144u);
}

TEST(ReceiveWindow, counts_no_more_consumed_than_it_holds) {
    ReceiveWindow window;
    EXPECT_TRUE(window.receive(10));
    EXPECT_EQ(window.consume(std::numeric_limits<std::size_t>::max()), 10u);
    EXPECT_EQ(window.owed(), 10u);
}

TEST(ReceiveWindow, an_update_is_due_at_half_of_the_window) {
    ReceiveWindow window;
    EXPECT_TRUE(window.receive(262'144 / 2));
    window.consume(262'144 / 2 - 1);
    EXPECT_FALSE(window.update_due());
    window.consume(1);
    EXPECT_TRUE(window.update_due());
}

TEST(ReceiveWindow, an_update_is_due_at_an_eighth_of_a_large_window) {
    ReceiveWindow window;
    window.grow(16 * MiB - initial_window_bytes);
    window.grant();
    EXPECT_TRUE(window.receive(4 * MiB));
    window.consume(2 * MiB - 1);
    EXPECT_FALSE(window.update_due());
    window.consume(1);
    EXPECT_TRUE(window.update_due());
}

TEST(ReceiveWindow, an_update_is_due_early_when_the_peer_has_nearly_run_out) {
    ReceiveWindow window;
    EXPECT_TRUE(window.receive(262'144));
    window.consume(262'144 / 16 - 1);
    EXPECT_FALSE(window.update_due()) << "an update for each small read would be a flood";
    window.consume(1);
    EXPECT_TRUE(window.update_due());
}

TEST(ReceiveWindow, does_not_grow_without_a_round_trip) {
    ReceiveWindow window;
    for (int i = 0; i < 1000; ++i)
        EXPECT_FALSE(window.should_grow(262'144, base::Instant{i}, std::nullopt));
}

TEST(ReceiveWindow, does_not_grow_by_bytes_of_one_instant) {
    ReceiveWindow window;
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(window.should_grow(262'144, base::Instant{5}, 1s));
}

TEST(RoundTrips, smooths_and_remembers_the_shortest) {
    RoundTrips trips;
    EXPECT_FALSE(trips.smoothed());
    EXPECT_FALSE(trips.shortest());
    trips.add(80ms);
    trips.add(160ms);
    EXPECT_EQ(trips.smoothed(), 90ms);
    EXPECT_EQ(trips.shortest(), 90ms);
    trips.add(10ms);
    EXPECT_EQ(trips.smoothed(), 80ms);
    EXPECT_EQ(trips.shortest(), 10ms);
    for (int i = 0; i < 40; ++i) trips.add(200ms);
    EXPECT_GT(trips.shortest(), 190ms) << "a longer route is learnt";
    trips.add(-5ms);
    EXPECT_EQ(trips.shortest(), 0ms);
}

/// A path from a sender that always has more to a receiver that consumes at once.
struct Path {
    double bytes_per_second;
    base::Duration round_trip;
    std::uint32_t read_bytes_max = 64 * KiB;  // read at one instant at most
    base::Duration read_every = 1ns;          // at multiples of this, what has come by then
    base::Duration jitter{};                  // of every other update
};

struct Outcome {
    base::Duration at_maximum = base::Duration::max();  // when the window first was window_max
    double bytes_per_second = 0;                        // received in the last half
    std::uint32_t window = 0;
    std::uint32_t updates = 0;
};

class Model {
public:
    Model(Path const& path, std::uint32_t window_max) : path_(path), window_max_(window_max) {}

    Outcome run(base::Duration for_this_long) {
        Outcome outcome;
        auto const end = base::Instant{0} + for_this_long;
        std::uint64_t received_late = 0;
        while (true) {
            send();
            if (in_flight_.empty() && credits_.empty()) break;
            // The next thing that happens: credit reaches the sender, or data the receiver.
            auto const data_at =
                in_flight_.empty() ? base::Instant::never() : read_at(in_flight_.front().at);
            auto const credit_at = credits_.empty() ? base::Instant::never() : credits_.front().at;
            now_ = std::max(now_, std::min(data_at, credit_at));
            if (now_ >= end) break;
            if (credit_at <= data_at) {
                credit_ += credits_.front().bytes;
                credits_.pop_front();
                continue;
            }
            auto const bytes = read();
            if (now_ - base::Instant{0} > for_this_long / 2) received_late += bytes;
            if (receive(bytes)) ++outcome.updates;
            if (window_.size() == window_max_) {
                outcome.at_maximum = std::min(outcome.at_maximum, now_ - base::Instant{0});
            }
        }
        outcome.window = window_.size();
        auto const half = std::chrono::duration<double>(for_this_long / 2).count();
        outcome.bytes_per_second = static_cast<double>(received_late) / half;
        return outcome;
    }

private:
    struct Event {
        base::Instant at;
        std::uint32_t bytes;
    };

    void send() {
        while (credit_ > 0) {
            auto const bytes = std::min(credit_, packet_bytes);
            credit_ -= bytes;
            link_free_ = std::max(link_free_, now_) + transmission(bytes);
            in_flight_.push_back({link_free_ + path_.round_trip / 2, bytes});
        }
    }
    base::Duration transmission(std::uint32_t bytes) const {
        return base::Duration(static_cast<std::int64_t>(1e9 * bytes / path_.bytes_per_second));
    }
    /// When something that comes at `at` is read: after the last read, at the next tick.
    base::Instant read_at(base::Instant at) const {
        auto const tick = path_.read_every.count();
        auto const earliest = std::max(at.nanoseconds, last_read_.nanoseconds + 1);
        return {(earliest + tick - 1) / tick * tick};
    }
    /// All that has arrived, up to one read's worth.
    std::uint32_t read() {
        last_read_ = now_;
        std::uint32_t bytes = 0;
        while (!in_flight_.empty() && in_flight_.front().at <= now_ &&
               bytes + in_flight_.front().bytes <= path_.read_bytes_max) {
            bytes += in_flight_.front().bytes;
            in_flight_.pop_front();
        }
        return bytes;
    }
    bool receive(std::uint32_t bytes) {
        EXPECT_TRUE(window_.receive(bytes));
        auto const consumed = window_.consume(bytes);
        bool const grow =
            window_.should_grow(consumed, now_, path_.round_trip) && window_.size() < window_max_;
        if (grow) window_.grow(std::min(window_.size(), window_max_ - window_.size()));
        if (!grow && !window_.update_due()) return false;
        late_ = !late_;
        auto const delay = path_.round_trip / 2 + (late_ ? path_.jitter : base::Duration::zero());
        auto const at =
            std::max(now_ + delay, credits_.empty() ? base::Instant{} : credits_.back().at);
        credits_.push_back({at, window_.grant()});
        EXPECT_EQ(window_.credit() + window_.held(), window_.size());
        return true;
    }

    static constexpr std::uint32_t packet_bytes = 16 * KiB;
    Path path_;
    std::uint32_t window_max_;
    ReceiveWindow window_;
    base::Instant now_;
    base::Instant link_free_;
    base::Instant last_read_;
    std::uint32_t credit_ = initial_window_bytes;
    std::deque<Event> in_flight_;
    std::deque<Event> credits_;
    bool late_ = false;
};

TEST(WindowOnAPath, reaches_16_MiB_at_60_ms_within_a_second_and_a_half) {
    auto const outcome = Model({.bytes_per_second = 250e6, .round_trip = 60ms}, 16 * MiB).run(6s);
    RecordProperty("milliseconds", std::to_string(outcome.at_maximum / 1ms));
    EXPECT_LE(outcome.at_maximum, 1500ms);
    EXPECT_GE(outcome.bytes_per_second, 0.95 * 250e6);
}

TEST(WindowOnAPath, does_not_stick_at_any_usual_delay) {  // go-yamux#136 sticks at 512 KiB at 50 ms
    for (auto const delay : {5ms, 10ms, 20ms, 50ms, 100ms, 200ms}) {
        for (auto const jitter :
             {base::Duration::zero(), base::Duration(delay) / 5, base::Duration(delay) / 3}) {
            Path const path{.bytes_per_second = 1.2e9, .round_trip = delay, .jitter = jitter};
            auto const outcome = Model(path, 4 * MiB).run(delay * 100);
            EXPECT_EQ(outcome.window, 4 * MiB)
                << delay / 1ms << " ms, jitter " << jitter / 1us << " us";
            EXPECT_LE(outcome.at_maximum, delay * 15);
        }
    }
}

TEST(WindowOnAPath, grows_when_a_whole_window_comes_in_one_read) {
    // A sender that waits, a fast link and rare reads: each round trip, and a little, brings a
    // lump.
    Path const path{.bytes_per_second = 50e9,
                    .round_trip = 50ms,
                    .read_bytes_max = 64 * MiB,
                    .read_every = 8ms};
    EXPECT_EQ(Model(path, 4 * MiB).run(2s).window, 4 * MiB);
}

TEST(WindowOnAPath, stops_growing_at_a_small_multiple_of_what_a_slow_link_needs) {
    // 10 MB/s x 60 ms = 600 kB: the link is full from 1 MiB on, and a larger window would only fill
    // queues.
    auto const outcome = Model({.bytes_per_second = 10e6, .round_trip = 60ms}, 16 * MiB).run(20s);
    EXPECT_LE(outcome.window, 2 * MiB);
    EXPECT_GE(outcome.bytes_per_second, 0.95 * 10e6);
}

TEST(WindowOnAPath, stays_small_on_a_link_slower_than_the_initial_window) {
    auto const outcome = Model({.bytes_per_second = 1e6, .round_trip = 60ms}, 16 * MiB).run(20s);
    EXPECT_EQ(outcome.window, initial_window_bytes);
}

TEST(WindowOnAPath, does_not_balloon_on_loopback) {
    for (auto const every : {10us, 60us, 100us, 500us}) {
        for (std::uint32_t const read : {64 * KiB, 256 * KiB, 1 * MiB}) {
            Path const path{.bytes_per_second = 1.5e9,
                            .round_trip = 50us,
                            .read_bytes_max = read,
                            .read_every = every};
            auto const outcome = Model(path, 16 * MiB).run(1s);
            EXPECT_EQ(outcome.window, initial_window_bytes)
                << every / 1us << " us, reads of " << read;
        }
    }
}

TEST(WindowOnAPath, sends_about_two_updates_for_each_window) {
    auto const outcome = Model({.bytes_per_second = 1e6, .round_trip = 10ms}, 16 * MiB).run(10s);
    EXPECT_LE(outcome.updates, 10e6 / (initial_window_bytes / 2.0) + 1);
}

}  // namespace
}  // namespace libp2p::yamux
