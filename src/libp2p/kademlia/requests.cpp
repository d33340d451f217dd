#include "base/check.h"
#include "libp2p/kademlia/steps.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

using RequestAt = std::map<RequestId, Request>::iterator;

Failure failure_of(stream::CloseReason reason) {
    switch (reason) {
        case stream::CloseReason::negotiation_failed: return Failure::not_supported;
        case stream::CloseReason::timed_out: return Failure::timed_out;
        case stream::CloseReason::complete:
        case stream::CloseReason::reset:
        case stream::CloseReason::connection_lost: return Failure::connection_lost;
    }
    return Failure::connection_lost;
}

void set_timer(Step& step, RequestId id, base::Instant at) {
    step.state.timers.set({Timer::Kind::request, id.value}, at);
}

/// The request leaves; what holds its peer's place goes with it.
void erase(Step& step, RequestAt at) {
    auto& state = step.state;
    auto const& request = at->second;
    state.timers.cancel({Timer::Kind::request, at->first.value});
    if (request.channel) state.asking.erase(request.channel);
    auto const found = state.outgoing.find(request.id);
    if (found != state.outgoing.end()) {
        auto& outgoing = found->second;
        if (request.phase == Phase::waiting) {
            std::erase(outgoing.waiting, at->first);
        } else {
            --outgoing.streams;
        }
        if (outgoing.waiting.empty()) outgoing.to_dial.clear();
        if (outgoing.waiting.empty() && outgoing.streams == 0 && !outgoing.is_dialing) state.outgoing.erase(found);
    }
    state.requests.erase(at);
}

/// Nobody waits for it any more. Never reset: Mina's Rust node takes a reset for the end of the connection.
void abandon(Step& step, RequestAt at) {
    auto& request = at->second;
    if (request.phase == Phase::waiting) return erase(step, at);
    step.state.timers.cancel({Timer::Kind::request, at->first.value});
    request.phase = Phase::abandoned;
    request.answer = LengthPrefixed(0);
    if (request.channel) step.order(stream::Finish{request.channel});
}

base::ByteString message_of(State const& state, Request const& request, Peer const& peer) {
    Message message;
    message.type = request.type;
    if (!request.query) {
        message.key = request.id.bytes();
        return encode(message);
    }
    auto const& query = state.queries.at(request.query);
    message.key = query.key;
    if (peer.finds_nodes_only) message.type = MessageType::find_node;
    if (request.type == MessageType::put_value) message.record = Record{query.key, query.value};
    if (request.type == MessageType::add_provider) {
        PeerAddresses own{state.config.self, {}};
        for (auto const& address : state.own_addresses) {
            if (is_tellable(address, peer.address, state.config.private_addresses)) own.addresses.push_back(address);
        }
        message.providers.push_back(std::move(own));
    }
    return encode(message);
}

void on_answered(Step& step, RequestAt at, Message const& answer) {
    auto& state = step.state;
    auto& request = at->second;
    request.is_answered = true;
    ++state.counters.answers_received;
    auto const peer = request.peer;
    auto const id = request.id;
    auto const query = request.query;
    auto const candidate = request.candidate;
    auto const is_telling = request.type == MessageType::put_value;
    auto const kept = std::move(request.answer);  // `answer` has views of it
    abandon(step, at);
    if (auto const found = state.peers.find(peer); found != state.peers.end()) found->second.last_used = step.env.now;
    if (answer.type == MessageType::find_node) on_alive(step, peer);
    if (!query) return on_probe_ended(step, id);
    if (is_telling) return on_told(step, query, id, true);
    on_query_answered(step, query, candidate, peer, answer);
}

/// A message came. What it answers has to be of the type asked for.
void read_answer(Step& step, RequestAt at, base::ByteView bytes) {
    auto const& request = at->second;
    auto const peer = request.peer;
    auto const found = step.state.peers.find(peer);
    auto const finds_nodes_only = found != step.state.peers.end() && found->second.finds_nodes_only;
    auto const expected = finds_nodes_only ? MessageType::find_node : request.type;
    auto const answer = decode(bytes);
    if (!answer || answer->type != expected) {
        step.report(peer, Misbehaviour::malformed);
        fail_request(step, at->first, Failure::bad_answer);
        return;
    }
    on_answered(step, at, *answer);
}

