// The state of the P2P component.
#pragma once

#include "base/time.h"
#include "libp2p/connection/reason.h"
#include "libp2p/wire/multiaddr.h"
#include "libp2p/wire/stream.h"
#include "mina/channels/channels.h"
#include "mina/discovery/discovery.h"
#include "mina/networks/networks.h"
#include "mina/p2p/lasting_ids.h"
#include "mina/p2p/message_formats.h"
#include "mina/rpc/methods.h"

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
    discovery::Config discovery;                    // seeds, rendezvous and own id are filled in
    Verdicts verdicts = Verdicts::automatic;
    bool has_rpc = true;                            // RPCs are asked and answered
    std::uint32_t rpc_budget_factor = 1;            // to measure with
    std::vector<rpc::Method> served;                // those that the application answers (event::QuestionReceived)
};

/// A connected peer.
struct P2pPeer {
    libp2p::Multiaddr address;
    libp2p::Direction direction = libp2p::Direction::inbound;
    base::Instant connected_at;
    std::optional<libp2p::IpAddress> host;  // that its messages are counted by
    std::string agent;             // from identify
    bool speaks_gossip = false;    // blocks, transactions and SNARK work
    bool speaks_rpc = false;       // sync
    bool is_asked_for_peers = false;  // once a connection
};

/// An attempt to connect, with its retries.
struct ConnectingPeer {
    libp2p::Multiaddr address;
    base::Instant since;
    std::uint32_t attempts = 0;    // that have failed
    bool is_kept = false;          // the operator's: never given up
    libp2p::DisconnectReason last_reason = libp2p::DisconnectReason::none;
};

struct P2pState {
    P2pConfig config;
    std::map<libp2p::PeerId, P2pPeer> peers;
    std::map<libp2p::PeerId, ConnectingPeer> connecting_peers;
    channels::State channels;                      // of blocks, transactions and SNARK work; that of sync is RpcGuest's
    LastingIds<libp2p::IpAddress> hosts;
    discovery::State discovery;
    std::uint64_t peers_discovered = 0;            // new to the address book, in all rounds
    MessageFormats formats{{}};
};

}  // namespace mina::p2p
