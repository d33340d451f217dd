// TCP links: they come, speak through their pipes, and go.
#include "base/check.h"
#include "libp2p/swarm/routing.h"

#include <algorithm>

namespace libp2p {

namespace {

DisconnectReason reason_of(LinkError error) {
    switch (error) {
        case LinkError::refused: return DisconnectReason::connection_refused;
        case LinkError::unreachable: return DisconnectReason::unreachable;
        case LinkError::timed_out: return DisconnectReason::dial_timed_out;
        case LinkError::reset: return DisconnectReason::connection_reset;
        case LinkError::address_in_use:
        case LinkError::out_of_descriptors:
        case LinkError::other: return DisconnectReason::io_error;
    }
    return DisconnectReason::io_error;
}

}  // namespace

Connection* Swarm::connection_of(LinkId link) {
    auto const found = by_link_.find(link);
    return found == by_link_.end() ? nullptr : found->second;
}

Connection* Swarm::connection_of(ConnectionId id) {
    auto const found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second.get();
}

Connection& Swarm::add_connection(LinkId link, Direction direction, SocketAddress const& remote) {
    ConnectionId const id{++last_connection_};
    auto made = std::make_unique<Connection>();
    made->id = id;
    made->link = link;
    made->remote = remote;
    made->address = Multiaddr::tcp_at(remote);
    made->state = connection::begin(connection_config_, direction, now_);
    auto& connection = *made;
    connections_.emplace(id, std::move(made));
    by_link_.emplace(link, &connection);
    ++per_ip_[remote.ip];
    connection.counted_pending = true;
    if (direction == Direction::inbound) {
        ++inbound_count_;
        ++pending_inbound_;
    } else {
        ++pending_outbound_;
    }
    set_timer(TimerKind::connection, id.value, connection::next_deadline(connection.state));
    return connection;
}

void Swarm::make_pipe(Connection& connection, std::optional<PeerId> const& expected, bool simultaneous) {
    connection::Pipe::Secrets secrets;
    rng_.fill_public(secrets.nonce);
    rng_.fill_private(secrets.ephemeral);
    if (simultaneous) secrets.simultaneous_number = rng_.next();
    connection.pipe =
        std::make_unique<connection::Pipe>(pipe_config_, connection.state.direction, expected, secrets);
}

void Swarm::on_accepted(Accepted const& input) {
    ++counters_.accepted;
    if (auto const refusal = refusal_of(input.remote)) {
        ++counters_.disconnects[static_cast<std::size_t>(*refusal)];
        effects_.emplace_back(Close{input.link, /*orderly=*/false});
        deliver(event::Refused{input.remote, *refusal});
        return;
    }
    auto& connection = add_connection(input.link, Direction::inbound, input.remote);
    make_pipe(connection, std::nullopt, false);
    begin_upgrade(connection);
}

void Swarm::count_settled(Connection& connection) {
    if (!std::exchange(connection.counted_pending, false)) return;
    if (connection.state.direction == Direction::inbound) {
        --pending_inbound_;
    } else {
        --pending_outbound_;
        wake_attempt();
    }
}

void Swarm::on_dialed(Dialed const& input) {
    if (auto* connection = connection_of(input.link)) act(*connection, connection::Linked{});
}

void Swarm::on_dial_failed(DialFailed const& input) {
    auto* connection = connection_of(input.link);
    if (connection == nullptr) return;
    connection->link_ended = true;
    act(*connection, connection::Unlinked{reason_of(input.error)});
}

void Swarm::on_closed(Closed const& input) {
    auto* connection = connection_of(input.link);
    if (connection == nullptr) return;
    connection->link_ended = true;
    act(*connection,
        connection::Unlinked{input.error ? reason_of(*input.error) : DisconnectReason::remote_closed});
}

void Swarm::on_received(Received const& input) {
    auto* connection = connection_of(input.link);
    if (connection == nullptr || connection->state.phase == connection::Phase::closed || connection->unreadable) return;
    counters_.received_bytes += input.bytes.size();
    connection->received_bytes += input.bytes.size();
    act(*connection, connection::Heard{});
    auto& pipe = *connection->pipe;
    pipe.feed(input.bytes, now_);
    base::ByteString reply;
    while (connection->state.phase != connection::Phase::closed) {
        auto event = pipe.next(reply);
        if (!reply.empty()) {
            transmit(*connection, base::SharedBytes::take(std::move(reply)));
            reply.clear();
        }
        if (!event) {
            connection->unreadable = true;
            act(*connection, connection::Faulted{event.error()});
            break;
        }
        if (!*event) break;
        on_pipe_event(*connection, **event);
    }
    mark_dirty(*connection);
}

void Swarm::on_written(Written const& input) {
    auto* connection = connection_of(input.link);
    if (connection == nullptr) return;
    connection->unwritten_bytes -= std::min<std::size_t>(connection->unwritten_bytes, input.bytes);
    mark_dirty(*connection);
}

void Swarm::on_pipe_event(Connection& connection, connection::Pipe::Event const& event) {
    if (auto const* frame = std::get_if<yamux::Event>(&event)) {
        on_yamux_event(connection, *frame);
    } else if (auto const* secured = std::get_if<connection::Pipe::Secured>(&event)) {
        on_secured(connection, *secured);
    } else {
        connection.early_muxer = std::get_if<connection::Pipe::Muxed>(&event)->early;
        act(connection, connection::Muxed{});
        // The protocols hear of the peer before its first streams, which may lie in the same bytes.
        settle();
    }
}

void Swarm::on_secured(Connection& connection, connection::Pipe::Secured const& event) {
    act(connection, connection::Secured{event.remote});
    auto& peer = peer_of(event.remote);
    connection.peer = peer.state.key;
    ++peer.upgrading;
    if (gate_.refusal(&event.remote, &connection.remote.ip, now_)) {
        act(connection, connection::Close{DisconnectReason::banned});
    }
}

void Swarm::on_yamux_event(Connection& connection, yamux::Event const& event) {
    // In the order of the variant.
    switch (event.index()) {
        case 0: on_stream_opened(connection, std::get_if<yamux::Opened>(&event)->stream); return;
        case 1: return;  // Acknowledged: only the session counts it
        case 2: on_stream_data(connection, *std::get_if<yamux::Data>(&event)); return;
        case 3:
            if (auto* channel = channel_of(connection, std::get_if<yamux::Finished>(&event)->stream)) {
                // The protocol hears of it before the channel may end.
                if (channel->announced) to_service(*channel, stream::Finished{channel->id});
                settle();
                if (channel->state.phase != channel::Phase::closed) act(*channel, channel::RemoteFinished{});
            }
            return;
        case 4:
            if (auto* channel = channel_of(connection, std::get_if<yamux::Reset>(&event)->stream)) {
                channel->stream_gone = true;
                act(*channel, channel::RemoteReset{});
            }
            return;
        case 5:
            if (auto* channel = channel_of(connection, std::get_if<yamux::Closed>(&event)->stream)) {
                channel->stream_gone = true;
            }
            return;
        case 6: return;  // Ponged: the session keeps the round trip
        case 7: act(connection, connection::RemoteLeft{}); return;
        default: base::check(false, "swarm: unknown yamux event");
    }
}

void Swarm::act(Connection& connection, connection::Action const& action) {
    auto const before = connection.state.deadline;
    connection::Out out;
    std::swap(out, connection_out_);  // reuses its storage
    out.clear();
    connection::reduce(connection.state, action, env(), out);
    if (connection.state.deadline != before) {
        set_timer(TimerKind::connection, connection.id.value, connection.state.deadline);
    }
    for (auto const& effect : out.effects) apply(connection, effect);
    std::swap(out, connection_out_);
}

void Swarm::begin_upgrade(Connection& connection) {
    base::ByteString flight;
    connection.pipe->begin(flight);
    transmit(connection, base::SharedBytes::take(std::move(flight)));
}

void Swarm::on_became_open(Connection& connection) {
    ++counters_.opened;
    count_settled(connection);
    auto* peer = find_peer(connection.peer);
    base::check(peer != nullptr, "an open connection without a peer");
    --peer->upgrading;
    if (connection.attempt) attempt_opened(connection);
    act(*peer, peer::ConnectionOpened{connection.id, connection.state.direction});
}

void Swarm::on_became_closed(Connection& connection, bool was_open) {
    ++counters_.disconnects[static_cast<std::size_t>(connection.state.reason)];
    lose_channels(connection);
    timers_.cancel({TimerKind::connection, connection.id.value});
    if (connection.state.direction == Direction::inbound) --inbound_count_;
    count_settled(connection);
    auto const count = per_ip_.find(connection.remote.ip);
    if (count != per_ip_.end() && --count->second == 0) per_ip_.erase(count);
    by_link_.erase(connection.link);
    dead_connections_.push_back(connection.id);
    auto* peer = find_peer(connection.peer);
    if (peer != nullptr && !was_open) {
        --peer->upgrading;
        idle_peers_.push_back(connection.peer);
    }
    if (peer != nullptr && is_offence(connection.state.reason)) {
        offend(peer->state.id, connection.remote.ip, peerstore::Severity::serious, to_string(connection.state.reason));
    }
    if (was_open) {
        if (peer != nullptr) act(*peer, peer::ConnectionLost{connection.id, connection.state.reason});
    } else if (connection.attempt) {
        attempt_lost(connection);
    } else if (connection.state.direction == Direction::inbound) {
        deliver(event::Refused{connection.remote, connection.state.reason});
    }
}

void Swarm::transmit(Connection& connection, base::SharedBytes bytes) {
    if (bytes.empty()) return;
    connection.unwritten_bytes += bytes.size();
    connection.sent_bytes += bytes.size();
    counters_.sent_bytes += bytes.size();
    effects_.emplace_back(Transmit{connection.link, std::move(bytes)});
}

void Swarm::mark_dirty(Connection& connection) {
    if (connection.dirty) return;
    connection.dirty = true;
    dirty_.push_back(connection.id);
}

}  // namespace libp2p
