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
        case Refusal::other_genesis: return "is of another network: it names another genesis block";
        case Refusal::crowded_out: return "there is no room for it beside the best chain";
    }
    base::check(false, "block_tree: a refusal");
    return {};
}

Entry const* Tree::find(StateHash const& state) const {
    auto const found = entries_.find(state);
    return found == entries_.end() ? nullptr : &found->second;
}

Entry const* Tree::best_tip() const { return standings_.empty() ? nullptr : find(standings_.rbegin()->second); }

std::vector<Entry> Tree::best(std::size_t count) const {
    std::vector<Entry> entries;
    for (auto at = standings_.rbegin(); at != standings_.rend() && entries.size() < count; ++at) {
        entries.push_back(*find(at->second));
    }
    return entries;
}

// ---- Ways ----

/// From its parent's, which is right. True when it is another than before.
bool Tree::set_way(Entry& entry) {
    auto const* const parent = parent_of(entry);
    auto const is_genesis = config_.genesis == entry.header.state;
    // At k links there is no difference any more: a change at one end of a long chain goes no farther than that.
    auto const links = parent == nullptr ? 0 : std::min(parent->links + 1, config_.k);
    auto const is_from_genesis = is_genesis || (parent != nullptr && parent->is_from_genesis && links < config_.k);
    if (links == entry.links && is_from_genesis == entry.is_from_genesis) return false;
    standings_.erase({standing_of(entry), entry.header.state});
    entry.links = links;
    entry.is_from_genesis = is_from_genesis;
    standings_.emplace(standing_of(entry), entry.header.state);
    return true;
}

/// Of those that follow it, once it has come, gone or changed.
void Tree::set_ways_after(StateHash const& changed) {
    std::vector<StateHash> next{changed};
    while (!next.empty()) {
        auto const parent = next.back();
        next.pop_back();
        auto const first = children_.lower_bound({parent, {}});
        for (auto at = first; at != children_.end() && at->first == parent; ++at) {
            if (set_way(entries_.at(at->second))) next.push_back(at->second);
        }
    }
}

// ---- Adding ----

/// Below it a block is too old. Only a long way back makes anything old: what is forged is short, and so may be the
/// first that comes after a long pause.
std::uint32_t Tree::height_min() const {
    auto const* const best = best_tip();
    if (best == nullptr || best->links < std::min(config_.k, config_.heights_kept)) return 0;
    return best->header.height - std::min(best->header.height, config_.heights_kept);
}

