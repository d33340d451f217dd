#include "libp2p/kademlia/kademlia.h"

namespace libp2p::kademlia {
namespace {

void describe(std::vector<Multiaddr> const& addresses, base::Describer& to) {
    for (auto const& address : addresses) to.bytes("address", address.bytes());
}

void describe(std::string_view name, PeerAddresses const& peer, base::Describer& to) {
    base::DescribeScope const scope(to, name);
    to.bytes("id", peer.id.bytes());
    describe(peer.addresses, to);
}

void describe(std::string_view name, Member const& member, base::Describer& to) {
    base::DescribeScope const scope(to, name);
    to.bytes("id", member.id.bytes());
    describe(member.addresses, to);
    to.field("group", member.group);
    to.field("last_useful", member.last_useful);
    to.field("failures", member.failures);
    to.field("connected", member.connected);
    to.field("finds_nodes_only", member.finds_nodes_only);
}

void describe(RoutingTable const& table, base::Describer& to) {
    for (std::size_t i = 0; i < table.buckets().size(); ++i) {
        base::DescribeScope const scope(to, "bucket", std::to_string(i));
        auto const& bucket = table.buckets()[i];
        to.field("is_checked", bucket.is_checked);
        for (auto const& member : bucket.members) describe("member", member, to);
        for (auto const& member : bucket.replacements) describe("replacement", member, to);
    }
}

void describe(PeerKey key, Peer const& peer, base::Describer& to) {
    base::DescribeScope const scope(to, "peer", std::to_string(key.value));
    to.bytes("id", peer.id.bytes());
    to.bytes("connection", peer.address.bytes());
    to.field("direction", to_string(peer.direction));
    to.field("is_identified", peer.is_identified);
    to.field("is_server", peer.is_server);
    to.field("is_forgotten", peer.is_forgotten);
    to.field("finds_nodes_only", peer.finds_nodes_only);
    describe(peer.addresses, to);
    to.field("ordered", peer.ordered);
    to.field("last_used", peer.last_used);
    to.field("inbound_streams", peer.inbound_streams);
    to.field("tokens", peer.tokens);
    to.field("tokens_at", peer.tokens_at);
}

void describe(RequestId id, Request const& request, base::Describer& to) {
    base::DescribeScope const scope(to, "request", std::to_string(id.value));
    to.bytes("id", request.id.bytes());
    to.field("peer", request.peer);
    to.field("channel", request.channel);
    to.field("phase", to_string(request.phase));
    to.field("type", to_string(request.type));
    to.field("query", request.query);
    to.field("candidate", request.candidate);
    to.field("is_slow", request.is_slow);
    to.field("is_answered", request.is_answered);
    to.field("is_reported", request.is_reported);
    to.field("deadline", request.deadline);
    to.field("bytes_ignored", request.bytes_ignored);
    to.field("held_bytes", request.answer.held_bytes());
}

void describe(Candidate const& candidate, base::Describer& to) {
    base::DescribeScope const scope(to, "candidate");
    to.bytes("id", candidate.id.bytes());
    describe(candidate.addresses, to);
    to.field("standing", static_cast<std::uint8_t>(candidate.standing));
    to.field("slow", candidate.slow);
    to.field("hop", candidate.hop);
    to.field("asked_on", candidate.asked_on);
    to.field("paths", candidate.paths);
    to.field("told_failed", candidate.told_failed);
    to.field("told_answered", candidate.told_answered);
    for (std::size_t i = 0; i < candidate.teller_count; ++i) to.field("teller", candidate.tellers[i]);
}

void describe(QueryId id, Query const& query, base::Describer& to) {
    base::DescribeScope const scope(to, "query", std::to_string(id.value));
    to.field("kind", to_string(query.kind));
    to.field("request", query.request);
    to.field("is_from_outside", query.is_from_outside);
    to.bytes("key", query.key);
    to.bytes("value", query.value);
    to.bytes("target", query.target.bytes());
    to.field("started", query.started);
    to.field("deadline", query.deadline);
    to.field("settles", query.settles);
    to.field("asked", query.lookup.asked());
    to.field("answers", query.lookup.answers());
    for (auto const& candidate : query.lookup.candidates()) describe(candidate, to);
    for (auto const& told : query.addresses) {
        to.bytes("address", told.address.bytes());
        to.field("tellers", told.tellers);
    }
    to.field("found_hop", query.found_hop);
    for (auto const& provider : query.providers) describe("provider", provider, to);
    to.field("wanted", query.wanted);
    to.field("telling", query.telling);
    to.field("tells", query.tells);
    for (auto const& peer : query.told) to.bytes("told", peer.bytes());
}

void describe_dialing(State const& state, base::Describer& to) {
    base::DescribeScope const scope(to, "dialing");
    for (auto const& [id, outgoing] : state.outgoing) {
        base::DescribeScope const peer(to, "outgoing");
        to.bytes("id", id.bytes());
        for (auto const request : outgoing.waiting) to.field("waiting", request);
        to.field("streams", outgoing.streams);
        to.field("is_dialing", outgoing.is_dialing);
        describe(outgoing.to_dial, to);
    }
    for (auto const& id : state.dials_waiting) to.bytes("waiting", id.bytes());
    to.field("dials", state.dials);
    for (auto const& [until, id] : state.backoff_order) {
        to.bytes("backoff", id.bytes());
        to.field("until", until);
        to.field("is_valid", state.backoffs.contains(id));
    }
    for (auto const& [group, count] : state.dial_counts) {
        to.field("group", group);
        to.field("minute", count.minute);
        to.field("dials", count.dials);
    }
    for (auto const& [id, addresses] : state.known) describe("known", {id, addresses}, to);
    for (auto const& id : state.known_order) to.bytes("known_order", id.bytes());
}

void describe_records(State const& state, base::Describer& to) {
    base::DescribeScope const scope(to, "records");
    for (auto const& [key, records] : state.providers.keys()) {
        base::DescribeScope const of_key(to, "provided");
        to.bytes("key", key);
        for (auto const& [id, record] : records) {
            describe("provider", {id, record.addresses}, to);
            to.field("group", record.group);
            to.field("said", record.said);
        }
    }
    for (auto const& [key, stored] : state.values.values()) {
        to.bytes("key", key);
        to.bytes("value", stored.value);
        to.bytes("by", stored.by.bytes());
        to.field("expires", stored.expires);
    }
    for (auto const& [key, own] : state.own_keys) {
        to.bytes("own", key);
        to.field("next", own.next);
        to.field("short_rounds", own.short_rounds);
    }
}

void describe_upkeep(State const& state, base::Describer& to) {
    base::DescribeScope const scope(to, "upkeep");
    to.field("is_refreshed", state.is_refreshed);
    to.field("is_kept_up", state.is_kept_up);
    to.field("refreshing", state.refreshing);
    for (auto const bucket : state.buckets_due) to.field("due", bucket);
    for (auto const at : state.touched) to.field("touched", at);
    to.field("small_refreshes", state.small_refreshes);
    to.field("queries_from_outside", state.queries_from_outside);
    to.field("probes", state.probes);
    to.field("last_request", state.last_request);
    to.field("last_query", state.last_query);
}

void describe(Counters const& counters, base::Describer& to) {
    base::DescribeScope const scope(to, "counters");
    to.field("queries", counters.queries);
    to.field("queries_failed", counters.queries_failed);
    to.field("requests_sent", counters.requests_sent);
    to.field("answers_received", counters.answers_received);
    to.field("requests_failed", counters.requests_failed);
    to.field("requests_answered", counters.requests_answered);
    to.field("requests_refused", counters.requests_refused);
    to.field("dials", counters.dials);
    to.field("dials_failed", counters.dials_failed);
    to.field("dials_withheld", counters.dials_withheld);
    to.field("releases", counters.releases);
    to.field("members_added", counters.members_added);
    to.field("members_left", counters.members_left);
    to.field("members_refused", counters.members_refused);
    to.field("probes", counters.probes);
    to.field("records_added", counters.records_added);
    to.field("records_refused", counters.records_refused);
    to.field("values_stored", counters.values_stored);
    to.field("values_refused", counters.values_refused);
}

}  // namespace

void describe(State const& state, base::Describer& describer) {
    base::DescribeScope const scope(describer, "kademlia");
    describer.bytes("self", state.config.self.bytes());
    describe(state.own_addresses, describer);
    describe(state.table, describer);
    for (auto const& [key, peer] : state.peers) describe(key, peer, describer);
    for (auto const& [id, request] : state.requests) describe(id, request, describer);
    describe_dialing(state, describer);
    for (auto const& [id, query] : state.queries) describe(id, query, describer);
    for (auto const& [id, inbound] : state.inbound) {
        base::DescribeScope const stream(describer, "inbound", std::to_string(id.value));
        describer.field("peer", inbound.peer);
        describer.field("is_refused", inbound.is_refused);
        describer.field("last_used", inbound.last_used);
        describer.field("held_bytes", inbound.requests.held_bytes());
    }
    describe_records(state, describer);
    describe_upkeep(state, describer);
    describe(state.counters, describer);
    describer.field("next_deadline", next_deadline(state));
}

}  // namespace libp2p::kademlia
