#include "libp2p/peer/peer.h"

#include "base/check.h"
#include "libp2p/peer/duplicate_rule.h"

#include <algorithm>

namespace libp2p::peer {

namespace {

void enter(State& state, Phase phase, base::Instant deadline) {
    state.phase = phase;
    state.deadline = deadline;
}

base::Instant next_duplicate_end(State const& state) {
    auto next = base::Instant::never();
    for (auto const& connection : state.connections) next = std::min(next, connection.close_at);
    return next;
}

void start_dial(State& state, Out& out) {
    enter(state, Phase::dialing, base::Instant::never());
    out.effects.emplace_back(StartDial{});
}

// After a failure or a loss: back off when kept, else forget.
std::optional<base::Duration> retreat(State& state, base::Env const& env) {
    if (!state.kept || state.addresses.empty()) {
        enter(state, Phase::unknown, base::Instant::never());
        return std::nullopt;
    }
    if (state.failures < UINT32_MAX) ++state.failures;
    auto const delay = backoff_delay(*state.config, state.failures, env.rng);
    enter(state, Phase::backoff, env.now + delay);
    return delay;
}

void on_want(State& state, Want const& action, Out& out) {
    state.kept = state.kept || action.keep;
    if (state.phase == Phase::unknown || state.phase == Phase::backoff) start_dial(state, out);
}

void on_dial_failed(State& state, DialFailed const& action, base::Env const& env, Out& out) {
    state.last_reason = action.reason;
    auto const retry_in = retreat(state, env);
    out.effects.emplace_back(AttemptFailed{action.reason, retry_in});
}

void on_connection_opened(State& state, ConnectionOpened const& action, base::Env const& env, Out& out) {
    Connection const newer{action.connection, action.direction, env.now};
    if (state.phase == Phase::banned) {
        state.connections.push_back(newer);
        out.effects.emplace_back(CloseConnection{action.connection, DisconnectReason::banned});
        return;
    }
    state.phase = Phase::connected;
    if (state.connections.empty()) {
        state.connections.push_back(newer);
        out.effects.emplace_back(BecameConnected{action.connection, false});
    } else if (newer_survives(*state.config, state.id, state.connections.front(), action.direction, env.now)) {
        state.connections.front().close_at = env.now + state.config->duplicate_grace;
        state.connections.insert(state.connections.begin(), newer);
        out.effects.emplace_back(BecameConnected{action.connection, true});
    } else {
        state.connections.push_back(newer);
        state.connections.back().close_at = env.now + state.config->duplicate_grace;
    }
    state.deadline = next_duplicate_end(state);
}

void close_due_duplicates(State& state, base::Env const& env, Out& out) {
    for (auto& connection : state.connections) {
        if (connection.close_at > env.now) continue;
        connection.close_at = base::Instant::never();
        out.effects.emplace_back(CloseConnection{connection.id, DisconnectReason::duplicate_connection});
    }
    state.deadline = next_duplicate_end(state);
}

void on_connection_lost(State& state, ConnectionLost const& action, base::Env const& env, Out& out) {
    auto const at = std::ranges::find(state.connections, action.connection, &Connection::id);
    if (at == state.connections.end()) return;
    auto const was_first = at == state.connections.begin();
    auto const lasted = env.now - at->opened_at;
    state.connections.erase(at);
    if (state.phase != Phase::connected) return;
    if (!state.connections.empty()) {
        if (was_first) {
            // The kept one is gone within the grace of the other, which takes over.
            state.connections.front().close_at = base::Instant::never();
            out.effects.emplace_back(BecameConnected{state.connections.front().id, true});
        }
        state.deadline = next_duplicate_end(state);
        return;
    }
    state.last_reason = action.reason;
    if (lasted >= state.config->stable) state.failures = 0;
    out.effects.emplace_back(BecameDisconnected{action.reason});
    if (auto const retry_in = retreat(state, env)) {
        out.effects.emplace_back(AttemptFailed{action.reason, retry_in});
    }
}

void close_all(State const& state, DisconnectReason reason, Out& out) {
    for (auto const& connection : state.connections) out.effects.emplace_back(CloseConnection{connection.id, reason});
}

void on_drop(State& state, Drop const& action, Out& out) {
    state.kept = false;
    if (state.phase == Phase::backoff) enter(state, Phase::unknown, base::Instant::never());
    close_all(state, action.reason, out);
}

void on_ban(State& state, Ban const& action, Out& out) {
    auto const was_connected = state.phase == Phase::connected;
    auto const was_dialing = state.phase == Phase::dialing;
    enter(state, Phase::banned, action.until);
    close_all(state, DisconnectReason::banned, out);
    // The end of the dial will find the peer banned, and say nothing.
    if (was_dialing) out.effects.emplace_back(AttemptFailed{DisconnectReason::banned, std::nullopt});
    if (was_connected) out.effects.emplace_back(BecameDisconnected{DisconnectReason::banned});
}

// The ban is over. Who is kept is wanted again.
void on_unban(State& state, Out& out) {
    enter(state, Phase::unknown, base::Instant::never());
    if (state.kept && !state.addresses.empty()) start_dial(state, out);
}

void on_expired(State& state, base::Env const& env, Out& out) {
    if (env.now < state.deadline) return;
    if (state.phase == Phase::banned) {
        on_unban(state, out);
    } else if (state.phase == Phase::connected) {
        close_due_duplicates(state, env, out);
    } else {
        start_dial(state, out);
    }
}

}  // namespace

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    auto const expectation = expects(state.phase, static_cast<int>(action.index()));
    base::check(expectation != Expectation::bug, "peer: an action out of turn");
    if (expectation == Expectation::ignore) return;
    switch (action.index()) {
        case 0: on_want(state, *std::get_if<Want>(&action), out); return;
        case 1: on_dial_failed(state, *std::get_if<DialFailed>(&action), env, out); return;
        case 2: on_connection_opened(state, *std::get_if<ConnectionOpened>(&action), env, out); return;
        case 3: on_connection_lost(state, *std::get_if<ConnectionLost>(&action), env, out); return;
        case 4: on_drop(state, *std::get_if<Drop>(&action), out); return;
        case 5: on_ban(state, *std::get_if<Ban>(&action), out); return;
        case 6: on_unban(state, out); return;
        case 7: on_expired(state, env, out); return;
        default: base::check(false, "peer: unknown action");
    }
}

