// Whom to graft, prune and gossip to, and from whom to accept: every choice that a peer score would influence, and no
// other. There is no scoring today; when it comes, it comes in here (Mina's helper runs without one as well).
#pragma once

#include "base/rng.h"
#include "libp2p/gossipsub/gossipsub_state.h"

#include <vector>

namespace libp2p::gossipsub {

// The peers are chosen at random, of those that qualify; the result is in ascending order.

/// To graft: `count` peers of the topic that speak GossipSub, are not direct, not in the mesh and not in backoff.
enum class Link : std::uint8_t { any, outbound };
std::vector<PeerKey> choose_to_graft(State const& state, Topic const& topic, std::size_t count, Link link,
                                     base::Instant now, base::Rng& rng);
/// Whether this one qualifies.
bool may_graft(State const& state, Topic const& topic, PeerKey peer, base::Instant now);

/// To prune, so that mesh_target members are left, of them mesh_outbound_min that we dialed where there are so many.
std::vector<PeerKey> choose_to_prune(State const& state, Topic const& topic, base::Rng& rng);

/// To send our own messages to: `count` peers that speak GossipSub, are not direct, and in neither mesh nor fan-out.
std::vector<PeerKey> choose_for_fanout(State const& state, Topic const& topic, std::size_t count, base::Rng& rng);

/// To advertise messages to: the same peers; gossip_factor of them, at least gossip_peers_min.
std::vector<PeerKey> choose_for_gossip(State const& state, Topic const& topic, base::Rng& rng);

/// What becomes of a peer's GRAFT for a topic we are subscribed to.
enum class GraftAnswer : std::uint8_t { accept, already_in_mesh, refuse_direct, refuse_in_backoff, refuse_mesh_full };
GraftAnswer answer_graft(State const& state, Topic const& topic, PeerKey peer, base::Instant now);

/// How many more advertised ids of this peer we look at in this heartbeat; its latest IHAVE has been counted.
std::size_t ihave_ids_left(Config const& config, Peer const& peer);
/// How many ids of its IWANT we still look at.
std::size_t iwant_ids_left(Config const& config, Peer const& peer);

}  // namespace libp2p::gossipsub
