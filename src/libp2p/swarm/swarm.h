// swarm: the composition root. It owns the connections, peers and channels of a node and the protocols above them, and
// is a Core: one Input goes in, the effects for the outside come out.
//
//   core.h         Core, Input, Effect: the contract with the outside
//   config.h       Config            command.h, event.h   the application's orders, and what it is told
//   swarm.cpp      step(): one input to its end
//   links.cpp      TCP links come, speak and go           upgrades and frames, through connection::Pipe
//   dialing.cpp    attempts: names, addresses, one after the other
//   channels.cpp   streams: negotiation, data, credit, flushing
//   routing.cpp    the wiring: every effect and event of every machine, and where it goes
//   gossip_streams.cpp  which stream carries gossip to and from each peer
//   lookups.cpp    what Kademlia hears of peers, the connections it orders, its commands
//   guest.cpp      the guest protocol: what it hears, what it orders
//   commands.cpp   the application's orders
//   admission.cpp  bounds on connections, rules about peers and addresses
//   status.cpp     what is shown to people
//
//   Input ─► step ─► { connection, peer, channel } machines ─► protocols (identify ping perf echo gossipsub kademlia guest)
//              ▲                     │ effects and events               │
//              └──── settle() ◄──────┴──── routing.cpp ◄────────────────┘
//                        └─► flush(): queued frames are sealed while a connection has credit ─► Transmit
//
// No machine calls another. A machine's effects and events wait in its Out; settle() takes them, in a fixed order,
// until nothing is left.
#pragma once

#include "base/buffer_pool.h"
#include "base/timers.h"
#include "libp2p/connection/pipe.h"
#include "libp2p/echo/echo.h"
#include "libp2p/gossipsub/gossipsub.h"
#include "libp2p/identify/identify.h"
#include "libp2p/kademlia/kademlia.h"
#include "libp2p/peerstore/gate.h"
#include "libp2p/peerstore/observed_addresses.h"
#include "libp2p/perf/perf.h"
#include "libp2p/ping/ping.h"
#include "libp2p/swarm/config.h"
#include "libp2p/swarm/core.h"
#include "libp2p/swarm/guest.h"
#include "libp2p/swarm/records.h"
#include "libp2p/swarm/status.h"

#include <deque>
#include <map>
#include <memory>
#include <unordered_map>

namespace libp2p {

class Swarm final : public Core {
public:
    /// `trace` and `guest`, which may be null, must outlive the swarm.
    Swarm(Config config, base::Trace& trace, Guest* guest = nullptr);
    ~Swarm() override;
    Swarm(Swarm const&) = delete;
    Swarm& operator=(Swarm const&) = delete;

    std::span<Effect const> step(base::Instant now, Input const& input) override;
    std::optional<Deadline> next_deadline() const override;
    void describe(base::Describer& describer) const override;

    // What is shown to people; nothing here changes the state.
    PeerId const& self() const { return peer_config_.self; }
    Config const& config() const { return config_; }
    std::vector<SocketAddress> const& listening() const { return listening_; }
    std::vector<Multiaddr> listen_addresses() const;     // with /p2p: where this node can be dialed from here
    std::vector<Multiaddr> announced_addresses() const;  // without /p2p: what others are told
    peerstore::Gate const& gate() const { return gate_; }
    kademlia::State const& kademlia() const { return kademlia_; }
    std::vector<PeerStatus> peers() const;
    std::vector<ConnectionStatus> connections() const;
    std::optional<std::vector<std::string>> protocols_of(PeerId const& peer) const;
    std::vector<PeerId> mesh(std::string_view topic) const;
    std::vector<PeerId> topic_peers(std::string_view topic) const;  // that announced it
    std::vector<std::string> topics() const;
    Counters const& counters() const { return counters_; }
    gossipsub::Counters const& gossip_counters() const { return gossip_.counters; }
    std::size_t connected_peers() const { return connected_peers_; }
    struct PerfServed {
        std::uint64_t received_bytes = 0;
        std::uint64_t sent_bytes = 0;
    };
    PerfServed perf_served() const { return {perf_.served_received, perf_.served_sent}; }
    std::optional<perf::Progress> perf_progress(RequestId request) const;
    /// Holds between steps; a failure is our bug. For the simulator and the fuzzers.
    void check_invariants() const;

private:
    std::vector<IpAddress> ips_of(SocketAddress const& at) const;

