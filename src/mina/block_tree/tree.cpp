#include "mina/block_tree/tree.h"

#include "base/check.h"

#include <algorithm>
#include <tuple>

namespace mina::block_tree {

namespace {

std::optional<Refusal> contradiction(Header const& parent, Header const& child) {
    if (std::uint64_t{child.height} != std::uint64_t{parent.height} + 1) return Refusal::not_the_next_height;
    if (child.global_slot <= parent.global_slot) return Refusal::slot_not_later;
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Refusal refusal) {
    switch (refusal) {
        case Refusal::duplicate: return "is known";
        case Refusal::implausible: return "its height cannot be";
        case Refusal::too_large: return "is too large";
        case Refusal::too_far_in_the_future: return "is too far in the future";
        case Refusal::too_far_ahead: return "its height is too far ahead of the best tip's";
        case Refusal::too_old: return "is too far behind the best tip";
        case Refusal::not_the_next_height: return "its height does not follow its parent's";
        case Refusal::slot_not_later: return "its slot is not later than its parent's";
    }
    base::check(false, "block_tree: a refusal");
    return {};
}

Entry const* Tree::find(StateHash const& state) const {
    auto const found = entries_.find(state);
    return found == entries_.end() ? nullptr : &found->second;
}

Entry const* Tree::best_tip() const { return ranking_.empty() ? nullptr : find(ranking_.rbegin()->second); }

std::vector<Entry> Tree::best(std::size_t count) const {
    std::vector<Entry> entries;
    for (auto at = ranking_.rbegin(); at != ranking_.rend() && entries.size() < count; ++at) {
        entries.push_back(*find(at->second));
    }
    return entries;
}

// ---- Adding ----

/// Below it a block is too old. A best tip without a parent may be forged, or the first after a long pause: while it
/// stands alone it makes nothing old.
std::uint32_t Tree::height_min() const {
    auto const* const best = best_tip();
    if (best == nullptr || parent_of(*best) == nullptr) return 0;
    return best->header.height - std::min(best->header.height, config_.heights_kept);
}

std::optional<Refusal> Tree::refusal_of(Header const& header, std::uint64_t now_ms) const {
    if (entries_.contains(header.state)) return Refusal::duplicate;
    // A slot has one block at most, and the first slot is 0.
    auto const has_slot = std::uint64_t{header.height} <= std::uint64_t{header.global_slot} + 1;
    if (header.previous == header.state || header.height == 0 || !has_slot) return Refusal::implausible;
    if (header.bytes > std::min(config_.block_bytes_max, config_.bytes_max)) return Refusal::too_large;
    if (header.timestamp_ms > now_ms && header.timestamp_ms - now_ms > config_.future_ms) {
        return Refusal::too_far_in_the_future;
    }
    if (auto const* const parent = find(header.previous)) {
        if (auto const wrong = contradiction(parent->header, header)) return wrong;
    }
    auto const* const best = best_tip();
    if (best == nullptr) return std::nullopt;
    if (header.height < height_min()) return Refusal::too_old;
    if (config_.slot_ms != 0) {
        auto const since = now_ms - std::min(now_ms, best->header.timestamp_ms);
        auto const more = std::uint64_t{header.height} - std::min(header.height, best->header.height);
        // A fork of k blocks may have had so many slots without a block more than this one.
        if (more > since / config_.slot_ms + 1 + config_.k) return Refusal::too_far_ahead;
    }
    return std::nullopt;
}

std::vector<StateHash> Tree::drop_contradicting_children(Header const& header) {
    std::vector<StateHash> dropped;
    auto const first = children_.lower_bound({header.state, {}});
    for (auto at = first; at != children_.end() && at->first == header.state; ++at) {
        if (contradiction(header, find(at->second)->header)) dropped.push_back(at->second);
    }
    for (auto const& child : dropped) remove(child);
    return dropped;
}

base::Result<Added, Refusal> Tree::add(Header const& header, std::uint64_t now_ms) {
    if (auto const refusal = refusal_of(header, now_ms)) return base::fail(*refusal);
    Added added{.dropped = drop_contradicting_children(header)};
    Entry const entry{.header = header, .rank = rank_of(header), .received_ms = now_ms};
    entries_.emplace(header.state, entry);
    children_.emplace(header.previous, header.state);
    ranking_.emplace(entry.rank, header.state);
    bytes_ += header.bytes;
    added.is_best = best_tip()->header.state == header.state;
    return added;
}

void Tree::erase(Entries::iterator at) {
    auto const& entry = at->second;
    children_.erase({entry.header.previous, entry.header.state});
    ranking_.erase({entry.rank, entry.header.state});
    bytes_ -= entry.header.bytes;
    entries_.erase(at);
}

bool Tree::remove(StateHash const& state) {
    auto const found = entries_.find(state);
    if (found == entries_.end()) return false;
    erase(found);
    return true;
}

// ---- Pruning ----

bool Tree::is_over_bounds() const { return size() > config_.blocks_max || bytes_ > config_.bytes_max; }

/// What is too far behind: the end of the ranking, since that is by height first.
std::vector<StateHash> Tree::take_out_old() {
    std::vector<StateHash> old;
    auto const lowest = height_min();
    while (!ranking_.empty() && ranking_.begin()->first.height < lowest) {
        old.push_back(ranking_.begin()->second);
        remove(old.back());
    }
    return old;
}

/// All but the best tip, the least useful first.
std::vector<StateHash> Tree::by_usefulness() const {
    enum class Use : std::uint8_t { old_fork, old_chain, fork, chain };
    auto const& best = *best_tip();
    auto const root_height = best.header.height - std::min(best.header.height, config_.k);
    std::set<StateHash> chain;
    for (auto const* at = &best; at != nullptr; at = parent_of(*at)) chain.insert(at->header.state);
    std::vector<std::pair<Use, StateHash>> order;
    // The ranking is from the lowest up.
    for (auto const& [rank, state] : ranking_) {
        if (state == best.header.state) continue;
        auto const is_old = rank.height < root_height;
        if (chain.contains(state)) order.emplace_back(is_old ? Use::old_chain : Use::chain, state);
        else order.emplace_back(is_old ? Use::old_fork : Use::fork, state);
    }
    std::vector<StateHash> states;
    for (auto const use : {Use::old_fork, Use::old_chain, Use::fork, Use::chain}) {
        for (auto const& [its_use, state] : order) {
            if (its_use == use) states.push_back(state);
        }
    }
    return states;
}

std::vector<StateHash> Tree::prune() {
    auto forgotten = take_out_old();
    if (!is_over_bounds()) return forgotten;
    for (auto const& state : by_usefulness()) {
        if (!is_over_bounds()) break;
        remove(state);
        forgotten.push_back(state);
    }
    return forgotten;
}

// ---- Answers ----

/// The way from a block back, at most `steps_max` links.
struct Tree::Way {
    Entry const* start = nullptr;   // where it ends
    std::vector<BodyHash> bodies;   // of those behind it, oldest first
    std::vector<StateHash> states;  // the same, and the start
};

Tree::Way Tree::way_back(Entry const& from, std::size_t steps_max) const {
    Way way{.start = &from, .bodies = {}, .states = {from.header.state}};
    while (way.bodies.size() < steps_max) {
        // The first block of its chain has no parent that counts, even if there is one of that hash.
        auto const is_first = way.start->header.height == 1 || way.start->header.state == from.header.genesis;
        auto const* const parent = is_first ? nullptr : parent_of(*way.start);
        if (parent == nullptr) break;
        way.bodies.push_back(way.start->header.body);
        way.states.push_back(parent->header.state);
        way.start = parent;
    }
    std::ranges::reverse(way.bodies);
    std::ranges::reverse(way.states);
    return way;
}

std::optional<BestTipProof> Tree::best_tip_proof() const {
    auto const* const best = best_tip();
    if (best == nullptr) return std::nullopt;
    auto way = way_back(*best, config_.k);
    auto const& root = way.start->header;
    // mina: Best_tip_prover.verify "Int.equal max_length merkle_list_length || root_is_genesis"
    auto const is_genesis = root.height == 1 || root.state == best->header.genesis;
    if (way.bodies.size() != config_.k && !is_genesis && !config_.any_length) return std::nullopt;
    return BestTipProof{best->header.state, root.state, std::move(way.bodies)};
}

std::optional<BestTipProof> Tree::ancestry(Rank const& seen) const {
    auto const* const best = best_tip();
    // mina: "Consensus.Hooks.select ~existing:best_tip ~candidate:seen_consensus_state" has to be `Keep.
    if (best == nullptr || seen > best->rank) return std::nullopt;
    return best_tip_proof();
}

std::optional<std::vector<StateHash>> Tree::transition_chain(std::span<StateHash const> asked) const {
    if (asked.size() > transition_chain_max) return std::nullopt;
    std::vector<StateHash> chain;
    for (auto const& state : asked) {
        if (entries_.contains(state)) chain.push_back(state);
        else if (!config_.gaps_allowed) return std::nullopt;
    }
    if (chain.empty()) return std::nullopt;
    return chain;
}

std::vector<StateHash> Tree::transition_knowledge() const {
    auto const* const best = best_tip();
    if (best == nullptr) return {};
    return way_back(*best, config_.k).states;
}

std::optional<ChainProof> Tree::transition_chain_proof(StateHash const& asked) const {
    auto const* const entry = find(asked);
    if (entry == nullptr) return std::nullopt;
    auto way = way_back(*entry, config_.heights_kept);
    return ChainProof{way.start->header.state, std::move(way.bodies)};
}

}  // namespace mina::block_tree
