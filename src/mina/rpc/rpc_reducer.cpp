#include "mina/rpc/rpc_reduction.h"

#include "base/check.h"

#include <algorithm>

namespace mina::rpc {

Peer& Reduction::peer_at(PeerKey key) {
    auto const found = state_.peers.find(key);
    base::check(found != state_.peers.end(), "rpc: a stream without its peer");
    return found->second;
}

Peer& Reduction::peer_or_new(PeerKey key) {
    auto const [at, is_new] = state_.peers.try_emplace(key);
    if (is_new) ++account_of(key).users;
    return at->second;
}

void Reduction::erase_peer(PeerKey key) {
    auto const at = state_.peers.find(key);
    base::check(at->second.outbound.empty() && at->second.inbound.empty(), "rpc: a peer gone before its streams");
    base::check(at->second.held_bytes == 0, "rpc: answers held for a peer that is gone");
    use_host(at->second, HostId{});
    auto& account = account_of(key);
    --account.users;
    account.used_at = env_.now;
    state_.timers.cancel({Timer::Kind::peer, key.value});
    state_.peers.erase(at);
}

void Reduction::operator()(PeerSeen const& seen) {
    auto& peer = peer_or_new(seen.peer);
    peer.is_seen = true;
    use_host(peer, seen.host);
}

void Reduction::operator()(PeerReady const& ready) {
    auto& peer = peer_or_new(ready.peer);
    auto const dialect = ready.dialect.value_or(dialect_of(ready.agent, ready.protocols));
    // Who asked us for a menu is no Rust node, whatever it says of itself.
    if (peer.dialect == Dialect::unknown || ready.dialect) peer.dialect = dialect;
    peer.is_seen = peer.is_ready = true;
    peer.speaks_rpc = std::ranges::find(ready.protocols, state_.config.protocol) != ready.protocols.end();
    if (ready.host) use_host(peer, ready.host);
    if (!peer.speaks_rpc) fail_waiting(ready.peer, peer, Reason::not_supported);
    pump(ready.peer);
}

void Reduction::operator()(PeerGone const& gone) {
    auto const found = state_.peers.find(gone.peer);
    if (found == state_.peers.end()) return;
    auto& peer = found->second;
    peer.speaks_rpc = false;  // so that nothing is sent again while its streams are forgotten
    fail_waiting(gone.peer, peer, Reason::closed);
    peer.is_seen = true;      // and the peer stays until all are
    std::vector<ChannelId> streams;
    for (auto const& [channel, stream] : state_.streams) {
        if (stream.peer == gone.peer) streams.push_back(channel);
    }
    for (auto const channel : streams) forget(state_.streams.find(channel), Reason::closed);
    std::erase_if(state_.openings, [&](auto const& opening) { return opening.second == gone.peer; });
    erase_peer(gone.peer);
}

void Reduction::operator()(Tick const&) {
    while (auto const timer = state_.timers.pop_due(env_.now)) {
        switch (timer->kind) {
            case Timer::Kind::stream: on_stream_deadline(state_.streams.find(ChannelId{timer->id})); break;
            case Timer::Kind::peer: pump(PeerKey{timer->id}); break;
            case Timer::Kind::question: on_question_deadline(QuestionId{timer->id}); break;
        }
    }
}

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    std::visit(Reduction(state, env, out), action);
}

base::Instant next_deadline(State const& state) {
    return state.timers.next().value_or(base::Instant::never());
}

}  // namespace mina::rpc
