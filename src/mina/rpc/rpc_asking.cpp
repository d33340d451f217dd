#include "mina/rpc/rpc_reduction.h"

#include "base/check.h"

#include <algorithm>

namespace mina::rpc {
namespace {

constexpr std::size_t frame_length_bytes = 8;

bool is_careful(Peer const& peer) { return peer.dialect != Dialect::ocaml; }

Reason reason_of(messages::RpcErrorKind kind) {
    return kind == messages::RpcErrorKind::unimplemented_rpc ? Reason::unimplemented : Reason::remote_error;
}

}  // namespace

void Reduction::operator()(Ask const& ask) {
    base::check(static_cast<bool>(ask.request), "rpc: an ask without an id");
    auto const found = state_.peers.find(ask.peer);
    if (found == state_.peers.end() || !found->second.is_ready) return fail(ask.peer, ask.request, Reason::not_ready);
    auto& peer = found->second;
    auto const cost = cost_of(ask.method, ask.query);
    if (auto const refusal = refusal_of(peer, ask, cost)) return fail(ask.peer, ask.request, *refusal);
    auto const until = env_.now + ask.patience;
    if (budget_out(ask.peer, ask.method).admits_at(*cost, env_.now) > until) {
        return fail(ask.peer, ask.request, Reason::budget);
    }
    peer.waiting.push_back({ask.request, ask.method, ask.version, base::to_byte_string(ask.query), *cost, until});
    pump(ask.peer);
}

std::optional<Reason> Reduction::refusal_of(Peer const& peer, Ask const& ask,
                                            std::optional<std::uint32_t> cost) const {
    if (!peer.speaks_rpc) return Reason::not_supported;
    if (!cost) return Reason::query_unfit;
    if (peer.waiting.size() >= state_.config.waiting_max) return Reason::queue_full;
    if (!is_careful(peer)) return std::nullopt;
    auto const& info = info_of(ask.method);
    if (info.rust_version == 0) return Reason::not_served;
    if (ask.version && *ask.version != info.rust_version) return Reason::version_not_offered;
    // mina: it makes several requests of a list of hashes, and answers one.
    auto const frame = query_frame(info.tag, info.rust_version, query_id_max, ask.query);
    auto const fits = frame.size() - frame_length_bytes <= rust_query_message_bytes_max;
    return *cost > 1 || !fits ? std::optional(Reason::query_unfit) : std::nullopt;
}

Reduction::Choice Reduction::choose(Peer const& peer, WaitingAsk const& ask) const {
    auto const& info = info_of(ask.method);
    if (ask.version) return {ask.version, {}};
    if (is_careful(peer)) return {info.rust_version, {}};
    if (ask.method == Method::menu) return {info.berkeley.front(), {}};
    if (peer.menu != MenuState::known) return {};
    Choice choice{{}, Reason::not_served};
    auto const& ours = versions_of(info, state_.config.format);
    for (auto const& [method, version] : peer.offers) {
        if (method != ask.method) continue;
        if (!choice.version) choice.failure = Reason::version_not_offered;
        if (has_version(ours, version)) choice = {std::max(choice.version.value_or(0), version), {}};
    }
    return choice;
}

/// Our own ask, before all others.
void Reduction::ask_menu(Peer& peer) {
    auto const needs_it = [](WaitingAsk const& ask) { return !ask.version && ask.method != Method::menu; };
    if (is_careful(peer) || peer.menu != MenuState::unknown || !std::ranges::any_of(peer.waiting, needs_it)) return;
    peer.menu = MenuState::asked;
    auto const until = env_.now + info_of(Method::menu).deadline;
    peer.waiting.push_front({RequestId{}, Method::menu, std::nullopt, {0}, 1, until});
}

/// Sends what may go, fails what may not, and opens the streams that are missing. To be called whenever one of these
/// may have changed.
void Reduction::pump(PeerKey key) {
    auto const found = state_.peers.find(key);
    if (found == state_.peers.end()) return;
    auto& peer = found->second;
    ask_menu(peer);
    std::size_t wanted = 0;  // streams: one for each bulk ask, one for all others
    auto is_small_stuck = false;
    std::erase_if(peer.waiting, [&](WaitingAsk& ask) {
        auto const choice = choose(peer, ask);
        if (choice.failure) {
            fail(key, ask.request, *choice.failure);
            return true;
        }
        auto const is_bulk = info_of(ask.method).is_bulk;
        if (is_small_stuck && !is_bulk) return false;  // behind one that found no stream either
        if (choice.version && budget_out(key, ask.method).admits(ask.cost, env_.now)) {
            auto const at = free_stream(peer, ask.method);
            if (at != state_.streams.end()) {
                send(at, ask, *choice.version);
                return true;
            }
            if (is_bulk) ++wanted;
            is_small_stuck |= !is_bulk;
        }
        return false;
    });
    expire_waiting(key, peer);
    if (!peer.waiting.empty()) open_streams(key, peer, wanted + (is_small_stuck ? 1 : 0));
    arm_peer(key, peer);
}

void Reduction::expire_waiting(PeerKey key, Peer& peer) {
    auto is_menu_lost = false;
    std::erase_if(peer.waiting, [&](WaitingAsk const& ask) {
        if (ask.until > env_.now) return false;
        auto const has_budget = budget_out(key, ask.method).admits(ask.cost, env_.now);
        fail(key, ask.request, has_budget ? Reason::timed_out : Reason::budget);
        is_menu_lost |= !ask.request;
        return true;
    });
    if (is_menu_lost) lose_menu(key, peer);
}

Reduction::StreamAt Reduction::free_stream(Peer const& peer, Method method) {
    for (auto const channel : peer.outbound) {
        auto const at = state_.streams.find(channel);
        auto const& asked = at->second.asked;
        if (!at->second.is_shaken || asked.size() >= state_.config.in_flight_max) continue;
        // A bulk ask is alone on its stream, so the first tells of all.
        auto const is_free = asked.empty() || !(is_careful(peer) || info_of(method).is_bulk ||
                                                info_of(asked.begin()->second.method).is_bulk);
        if (is_free) return at;
    }
    return state_.streams.end();
}

void Reduction::open_streams(PeerKey key, Peer& peer, std::size_t wanted) {
    auto const& config = state_.config;
    auto const most = is_careful(peer) ? 1 : config.outbound_max;
    auto const shaking = std::ranges::count_if(
        peer.outbound, [&](ChannelId channel) { return !state_.streams.at(channel).is_shaken; });
    auto const coming = peer.openings + static_cast<std::size_t>(shaking);
    if (wanted > 0 && is_careful(peer) && peer.outbound.empty() && peer.openings == 0 &&
        peer.opened >= config.rust_streams_max) {
        return fail_waiting(key, peer, Reason::not_answering);
    }
    if (!peer.speaks_rpc || env_.now < peer.open_not_before) return;
    for (auto missing = wanted - std::min(wanted, coming); missing > 0; --missing) {
        if (peer.openings + peer.outbound.size() >= most) return;
        ++state_.last_opening.value;
        ++peer.openings;
        ++peer.opened;
        state_.openings[state_.last_opening] = key;
        order(stream::Open{key, {state_.config.protocol}, state_.last_opening});
    }
}

void Reduction::arm_peer(PeerKey key, Peer& peer) {
    auto at = base::Instant::never();
    WaitingAsk const* before = nullptr;
    for (auto const& ask : peer.waiting) {
        at = std::min(at, ask.until);
        auto const is_alike = before != nullptr && before->method == ask.method && before->cost == ask.cost;
        if (is_alike) continue;
        before = &ask;
        auto const admitted = budget_out(key, ask.method).admits_at(ask.cost, env_.now);
        if (admitted > env_.now) at = std::min(at, admitted);
    }
    if (!peer.waiting.empty() && peer.open_not_before > env_.now) at = std::min(at, peer.open_not_before);
    state_.timers.set({Timer::Kind::peer, key.value}, at);
}

void Reduction::send(StreamAt at, WaitingAsk const& ask, std::int64_t version) {
    auto& stream = at->second;
    auto& id = stream.last_id;
    do {
        id = id % query_id_max + 1;
    } while (stream.asked.contains(id));
    auto const& info = info_of(ask.method);
    budget_out(stream.peer, ask.method).spend(ask.cost, env_.now);
    auto const deadline = env_.now + info.deadline * ask.cost;
    stream.asked[id] = {.request = ask.request, .method = ask.method, .version = version, .cost = ask.cost,
                        .is_paused = ask.is_paused, .deadline = deadline};
    enqueue(at, {.head = query_frame(info.tag, version, id, ask.query), .pieces = {}});
    arm_by(at->first, deadline);
}

void Reduction::fail(PeerKey key, RequestId request, Reason reason) {
    if (request) report(AskFailed{key, request, reason});
}

void Reduction::fail_waiting(PeerKey key, Peer& peer, Reason reason) {
    if (peer.menu == MenuState::asked) {
        auto const is_ours = [](WaitingAsk const& ask) { return !ask.request; };
        if (std::ranges::any_of(peer.waiting, is_ours)) peer.menu = MenuState::unknown;
    }
    for (auto const& ask : peer.waiting) fail(key, ask.request, reason);
    peer.waiting.clear();
}

/// The asks that need the menu fail with it; a later one will ask for it again.
void Reduction::lose_menu(PeerKey key, Peer& peer) {
    peer.menu = MenuState::unknown;
    std::erase_if(peer.waiting, [&](WaitingAsk const& ask) {
        if (ask.version || ask.method == Method::menu) return false;
        fail(key, ask.request, Reason::no_menu);
        return true;
    });
}

void Reduction::operator()(Cancel const& cancel) {
    for (auto& [key, peer] : state_.peers) {
        auto const is_it = [&](WaitingAsk const& ask) { return ask.request == cancel.request && ask.request; };
        if (std::erase_if(peer.waiting, is_it) != 0) {
            fail(key, cancel.request, Reason::cancelled);
            return arm_peer(key, peer);
        }
    }
    std::map<std::int64_t, SentAsk>::iterator ask;
    auto const at = stream_of(cancel.request, ask);
    if (at == state_.streams.end()) return;
    auto& stream = at->second;
    ask->second.is_wanted = false;
    hold_or_release(at);
    fail(stream.peer, cancel.request, Reason::cancelled);
    auto const is_useless =
        std::ranges::none_of(stream.asked, [](auto const& entry) { return entry.second.is_wanted; });
    if (is_useless && !is_careful(peer_at(stream.peer))) end(at, Reason::cancelled);
}

/// Where a wanted ask is under way; end() when it is not.
Reduction::StreamAt Reduction::stream_of(RequestId request, std::map<std::int64_t, SentAsk>::iterator& ask) {
    if (!request) return state_.streams.end();
    for (auto at = state_.streams.begin(); at != state_.streams.end(); ++at) {
        ask = std::ranges::find_if(at->second.asked, [&](auto const& entry) {
            return entry.second.is_wanted && entry.second.request == request;
        });
        if (ask != at->second.asked.end()) return at;
    }
    return state_.streams.end();
}

void Reduction::operator()(Pause const& pause) {
    for (auto& [key, peer] : state_.peers) {
        auto const waiting = std::ranges::find(peer.waiting, pause.request, &WaitingAsk::request);
        if (!pause.request || waiting == peer.waiting.end()) continue;
        waiting->is_paused = pause.is_paused;
        return;
    }
    std::map<std::int64_t, SentAsk>::iterator ask;
    auto const at = stream_of(pause.request, ask);
    if (at == state_.streams.end()) return;
    ask->second.is_paused = pause.is_paused;
    hold_or_release(at);
}

/// A stream is held while the answer that comes in on it is paused. What is asked on it has that much longer.
void Reduction::hold_or_release(StreamAt at) {
    auto& stream = at->second;
    auto const ask = stream.answering ? stream.asked.find(*stream.answering) : stream.asked.end();
    auto const is_wanted = ask != stream.asked.end() && ask->second.is_wanted && ask->second.is_paused;
    if (stream.is_held == is_wanted) return;
    stream.is_held = is_wanted;
    order(stream::Hold{at->first, is_wanted});
    if (is_wanted) {
        stream.held_at = env_.now;
    } else {
        stream.heard_at = env_.now;
        for (auto& [id, sent] : stream.asked) {
            if (sent.deadline != base::Instant::never()) sent.deadline = sent.deadline + (env_.now - stream.held_at);
        }
    }
    arm(at->first, stream);
}

void Reduction::on_answer_head(StreamAt at, AnswerHead const& head) {
    auto& stream = at->second;
    auto const ask = stream.asked.find(head.id);
    if (ask == stream.asked.end()) return end_for(at, Fault::unasked_answer);
    auto& sent = ask->second;
    auto const& info = info_of(sent.method);
    if (head.size > info.answer_bytes_max) return end_for(at, Fault::answer_too_long);
    sent.has_begun = true;
    auto const seconds = static_cast<std::int64_t>(head.size / state_.config.answer_bytes_per_second_min);
    sent.deadline = env_.now + info.deadline * sent.cost + std::chrono::seconds(seconds);
    stream.answering = head.id;
    hold_or_release(at);
    arm_by(at->first, std::min(sent.deadline, stream.heard_at + state_.config.stall_time));
    if (sent.is_wanted && sent.request) {
        report(AnswerBegun{stream.peer, sent.request, sent.method, sent.version, head.size});
    }
}

void Reduction::on_answer_part(StreamAt at, AnswerPart const& part) {
    auto& stream = at->second;
    base::check(stream.answering.has_value(), "rpc: a part of no answer");
    auto const& sent = stream.asked.at(*stream.answering);
    if (sent.method == Method::menu) base::append(stream.menu, part.bytes);
    if (sent.is_wanted && sent.request && !part.bytes.empty()) report(AnswerChunk{sent.request, part.bytes});
    if (part.is_last) on_answer_end(at);
}

void Reduction::on_answer_end(StreamAt at) {
    auto& stream = at->second;
    auto const ask = stream.asked.find(*stream.answering);
    auto const sent = ask->second;
    auto const is_menu = sent.method == Method::menu && sent.is_wanted;
    if (is_menu && !take_menu(at)) return;
    stream.menu = base::ByteString();
    stream.answering.reset();
    hold_or_release(at);
    stream.asked.erase(ask);
    if (sent.is_wanted && sent.request) report(AnswerEnded{sent.request});
    on_ask_done(at);
}

/// False when it is none: the stream is gone.
bool Reduction::take_menu(StreamAt at) {
    auto entries = decode_menu(at->second.menu);
    if (!entries) {
        end_for(at, Fault::bad_menu);
        return false;
    }
    auto& peer = peer_at(at->second.peer);
    peer.menu = MenuState::known;
    peer.offers.clear();
    for (auto const& entry : *entries) {
        if (auto const method = method_of(entry.tag)) peer.offers.emplace_back(*method, entry.version);
    }
    report(MenuReceived{at->second.peer, std::move(*entries)});
    return true;
}

void Reduction::on_error_answer(StreamAt at, messages::RpcResponse const& response) {
    base::check(response.error.has_value(), "rpc: an answer that was not taken as one");
    auto& stream = at->second;
    auto const ask = stream.asked.find(response.id);
    if (ask == stream.asked.end()) return end_for(at, Fault::unasked_answer);
    auto const sent = ask->second;
    stream.asked.erase(ask);
    auto& peer = peer_at(stream.peer);
    auto const reason = reason_of(response.error->kind);
    auto const is_offered = [&](auto const& offer) {
        return offer.first == sent.method && offer.second == sent.version;
    };
    if (reason == Reason::unimplemented && std::erase_if(peer.offers, is_offered) != 0) {
        fault(stream.peer, Fault::lying_menu);
    }
    if (sent.is_wanted && sent.request) fail(stream.peer, sent.request, reason);
    if (!sent.request) lose_menu(stream.peer, peer);
    on_ask_done(at);
}

void Reduction::on_ask_done(StreamAt at) {
    if (at->second.asked.empty()) {
        at->second.idle_since = env_.now;
        arm_by(at->first, deadline_of(at->second));
    }
    pump(at->second.peer);
}

/// A stream whose asks are all late or unwanted is left; one that is shared goes on, and passes over a late answer.
void Reduction::on_overdue_asks(StreamAt at) {
    auto& stream = at->second;
    if (stream.is_held) return;
    auto& peer = peer_at(stream.peer);
    auto is_late = false;
    auto is_any_wanted = false;
    for (auto& [id, ask] : stream.asked) {
        if (ask.deadline <= env_.now) {
            is_late = true;
            ask.deadline = base::Instant::never();
            if (ask.is_wanted && ask.request) fail(stream.peer, ask.request, Reason::timed_out);
            if (ask.is_wanted && !ask.request) lose_menu(stream.peer, peer);
            ask.is_wanted = false;
        }
        is_any_wanted |= ask.is_wanted;
    }
    if (is_late && !is_any_wanted) end(at, Reason::timed_out);
}

}  // namespace mina::rpc
