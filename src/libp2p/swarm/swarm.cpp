#include "libp2p/swarm/swarm.h"

#include "base/check.h"

#include <algorithm>

namespace libp2p {

namespace {

// How many times a step may settle and flush before it must be our bug: each round needs new input from a machine.
constexpr int rounds_max = 100'000;

identify::State identify_state(Config const& config) {
    identify::State state;
    state.config.protocol = config.names.identify;
    state.config.push_protocol = config.names.identify_push;
    return state;
}

kademlia::Config kademlia_config(Config const& config) {
    auto kademlia = config.kademlia;
    kademlia.self = PeerId::of(config.identity.public_key());
    kademlia.protocol = config.names.kademlia;
    kademlia.private_addresses = config.private_addresses;
    return kademlia;
}

gossipsub::Config gossip_config(Config const& config) {
    auto gossip = config.gossip;
    if (!gossip.key) gossip.key = config.identity;
    gossip.suite = config.suite;
    return gossip;
}

crypto::X25519Key private_key(base::Rng& rng) {
    crypto::X25519Key key{};
    rng.fill_private(key);
    return key;
}

}  // namespace

std::string_view to_string(TimerKind kind) {
    switch (kind) {
        case TimerKind::connection: return "connection";
        case TimerKind::peer: return "peer";
        case TimerKind::channel: return "channel";
        case TimerKind::attempt: return "attempt";
        case TimerKind::identify: return "identify";
        case TimerKind::ping: return "ping";
        case TimerKind::perf: return "perf";
        case TimerKind::echo: return "echo";
        case TimerKind::gossipsub: return "gossipsub";
        case TimerKind::gossip_stream: return "gossip stream";
        case TimerKind::kademlia: return "kademlia";
        case TimerKind::guest: return "guest";
        case TimerKind::gate: return "gate";
        case TimerKind::observed: return "observed addresses";
        case TimerKind::shutdown: return "shutdown";
    }
    return "?";
}

std::string_view to_string(LinkError error) {
    switch (error) {
        case LinkError::refused: return "refused";
        case LinkError::unreachable: return "unreachable";
        case LinkError::timed_out: return "timed out";
        case LinkError::reset: return "reset";
        case LinkError::address_in_use: return "address in use";
        case LinkError::out_of_descriptors: return "out of descriptors";
        case LinkError::other: return "other";
    }
    return "?";
}

Swarm::Swarm(Config config, base::Trace& trace, Guest* guest)
    : config_(std::move(config)),
      trace_(&trace),
      rng_(config_.seed),
      suite_(config_.suite != nullptr ? config_.suite : &crypto::real_suite()),
      static_key_(noise::make_static_key(*suite_, config_.identity, private_key(rng_))),
      window_growth_(config_.limits.window_growth_bytes),
      assembly_(config_.limits.assembly_bytes),
      buffers_(64),
      small_buffers_(256),
      gate_(config_.gate),
      observed_({.private_addresses = config_.private_addresses}),
      identify_(identify_state(config_)),
      gossip_(gossip_config(config_)),
      kademlia_(kademlia_config(config_)),
      guest_(guest) {
    config_.suite = suite_;
    ping_.config.protocol = config_.names.ping;
    perf_.config.protocol = config_.names.perf;
    peer_config_.self = PeerId::of(config_.identity.public_key());
    peer_config_.first = config_.backoff.first;
    peer_config_.cap = config_.backoff.cap;
    auto const& timeouts = config_.timeouts;
    connection_config_ = {timeouts.dial,                timeouts.securing,          timeouts.muxing,
                          timeouts.keep_alive_interval, timeouts.keep_alive_answer, timeouts.closing};
    pipe_config_.suite = suite_;
    pipe_config_.static_key = &static_key_;
    pipe_config_.private_network = config_.private_network;
    pipe_config_.security_name = config_.names.security;
    pipe_config_.muxer_name = config_.names.muxer;
    pipe_config_.yamux = config_.yamux;
    pipe_config_.yamux.window_growth = &window_growth_;
}

Swarm::~Swarm() {
    // Pipes give back to the budgets, so they go first.
    connections_.clear();
    channels_.clear();
}

std::span<Effect const> Swarm::step(base::Instant now, Input const& input) {
    base::check(now >= now_, "time goes forward");
    now_ = now;
    effects_.clear();
    dispatch(input);
    settle_and_flush();
    if (std::exchange(is_gate_changed_, false)) {
        enforce_rules();
        settle_and_flush();
    }
    bury();
    arm_protocol_timers();
    return effects_;
}

void Swarm::dispatch(Input const& input) {
    // In the order of the variant.
    switch (input.index()) {
        case 0: on_start(*std::get_if<Start>(&input)); return;
        case 1: on_accepted(*std::get_if<Accepted>(&input)); return;
        case 2: on_dialed(*std::get_if<Dialed>(&input)); return;
        case 3: on_dial_failed(*std::get_if<DialFailed>(&input)); return;
        case 4: on_received(*std::get_if<Received>(&input)); return;
        case 5: on_written(*std::get_if<Written>(&input)); return;
        case 6: on_closed(*std::get_if<Closed>(&input)); return;
        case 7: on_resolved(*std::get_if<Resolved>(&input)); return;
        case 8: on_tick(); return;
        case 9: on_command(*std::get_if<Command>(&input)); return;
        default: base::check(false, "swarm: unknown input");
    }
}

void Swarm::on_start(Start const& input) {
    listening_ = input.listening;
    interfaces_ = input.interfaces;
    gate_.load(input.stored.rules, now_);
    store_rules();
    load_configured_rules();
    announce_self();
    // The first Tick starts GossipSub's clock.
    if (config_.gossip_enabled) gossipsub::reduce(gossip_, gossipsub::Tick{}, env(), gossip_out_.filling);
}

void Swarm::announce_self() {
    identify::Self self;
    self.public_key = config_.identity.public_key().encode();
    self.listen_addresses = announced_addresses();
    self.protocols = served_names();
    for (auto const& name : config_.names.announced) self.protocols.push_back(name);
    if (config_.gossip_enabled) {
        for (auto const& name : config_.names.gossipsub) self.protocols.push_back(name);
        if (!config_.names.floodsub.empty()) self.protocols.push_back(config_.names.floodsub);
    }
    std::ranges::sort(self.protocols);
    auto const repeated = std::ranges::unique(self.protocols);
    self.protocols.erase(repeated.begin(), repeated.end());
    self.protocol_version = config_.protocol_version;
    self.agent = config_.agent;
    if (has_kademlia()) {
        kademlia::reduce(kademlia_, kademlia::OwnAddresses{self.listen_addresses}, env(), kademlia_out_.filling);
    }
    identify::reduce(identify_, identify::SelfChanged{std::move(self)}, env(), identify_out_.filling);
}

void Swarm::on_tick() {
    while (auto const timer = timers_.pop_due(now_)) {
        fire(*timer);
        settle();
    }
}

void Swarm::fire(TimerKey const& timer) {
    switch (timer.kind) {
        case TimerKind::connection:
            if (auto* connection = connection_of(ConnectionId{timer.id})) act(*connection, connection::Expired{});
            return;
        case TimerKind::peer:
            if (auto* peer = find_peer(PeerKey{timer.id})) act(*peer, peer::Expired{});
            return;
        case TimerKind::channel:
            if (auto* channel = channel_of(ChannelId{timer.id})) act(*channel, channel::Expired{});
            return;
        case TimerKind::attempt: {
            auto const found = attempts_.find(AttemptId{timer.id});
            if (found != attempts_.end()) try_next(found->second);
            // It may have had nothing to dial: the next one need not wait for another dial's end.
            if (pending_outbound_ < config_.limits.pending_outbound_max) wake_attempt();
            return;
        }
        case TimerKind::identify: identify::reduce(identify_, identify::Tick{}, env(), identify_out_.filling); return;
        case TimerKind::ping: ping::reduce(ping_, ping::Tick{}, env(), ping_out_.filling); return;
        case TimerKind::perf: perf::reduce(perf_, perf::Tick{}, env(), perf_out_.filling); return;
        case TimerKind::echo: echo::reduce(echo_, echo::Tick{}, env(), echo_out_.filling); return;
        case TimerKind::gossipsub: gossipsub::reduce(gossip_, gossipsub::Tick{}, env(), gossip_out_.filling); return;
        case TimerKind::gossip_stream:
            if (auto* peer = find_peer(PeerKey{timer.id})) gossip_open(*peer);
            return;
        case TimerKind::kademlia: kademlia::reduce(kademlia_, kademlia::Tick{}, env(), kademlia_out_.filling); return;
        case TimerKind::guest: tell_guest(guest::Tick{}); return;
        case TimerKind::gate: expire_rules(); return;
        case TimerKind::observed:
            if (observed_.expire(now_)) announce_self();
            arm_observed();
            return;
        case TimerKind::shutdown: finish_shutdown(); return;
    }
}

void Swarm::set_timer(TimerKind kind, std::uint64_t id, base::Instant at) { timers_.set({kind, id}, at); }

void Swarm::arm_protocol_timers() {
    set_timer(TimerKind::identify, 0, identify::next_deadline(identify_));
    set_timer(TimerKind::ping, 0, ping::next_deadline(ping_));
    set_timer(TimerKind::perf, 0, perf::next_deadline(perf_));
    set_timer(TimerKind::echo, 0, echo::next_deadline(echo_));
    set_timer(TimerKind::gossipsub, 0, gossipsub::next_deadline(gossip_));
    if (has_kademlia()) set_timer(TimerKind::kademlia, 0, kademlia::next_deadline(kademlia_));
    if (guest_ != nullptr) set_timer(TimerKind::guest, 0, guest_->next_deadline());
    set_timer(TimerKind::gate, 0, gate_.next_deadline().value_or(base::Instant::never()));
    store_rules();
}

// Not at each step: it walks all observers.
void Swarm::arm_observed() {
    set_timer(TimerKind::observed, 0, observed_.next_deadline().value_or(base::Instant::never()));
}

void Swarm::settle() {
    for (int round = 0; round < rounds_max; ++round) {
        auto const peers_moved = route_peer_outs();
        auto const protocols_moved = route_protocol_outs();
        if (!peers_moved && !protocols_moved) return;
    }
    base::check(false, "swarm: the machines do not settle");
}

void Swarm::settle_and_flush() {
    for (int round = 0; round < rounds_max; ++round) {
        settle();
        if (dirty_.empty()) return;
        std::swap(dirty_, flushing_);
        for (auto const id : flushing_) {
            if (auto* connection = connection_of(id)) {
                connection->dirty = false;
                flush(*connection);
            }
        }
        flushing_.clear();
    }
    base::check(false, "swarm: flushing does not end");
}

// Removes what ended during the step, when nothing refers to it any more.
void Swarm::bury() {
    for (auto const id : dead_channels_) channels_.erase(id);
    dead_channels_.clear();
    for (auto const id : dead_connections_) connections_.erase(id);
    dead_connections_.clear();
    for (auto const key : idle_peers_) {
        auto const found = peers_.find(key);
        if (found == peers_.end()) continue;
        auto const& state = found->second.state;
        auto const is_used = !state.connections.empty() || found->second.attempt || found->second.upgrading > 0;
        auto const is_idle = state.phase == peer::Phase::unknown || (state.phase == peer::Phase::banned && !state.kept);
        if (is_used || !is_idle) continue;
        peer_keys_.erase(state.id);
        timers_.cancel({TimerKind::gossip_stream, key.value});
        peers_.erase(found);
    }
    idle_peers_.clear();
    if (is_shutting_down_ && connections_.empty()) finish_shutdown();
}

std::optional<Deadline> Swarm::next_deadline() const {
    auto const at = timers_.next();
    if (!at) return std::nullopt;
    return Deadline{*at, to_string(timers_.next_key()->kind)};
}

void Swarm::deliver(Event event) { effects_.emplace_back(Deliver{std::move(event)}); }

void Swarm::reply(RequestId request, ReplyValue value) {
    if (request) effects_.emplace_back(Reply{request, std::move(value)});
}

void Swarm::reply_error(RequestId request, std::string error) {
    if (request) effects_.emplace_back(Reply{request, base::fail(std::move(error))});
}

Peer& Swarm::peer_of(PeerId const& id) {
    auto const found = peer_keys_.find(id);
    if (found != peer_keys_.end()) return peers_.at(found->second);
    PeerKey const key{++last_peer_};
    peer_keys_.emplace(id, key);
    auto& peer = peers_[key];
    peer.state.config = &peer_config_;
    peer.state.key = key;
    peer.state.id = id;
    if (auto const refusal = gate_.refusal(&id, nullptr, now_)) act(peer, peer::Ban{end_of(*refusal)});
    return peer;
}

Peer* Swarm::find_peer(PeerKey key) {
    auto const found = peers_.find(key);
    return found == peers_.end() ? nullptr : &found->second;
}

Peer* Swarm::find_peer(PeerId const& id) {
    auto const found = peer_keys_.find(id);
    return found == peer_keys_.end() ? nullptr : &peers_.at(found->second);
}

Peer const* Swarm::find_peer(PeerId const& id) const { return const_cast<Swarm*>(this)->find_peer(id); }

void Swarm::act(Peer& peer, peer::Action const& action) {
    peer::Out out;
    peer::reduce(peer.state, action, env(), out);
    set_timer(TimerKind::peer, peer.state.key.value, peer::next_deadline(peer.state));
    for (auto& effect : out.effects) peer_out_.emplace_back(peer.state.key, std::move(effect));
    auto const is_idle = peer.state.phase == peer::Phase::unknown || peer.state.phase == peer::Phase::banned;
    if (is_idle) idle_peers_.push_back(peer.state.key);
}

}  // namespace libp2p
