// Goal: a command has the hash that Mina's nodes and explorers show, in each format, whatever its signatures and
// proofs. Method: commands with hashes made by Mina's own programs; then commands of any form and depth, random ones
// too (seed 1), whose signatures and proofs are made the dummies, so that their hash is that of their bytes.
#include "mina/hashes/transaction_hash.h"

#include "base/rng.h"
#include "crypto/hash.h"
#include "mina/hashes/test_vectors.h"
#include "mina/schema/random.h"

#include <gtest/gtest.h>

#include <set>

namespace mina::hashes {
namespace {

using vectors::command_of;
using vectors::Decoded;

template <class Command>
std::string hash_of(base::ByteString bytes) {
    return to_string(transaction_hash(*Decoded<Command>(std::move(bytes))));
}

// As a user command: behind its tag.
template <class Command>
std::string hash_of_tagged(std::uint8_t tag, base::ByteString bytes) {
    bytes.insert(bytes.begin(), tag);
    return hash_of<Command>(std::move(bytes));
}

constexpr auto payment_hash = "5JuJ1eRNWdE8jSMmCDoHnAdBGhLyBnCk2gkcvkfCZ7WvrKtGuWHB";
constexpr auto delegation_hash = "5JuxmpfYqwaAS5BzTGNGiseD7TCQiP7Jc9dY1mTdWL5XCMUHM339";

TEST(transaction_hash, of_signed_commands_of_mainnet) {
    auto const payment = command_of(vectors::payment_id);
    auto const delegation = command_of(vectors::delegation_id);
    EXPECT_EQ(hash_of<berkeley::SignedCommand>(payment), payment_hash);
    EXPECT_EQ(hash_of<berkeley::SignedCommand>(delegation), delegation_hash);
    EXPECT_EQ(base::to_hex(transaction_hash(*Decoded<berkeley::SignedCommand>(payment)).bytes),
              "69d4d373f7ce5a4936ca56b614b6bbc139f36a09c7985f626868cb0301e44fdd");
}

TEST(transaction_hash, of_signed_commands_is_the_same_in_all_formats) {
    auto const payment = command_of(vectors::payment_id);
    EXPECT_EQ(hash_of_tagged<berkeley::UserCommand>(0, payment), payment_hash);
    EXPECT_EQ(hash_of_tagged<mesa::UserCommand>(0, payment), payment_hash);
    EXPECT_EQ(hash_of_tagged<mesa_array_inputs::UserCommand>(0, payment), payment_hash);
}

// The first is of Berkeley's unit tests and the last of Mesa's; the one between them, of another implementation.
TEST(transaction_hash, of_zkapp_commands_goes_by_the_format) {
    auto const berkeley = vectors::empty_command(8, dummy_proof);
    auto const mesa = vectors::empty_command(32, dummy_proof);
    auto const array_inputs = vectors::empty_command(32, vectors::array_inputs_proof());
    auto const berkeley_hash = "5JtWZqwvKEgSMSHbDhYXg6s76GhfBNscQtxLKXnT6YYTsUKQkcpV";
    auto const mesa_hash = "5Ju9x9Wq7Thdv5m2bd6FP5cYvS8TU8CMi9JwezaafbVtNCZjPTn1";
    auto const array_inputs_hash = "5JugPe4YYJuFv2LpBZVCqb6Tw3HYaEULeTjcpQ2eP4WWNTr5jzvH";
    EXPECT_EQ(hash_of<berkeley::ZkappCommand>(berkeley), berkeley_hash);
    EXPECT_EQ(hash_of<mesa::ZkappCommand>(mesa), mesa_hash);
    EXPECT_EQ(hash_of<mesa_array_inputs::ZkappCommand>(array_inputs), array_inputs_hash);
    EXPECT_EQ(hash_of_tagged<berkeley::UserCommand>(1, berkeley), berkeley_hash);
    EXPECT_EQ(hash_of_tagged<mesa::UserCommand>(1, mesa), mesa_hash);
    EXPECT_EQ(hash_of_tagged<mesa_array_inputs::UserCommand>(1, array_inputs), array_inputs_hash);
}

TEST(transaction_hash, of_the_golden_commands) {
    auto const block_bytes = vectors::read("devnet-357934-block.bin");
    if (!block_bytes) GTEST_SKIP() << vectors::berkeley_folder << " is not here";
    auto const key = "transaction_hash";
    auto const block = Decoded<berkeley::Block>(*block_bytes);
    auto const& commands = block->body.staged_ledger_diff.diff.first.commands;
    ASSERT_EQ(commands.size(), 6U);
    for (std::size_t i = 0; i < commands.size(); ++i) {
        auto const of = "command " + std::to_string(i) + " of block-357934";
        EXPECT_EQ(to_string(transaction_hash(commands[i].data)), vectors::golden_hash(of, key)) << of;
    }
    EXPECT_EQ(hash_of<berkeley::ZkappCommand>(*vectors::read("zkapp/valid_zkapp.bin")),
              vectors::golden_hash("zkapp-valid", key));
    EXPECT_EQ(hash_of<berkeley::ZkappCommand>(*vectors::read("zkapp/with_sig_auth.bin")),
              vectors::golden_hash("zkapp-with-sig-auth", key));
    // Calls three deep and every variant; from another implementation.
    EXPECT_EQ(hash_of<berkeley::ZkappCommand>(*vectors::read("golden/zkapp-rich.bin")),
              "5JukXv8CZHH9n2vkJpvCYHbu2TngkKtR4xm8F65vDNH7tNJJRBkt");
}

TEST(transaction_hash, does_not_see_the_signature_of_a_signed_command) {
    auto bytes = command_of(vectors::payment_id);
    for (std::size_t i = bytes.size() - 64; i < bytes.size(); ++i) bytes[i] ^= 0x15;
    EXPECT_EQ(hash_of<berkeley::SignedCommand>(bytes), payment_hash);
}

TEST(transaction_hash, sees_all_else_of_a_signed_command) {
    auto bytes = command_of(vectors::payment_id);
    // A bit of the x coordinates and of the memo each: the command is well-formed still.
    auto const command = Decoded<berkeley::SignedCommand>(bytes);
    auto const& common = command->payload.common;
    auto const& receiver = *command->payload.body.payment.receiver_pk;
    for (auto const* place : {common.fee_payer_pk->x.bytes.data(), receiver.x.bytes.data(),
                              command->signer->x.bytes.data(), common.memo.data() + 2}) {
        auto other = bytes;
        other[static_cast<std::size_t>(place - command.bytes().data())] ^= 1;
        EXPECT_NE(hash_of<berkeley::SignedCommand>(other), payment_hash);
    }
    for (auto* const number : {&command->payload.common.fee, &command->payload.body.payment.amount}) {
        ++*number;
        EXPECT_NE(to_string(transaction_hash(*command)), payment_hash);
        --*number;
    }
    EXPECT_EQ(to_string(transaction_hash(*command)), payment_hash);
}

template <class Format>
class zkapp_command_hash : public testing::Test {};

struct Berkeley {
    static constexpr auto format = messages::Format::berkeley;
    using Command = berkeley::ZkappCommand;
    using Tree = berkeley::CallTree;
    using Proof = berkeley::SideLoadedProof;
    static base::ByteString dummy() { return base::to_byte_string(dummy_proof); }
    static constexpr std::size_t state_slots = 8;
};
struct Mesa {
    static constexpr auto format = messages::Format::mesa;
    using Command = mesa::ZkappCommand;
    using Tree = mesa::CallTree;
    using Proof = mesa::SideLoadedProof;
    static base::ByteString dummy() { return base::to_byte_string(dummy_proof); }
    static constexpr std::size_t state_slots = 32;
};
struct MesaArrayInputs {
    static constexpr auto format = messages::Format::mesa_array_inputs;
    using Command = mesa_array_inputs::ZkappCommand;
    using Tree = mesa_array_inputs::CallTree;
    using Proof = mesa_array_inputs::SideLoadedProof;
    static base::ByteString dummy() { return vectors::array_inputs_proof(); }
    static constexpr std::size_t state_slots = 32;
};

using Formats = testing::Types<Berkeley, Mesa, MesaArrayInputs>;
TYPED_TEST_SUITE(zkapp_command_hash, Formats);

// The bytes of the command are those that are hashed: its authorizations are dummies.
template <class Command>
std::string hash_of_bytes(Command const& command) {
    return to_string(TransactionHash{crypto::blake2b_256(messages::encode(command))});
}

TYPED_TEST(zkapp_command_hash, does_not_see_signatures_and_proofs) {
    auto const original = Decoded<typename TypeParam::Command>(
        vectors::empty_command(TypeParam::state_slots, TypeParam::dummy()));
    auto const before = to_string(transaction_hash(*original));
    EXPECT_EQ(before, hash_of_bytes(*original));
    berkeley::Signature signature{};
    signature.rx.bytes[5] = 77;
    original->fee_payer.authorization = &signature;
    auto const& update = original->account_updates[0].elt.account_update;
    const_cast<typename TypeParam::Proof*>(update.authorization.proof)->prev_evals.ft_eval1 = &signature.rx;
    EXPECT_NE(hash_of_bytes(*original), before);
    EXPECT_EQ(to_string(transaction_hash(*original)), before);
}

TYPED_TEST(zkapp_command_hash, sees_which_kind_an_authorization_is) {
    auto const original = Decoded<typename TypeParam::Command>(
        vectors::empty_command(TypeParam::state_slots, TypeParam::dummy()));
    using Control = std::remove_cvref_t<decltype(original->account_updates[0].elt.account_update.authorization)>;
    auto& control = const_cast<Control&>(original->account_updates[0].elt.account_update.authorization);
    std::set<std::string> hashes{to_string(transaction_hash(*original))};
    auto const signature = std::bit_cast<berkeley::Signature>(dummy_signature);
    control.signature = &signature;
    control.kind = Control::Kind::signature;
    EXPECT_EQ(to_string(transaction_hash(*original)), hash_of_bytes(*original));
    hashes.insert(to_string(transaction_hash(*original)));
    control.kind = Control::Kind::none_given;
    EXPECT_EQ(to_string(transaction_hash(*original)), hash_of_bytes(*original));
    hashes.insert(to_string(transaction_hash(*original)));
    EXPECT_EQ(hashes.size(), 3U);
}

// A tree as wide as it is deep, and a chain that is as deep as any that can be decoded.
TYPED_TEST(zkapp_command_hash, goes_through_nested_calls) {
    using Tree = TypeParam::Tree;
    auto const original = Decoded<typename TypeParam::Command>(
        vectors::empty_command(TypeParam::state_slots, TypeParam::dummy()));
    Tree const leaf = original->account_updates[0];
    Tree const leaves[] = {leaf, leaf, leaf};
    Tree const branches[] = {Tree{{leaf.elt.account_update, {leaves, 3}}}, leaf,
                             Tree{{leaf.elt.account_update, {leaves, 1}}}};
    Tree const roots[] = {leaf, Tree{{leaf.elt.account_update, {branches, 3}}},
                          Tree{{leaf.elt.account_update, {branches, 2}}}};
    original->account_updates = {roots, 3};
    EXPECT_EQ(to_string(transaction_hash(*original)), hash_of_bytes(*original));

    std::vector<Tree> chain(binprot::nesting_max, leaf);
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) chain[i].elt.calls = {&chain[i + 1], 1};
    original->account_updates = {chain.data(), 1};
    auto const again = Decoded<typename TypeParam::Command>(messages::encode(*original));
    EXPECT_EQ(to_string(transaction_hash(*again)), hash_of_bytes(*original));

