#include "libp2p/gossipsub/gossipsub.h"

#include "base/check.h"
#include "libp2p/gossipsub/steps.h"

namespace libp2p::gossipsub {
namespace {

/// At the first action: what needs randomness and a clock.
void start(State& state, base::Env const& env) {
    state.is_started = true;
    base::ByteArray<16> secret{};
    env.rng.fill_private(secret);
    state.seen.set_secret(secret);
    auto const delay = state.config.heartbeat_delay;
    state.heartbeat_at = env.now + env.rng.between(delay, delay + state.config.heartbeat_interval);
}

void on_rpc(Step& step, RpcReceived const& received) {
    auto& state = step.state;
    auto const rpc = received.rpc.size() <= state.config.rpc_bytes_max ? decode_rpc(received.rpc) : std::nullopt;
    if (!rpc) return step.report(received.peer, Misbehaviour::malformed_rpc);
    if (!state.peers.contains(received.peer)) {
        if (state.peers.size() >= state.config.peers_max) return step.trace("too_many_peers", received.peer.value);
        state.peers.try_emplace(received.peer);
    }
    on_subscription_parts(step, received.peer, rpc->subscriptions);
    if (!on_message_parts(step, received.peer, rpc->messages)) {
        return step.report(received.peer, Misbehaviour::malformed_rpc);
    }
    if (!rpc->has_control) return;
    if (!rpc->ihave.empty()) on_ihave_parts(step, received.peer, rpc->ihave, rpc->is_ihave_cut);
    if (!rpc->iwant.empty()) on_iwant_ids(step, received.peer, rpc->iwant, rpc->is_iwant_cut);
    on_graft_parts(step, received.peer, rpc->graft);
    on_prune_parts(step, received.peer, rpc->prune);
}

void on_tick(Step& step) {
    auto& state = step.state;
    expire_pending(step);
    if (state.heartbeat_at > step.env.now) return;
    beat(step);
    // After a long sleep the missed beats are not made up for.
    auto const next = state.heartbeat_at + state.config.heartbeat_interval;
    state.heartbeat_at = next > step.env.now ? next : step.env.now + state.config.heartbeat_interval;
}

}  // namespace

State::State(Config of)
    : config(std::move(of)),
      sequence_number(config.first_sequence_number),
      seen(config.seen_ttl, config.seen_max),
      cache(config.cache) {
    if (config.key) self = PeerId::of(config.key->public_key());
    base::check(config.mesh_outbound_min <= config.mesh_low && config.mesh_low <= config.mesh_target &&
                    config.mesh_target <= config.mesh_high,
                "D_out <= D_low <= D <= D_high");
    base::check(config.seen_ttl > config.verdict_timeout, "a message is remembered longer than its verdict may take");
    base::check(config.message_id != nullptr, "a message id function");
}

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    if (!state.is_started) start(state, env);
    Step step{state, env, out, Outbox(state, out)};
    if (auto const* received = std::get_if<RpcReceived>(&action)) {
        on_rpc(step, *received);
    } else if (auto const* verdict = std::get_if<Verdict>(&action)) {
        on_verdict(step, *verdict);
    } else if (auto const* publish = std::get_if<Publish>(&action)) {
        on_publish(step, *publish);
    } else if (auto const* added = std::get_if<PeerAdded>(&action)) {
        on_peer_added(step, *added);
    } else if (auto const* removed = std::get_if<PeerRemoved>(&action)) {
        on_peer_removed(step, *removed);
    } else if (auto const* subscribe = std::get_if<Subscribe>(&action)) {
        on_subscribe(step, *subscribe);
    } else if (auto const* unsubscribe = std::get_if<Unsubscribe>(&action)) {
        on_unsubscribe(step, *unsubscribe);
    } else if (std::holds_alternative<Tick>(action)) {
        on_tick(step);
    }
    step.outbox.flush();
}

base::Instant next_deadline(State const& state) {
    if (state.pending.empty()) return state.heartbeat_at;
    return std::min(state.heartbeat_at, state.pending.begin()->second.deadline);
}

}  // namespace libp2p::gossipsub
