// Goal: a state has the hash that Mina's nodes give it, and each thing wrong in it is said. Method: a block of devnet
// with all that its hash is made of; states with hashes of the shared folder; a state whose values all differ, and
// lists of other lengths, hashed by another implementation (in Python, from the description of the hash alone).
#include "mina/hashes/state_hash.h"

#include "base/testing/counted_new.h"
#include "mina/hashes/body_input.h"
#include "mina/hashes/prefixes.h"
#include "mina/hashes/test_vectors.h"
#include "mina/json/read.h"
#include "mina/text/base58check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace mina::hashes {
namespace {

using vectors::devnet;
using vectors::Decoded;
using Reason = HashError::Reason;

constexpr auto devnet_hash = "3NK56ZbCS31qb8SvCtCCYza4beRDtKgXA2JL6s3evKouG2KkKtiy";
constexpr auto devnet_body_hash = "3WvKYEqnshzrLVGxkobdJKzAE6F5eW6aurNpMibqyWvdhdVSXEdu";

// The number, its most significant digit first.
std::string digits(crypto::Fp const& element) {
    auto bytes = element.to_bytes();
    std::ranges::reverse(bytes);
    return "0x" + base::to_hex(bytes);
}

std::vector<std::string> elements_of(berkeley::ProtocolStateBody const& body) {
    BodyPacker packer;
    EXPECT_TRUE(append_body(body, packer));
    std::vector<std::string> all;
    for (auto const& element : packer.finish()) all.push_back(digits(element));
    return all;
}

std::string hash_of(berkeley::ProtocolState const& state) {
    auto const hash = state_hash(state);
    return hash ? to_string(*hash) : to_string(hash.error());
}

std::string hash_of(base::ByteString bytes) { return hash_of(*Decoded<berkeley::ProtocolState>(std::move(bytes))); }

TEST(state_hash, begins_where_its_prefixes_say) {
    EXPECT_EQ(state_prefix, crypto::poseidon_prefix(state_prefix_name));
    EXPECT_EQ(body_prefix, crypto::poseidon_prefix(body_prefix_name));
}

TEST(state_hash, of_a_block_of_devnet) {
    auto const state = devnet();
    auto const hashes = state_hashes(*state);
    ASSERT_TRUE(hashes);
    EXPECT_EQ(to_string(hashes->state), devnet_hash);
    EXPECT_EQ(to_string(hashes->body), devnet_body_hash);
    EXPECT_EQ(base::to_hex(hashes->state.bytes), "0500da2609ddd6d30e08bc50f1af91b30547c4b1de40f7f111dd070d2ebfac2e");
    EXPECT_EQ(state_hash(*state), hashes->state);
    EXPECT_EQ(body_hash(state->body), hashes->body);
    EXPECT_EQ(state_hash_after(StateHash{state->previous_state_hash->bytes}, hashes->body), hashes->state);
}

TEST(state_hash, allocates_nothing) {
    auto const state = devnet();
    auto const before = base::testing::allocations.count;
    auto const hash = state_hash(*state);
    EXPECT_EQ(base::testing::allocations.count, before);
    EXPECT_TRUE(hash);
    state->body.blockchain_state.body_reference = {};
    auto const error = state_hash(*state);
    EXPECT_EQ(base::testing::allocations.count, before);
    EXPECT_FALSE(error);
}

TEST(state_hash, packs_small_numbers_in_order) {
    auto const elements = elements_of(devnet()->body);
    std::vector<std::string> const packed(elements.begin() + body_fields, elements.end());
    EXPECT_EQ(packed, (std::vector<std::string>{
        "0x0000004880000000000006f900000001c000021c00000063b12a46202b628cf4",
        "0x00000002373d244a8c814a0eb868ad75e7e6c613d4c3c26dcbf096dfd7449971",
        "0x0000000000000000000000100000000000000008000000060000000000000001",
        "0x0000000000000000000000100000000c00003456f018f8020000000000000001",
        "0x000000000000000020000032537a3444113634a59ddc4229604cbf480d050ca3",
        "0x000000057abde50c3645013a95569941f87022d10005762e0000000c00000003",
        "0x0000000000000006000000010000000500000007000000030000000300000003",
        "0x000000008000000180000000c0000001420eb1c587ee0cfb7b9083ba016a6397",
        "0x000000004c3f7536db4ac3ddff264a4c999880001432680fe0d5d9e8000165f5",
        "0x000000000000000000006f900020ce670000125f141bf02887f3b7e800000fbe",
        "0x000000000000000000000000000000000000000000000000a13ebe2813a4ff47",
    }));
}

TEST(state_hash, goes_through_all_elements_of_the_trace) {
    auto const trace = vectors::read_json("state/devnet-357934-trace.json");
    if (!trace) GTEST_SKIP() << vectors::berkeley_folder << " is not here";
    auto const state = devnet();
    EXPECT_EQ(elements_of(state->body), (*trace)["elements"].get<std::vector<std::string>>());
    // The whole sponge, since a wrong one may end right only by chance.
    BodyPacker packer;
    ASSERT_TRUE(append_body(state->body, packer));
    auto const elements = packer.finish();
    auto const& after = (*trace)["sponge_after_each_permutation"];
    ASSERT_EQ(after.size(), (elements.size() + 1) / 2);
    auto sponge = body_prefix;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        sponge[i % 2] = sponge[i % 2] + elements[i];
        if (i % 2 == 0 && i + 1 != elements.size()) continue;
        crypto::poseidon_permute(sponge);
        std::vector<std::string> const lanes{digits(sponge[0]), digits(sponge[1]), digits(sponge[2])};
        EXPECT_EQ(lanes, after[i / 2].get<std::vector<std::string>>()) << "permutation " << i / 2;
    }
    EXPECT_EQ(to_string(*body_hash(state->body)), (*trace)["body_hash_text"].get<std::string>());
    EXPECT_EQ(hash_of(*state), (*trace)["state_hash_text"].get<std::string>());
}

