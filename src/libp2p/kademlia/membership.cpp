#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/steps.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

/// Others want to enter a full bucket: the member that was of use longest ago is asked whether it is still there.
void check_oldest(Step& step, std::size_t index) {
    auto& state = step.state;
    auto& bucket = state.table.bucket_at(index);
    if (bucket.is_checked || bucket.members.empty()) return;
    auto const& oldest = *std::ranges::min_element(bucket.members, {}, &Member::last_useful);
    if (step.env.now - oldest.last_useful < state.config.check_if_wanted_after) return;
    auto const id = oldest.id;
    auto const addresses = oldest.addresses;
    bucket.is_checked = true;
    probe(step, id, addresses);
}

}  // namespace

std::vector<Multiaddr> addresses_of(State const& state, Peer const& peer) {
    std::vector<Multiaddr> result;
    if (peer.direction == Direction::outbound) {
        // Where we have reached it ourselves comes first.
        auto const address = accepted(peer.address, peer.id, state.config.private_addresses);
        if (address) result.push_back(*address);
    }
    add_addresses(result, peer.addresses, peer_addresses_max);
    return result;
}

void on_alive(Step& step, PeerKey key) {
    auto& state = step.state;
    auto const found = state.peers.find(key);
    if (found == state.peers.end() || !found->second.is_server) return;
    auto const& peer = found->second;
    Member member{.id = peer.id, .key = key_of(peer.id), .addresses = addresses_of(state, peer)};
    if (member.addresses.empty()) return;  // nobody could be told of it
    member.group = group_of(peer.address);
    member.last_useful = step.env.now;
    member.connected = true;
    member.finds_nodes_only = peer.finds_nodes_only;
    auto const place = member.key;
    switch (state.table.add(std::move(member), state.config)) {
        case Admission::added:
            ++state.counters.members_added;
            on_table_changed(step);
            break;
        case Admission::updated: break;
        case Admission::waiting: check_oldest(step, state.table.bucket_of(place)); break;
        case Admission::refused: ++state.counters.members_refused; break;
    }
}

void on_dead(Step& step, PeerId const& id) {
    auto& state = step.state;
    if (!state.table.fail(id, state.config)) return;
    ++state.counters.members_left;
    on_table_changed(step);
}

void probe(Step& step, PeerId const& id, std::vector<Multiaddr> const& addresses) {
    auto& state = step.state;
    auto const may = state.probes < state.config.probes_max;
    if (may && ask(step, {id, MessageType::find_node, {}, 0}, addresses)) {
        ++state.probes;
        ++state.counters.probes;
    } else {
        auto const index = state.table.bucket_of(key_of(id));
        if (index < state.table.buckets().size()) state.table.bucket_at(index).is_checked = false;
    }
}

void on_probe_ended(Step& step, PeerId const& id) {
    auto& state = step.state;
    --state.probes;
    auto const index = state.table.bucket_of(key_of(id));
    if (index < state.table.buckets().size()) state.table.bucket_at(index).is_checked = false;
}

void probe_if_wanted(Step& step, Peer const& peer) {
    auto& state = step.state;
    if (!state.config.upkeep || state.table.find(peer.id) != nullptr || addresses_of(state, peer).empty()) return;
    for (auto const& [id, request] : state.requests) {
        if (request.id == peer.id && request.phase != Phase::abandoned) return;  // its answer will tell
    }
    auto const index = state.table.bucket_of(key_of(peer.id));
    if (index < state.table.buckets().size()) {
        auto const& bucket = state.table.buckets()[index];
        auto const is_full = bucket.members.size() >= state.config.bucket_size;
        if (is_full && bucket.replacements.size() >= state.config.replacements_max) return;
        if (std::ranges::find(bucket.replacements, peer.id, &Member::id) != bucket.replacements.end()) return;
    }
    probe(step, peer.id, {});
}

}  // namespace libp2p::kademlia
