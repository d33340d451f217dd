// Answers taken apart. Goal: what our own store answers is read back, and a lie about the chain is seen.
#include "mina/sync/sync_answers.h"

#include "mina/hashes/state_hash.h"
#include "mina/made_chain/made_chain.h"
#include "mina/messages/berkeley/block.h"

#include <gtest/gtest.h>

namespace mina::sync {
namespace {

using messages::Format;

constexpr ChainRule any_length{100, true, {}};

struct Made {
    Made() : blocks(made_chain::made_chain(Format::berkeley, 7, 4, 1'700'000'000'000, 2048)) {
        for (auto const& bytes : blocks) {
            binprot::Reader reader(bytes);
            berkeley::ProtocolState state;
            static_cast<void>(state.decode(reader));
            hashes.push_back(*hashes::state_hashes(state));
        }
    }
    base::ByteString best_tip() const {
        base::ByteString answer{1};
        base::append(answer, blocks.back());
        answer.push_back(static_cast<std::uint8_t>(blocks.size() - 1));
        for (std::size_t i = 1; i < blocks.size(); ++i) base::append(answer, hashes[i].body.bytes);
        base::append(answer, blocks.front());
        return answer;
    }
    base::ByteString chain() const {
        base::ByteString answer{1, static_cast<std::uint8_t>(blocks.size())};
        for (auto const& block : blocks) base::append(answer, block);
        return answer;
    }

    std::vector<base::ByteString> blocks;
    std::vector<hashes::StateHashes> hashes;
};

TEST(Answers, a_best_tip_tells_the_hashes_of_its_whole_chain) {
    Made const made;
    auto const answer = made.best_tip();
    auto const read = read_best_tip(Format::berkeley, answer, any_length);
    ASSERT_TRUE(read) << read.error();
    ASSERT_TRUE(*read);
    EXPECT_TRUE(base::equal((*read)->tip, made.blocks.back()));
    EXPECT_TRUE(base::equal((*read)->root, made.blocks.front()));
    ASSERT_EQ((*read)->chain.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ((*read)->chain[i], made.hashes[i].state);
}

TEST(Answers, a_best_tip_that_does_not_follow_from_its_root_is_refused) {
    Made made;
    std::swap(made.hashes[1].body, made.hashes[2].body);
    EXPECT_FALSE(read_best_tip(Format::berkeley, made.best_tip(), any_length));
    Made const whole;
    EXPECT_FALSE(read_best_tip(Format::berkeley, whole.best_tip(), ChainRule{2, true, {}}));
}

TEST(Answers, a_best_tip_too_near_its_root_is_refused_unless_that_is_genesis) {
    Made const made;
    auto const is_read = [&](ChainRule const& rule) {
        return read_best_tip(Format::berkeley, made.best_tip(), rule).has_value();
    };
    EXPECT_TRUE(is_read({3, false, {}}));
    EXPECT_FALSE(is_read({4, false, {}}));
    EXPECT_FALSE(is_read({4, false, made.hashes[1].state}));
    EXPECT_TRUE(is_read({4, false, made.hashes[0].state}));
    EXPECT_FALSE(is_read({2, false, made.hashes[0].state}));
    EXPECT_TRUE(is_read({4, true, {}}));
}

TEST(Answers, one_block_is_no_chain) {
    Made const made;
    base::ByteString answer{1};
    base::append(answer, made.blocks.back());
    answer.push_back(0);
    base::append(answer, made.blocks.back());
    EXPECT_FALSE(read_best_tip(Format::berkeley, answer, ChainRule{}));
    EXPECT_TRUE(read_best_tip(Format::berkeley, answer, any_length));
}

TEST(Answers, cut_or_lengthened_are_refused_wherever_that_is) {
    Made const made;
    for (auto const& answer : {made.best_tip(), made.chain()}) {
        for (std::size_t size = 0; size < answer.size(); size += 61) {
            auto const cut = base::ByteView(answer).first(size);
            EXPECT_FALSE(read_best_tip(Format::berkeley, cut, any_length).has_value() && size != 1);
            EXPECT_FALSE(read_blocks(Format::berkeley, cut, 4).has_value() && size != 1);
        }
        auto longer = answer;
        longer.push_back(0);
        EXPECT_FALSE(read_best_tip(Format::berkeley, longer, any_length));
        EXPECT_FALSE(read_blocks(Format::berkeley, longer, 4));
    }
}

TEST(Answers, blocks_come_with_their_hashes) {
    Made const made;
    auto const answer = made.chain();
    auto const read = read_blocks(Format::berkeley, answer, 4);
    ASSERT_TRUE(read) << read.error();
    ASSERT_EQ(read->size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ((*read)[i].state, made.hashes[i].state);
        EXPECT_TRUE(base::equal((*read)[i].bytes, made.blocks[i]));
        EXPECT_TRUE(i == 0 || (*read)[i].previous == made.hashes[i - 1].state);
    }
}

TEST(Answers, with_more_blocks_than_were_asked_for_are_refused) {
    Made const made;
    EXPECT_FALSE(read_blocks(Format::berkeley, made.chain(), 3));
}

TEST(Answers, none_is_no_error) {
    base::ByteString const none{0};
    EXPECT_EQ(*read_best_tip(Format::berkeley, none, any_length), std::nullopt);
    EXPECT_TRUE(read_blocks(Format::berkeley, none, 4)->empty());
}

TEST(Answers, are_asked_for_by_a_list_of_hashes) {
    auto const query = transition_chain_query({hashes::StateHash{{1}}, hashes::StateHash{{2}}});
    ASSERT_EQ(query.size(), 65U);
    EXPECT_EQ(query[0], 2);
    EXPECT_EQ(query[1], 1);
    EXPECT_EQ(query[33], 2);
}

}  // namespace
}  // namespace mina::sync