TEST(state_hash, of_the_golden_states) {
    std::pair<char const*, char const*> const states[] = {
        {"protocol-state", "protocol-state.bin"},
        {"protocol-state-617", "golden/protocol-state-617.bin"},
        {"protocol-state-fork-a", "golden/protocol-state-fork-a.bin"},
        {"protocol-state-fork-b", "golden/protocol-state-fork-b.bin"},
    };
    for (auto const& [of, file] : states) {
        auto const bytes = vectors::read(file);
        auto const hash = vectors::golden_hash(of, "state_hash");
        if (!bytes || !hash) GTEST_SKIP() << vectors::berkeley_folder << " is not here";
        EXPECT_EQ(hash_of(*bytes), *hash) << of;
    }
    auto const block = vectors::read("devnet-357934-block.bin");
    ASSERT_TRUE(block);
    EXPECT_EQ(hash_of(Decoded<berkeley::Block>(*block)->header.protocol_state),
              vectors::golden_hash("block-357934", "state_hash"));
}

TEST(state_hash, of_a_block_of_mesa) {
    std::string const name = "3NLP4wdhHVC6iPJPui2yZhL2BWbLMMqJNyBBVzYTpYvp7HP878Bd";
    std::ifstream file(vectors::berkeley_folder + "../mesa/mesa-devnet-546365-" + name + ".json");
    if (!file) GTEST_SKIP() << vectors::berkeley_folder << " is not here";
    std::string const text(std::istreambuf_iterator<char>(file), {});
    auto const* const root = schema::find_root(messages::schema_of(messages::Format::mesa), "@protocol_state:38");
    ASSERT_NE(root, nullptr);
    auto const bytes = json::read_json(*root->type, text);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(hash_of(*bytes), name);
}

// Values which are equal in every state that is known, so that their order could not be told.
TEST(state_hash, of_a_state_whose_values_all_differ) {
    auto const state = devnet();
    binprot::Field numbers[17];
    for (std::size_t i = 0; i < std::size(numbers); ++i) numbers[i].bytes[0] = static_cast<std::uint8_t>(i);
    using berkeley::Sign;
    auto& statement = state->body.blockchain_state.ledger_proof_statement;
    auto const set = [&](berkeley::LocalState& local, std::size_t first, Sign excess, Sign supply) {
        local.call_stack = &numbers[first];
        local.transaction_commitment = &numbers[first + 1];
        local.full_transaction_commitment = &numbers[first + 2];
        local.ledger = &numbers[first + 3];
        local.excess = {first + 4, excess};
        local.supply_increase = {first + 5, supply};
        local.account_update_index = static_cast<std::uint32_t>(first + 6);
        local.success = supply == Sign::neg;
        local.will_succeed = supply == Sign::pos;
    };
    set(statement.source.local_state, 1, Sign::neg, Sign::pos);
    set(statement.target.local_state, 8, Sign::pos, Sign::neg);
    auto stack = *statement.source.pending_coinbase_stack;
    stack.state.init = numbers[15];
    statement.source.pending_coinbase_stack = &stack;
    statement.fee_excess.fee_token_l = &numbers[16];
    statement.fee_excess.fee_excess_l = {17, Sign::neg};
    statement.fee_excess.fee_excess_r = {18, Sign::pos};
    statement.supply_increase = {19, Sign::neg};
    auto& consensus = state->body.consensus_state;
    consensus.has_ancestor_in_same_checkpoint_window = false;
    consensus.total_currency = ~std::uint64_t{0};
    auto winner = *consensus.block_stake_winner;
    winner.is_odd = false;
    consensus.block_stake_winner = &winner;
    EXPECT_EQ(hash_of(*state), "3NKwVBChjjj6PyxqTrzbSo38sBQz6JThoaRKGCJTPptZuAk6bjmB");
}

