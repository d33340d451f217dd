// What discovery remembers.
#pragma once

#include "base/bytes.h"
#include "libp2p/peerstore/address_book.h"

#include <map>
#include <set>

namespace mina::discovery {

struct Config {
    libp2p::peerstore::AddressBookConfig book;            // `self` is filled in
    std::vector<libp2p::Multiaddr> operator_peers;        // kept connected; dialed whatever their addresses
    std::vector<libp2p::Multiaddr> seeds;
    bool has_kademlia = true;
    base::ByteString rendezvous;                          // the key that all nodes of the network provide
    std::size_t peers_min = 20;                           // below: rounds follow at the short interval
    std::size_t peers_target = 50;                        // from here on no peer is looked for; 0: none is at all
    std::size_t peers_max = 100;                          // above: trimmed to the target
    std::size_t outbound_min = 8;                         // dialed by us, so that others do not choose all our peers
    std::size_t connecting_max = 16;                      // dials of ours under way
    std::uint32_t attempts_max = 8;                       // failures in a row, after which hearsay is forgotten
    base::Duration interval = std::chrono::seconds(30);   // between rounds; jitter of a quarter both ways
    base::Duration interval_low = std::chrono::seconds(5);
    base::Duration round_timeout = std::chrono::seconds(20);   // then a round ends without the sources that are silent
    base::Duration search_interval = std::chrono::minutes(10);  // between questions to the DHT, with enough peers
    base::Duration provide_retry = std::chrono::seconds(30);
    base::Duration trim_grace = std::chrono::seconds(30);       // for which a new connection is not trimmed
    base::Duration upkeep_interval = std::chrono::minutes(1);   // anchors are chosen, records brought up to date
};

enum class Phase : std::uint8_t { idle, discovering };
constexpr std::string_view to_string(Phase phase) { return phase == Phase::idle ? "Idle" : "Discovering"; }

/// Who is asked in a round.
enum class Query : std::uint8_t { closest, providers };
inline constexpr int query_count = 2;
constexpr std::string_view to_string(Query query) { return query == Query::closest ? "closest" : "providers"; }

/// An address without a peer id: it cannot be in the book until it was reached.
struct Nameless {
    libp2p::Multiaddr address;
    bool is_seed = false;
    base::Instant next_at;
    std::uint32_t dials = 0;
};

struct State {
    explicit State(Config given = {}) : config(std::move(given)), book(config.book) {}

    Config config;
    libp2p::peerstore::AddressBook book;
    Phase phase = Phase::idle;
    base::Instant next_at = base::Instant::never();     // of a round
    base::Instant round_ends = base::Instant::never();
    std::set<Query> asked;                              // that have not answered in this round
    std::size_t found = 0;                              // peers new to the book, in this round
    std::uint64_t rounds = 0;
    base::Instant search_at;                            // the DHT is not asked before, with enough peers
    base::Instant provide_at = base::Instant::never();  // the rendezvous key is to be provided; never: it is
    base::Instant trim_at = base::Instant::never();
    base::Instant upkeep_at = base::Instant::never();
    std::map<libp2p::PeerId, bool> kept;                // the operator's: never trimmed; whether they were ordered
    std::map<libp2p::PeerId, libp2p::Multiaddr> connections;  // the other ends
    std::vector<Nameless> nameless;
};

}  // namespace mina::discovery
