// The guest protocol: what it is told, and where what it wants goes.
#include "libp2p/swarm/guest.h"
#include "libp2p/swarm/routing.h"

namespace libp2p {

void Swarm::tell_guest(guest::Action const& action) {
    if (guest_ != nullptr) guest_->act(action, env(), guest_out_.filling);
}

void Swarm::guest_connected(Peer const& peer, Connection const& connection) {
    tell_guest(guest::PeerConnected{peer.state.key, peer.state.id, connection.remote.ip});
}

void Swarm::guest_identified(Peer const& peer) {
    if (peer.info) tell_guest(guest::PeerIdentified{peer.state.key, peer.info->agent, peer.info->protocols});
}

void Swarm::route(stream::Order const& order) {
    if (auto const* tell = std::get_if<stream::TellWritable>(&order)) {
        // Above the low water yamux will say so by itself.
        auto const* channel = channel_of(tell->channel);
        if (channel == nullptr || channel->state.phase == channel::Phase::closed) return;
        auto const queued = channel->connection->pipe->session()->queued_bytes(channel->stream);
        if (queued <= yamux::Session::low_water_bytes) to_service(*channel, stream::Writable{channel->id});
    } else if (auto const* hold = std::get_if<stream::Hold>(&order)) {
        auto* channel = channel_of(hold->channel);
        if (channel == nullptr) return;
        channel->is_held = hold->is_held;
        give_credit(*channel, 0);
        mark_dirty(*channel->connection);
    } else {
        route_stream(order, Service::guest);
    }
}

void Swarm::route(std::variant<guest::Tell, guest::Answer, guest::Offence> const& event) {
    if (auto const* tell = std::get_if<guest::Tell>(&event)) {
        deliver(tell->event);
    } else if (auto const* answer = std::get_if<guest::Answer>(&event)) {
        if (answer->request) effects_.emplace_back(Reply{answer->request, answer->result});
    } else if (auto const* offence = std::get_if<guest::Offence>(&event)) {
        offend(offence->peer, offence->ip, offence->severity, offence->reason);
    }
}

void Swarm::order_guest(RequestId request, CommandBody const& body, PeerId const* id) {
    if (guest_ == nullptr) return reply_error(request, "this node has no protocol for calls");
    auto const* peer = id != nullptr ? find_peer(*id) : nullptr;
    auto const is_connected = peer != nullptr && peer->connection;
    tell_guest(guest::Ordered{request, is_connected ? peer->state.key : PeerKey{}, body});
}

}  // namespace libp2p
