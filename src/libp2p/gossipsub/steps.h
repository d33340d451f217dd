// The parts of reduce(). Each applies one kind of action, or one part of an RPC.
#pragma once

#include "base/env.h"
#include "libp2p/gossipsub/gossipsub_effects.h"
#include "libp2p/gossipsub/gossipsub_state.h"
#include "libp2p/gossipsub/outbox.h"
#include "libp2p/gossipsub/rpc_codec.h"

namespace libp2p::gossipsub {

struct Step {
    State& state;
    base::Env const& env;
    Out& out;
    Outbox outbox;

    void trace(std::string_view what, std::uint64_t id = 0, std::uint64_t value = 0) const {
        env.trace.record({"gossipsub", what, id, value});
    }
    void report(PeerKey peer, Misbehaviour what) { out.events.emplace_back(Misbehaved{peer, what}); }
};

// subscriptions.cpp: peers and topics.
void on_peer_added(Step& step, PeerAdded const& added);
void on_peer_removed(Step& step, PeerRemoved const& removed);
void on_subscribe(Step& step, Subscribe const& subscribe);
void on_unsubscribe(Step& step, Unsubscribe const& unsubscribe);
void on_subscription_parts(Step& step, PeerKey peer, std::vector<SubscriptionPart> const& parts);
/// Notes that the peer is in the topic; false when its bound on unknown topics forbids it.
bool note_subscription(Step& step, PeerKey peer, std::string_view name);
/// Whether subscriptions to this topic are always kept.
bool is_known_topic(State const& state, std::string_view name);
/// Drops a topic that nothing is remembered of.
void drop_if_empty(State& state, std::string_view name);

// mesh.cpp: GRAFT, PRUNE and backoff.
void graft(Step& step, std::string_view name, Topic& topic, PeerKey peer);
void prune(Step& step, std::string_view name, Topic& topic, PeerKey peer, base::Duration backoff);
void set_backoff(State const& state, Topic& topic, PeerId const& peer, base::Instant until);
/// Grafts a peer of the topic when there is room: at once, not at the next heartbeat. Go and Rust peers neither send nor
/// advertise to us what they publish between our SUBSCRIBE and our GRAFT.
void graft_if_room(Step& step, std::string_view name, Topic& topic, PeerKey peer);
void on_graft_parts(Step& step, PeerKey peer, std::vector<std::string_view> const& names);
void on_prune_parts(Step& step, PeerKey peer, std::vector<PrunePart> const& parts);
/// The GRAFT of a peer for a topic of ours.
void on_graft(Step& step, std::string_view name, Topic& topic, PeerKey peer);

// gossip.cpp: IHAVE and IWANT.
void on_ihave_parts(Step& step, PeerKey peer, std::vector<IHavePart> const& parts, bool is_cut);
void on_iwant_ids(Step& step, PeerKey peer, std::vector<base::ByteView> const& ids, bool is_cut);
void advertise(Step& step, std::string_view name, Topic const& topic);
void expire_promises(Step& step);

// messages.cpp: from Received to Forwarded.
/// False when the rest of the RPC is not to be read: too many are forged.
bool on_message_parts(Step& step, PeerKey via, std::vector<MessagePart> const& messages);
void on_verdict(Step& step, Verdict const& verdict);
void expire_pending(Step& step);

// publish.cpp
void on_publish(Step& step, Publish const& publish);

// heartbeat.cpp
void beat(Step& step);

}  // namespace libp2p::gossipsub
