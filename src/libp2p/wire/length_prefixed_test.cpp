// Goal: the same messages come out however the stream is cut, and a peer pays for memory with
// bytes. Method: random cuts that fragment and coalesce, every limit, the budget before and after.
#include "libp2p/wire/length_prefixed.h"

#include "base/rng.h"
#include "base/writer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace libp2p {
namespace {

using base::as_bytes;
using base::ByteString;
using base::ByteView;

ByteString framed(ByteView message) {
    ByteString out;
    base::append_counted(out, message);
    return out;
}

// Everything that is whole so far; fails the test on an error.
std::vector<ByteString> drain(LengthPrefixed& stream) {
    std::vector<ByteString> out;
    for (;;) {
        auto const message = stream.next();
        if (!message) ADD_FAILURE() << to_string(message.error());
        if (!message || !*message) return out;
        out.push_back(base::to_byte_string(**message));
    }
}

TEST(length_prefixed, gives_a_view_of_the_chunk_for_a_message_that_is_whole) {
    auto const chunk = framed(as_bytes("hello"));
    LengthPrefixed stream(100);
    stream.feed(chunk);
    auto const message = stream.next();
    ASSERT_TRUE(message && *message);
    EXPECT_EQ(base::as_text(**message), "hello");
    EXPECT_EQ((*message)->data(), chunk.data() + 1);
    EXPECT_EQ(stream.held_bytes(), 0U);
    EXPECT_FALSE(stream.next().value());
}

TEST(length_prefixed, gives_empty_messages) {
    LengthPrefixed stream(100);
    ByteString const chunk{0, 0, 1, 'x', 0};
    stream.feed(chunk);
    auto const messages = drain(stream);
    ASSERT_EQ(messages.size(), 4U);
    EXPECT_TRUE(messages[0].empty() && messages[1].empty() && messages[3].empty());
    EXPECT_EQ(messages[2], ByteString{'x'});
}

TEST(length_prefixed, two_ended_gives_the_same_messages_however_the_stream_is_cut) {
    for (std::uint8_t seed = 0; seed < 250; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 3});
        std::vector<ByteString> sent;
        ByteString bytes;
        for (auto left = 1 + rng.below(12); left > 0; --left) {
            ByteString message(rng.below(4) == 0 ? rng.below(5000) : rng.below(200));
            rng.fill_public(message);
            base::append(bytes, framed(message));
            sent.push_back(std::move(message));
        }
        base::MemoryBudget budget(5000);
        LengthPrefixed stream(5000, &budget);
        std::vector<ByteString> received;
        for (auto rest = ByteView(bytes); !rest.empty();) {
            auto const most = rng.below(3) == 0 ? std::uint64_t{4000} : std::uint64_t{3};
            auto const size = std::min<std::size_t>(rest.size(), rng.below(most + 1));
            auto chunk = base::to_byte_string(
                rest.first(size));  // a view kept too long would be seen by ASan
            stream.feed(chunk);
            for (auto& message : drain(stream)) received.push_back(std::move(message));
            base::poison(chunk);
            rest = rest.subspan(size);
            if (rng.below(10) == 0) stream = LengthPrefixed(std::move(stream));
        }
        EXPECT_EQ(received, sent) << "seed " << int{seed};
        EXPECT_EQ(stream.held_bytes(), 0U);
        EXPECT_FALSE(stream.next().value());
        EXPECT_EQ(budget.used(), 0U) << "seed " << int{seed};
    }
}

TEST(length_prefixed, takes_a_message_of_the_limit_and_dies_at_one_more) {
    LengthPrefixed stream(300);
    auto const allowed = framed(ByteString(300));
    stream.feed(allowed);
    EXPECT_EQ(drain(stream).size(), 1U);
    auto const one_more = framed(ByteString(301));
    stream.feed(one_more);
    EXPECT_EQ(stream.next().error(), LengthPrefixError::too_long);
    stream.feed(allowed);
    EXPECT_EQ(stream.next().error(), LengthPrefixError::too_long) << "dead for good";
}

TEST(length_prefixed, dies_at_the_length_before_any_of_the_body) {
    base::MemoryBudget budget(1000);
    LengthPrefixed stream(300, &budget);
    ByteString const first{0xad};  // 301, in two chunks
    ByteString const second{0x02};
    stream.feed(first);
    EXPECT_FALSE(stream.next().value());
    stream.feed(second);
    EXPECT_EQ(stream.next().error(), LengthPrefixError::too_long);
    EXPECT_EQ(budget.used(), 0U);
}

