// From a Config to the parts of a node. All that can be wrong is found out here, before anything else happens.
#pragma once

#include "mina/p2p/component.h"
#include "runtime/listener.h"
#include "runtime/peer_store/peer_store.h"

#include <minap2p/config.h>

namespace mina::p2p {

struct Setup {
    P2pConfig component;
    libp2p::Config swarm;
    std::vector<runtime::Listener> listeners;
    std::unique_ptr<runtime::PeerStore> store;  // null: nothing is remembered
    std::vector<std::string> warnings;
};

Result<Setup> setup_of(Config const& config);

/// A peer id, an address or a range.
Result<libp2p::RuleSubject> subject_of(std::string const& where, std::string const& text);
Result<libp2p::Multiaddr> address_of(std::string const& where, std::string const& text);
Result<libp2p::PeerId> peer_of(PeerId const& peer);

}  // namespace mina::p2p
