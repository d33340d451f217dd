#include "libp2p/channel/channel.h"

#include "base/check.h"

namespace libp2p::channel {

namespace {

// mina: a refused stream is ended by FIN, since a reset would cost the whole connection with Mina's Rust node.
void end_refused(State& state, Out& out) {
    if (!state.local_finished) out.effects.emplace_back(FinishStream{});
    state.local_finished = true;
    state.phase = Phase::closed;
    state.deadline = base::Instant::never();
    state.reason = stream::CloseReason::negotiation_failed;
    out.effects.emplace_back(BecameClosed{});
}

void end(State& state, stream::CloseReason reason, bool reset, Out& out) {
    state.phase = Phase::closed;
    state.deadline = base::Instant::never();
    state.reason = reason;
    if (reset) out.effects.emplace_back(ResetStream{});
    out.effects.emplace_back(BecameClosed{});
}

void settle_phase(State& state, Out& out) {
    if (state.phase == Phase::negotiating) return;  // sides may finish before the answer is here
    if (state.local_finished && state.remote_finished) {
        end(state, stream::CloseReason::complete, /*reset=*/false, out);
    } else if (state.local_finished || state.remote_finished) {
        state.phase = Phase::half_closed;
    }
}

void on_agreed(State& state, Out& out) {
    state.phase = Phase::ready;
    state.deadline = base::Instant::never();
    settle_phase(state, out);
}

// The end of the stream before an answer is a refusal: nothing can be agreed any more.
void on_remote_finished(State& state, Out& out) {
    state.remote_finished = true;
    if (state.phase == Phase::negotiating) {
        end_refused(state, out);
        return;
    }
    settle_phase(state, out);
}

void on_local_finished(State& state, Out& out) {
    if (state.local_finished) return;
    state.local_finished = true;
    out.effects.emplace_back(FinishStream{});
    settle_phase(state, out);
}

}  // namespace

State begin(Direction direction, base::Instant deadline) {
    State state;
    state.direction = direction;
    state.deadline = deadline;
    return state;
}

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    auto const expectation = expects(state.phase, static_cast<int>(action.index()));
    base::check(expectation != Expectation::bug, "channel: an action out of turn");
    if (expectation == Expectation::ignore) return;
    switch (action.index()) {
        case 0: on_agreed(state, out); return;
        case 1: end_refused(state, out); return;
        case 2: on_local_finished(state, out); return;
        case 3: on_remote_finished(state, out); return;
        case 4: end(state, stream::CloseReason::reset, /*reset=*/false, out); return;
        case 5: end(state, stream::CloseReason::reset, /*reset=*/true, out); return;
        case 6: end(state, stream::CloseReason::connection_lost, /*reset=*/false, out); return;
        case 7:
            if (env.now >= state.deadline) end(state, stream::CloseReason::timed_out, /*reset=*/true, out);
            return;
        default: base::check(false, "channel: unknown action");
    }
}

base::Instant next_deadline(State const& state) { return state.deadline; }

void describe(State const& state, base::Describer& describer) {
    describer.field("direction", to_string(state.direction));
    describer.field("phase", to_string(state.phase));
    describer.field("deadline", state.deadline);
    describer.field("local_finished", state.local_finished);
    describer.field("remote_finished", state.remote_finished);
}

}  // namespace libp2p::channel
