// What discovery orders, and what it reports.
#pragma once

#include "libp2p/peerstore/stored.h"
#include "mina/discovery/discovery_actions.h"

namespace mina::discovery {

// Effects.

/// Attempt a connection. `peer` is empty when it is not known who is there.
struct AttemptConnection {
    libp2p::PeerId peer;
    std::vector<libp2p::Multiaddr> addresses;  // in the order to be tried; at least one
    bool keep = false;                         // again after a failure or a loss
    bool is_hearsay = false;                   // private addresses count as configured
};
struct HangUp {
    libp2p::PeerId peer;
};
/// Ask the DHT for the peers closest to `key`.
struct AskClosest {
    base::ByteString key;
};
struct AskProviders {
    base::ByteString key;
};
struct Provide {
    base::ByteString key;
};
/// Peers that lookups may begin with.
struct TellLookups {
    std::vector<PeerAddresses> peers;
};
struct Remember {
    libp2p::StoreOrder order;
};

using Effect = std::variant<AttemptConnection, HangUp, AskClosest, AskProviders, Provide, TellLookups, Remember>;

// Events.

/// A round is over.
struct Discovered {
    std::size_t new_peers = 0;
    std::size_t known = 0;
};

struct Out {
    std::vector<Effect> effects;
    std::vector<Discovered> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace mina::discovery
