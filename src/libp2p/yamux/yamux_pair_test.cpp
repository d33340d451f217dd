// Goal: whatever two sessions do and however the bytes between them are cut, what was written
// arrives, flow control does not come to a standstill, and nothing is left behind.
// Method: two sessions, random actions from a seed, random cuts and joins; then all is let flow,
// and everything must end.
#include "libp2p/yamux/test_frames.h"
#include "libp2p/yamux/test_pair.h"

#include "base/rng.h"

#include <gtest/gtest.h>

namespace libp2p::yamux {
namespace {

using namespace test;

base::Rng rng_of(std::uint32_t seed) {
    base::Rng::Seed bytes{};
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(seed >> (8 * i));
    return base::Rng(bytes);
}

TEST(YamuxPair, every_byte_arrives_and_a_thousand_schedules_end) {
    std::uint64_t delivered = 0;
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
        auto rng = rng_of(seed);
        Pair pair([&rng](std::uint64_t bound) { return rng.below(bound); });
        auto const steps = 50 + rng.below(300);
        for (std::uint64_t i = 0; i < steps && pair.failure().empty(); ++i) pair.step();
        pair.settle();
        ASSERT_EQ(pair.failure(), "") << "SEED=" << seed;
        delivered += pair.delivered_bytes();
    }
    EXPECT_GT(delivered, 500'000'000u) << "the schedules must fill windows";
}

TEST(YamuxPair, the_cuts_between_chunks_change_nothing) {
    // One recorded conversation, delivered whole and in random pieces: the events are the same, but
    // for the cuts of data.
    auto const conversation = data(flag::syn, 1, "first") + window(flag::syn, 3, 5) +
                              data(0, 1, std::string(3000, 'a')) + ping(1) +
                              data(flag::fin, 3, "last") + window(flag::rst, 1, 4) +
                              data(0, 1, "skipped") + data(flag::syn | flag::fin, 5) + go_away(0);
    auto const collect = [&](auto next_cut) {
        Session session(Config{}, Role::server);
        std::map<StreamId, std::string> bytes;
        Lines lines;
        for (std::size_t at = 0; at < conversation.size();) {
            auto const count = std::min<std::size_t>(next_cut(), conversation.size() - at);
            base::ByteString const chunk(
                conversation.begin() + static_cast<std::ptrdiff_t>(at),
                conversation.begin() + static_cast<std::ptrdiff_t>(at + count));
            at += count;
            session.feed(chunk, {});
            while (true) {
                auto const event = session.next().value();
                if (!event) break;
                auto const* data = std::get_if<Data>(&*event);
                if (data == nullptr) {
                    lines.push_back(describe(*event));
                } else {
                    bytes[data->stream] += base::as_text(data->bytes);
                }
            }
        }
        for (auto const& [id, text] : bytes) lines.push_back(std::to_string(id) + ": " + text);
        for (auto const& line : sent(session)) lines.push_back(line);
        return lines;
    };
    auto const whole = collect([] { return std::size_t{1'000'000}; });
    EXPECT_EQ(collect([] { return std::size_t{1}; }), whole);
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
        auto rng = rng_of(seed);
        ASSERT_EQ(collect([&] { return static_cast<std::size_t>(1 + rng.below(40)); }), whole)
            << "SEED=" << seed;
    }
}

}  // namespace
}  // namespace libp2p::yamux
