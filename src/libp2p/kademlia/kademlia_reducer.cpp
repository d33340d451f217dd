#include "libp2p/kademlia/kademlia.h"

#include "base/check.h"
#include "libp2p/kademlia/steps.h"

namespace libp2p::kademlia {
namespace {

class Reduction {
public:
    explicit Reduction(Step& step) : step_(step), state_(step.state) {}

    void operator()(PeerConnected const& action) { on_peer_connected(step_, action); }
    void operator()(PeerIdentified const& action) { on_peer_identified(step_, action); }
    void operator()(PeerDisconnected const& action) { on_peer_disconnected(step_, action); }
    void operator()(ConnectFailed const& action) { on_connect_failed(step_, action); }
    void operator()(OwnAddresses const& action) { on_own_addresses(step_, action); }
    void operator()(Learn const& action) { on_learn(step_, action); }
    void operator()(Forget const& action) { on_forget(step_, action); }
    void operator()(FindPeer const& action) { on_find_peer(step_, action); }
    void operator()(FindClosest const& action) { on_find_closest(step_, action); }
    void operator()(AskClosest const& action) { on_ask_closest(step_, action); }
    void operator()(Provide const& action) { on_provide(step_, action); }
    void operator()(StopProviding const& action) { on_stop_providing(step_, action); }
    void operator()(FindProviders const& action) { on_find_providers(step_, action); }
    void operator()(PutValue const& action) { on_put_value(step_, action); }
    void operator()(GetValue const& action) { on_get_value(step_, action); }
    void operator()(stream::Opened const& opened);
    void operator()(stream::Data const& data);
    void operator()(stream::Finished const& finished);
    void operator()(stream::Writable const&) {}  // the swarm paces the peer, and so what we answer
    void operator()(stream::Closed const& closed);
    void operator()(Tick const&);

private:
    void on_due(Timer const& timer);

    Step& step_;
    State& state_;
};

void Reduction::operator()(stream::Opened const& opened) {
    if (opened.direction == Direction::outbound) {
        on_outbound_opened(step_, opened);
    } else {
        on_inbound_opened(step_, opened);
    }
}

void Reduction::operator()(stream::Data const& data) {
    if (auto const asking = state_.asking.find(data.channel); asking != state_.asking.end()) {
        on_outbound_data(step_, asking->second, data.bytes);
    } else if (state_.inbound.contains(data.channel)) {
        on_inbound_data(step_, data.channel, data.bytes);
    }
}

void Reduction::operator()(stream::Finished const& finished) {
    if (auto const asking = state_.asking.find(finished.channel); asking != state_.asking.end()) {
        on_outbound_finished(step_, asking->second);
    } else if (state_.inbound.contains(finished.channel)) {
        on_inbound_ended(step_, finished.channel);
    }
}

void Reduction::operator()(stream::Closed const& closed) {
    if (auto const asking = state_.asking.find(closed.channel); asking != state_.asking.end()) {
        on_outbound_closed(step_, asking->second, closed.reason);
    } else if (state_.inbound.contains(closed.channel)) {
        on_inbound_closed(step_, closed.channel);
    } else if (auto const request = state_.requests.find(closed.request); request != state_.requests.end()) {
        // A stream that could not be opened at all. One that was has its channel here.
        auto const& asked = request->second;
        if (!asked.channel && asked.peer == closed.peer) on_outbound_closed(step_, closed.request, closed.reason);
    }
}

void Reduction::operator()(Tick const&) {
    // What is due may set what is due at once, such as the next refresh: that is for the next Tick.
    for (auto left = state_.timers.size(); left > 0; --left) {
        auto const timer = state_.timers.pop_due(step_.env.now);
        if (!timer) return;
        on_due(*timer);
    }
}

void Reduction::on_due(Timer const& timer) {
    switch (timer.kind) {
        case Timer::Kind::request: return on_request_due(step_, RequestId{timer.id});
        case Timer::Kind::query: return on_query_due(step_, QueryId{timer.id});
        case Timer::Kind::inbound: return on_inbound_due(step_, ChannelId{timer.id});
        case Timer::Kind::release: return on_release_due(step_, PeerKey{timer.id});
        case Timer::Kind::refresh: return on_refresh_due(step_);
        case Timer::Kind::upkeep: return on_upkeep_due(step_);
        case Timer::Kind::republish: return on_republish_due(step_);
    }
}

}  // namespace

State::State(Config const& given) : config(given), self_key(key_of(given.self)), table(self_key) {
    base::check(config.disjoint_paths >= 1 && config.disjoint_paths <= 15, "kademlia: disjoint paths");
    base::check(config.candidates_max >= config.bucket_size && config.candidates_max <= 65'535, "kademlia: candidates");
    base::check(config.alpha >= 1 && config.bucket_size >= 1 && config.path_width >= 1,
                "kademlia: lookups that ask nobody");
    base::check(config.validate != nullptr, "kademlia: a validator");
}

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    Step step{state, env, out};
    std::visit(Reduction(step), action);
}

base::Instant next_deadline(State const& state) { return state.timers.next().value_or(base::Instant::never()); }

std::vector<MemberView> members(State const& state) {
    std::vector<MemberView> result;
    for (std::size_t i = 0; i < state.table.buckets().size(); ++i) {
        for (auto const& member : state.table.buckets()[i].members) {
            result.push_back({member.id, member.addresses, i, member.connected, member.last_useful});
        }
    }
    return result;
}

std::string_view to_string(Failure failure) {
    switch (failure) {
        case Failure::not_found: return "not found";
        case Failure::no_peers: return "no peers to ask";
        case Failure::timed_out: return "timed out";
        case Failure::not_supported: return "not supported";
        case Failure::bad_answer: return "bad answer";
        case Failure::connection_lost: return "connection lost";
        case Failure::invalid: return "invalid";
        case Failure::too_many: return "too many queries";
    }
    return "?";
}

std::string_view to_string(Misbehaviour what) {
    switch (what) {
        case Misbehaviour::malformed: return "malformed message";
        case Misbehaviour::too_long: return "message too long";
        case Misbehaviour::too_many_requests: return "too many requests";
        case Misbehaviour::unasked_answer: return "unasked answer";
        case Misbehaviour::invalid_record: return "invalid record";
        case Misbehaviour::provider_flood: return "too many provider records";
    }
    return "?";
}

}  // namespace libp2p::kademlia
