// The state of the P2P component.
#pragma once

#include "base/time.h"
#include "libp2p/connection/reason.h"
#include "libp2p/wire/multiaddr.h"
#include "libp2p/wire/stream.h"
#include "mina/networks/networks.h"
#include "mina/p2p/message_formats.h"

#include <map>
#include <vector>

namespace mina::p2p {

/// Who gives the verdict on a gossip message.
enum class Verdicts : std::uint8_t {
    automatic,    // the component: every message that is what it should be is accepted
    application,  // command::GiveVerdict, on those
};

struct P2pConfig {
    Network network;
    std::vector<libp2p::Multiaddr> initial_peers;   // given by the operator; kept connected
    std::size_t peers_min = 20;                     // below: discovery runs at its short interval
    std::size_t peers_target = 50;                  // from here on no peer is looked for
    std::size_t connecting_max = 16;                // attempts that discovery has under way at once
    std::size_t known_max = 1024;                   // addresses that discovery remembers
    std::uint32_t attempts_max = 8;                 // of a discovered peer; the operator's are tried for ever
    base::Duration discovery_interval = std::chrono::seconds(30);
    base::Duration discovery_interval_low = std::chrono::seconds(5);
    Verdicts verdicts = Verdicts::automatic;
};

/// A connected peer.
struct P2pPeer {
    libp2p::Multiaddr address;
    libp2p::Direction direction = libp2p::Direction::inbound;
    base::Instant connected_at;
    std::string agent;             // from identify
};

/// An attempt to connect, with its retries.
struct ConnectingPeer {
    libp2p::Multiaddr address;
    base::Instant since;
    std::uint32_t attempts = 0;    // that have failed
    bool is_initial = false;       // the operator's: never given up
    libp2p::DisconnectReason last_reason = libp2p::DisconnectReason::none;
};

/// Which of Mina's channels a connected peer offers.
struct PeerChannels {
    bool gossip = false;           // blocks, transactions and SNARK work
    bool rpc = false;              // sync
    std::uint64_t messages_received = 0;
    std::uint64_t messages_refused = 0;  // of those: not of the network's format
};

enum class DiscoveryPhase : std::uint8_t { idle, discovering };

struct Discovery {
    DiscoveryPhase phase = DiscoveryPhase::idle;
    base::Instant next_at = base::Instant::never();
    std::map<libp2p::PeerId, libp2p::Multiaddr> known;   // to be tried; seeds and the operator's first
    std::uint64_t rounds = 0;
    std::size_t cursor = 0;                              // so that each round goes on where the last one ended
};

struct P2pState {
    P2pConfig config;
    std::map<libp2p::PeerId, P2pPeer> peers;
    std::map<libp2p::PeerId, ConnectingPeer> connecting_peers;
    std::map<libp2p::PeerId, PeerChannels> channels;
    Discovery discovery;
    MessageFormats formats{{}};
};

/// True when `peer` is one of the operator's.
bool is_initial(P2pConfig const& config, libp2p::PeerId const& peer);

}  // namespace mina::p2p