TEST(length_prefixed, dies_at_a_length_that_never_ends) {
    for (std::size_t const cut : {1U, 5U, 9U, 10U, 12U}) {
        LengthPrefixed stream(300);
        ByteString const bytes(12, 0x80);
        stream.feed(ByteView(bytes).first(cut));
        auto result = stream.next();
        if (cut < 10) {
            ASSERT_TRUE(result) << cut;
            EXPECT_FALSE(*result) << cut;
            stream.feed(ByteView(bytes).subspan(cut));
            result = stream.next();
        }
        EXPECT_EQ(result.error(), LengthPrefixError::malformed_length) << cut;
    }
}

// GHSA-hmj8-5xmh-5573, the same fault in a length prefix: a huge announcement must cost nothing.
TEST(length_prefixed, adv_ghsa_hmj8_5xmh_5573_an_announced_length_alone_reserves_nothing) {
    constexpr std::size_t announced = std::size_t{1} << 30;
    base::MemoryBudget budget(announced);
    LengthPrefixed stream(announced, &budget);
    ByteString chunk;
    base::append_varint(chunk, announced);
    stream.feed(chunk);
    EXPECT_FALSE(stream.next().value());
    EXPECT_EQ(budget.used(), 0U);
    ByteString const some(100, 1);
    std::size_t most = 0;
    for (int i = 0; i < 100; ++i) {
        stream.feed(some);
        EXPECT_FALSE(stream.next().value());
        most = std::max(most, budget.used());
    }
    EXPECT_EQ(stream.held_bytes(), 10'000U);
    EXPECT_LE(most, 20'000U) << "at most twice what has arrived";
}

TEST(length_prefixed, dies_when_the_budget_is_spent_and_gives_back_its_share) {
    base::MemoryBudget budget(1000);
    LengthPrefixed first(5000, &budget);
    LengthPrefixed second(5000, &budget);
    auto const long_message = framed(ByteString(900));
    first.feed(ByteView(long_message).first(800));
    EXPECT_FALSE(first.next().value());
    EXPECT_GE(budget.used(), 798U);
    second.feed(ByteView(long_message).first(800));
    EXPECT_EQ(second.next().error(), LengthPrefixError::over_budget);
    EXPECT_GE(budget.used(), 798U);
    first.feed(ByteView(long_message).subspan(800));
    EXPECT_TRUE(first.next().value());
    EXPECT_FALSE(first.next().value());
    EXPECT_EQ(budget.used(), 0U);
}

TEST(length_prefixed, charges_every_message_anew) {
    base::MemoryBudget budget(1000);
    LengthPrefixed stream(5000, &budget);
    auto const message = framed(ByteString(100));
    for (int i = 0; i < 3; ++i) {
        stream.feed(ByteView(message).first(50));
        EXPECT_FALSE(stream.next().value());
        EXPECT_GE(budget.used(), stream.held_bytes())
            << "storage kept from the message before must not escape the budget";
        stream.feed(ByteView(message).subspan(50));
        EXPECT_EQ(drain(stream).size(), 1U);
        EXPECT_EQ(budget.used(), 0U);
    }
}

TEST(length_prefixed, gives_back_its_share_when_it_is_destroyed_or_replaced) {
    base::MemoryBudget budget(1000);
    auto const message = framed(ByteString(100));
    {
        LengthPrefixed stream(5000, &budget);
        stream.feed(ByteView(message).first(50));
        EXPECT_FALSE(stream.next().value());
        EXPECT_GT(budget.used(), 0U);
        LengthPrefixed other(5000, &budget);
        other.feed(ByteView(message).first(60));
        EXPECT_FALSE(other.next().value());
        stream = std::move(other);
        EXPECT_EQ(stream.held_bytes(), 59U);
        EXPECT_LE(budget.used(), 100U);
        stream.feed(ByteView(message).subspan(60));
        EXPECT_EQ(drain(stream), std::vector<ByteString>(1, ByteString(100)));
        EXPECT_EQ(budget.used(), 0U);
        stream.feed(ByteView(message).first(50));
        EXPECT_FALSE(stream.next().value());
    }
    EXPECT_EQ(budget.used(), 0U);
}

TEST(length_prefixed, needs_no_budget_for_messages_that_are_whole) {
    base::MemoryBudget none(0);
    LengthPrefixed stream(1000, &none);
    auto const message = framed(ByteString(500));
    stream.feed(message);
    EXPECT_EQ(drain(stream).size(), 1U);
}

}  // namespace
}  // namespace libp2p
