// What happens to a crawl.
#pragma once

#include "base/id.h"
#include "libp2p/kademlia/kademlia_actions.h"
#include "mina/crawl/entry.h"

#include <variant>

namespace mina::crawl {

using libp2p::kademlia::PeerAddresses;
using VisitId = base::Id<struct VisitTag>;

/// Once, first. `seeds` were given by the operator: with or without a peer id, private or not. `resumed` is what an
/// earlier crawl has found: those reached are not visited again, unless it was broken off, or they have named peers of
/// which there is no entry (and so no address), as when that crawl was killed; the others are tried again.
struct Begin {
    std::vector<libp2p::Multiaddr> seeds;
    std::vector<Entry> resumed = {};
};

// Answers to effects.

struct Connected {
    VisitId visit;
    libp2p::PeerId peer;
    libp2p::Multiaddr address;  // that led there
};
struct ConnectFailed {
    VisitId visit;
    std::string reason;
};
struct Pinged {
    VisitId visit;
    std::optional<base::Duration> round_trip;  // none: it has not answered
};
struct Answered {
    VisitId visit;
    std::vector<PeerAddresses> closest;
};
struct AskFailed {
    VisitId visit;
    std::string reason;
};

// Facts about peers.

struct Identified {
    libp2p::PeerId peer;
    std::string agent;
    std::vector<std::string> protocols;
    std::vector<libp2p::Multiaddr> listen_addresses;
};
struct HungUp {
    libp2p::PeerId peer;
    std::string reason;
};

/// Nobody else is visited; what is known is reported, and that is the end.
struct Stop {};
/// next_deadline() has come.
struct Tick {};

using Action =
    std::variant<Begin, Connected, ConnectFailed, Pinged, Answered, AskFailed, Identified, HungUp, Stop, Tick>;

}  // namespace mina::crawl
