// Tree: the headers, linked; the best tip; what to forget; and what questions are to be answered with, as hashes.
#pragma once

#include "mina/block_tree/header.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace mina::block_tree {

struct Config {
    std::uint32_t k = 290;             // mina: the length of a node's frontier
    std::size_t blocks_max = 1024;
    std::uint64_t bytes_max = 256 * 1024 * 1024;
    std::uint64_t block_bytes_max = 32 * 1024 * 1024;
    std::uint32_t heights_kept = 870;  // behind the best tip; mina: a frontier and twice its length of history
    std::uint64_t future_ms = 60'000;  // how far a block's time may be ahead of ours
    std::uint64_t slot_ms = 0;         // the shortest time between two blocks; 0: any height is believed
    std::optional<StateHash> genesis;  // of the network, if it is known: a chain from it is rooted, however short
    std::size_t off_chain_part = 4;    // of the bounds, blocks off the best chain get 1 / this
    std::uint64_t fresh_ms = 3'600'000;  // while the best tip is not older; an older one may be on a dead chain
    bool any_length = false;           // answer with chains that do not reach k blocks back, nor genesis
    bool gaps_allowed = false;         // answer get_transition_chain with the blocks that are there
};

// mina: max_catchup_chunk_length
inline constexpr std::size_t transition_chain_max = 20;

enum class Refusal : std::uint8_t {
    duplicate,
    implausible,           // its own parent, of height 0, or of a height that its slot does not allow
    too_large,             // a block of more than block_bytes_max
    too_far_in_the_future,
    too_far_ahead,         // of a height that the time since the best tip does not allow
    too_old,               // more than heights_kept behind the best tip
    not_the_next_height,   // than its parent's
    slot_not_later,        // than its parent's
    other_genesis,         // it names another than Config::genesis
    crowded_out,           // it was taken, and is the first that prune() had to take out; not of add()
};
inline constexpr int refusal_count = 10;
std::string_view to_string(Refusal refusal);

/// Whether a full node has accepted a block: proof, contents and all.
enum class Verified : std::uint8_t { no, yes };

struct Added {
    bool is_best = false;
    bool is_replaced = false;        // it was known, and not verified: its bytes and its format are now these
    std::vector<StateHash> dropped;  // children that contradict it, to be forgotten
    bool operator==(Added const&) const = default;
};

struct Entry {
    Header header;
    Rank rank;
    std::uint64_t received_ms = 0;  // Unix time
    Verified verified = Verified::no;
    std::uint32_t links = 0;        // of the way back from it, as far as that is known; k at most
    bool is_from_genesis = false;   // the way reaches Config::genesis, and is not longer than k
};

/// How good a block is as best tip, the greatest being the best. A block's child stands higher than the block.
struct Standing {
    bool is_rooted = false;  // the way back has k links, or reaches Config::genesis
    std::uint32_t links = 0;
    Rank rank;
    auto operator<=>(Standing const&) const = default;
    bool operator==(Standing const&) const = default;
};

/// What get_best_tip is to be answered with.
struct BestTipProof {
    StateHash tip;
    StateHash root;
    std::vector<BodyHash> bodies;  // of those behind the root up to the tip, oldest first
    bool operator==(BestTipProof const&) const = default;
};

struct ChainProof {
    StateHash start;
    std::vector<BodyHash> bodies;  // of those behind the start, oldest first
    bool operator==(ChainProof const&) const = default;
};

class Tree {
public:
    explicit Tree(Config config) : config_(config) {}

    /// `now_ms`: Unix time. May leave the tree above its bounds, until prune().
    /// A verified block whose state hash is known takes the place of one that is not verified: nothing else does.
    base::Result<Added, Refusal> add(Header const& header, std::uint64_t now_ms, Verified verified = Verified::no);
    /// Its children stay. False when it is not there.
    bool remove(StateHash const& state);
    /// Takes out what is beyond the bounds, and names it. `now_ms` is that of the last add().
    std::vector<StateHash> prune();
    /// All but the best tip, the least useful first.
    std::vector<StateHash> by_usefulness() const;

    Config const& config() const { return config_; }
    /// Counts from the next prune() on.
    void set_bytes_max(std::uint64_t bytes_max) { config_.bytes_max = bytes_max; }
    std::size_t size() const { return entries_.size(); }
    /// Of all its blocks.
    std::uint64_t bytes() const { return bytes_; }
    /// Until the next change; nullptr when it is not there.
    Entry const* find(StateHash const& state) const;
    /// nullptr of an empty tree.
    Entry const* best_tip() const;
    /// At most `count` headers, the best first, by their standing.
    std::vector<Entry> best(std::size_t count) const;

    /// The best tip and the way to it from the block k before it, or from genesis if that is nearer. nullopt when so
    /// many are not known, as Mina's nodes would not accept less; with any_length, from the oldest that is known.
    std::optional<BestTipProof> best_tip_proof() const;
    /// The same, if the best tip is at least as good as what who asks has seen. mina: Sync_handler.Root.prove
    std::optional<BestTipProof> ancestry(Rank const& seen) const;
    /// These, in their order, if there are all, and at most transition_chain_max.
    // mina: since its "super catchup" OCaml's node leaves out what it does not have (gaps_allowed); before, one that is
    // missing made it None. Rust's node asks for one at a time.
    std::optional<std::vector<StateHash>> transition_chain(std::span<StateHash const> asked) const;
    /// The best chain from its root, or from the oldest known, to the tip. mina: Sync_handler.best_tip_path
    std::vector<StateHash> transition_knowledge() const;
    /// From the oldest known ancestor, heights_kept before it at most. mina: Transition_chain_prover.prove
    std::optional<ChainProof> transition_chain_proof(StateHash const& asked) const;

private:
    using Entries = std::map<StateHash, Entry>;

    std::optional<Refusal> refusal_of(Header const& header, std::uint64_t now_ms) const;
    base::Result<Added, Refusal> replace(Entry& known, Header const& header);
    bool is_rooted(Entry const& entry) const { return entry.links >= config_.k || entry.is_from_genesis; }
    Standing standing_of(Entry const& entry) const { return {is_rooted(entry), entry.links, entry.rank}; }
    bool set_way(Entry& entry);
    void set_ways_after(StateHash const& changed);
    std::uint32_t height_min() const;
    std::vector<StateHash> drop_contradicting_children(Header const& header);
    void erase(Entries::iterator at);
    Entry const* parent_of(Entry const& entry) const { return find(entry.header.previous); }
    struct Way;
    Way way_back(Entry const& from, std::size_t steps_max) const;
    bool is_over_bounds() const;
    void take_out_old(std::vector<StateHash>& taken);
    void take_out_off_chain(std::vector<StateHash>& taken);
    std::set<StateHash> best_chain() const;
    std::vector<StateHash> off_chain_by_usefulness(std::set<StateHash> const& chain) const;

    Config config_;
    Entries entries_;
    std::set<std::pair<StateHash, StateHash>> children_;  // parent, which need not be there, and child
    std::set<std::pair<Rank, StateHash>> ranking_;        // the lowest first
    std::set<std::pair<Standing, StateHash>> standings_;
    std::uint64_t bytes_ = 0;
    std::uint64_t now_ms_ = 0;  // of the last add()
};

}  // namespace mina::block_tree
