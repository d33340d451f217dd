#include "libp2p/kademlia/lookup.h"

#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/kademlia_config.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

constexpr std::uint16_t bit(std::uint8_t path) { return static_cast<std::uint16_t>(1U << path); }

// A peer may be told of with some that have just gone. Beyond these, failures have to be made good by answers.
constexpr int failures_forgiven = 3;
constexpr int failures_an_answer = 3;

}  // namespace

void Lookup::start_with(PeerId const& id, std::vector<Multiaddr> const& addresses, Config const& config) {
    auto const path = static_cast<std::uint8_t>(dealt_ % config.disjoint_paths);
    auto const before = candidates_.size();
    insert({id, addresses}, path, std::nullopt, config);
    if (candidates_.size() != before) ++dealt_;
}

bool Lookup::is_suspect(Candidate const& candidate) const {
    for (std::size_t i = 0; i < candidate.teller_count; ++i) {
        auto const& teller = candidates_[candidate.tellers[i]];
        if (teller.told_failed <= failures_forgiven + failures_an_answer * teller.told_answered) return false;
    }
    return candidate.teller_count > 0 && !candidate.from_start;
}

/// Of a path, the closest that is still to be asked and stands among those that it needs. spec: kad-dht#peer-routing
/// "The lookup terminates when the initiator has queried and gotten responses from the k ... closest nodes it has
/// seen."
std::optional<CandidateId> Lookup::next_on(std::uint8_t path, Config const& config) const {
    auto const is_closing = path == closing_path;
    auto const width = is_closing ? config.bucket_size : config.path_width;
    std::size_t needed = 0;
    for (auto const id : order_) {
        auto const& candidate = candidates_[id];
        if (!is_closing && (candidate.paths & bit(path)) == 0) continue;
        switch (candidate.standing) {
            case Standing::failed: break;
            case Standing::known:
                if (!is_suspect(candidate)) return id;
                break;
            case Standing::asked:
            case Standing::answered:
                if (!candidate.slow && (is_closing || candidate.asked_on == path)) ++needed;
                break;
        }
        if (needed == width) break;
    }
    return std::nullopt;
}

bool Lookup::paths_are_over(Config const& config) const {
    if (quick_ > 0) return false;
    for (std::uint8_t path = 0; path < config.disjoint_paths; ++path) {
        if (next_on(path, config)) return false;
    }
    return true;
}

std::optional<CandidateId> Lookup::next(Config const& config) {
    if (asked_ >= config.asked_max || under_way_ >= config.under_way_max) return std::nullopt;
    std::optional<CandidateId> found;
    std::uint8_t path = closing_path;
    for (std::size_t i = 0; i < config.disjoint_paths && !found; ++i) {
        path = turn_;
        turn_ = static_cast<std::uint8_t>((turn_ + 1U) % config.disjoint_paths);
        if (busy_[path] < config.alpha) found = next_on(path, config);
    }
    if (!found) {
        path = closing_path;
        if (busy_[path] >= config.alpha * config.disjoint_paths) return std::nullopt;
        if (busy_[path] == 0 && !paths_are_over(config)) return std::nullopt;
        found = next_on(path, config);
        if (!found) return std::nullopt;
    }
    auto& candidate = candidates_[*found];
    candidate.standing = Standing::asked;
    candidate.asked_on = path;
    ++busy_[path];
    ++asked_;
    ++under_way_;
    ++quick_;
    return found;
}

bool Lookup::is_over(Config const& config) const {
    if (quick_ > 0) return false;
    return asked_ >= config.asked_max || (paths_are_over(config) && !next_on(closing_path, config));
}

void Lookup::on_answer(CandidateId from, std::span<PeerAddresses const> told, Config const& config) {
    end(from, Standing::answered);
    ++answers_;
    auto const path = candidates_[from].asked_on;
    std::size_t taken = 0;
    for (auto const& peer : told) {
        if (taken == config.bucket_size) break;
        if (peer.id == self_ || peer.id == candidates_[from].id) continue;
        ++taken;
        insert(peer, path, from, config);
    }
}

void Lookup::on_failure(CandidateId of) { end(of, Standing::failed); }

