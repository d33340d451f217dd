// Why a peer is connected, being dialed, or not.
#include "mina/discovery/steps.h"

namespace mina::discovery {

namespace {

// The book knows what stands against one peer; here is added whether anybody is wanted.
void add_ready(Why& why, Config const& config, libp2p::peerstore::Census const& census) {
    if (dials_wanted(config, census) > 0) {
        why.state = "waiting";
        why.text = "will be dialed in its turn";
    } else if (census.connecting >= config.connecting_max) {
        why.state = "waiting";
        why.text = "as many dials as may be are under way: " + std::to_string(census.connecting);
    } else {
        why.state = "not wanted";
        why.text = "there are peers enough: " + std::to_string(census.connected) + " of " +
                   std::to_string(config.peers_target);
    }
}

}  // namespace

std::vector<Why> why(State const& state, libp2p::peerstore::Gate const& gate, base::Instant now) {
    std::vector<Why> all;
    auto const& counted = state.book.census();
    for (auto const& [id, peer] : state.book.peers()) {
        auto const reason = state.book.why(id, now, gate);
        Why why{id, to_string(reason.state), text(reason, &peer, now), to_string(peer.source), {}};
        for (auto const& address : peer.addresses) why.addresses.push_back(address.address);
        if (state.kept.contains(id) && !peer.is_connected()) {
            why.state = "kept";
            why.text = "the operator's: dialed again and again, " + why.text;
        } else if (reason.state == libp2p::peerstore::DialState::ready) {
            add_ready(why, state.config, counted);
        }
        all.push_back(std::move(why));
    }
    return all;
}

}  // namespace mina::discovery