    original->account_updates = {};
    EXPECT_EQ(to_string(transaction_hash(*original)), hash_of_bytes(*original));
}

// Makes all authorizations dummies, in place. How many proofs there were in calls of calls.
template <class Format>
std::size_t sign_with_dummies(typename Format::Command& command, typename Format::Proof const& proof,
                              berkeley::Signature const& signature) {
    using Tree = Format::Tree;
    command.fee_payer.authorization = &signature;
    std::size_t nested_proofs = 0;
    std::vector<binprot::List<Tree>> waiting{command.account_updates};
    while (!waiting.empty()) {
        auto const list = waiting.back();
        waiting.pop_back();
        for (auto const& tree : list) {
            auto& control = const_cast<Tree&>(tree).elt.account_update.authorization;
            if (control.proof != nullptr && list.begin() != command.account_updates.begin()) ++nested_proofs;
            control.proof = &proof;
            control.signature = &signature;
            waiting.push_back(tree.elt.calls);
        }
    }
    return nested_proofs;
}

TYPED_TEST(zkapp_command_hash, of_random_commands_is_that_of_their_bytes_with_dummies) {
    auto const& schema = messages::schema_of(TypeParam::format);
    auto const& type = *schema::find_root(schema, "@Mina_base.Zkapp_command.T.V1")->type;
    auto const proof = Decoded<typename TypeParam::Proof>(TypeParam::dummy());
    auto const signature = std::bit_cast<berkeley::Signature>(dummy_signature);
    base::Rng rng(base::Rng::Seed{1});
    std::size_t nested_proofs = 0;
    for (std::size_t i = 0; i < 200; ++i) {
        auto bytes = schema::random_value(type, {}, [&] { return rng.next(); });
        auto const command = Decoded<typename TypeParam::Command>(std::move(bytes));
        auto const hash = to_string(transaction_hash(*command));
        nested_proofs += sign_with_dummies<TypeParam>(*command, *proof, signature);
        EXPECT_EQ(hash, hash_of_bytes(*command)) << "command " << i;
    }
    EXPECT_GT(nested_proofs, 10U);
}

TEST(dummy_proof, is_the_one_of_the_protocol) {
    EXPECT_EQ(base::to_hex(crypto::sha256(dummy_proof)),
              "2259f95670c5a3a00e4bb09079ca15348ed18da507bd5b507c41a8a362e3498a");
    auto const proof = Decoded<berkeley::SideLoadedProof>(base::to_byte_string(dummy_proof));
    EXPECT_TRUE(base::equal(messages::encode(*proof), dummy_proof));
}

TEST(dummy_proof, has_its_public_inputs_where_they_become_arrays) {
    auto const pairs = Decoded<berkeley::SideLoadedProof>(base::to_byte_string(dummy_proof));
    auto const arrays = Decoded<mesa_array_inputs::SideLoadedProof>(vectors::array_inputs_proof());
    auto const& pair = *pairs->prev_evals.evals.public_input;
    auto const& both = arrays->prev_evals.evals.public_input;
    ASSERT_EQ(both.zeta.size(), 1U);
    ASSERT_EQ(both.zeta_omega.size(), 1U);
    EXPECT_EQ(both.zeta[0], pair.zeta);
    EXPECT_EQ(both.zeta_omega[0], pair.zeta_omega);
    EXPECT_EQ(reinterpret_cast<std::uint8_t const*>(&pair), pairs.bytes().data() + dummy_public_inputs_at);
    EXPECT_EQ(messages::encode(*arrays), vectors::array_inputs_proof());
}

// From another implementation.
TEST(transaction_hash, of_internal_commands) {
    auto const state = vectors::devnet();
    auto const* const key = state->body.consensus_state.block_creator;
    constexpr std::uint64_t fee = 12'345'678'901;
    binprot::Field const mina{{1}};
    EXPECT_EQ(to_string(transaction_hash(berkeley::FeeTransfer{.receiver_pk = key, .fee = fee, .fee_token = &mina})),
              "5JuooyMo59TFMV7vDXSphGXdWWanfE3bHSN25wUmmsLNyErvnZ2J");
    berkeley::CoinbaseFeeTransfer const transfer{.receiver_pk = key, .fee = fee};
    berkeley::Coinbase coinbase{.receiver = key, .amount = 720'000'000'000};
    EXPECT_EQ(to_string(transaction_hash(coinbase)), "5Jtfxk8FULmG9DisXkcG7tWM95T45Vb4ix19svLCsDCgDraSd9B7");
    coinbase.fee_transfer = &transfer;
    EXPECT_EQ(to_string(transaction_hash(coinbase)), "5JtwFZtmaaajGw7u88sinEdg64dzWLZzMvNNNUgzt1eiVF9nvzDi");
}

}  // namespace
}  // namespace mina::hashes
