#include "mina/p2p/component.h"

#include "base/check.h"
#include "crypto/hash.h"
#include "mina/p2p/initial_peers.h"

#include <algorithm>

namespace mina::p2p {

namespace {

// A stream of randomness of its own, so that what the swarm draws does not move what discovery draws.
base::Rng::Seed derived_seed(base::Rng::Seed const& seed) {
    return crypto::blake2b_256(seed, base::as_bytes("minap2p component"));
}

constexpr std::size_t providers_wanted = 100;  // mina: as many as Mina's helper asks for

// Of a peer in five minutes, before a ban. Should our formats be the wrong ones, all peers send what is unfit, and none
// of them so much.
constexpr std::uint32_t unfit_max = 1024;

// The component's own requests have numbers that no application gives.
constexpr std::uint64_t own_requests = std::uint64_t{1} << 63;

P2pState initial_state(P2pConfig config, libp2p::Config const& swarm) {
    auto& found = config.discovery;
    found.book.self = libp2p::PeerId::of(swarm.identity.public_key());
    found.book.private_addresses = swarm.private_addresses;
    found.seeds = config.network.seeds;
    found.has_kademlia = !swarm.names.kademlia.empty();
    if (found.has_kademlia) found.rendezvous = rendezvous_key(config.network);
    P2pState state;
    state.discovery = discovery::State(found);
    state.formats = MessageFormats(config.network.formats);
    channels::Config channels{.unfit_max = unfit_max};
    if (auto const slot = config.network.slot_ms; slot != 0) {
        channels.limits = channels::mina_limits(std::chrono::milliseconds(slot));
    }
    state.channels = channels::State(channels);
    state.config = std::move(config);
    return state;
}

rpc::Config rpc_config(P2pConfig const& config) {
    rpc::Config rpc;
    rpc.protocol = config.network.rpc;
    rpc.budget_factor = config.rpc_budget_factor;
    if (!config.network.formats.empty()) rpc.format = config.network.formats.front();
    rpc.served = {rpc::Method::get_some_initial_peers};
    for (auto const method : config.served) {
        if (method != rpc.served.front()) rpc.served.push_back(method);
    }
    std::ranges::sort(rpc.served);
    return rpc;
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
    config.names.kademlia = network.kademlia;
    // mina: the Rust node's Kademlia knows nothing else, and closes the connection.
    config.finds_nodes_only_agents = {"mina"};
    config.private_addresses = network.private_addresses;
    // mina: the Rust node wants to see the RPC protocol, and closes on names it does not know.
    config.names.announced = {network.rpc};
    config.gossip.message_id = libp2p::gossipsub::topic_keyed_hash_id;
    config.gossip.answer_rust_ids = true;
    // The channels bound what awaits its verdict, each kind by itself: GossipSub has room for all of them.
    config.gossip.pending_bytes_max = 160 * 1024 * 1024;
    config.gossip.rpc_bytes_max = network.gossip_bytes_max;
    config.gossip.message_bytes_max = network.gossip_bytes_max;
    config.gossip.topics = {network.topics.begin(), network.topics.end()};
    return config;
}

P2pComponent::P2pComponent(P2pConfig config, libp2p::Config swarm, base::Trace& trace)
    : state_(initial_state(std::move(config), swarm)),
      rng_(derived_seed(swarm.seed)),
      trace_(&trace),
      rpc_guest_(rpc_config(state_.config)),
      swarm_(std::move(swarm), trace, state_.config.has_rpc ? &rpc_guest_ : nullptr) {}

std::span<libp2p::Effect const> P2pComponent::step(base::Instant now, libp2p::Input const& input) {
    now_ = now;
    effects_.clear();
    if (auto const* command = std::get_if<libp2p::Command>(&input)) {
        // The swarm's own orders go on as they are: they may be large.
        if (!on_command(*command)) run_swarm(input);
    } else {
        run_swarm(input);
        if (auto const* start = std::get_if<libp2p::Start>(&input)) act(Started{start->stored.peers});
        auto const is_tick = std::holds_alternative<libp2p::Tick>(input);
        if (is_tick && discovery::next_deadline(state_.discovery) <= now) act(DiscoverPeers{mesh_members()});
        if (is_tick && channels::next_deadline(state_.channels) <= now) act(VerdictsDue{});
    }
    while (!commands_.empty()) {
        libp2p::Input const command(std::move(commands_.front()));
        commands_.pop_front();
        run_swarm(command);
    }
    for (auto& event : to_tell_) effects_.emplace_back(libp2p::Deliver{std::move(event)});
    to_tell_.clear();
    for (auto& order : to_store_) effects_.emplace_back(libp2p::Store{std::move(order)});
    to_store_.clear();
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
    std::vector<libp2p::Reply> own;
    auto const take = [&](libp2p::Effect const& effect) {
        if (auto const* const delivery = std::get_if<libp2p::Deliver>(&effect)) return take_own(delivery->event);
        auto const* const reply = std::get_if<libp2p::Reply>(&effect);
        if (reply == nullptr || !questions_.contains(reply->request)) return false;
        own.push_back(*reply);
        return true;
    };
    auto const begin = effects_.begin() + static_cast<std::ptrdiff_t>(first);
    effects_.erase(std::remove_if(begin, effects_.end(), take), effects_.end());
    for (auto const& answer : own) take_answer(answer);
}

// An answer to a question of the component's own.
void P2pComponent::take_answer(libp2p::Reply const& reply) {
    auto const question = questions_.extract(reply.request).mapped();
    if (std::holds_alternative<discovery::Provide>(question)) {
        act(PeersDiscovered{discovery::ProvideAnswered{reply.result.has_value()}});
    } else if (auto const* const address = std::get_if<libp2p::Multiaddr>(&question)) {
        auto const* const peer = reply.result ? std::get_if<libp2p::PeerId>(&*reply.result) : nullptr;
        if (peer != nullptr) act(PeersDiscovered{discovery::NamelessReached{*address, *peer}});
    } else if (auto const* const query = std::get_if<discovery::Query>(&question)) {
        discovery::QueryAnswered answered{*query, {}};
        auto const* const found = reply.result ? std::get_if<libp2p::reply::Peers>(&*reply.result) : nullptr;
        if (found != nullptr) answered.peers = found->peers;
        act(PeersDiscovered{std::move(answered)});
    } else if (auto const* const call = std::get_if<InitialPeersCall>(&question)) {
        auto const* const ended = reply.result ? std::get_if<libp2p::reply::CallEnded>(&*reply.result) : nullptr;
        auto const is_whole = ended != nullptr && !ended->failure;
        if (is_whole) act(InitialPeersAnswered{call->peer, call->answer});
    }
}

// What peers ask and answer of the component's own affairs; the application does not hear of it.
bool P2pComponent::take_own(libp2p::Event const& event) {
    namespace e = libp2p::event;
    if (auto const* const question = std::get_if<e::QuestionReceived>(&event)) {
        if (question->method != rpc::info_of(rpc::Method::get_some_initial_peers).tag) return false;
        act(InitialPeersAsked{question->question, question->peer});
        return true;
    }
    if (auto const* const begun = std::get_if<e::AnswerBegun>(&event)) return questions_.contains(begun->call);
    auto const* const part = std::get_if<e::AnswerPart>(&event);
    auto const found = part != nullptr ? questions_.find(part->call) : questions_.end();
    if (found == questions_.end()) return false;
    if (auto* const call = std::get_if<InitialPeersCall>(&found->second)) base::append(call->answer, part->bytes.view());
    return true;
}

/// False for an order that is the swarm's alone.
bool P2pComponent::on_command(libp2p::Command const& command) {
    auto const* const connect = std::get_if<libp2p::command::Connect>(&command.body);
    if (connect != nullptr && connect->keep && connect->address.peer_id()) {
        act(Connect{connect->address});
        // The reducer's order keeps the peer; this one answers the request.
        if (command.request) commands_.push_back({command.request, libp2p::command::Connect{connect->address}});
    } else if (auto const* hang_up = std::get_if<libp2p::command::HangUp>(&command.body)) {
        commands_.push_back(command);
        act(Disconnect{hang_up->peer});
    } else if (auto const* publish = std::get_if<libp2p::command::Publish>(&command.body)) {
        act(BroadcastMessage{command.request, publish->topic, publish->data});
    } else if (auto const* verdict = std::get_if<libp2p::command::GiveVerdict>(&command.body)) {
        act(VerdictGiven{verdict->message, verdict->acceptance});
        if (command.request) effects_.emplace_back(libp2p::Reply{command.request, libp2p::reply::Done{}});
    } else {
        return false;
    }
    return true;
}

void P2pComponent::on_event(libp2p::Event const& event) {
    namespace e = libp2p::event;
    if (auto const* connected = std::get_if<e::Connected>(&event)) {
        act(Connected{connected->peer, connected->address, connected->direction, connected->ip});
    } else if (auto const* disconnected = std::get_if<e::Disconnected>(&event)) {
        act(Disconnected{disconnected->peer, disconnected->reason});
    } else if (auto const* failed = std::get_if<e::ConnectionFailed>(&event)) {
        act(ConnectionFailed{failed->peer, failed->reason, failed->retry_in.has_value()});
    } else if (auto const* identified = std::get_if<e::Identified>(&event)) {
        act(PeerIdentified{identified->peer, identified->agent, identified->protocols, identified->listen_addresses});
    } else if (auto const* address = std::get_if<e::AddressFailed>(&event)) {
        act(AddressFailed{address->peer, address->address});
    } else if (auto const* told = std::get_if<e::PeersTold>(&event)) {
        act(PeersDiscovered{discovery::PeersTold{libp2p::peerstore::Source::kademlia, told->by, told->peers}});
    } else if (auto const* spare = std::get_if<e::Spare>(&event)) {
        act(PeerSpare{spare->peer});
    } else if (auto const* message = std::get_if<e::MessageReceived>(&event)) {
        act(MessageReceived{message->key, message->via, message->topic, message->data.view()});
    }
}

void P2pComponent::act(P2pAction const& action) {
    base::Env const env{now_, rng_, *trace_};
    reduce(state_, action, {env, swarm_.gate()}, p2p_out_);
    for (auto const& effect : p2p_out_.effects) apply(effect);
    p2p_out_.clear();
}

void P2pComponent::ask(Question question, libp2p::CommandBody body) {
    libp2p::RequestId const request{own_requests | ++last_question_};
    questions_.emplace(request, std::move(question));
    commands_.push_back({request, std::move(body)});
}

std::vector<libp2p::PeerId> P2pComponent::mesh_members() const {
    std::vector<libp2p::PeerId> members;
    for (auto const& topic : swarm_.topics()) {
        for (auto& peer : swarm_.mesh(topic)) members.push_back(std::move(peer));
    }
    return members;
}

void P2pComponent::apply(P2pEffect const& effect) {
    namespace c = libp2p::command;
    if (auto const* open = std::get_if<OpenConnection>(&effect)) {
        c::Connect connect{open->addresses.front(), open->keep, {}, open->is_hearsay};
        connect.others.assign(open->addresses.begin() + 1, open->addresses.end());
        if (connect.address.peer_id()) {
            order(std::move(connect));
        } else {
            ask(open->addresses.front(), std::move(connect));
        }
    } else if (auto const* close = std::get_if<CloseConnection>(&effect)) {
        order(c::HangUp{close->peer, close->is_trimmed});
    } else if (auto const* closest = std::get_if<AskClosest>(&effect)) {
        ask(discovery::Query::closest, c::FindClosest{closest->key});
    } else if (auto const* providers = std::get_if<AskProviders>(&effect)) {
        ask(discovery::Query::providers, c::FindProviders{providers->key, providers_wanted});
    } else if (auto const* provide = std::get_if<Provide>(&effect)) {
        ask(*provide, c::Provide{provide->key});
    } else if (auto const* tell = std::get_if<TellLookups>(&effect)) {
        order(c::LearnPeers{tell->peers});
    } else if (auto const* remember = std::get_if<Remember>(&effect)) {
        to_store_.push_back(remember->order);  // not among the effects yet: they are being walked
    } else if (auto const* verdict = std::get_if<GiveVerdict>(&effect)) {
        order(c::GiveVerdict{verdict->key, verdict->acceptance});
    } else if (auto const* refused = std::get_if<RefuseMessage>(&effect)) {
        order(c::GiveVerdict{refused->key, refused->acceptance});
        refusal_ = refused->reason;
    } else if (auto const* reported = std::get_if<ReportPeer>(&effect)) {
        to_tell_.push_back(libp2p::event::Misbehaved{reported->peer, reported->what, reported->count});
        if (!reported->is_ban_wanted) return;
        order(c::ReportOffence{reported->peer, libp2p::peerstore::Severity::grave, reported->what});
    } else if (auto const* publish = std::get_if<PublishMessage>(&effect)) {
        commands_.push_back({publish->request, c::Publish{publish->topic, publish->data}});
    } else if (auto const* asked = std::get_if<AskInitialPeers>(&effect)) {
        auto const& method = rpc::info_of(rpc::Method::get_some_initial_peers);
        constexpr std::uint8_t unit[] = {0};
        ask(InitialPeersCall{asked->peer, {}},
            c::Call{asked->peer, std::string(method.tag), std::nullopt, base::SharedBytes::copy_of(unit)});
    } else if (auto const* answer = std::get_if<AnswerQuestion>(&effect)) {
        libp2p::Payload payload{{base::SharedBytes::copy_of(answer->answer)}};
        order(c::AnswerQuestion{answer->question, std::move(payload)});
    } else if (auto const* subscribe = std::get_if<SubscribeTopic>(&effect)) {
        order(c::Subscribe{subscribe->topic});
    }
}

std::optional<libp2p::Deadline> P2pComponent::next_deadline() const {
    auto deadline = swarm_.next_deadline();
    auto const own = p2p::next_deadline(state_);
    if (own != base::Instant::never() && (!deadline || own < deadline->at)) return libp2p::Deadline{own, "p2p"};
    return deadline;
}

void P2pComponent::describe(base::Describer& describer) const {
    p2p::describe(state_, describer);
    swarm_.describe(describer);
}

}  // namespace mina::p2p
