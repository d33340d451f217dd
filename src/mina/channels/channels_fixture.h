// For the tests of the machine: one of it, what came of an action as text, and what always has to hold.
#pragma once

#include "mina/channels/channels.h"

#include "base/check.h"

#include <set>
#include <string>

namespace mina::channels::test {

/// A peer id without a key behind it.
inline PeerId peer_id(std::uint8_t number) {
    base::ByteArray<4> const multihash = {0x00, 0x02, 0x01, number};
    auto const id = PeerId::from_bytes(multihash);
    base::check(id.has_value(), "an identity multihash");
    return *id;
}

/// All that is counted agrees with what is pending, and everything is bounded.
inline void check_invariants(State const& state) {
    auto const& config = state.config;
    std::array<InFlight, kind_count> all{};
    std::map<PeerId, std::array<InFlight, kind_count>> of_peer;
    for (auto const& [key, pending] : state.pending) {
        auto const index = index_of(pending.kind);
        for (auto* const in_flight : {&all.at(index), &of_peer[pending.via].at(index)}) {
            ++in_flight->messages;
            in_flight->bytes += pending.bytes;
        }
        base::check(state.peers.contains(pending.via), "a message in flight without its peer");
    }
    auto const ended = [](Counters const& counters) {
        auto sum = counters.accepted + counters.rejected;
        for (auto const ignored : counters.ignored) sum += ignored;
        return sum;
    };
    std::size_t idle = 0;
    std::map<HostId, std::size_t> users;
    for (auto const& [id, peer] : state.peers) {
        auto const is_in_flight = of_peer.contains(id);
        idle += !peer.is_connected && !is_in_flight ? 1 : 0;
        base::check(peer.is_connected || !peer.host, "the host of a peer that is gone");
        if (peer.host) ++users[peer.host];
        for (auto const kind : kinds) {
            auto const& channel = peer.channels.at(index_of(kind));
            auto const expected = is_in_flight ? of_peer.at(id).at(index_of(kind)) : InFlight{};
            base::check(channel.in_flight == expected, "in flight of a peer");
            base::check(channel.counters.received == ended(channel.counters) + expected.messages, "counters of a peer");
            base::check(channel.budget.used() <= state.capacities.at(index_of(kind)), "a budget overdrawn");
        }
    }
    std::size_t idle_hosts = 0;
    for (auto const& [id, host] : state.hosts) {
        base::check(host.peers == (users.contains(id) ? users.at(id) : 0), "peers of a host");
        idle_hosts += host.peers == 0 ? 1 : 0;
    }
    for (auto const kind : kinds) {
        auto const& totals = state.totals.at(index_of(kind));
        auto const& limits = config.limits.at(index_of(kind));
        base::check(totals.in_flight == all.at(index_of(kind)), "in flight of a kind");
        base::check(totals.counters.received == ended(totals.counters) + totals.in_flight.messages, "counters");
        base::check(totals.in_flight.messages <= limits.messages_max, "messages of a kind");
        base::check(totals.in_flight.bytes <= limits.bytes_max || totals.in_flight.messages == 1, "bytes of a kind");
    }
    base::check(idle == state.idle_peers.size(), "peers that are not used have an end");
    base::check(idle_hosts == state.idle_hosts.size(), "hosts that are not used have an end");
    base::check(state.verdicts.size() == state.pending.size(), "messages in flight have an end");
    base::check(state.peers.size() <= config.peers_max || idle == 0, "peers");
    base::check(state.hosts.size() <= config.hosts_max || idle_hosts == 0, "hosts");
}

inline std::string number(auto id) { return std::to_string(id.value); }

inline std::string effect_text(Effect const& effect) {
    if (auto const* ask = std::get_if<AskVerdict>(&effect)) {
        return "ask " + number(ask->key) + " " + std::string(messages::to_string(ask->kind));
    }
    auto const& given = std::get<GiveVerdict>(effect);
    auto const* const word = given.acceptance == Acceptance::accept   ? "accept "
                             : given.acceptance == Acceptance::reject ? "reject "
                                                                      : "ignore ";
    return word + number(given.key) + ": " + std::string(to_string(given.why));
}

inline std::string event_text(Misbehaved const& event) {
    auto const kind = event.kind ? " " + std::string(messages::to_string(*event.kind)) : "";
    return std::string(to_string(event.what)) + kind + " " + std::to_string(event.count) +
           (event.is_ban_wanted ? " ban" : "");
}

struct Node {
    explicit Node(Config const& config = {}) : state(config) {}

    State state;
    base::Instant now{1'000'000'000};
    base::Rng rng{base::Rng::Seed{}};
    base::NoTrace trace;
    Out out;
    std::uint64_t last_key = 0;
    // Of each message that has arrived.
    std::set<MessageKey> unanswered;  // no AskVerdict and no GiveVerdict yet
    std::set<MessageKey> asked;       // no GiveVerdict yet

    /// Applies it, and holds the effects to the rule: one answer at once, one verdict in the end.
    std::string act(Action const& action) {
        out.clear();
        auto const* const arrived = std::get_if<MessageArrived>(&action);
        if (arrived != nullptr) unanswered.insert(arrived->key);
        reduce(state, action, base::Env{now, rng, trace}, out);
        std::string text;
        for (auto const& effect : out.effects) {
            if (auto const* ask = std::get_if<AskVerdict>(&effect)) {
                base::check(unanswered.erase(ask->key) == 1, "asked about what did not arrive");
                asked.insert(ask->key);
            } else {
                auto const key = std::get<GiveVerdict>(effect).key;
                base::check(unanswered.erase(key) + asked.erase(key) == 1, "one verdict for each message");
            }
            text += (text.empty() ? "" : ", ") + effect_text(effect);
        }
        base::check(unanswered.empty(), "a message without an answer");
        base::check(asked.size() == state.pending.size(), "what was asked is what is pending");
        return text;
    }
    std::string send(PeerId const& via, GossipKind kind, std::size_t bytes = 100, std::uint32_t score = 1) {
        return act(MessageArrived{MessageKey{++last_key}, via, kind, score, bytes});
    }
    /// Whether the application is asked about a message.
    bool asks(PeerId const& via, GossipKind kind, std::size_t bytes = 100) {
        send(via, kind, bytes);
        return std::holds_alternative<AskVerdict>(out.effects.front());
    }
    std::string judge(std::uint64_t key, Acceptance acceptance = Acceptance::accept) {
        return act(VerdictGiven{MessageKey{key}, acceptance});
    }
    std::string tick(base::Duration later) {
        now = now + later;
        return act(Tick{});
    }
    std::string events() const {
        std::string text;
        for (auto const& event : out.events) text += (text.empty() ? "" : ", ") + event_text(event);
        return text;
    }
    Counters const& counters(GossipKind kind) const { return state.totals.at(index_of(kind)).counters; }
    ChannelView channel(PeerId const& peer, GossipKind kind) const {
        return view(state, peer, now).value().channels.at(index_of(kind));
    }
};

}  // namespace mina::channels::test
