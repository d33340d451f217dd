// Goal: the judge of deliveries sees a message that is doubled, changed, invented or missing.
#include "sim/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using testing::HasSubstr;

class LedgerTest : public testing::Test {
protected:
    base::Rng rng{{}};
    Ledger ledger;
    base::Instant now{1'000'000'000};
};

TEST_F(LedgerTest, counts_whom_expected_messages_reached) {
    auto const first = ledger.publish(0, now, 100, true, rng);
    ledger.publish(1, now, 100, false, rng);
    EXPECT_EQ(ledger.received(1, 0, 0, first.view(), now), "");
    auto const count = ledger.count({0, 0, 0, std::nullopt});
    EXPECT_EQ(count.expected, 2U);  // nodes 1 and 2; nothing is expected of 3, and 0 has published it
    EXPECT_EQ(count.delivered, 1U);
    ASSERT_EQ(count.missing.size(), 1U);
    EXPECT_EQ(count.missing[0].number, 1U);
    EXPECT_EQ(count.missing[0].node, 2U);
}

TEST_F(LedgerTest, a_node_that_was_started_anew_may_get_a_message_again) {
    auto const data = ledger.publish(0, now, 100, true, rng);
    EXPECT_EQ(ledger.received(1, 0, 0, data.view(), now), "");
    EXPECT_EQ(ledger.received(1, 1, 0, data.view(), now), "");
    EXPECT_EQ(ledger.received(1, 1, 0, data.view(), now), "message 1 twice");
}

TEST_F(LedgerTest, sees_what_nobody_published) {
    auto const data = ledger.publish(0, now, 100, true, rng);
    auto changed = base::to_byte_string(data.view());
    changed.back() ^= 1;
    EXPECT_EQ(ledger.received(1, 0, 0, changed, now), "message 1, but changed");
    EXPECT_EQ(ledger.received(1, 0, 0, data.view().first(99), now), "message 1, but changed");
    EXPECT_EQ(ledger.received(1, 0, 2, data.view(), now), "message 1, as if node 2 had published it");
    EXPECT_EQ(ledger.received(0, 0, 0, data.view(), now), "message 1, which it published itself");
    base::ByteString const invented(100, 7);
    EXPECT_EQ(ledger.received(1, 0, 0, invented, now), "a message that nobody published");
    EXPECT_EQ(ledger.received(1, 0, 0, {}, now), "a message that nobody published");
}

TEST_F(LedgerTest, does_not_expect_what_was_withdrawn) {
    ledger.publish(0, now, 100, true, rng);
    ledger.withdraw(ledger.last_number());
    EXPECT_EQ(ledger.count({0, 0}).expected, 0U);
}

TEST_F(LedgerTest, measures_latencies) {
    auto const data = ledger.publish(0, now, 100, true, rng);
    for (NodeIndex node = 1; node <= 10; ++node) {
        EXPECT_EQ(ledger.received(node, 0, 0, data.view(), now + std::chrono::milliseconds(node * 10)), "");
    }
    EXPECT_EQ(ledger.latency(500), std::chrono::milliseconds(50));
    EXPECT_EQ(ledger.latency(1000), std::chrono::milliseconds(100));
}

}  // namespace
}  // namespace sim
