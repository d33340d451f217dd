// summary: a gossip message in a few words, for people and for the events of a node.
//
//   summarize   decodes the message and takes out what one wants to know at a glance: of a block its hash, height,
//               slot, creator, transactions, fees, SNARK work and protocol version; of the others what they carry
//
// A state hash is computed (half a millisecond), so only what was validated should be summarized. Sums saturate.
#pragma once

#include "mina/hashes/snark_work_key.h"
#include "mina/hashes/state_hash.h"
#include "mina/messages/gossip.h"

#include <variant>

namespace mina::summary {

struct CommandCounts {
    std::size_t payments = 0;
    std::size_t delegations = 0;
    std::size_t zkapp_commands = 0;
    std::uint64_t fees_nanomina = 0;

    std::size_t total() const { return payments + delegations + zkapp_commands; }
    bool operator==(CommandCounts const&) const = default;
};

struct Block {
    std::optional<hashes::StateHash> state_hash;  // none when a part of the state is of a size that has no hash
    hashes::StateHash previous_state_hash;
    std::uint32_t height = 0;
    std::uint32_t global_slot = 0;      // since genesis
    std::uint32_t slot = 0;             // since the hard fork
    std::uint32_t epoch = 0;
    std::uint64_t timestamp_ms = 0;     // Unix time
    std::string creator;                // public keys, B62q…
    std::string coinbase_receiver;
    CommandCounts commands;
    std::size_t failed_commands = 0;    // of those: applied with the fee alone
    std::size_t snark_works = 0;
    std::uint64_t snark_fees_nanomina = 0;
    std::string protocol_version;       // "3.0.0"
    bool operator==(Block const&) const = default;
};

struct SnarkWork {
    std::size_t proofs = 0;             // 0: an empty diff
    std::uint64_t fee_nanomina = 0;
    std::string prover;
    std::optional<hashes::SnarkWorkKey> key;
    bool operator==(SnarkWork const&) const = default;
};

struct Transactions {
    CommandCounts commands;
    std::vector<hashes::TransactionHash> hashes;  // of the first transaction_hashes_max
    bool operator==(Transactions const&) const = default;
};

inline constexpr std::size_t transaction_hashes_max = 8;

using Summary = std::variant<Block, SnarkWork, Transactions>;

messages::GossipKind kind_of(Summary const& summary);

/// Of the payload of a gossip message; the error says what is wrong with it.
base::Result<Summary, std::string> summarize(messages::Format format, base::ByteView payload);

/// Of a block by itself.
base::Result<Block, std::string> summarize_block(messages::Format format, base::ByteView block);

}  // namespace mina::summary
