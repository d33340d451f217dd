// The three workflows of the P2P component, as parts of its reducer.
#pragma once

#include "mina/p2p/p2p.h"

namespace mina::p2p {

// connection_with_retry.cpp
void on_connect(P2pState& state, Connect const& action, Surroundings const& at, P2pOut& out);
void on_connected(P2pState& state, Connected const& action, Surroundings const& at, P2pOut& out);
void on_connection_failed(P2pState& state, ConnectionFailed const& action, Surroundings const& at, P2pOut& out);
void on_disconnect(P2pState& state, Disconnect const& action, Surroundings const& at, P2pOut& out);
void on_disconnected(P2pState& state, Disconnected const& action, Surroundings const& at, P2pOut& out);
void on_peer_identified(P2pState& state, PeerIdentified const& action, Surroundings const& at, P2pOut& out);

// message_propagation.cpp
void run_channels(P2pState& state, channels::Action const& action, Surroundings const& at, P2pOut& out);
void on_message_received(P2pState& state, MessageReceived const& action, Surroundings const& at, P2pOut& out);
void on_verdict_given(P2pState& state, VerdictGiven const& action, Surroundings const& at, P2pOut& out);
void on_broadcast_message(P2pState const& state, BroadcastMessage const& action, P2pOut& out);

// peer_discovery.cpp
void discover(P2pState& state, discovery::Action const& action, Surroundings const& at, P2pOut& out);
void on_started(P2pState& state, Started const& action, Surroundings const& at, P2pOut& out);
void ask_initial_peers(P2pState const& state, libp2p::PeerId const& peer, P2pOut& out);
void on_initial_peers_asked(P2pState const& state, InitialPeersAsked const& action, P2pOut& out);
void on_initial_peers_answered(P2pState& state, InitialPeersAnswered const& action, Surroundings const& at,
                               P2pOut& out);
void on_peers_discovered(P2pState& state, PeersDiscovered const& action, Surroundings const& at, P2pOut& out);

}  // namespace mina::p2p