    // swarm.cpp
    void dispatch(Input const& input);
    void on_start(Start const& input);
    void on_tick();
    void fire(TimerKey const& timer);
    void settle_and_flush();
    void settle();
    void bury();
    void set_timer(TimerKind kind, std::uint64_t id, base::Instant at);

    // links.cpp
    void on_accepted(Accepted const& input);
    void on_dialed(Dialed const& input);
    void on_dial_failed(DialFailed const& input);
    void on_received(Received const& input);
    void on_written(Written const& input);
    void on_closed(Closed const& input);
    Connection* connection_of(LinkId link);
    Connection* connection_of(ConnectionId id);
    Connection& add_connection(LinkId link, Direction direction, SocketAddress const& remote);
    void count_settled(Connection& connection);
    void make_pipe(Connection& connection, std::optional<PeerId> const& expected, bool simultaneous);
    void act(Connection& connection, connection::Action const& action);
    void apply(Connection& connection, connection::Effect const& effect);
    void on_pipe_event(Connection& connection, connection::Pipe::Event const& event);
    void on_secured(Connection& connection, connection::Pipe::Secured const& event);
    void on_yamux_event(Connection& connection, yamux::Event const& event);
    void on_became_open(Connection& connection);
    void on_became_closed(Connection& connection, bool was_open);
    void begin_upgrade(Connection& connection);
    void transmit(Connection& connection, base::SharedBytes bytes);
    void mark_dirty(Connection& connection);

    // dialing.cpp
    void start_attempt(PeerKey peer, std::vector<Multiaddr> const& targets, RequestId request);
    void on_resolved(Resolved const& input);
    void try_next(Attempt& attempt);
    void resolve(Attempt& attempt, Multiaddr const& target);
    bool may_dial_another(Attempt& attempt);
    void wake_attempt();
    void take_target(Attempt& attempt);
    bool dial(Attempt& attempt, Candidate const& candidate);
    void finish_attempt(Attempt& attempt, DisconnectReason failure);
    void cancel_attempt(Peer& peer, DisconnectReason reason);
    void attempt_lost(Connection& connection);
    void attempt_opened(Connection& connection);
    void answer_waiting(PeerKey peer);

    // channels.cpp
    void open_channel(stream::Open const& order, Service service);
    void on_stream_opened(Connection& connection, yamux::StreamId stream);
    void on_stream_data(Connection& connection, yamux::Data const& data);
    void negotiate(Channel& channel, base::ByteView bytes);
    void agreed(Channel& channel, std::string name);
    void act(Channel& channel, channel::Action const& action);
    void apply(Channel& channel, channel::Effect const& effect);
    void give_credit(Channel& channel, std::size_t bytes);
    void write(stream::Write const& order);
    void finish(stream::Finish const& order);
    void reset(stream::Reset const& order);
    void lose_channels(Connection& connection);
    void flush(Connection& connection);
    bool seal_some(Connection& connection);
    void report_writable(Connection& connection);
    Channel* channel_of(ChannelId id);
    Channel* channel_of(Connection& connection, yamux::StreamId stream);
    Channel& add_channel(Connection& connection, yamux::StreamId stream, Direction direction);
    bool admit_inbound(Channel& channel, std::string const& name);
    Service service_of(std::string_view name) const;
    std::vector<std::string> served_names() const;

