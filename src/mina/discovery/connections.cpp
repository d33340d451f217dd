// What becomes of peers: the book hears of it, and lost ones are replaced.
#include "mina/discovery/steps.h"

#include <algorithm>

namespace mina::discovery {

using libp2p::peerstore::Source;

namespace {

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
    state.book.on_connected(action.peer, action.address, action.direction, step.env.now);
    state.book.on_dial_dropped(action.peer);  // what is still under way to it does not matter any more
    std::erase_if(state.nameless, [&](Nameless const& nameless) {
        if (nameless.address != action.address.without_peer_id()) return false;
        // Now it has a name.
        auto const source = nameless.is_seed ? Source::seed : Source::operator_given;
        state.book.learn(action.peer, std::span(&nameless.address, 1), source, {}, step.env.now);
        return true;
    });
    schedule_trim(step);
}

void on(Step& step, PeerIdentified const& action) {
    step.state.book.set_agent(action.peer, action.agent);
    step.state.book.learn(action.peer, action.addresses, Source::identify, {}, step.env.now);
}

void on(Step& step, PeerDisconnected const& action) {
    step.state.book.on_disconnected(action.peer, step.env.now, step.env.rng);
    attempt_connections(step);
    hurry(step);
}

void on(Step& step, AddressFailed const& action) {
    step.state.book.on_address_failed(action.peer, action.address, step.env.now);
}

void on(Step& step, DialFailed const& action) {
    auto& state = step.state;
    auto& book = state.book;
    auto const* const peer = book.find(action.peer);
    if (peer == nullptr || peer->is_connected() || action.will_retry) return;
    auto const is_ours = action.reason == libp2p::DisconnectReason::too_many_connections ||
                         action.reason == libp2p::DisconnectReason::hung_up;
    if (is_ours) {
        book.on_dial_dropped(action.peer);
        return;
    }
    book.on_dial_failed(action.peer, step.env.now, step.env.rng);
    auto const is_tired = !peer->is_protected() && peer->failures >= state.config.attempts_max;
    if (is_tired || action.reason == libp2p::DisconnectReason::connected_to_self) book.forget(action.peer);
    attempt_connections(step);
}

void on(Step& step, PeerSpare const& action) {
    if (!is_welcome(step.state, action.peer)) step.out.effects.emplace_back(HangUp{action.peer});
}

void on(Step& step, PeerWanted const& action) {
    auto const id = action.address.peer_id();
    if (!id) return;
    step.state.kept[*id] = true;
    step.state.book.learn(*id, std::span(&action.address, 1), Source::operator_given, {}, step.env.now);
    step.state.book.begin_dial(*id, step.env.now, &step.gate);
    step.out.effects.emplace_back(AttemptConnection{*id, {action.address}, /*keep=*/true, false});
}

void on(Step& step, PeerUnwanted const& action) {
    step.state.kept.erase(action.peer);
    step.state.book.forget(action.peer);
}

}  // namespace mina::discovery
