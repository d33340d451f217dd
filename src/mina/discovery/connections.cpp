// What becomes of peers: the book hears of it, and lost ones are replaced.
#include "mina/discovery/steps.h"

#include <algorithm>

namespace mina::discovery {

using libp2p::peerstore::Source;

namespace {

// The end was this node's doing, and says nothing about the peer.
bool is_our_choice(libp2p::DisconnectReason reason) {
    using enum libp2p::DisconnectReason;
    return reason == trimmed || reason == hung_up || reason == shutdown || reason == duplicate_connection ||
           reason == too_many_connections;
}

// With fewer peers than wanted, discovery need not wait for its long interval.
void hurry(Step& step) {
    auto& state = step.state;
    if (state.phase != Phase::idle || state.book.census().connected >= state.config.peers_min) return;
    auto const soon = step.env.now + step.env.rng.between(base::Duration(0), state.config.interval_low);
    state.next_at = std::min(state.next_at, soon);
}

}  // namespace

void on(Step& step, PeerConnected const& action) {
    auto& state = step.state;
    state.connections[action.peer] = action.address;
    state.book.on_connected(action.peer, action.address, action.direction, step.env.now);
    state.book.on_dial_dropped(action.peer);  // what is still under way to it does not matter any more
    schedule_trim(step);
}

void on(Step& step, NamelessReached const& action) {
    auto& state = step.state;
    std::erase_if(state.nameless, [&](Nameless const& nameless) {
        if (nameless.address != action.address) return false;
        // Now it has a name.
        auto const source = nameless.is_seed ? Source::seed : Source::operator_given;
        state.book.learn(action.peer, std::span(&nameless.address, 1), source, {}, step.env.now);
        return true;
    });
}

void on(Step& step, PeerIdentified const& action) {
    step.state.book.set_agent(action.peer, action.agent);
    step.state.book.learn(action.peer, action.addresses, Source::identify, {}, step.env.now);
}

void on(Step& step, PeerDisconnected const& action) {
    auto& state = step.state;
    state.connections.erase(action.peer);
    state.book.on_disconnected(action.peer, !is_our_choice(action.reason), step.env.now, step.env.rng);
    state.book.on_dial_dropped(action.peer);
    attempt_connections(step);
    hurry(step);
}

void on(Step& step, AddressFailed const& action) {
    step.state.book.on_address_failed(action.peer, action.address, step.env.now);
}

void on(Step& step, DialFailed const& action) {
    auto& state = step.state;
    auto& book = state.book;
    if (action.reason == libp2p::DisconnectReason::connected_to_self) {
        state.kept.erase(action.peer);
        book.forget(action.peer);
        return;
    }
    auto const* const peer = book.find(action.peer);
    // What others dialed (a lookup, the keeper of the operator's peers) says nothing about the addresses of the book.
    if (peer == nullptr || !peer->is_dialing || peer->is_connected()) return;
    if (is_our_choice(action.reason)) {
        book.on_dial_dropped(action.peer);
        return;
    }
    book.on_dial_failed(action.peer, step.env.now, step.env.rng);
    if (!peer->is_proven() && peer->failures >= state.config.attempts_max) book.forget(action.peer);
    attempt_connections(step);
}

void on(Step& step, PeerSpare const& action) {
    if (!is_welcome(step, action.peer)) step.out.effects.emplace_back(HangUp{action.peer});
}

void on(Step& step, PeerWanted const& action) {
    auto const id = action.address.peer_id();
    if (!id) return;
    step.state.kept[*id] = true;
    step.state.book.learn(*id, std::span(&action.address, 1), Source::operator_given, {}, step.env.now);
    step.out.effects.emplace_back(AttemptConnection{*id, {action.address}, /*keep=*/true, false});
}

void on(Step& step, PeerUnwanted const& action) {
    step.state.kept.erase(action.peer);
    step.state.book.forget(action.peer);
}

}  // namespace mina::discovery