    // routing.cpp
    bool route_peer_outs();
    bool route_protocol_outs();
    void apply(Peer& peer, peer::Effect const& effect);
    void on_peer_connected(Peer& peer, peer::BecameConnected const& event);
    void on_peer_disconnected(Peer& peer, DisconnectReason reason);
    void learn_listen_addresses(Peer& peer);
    void learn_observed(Peer const& peer);
    template <class Out>
    bool drain(Mailbox<Out>& mailbox, Service service);
    template <class Fact>
    void to_service(Channel const& channel, Fact const& fact);
    template <class Fact>
    void to_service(Service service, Fact const& fact);
    void route(identify::Event const& event);
    void route(ping::Event const& event);
    void route(perf::Event const& event);
    void route(echo::Event const& event);
    void route(gossipsub::Event const& event);
    void route(gossipsub::Effect const& effect);
    void route(kademlia::Event const& event);
    void route(kademlia::Effect const& effect);
    template <class StreamEffect>
    void route_stream(StreamEffect const& effect, Service service);
    void arm_protocol_timers();
    void arm_observed();

    // gossip_streams.cpp
    void gossip_peer_ready(Peer& peer);
    void gossip_open(Peer& peer);
    void gossip_fact(Service service, stream::Opened const& fact);
    void gossip_fact(Service service, stream::Data const& fact);
    void gossip_fact(Service service, stream::Finished const& fact);
    void gossip_fact(Service service, stream::Writable const& fact);
    void gossip_fact(Service service, stream::Closed const& fact);
    void gossip_stream_lost(Peer& peer, stream::CloseReason reason);
    void gossip_inbound(Peer& peer, ChannelId channel, base::ByteView bytes);

    // gossip_faults.cpp
    void on_misbehaved(gossipsub::Misbehaved const& event);

    // lookups.cpp
    bool has_kademlia() const { return !config_.names.kademlia.empty(); }
    bool serves_kademlia() const { return has_kademlia() && config_.kademlia.server; }
    void kademlia_connected(Peer const& peer, Connection const& connection);
    void kademlia_identified(Peer const& peer);
    void tell_kademlia(kademlia::Action const& action);
    void connect_for_lookup(kademlia::PeerAddresses const& wanted);
    void on_misbehaved(kademlia::Misbehaved const& event);
    bool wants_kademlia(RequestId request);
    void order(RequestId request, command::LearnPeers const& command);
    void order(RequestId request, command::FindPeer const& command);
    void order(RequestId request, command::FindClosest const& command);
    void order(RequestId request, command::AskClosest const& command);
    void order(RequestId request, command::Provide const& command);
    void order(RequestId request, command::StopProviding const& command);
    void order(RequestId request, command::FindProviders const& command);
    void order(RequestId request, command::PutValue const& command);
    void order(RequestId request, command::GetValue const& command);

    // guest.cpp
    void tell_guest(guest::Action const& action);
    void guest_connected(Peer const& peer, Connection const& connection);
    void guest_identified(Peer const& peer);
    void route(stream::Order const& order);
    void route(std::variant<guest::Tell, guest::Answer, guest::Offence> const& event);
    void order_guest(RequestId request, CommandBody const& body, PeerId const* peer);

    // admission.cpp
    std::optional<DisconnectReason> refusal_of(SocketAddress const& remote) const;
    void order(RequestId request, command::SetRule const& command);
    void order(RequestId request, command::DropRule const& command);
    void order(RequestId request, command::ReportOffence const& command);
    void forget_refused(RuleSubject const& subject, RuleKind kind);
    void expire_rules();
    void offend(PeerId const& peer, IpAddress const& ip, peerstore::Severity severity, std::string_view reason);
    void store_rules();
    void load_configured_rules();
    void enforce_rules();

