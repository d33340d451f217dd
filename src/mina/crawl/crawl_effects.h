// What a crawl orders, and what it reports.
#pragma once

#include "mina/crawl/crawl_actions.h"

namespace mina::crawl {

// Effects.

/// Answered by Connected or ConnectFailed; Identified follows.
struct Connect {
    VisitId visit;
    libp2p::PeerId peer;                       // empty: whoever is there
    std::vector<libp2p::Multiaddr> addresses;  // at least one
    bool is_hearsay = true;                    // not the operator's: others have told of them
};
/// Answered by Pinged.
struct Ping {
    VisitId visit;
    libp2p::PeerId peer;
};
/// One FIND_NODE. Answered by Answered or AskFailed.
struct Ask {
    VisitId visit;
    libp2p::PeerId peer;
    base::ByteString key;
};
/// Ends the connection, or the attempt.
struct HangUp {
    libp2p::PeerId peer;
};

using Effect = std::variant<Connect, Ping, Ask, HangUp>;

// Events.

/// Once for each peer.
struct PeerDone {
    Entry entry;
};
/// Once, last.
struct Finished {};

using Event = std::variant<PeerDone, Finished>;

struct Out {
    std::vector<Effect> effects;
    std::vector<Event> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace mina::crawl
