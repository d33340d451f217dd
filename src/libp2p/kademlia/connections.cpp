#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/steps.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

constexpr base::Duration forgotten_for = std::chrono::hours(1);

void remember_backoff(Step& step, PeerId const& id, base::Duration time) {
    auto& state = step.state;
    if (state.config.backoffs_max == 0) return;
    auto const until = step.env.now + time;
    state.backoffs[id] = until;
    state.backoff_order.emplace_back(until, id);
    auto const is_old = [&](auto const& entry) { return entry.first <= step.env.now; };
    while (state.backoff_order.size() > state.config.backoffs_max || is_old(state.backoff_order.front())) {
        auto const [at, oldest] = state.backoff_order.front();
        state.backoff_order.pop_front();
        auto const found = state.backoffs.find(oldest);
        if (found != state.backoffs.end() && found->second == at) state.backoffs.erase(found);
        if (state.backoff_order.empty()) break;
    }
}

/// Counts a dial to the group; false when it has had as many as it may in this minute.
bool count_dial(Step& step, Group group) {
    if (group == 0) return true;
    auto& state = step.state;
    auto const minute_over = [&](DialCount const& count) {
        return step.env.now - count.minute >= std::chrono::minutes(1);
    };
    if (!state.dial_counts.contains(group) && state.dial_counts.size() >= state.config.dial_groups_max) {
        std::erase_if(state.dial_counts, [&](auto const& entry) { return minute_over(entry.second); });
        if (state.dial_counts.size() >= state.config.dial_groups_max) return false;
    }
    auto const [at, added] = state.dial_counts.try_emplace(group, DialCount{step.env.now, 0});
    auto& count = at->second;
    if (minute_over(count)) count = {step.env.now, 0};
    if (count.dials >= state.config.dials_a_minute_max) return false;
    ++count.dials;
    return true;
}

std::vector<Multiaddr> dialable(Step& step, PeerId const& id, std::vector<Multiaddr> const& addresses) {
    std::vector<Multiaddr> result;
    std::vector<std::pair<Group, bool>> asked;  // a group counts once for all addresses of the peer
    for (auto& address : accepted(addresses, id, step.state.config.private_addresses, peer_addresses_max)) {
        auto const group = group_of(address);
        auto at = std::ranges::find(asked, group, &std::pair<Group, bool>::first);
        if (at == asked.end()) at = asked.emplace(asked.end(), group, count_dial(step, group));
        if (at->second) result.push_back(std::move(address));
    }
    return result;
}

void order_dial(Step& step, PeerId const& id, Outgoing& outgoing) {
    ++step.state.dials;
    ++step.state.counters.dials;
    outgoing.is_dialing = true;
    step.order(Connect{{id, std::exchange(outgoing.to_dial, {})}});
}

void start_waiting_dials(Step& step) {
    auto& state = step.state;
    while (state.dials < state.config.dials_max && !state.dials_waiting.empty()) {
        auto const id = state.dials_waiting.front();
        state.dials_waiting.pop_front();
        auto const found = state.outgoing.find(id);
        if (found == state.outgoing.end() || found->second.to_dial.empty()) continue;
        order_dial(step, id, found->second);
    }
}

/// No Connect is under way any more.
void end_dial(Step& step, PeerId const& id) {
    auto const found = step.state.outgoing.find(id);
    if (found == step.state.outgoing.end()) return;
    found->second.to_dial.clear();
    if (found->second.is_dialing) {
        found->second.is_dialing = false;
        --step.state.dials;
    }
    start_waiting_dials(step);
}

void fail_waiting(Step& step, PeerId const& id, Failure why) {
    auto const found = step.state.outgoing.find(id);
    if (found == step.state.outgoing.end()) return;
    auto const waiting = found->second.waiting;
    for (auto const request : waiting) fail_request(step, request, why);
}

void drop_if_idle(State& state, PeerId const& id) {
    auto const found = state.outgoing.find(id);
    if (found == state.outgoing.end()) return;
    auto const& outgoing = found->second;
    if (outgoing.waiting.empty() && outgoing.streams == 0 && !outgoing.is_dialing) state.outgoing.erase(found);
}

}  // namespace

Peer* connected_peer(State& state, PeerId const& id) {
    auto const key = state.keys.find(id);
    return key == state.keys.end() ? nullptr : &state.peers.at(key->second);
}

bool dial(Step& step, PeerId const& id, std::vector<Multiaddr> const& addresses) {
    auto& state = step.state;
    auto const backoff = state.backoffs.find(id);
    if (backoff != state.backoffs.end() && step.env.now < backoff->second) return false;
    auto to_dial = dialable(step, id, addresses);
    if (to_dial.empty()) {
        ++state.counters.dials_withheld;
        return false;
    }
    auto& outgoing = state.outgoing[id];
    outgoing.to_dial = std::move(to_dial);
    if (state.dials < state.config.dials_max) {
        order_dial(step, id, outgoing);
    } else {
        state.dials_waiting.push_back(id);
    }
    return true;
}