void ignore(Step& step, RequestAt at, std::size_t bytes) {
    auto& request = at->second;
    request.bytes_ignored += bytes;
    auto const is_too_much = request.bytes_ignored > answer_bytes_in_max;
    if (request.is_reported || (!request.is_answered && !is_too_much)) return;
    request.is_reported = true;
    step.report(request.peer, request.is_answered ? Misbehaviour::unasked_answer : Misbehaviour::too_long);
    auto const peer = step.state.peers.find(request.peer);
    if (peer != step.state.peers.end() && !peer->second.finds_nodes_only) step.order(stream::Reset{request.channel});
}

}  // namespace

bool ask(Step& step, Asked const& asked, std::vector<Multiaddr> const& addresses) {
    auto& state = step.state;
    auto* const peer = connected_peer(state, asked.id);
    if (peer != nullptr && peer->is_identified) {
        if (!peer->is_server) return false;
        auto const is_short = !asked.query || is_short_peer_id(state.queries.at(asked.query).key);
        auto const is_telling = asked.type == MessageType::add_provider || asked.type == MessageType::put_value;
        if (peer->finds_nodes_only && (is_telling || !is_short)) return false;
    }
    auto const outgoing = state.outgoing.find(asked.id);
    auto const is_awaited = peer != nullptr || (outgoing != state.outgoing.end() &&
                                               (outgoing->second.is_dialing || !outgoing->second.to_dial.empty()));
    if (!is_awaited && !dial(step, asked.id, addresses)) return false;

    RequestId const id{++state.last_request};
    auto& request = state.requests[id];
    request.id = asked.id;
    request.type = asked.type;
    request.query = asked.query;
    request.candidate = asked.candidate;
    request.deadline = step.env.now + state.config.request_timeout;
    if (asked.type == MessageType::get_providers) request.answer = LengthPrefixed(providers_answer_bytes_in_max);
    set_timer(step, id, std::min(request.deadline, step.env.now + state.config.slow_after));
    state.outgoing[asked.id].waiting.push_back(id);
    open_streams(step, asked.id);
    return true;
}

void open_streams(Step& step, PeerId const& id) {
    auto& state = step.state;
    auto* const peer = connected_peer(state, id);
    auto const found = state.outgoing.find(id);
    if (peer == nullptr || !peer->is_identified || found == state.outgoing.end()) return;
    auto& outgoing = found->second;
    auto const streams_max = peer->finds_nodes_only ? state.config.streams_to_finders_max : state.config.streams_max;
    std::vector<RequestId> refused;
    while (!outgoing.waiting.empty() && outgoing.streams < streams_max) {
        auto const next = outgoing.waiting.front();
        auto& request = state.requests.at(next);
        auto const is_telling = request.type == MessageType::add_provider || request.type == MessageType::put_value;
        auto const is_short = !request.query || is_short_peer_id(state.queries.at(request.query).key);
        outgoing.waiting.pop_front();
        if (!peer->is_server || (peer->finds_nodes_only && (is_telling || !is_short))) {
            refused.push_back(next);
            continue;
        }
        request.phase = Phase::opening;
        request.peer = state.keys.at(id);
        peer->last_used = step.env.now;
        ++outgoing.streams;
        step.order(stream::Open{request.peer, {state.config.protocol}, next});
    }
    for (auto const request : refused) fail_request(step, request, Failure::not_supported);
}