void learn_address(State& state, Multiaddr const& address, bool best) {
    auto const plain = address.without_peer_id();
    if (plain.empty()) return;
    auto const is_known = std::ranges::find(state.addresses, plain) != state.addresses.end();
    if (is_known && !best) return;
    std::erase(state.addresses, plain);
    if (best) {
        state.addresses.insert(state.addresses.begin(), plain);
    } else {
        state.addresses.push_back(plain);
    }
    if (state.addresses.size() > addresses_max) state.addresses.pop_back();
}

base::Duration backoff_delay(Config const& config, std::uint32_t failures, base::Rng& rng) {
    auto step = config.first;
    for (std::uint32_t i = 1; i < failures && step < config.cap; ++i) step *= 2;
    step = std::min(step, config.cap);
    return rng.between(step / 2, step);
}

base::Instant next_deadline(State const& state) { return state.deadline; }

void describe(State const& state, base::Describer& describer) {
    describer.bytes("id", state.id.bytes());
    describer.field("phase", to_string(state.phase));
    describer.field("deadline", state.deadline);
    describer.field("kept", state.kept);
    describer.field("failures", state.failures);
    describer.field("last_reason", to_string(state.last_reason));
    for (auto const& connection : state.connections) {
        base::DescribeScope const scope(describer, "connection");
        describer.field("id", connection.id);
        describer.field("direction", to_string(connection.direction));
        describer.field("opened_at", connection.opened_at);
        describer.field("close_at", connection.close_at);
    }
    for (auto const& address : state.addresses) describer.bytes("address", address.bytes());
}

}  // namespace libp2p::peer
