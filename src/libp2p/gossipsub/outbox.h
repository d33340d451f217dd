// Outbox: what one action has to say to each peer. Subscriptions and control are gathered into as few RPCs as fit
// rust-libp2p's bound (Mina's Rust node loses a second RPC in one frame); a message is an RPC of its own.
#pragma once

#include "libp2p/gossipsub/gossipsub_effects.h"
#include "libp2p/gossipsub/gossipsub_state.h"

namespace libp2p::gossipsub {

class Outbox {
public:
    /// Both must outlive it.
    Outbox(State const& state, Out& out) : state_(state), out_(out) {}

    // Nothing is sent to a peer whose stream is not open yet, and no control to a floodsub peer.
    void add_subscription(PeerKey peer, std::string_view topic, bool subscribe);
    void add_graft(PeerKey peer, std::string_view topic);
    void add_prune(PeerKey peer, std::string_view topic, base::Duration backoff);
    void add_iwant(PeerKey peer, std::vector<base::ByteView> const& ids);
    /// What does not fit ihave_rpcs_per_heartbeat_max RPCs is left out.
    void add_ihave(PeerKey peer, std::string_view topic, std::vector<base::ByteView> const& ids);
    /// A framed message, at once. True when it was sent.
    bool add_message(PeerKey peer, base::SharedBytes const& frame);
    /// Sends what was gathered, in the order of the peers.
    void flush();

private:
    struct Lane {
        base::ByteString subscriptions;
        base::ByteString control;  // GRAFT, PRUNE, IWANT
        base::ByteString gossip;   // IHAVE
        std::size_t gossip_rpcs = 0;
    };
    Peer const* open_peer(PeerKey peer) const;
    Peer const* mesh_peer(PeerKey peer) const;
    void add_control(PeerKey peer, base::ByteView part);
    void flush_control(PeerKey peer, Lane& lane);
    void flush_gossip(PeerKey peer, Lane& lane);

    State const& state_;
    Out& out_;
    base::FlatMap<PeerKey, Lane> lanes_;
};

}  // namespace libp2p::gossipsub
