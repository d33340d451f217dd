// RecentStore: what passed by lately, kept within bounds, and what other nodes may be told from it. It is what a node
// answers from that runs without a full node: a relay, a seed, an observer.
//
//   recent_store.h  RecentStore, its Config and its status
//   block_file.h    the blocks in an SQLite file           pool.h     what is kept in memory, until it expires
//   answers.h       answers in bin_prot, around the bytes of blocks
//
//   on_block ───► block_tree: is it new, does it fit, which is the best tip ───► bytes: memory, then the file
//   on_transactions, on_snark_work ───► pools in memory
//   answer(method, version, format, query) ───► from the tree and the bytes; else "not found"
//
// It is honest: an answer is made of what was received and nothing else; what is not known is not found; a block of
// another format than asked for is not given. It is not a judge:
//
//   checked of a block       it is a message of its format; its state hash is that of its state; the body is the one
//                            that the state names (checks_bodies); what block_tree.h says of heights, slots and times
//   NOT VERIFIED             its proof, which no hash covers; its VRF and signatures; whether its transactions apply
//   NOT VERIFIED of others   SNARK work and transactions are messages of their format, no more
//
// Who wants to can forge a child of the real tip, which is then the best tip here. Mina's OCaml node bans whoever tells
// it of a best tip that does not prove right, and it asks the peers it meets. So answers_best_tip should be false
// unless all blocks come from a full node's verdict, or a ban is worth less than being of use; blocks by hash may be
// given in any case: who asks for those verifies them, and knows where the hash is from.
//
// Verified::yes says that a full node has accepted what is given. A verified block takes the place of one of its state
// hash that is not verified, in the file, too (its proof may have been another's); a verified work that of one for the
// same statements. Else what came first stays: nobody may take out what is good by what costs nothing to make.
//
// There are no ledgers here: get_staged_ledger, answer_sync_ledger_query and get_epoch_ledger are never answered.
//
//   get_best_tip, get_ancestry     the best tip, k blocks from its root, or nothing (any_length: what there is);
//                                  nothing without answers_best_tip
//   get_transition_chain           those blocks, if all are there (gaps_allowed: those that are), at most 20, and of
//                                  answer_bytes_max bytes in all
//   get_transition_knowledge       the hashes of the best chain, from its root to its tip
//   get_transition_chain_proof     from the oldest ancestor known
//   get_completed_snarks           at most 32 works that no block of the best chain has used, those seen first
//   get_node_status                what is known here and what the caller says; never that it is synced
//
// The file. Blocks are written as they come, each in a transaction (WAL, synchronous=NORMAL: a killed process loses
// nothing that on_block has returned from, a failing power supply at most the last blocks; neither damages the file).
// on_block writes on the caller's thread, to the system's cache, a few milliseconds for a MiB; every 4 MiB or so it
// waits for the disk, however slow that is.
// Nothing stops a node: what goes wrong is a warning, each once, and the store goes on from memory.
//
//   what happens                                 what is done
//   the file is damaged                          moved aside as NAME.damaged-UNIXTIME (3 are kept), and begun anew
//   it is of an older schema                     emptied, and begun anew
//   it is too small, another program's, of a     left alone: memory only in this run
//   newer schema, another network's, in use,
//   or cannot be opened or written
//   a write fails (full disk, I/O)               the block stays in memory, and is tried again with one that comes a
//                                                second later, or two, and so on up to five minutes; what is no longer
//                                                kept is erased first, and makes room
//   it turns out damaged while the node runs     not used any more in this run; blocks that were in it are forgotten
//   a row makes no sense, by its checksum        skipped and deleted
//   a block's bytes are not those that were      forgotten and deleted; the question is answered "not found"
//   written, by their hash
//
// Bounds: those of Config::blocks, of all blocks; held_bytes_max of blocks in memory (without a file, of all);
// the pools by number, bytes and age. What is least useful goes first, the best tip last. Not for use from more than
// one thread: SharedBytes are of one.
#pragma once

#include "base/shared_bytes.h"
#include "mina/block_tree/block_tree.h"
#include "mina/hashes/transaction_hash.h"
#include "mina/rpc/rpc_actions.h"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace runtime {

struct RecentPoolConfig {
    std::size_t count_max = 0;
    std::size_t bytes_max = 0;
    std::uint64_t lifetime_ms = 0;
};

