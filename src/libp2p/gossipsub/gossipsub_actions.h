// What happens to GossipSub.
#pragma once

#include "libp2p/wire/stream.h"

#include <variant>

namespace libp2p::gossipsub {

using MessageKey = base::Id<struct MessageTag>;  // a message awaiting its verdict, within one run

enum class Version : std::uint8_t { floodsub, v1_0, v1_1 };

/// Our outbound gossip stream to this peer is open: RPCs can be sent. All subscriptions go out at once.
struct PeerAdded {
    PeerKey peer;
    PeerId id;
    Version version = Version::v1_1;
    Direction connection = Direction::inbound;  // who dialed; meshes keep D_out outbound ones
};
struct PeerRemoved {
    PeerKey peer;
};
/// One RPC, without its length prefix; lives until the action returns.
struct RpcReceived {
    PeerKey peer;
    base::ByteView rpc;
};
struct Subscribe {
    std::string topic;
};
struct Unsubscribe {
    std::string topic;
};
struct Publish {
    std::string topic;
    base::SharedBytes data;
    RequestId request;  // answered by Published or NotPublished
};

enum class Acceptance : std::uint8_t { accept, reject, ignore };
/// The application's word on a MessageArrived.
struct Verdict {
    MessageKey message;
    Acceptance acceptance = Acceptance::ignore;
};
/// next_deadline() has come.
struct Tick {};

using Action = std::variant<PeerAdded, PeerRemoved, RpcReceived, Subscribe, Unsubscribe, Publish, Verdict, Tick>;

}  // namespace libp2p::gossipsub
