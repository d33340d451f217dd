// What is shown to people, the state tree, and the invariants.
#include "base/check.h"
#include "base/text.h"
#include "libp2p/swarm/swarm.h"

#include <algorithm>

namespace libp2p {

namespace {
constexpr std::size_t announced_max = 16;  // a peer takes as many
}

std::vector<Multiaddr> Swarm::listen_addresses() const {
    std::vector<Multiaddr> addresses;
    for (auto const& at : listening_) {
        for (auto const& ip : ips_of(at)) addresses.push_back(Multiaddr::tcp_at({ip, at.port}).with_peer_id(self()));
    }
    for (auto const& address : config_.external_addresses) addresses.push_back(address.with_peer_id(self()));
    return addresses;
}

// An unspecified address stands for those of all interfaces, as far as they are known.
std::vector<IpAddress> Swarm::ips_of(SocketAddress const& at) const {
    if (!at.ip.is_unspecified() || interfaces_.empty()) return {at.ip};
    std::vector<IpAddress> ips;
    std::ranges::copy_if(interfaces_, std::back_inserter(ips), [&](auto const& ip) { return ip.v6 == at.ip.v6; });
    return ips;
}

// The operator's word first, then where we listen, then what others see.
std::vector<Multiaddr> Swarm::announced_addresses() const {
    std::vector<Multiaddr> addresses;
    auto const add = [&](Multiaddr const& address) {
        auto const plain = address.without_peer_id();
        if (addresses.size() < announced_max && std::ranges::find(addresses, plain) == addresses.end()) {
            addresses.push_back(plain);
        }
    };
    for (auto const& address : config_.external_addresses) add(address);
    for (auto const& at : listening_) {
        for (auto const& ip : ips_of(at)) {
            if (config_.private_addresses || !ip.is_private()) add(Multiaddr::tcp_at({ip, at.port}));
        }
    }
    for (auto const& at : observed_.confirmed(now_)) add(Multiaddr::tcp_at(at));
    return addresses;
}

std::vector<PeerStatus> Swarm::peers() const {
    std::vector<PeerStatus> all;
    for (auto const& [key, peer] : peers_) {
        PeerStatus status;
        status.id = peer.state.id;
        status.phase = peer.state.phase;
        status.kept = peer.state.kept;
        status.trusted = gate_.is_trusted(peer.state.id);
        status.failures = peer.state.failures;
        status.last_reason = peer.state.last_reason;
        if (peer.info) status.agent = peer.info->agent;
        if (peer.state.phase == peer::Phase::backoff) status.retry_in = peer.state.deadline - now_;
        auto const found = connections_.find(peer.connection);
        if (found != connections_.end()) {
            auto const& connection = *found->second;
            status.address = connection.address;
            status.direction = connection.state.direction;
            status.connected_for = now_ - peer.connected_at;
            if (auto const* session = std::as_const(*connection.pipe).session()) status.round_trip = session->round_trip();
        }
        all.push_back(std::move(status));
    }
    return all;
}

std::vector<ConnectionStatus> Swarm::connections() const {
    std::vector<ConnectionStatus> all;
    for (auto const& [id, connection] : connections_) {
        ConnectionStatus status;
        status.peer = connection->state.remote;
        status.address = connection->address;
        status.direction = connection->state.direction;
        status.phase = connection->state.phase;
        status.received_bytes = connection->received_bytes;
        status.sent_bytes = connection->sent_bytes;
        status.queued_bytes = connection->unwritten_bytes;
        for (auto const& [stream, channel] : connection->streams) {
            status.streams.push_back(channel->protocol);
            status.queued_bytes += std::as_const(*connection->pipe).session()->queued_bytes(stream);
        }
        all.push_back(std::move(status));
    }
    return all;
}

std::optional<std::vector<std::string>> Swarm::protocols_of(PeerId const& id) const {
    auto const* peer = find_peer(id);
    if (peer == nullptr || !peer->info) return std::nullopt;
    return peer->info->protocols;
}

std::vector<PeerId> Swarm::mesh(std::string_view topic) const {
    std::vector<PeerId> members;
    auto const found = gossip_.topics.find(topic);
    if (found == gossip_.topics.end()) return members;
    for (auto const& key : found->second.mesh) {
        if (auto const peer = peers_.find(key); peer != peers_.end()) members.push_back(peer->second.state.id);
    }
    return members;
}

std::vector<PeerId> Swarm::topic_peers(std::string_view topic) const {
    std::vector<PeerId> members;
    auto const found = gossip_.topics.find(topic);
    if (found == gossip_.topics.end()) return members;
    for (auto const& key : found->second.peers) {
        if (auto const peer = peers_.find(key); peer != peers_.end()) members.push_back(peer->second.state.id);
    }
    return members;
}

std::vector<std::string> Swarm::topics() const {
    std::vector<std::string> subscribed;
    for (auto const& [name, topic] : gossip_.topics) {
        if (topic.is_subscribed) subscribed.push_back(name);
    }
    return subscribed;
}

std::optional<perf::Progress> Swarm::perf_progress(RequestId request) const { return perf::progress(perf_, request); }

void Swarm::describe(base::Describer& describer) const {
    base::DescribeScope const root(describer, "swarm");
    describer.field("now", now_);
    describer.bytes("self", self().bytes());
    for (auto const& [id, connection] : connections_) {
        base::DescribeScope const scope(describer, "connection", std::to_string(id.value));
        describer.field("link", connection->link);
        describer.field("remote", connection->remote.text());
        connection::describe(connection->state, describer);
        describer.field("unwritten_bytes", connection->unwritten_bytes);
        describer.field("received_bytes", connection->received_bytes);
        describer.field("sent_bytes", connection->sent_bytes);
        describer.field("streams", connection->streams.size());
    }
    for (auto const& [id, channel] : channels_) {
        base::DescribeScope const scope(describer, "channel", std::to_string(id.value));
        describer.field("connection", channel->connection->id);
        describer.field("stream", channel->stream);
        describer.field("protocol", channel->protocol);
        channel::describe(channel->state, describer);
        describer.field("withheld_bytes", channel->withheld_bytes);
    }
    for (auto const& [key, peer] : peers_) {
        base::DescribeScope const scope(describer, "peer", std::to_string(key.value));
        peer::describe(peer.state, describer);
        describer.field("connection", peer.connection);
    }
    for (auto const& [id, attempt] : attempts_) {
        base::DescribeScope const scope(describer, "attempt", std::to_string(id.value));
        describer.field("peer", attempt.peer);
        describer.field("targets", attempt.targets.size());
        describer.field("candidates", attempt.candidates.size());
    }
    identify::describe(identify_, describer);
    ping::describe(ping_, describer);
    perf::describe(perf_, describer);
    echo::describe(echo_, describer);
    gossipsub::describe(gossip_, describer);
    if (has_kademlia()) kademlia::describe(kademlia_, describer);
    if (guest_ != nullptr) guest_->describe(describer);
    gate_.describe(describer);
    observed_.describe(describer);
    for (std::size_t i = 0; i < counters_.disconnects.size(); ++i) {
        if (counters_.disconnects[i] > 0) {
            describer.field(to_string(static_cast<DisconnectReason>(i)), counters_.disconnects[i]);
        }
    }
}

void Swarm::check_invariants() const {
    std::size_t inbound = 0;
    std::size_t pending = 0;
    std::size_t pending_outbound = 0;
    std::size_t streams = 0;
    for (auto const& [id, connection] : connections_) {
        base::check(connection->state.phase != connection::Phase::closed, "a closed connection is still kept");
        if (connection->state.direction == Direction::inbound) ++inbound;
        auto const is_inbound = connection->state.direction == Direction::inbound;
        if (connection->counted_pending) ++(is_inbound ? pending : pending_outbound);
        streams += connection->streams.size();
        base::check(connection->unwritten_bytes < config_.limits.send_credit_bytes + 1024 * 1024, "too much sealed");
    }
    base::check(inbound == inbound_count_, "inbound connections are counted");
    base::check(pending == pending_inbound_, "pending inbound connections are counted");
    base::check(pending_outbound == pending_outbound_, "pending outbound connections are counted");
    base::check(streams == channels_.size(), "every channel has its stream");
    base::check(by_link_.size() == connections_.size(), "every connection has its link");
    std::size_t connected = 0;
    for (auto const& [key, peer] : peers_) {
        if (peer.connection) ++connected;
        if (peer.connection) base::check(connections_.contains(peer.connection), "a peer's connection exists");
        base::check(peer.state.phase != peer::Phase::dialing || peer.attempt, "a dialing peer has an attempt");
    }
    base::check(connected == connected_peers_, "connected peers are counted");
    base::check(window_growth_.used() <= window_growth_.limit(), "window growth within its budget");
    base::check(peer_out_.empty() && dirty_.empty(), "a step runs to its end");
}

}  // namespace libp2p