    // commands.cpp
    void on_command(Command const& input);
    void order(RequestId request, command::Connect const& command);
    void order(RequestId request, command::HangUp const& command);
    void order(RequestId request, command::Ping const& command);
    void order(RequestId request, command::Subscribe const& command);
    void order(RequestId request, command::Unsubscribe const& command);
    void order(RequestId request, command::Publish const& command);
    void order(RequestId request, command::GiveVerdict const& command);
    void order(RequestId request, command::Perf const& command);
    void order(RequestId request, command::Echo const& command);
    void order(RequestId request, command::RoundTrips const& command);
    void order(RequestId request, command::Rate const& command);
    void order(RequestId request, command::Shutdown const& command);
    Peer* connected_peer(RequestId request, PeerId const& id);
    void finish_shutdown();
    void reply(RequestId request, ReplyValue value);
    void reply_error(RequestId request, std::string error);
    void deliver(Event event);

    // peers
    Peer& peer_of(PeerId const& id);  // made when unknown
    Peer* find_peer(PeerKey key);
    Peer* find_peer(PeerId const& id);
    Peer const* find_peer(PeerId const& id) const;
    void act(Peer& peer, peer::Action const& action);
    void announce_self();
    base::Env env() { return {now_, rng_, *trace_}; }

    Config config_;
    base::Trace* trace_;
    base::Rng rng_;
    base::Instant now_;
    crypto::Suite const* suite_;
    noise::StaticKey static_key_;
    peer::Config peer_config_;
    connection::Config connection_config_;
    connection::PipeConfig pipe_config_;
    base::MemoryBudget window_growth_;
    base::MemoryBudget assembly_;
    base::BufferPool buffers_;        // of bulk
    base::BufferPool small_buffers_;  // of all else
    yamux::Gather gather_;
    base::ByteString sealing_;

    std::vector<SocketAddress> listening_;
    std::vector<IpAddress> interfaces_;
    peerstore::Gate gate_;
    bool is_gate_changed_ = false;
    peerstore::ObservedAddresses observed_;
    std::map<ConnectionId, std::unique_ptr<Connection>> connections_;
    std::unordered_map<LinkId, Connection*> by_link_;  // never iterated
    std::map<ChannelId, std::unique_ptr<Channel>> channels_;
    std::map<PeerKey, Peer> peers_;
    std::map<PeerId, PeerKey> peer_keys_;
    std::map<AttemptId, Attempt> attempts_;
    std::map<ResolveId, AttemptId> resolving_;
    std::map<IpAddress, std::size_t> per_ip_;
    std::deque<AttemptId> queued_attempts_;  // until fewer dials are under way
    std::vector<RequestId> shutting_down_;
    bool is_shutting_down_ = false;
    std::size_t inbound_count_ = 0;
    std::size_t pending_inbound_ = 0;
    std::size_t pending_outbound_ = 0;
    std::size_t connected_peers_ = 0;

    identify::State identify_;
    ping::State ping_;
    perf::State perf_;
    echo::State echo_;
    gossipsub::State gossip_;
    kademlia::State kademlia_;
    Guest* guest_;
    Mailbox<identify::Out> identify_out_;
    Mailbox<ping::Out> ping_out_;
    Mailbox<perf::Out> perf_out_;
    Mailbox<echo::Out> echo_out_;
    Mailbox<gossipsub::Out> gossip_out_;
    Mailbox<kademlia::Out> kademlia_out_;
    Mailbox<guest::Out> guest_out_;
    connection::Out connection_out_;
    channel::Out channel_out_;
    std::deque<std::pair<PeerKey, peer::Effect>> peer_out_;

    base::Timers<TimerKey> timers_;
    std::vector<ConnectionId> dirty_;      // have something to flush
    std::vector<ConnectionId> flushing_;   // are being flushed
    std::vector<ConnectionId> dead_connections_;
    std::vector<ChannelId> dead_channels_;
    std::vector<PeerKey> idle_peers_;
    std::vector<Effect> effects_;
    Counters counters_;

    std::uint64_t last_link_ = 0;  // even numbers
    std::uint64_t last_connection_ = 0;
    std::uint64_t last_channel_ = 0;
    std::uint64_t last_peer_ = 0;
    std::uint64_t last_attempt_ = 0;
    std::uint64_t last_resolve_ = 0;
};

}  // namespace libp2p