void on_peer_connected(Step& step, PeerConnected const& connected) {
    auto& state = step.state;
    if (connected.id == state.config.self || connected.id.empty()) return;
    auto const [at, added] = state.peers.try_emplace(connected.peer);
    auto& peer = at->second;
    if (!added && peer.id != connected.id) return;
    peer.address = connected.address.without_peer_id();
    peer.direction = connected.direction;
    if (!added) return;
    peer.id = connected.id;
    peer.last_used = step.env.now;
    peer.tokens = state.config.requests_burst;
    peer.tokens_at = step.env.now;
    state.keys[connected.id] = connected.peer;
    state.backoffs.erase(connected.id);
    auto const outgoing = state.outgoing.find(connected.id);
    auto const is_ordered = outgoing != state.outgoing.end() && outgoing->second.is_dialing;
    if (is_ordered && connected.direction == Direction::outbound) {
        peer.ordered = true;
        state.timers.set({Timer::Kind::release, connected.peer.value}, step.env.now + state.config.release_after);
    }
    end_dial(step, connected.id);
    if (auto* const member = state.table.find(connected.id)) member->connected = true;
}

void on_peer_identified(Step& step, PeerIdentified const& identified) {
    auto& state = step.state;
    auto const found = state.peers.find(identified.peer);
    if (found == state.peers.end()) return;
    auto& peer = found->second;
    auto const id = peer.id;
    peer.is_identified = true;
    peer.is_server = identified.is_server && !peer.is_forgotten;
    peer.finds_nodes_only = identified.finds_nodes_only;
    peer.addresses = accepted(identified.listen_addresses, id, state.config.private_addresses, peer_addresses_max);
    if (!peer.is_server) {
        state.table.remove(id, state.config);
        fail_waiting(step, id, Failure::not_supported);
        drop_if_idle(state, id);
        return;
    }
    open_streams(step, id);
    probe_if_wanted(step, peer);
}

void on_peer_disconnected(Step& step, PeerDisconnected const& disconnected) {
    auto& state = step.state;
    auto const found = state.peers.find(disconnected.peer);
    if (found == state.peers.end()) return;
    auto const id = found->second.id;
    state.peers.erase(found);
    state.timers.cancel({Timer::Kind::release, disconnected.peer.value});
    if (auto const key = state.keys.find(id); key != state.keys.end() && key->second == disconnected.peer)
        state.keys.erase(key);
    if (auto* const member = state.table.find(id)) member->connected = false;
    std::vector<RequestId> lost;
    for (auto const& [request, asked] : state.requests) {
        if (asked.peer == disconnected.peer) lost.push_back(request);
    }
    for (auto const request : lost) on_outbound_closed(step, request, stream::CloseReason::connection_lost);
    if (!state.keys.contains(id)) fail_waiting(step, id, Failure::connection_lost);
    std::vector<ChannelId> ended;
    for (auto const& [channel, inbound] : state.inbound) {
        if (inbound.peer == disconnected.peer) ended.push_back(channel);
    }
    for (auto const channel : ended) on_inbound_closed(step, channel);
    drop_if_idle(state, id);
}

void on_connect_failed(Step& step, ConnectFailed const& failed) {
    auto& state = step.state;
    auto const found = state.outgoing.find(failed.id);
    if (found == state.outgoing.end() || !found->second.is_dialing) return;
    ++state.counters.dials_failed;
    end_dial(step, failed.id);
    remember_backoff(step, failed.id, state.config.dial_backoff);
    state.known.erase(failed.id);
    if (!found->second.waiting.empty()) on_dead(step, failed.id);
    fail_waiting(step, failed.id, Failure::not_found);
    drop_if_idle(state, failed.id);
}

void on_learn(Step& step, Learn const& learn) {
    auto& state = step.state;
    auto const was_empty = state.known.empty();
    for (auto const& peer : learn.peers) {
        if (peer.id == state.config.self || peer.id.empty() || state.config.known_max == 0) continue;
        auto addresses = accepted(peer.addresses, peer.id, state.config.private_addresses, peer_addresses_max);
        if (addresses.empty()) continue;
        auto const [at, added] = state.known.insert_or_assign(peer.id, std::move(addresses));
        if (!added) continue;
        state.known_order.push_back(peer.id);
        while (state.known_order.size() > state.config.known_max) {
            state.known.erase(state.known_order.front());
            state.known_order.pop_front();
        }
    }
    if (was_empty && !state.known.empty()) on_table_changed(step);
}

void on_forget(Step& step, Forget const& forget) {
    auto& state = step.state;
    if (forget.id.empty()) return;
    state.table.remove(forget.id, state.config);
    state.known.erase(forget.id);
    state.providers.forget(forget.id);
    remember_backoff(step, forget.id, forgotten_for);
    if (auto* const peer = connected_peer(state, forget.id)) {
        peer->is_forgotten = true;
        peer->is_server = false;
    }
    fail_waiting(step, forget.id, Failure::not_found);
    drop_if_idle(state, forget.id);
}

void on_release_due(Step& step, PeerKey key) {
    auto& state = step.state;
    auto const found = state.peers.find(key);
    if (found == state.peers.end() || !found->second.ordered) return;
    auto& peer = found->second;
    auto const outgoing = state.outgoing.find(peer.id);
    auto const is_used = outgoing != state.outgoing.end() && !outgoing->second.waiting.empty();
    auto const due = (is_used ? step.env.now : peer.last_used) + state.config.release_after;
    if (step.env.now < due) {
        state.timers.set({Timer::Kind::release, key.value}, due);
        return;
    }
    peer.ordered = false;
    ++state.counters.releases;
    step.order(Release{key});
}

}  // namespace libp2p::kademlia
