#include "mina/p2p/component.h"

#include "base/check.h"
#include "crypto/hash.h"

namespace mina::p2p {

namespace {

// A stream of randomness of its own, so that what the swarm draws does not move what discovery draws.
base::Rng::Seed derived_seed(base::Rng::Seed const& seed) {
    return crypto::blake2b_256(seed, base::as_bytes("minap2p component"));
}

libp2p::Event refused_event(libp2p::Event const& event, std::string reason) {
    auto const* const message = std::get_if<libp2p::event::MessageReceived>(&event);
    base::check(message != nullptr, "p2p: only messages are refused");
    return libp2p::event::MessageRefused{message->id,  message->topic,       message->from,
                                         message->via, message->data.size(), std::move(reason)};
}

}  // namespace

libp2p::Config swarm_config(Network const& network) {
    libp2p::Config config;
    if (network.is_private) config.private_network = private_network_key(network);
    config.agent = network.agent;
    config.names.muxer = network.muxer;
    config.names.gossipsub = network.gossipsub;
    config.names.floodsub = network.floodsub;
    // mina: the Rust node wants to see the RPC protocol, and closes on names it does not know.
    config.names.announced = {network.rpc};
    config.gossip.message_id = libp2p::gossipsub::topic_keyed_hash_id;
    config.gossip.answer_rust_ids = true;
    config.gossip.rpc_bytes_max = network.gossip_bytes_max;
    config.gossip.message_bytes_max = network.gossip_bytes_max;
    config.gossip.topics = {network.topics.begin(), network.topics.end()};
    return config;
}

P2pComponent::P2pComponent(P2pConfig config, libp2p::Config swarm, base::Trace& trace)
    : state_{.config = std::move(config), .peers = {}, .connecting_peers = {}, .channels = {}, .discovery = {}},
      rng_(derived_seed(swarm.seed)),
      trace_(&trace),
      swarm_(std::move(swarm), trace) {
    state_.formats = MessageFormats(state_.config.network.formats);
}

std::span<libp2p::Effect const> P2pComponent::step(base::Instant now, libp2p::Input const& input) {
    now_ = now;
    effects_.clear();
    if (auto const* command = std::get_if<libp2p::Command>(&input)) {
        on_command(*command);
    } else {
        run_swarm(input);
        auto const is_due = std::holds_alternative<libp2p::Tick>(input) && p2p::next_deadline(state_) <= now;
        if (is_due || std::holds_alternative<libp2p::Start>(input)) act(DiscoverPeers{});
    }
    while (!commands_.empty()) {
        auto const command = std::move(commands_.front());
        commands_.pop_front();
        run_swarm(command);
    }
    return effects_;
}

void P2pComponent::run_swarm(libp2p::Input const& input) {
    auto const effects = swarm_.step(now_, input);
    auto const first = effects_.size();
    effects_.insert(effects_.end(), effects.begin(), effects.end());
    for (auto i = first; i < effects_.size(); ++i) {
        auto* const delivery = std::get_if<libp2p::Deliver>(&effects_[i]);
        if (delivery == nullptr) continue;
        on_event(delivery->event);
        if (refusal_) delivery->event = refused_event(delivery->event, *std::exchange(refusal_, std::nullopt));
    }
}

void P2pComponent::on_command(libp2p::Command const& command) {
    if (auto const* connect = std::get_if<libp2p::command::Connect>(&command.body); connect != nullptr && connect->keep) {
        act(Connect{connect->address});
        // The reducer's order keeps the peer; this one answers the request.
        if (command.request) commands_.push_back({command.request, libp2p::command::Connect{connect->address, false}});
    } else if (auto const* hang_up = std::get_if<libp2p::command::HangUp>(&command.body)) {
        state_.connecting_peers.erase(hang_up->peer);
        state_.discovery.known.erase(hang_up->peer);
        commands_.push_back(command);
    } else if (auto const* publish = std::get_if<libp2p::command::Publish>(&command.body)) {
        act(BroadcastMessage{command.request, publish->topic, publish->data});
    } else {
        commands_.push_back(command);
    }
}

void P2pComponent::on_event(libp2p::Event const& event) {
    namespace e = libp2p::event;
    if (auto const* connected = std::get_if<e::Connected>(&event)) {
        act(Connected{connected->peer, connected->address, connected->direction});
    } else if (auto const* disconnected = std::get_if<e::Disconnected>(&event)) {
        act(Disconnected{disconnected->peer, disconnected->reason});
    } else if (auto const* failed = std::get_if<e::ConnectionFailed>(&event)) {
        act(ConnectionFailed{failed->peer, failed->reason, failed->retry_in.has_value()});
    } else if (auto const* identified = std::get_if<e::Identified>(&event)) {
        act(PeerIdentified{identified->peer, identified->agent, identified->protocols});
    } else if (auto const* message = std::get_if<e::MessageReceived>(&event)) {
        act(MessageReceived{message->key, message->via, message->topic, message->data.view()});
    }
}

void P2pComponent::act(P2pAction const& action) {
    base::Env const env{now_, rng_, *trace_};
    reduce(state_, action, env, p2p_out_);
    for (auto const& effect : p2p_out_.effects) apply(effect);
    p2p_out_.clear();
}

void P2pComponent::apply(P2pEffect const& effect) {
    namespace c = libp2p::command;
    if (auto const* open = std::get_if<OpenConnection>(&effect)) {
        commands_.push_back({{}, c::Connect{open->address, /*keep=*/true}});
    } else if (auto const* close = std::get_if<CloseConnection>(&effect)) {
        commands_.push_back({{}, c::HangUp{close->peer}});
    } else if (auto const* verdict = std::get_if<GiveVerdict>(&effect)) {
        commands_.push_back({{}, c::GiveVerdict{verdict->key, verdict->acceptance}});
    } else if (auto const* refused = std::get_if<RefuseMessage>(&effect)) {
        commands_.push_back({{}, c::GiveVerdict{refused->key, libp2p::gossipsub::Acceptance::reject}});
        refusal_ = refused->reason;
    } else if (auto const* publish = std::get_if<PublishMessage>(&effect)) {
        commands_.push_back({publish->request, c::Publish{publish->topic, publish->data}});
    } else if (auto const* subscribe = std::get_if<SubscribeTopic>(&effect)) {
        commands_.push_back({{}, c::Subscribe{subscribe->topic}});
    }
}

std::optional<libp2p::Deadline> P2pComponent::next_deadline() const {
    auto deadline = swarm_.next_deadline();
    auto const discovery = p2p::next_deadline(state_);
    if (discovery != base::Instant::never() && (!deadline || discovery < deadline->at)) return libp2p::Deadline{discovery, "discovery"};
    return deadline;
}

void P2pComponent::describe(base::Describer& describer) const {
    p2p::describe(state_, describer);
    swarm_.describe(describer);
}

}  // namespace mina::p2p