// 100, 101, …
std::string hash_with_densities(std::uint32_t count) {
    auto const state = devnet();
    base::ByteString bytes(5 * count);
    binprot::Writer writer(bytes);
    for (std::uint32_t i = 0; i < count; ++i) writer.put_integer(100 + i);
    state->body.consensus_state.sub_window_densities = {base::ByteView(bytes).first(writer.size()), count};
    return hash_of(*state);
}

TEST(state_hash, of_other_numbers_of_densities) {
    EXPECT_EQ(hash_with_densities(0), "3NKhTMJfkkXx1fLmEPaaY4rutsNoE7DYPhb7PEvTaigu9CtSPxoS");
    EXPECT_EQ(hash_with_densities(10), "3NKU5HyFXk1xKEsrqEfxS9qPA5CN7tkfE2hr6BL3oitrXaVyS49Y");
    EXPECT_EQ(hash_with_densities(12), "3NKVkN9C1C3jQWihwxjFRuAUiiXaX8dQSDFcKM1wZ1jcBBvjkchH");
    EXPECT_EQ(hash_with_densities(sub_window_densities_max), "3NKzCTQTMJazJeSyEt7CWcSiWa8eXCj9NhrifMvu6TsNU692PU4V");
    EXPECT_EQ(hash_with_densities(sub_window_densities_max + 1),
              "consensus_state.sub_window_densities: too many elements");
}

TEST(state_hash, leaves_out_three_bits_of_the_vrf_output_and_the_table_of_failures) {
    auto const state = devnet();
    auto output = base::to_byte_string(state->body.consensus_state.last_vrf_output);
    state->body.consensus_state.last_vrf_output = output;
    for (unsigned bit = 5; bit < 8; ++bit) {
        output[31] = static_cast<std::uint8_t>(1U << bit);
        EXPECT_EQ(hash_of(*state), devnet_hash) << bit;
    }
    output[31] = 1U << 4;
    EXPECT_NE(hash_of(*state), devnet_hash);
    output[31] = 0;
    base::ByteString const no_failures{0};
    state->body.blockchain_state.ledger_proof_statement.target.local_state.failure_status_tbl = {no_failures, 1};
    EXPECT_EQ(hash_of(*state), devnet_hash);
}

struct NamedField {
    binprot::Field const* field;
    std::string_view within;
    std::string_view name;
};

void append_registers(berkeley::Registers const& registers, std::string_view within, std::vector<NamedField>& to) {
    auto const& stack = *registers.pending_coinbase_stack;
    auto const& local = registers.local_state;
    to.insert(to.end(), {
        {registers.first_pass_ledger, within, "first_pass_ledger"},
        {registers.second_pass_ledger, within, "second_pass_ledger"},
        {&stack.data, within, "pending_coinbase_stack.data"},
        {&stack.state.init, within, "pending_coinbase_stack.state.init"},
        {&stack.state.curr, within, "pending_coinbase_stack.state.curr"},
        {local.stack_frame, within, "local_state.stack_frame"},
        {local.call_stack, within, "local_state.call_stack"},
        {local.transaction_commitment, within, "local_state.transaction_commitment"},
        {local.full_transaction_commitment, within, "local_state.full_transaction_commitment"},
        {local.ledger, within, "local_state.ledger"},
    });
}

void append_epoch(berkeley::EpochData const& epoch, std::string_view within, std::vector<NamedField>& to) {
    to.insert(to.end(), {
        {epoch.seed, within, "seed"},
        {epoch.start_checkpoint, within, "start_checkpoint"},
        {epoch.lock_checkpoint, within, "lock_checkpoint"},
        {epoch.ledger.hash, within, "ledger.hash"},
    });
}

