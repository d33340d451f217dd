#include "libp2p/connection/connection.h"

#include "base/check.h"

#include <algorithm>

namespace libp2p::connection {

namespace {

void enter(State& state, Phase phase, base::Duration timeout, base::Env const& env) {
    state.phase = phase;
    state.phase_since = env.now;
    state.deadline = env.now + timeout;
}

void end(State& state, DisconnectReason reason, bool orderly, base::Env const& env, Out& out) {
    auto const was_open = state.phase == Phase::open || state.phase == Phase::closing;
    if (state.reason == DisconnectReason::none) state.reason = reason;
    state.phase = Phase::closed;
    state.phase_since = env.now;
    state.deadline = base::Instant::never();
    out.effects.emplace_back(CloseLink{orderly});
    out.effects.emplace_back(BecameClosed{was_open});
    env.trace.record({"connection", to_string(state.reason), 0, 0});
}

// Says GOAWAY and lets it go out; the link is closed when the peer closes, or at the deadline.
void say_goodbye(State& state, DisconnectReason reason, yamux::GoAwayCode code, base::Env const& env, Out& out) {
    state.reason = reason;
    enter(state, Phase::closing, state.config->closing_timeout, env);
    out.effects.emplace_back(SayGoodbye{code});
    out.effects.emplace_back(BecameClosing{});
}

void on_linked(State& state, base::Env const& env, Out& out) {
    enter(state, Phase::securing, state.config->securing_timeout, env);
    out.effects.emplace_back(BeginUpgrade{});
}

void on_unlinked(State& state, Unlinked const& action, base::Env const& env, Out& out) {
    end(state, action.reason, /*orderly=*/false, env, out);
}

void on_secured(State& state, Secured const& action, base::Env const& env) {
    state.remote = action.remote;
    enter(state, Phase::muxing, state.config->muxing_timeout, env);
}

void on_muxed(State& state, base::Env const& env, Out& out) {
    enter(state, Phase::open, state.config->keep_alive_interval, env);
    state.heard_at = env.now;
    // The first ping measures the round trip, which the receive windows tune themselves to.
    state.pinged_at = env.now;
    state.deadline = env.now + state.config->keep_alive_answer;
    out.effects.emplace_back(BecameOpen{});
    out.effects.emplace_back(SendPing{});
}

void on_faulted(State& state, Faulted const& action, base::Env const& env, Out& out) {
    // Yamux can say what it thinks of the peer; the layers below cannot.
    if (state.phase == Phase::open) {
        say_goodbye(state, action.reason, yamux::GoAwayCode::protocol_error, env, out);
        return;
    }
    end(state, action.reason, /*orderly=*/false, env, out);
}

void on_close(State& state, Close const& action, base::Env const& env, Out& out) {
    if (state.phase == Phase::open) {
        say_goodbye(state, action.reason, yamux::GoAwayCode::normal, env, out);
        return;
    }
    end(state, action.reason, /*orderly=*/true, env, out);
}

void on_open_expired(State& state, base::Env const& env, Out& out) {
    auto const& config = *state.config;
    if (state.pinged_at) {
        // Any byte since the ping is a sign of life: a peer that is busy sending may answer late.
        if (state.heard_at < *state.pinged_at && env.now - *state.pinged_at >= config.keep_alive_answer) {
            end(state, DisconnectReason::keep_alive_timed_out, /*orderly=*/false, env, out);
            return;
        }
        state.pinged_at.reset();
        state.deadline = std::max(state.heard_at, env.now - config.keep_alive_answer) + config.keep_alive_interval;
        if (state.deadline > env.now) return;
    }
    state.pinged_at = env.now;
    state.deadline = env.now + config.keep_alive_answer;
    out.effects.emplace_back(SendPing{});
}

void on_expired(State& state, base::Env const& env, Out& out) {
    if (env.now < state.deadline) return;  // the deadline has moved since the timer was set
    switch (state.phase) {
        case Phase::dialing: end(state, DisconnectReason::dial_timed_out, false, env, out); return;
        case Phase::securing: end(state, DisconnectReason::securing_timed_out, false, env, out); return;
        case Phase::muxing: end(state, DisconnectReason::muxing_timed_out, false, env, out); return;
        case Phase::open: on_open_expired(state, env, out); return;
        case Phase::closing: end(state, state.reason, true, env, out); return;
        case Phase::closed: return;
    }
}

}  // namespace

State begin(Config const& config, Direction direction, base::Instant now) {
    State state;
    state.config = &config;
    state.direction = direction;
    state.phase = direction == Direction::outbound ? Phase::dialing : Phase::securing;
    state.phase_since = now;
    state.heard_at = now;
    state.deadline = now + (direction == Direction::outbound ? config.dial_timeout : config.securing_timeout);
    return state;
}

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    auto const expectation = expects(state.phase, static_cast<int>(action.index()));
    base::check(expectation != Expectation::bug, "connection: an action out of turn");
    if (expectation == Expectation::ignore) return;
    switch (action.index()) {
        case 0: on_linked(state, env, out); return;
        case 1: on_unlinked(state, *std::get_if<Unlinked>(&action), env, out); return;
        case 2: on_secured(state, *std::get_if<Secured>(&action), env); return;
        case 3: on_muxed(state, env, out); return;
        case 4: on_faulted(state, *std::get_if<Faulted>(&action), env, out); return;
        case 5: state.heard_at = env.now; return;
        case 6: end(state, DisconnectReason::remote_went_away, /*orderly=*/true, env, out); return;
        case 7: on_close(state, *std::get_if<Close>(&action), env, out); return;
        case 8: on_expired(state, env, out); return;
        case 9: end(state, state.reason, /*orderly=*/true, env, out); return;
        default: base::check(false, "connection: unknown action");
    }
}

base::Instant next_deadline(State const& state) { return state.deadline; }

void describe(State const& state, base::Describer& describer) {
    describer.field("direction", to_string(state.direction));
    describer.field("phase", to_string(state.phase));
    describer.field("phase_since", state.phase_since);
    describer.field("deadline", state.deadline);
    describer.field("heard_at", state.heard_at);
    describer.field("pinged", state.pinged_at.has_value());
    describer.bytes("remote", state.remote.bytes());
    describer.field("reason", to_string(state.reason));
}

}  // namespace libp2p::connection
