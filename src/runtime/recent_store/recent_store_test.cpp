// Goal: what passed by is told as Mina's nodes want to hear it, and nothing else; bounds and lifetimes hold. Method:
// made chains of every format; each answer goes through the codec of its root and through the checks of chain proofs.
#include "runtime/recent_store/recent_fixture.h"

#include "base/rng.h"
#include "mina/hashes/chain_proof.h"
#include "mina/hashes/snark_work_key.h"
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/gossip.h"
#include "mina/messages/mesa/roots.h"
#include "mina/messages/mesa_array_inputs/roots.h"
#include "mina/schema/random.h"
#include "runtime/recent_store/answers.h"

#include <fstream>
#include <iterator>

namespace runtime::testing {
namespace {

using ::testing::IsEmpty;
using mina::hashes::StateHash;
using mina::rpc::FailedAnswer;
using mina::rpc::NoAnswer;

bool is_no_answer(RecentAnswer const& answer) { return std::holds_alternative<NoAnswer>(answer); }

template <class T>
T const& decoded(base::ByteView bytes, mina::binprot::Arena& arena) {
    auto const value = m::decode<T>(bytes, arena);
    EXPECT_TRUE(value);
    return **value;
}

/// Both hashes of an answer to get_best_tip, once it is proved that one leads to the other.
std::pair<StateHash, StateHash> ends_of(base::ByteView answer, m::Format format) {
    mina::binprot::Arena arena;
    auto const verified = [](auto const& response) {
        auto const hashes = mina::hashes::verify_best_tip(mina::hashes::best_tip_of(*response.value));
        EXPECT_TRUE(hashes);
        return std::pair(hashes->tip.state, hashes->root.state);
    };
    switch (format) {
        case m::Format::berkeley: return verified(decoded<mina::berkeley::GetBestTipResponse>(answer, arena));
        case m::Format::mesa: return verified(decoded<mina::mesa::GetBestTipResponse>(answer, arena));
        case m::Format::mesa_array_inputs: break;
    }
    return verified(decoded<mina::mesa_array_inputs::GetBestTipResponse>(answer, arena));
}

base::ByteString ancestry_query(base::ByteView block) {
    mina::binprot::Reader reader(block);
    mina::berkeley::ProtocolState state;
    EXPECT_TRUE(state.decode(reader));
    mina::binprot::Field const hash{mina::hashes::state_hash(state)->bytes};
    return m::encode(mina::berkeley::ConsensusStateWithHash{state.body.consensus_state, &hash});
}

/// Random values of a root, by number.
base::ByteString random_value(std::string_view root, std::uint16_t number, m::Format format = m::Format::berkeley,
                              std::size_t bytes_max = 2'000) {
    base::Rng rng(base::Rng::Seed{static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8)});
    mina::schema::RandomShape const shape{.bytes_max = bytes_max, .depth_max = 20};
    return mina::schema::random_value(m::root_named(root, format).type(), shape, [&] { return rng.next(); });
}

/// One that is not empty: the shortest is, so there has to be room.
base::ByteString random_work(std::uint8_t number, m::Format format = m::Format::berkeley) {
    for (std::uint16_t i = 0;; ++i) {
        auto const seed = static_cast<std::uint16_t>(number * 256 + i);
        auto value = random_value("snark-pool-diff", seed, format, 64 * 1024);
        if (value.size() > 100) return value;
    }
}

base::ByteString transactions(std::vector<base::ByteString> const& commands) {
    base::ByteString diff(9);
    mina::binprot::Writer writer(diff);
    writer.put_count(commands.size());
    diff.resize(writer.size());
    for (auto const& command : commands) base::append(diff, command);
    return diff;
}

/// The same state, and so the same hash, with the body of another block.
base::ByteString with_other_body(base::ByteView block) {
    auto const other = mina::made_chain::made_chain(m::Format::berkeley, 99, 1, start_ms, 64 * 1024)[0];
    mina::binprot::Arena arena;
    auto changed = decoded<mina::berkeley::Block>(block, arena);
    changed.body = decoded<mina::berkeley::Block>(other, arena).body;
    return m::encode(changed);
}

base::ByteString with_other_proof(base::ByteView block) {
    auto const other = mina::made_chain::made_chain(m::Format::berkeley, 99, 1, start_ms, 4'000)[0];
    mina::binprot::Arena arena;
    auto changed = decoded<mina::berkeley::Block>(block, arena);
    changed.header.protocol_state_proof = decoded<mina::berkeley::Block>(other, arena).header.protocol_state_proof;
    return m::encode(changed);
}

// ---- Answers ----

TEST(recent_store_answers, are_those_of_the_chain_in_every_format) {
    for (auto const format : m::formats) {
        RecentStore store(":memory:", small_config({format}), now_ms);
        auto const blocks = small_chain(9, format);
        add_all(store, blocks, format);
        std::vector<StateHash> states;
        for (auto const& block : blocks) states.push_back(header_of(block, format).state);

        auto const best_tip = ask(store, Method::get_best_tip, unit_query(), format);
        ASSERT_TRUE(best_tip);
        EXPECT_EQ(ends_of(*best_tip, format), std::pair(states[8], states[3]));
        EXPECT_EQ(ask(store, Method::get_ancestry, ancestry_query(blocks[4]), format), best_tip);

        auto const knowledge = ask(store, Method::get_transition_knowledge, unit_query(), format);
        EXPECT_EQ(knowledge, hashes_query({states.begin() + 3, states.end()}));

        auto const chain = ask(store, Method::get_transition_chain, hashes_query({states[7], states[2]}), format);
        base::ByteString expected{1, 2};
        base::append(expected, blocks[7]);
        base::append(expected, blocks[2]);
        EXPECT_EQ(chain, expected);

        auto const proof = ask(store, Method::get_transition_chain_proof, states[7].bytes, format);
        ASSERT_TRUE(proof);
        mina::binprot::Arena arena;
        auto const& answer = decoded<mina::berkeley::GetTransitionChainProofResponse>(*proof, arena);
        EXPECT_EQ(answer.value->start->bytes, states[0].bytes);
        EXPECT_EQ(answer.value->bodies.size(), 7U);
        EXPECT_TRUE(mina::hashes::verify_transition_chain(*answer.value, states[7]));
        EXPECT_FALSE(mina::hashes::verify_transition_chain(*answer.value, states[8]));
    }
}

TEST(recent_store_answers, the_root_comes_nearer_to_the_tip_never_farther_than_k) {
    RecentStore store(":memory:", small_config(), now_ms);
    auto const blocks = small_chain(8);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        add_all(store, {blocks[i]});
        auto const answer = ask(store, Method::get_best_tip, unit_query());
        ASSERT_TRUE(answer);
        EXPECT_EQ(ends_of(*answer, m::Format::berkeley),
                  std::pair(header_of(blocks[i]).state, header_of(blocks[i - std::min<std::size_t>(i, 5)]).state));
    }
}

TEST(recent_store_answers, not_found_is_said_of_what_is_not_known) {
    RecentStore empty(":memory:", small_config(), now_ms);
    auto const blocks = small_chain(8);
    auto const state = header_of(blocks[0]).state;
    EXPECT_FALSE(ask(empty, Method::get_best_tip, unit_query()));
    EXPECT_FALSE(ask(empty, Method::get_ancestry, ancestry_query(blocks[0])));
    EXPECT_FALSE(ask(empty, Method::get_transition_knowledge, unit_query()));
    EXPECT_FALSE(ask(empty, Method::get_transition_chain, hashes_query({state})));
    EXPECT_FALSE(ask(empty, Method::get_transition_chain_proof, state.bytes));
    EXPECT_FALSE(ask(empty, Method::get_completed_snarks, unit_query()));
    EXPECT_FALSE(ask(empty, Method::get_node_status, unit_query()));

    RecentStore store(":memory:", small_config(), now_ms);
    add_all(store, {blocks.begin() + 2, blocks.begin() + 7});  // four links: too few
    EXPECT_FALSE(ask(store, Method::get_best_tip, unit_query()));
    EXPECT_FALSE(ask(store, Method::get_transition_chain, hashes_query({header_of(blocks[3]).state, state})));
    EXPECT_FALSE(ask(store, Method::get_transition_chain, hashes_query({})));
    std::vector<StateHash> const many(21, header_of(blocks[3]).state);
    EXPECT_FALSE(ask(store, Method::get_transition_chain, hashes_query(many)));
    EXPECT_FALSE(ask(store, Method::get_transition_chain_proof, state.bytes));
    EXPECT_FALSE(ask(store, Method::get_ancestry, ancestry_query(blocks[7]))) << "who asks knows a better tip";
    for (auto const method : {Method::menu, Method::get_some_initial_peers, Method::get_staged_ledger,
                              Method::answer_sync_ledger_query, Method::ban_notify, Method::get_epoch_ledger}) {
        EXPECT_FALSE(ask(store, method, unit_query()));
    }
    add_all(store, {blocks[7]});
    EXPECT_TRUE(ask(store, Method::get_best_tip, unit_query()));
}

TEST(recent_store_answers, the_best_tip_is_not_told_where_that_is_said) {
    auto config = small_config();
    config.answers_best_tip = false;
    RecentStore store(":memory:", config, now_ms);
    auto const blocks = small_chain(8);
    add_all(store, blocks);
    EXPECT_FALSE(ask(store, Method::get_best_tip, unit_query()));
    EXPECT_FALSE(ask(store, Method::get_ancestry, ancestry_query(blocks[2])));
    EXPECT_TRUE(ask(store, Method::get_transition_knowledge, unit_query()));
    EXPECT_TRUE(ask(store, Method::get_transition_chain, hashes_query({header_of(blocks[7]).state})));
}

TEST(recent_store_answers, are_of_so_many_bytes_at_most) {
    auto const blocks = small_chain(3);
    auto const query = hashes_query({header_of(blocks[0]).state, header_of(blocks[1]).state});
    auto config = small_config();
    config.answer_bytes_max = blocks[0].size() + blocks[1].size();
    RecentStore enough(":memory:", config, now_ms);
    --config.answer_bytes_max;
    RecentStore less(":memory:", config, now_ms);
    config.blocks.gaps_allowed = true;
    RecentStore gaps(":memory:", config, now_ms);
    for (auto* const store : {&enough, &less, &gaps}) add_all(*store, blocks);
    EXPECT_TRUE(ask(enough, Method::get_transition_chain, query));
    EXPECT_FALSE(ask(less, Method::get_transition_chain, query));
    EXPECT_EQ(ask(gaps, Method::get_transition_chain, query)->size(), 2 + blocks[0].size());
}

TEST(recent_store_answers, any_length_will_do_where_that_is_said) {
    auto config = small_config();
    config.blocks.any_length = true;
    RecentStore store(":memory:", config, now_ms);
    auto const blocks = small_chain(5);
    add_all(store, {blocks.begin() + 2, blocks.end()});
    auto const answer = ask(store, Method::get_best_tip, unit_query());
    ASSERT_TRUE(answer);
    EXPECT_EQ(ends_of(*answer, m::Format::berkeley),
              std::pair(header_of(blocks[4]).state, header_of(blocks[2]).state));
}

TEST(recent_store_answers, another_version_or_format_is_not_answered) {
    RecentStore store(":memory:", small_config({m::Format::mesa, m::Format::mesa_array_inputs}), now_ms);
    auto const blocks = small_chain(3, m::Format::mesa);
    add_all(store, blocks, m::Format::mesa);
    auto const answer = [&](Method method, std::int64_t version, m::Format format, base::ByteView query) {
        return store.answer(method, version, format, query);
    };
    auto const query = hashes_query({header_of(blocks[1], m::Format::mesa).state});
    EXPECT_FALSE(is_no_answer(answer(Method::get_best_tip, 3, m::Format::mesa, unit_query())));
    EXPECT_TRUE(is_no_answer(answer(Method::get_best_tip, 2, m::Format::mesa, unit_query())));
    EXPECT_TRUE(is_no_answer(answer(Method::get_best_tip, 3, m::Format::mesa_array_inputs, unit_query())));
    EXPECT_TRUE(is_no_answer(answer(Method::get_best_tip, 2, m::Format::berkeley, unit_query())));
    EXPECT_FALSE(is_no_answer(answer(Method::get_transition_chain, 2, m::Format::mesa, query)));
    EXPECT_TRUE(is_no_answer(answer(Method::get_transition_chain, 2, m::Format::mesa_array_inputs, query)));
    EXPECT_TRUE(is_no_answer(answer(Method::get_transition_chain, 0, m::Format::mesa, query)));
}

TEST(recent_store_answers, queries_that_are_none_fail) {
    RecentStore store(":memory:", small_config(), now_ms);
    add_all(store, small_chain(2));
    base::ByteString const nonsense{5, 1, 2, 3};
    for (auto const method :
         {Method::get_ancestry, Method::get_transition_chain, Method::get_transition_chain_proof}) {
        auto const version = version_of(method, m::Format::berkeley);
        auto const answer = store.answer(method, version, m::Format::berkeley, nonsense);
        EXPECT_TRUE(std::holds_alternative<FailedAnswer>(answer));
    }
    auto longer = hashes_query({StateHash{}});
    longer.push_back(0);
    auto const answer = store.answer(Method::get_transition_chain, 2, m::Format::berkeley, longer);
    EXPECT_TRUE(std::holds_alternative<FailedAnswer>(answer));
}

TEST(recent_store_answers, blocks_are_not_copied) {
    RecentStore store(":memory:", small_config(), now_ms);
    auto const block = base::SharedBytes::copy_of(small_chain(1)[0]);
    ASSERT_TRUE(store.on_block(m::Format::berkeley, block, now_ms));
    auto const answer = store.answer(Method::get_best_tip, 2, m::Format::berkeley, unit_query());
    auto const& pieces = std::get<mina::rpc::Payload>(answer).pieces;
    ASSERT_EQ(pieces.size(), 4U);
    EXPECT_EQ(pieces[1].view().data(), block.view().data());
    EXPECT_EQ(pieces[3].view().data(), block.view().data());
}

TEST(recent_store_answers, the_status_of_the_node_is_what_is_known) {
    RecentStore store(":memory:", small_config({m::Format::mesa}), now_ms);
    auto const blocks = small_chain(3, m::Format::mesa);
    add_all(store, blocks, m::Format::mesa);
    NodeStatusFacts const facts{.ip_address = "192.0.2.7",
                                .peer_id = "12D3KooW",
                                .peers = {{"192.0.2.8", 8302, "12D3a"}, {"192.0.2.9", 8303, "12D3b"}},
                                .git_commit = "0123abcd",
                                .uptime_minutes = 77};
    auto const bytes = ask(store, Method::get_node_status, unit_query(), m::Format::mesa, facts);
    ASSERT_TRUE(bytes);
    mina::binprot::Arena arena;
    auto const& status = *decoded<mina::berkeley::NodeStatusResult>(*bytes, arena).ok;
    EXPECT_EQ(base::as_text(status.node_ip_addr), "192.0.2.7");
    EXPECT_EQ(status.sync_status, mina::berkeley::SyncStatus::listening);
    EXPECT_EQ(status.peers.size(), 2U);
    EXPECT_EQ((*status.peers.begin()).libp2p_port, 8302);
    EXPECT_EQ(status.protocol_state_hash->bytes, header_of(blocks[2], m::Format::mesa).state.bytes);
    EXPECT_EQ(status.k_block_hashes_and_timestamps.size(), 3U);
    EXPECT_EQ(base::as_text(status.k_block_hashes_and_timestamps[0].timestamp), iso_time(now_ms));
    EXPECT_EQ(base::as_text(status.git_commit), "0123abcd");
    EXPECT_EQ(status.uptime_minutes, 77);
    EXPECT_EQ(status.block_height_opt, 3);
    EXPECT_EQ(iso_time(start_ms + 4), "2027-01-15T08:00:00.004000Z");
    EXPECT_EQ(iso_time(~std::uint64_t{0}), "9999-12-31T23:59:59.999000Z");
}

TEST(recent_store_answers, devnets_block_is_given_as_it_came) {
    std::ifstream file(std::string(MINAP2P_SHARED_DIR) + "/data/berkeley/devnet-357934-block.bin", std::ios::binary);
    if (!file) GTEST_SKIP() << "no devnet-357934-block.bin";
    base::ByteString const block(std::istreambuf_iterator<char>(file), {});
    RecentStore store(":memory:", small_config(), now_ms);
    base::ByteString value{0};
    base::append(value, block);
    auto const payload = base::SharedBytes::take(m::framed(value));
    ASSERT_TRUE(store.on_gossip(m::Format::berkeley, payload, now_ms));
    auto const state = store.status().best_tip->header.state;
    EXPECT_EQ(to_string(state), "3NK56ZbCS31qb8SvCtCCYza4beRDtKgXA2JL6s3evKouG2KkKtiy");
    base::ByteString expected{1, 1};
    base::append(expected, block);
    EXPECT_EQ(ask(store, Method::get_transition_chain, hashes_query({state})), expected);
    EXPECT_FALSE(ask(store, Method::get_best_tip, unit_query()));
    EXPECT_EQ(store.block(state)->view().data(), payload.view().data() + 9) << "a slice of the payload";
}

// ---- What comes in ----

TEST(recent_store_blocks, are_refused_with_a_reason) {
    RecentStore store(":memory:", small_config(), now_ms);
    auto const block = base::SharedBytes::copy_of(small_chain(1)[0]);
    EXPECT_TRUE(store.on_block(m::Format::berkeley, block, now_ms));
    EXPECT_EQ(store.on_block(m::Format::berkeley, block, now_ms).error(),
              (BlockRefused{"is known", mina::block_tree::Refusal::duplicate}));
    EXPECT_EQ(store.on_block(m::Format::mesa, block, now_ms).error().why,
              "is of the format mesa, which the network does not have");
    EXPECT_THAT(store.on_block(m::Format::berkeley, block.slice(0, 900), now_ms).error().why,
                ::testing::HasSubstr("offset"));
    EXPECT_EQ(store.status().blocks, 1U);
    EXPECT_TRUE(store.on_gossip(m::Format::berkeley, block, now_ms).error().starts_with("offset "));
}

TEST(recent_store_blocks, have_the_body_that_their_state_names) {
    for (auto const format : m::formats) {
        RecentStore store(":memory:", small_config({format}), now_ms);
        auto const blocks = small_chain(2, format);
        for (auto const& block : blocks) {
            // The last byte is one of the body's.
            auto swapped = block;
            swapped.back() ^= 1;
            auto const refused = store.on_block(format, base::SharedBytes::take(std::move(swapped)), now_ms);
            ASSERT_FALSE(refused);
            EXPECT_FALSE(refused.error().by_tree);
        }
        EXPECT_EQ(store.status().blocks, 0U);
        add_all(store, blocks, format);
    }
    auto const other_body = with_other_body(small_chain(1)[0]);
    RecentStore store(":memory:", small_config(), now_ms);
    EXPECT_EQ(store.on_block(m::Format::berkeley, base::SharedBytes::copy_of(other_body), now_ms).error(),
              (BlockRefused{"its body is not the one that its state names"}));
    auto config = small_config();
    config.checks_bodies = false;
    RecentStore trusting(":memory:", config, now_ms);
    EXPECT_TRUE(trusting.on_block(m::Format::berkeley, base::SharedBytes::copy_of(other_body), now_ms));
}

TEST(recent_store_blocks, that_are_verified_take_the_place_of_those_that_are_not) {
    RecentStore store(":memory:", small_config(), now_ms);
    auto const blocks = small_chain(3);
    auto const add = [&](base::ByteView block, Verified verified) {
        return store.on_block(m::Format::berkeley, base::SharedBytes::copy_of(block), now_ms, verified);
    };
    auto const state = header_of(blocks[2]).state;
    EXPECT_TRUE(add(with_other_proof(blocks[2]), Verified::no));
    EXPECT_EQ(add(blocks[2], Verified::no).error().by_tree, mina::block_tree::Refusal::duplicate);
    EXPECT_TRUE(base::equal(store.block(state)->view(), with_other_proof(blocks[2])));
    EXPECT_TRUE(add(blocks[2], Verified::yes)->is_replaced);
    EXPECT_TRUE(base::equal(store.block(state)->view(), blocks[2]));
    EXPECT_FALSE(add(with_other_proof(blocks[2]), Verified::no));
    EXPECT_FALSE(add(with_other_proof(blocks[2]), Verified::yes));
    EXPECT_EQ(store.status().held_bytes, blocks[2].size());
    EXPECT_EQ(store.status().block_bytes, blocks[2].size());
}

TEST(recent_store_blocks, without_a_place_are_refused) {
    auto config = small_config();
    config.blocks.k = 2;
    auto const blocks = small_chain(8);
    auto const forged = mina::made_chain::made_chain(m::Format::berkeley, 5, 8, start_ms, 512 * 1024).back();
    config.blocks.bytes_max = forged.size() * 2;  // of which a quarter is for what is off the chain
    RecentStore store(":memory:", config, start_ms);
    for (auto const& block : blocks) {
        auto const time = header_of(block).timestamp_ms;
        ASSERT_TRUE(store.on_block(m::Format::berkeley, base::SharedBytes::copy_of(block), time));
    }
    auto const time = header_of(blocks[7]).timestamp_ms;
    auto const refused = store.on_block(m::Format::berkeley, base::SharedBytes::copy_of(forged), time);
    EXPECT_EQ(refused.error().by_tree, mina::block_tree::Refusal::crowded_out);
    EXPECT_EQ(store.status().blocks, 8U);
}

TEST(recent_store_blocks, the_best_are_listed) {
    RecentStore store(":memory:", small_config(), now_ms);
    auto const blocks = small_chain(6);
    add_all(store, blocks);
    auto const recent = store.recent(4);
    ASSERT_EQ(recent.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(recent[i].header, header_of(blocks[5 - i]));
    EXPECT_EQ(recent[0].received_ms, now_ms);
    EXPECT_EQ(store.status().best_tip->header, recent[0].header);
}

TEST(recent_store_blocks, stay_within_memory_without_a_file) {
    auto config = small_config();
    auto const blocks = small_chain(20);
    config.held_bytes_max = blocks[0].size() * 13 / 2;  // all are about as large
    RecentStore store(":memory:", config, now_ms);
    add_all(store, blocks);
    auto const status = store.status();
    EXPECT_LE(status.block_bytes, config.held_bytes_max);
    EXPECT_EQ(status.held_bytes, status.block_bytes);
    EXPECT_EQ(status.blocks, 6U);
    EXPECT_TRUE(ask(store, Method::get_best_tip, unit_query())) << "the last k are there";
}

TEST(recent_store_transactions, are_kept_once_until_they_expire_or_are_in_a_block) {
    auto config = small_config();
    config.transactions = {5, 100'000, 60'000};
    RecentStore store(":memory:", config, now_ms);
    std::vector<base::ByteString> commands;
    for (std::uint8_t i = 0; i < 6; ++i) commands.push_back(random_value("signed-command", i));
    for (auto& command : commands) command.insert(command.begin(), 0);  // a user command
    auto const add = [&](std::vector<base::ByteString> const& some, std::uint64_t at) {
        return store.on_transactions(m::Format::berkeley, transactions(some), at).value();
    };
    EXPECT_EQ(add({commands[0], commands[1]}, now_ms), 2U);
    EXPECT_EQ(add({commands[1], commands[2]}, now_ms + 30'000), 1U);
    EXPECT_EQ(store.status().transactions, 3U);
    mina::binprot::Arena arena;
    auto const& command = decoded<mina::berkeley::UserCommand>(commands[0], arena);
    auto const hash = mina::hashes::transaction_hash(command);
    EXPECT_EQ(base::to_byte_string(store.transaction(hash)->view()), commands[0]);
    store.expire(now_ms + 60'000);
    EXPECT_EQ(store.status().transactions, 1U);
    EXPECT_FALSE(store.transaction(hash));
    EXPECT_EQ(add(commands, now_ms + 60'000), 5U);
    EXPECT_EQ(store.status().transactions, 5U) << "the bound";
    EXPECT_FALSE(store.on_transactions(m::Format::berkeley, base::as_bytes("no diff"), now_ms));
    store.expire(0);
    EXPECT_EQ(store.status().transactions, 5U) << "a clock that went back";
}

TEST(recent_store_works, the_first_for_the_same_statements_stays_unless_another_is_verified) {
    RecentStore store(":memory:", small_config(), now_ms);
    auto const diff = random_work(1);
    mina::binprot::Arena arena;
    auto const& original = decoded<mina::berkeley::SnarkPoolDiff>(diff, arena);
    auto const add = [&](std::uint64_t fee, Verified verified) {
        auto work = *original.add_solved_work;
        work.second.fee.fee = fee;
        auto const bytes = m::encode(mina::berkeley::SnarkPoolDiff{.add_solved_work = &work});
        return store.on_snark_work(m::Format::berkeley, bytes, now_ms, verified).value();
    };
    EXPECT_TRUE(add(100, Verified::no));
    EXPECT_FALSE(add(0, Verified::no)) << "a fee is a claim";
    EXPECT_TRUE(add(50, Verified::yes));
    EXPECT_FALSE(add(0, Verified::no));
    EXPECT_FALSE(add(50, Verified::yes));
    EXPECT_TRUE(add(7, Verified::yes));
    EXPECT_EQ(store.status().works, 1U);
    auto const answer = ask(store, Method::get_completed_snarks, unit_query());
    ASSERT_TRUE(answer);
    auto const& work = decoded<mina::mesa::GetCompletedSnarksResponse>(*answer, arena).value->operator[](0);
    EXPECT_EQ(work.fee, 7U);
    EXPECT_EQ(mina::hashes::snark_work_key(work), mina::hashes::snark_work_key(original.add_solved_work->second.proof));
    EXPECT_EQ(store.on_snark_work(m::Format::berkeley, base::ByteString{1}, now_ms), false) << "an empty diff";
}

TEST(recent_store_works, at_most_32_of_the_format_are_given) {
    RecentStore store(":memory:", small_config({m::Format::mesa, m::Format::mesa_array_inputs}), now_ms);
    for (std::uint8_t i = 0; i < 40; ++i) {
        EXPECT_EQ(store.on_snark_work(m::Format::mesa, random_work(i, m::Format::mesa), now_ms), true);
    }
    auto const format = m::Format::mesa_array_inputs;
    EXPECT_EQ(store.on_snark_work(format, random_work(50, format), now_ms), true);
    mina::binprot::Arena arena;
    auto const many = ask(store, Method::get_completed_snarks, unit_query(), m::Format::mesa);
    EXPECT_EQ(decoded<mina::mesa::GetCompletedSnarksResponse>(*many, arena).value->size(), 32U);
    auto const one = ask(store, Method::get_completed_snarks, unit_query(), format);
    EXPECT_EQ(decoded<mina::mesa_array_inputs::GetCompletedSnarksResponse>(*one, arena).value->size(), 1U);
}

TEST(recent_store_works, what_a_block_has_used_is_given_no_more) {
    RecentStore store(":memory:", small_config(), now_ms);
    // A block with work in it, and the same work as gossip.
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        auto const block = mina::made_chain::made_chain(m::Format::berkeley, seed, 1, start_ms, 64 * 1024)[0];
        mina::binprot::Arena arena;
        auto const& decoded_block = decoded<mina::berkeley::Block>(block, arena);
        auto const& works = decoded_block.body.staged_ledger_diff.diff.first.completed_works;
        if (works.empty()) continue;
        auto const other = random_work(3);
        auto solved = *decoded<mina::berkeley::SnarkPoolDiff>(other, arena).add_solved_work;
        solved.second = {works[0].proofs, {works[0].fee, works[0].prover}};
        auto const diff = m::encode(mina::berkeley::SnarkPoolDiff{.add_solved_work = &solved});
        EXPECT_EQ(store.on_snark_work(m::Format::berkeley, diff, now_ms), true);
        EXPECT_EQ(store.on_snark_work(m::Format::berkeley, other, now_ms), true);
        EXPECT_EQ(store.status().works, 2U);
        ASSERT_TRUE(store.on_block(m::Format::berkeley, base::SharedBytes::copy_of(block), now_ms));
        EXPECT_EQ(store.status().works, 1U);
        return;
    }
    FAIL() << "no block had any work";
}

TEST(recent_store_gossip, is_taken_whole) {
    RecentStore store(":memory:", small_config(), now_ms);
    auto const gossip = [&](std::uint8_t tag, base::ByteString const& value) {
        base::ByteString bytes{tag};
        base::append(bytes, value);
        if (tag != 0) bytes.push_back(9);  // the nonce
        return store.on_gossip(m::Format::berkeley, base::SharedBytes::take(m::framed(bytes)), now_ms);
    };
    EXPECT_TRUE(gossip(0, small_chain(1)[0]));
    EXPECT_TRUE(gossip(1, random_work(2)));
    auto command = random_value("signed-command", 1);
    command.insert(command.begin(), 0);
    EXPECT_TRUE(gossip(2, transactions({command})));
    auto const status = store.status();
    EXPECT_EQ(status.blocks, 1U);
    EXPECT_EQ(status.works, 1U);
    EXPECT_EQ(status.transactions, 1U);
    EXPECT_THAT(store.take_warnings(), IsEmpty());
}

}  // namespace
}  // namespace runtime::testing
