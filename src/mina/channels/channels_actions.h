// What happens to the channels.
#pragma once

#include "libp2p/gossipsub/gossipsub_actions.h"
#include "mina/channels/channels_limits.h"

#include <optional>
#include <variant>

namespace mina::channels {

using libp2p::PeerId;
using libp2p::gossipsub::Acceptance;
using libp2p::gossipsub::MessageKey;

using HostId = base::Id<struct HostTag>;  // an IP address, within one run; 0 when it is not known or not counted

/// A peer is connected. May be repeated; the host said last counts.
struct PeerReady {
    PeerId peer;
    HostId host;
};
/// The last connection to a peer is gone.
struct PeerGone {
    PeerId peer;
};

/// A message that a node may forward as far as its structure goes. Ends in exactly one GiveVerdict. A key comes once.
struct MessageArrived {
    MessageKey key;
    PeerId via;               // who sent it last; may have gone, or not be there yet
    GossipKind kind = GossipKind::block;
    std::uint32_t score = 1;  // commands of a transaction diff; 0 counts as 1
    std::size_t bytes = 0;
};
/// A message was rejected for its structure, without us.
struct MessageUnfit {
    PeerId via;
    std::optional<GossipKind> kind;  // when as much could be read
};
/// The application's word on an AskVerdict. One that is late, or for a message never seen, is counted.
struct VerdictGiven {
    MessageKey key;
    Acceptance acceptance = Acceptance::ignore;
};

/// next_deadline() has come.
struct Tick {};

using Action = std::variant<PeerReady, PeerGone, MessageArrived, MessageUnfit, VerdictGiven, Tick>;

}  // namespace mina::channels
