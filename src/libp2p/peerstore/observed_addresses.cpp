#include "libp2p/peerstore/observed_addresses.h"

#include "libp2p/peerstore/dialable.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace libp2p::peerstore {

ObservedAddresses::ObservedAddresses(ObservedConfig config) : config_(config) {}

ObservedAddresses::GroupKey ObservedAddresses::group_key(Observation const& observation) const {
    if (config_.private_addresses && observation.by_ip.is_private()) return observation.by;
    return group_of(observation.by_ip);
}

template <class Lapses>
bool ObservedAddresses::erase_words(Lapses lapses) {
    bool any = false;
    for (auto at = groups_.begin(); at != groups_.end();) {
        any |= std::erase_if(at->second, lapses) > 0;
        at = at->second.empty() ? groups_.erase(at) : std::next(at);
    }
    return any;
}

// The group that spoke longest ago; of equals the first by key.
void ObservedAddresses::make_room() {
    if (groups_.size() < config_.groups_max || groups_.empty()) return;
    auto const quietest = std::ranges::min_element(
        groups_, {}, [](auto const& group) { return group.second.back().said_at; });
    groups_.erase(quietest);
}

bool ObservedAddresses::observe(Observation const& observation, base::Instant now) {
    expire(now);
    if (observation.by.empty() || observation.over == ObservedOver::from_other_port) return false;
    DialableRules const rules{.private_addresses = config_.private_addresses};
    if (dialable(observation.ours, rules) != Dialable::yes) return false;
    // Its word before this one, which it may have said from another address.
    erase_words([&](Word const& word) { return word.by == observation.by; });
    auto const key = group_key(observation);
    if (!groups_.contains(key)) make_room();
    auto& words = groups_[key];
    if (words.size() >= config_.observers_per_group_max && !words.empty()) words.erase(words.begin());
    SocketAddress const ours{IpRange::of(observation.ours.ip).ip, observation.ours.port};
    words.push_back({.by = observation.by, .ours = ours, .said_at = now});
    return true;
}

void ObservedAddresses::on_disconnected(PeerId const& observer, base::Instant now) {
    for (auto& [key, words] : groups_) {
        for (auto& word : words) {
            if (word.by == observer) word.until = std::min(word.until, now + config_.time_to_live);
        }
    }
}

bool ObservedAddresses::expire(base::Instant now) {
    return erase_words([&](Word const& word) { return word.until <= now; });
}

std::optional<base::Instant> ObservedAddresses::next_deadline() const {
    auto next = base::Instant::never();
    for (auto const& [key, words] : groups_) {
        for (auto const& word : words) next = std::min(next, word.until);
    }
    return next == base::Instant::never() ? std::nullopt : std::optional(next);
}

std::vector<SocketAddress> ObservedAddresses::confirmed(base::Instant now) const {
    std::map<SocketAddress, std::size_t> voices;
    for (auto const& [key, words] : groups_) {
        std::set<SocketAddress> said;  // by this group: one voice each
        for (auto const& word : words) {
            if (word.until > now) said.insert(word.ours);
        }
        for (auto const& address : said) ++voices[address];
    }
    std::erase_if(voices, [&](auto const& entry) { return entry.second < config_.groups_needed; });
    std::vector<std::pair<SocketAddress, std::size_t>> ranked(voices.begin(), voices.end());
    std::ranges::sort(ranked, [](auto const& a, auto const& b) {
        return std::tie(b.second, a.first) < std::tie(a.second, b.first);
    });
    if (ranked.size() > config_.confirmed_max) ranked.resize(config_.confirmed_max);
    std::vector<SocketAddress> addresses;
    for (auto const& [address, count] : ranked) addresses.push_back(address);
    return addresses;
}

void ObservedAddresses::describe(base::Describer& describer) const {
    base::DescribeScope const scope(describer, "observed_addresses");
    for (auto const& [key, words] : groups_) {
        for (auto const& word : words) {
            base::DescribeScope const one(describer, "word", word.by.text());
            describer.field("ours", word.ours.text());
            describer.field("said_at", word.said_at);
            describer.field("until", word.until);
        }
    }
}

}  // namespace libp2p::peerstore
