// What GossipSub's faults cost the peer that made them. Each is told; what an honest peer never does leads to a ban.
//
// Honest peers verify a message before they forward it, so one forgery is an accident or a lie, and so is an RPC that
// cannot be read: each is an offence, and the third in the gate's window a ban. Floods are counted, for a stalled node
// reads in one heartbeat what was sent in many. What an honest peer may relay in good faith, or what it does because
// its rules are others than ours (it grafts when it likes), costs nothing: else who writes such messages would have us
// ban all our neighbours.
#include "libp2p/swarm/routing.h"

#include <limits>
#include <string>

namespace libp2p {

namespace {

using gossipsub::Misbehaviour;

constexpr base::Duration fault_window = std::chrono::minutes(5);

struct Price {
    std::uint32_t faults = 0;  // of a peer in a window that make an offence; 0: none ever do
    peerstore::Severity severity = peerstore::Severity::minor;
};

Price price_of(Misbehaviour what) {
    using enum peerstore::Severity;
    switch (what) {
        case Misbehaviour::malformed_rpc:
        case Misbehaviour::bad_signature: return {1, serious};
        case Misbehaviour::missing_signature:
        case Misbehaviour::unexpected_signature: return {8, minor};
        case Misbehaviour::too_many_subscriptions: return {16, minor};
        case Misbehaviour::ihave_flood:
        case Misbehaviour::iwant_flood: return {128, minor};
        // An honest peer may break one a second, while its queue to us is full.
        case Misbehaviour::broken_promise: return {256, minor};
        case Misbehaviour::bad_sequence_number:
        case Misbehaviour::message_too_large:
        case Misbehaviour::graft_in_backoff:
        case Misbehaviour::rejected_message:
        case Misbehaviour::malformed_message:
        case Misbehaviour::padded_message:
        case Misbehaviour::unverifiable_signature: return {};
    }
    return {};
}

}  // namespace

void Swarm::on_misbehaved(gossipsub::Misbehaved const& event) {
    ++counters_.misbehaviours.at(static_cast<std::size_t>(event.what));
    auto* peer = find_peer(event.peer);
    // Who rejects a message needs no telling, and may judge its senders better than GossipSub does.
    if (peer == nullptr || event.what == Misbehaviour::rejected_message) return;
    auto& seen = peer->gossip.faults[event.what];
    if (seen.count == 0 || now_ - seen.since >= fault_window) seen = {now_, 0};
    if (seen.count < std::numeric_limits<std::uint32_t>::max()) ++seen.count;
    auto const what = "gossipsub: " + std::string(to_string(event.what));
    // A flood of faults is no flood of events.
    auto const is_power_of_two = (seen.count & (seen.count - 1)) == 0;
    if (is_power_of_two) deliver(event::Misbehaved{peer->state.id, what, seen.count});
    auto const price = price_of(event.what);
    if (price.faults == 0 || seen.count % price.faults != 0) return;
    auto const* connection = connection_of(peer->connection);
    offend(peer->state.id, connection != nullptr ? connection->remote.ip : IpAddress{}, price.severity, what);
}

}  // namespace libp2p