struct RecentStoreConfig {
    std::vector<mina::messages::Format> formats = {mina::messages::Format::mesa,
                                                   mina::messages::Format::mesa_array_inputs};
    std::string network;                            // its chain id: a file of another network is not used
    mina::block_tree::Config blocks;
    bool answers_best_tip = true;                   // false: get_best_tip and get_ancestry are never answered
    bool checks_bodies = true;                      // false: should a network name its bodies in another way
    std::size_t held_bytes_max = 64 * 1024 * 1024;  // of blocks, in memory
    std::size_t answer_bytes_max = 64 * 1024 * 1024;  // of blocks, in one answer to get_transition_chain
    RecentPoolConfig transactions = {10'000, 32 * 1024 * 1024, 4 * 3'600'000};
    RecentPoolConfig works = {4'096, 64 * 1024 * 1024, 2 * 3'600'000};
    int pages_max = 0;                              // for tests: a file of so many pages is a full disk; 0: no bound
};

struct RecentStoreStatus {
    bool is_open = false;  // there is a file
    std::size_t blocks = 0;
    std::uint64_t block_bytes = 0;
    std::size_t held_blocks = 0;  // in memory
    std::uint64_t held_bytes = 0;
    std::size_t transactions = 0;
    std::uint64_t transaction_bytes = 0;
    std::size_t works = 0;
    std::uint64_t work_bytes = 0;
    std::optional<mina::block_tree::Entry> best_tip;
};

/// What the store does not know of its node, for get_node_status.
struct NodeStatusPeer {
    std::string host;
    std::uint16_t port = 0;
    std::string peer_id;
};
struct NodeStatusFacts {
    std::string ip_address;
    std::string peer_id;
    std::vector<NodeStatusPeer> peers;  // the first node_status_peers_max count
    std::string git_commit;
    std::uint64_t uptime_minutes = 0;
};
inline constexpr std::size_t node_status_peers_max = 1'024;

/// Why a block is not kept.
struct BlockRefused {
    std::string why;                                     // for people
    std::optional<mina::block_tree::Refusal> by_tree{};  // none: it is no block of the network's formats
    bool operator==(BlockRefused const&) const = default;
};

using mina::block_tree::Verified;
using RecentAnswer = std::variant<mina::rpc::NoAnswer, mina::rpc::FailedAnswer, mina::rpc::Payload>;

class RecentStore final {
public:
    /// Opens the file, or makes it; ":memory:" is none. Never fails. `now_ms`, here and below: Unix time.
    RecentStore(std::string path, RecentStoreConfig config, std::uint64_t now_ms);
    ~RecentStore();
    RecentStore(RecentStore const&) = delete;
    RecentStore& operator=(RecentStore const&) = delete;

    // Values as they stand in gossip, without the frame, the tag and the nonce. They may be slices of the payload: the
    // whole of it stays in memory as long as the block does. Each is checked again to be a message of the format.

    /// Added only if it is kept. Verified::yes of what is known and verified is refused as a duplicate, too.
    base::Result<mina::block_tree::Added, BlockRefused> on_block(mina::messages::Format format, base::SharedBytes block,
                                                                 std::uint64_t now_ms,
                                                                 Verified verified = Verified::no);
    /// The number of transactions that are new. The error, here and below, is for people.
    base::Result<std::size_t, std::string> on_transactions(mina::messages::Format format, base::ByteView diff,
                                                           std::uint64_t now_ms);
    /// Whether it is kept: new for its statements; or verified, and what was known was not, or is dearer.
    base::Result<bool, std::string> on_snark_work(mina::messages::Format format, base::ByteView diff,
                                                  std::uint64_t now_ms, Verified verified = Verified::no);
    /// Any of the three, from the payload of gossip, frame and all. The error, if there is one.
    base::Result<void, std::string> on_gossip(mina::messages::Format format, base::SharedBytes const& payload,
                                              std::uint64_t now_ms, Verified verified = Verified::no);

    /// NoAnswer, too, for a version that the format does not have. Never FailedAnswer but for a query that is none.
    RecentAnswer answer(mina::rpc::Method method, std::int64_t version, mina::messages::Format format,
                        base::ByteView query, NodeStatusFacts const& facts = {});

    RecentStoreStatus status() const;
    bool has_block(mina::hashes::StateHash const& state) const;
    /// At most `count` blocks, the best first.
    std::vector<mina::block_tree::Entry> recent(std::size_t count) const;
    /// The bytes of a block; nullopt when it is not there any more.
    std::optional<base::SharedBytes> block(mina::hashes::StateHash const& state);
    /// The bytes of a transaction (a user command).
    std::optional<base::SharedBytes> transaction(mina::hashes::TransactionHash const& hash) const;
    /// Drops what has expired of transactions and SNARK work. Each on_… does so too.
    void expire(std::uint64_t now_ms);
    /// For the log; each once.
    std::vector<std::string> take_warnings();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace runtime
