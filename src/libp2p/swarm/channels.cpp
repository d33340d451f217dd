// Channels: streams with their protocols. Negotiation, data, credit; and the flushing of what is queued.
#include "base/check.h"
#include "libp2p/swarm/routing.h"
#include "libp2p/swarm/swarm.h"

#include <algorithm>

namespace libp2p {

namespace {

// A transmit buffer takes records until it holds this much; the one record that goes over is bounded.
constexpr std::size_t transmit_bytes_wanted = 48 * 1024;
// Smaller transmits are copied into a buffer of their size, so that many peers do not hold many large buffers.
constexpr std::size_t small_transmit_bytes = 16 * 1024;

}  // namespace

Channel* Swarm::channel_of(ChannelId id) {
    auto const found = channels_.find(id);
    return found == channels_.end() ? nullptr : found->second.get();
}

Channel* Swarm::channel_of(Connection& connection, yamux::StreamId stream) {
    auto* const found = connection.streams.find(stream);
    return found == nullptr ? nullptr : *found;
}

Channel& Swarm::add_channel(Connection& connection, yamux::StreamId stream, Direction direction) {
    ChannelId const id{++last_channel_};
    auto made = std::make_unique<Channel>();
    made->id = id;
    made->connection = &connection;
    made->stream = stream;
    made->peer = connection.peer;
    made->state = channel::begin(direction, now_ + config_.timeouts.stream_negotiation);
    made->negotiation = std::make_unique<Negotiation>();
    auto& channel = *made;
    channels_.emplace(id, std::move(made));
    connection.streams[stream] = &channel;
    return channel;
}

// ---- Opening ------------------------------------------------------------------------------------------------------------

void Swarm::open_channel(stream::Open const& order, Service service) {
    auto* peer = find_peer(order.peer);
    auto* connection = peer != nullptr ? connection_of(peer->connection) : nullptr;
    auto const refuse = [&](stream::CloseReason reason) {
        to_service(service, stream::Closed{{}, order.peer, order.request, reason});
    };
    if (connection == nullptr || connection->state.phase != connection::Phase::open || order.protocols.empty()) {
        refuse(stream::CloseReason::connection_lost);
        return;
    }
    auto const opened = connection->pipe->session()->open();
    if (!opened) {
        refuse(stream::CloseReason::reset);
        return;
    }
    auto& channel = add_channel(*connection, *opened, Direction::outbound);
    channel.request = order.request;
    channel.service = service;
    auto const known = peer->info && std::ranges::binary_search(peer->info->protocols, order.protocols.front());
    channel.lazy = order.protocols.size() == 1 && (known || service == Service::identify);
    base::ByteString flight;
    channel.negotiation->dialer.emplace(order.protocols, std::nullopt, flight);
    connection->pipe->session()->write(channel.stream, base::SharedBytes::take(std::move(flight)));
    mark_dirty(*connection);
    if (channel.lazy) {
        // The answer may be long in coming: some peers send it with their first data.
        channel.state.deadline = base::Instant::never();
        channel.protocol = order.protocols.front();
        channel.announced = true;
        to_service(channel, stream::Opened{channel.id, channel.peer, Direction::outbound, channel.request, channel.protocol});
    } else {
        set_timer(TimerKind::channel, channel.id.value, channel.state.deadline);
    }
}

void Swarm::on_stream_opened(Connection& connection, yamux::StreamId stream) {
    auto& session = *connection.pipe->session();
    // An id may be used again before we have forgotten its first stream.
    if (auto* old = channel_of(connection, stream)) {
        old->stream_gone = true;
        act(*old, channel::RemoteReset{});
    }
    if (connection.state.phase != connection::Phase::open || connection.negotiating >= config_.limits.negotiating_streams_max) {
        ++counters_.streams_refused;
        session.reset(stream);
        return;
    }
    auto& channel = add_channel(connection, stream, Direction::inbound);
    ++connection.negotiating;
    base::ByteString header;
    channel.negotiation->listener.emplace(served_names(), header);
    session.write(stream, base::SharedBytes::take(std::move(header)));
    set_timer(TimerKind::channel, channel.id.value, channel.state.deadline);
}

// ---- Data ---------------------------------------------------------------------------------------------------------------

void Swarm::on_stream_data(Connection& connection, yamux::Data const& data) {
    auto* channel = channel_of(connection, data.stream);
    if (channel == nullptr) {  // it ended here, and the peer does not know yet
        connection.pipe->session()->consume(data.stream, data.bytes.size(), now_);
        return;
    }
    if (channel->negotiation) {
        negotiate(*channel, data.bytes);
        return;
    }
    to_service(*channel, stream::Data{channel->id, data.bytes});
    give_credit(*channel, data.bytes.size());
}

void Swarm::negotiate(Channel& channel, base::ByteView bytes) {
    auto& negotiation = *channel.negotiation;
    base::ByteString answer;
    auto progress = negotiation.dialer ? negotiation.dialer->push(bytes, answer) : negotiation.listener->push(bytes, answer);
    give_credit(channel, bytes.size());
    if (!answer.empty()) {
        channel.connection->pipe->session()->write(channel.stream, base::SharedBytes::take(std::move(answer)));
    }
    if (!progress) {
        act(channel, channel::Refused{});
        return;
    }
    if (!progress->selected) return;
    agreed(channel, std::move(progress->selected->name));
    auto const rest = bytes.subspan(progress->consumed);
    if (!rest.empty() && channel.state.phase != channel::Phase::closed) {
        to_service(channel, stream::Data{channel.id, rest});
    }
}

void Swarm::agreed(Channel& channel, std::string name) {
    channel.negotiation.reset();
    if (channel.state.direction == Direction::inbound) {
        --channel.connection->negotiating;
        channel.service = service_of(name);
        if (!admit_inbound(channel, name)) {
            ++counters_.streams_refused;
            act(channel, channel::LocalReset{});
            return;
        }
    }
    channel.protocol = std::move(name);
    act(channel, channel::Agreed{});
    if (channel.announced || channel.state.phase == channel::Phase::closed) return;
    channel.announced = true;
    to_service(channel, stream::Opened{channel.id, channel.peer, channel.state.direction, channel.request, channel.protocol});
}

// At the bound the stream is reset: the peer has as many of this protocol open as it may.
bool Swarm::admit_inbound(Channel& channel, std::string const& name) {
    auto const of_this_protocol = [&](auto const& entry) {
        return entry.second != &channel && entry.second->state.direction == Direction::inbound && entry.second->protocol == name;
    };
    auto const open = std::ranges::count_if(channel.connection->streams, of_this_protocol);
    return static_cast<std::size_t>(open) < config_.limits.inbound_streams_per_protocol_max;
}

void Swarm::give_credit(Channel& channel, std::size_t bytes) {
    if (channel.stream_gone || channel.connection->state.phase == connection::Phase::closed) return;
    auto& session = *channel.connection->pipe->session();
    channel.withheld_bytes += bytes;
    if (channel.is_held) return;
    if (session.queued_bytes(channel.stream) > config_.limits.echo_hold_bytes) return;
    session.consume(channel.stream, std::exchange(channel.withheld_bytes, 0), now_);
}

// ---- Orders of the protocols --------------------------------------------------------------------------------------------

void Swarm::write(stream::Write const& order) {
    auto* channel = channel_of(order.channel);
    if (channel == nullptr || channel->state.phase == channel::Phase::closed || channel->state.local_finished) return;
    auto& session = *channel->connection->pipe->session();
    if (session.queued_bytes(channel->stream) + order.bytes.size() > config_.limits.write_queue_bytes_max) {
        act(*channel, channel::LocalReset{});
        return;
    }
    session.write(channel->stream, order.bytes);
    mark_dirty(*channel->connection);
}

void Swarm::finish(stream::Finish const& order) {
    if (auto* channel = channel_of(order.channel)) act(*channel, channel::LocalFinished{});
}

void Swarm::reset(stream::Reset const& order) {
    if (auto* channel = channel_of(order.channel)) act(*channel, channel::LocalReset{});
}

// ---- The machine --------------------------------------------------------------------------------------------------------

void Swarm::act(Channel& channel, channel::Action const& action) {
    auto const before = channel.state.deadline;
    channel::Out out;
    std::swap(out, channel_out_);  // reuses its storage
    out.clear();
    channel::reduce(channel.state, action, env(), out);
    if (channel.state.deadline != before) set_timer(TimerKind::channel, channel.id.value, channel.state.deadline);
    for (auto const& effect : out.effects) apply(channel, effect);
    std::swap(out, channel_out_);
}

void Swarm::apply(Channel& channel, channel::Effect const& effect) {
    auto& connection = *channel.connection;
    auto* session = connection.state.phase == connection::Phase::closed ? nullptr : connection.pipe->session();
    switch (effect.index()) {
        case 0:  // FinishStream
            if (session != nullptr && !channel.stream_gone) session->finish(channel.stream);
            mark_dirty(connection);
            return;
        case 1:  // ResetStream
            if (session != nullptr && !channel.stream_gone) session->reset(channel.stream);
            channel.stream_gone = true;
            mark_dirty(connection);
            return;
        case 2: break;  // BecameClosed
        default: base::check(false, "swarm: unknown channel effect");
    }
    if (channel.negotiation && channel.state.direction == Direction::inbound) --connection.negotiating;
    channel.negotiation.reset();
    timers_.cancel({TimerKind::channel, channel.id.value});
    auto* const* const current = connection.streams.find(channel.stream);
    if (current != nullptr && *current == &channel) connection.streams.erase(channel.stream);
    dead_channels_.push_back(channel.id);
    if (channel.announced) {
        to_service(channel, stream::Closed{channel.id, channel.peer, channel.request, channel.state.reason});
    } else if (channel.state.direction == Direction::outbound) {
        to_service(channel.service, stream::Closed{{}, channel.peer, channel.request, channel.state.reason});
    }
}

void Swarm::lose_channels(Connection& connection) {
    std::vector<Channel*> lost;
    for (auto const& [stream, channel] : connection.streams) lost.push_back(channel);
    for (auto* channel : lost) act(*channel, channel::ConnectionLost{});
}

// ---- Flushing -----------------------------------------------------------------------------------------------------------

// Seals queued frames while the connection has send credit; without it they wait unencrypted, so that a reset or a more
// urgent frame still counts.
void Swarm::flush(Connection& connection) {
    if (connection.state.phase == connection::Phase::closed || connection.pipe == nullptr) return;
    while (connection.pipe->session() != nullptr && connection.unwritten_bytes < config_.limits.send_credit_bytes) {
        if (seal_some(connection)) continue;
        if (connection.state.phase == connection::Phase::closed) return;
        break;
    }
    report_writable(connection);
    auto const* session = connection.pipe->session();
    if (connection.state.phase == connection::Phase::closing && connection.unwritten_bytes == 0 &&
        (session == nullptr || !session->has_output())) {
        act(connection, connection::Drained{});
    }
}

bool Swarm::seal_some(Connection& connection) {
    sealing_.clear();
    while (sealing_.size() < transmit_bytes_wanted) {
        auto const sealed = connection.pipe->seal_output(sealing_, gather_);
        if (!sealed) {
            act(connection, connection::Faulted{sealed.error()});
            return false;
        }
        if (!*sealed) break;
    }
    gather_.clear();
    if (sealing_.empty()) return false;
    if (sealing_.size() < small_transmit_bytes) {
        auto small = small_buffers_.get();
        base::append(small, sealing_);
        transmit(connection, small_buffers_.share(std::move(small)));
    } else {
        transmit(connection, buffers_.share(std::move(sealing_)));
        sealing_ = buffers_.get();
    }
    return true;
}

void Swarm::report_writable(Connection& connection) {
    for (auto const stream : connection.pipe->session() != nullptr ? connection.pipe->session()->take_writable()
                                                                    : std::vector<yamux::StreamId>{}) {
        auto* channel = channel_of(connection, stream);
        if (channel == nullptr || channel->state.phase == channel::Phase::closed) continue;
        give_credit(*channel, 0);
        if (channel->announced) to_service(*channel, stream::Writable{channel->id});
        mark_dirty(connection);
    }
}

// ---- Names --------------------------------------------------------------------------------------------------------------

Service Swarm::service_of(std::string_view name) const {
    auto const& names = config_.names;
    if (name == names.identify || name == names.identify_push) return Service::identify;
    if (name == names.ping) return Service::ping;
    if (name == names.perf) return Service::perf;
    if (std::ranges::find(names.echo, name) != names.echo.end()) return Service::echo;
    if (std::ranges::find(names.gossipsub, name) != names.gossipsub.end() || name == names.floodsub) return Service::gossip_in;
    if (serves_kademlia() && name == names.kademlia) return Service::kademlia;
    if (guest_ != nullptr && std::ranges::count(guest_->names(), name) != 0) return Service::guest;
    return Service::none;
}

std::vector<std::string> Swarm::served_names() const {
    auto const& names = config_.names;
    std::vector<std::string> served{names.identify, names.identify_push};
    if (names.serve_ping) served.push_back(names.ping);
    if (names.serve_perf) served.push_back(names.perf);
    for (auto const& name : names.echo) served.push_back(name);
    if (config_.gossip_enabled) {
        for (auto const& name : names.gossipsub) served.push_back(name);
        if (!names.floodsub.empty()) served.push_back(names.floodsub);
    }
    if (serves_kademlia()) served.push_back(names.kademlia);
    if (guest_ != nullptr) std::ranges::copy(guest_->names(), std::back_inserter(served));
    return served;
}

}  // namespace libp2p
