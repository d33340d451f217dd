#include "mina/rpc/rpc.h"

#include <string>

namespace mina::rpc {
namespace {

void describe(WaitingAsk const& ask, base::Describer& to) {
    base::DescribeScope const scope(to, "waiting", std::to_string(ask.request.value));
    to.field("method", info_of(ask.method).tag);
    to.field("version", ask.version.value_or(0));
    to.bytes("query", ask.query);
    to.field("cost", ask.cost);
    to.field("until", ask.until);
}

void describe(PeerKey key, Peer const& peer, base::Describer& to) {
    base::DescribeScope const scope(to, "peer", std::to_string(key.value));
    to.field("dialect", to_string(peer.dialect));
    to.field("host", peer.host);
    to.field("is_seen", peer.is_seen);
    to.field("is_ready", peer.is_ready);
    to.field("speaks_rpc", peer.speaks_rpc);
    to.field("menu", to_string(peer.menu));
    for (auto const& [method, version] : peer.offers) to.field(info_of(method).tag, version);
    for (auto const& ask : peer.waiting) describe(ask, to);
    for (auto const channel : peer.outbound) to.field("outbound", channel);
    for (auto const channel : peer.inbound) to.field("inbound", channel);
    to.field("questions", peer.questions);
    to.field("openings", peer.openings);
    to.field("opened", peer.opened);
    to.field("open_not_before", peer.open_not_before);
    to.field("held_bytes", peer.held_bytes);
}

void describe(std::int64_t id, SentAsk const& ask, base::Describer& to) {
    base::DescribeScope const scope(to, "asked", std::to_string(id));
    to.field("request", ask.request);
    to.field("method", info_of(ask.method).tag);
    to.field("version", ask.version);
    to.field("cost", ask.cost);
    to.field("is_wanted", ask.is_wanted);
    to.field("has_begun", ask.has_begun);
    to.field("is_paused", ask.is_paused);
    to.field("deadline", ask.deadline);
}

void describe(ChannelId channel, Stream const& stream, base::Describer& to) {
    base::DescribeScope const scope(to, "stream", std::to_string(channel.value));
    to.field("peer", stream.peer);
    to.field("direction", to_string(stream.direction));
    to.field("is_shaken", stream.is_shaken);
    to.field("has_finished", stream.has_finished);
    to.field("held_bytes", stream.reader.held_bytes() + stream.menu.size());
    to.field("opened_at", stream.opened_at);
    to.field("heard_at", stream.heard_at);
    to.field("wrote_at", stream.wrote_at);
    to.field("next_heartbeat", stream.next_heartbeat);
    to.field("idle_since", stream.idle_since);
    to.field("heartbeats_since", stream.heartbeats_since);
    to.field("heartbeats", stream.heartbeats);
    for (auto const& frame : stream.frames) to.field("frame_bytes", frame.bytes);
    to.field("queued_bytes", stream.queued_bytes);
    to.field("is_blocked", stream.is_blocked);
    to.field("owes_heartbeat", stream.owes_heartbeat);
    to.field("blocked_at", stream.blocked_at);
    for (auto const& [id, ask] : stream.asked) describe(id, ask, to);
    to.field("last_id", stream.last_id);
    to.field("answering", stream.answering.value_or(0));
    to.field("is_held", stream.is_held);
    to.field("held_at", stream.held_at);
    for (auto const& [id, question] : stream.questions) to.field(std::to_string(id), question);
}

template <class Key>
void describe(std::string_view name, Key key, Account const& account, base::Describer& to) {
    base::DescribeScope const scope(to, name, std::to_string(key.value));
    to.field("users", account.users);
    to.field("used_at", account.used_at);
    for (auto const& [method, budget] : account.incoming) to.field(info_of(method).tag, budget.used());
    for (auto const& [method, budget] : account.outgoing) to.field(info_of(method).tag, budget.used());
    for (auto const& [fault, seen] : account.faults) {
        to.field(to_string(fault), seen.count);
        to.field("since", seen.since);
    }
}

}  // namespace

void describe(State const& state, base::Describer& describer) {
    base::DescribeScope const scope(describer, "rpc");
    for (auto const& [key, peer] : state.peers) describe(key, peer, describer);
    for (auto const& [channel, stream] : state.streams) describe(channel, stream, describer);
    for (auto const& [request, peer] : state.openings) describer.field(std::to_string(request.value), peer);
    for (auto const& [id, question] : state.questions) {
        base::DescribeScope const entry(describer, "question", std::to_string(id.value));
        describer.field("channel", question.channel);
        describer.field("id", question.id);
        describer.field("method", info_of(question.method).tag);
    }
    describer.field("held_bytes", state.held_bytes);
    for (auto const& [key, account] : state.peer_accounts) describe("peer_account", key, account, describer);
    for (auto const& [key, account] : state.host_accounts) describe("host_account", key, account, describer);
    describer.field("last_opening", state.last_opening);
    describer.field("last_question", state.last_question);
    for (std::size_t i = 0; i < fault_count; ++i) describer.field(to_string(static_cast<Fault>(i)), state.faults[i]);
    describer.field("next_deadline", next_deadline(state));
}

}  // namespace mina::rpc
