// The parts of discovery's reducer, for this folder's own use.
#pragma once

#include "mina/discovery/discovery.h"

namespace mina::discovery {

/// What a step has at hand.
struct Step {
    State& state;
    libp2p::peerstore::Gate const& gate;
    base::Env const& env;
    Out& out;
};

// discovery_reducer.cpp
void learn(Step& step, PeerAddresses const& peer, libp2p::peerstore::Source source, libp2p::PeerId const& by);

// connections.cpp
void on(Step& step, PeerConnected const& action);
void on(Step& step, PeerIdentified const& action);
void on(Step& step, PeerDisconnected const& action);
void on(Step& step, NamelessReached const& action);
void on(Step& step, AddressFailed const& action);
void on(Step& step, DialFailed const& action);
void on(Step& step, PeerSpare const& action);
void on(Step& step, PeerWanted const& action);
void on(Step& step, PeerUnwanted const& action);

// peer_management.cpp
/// How many more dials are wanted now.
std::size_t dials_wanted(Config const& config, libp2p::peerstore::Census const& census);
void attempt_connections(Step& step);
/// Whether a connection that nobody else wants is worth keeping.
bool is_welcome(Step const& step, libp2p::PeerId const& peer);
void schedule_trim(Step& step);
void trim(Step& step, std::vector<libp2p::PeerId> const& mesh);

}  // namespace mina::discovery
