#include "mina/channels/channels.h"
#include "mina/channels/channels_room.h"

#include <algorithm>

namespace mina::channels {
namespace {

std::uint32_t score_left(State const& state, Peer const& peer, std::size_t index, base::Instant now) {
    auto const own = peer.channels.at(index).budget.left(now);
    if (!peer.host) return own;
    return std::min(own, state.hosts.at(peer.host).budgets.at(index).left(now));
}

Phase phase_of(Peer const& peer, ChannelView const& channel) {
    if (!peer.is_connected) return Phase::closed;
    if (channel.score_left == 0) return Phase::over_rate;
    if (channel.room_left.messages == 0 || channel.room_left.bytes == 0) return Phase::full;
    return channel.in_flight.messages == 0 ? Phase::idle : Phase::awaiting;
}

PeerView view_of(State const& state, PeerId const& id, Peer const& peer, base::Instant now) {
    PeerView shown;
    shown.peer = id;
    shown.is_connected = peer.is_connected;
    shown.host = peer.host;
    shown.unfit = now - peer.unfit.since < state.config.window ? peer.unfit.count : 0;
    for (auto const kind : kinds) {
        auto const index = index_of(kind);
        auto const& channel = peer.channels.at(index);
        auto& to = shown.channels.at(index);
        to.kind = kind;
        to.counters = channel.counters;
        to.in_flight = channel.in_flight;
        to.score_left = score_left(state, peer, index, now);
        to.room_left = room_left(state.config, kind, state.totals.at(index).in_flight, channel.in_flight);
        to.phase = phase_of(peer, to);
    }
    return shown;
}

}  // namespace

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::closed: return "Closed";
        case Phase::idle: return "Idle";
        case Phase::awaiting: return "Awaiting";
        case Phase::full: return "Full";
        case Phase::over_rate: return "OverRate";
    }
    return "?";
}

std::optional<PeerView> view(State const& state, PeerId const& peer, base::Instant now) {
    auto const found = state.peers.find(peer);
    if (found == state.peers.end()) return std::nullopt;
    return view_of(state, peer, found->second, now);
}

std::vector<PeerView> views(State const& state, base::Instant now) {
    std::vector<PeerView> shown;
    shown.reserve(state.peers.size());
    for (auto const& [id, peer] : state.peers) shown.push_back(view_of(state, id, peer, now));
    return shown;
}

}  // namespace mina::channels