void on_outbound_opened(Step& step, stream::Opened const& opened) {
    auto& state = step.state;
    auto const at = state.requests.find(opened.request);
    auto const peer = state.peers.find(opened.peer);
    auto const is_expected = at != state.requests.end() && peer != state.peers.end() &&
                             at->second.peer == opened.peer && at->second.phase != Phase::waiting &&
                             !at->second.channel;
    if (!is_expected || state.asking.contains(opened.channel) || !opened.channel) {
        step.order(stream::Finish{opened.channel});
        return;
    }
    auto& request = at->second;
    request.channel = opened.channel;
    state.asking.emplace(opened.channel, opened.request);
    if (request.phase == Phase::abandoned) {
        step.order(stream::Finish{opened.channel});
        return;
    }
    request.phase = Phase::awaiting;
    ++state.counters.requests_sent;
    peer->second.last_used = step.env.now;
    step.order(stream::Write{opened.channel, base::SharedBytes::take(message_of(state, request, peer->second))});
    if (request.type != MessageType::add_provider) return;
    // spec: kad-dht#rpc-messages: an ADD_PROVIDER has no answer.
    auto const query = request.query;
    auto const id = request.id;
    abandon(step, at);
    on_told(step, query, id, true);
}

void on_outbound_data(Step& step, RequestId id, base::ByteView bytes) {
    auto const at = step.state.requests.find(id);
    base::check(at != step.state.requests.end(), "kademlia: a channel without its request");
    auto& request = at->second;
    if (request.phase != Phase::awaiting) return ignore(step, at, bytes.size());
    request.answer.feed(bytes);
    auto const message = request.answer.next();
    if (!message) {
        auto const is_long = message.error() != LengthPrefixError::malformed_length;
        step.report(request.peer, is_long ? Misbehaviour::too_long : Misbehaviour::malformed);
        fail_request(step, id, Failure::bad_answer);
        return;
    }
    if (*message) read_answer(step, at, **message);
}

void on_outbound_finished(Step& step, RequestId id) {
    auto const at = step.state.requests.find(id);
    if (at != step.state.requests.end() && at->second.phase == Phase::awaiting)
        fail_request(step, id, Failure::bad_answer);
}

void on_outbound_closed(Step& step, RequestId id, stream::CloseReason reason) {
    auto& state = step.state;
    auto at = state.requests.find(id);
    if (at == state.requests.end() || at->second.phase == Phase::waiting) return;
    auto const peer = at->second.id;
    if (at->second.phase != Phase::abandoned) {
        fail_request(step, id, failure_of(reason));
        at = state.requests.find(id);
    }
    if (at != state.requests.end()) erase(step, at);
    open_streams(step, peer);
}

void fail_request(Step& step, RequestId id, Failure why) {
    auto& state = step.state;
    auto const at = state.requests.find(id);
    if (at == state.requests.end() || at->second.phase == Phase::abandoned) return;
    auto& request = at->second;
    ++state.counters.requests_failed;
    step.trace("request failed", request.peer.value, static_cast<std::uint64_t>(why));
    auto const peer = request.id;
    auto const query = request.query;
    auto const candidate = request.candidate;
    auto const is_telling = request.type == MessageType::put_value || request.type == MessageType::add_provider;
    auto const was_open = request.phase != Phase::waiting;
    abandon(step, at);
    if (was_open) on_dead(step, peer);
    if (!query) return on_probe_ended(step, peer);
    if (is_telling) return on_told(step, query, peer, false);
    on_query_unanswered(step, query, candidate, why);
}

void on_request_due(Step& step, RequestId id) {
    auto const at = step.state.requests.find(id);
    base::check(at != step.state.requests.end(), "kademlia: a timer without its request");
    auto& request = at->second;
    if (request.deadline <= step.env.now) {
        if (request.phase == Phase::waiting && connected_peer(step.state, request.id) == nullptr)
            on_dead(step, request.id);
        fail_request(step, id, Failure::timed_out);
        return;
    }
    request.is_slow = true;
    set_timer(step, id, request.deadline);
    if (request.query) on_query_slow(step, request.query, request.candidate);
}

void abandon_requests_of(Step& step, QueryId query) {
    auto& state = step.state;
    for (auto at = state.requests.begin(); at != state.requests.end();) {
        auto const current = at++;
        if (current->second.query != query || current->second.phase == Phase::abandoned) continue;
        abandon(step, current);
    }
}

}  // namespace libp2p::kademlia