void Lookup::on_unaskable(CandidateId of) {
    if (candidates_[of].standing == Standing::asked) --asked_;
    end(of, Standing::failed);
}

void Lookup::on_slow(CandidateId of) {
    auto& candidate = candidates_[of];
    if (candidate.standing != Standing::asked || candidate.slow) return;
    candidate.slow = true;
    --busy_[candidate.asked_on];
    --quick_;
}

void Lookup::end(CandidateId id, Standing standing) {
    auto& candidate = candidates_[id];
    if (candidate.standing != Standing::asked) return;
    candidate.standing = standing;
    if (!candidate.slow) {
        --busy_[candidate.asked_on];
        --quick_;
    }
    candidate.slow = false;
    --under_way_;
    for (std::size_t i = 0; i < candidate.teller_count; ++i) {
        auto& teller = candidates_[candidate.tellers[i]];
        ++(standing == Standing::answered ? teller.told_answered : teller.told_failed);
    }
}

void Lookup::insert(PeerAddresses const& peer, std::uint8_t path, std::optional<CandidateId> teller,
                    Config const& config) {
    auto const where = kademlia::distance(key_of(peer.id), target_);
    auto const by_distance = [this](CandidateId id) -> Key const& { return candidates_[id].distance; };
    auto at = std::ranges::lower_bound(order_, where, {}, by_distance);
    if (at == order_.end() || candidates_[*at].distance != where) {
        CandidateId id = 0;
        if (candidates_.size() < config.candidates_max) {
            id = static_cast<CandidateId>(candidates_.size());
            candidates_.emplace_back();
        } else if (auto const freed = make_room(where, path)) {
            id = *freed;
            at = std::ranges::lower_bound(order_, where, {}, by_distance);
        } else {
            return;
        }
        at = order_.insert(at, id);
        candidates_[id] = Candidate{};
        candidates_[id].id = peer.id;
        candidates_[id].distance = where;
        candidates_[id].from_start = !teller;
    }
    auto& candidate = candidates_[*at];
    candidate.paths |= bit(path);
    add_addresses(candidate.addresses, peer.addresses, addresses_max);
    if (!teller) return;
    auto const known = std::span(candidate.tellers).first(candidate.teller_count);
    if (candidate.teller_count == Candidate::tellers_max || std::ranges::find(known, *teller) != known.end()) return;
    if (candidate.teller_count == 0 && !candidate.from_start) {
        candidate.hop = static_cast<std::uint8_t>(std::min(255, candidates_[*teller].hop + 1));
    }
    candidate.tellers[candidate.teller_count++] = *teller;
    auto& by = candidates_[*teller];
    if (candidate.standing == Standing::answered) ++by.told_answered;
    if (candidate.standing == Standing::failed) ++by.told_failed;
}

/// The path that knows the most that it has not asked gives up the farthest of them, so that one told of many cannot
/// drive out the candidates of another.
std::optional<CandidateId> Lookup::make_room(Key const& distance, std::uint8_t path) {
    std::array<int, 16> waiting{};
    for (auto const& candidate : candidates_) {
        if (candidate.standing != Standing::known) continue;
        for (std::uint8_t i = 0; i < waiting.size(); ++i) waiting[i] += (candidate.paths & bit(i)) != 0 ? 1 : 0;
    }
    auto const widest = static_cast<std::uint8_t>(std::ranges::max_element(waiting) - waiting.begin());
    for (auto i = order_.size(); i-- > 0;) {
        auto const id = order_[i];
        auto const& candidate = candidates_[id];
        if (candidate.standing != Standing::known || (candidate.paths & bit(widest)) == 0) continue;
        if (path == widest && candidate.distance < distance) return std::nullopt;
        order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(i));
        return id;
    }
    return std::nullopt;
}

std::vector<CandidateId> Lookup::answered(std::size_t count) const {
    std::vector<CandidateId> result;
    for (auto const id : order_) {
        if (result.size() == count) break;
        if (candidates_[id].standing == Standing::answered) result.push_back(id);
    }
    return result;
}

}  // namespace libp2p::kademlia
