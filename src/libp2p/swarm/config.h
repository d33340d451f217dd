// Config: everything that may differ between networks and nodes. Nothing of it changes while a node runs.
#pragma once

#include "base/time.h"
#include "crypto/suite.h"
#include "libp2p/gossipsub/gossipsub_state.h"
#include "libp2p/kademlia/kademlia_state.h"
#include "libp2p/peerstore/gate.h"
#include "libp2p/pnet/pnet.h"
#include "libp2p/yamux/yamux.h"

#include <optional>
#include <string>
#include <vector>

namespace libp2p {

struct ProtocolNames {
    std::string security = "/noise";
    std::string muxer = "/yamux/1.0.0";
    std::string identify = "/ipfs/id/1.0.0";
    std::string identify_push = "/ipfs/id/push/1.0.0";
    std::string ping = "/ipfs/ping/1.0.0";
    std::string perf = "/perf/1.0.0";
    std::vector<std::string> echo;                    // echoed when opened; none by default
    std::vector<std::string> gossipsub = {"/meshsub/1.1.0", "/meshsub/1.0.0"};
    std::string floodsub = "/floodsub/1.0.0";
    std::string kademlia;                             // none by default
    bool serve_perf = false;
    bool serve_ping = true;
    /// Announced beside the served ones, because a network expects them.
    std::vector<std::string> announced;
};

struct Timeouts {
    base::Duration dial = std::chrono::seconds(5);
    base::Duration next_dial = std::chrono::milliseconds(250);  // until a peer's next address is tried beside the first
    base::Duration securing = std::chrono::seconds(10);
    base::Duration muxing = std::chrono::seconds(5);
    base::Duration stream_negotiation = std::chrono::seconds(10);
    base::Duration keep_alive_interval = std::chrono::seconds(30);  // of Yamux pings
    base::Duration keep_alive_answer = std::chrono::seconds(15);
    base::Duration closing = std::chrono::seconds(1);
};

struct Limits {
    std::size_t connections_max = 200;
    std::size_t inbound_connections_max = 150;
    std::size_t connections_per_ip_max = 32;      // loopback is exempt
    std::size_t pending_inbound_max = 64;         // accepted, not yet open
    std::size_t pending_outbound_max = 32;        // dialed, not yet open; more attempts wait their turn
    std::size_t dials_per_attempt_max = 4;        // of those, to one peer
    std::size_t send_credit_bytes = 512 * 1024;   // sealed and not yet taken by the kernel, of a connection
    std::size_t write_queue_bytes_max = 64 * 1024 * 1024;  // unsealed, of a channel; beyond, it is reset
    std::size_t echo_hold_bytes = 1024 * 1024;    // above so much queued, a channel's peer gets no more credit
    std::size_t window_growth_bytes = 256 * 1024 * 1024;   // of all receive windows above the initial ones
    std::size_t assembly_bytes = 256 * 1024 * 1024;        // of all messages being assembled
    std::size_t gossip_queue_bytes_max = 64 * 1024 * 1024; // unsealed gossip to a peer; beyond, droppable RPCs are dropped
    std::size_t negotiating_streams_max = 64;     // inbound, of a connection
    std::size_t inbound_streams_per_protocol_max = 128;    // of a connection
};

struct Backoff {
    base::Duration first = std::chrono::seconds(1);
    base::Duration cap = std::chrono::minutes(5);
};

struct Config {
    crypto::PrivateKey identity;
    crypto::Suite const* suite = nullptr;         // null means crypto::real_suite()
    base::Rng::Seed seed{};                       // of all randomness
    std::optional<pnet::Key> private_network;
    std::string agent = "minap2p";
    std::string protocol_version = "ipfs/0.1.0";
    std::vector<Multiaddr> external_addresses;    // announced beside the listening ones
    /// Private and loopback addresses are announced, and dialed when others tell of them.
    bool private_addresses = true;
    bool dial_from_listen_port = true;
    /// Offer the simultaneous-open token when dialing from the listen port, where both sides may meet half-way. Without
    /// it the first Noise message rides in the first flight.
    bool simultaneous_open = true;
    ProtocolNames names;
    Timeouts timeouts;
    Limits limits;
    Backoff backoff;
    yamux::Config yamux;
    gossipsub::Config gossip;
    kademlia::Config kademlia;                    // self, protocol and private_addresses are filled in
    /// Agents whose Kademlia takes a short FIND_NODE only.
    std::vector<std::string> finds_nodes_only_agents;
    peerstore::GateConfig gate;
    std::vector<Rule> rules;                      // of the operator's configuration; not stored
    bool gossip_enabled = true;
};

}  // namespace libp2p
