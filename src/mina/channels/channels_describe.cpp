#include "mina/channels/channels.h"

#include <string>

namespace mina::channels {
namespace {

void describe(InFlight const& in_flight, base::Describer& to) {
    to.field("in_flight", in_flight.messages);
    to.field("bytes_in_flight", in_flight.bytes);
}

void describe(Counters const& counters, base::Describer& to) {
    to.field("received", counters.received);
    to.field("bytes", counters.bytes);
    to.field("accepted", counters.accepted);
    to.field("rejected", counters.rejected);
    to.field("unfit", counters.unfit);
    base::DescribeScope const scope(to, "ignored");
    for (std::size_t i = 0; i < why_count; ++i) to.field(to_string(static_cast<Why>(i)), counters.ignored[i]);
}

void describe(Fault fault, FaultCount const& seen, base::Describer& to) {
    if (seen.count == 0) return;
    to.field(to_string(fault), seen.count);
    to.field("since", seen.since);
}

void describe(GossipKind kind, Channel const& channel, base::Describer& to) {
    base::DescribeScope const scope(to, name_of(kind));
    to.field("budget_used", channel.budget.used());
    describe(channel.in_flight, to);
    describe(channel.counters, to);
    for (std::size_t i = 0; i < fault_count; ++i) describe(static_cast<Fault>(i), channel.faults[i], to);
}

}  // namespace

void describe(State const& state, base::Describer& describer) {
    base::DescribeScope const scope(describer, "channels");
    for (auto const& [id, peer] : state.peers) {
        base::DescribeScope const entry(describer, "peer", id.text());
        describer.field("is_connected", peer.is_connected);
        describer.field("host", peer.host);
        for (auto const kind : kinds) describe(kind, peer.channels.at(index_of(kind)), describer);
        describe(Fault::unfit_message, peer.unfit, describer);
    }
    for (auto const& [id, host] : state.hosts) {
        base::DescribeScope const entry(describer, "host", std::to_string(id.value));
        describer.field("peers", host.peers);
        for (auto const kind : kinds) describer.field(name_of(kind), host.budgets.at(index_of(kind)).used());
    }
    for (auto const& [key, pending] : state.pending) {
        base::DescribeScope const entry(describer, "pending", std::to_string(key.value));
        describer.field("kind", messages::to_string(pending.kind));
        describer.bytes("via", pending.via.bytes());
        describer.field("bytes", pending.bytes);
    }
    for (auto const kind : kinds) {
        auto const& totals = state.totals.at(index_of(kind));
        base::DescribeScope const entry(describer, "all", name_of(kind));
        describe(totals.in_flight, describer);
        describe(totals.counters, describer);
    }
    describer.field("unfit_of_no_kind", state.unfit_of_no_kind);
    describer.field("late_verdicts", state.late_verdicts);
    describer.field("next_deadline", next_deadline(state));
}

}  // namespace mina::channels