std::vector<NamedField> fields_of(berkeley::ProtocolState const& state) {
    auto const& blockchain = state.body.blockchain_state;
    auto const& staged = blockchain.staged_ledger_hash;
    auto const& statement = blockchain.ledger_proof_statement;
    auto const& consensus = state.body.consensus_state;
    constexpr std::string_view staged_name = "blockchain_state.staged_ledger_hash.";
    constexpr std::string_view statement_name = "blockchain_state.ledger_proof_statement.";
    std::vector<NamedField> all{
        {state.previous_state_hash, "", "previous_state_hash"},
        {state.body.genesis_state_hash, "", "genesis_state_hash"},
        {staged.non_snark.ledger_hash, staged_name, "non_snark.ledger_hash"},
        {staged.pending_coinbase_hash, staged_name, "pending_coinbase_hash"},
        {blockchain.genesis_ledger_hash, "blockchain_state.", "genesis_ledger_hash"},
        {statement.connecting_ledger_left, statement_name, "connecting_ledger_left"},
        {statement.connecting_ledger_right, statement_name, "connecting_ledger_right"},
        {statement.fee_excess.fee_token_l, statement_name, "fee_excess.fee_token_l"},
        {statement.fee_excess.fee_token_r, statement_name, "fee_excess.fee_token_r"},
        {&consensus.block_stake_winner->x, "consensus_state.", "block_stake_winner"},
        {&consensus.block_creator->x, "consensus_state.", "block_creator"},
        {&consensus.coinbase_receiver->x, "consensus_state.", "coinbase_receiver"},
    };
    append_registers(statement.source, "blockchain_state.ledger_proof_statement.source.", all);
    append_registers(statement.target, "blockchain_state.ledger_proof_statement.target.", all);
    append_epoch(consensus.staking_epoch_data, "consensus_state.staking_epoch_data.", all);
    append_epoch(consensus.next_epoch_data, "consensus_state.next_epoch_data.", all);
    return all;
}

TEST(state_hash, names_a_field_that_is_not_below_the_modulus) {
    auto const state = devnet();
    auto const fields = fields_of(*state);
    ASSERT_EQ(fields.size(), body_fields + 2);
    for (auto const& [field, within, name] : fields) {
        auto const offset = reinterpret_cast<std::uint8_t const*>(field) - state.bytes().data();
        auto const place = std::span(state.bytes()).subspan(static_cast<std::size_t>(offset), 32);
        auto const before = base::to_byte_string(place);
        auto modulus = *base::from_hex("01000000ed302d991bf94c09fc98462200000000000000000000000000000040");
        std::ranges::copy(modulus, place.begin());
        EXPECT_EQ(state_hash(*state), base::fail(HashError{Reason::not_reduced, within, name})) << within << name;
        // One less is the last element.
        place[0] = 0;
        EXPECT_TRUE(state_hash(*state)) << within << name;
        std::ranges::copy(before, place.begin());
    }
    EXPECT_EQ(hash_of(*state), devnet_hash);
}

TEST(state_hash, names_a_string_of_another_size) {
    auto const state = devnet();
    auto& blockchain = state->body.blockchain_state;
    auto& non_snark = blockchain.staged_ledger_hash.non_snark;
    constexpr std::string_view staged = "blockchain_state.staged_ledger_hash.";
    std::tuple<base::ByteView*, std::string_view, std::string_view> const strings[] = {
        {&non_snark.aux_hash, staged, "non_snark.aux_hash"},
        {&non_snark.pending_coinbase_aux, staged, "non_snark.pending_coinbase_aux"},
        {&blockchain.body_reference, "blockchain_state.", "body_reference"},
        {&state->body.consensus_state.last_vrf_output, "consensus_state.", "last_vrf_output"},
    };
    base::ByteString const longer(33);
    for (auto const& [string, within, name] : strings) {
        auto const before = *string;
        for (auto const size : {0U, 31U, 33U}) {
            *string = base::ByteView(longer).first(size);
            EXPECT_EQ(state_hash(*state), base::fail(HashError{Reason::wrong_size, within, name})) << name << size;
        }
        *string = before;
    }
    EXPECT_EQ(to_string(HashError{Reason::wrong_size, staged, "non_snark.aux_hash"}),
              "blockchain_state.staged_ledger_hash.non_snark.aux_hash: not 32 bytes");
}

}  // namespace
}  // namespace mina::hashes