std::optional<Refusal> Tree::refusal_of(Header const& header, std::uint64_t now_ms) const {
    // A slot has one block at most, and the first slot is 0.
    auto const has_slot = std::uint64_t{header.height} <= std::uint64_t{header.global_slot} + 1;
    if (header.previous == header.state || header.height == 0 || !has_slot) return Refusal::implausible;
    if (header.bytes > std::min(config_.block_bytes_max, config_.bytes_max)) return Refusal::too_large;
    if (header.timestamp_ms > now_ms && header.timestamp_ms - now_ms > config_.future_ms) {
        return Refusal::too_far_in_the_future;
    }
    if (config_.genesis && header.genesis != *config_.genesis && header.state != *config_.genesis) {
        return Refusal::other_genesis;
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

/// The state is the same, and so is all that follows from it.
base::Result<Added, Refusal> Tree::replace(Entry& known, Header const& header) {
    if (header.bytes > std::min(config_.block_bytes_max, config_.bytes_max)) return base::fail(Refusal::too_large);
    bytes_ = bytes_ - known.header.bytes + header.bytes;
    known.header.bytes = header.bytes;
    known.header.format = header.format;
    known.verified = Verified::yes;
    return Added{.is_best = best_tip() == &known, .is_replaced = true, .dropped = {}};
}

base::Result<Added, Refusal> Tree::add(Header const& header, std::uint64_t now_ms, Verified verified) {
    now_ms_ = now_ms;
    if (auto const known = entries_.find(header.state); known != entries_.end()) {
        if (verified == Verified::no || known->second.verified == Verified::yes) return base::fail(Refusal::duplicate);
        return replace(known->second, header);
    }
    if (auto const refusal = refusal_of(header, now_ms)) return base::fail(*refusal);
    Added added{.dropped = drop_contradicting_children(header)};
    Entry const entry{.header = header, .rank = rank_of(header), .received_ms = now_ms, .verified = verified};
    auto& kept = entries_.emplace(header.state, entry).first->second;
    children_.emplace(header.previous, header.state);
    ranking_.emplace(entry.rank, header.state);
    standings_.emplace(standing_of(kept), header.state);
    bytes_ += header.bytes;
    set_way(kept);
    set_ways_after(header.state);
    added.is_best = best_tip() == &kept;
    return added;
}

void Tree::erase(Entries::iterator at) {
    auto const entry = at->second;
    children_.erase({entry.header.previous, entry.header.state});
    ranking_.erase({entry.rank, entry.header.state});
    standings_.erase({standing_of(entry), entry.header.state});
    bytes_ -= entry.header.bytes;
    entries_.erase(at);
    set_ways_after(entry.header.state);
}

bool Tree::remove(StateHash const& state) {
    auto const found = entries_.find(state);
    if (found == entries_.end()) return false;
    erase(found);
    return true;
}

// ---- Pruning ----

bool Tree::is_over_bounds() const { return size() > config_.blocks_max || bytes_ > config_.bytes_max; }

/// What is too far behind: the end of the ranking, since that is by height first. As far as the best tip is now: that
/// its own way becomes shorter by this is no reason to stop.
void Tree::take_out_old(std::vector<StateHash>& taken) {
    auto const lowest = height_min();
    while (!ranking_.empty() && ranking_.begin()->first.height < lowest) {
        taken.push_back(ranking_.begin()->second);
        remove(taken.back());
    }
}

/// What is off a best chain that is long and fresh shares a part of the bounds. Of any other nobody knows whether it is
/// not the rest that the network goes on with; then they share all of it.
void Tree::take_out_off_chain(std::vector<StateHash>& taken) {
    auto const blocks_max = config_.blocks_max / std::max<std::size_t>(config_.off_chain_part, 1);
    auto const bytes_max = config_.bytes_max / std::max<std::size_t>(config_.off_chain_part, 1);
    if (size() <= blocks_max && bytes_ <= bytes_max) return;
    auto const* const best = best_tip();
    auto const age_ms = now_ms_ - std::min(now_ms_, best->header.timestamp_ms);
    if (!is_rooted(*best) || age_ms > config_.fresh_ms) return;
    auto const chain = best_chain();
    auto blocks = size() - chain.size();
    auto bytes = bytes_;
    for (auto const& state : chain) bytes -= find(state)->header.bytes;
    if (blocks <= blocks_max && bytes <= bytes_max) return;
    for (auto const& state : off_chain_by_usefulness(chain)) {
        if (blocks <= blocks_max && bytes <= bytes_max) return;
        --blocks;
        bytes -= find(state)->header.bytes;
        remove(state);
        taken.push_back(state);
    }
}

std::set<StateHash> Tree::best_chain() const {
    std::set<StateHash> chain;
    for (auto const* at = best_tip(); at != nullptr; at = parent_of(*at)) chain.insert(at->header.state);
    return chain;
}

/// What no links join to the chain goes before its forks; of that, what is farthest from the tip in height, either way,
/// then what is largest: a block whose parent is on its way is close to the tip, and as large as others.
std::vector<StateHash> Tree::off_chain_by_usefulness(std::set<StateHash> const& chain) const {
    auto const best_height = std::int64_t{best_tip()->header.height};
    std::set<StateHash> joined;
    struct Place {
        bool is_joined = false;
        std::int64_t nearness = 0;
        std::int64_t smallness = 0;
        StateHash state;
        auto operator<=>(Place const&) const = default;
    };
    std::vector<Place> places;
    // The ranking is from the lowest up, so that a parent comes before its children.
    for (auto const& [rank, state] : ranking_) {
        if (chain.contains(state)) continue;
        auto const& header = find(state)->header;
        auto const is_joined = chain.contains(header.previous) || joined.contains(header.previous);
        if (is_joined) joined.insert(state);
        auto const distance = std::int64_t{header.height} - best_height;
        auto const smallness = -static_cast<std::int64_t>(header.bytes);
        places.push_back({is_joined, distance < 0 ? distance : -distance, smallness, state});
    }
    std::ranges::sort(places);
    std::vector<StateHash> states;
    for (auto const& place : places) states.push_back(place.state);
    return states;
}

std::vector<StateHash> Tree::by_usefulness() const {
    enum class Use : std::uint8_t { old_fork, old_chain, fork, chain };
    auto const* const best = best_tip();
    if (best == nullptr) return {};
    auto const root_height = best->header.height - std::min(best->header.height, config_.k);
    auto const chain = best_chain();
    std::vector<std::tuple<Use, std::size_t, StateHash>> order;
    for (auto const& state : off_chain_by_usefulness(chain)) {
        auto const is_old = find(state)->header.height < root_height;
        order.emplace_back(is_old ? Use::old_fork : Use::fork, order.size(), state);
    }
    // The ranking is from the lowest up.
    for (auto const& [rank, state] : ranking_) {
        if (state == best->header.state || !chain.contains(state)) continue;
        order.emplace_back(rank.height < root_height ? Use::old_chain : Use::chain, order.size(), state);
    }
    std::ranges::sort(order);
    std::vector<StateHash> states;
    for (auto const& [use, place, state] : order) states.push_back(state);
    return states;
}

std::vector<StateHash> Tree::prune() {
    std::vector<StateHash> taken;
    if (entries_.empty()) return taken;
    take_out_old(taken);
    take_out_off_chain(taken);
    if (!is_over_bounds()) return taken;
    for (auto const& state : by_usefulness()) {
        if (!is_over_bounds()) break;
        remove(state);
        taken.push_back(state);
    }
    return taken;
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
