// AddressBook: the peers that this node knows of, and where they are said to be.
//
//   learn()            somebody names a peer and its addresses
//   candidates()       whom to dial next, the best first
//   begin_dial()       the addresses of one, in order; from here on it is being dialed
//   on_address_failed() on_dial_failed() on_connected() on_disconnected()    what became of it
//   why()              why a peer is not being dialed
//
// Never in the book: this node itself. Never an address of a peer: what cannot be dialed (dialable.h). Private
// addresses only with config.private_addresses, or from the operator. Names only from the operator, the network's
// seeds, the store and the peer itself, so that no third party makes this node ask for names.
//
// Bounds, so that nobody fills the book for others. A peer counts in all of these shares that apply to it:
//   known_max      all peers
//   teller_max     peers that only third parties have named, the first of them this one
//   source_max     peers that this node has never dialed with success, by the way they were learned (Kademlia, the
//                  peers' own word, …); not those of the store
//   group_max      peers whose first address is in this group (/16, /32); not private ones where these are allowed, nor
//                  the operator's and the seeds'; all that have names only are one group
// At a bound the least worthy peer of that share gives way (worth_of), but only if the newcomer is worth more, or is as
// good and the other has not been named for stale_after. Else the newcomer is refused: who comes later with the same
// claim does not push out who was there. Never evicted: the operator's peers, seeds, and whoever is connected or being
// dialed. Whoever is connected is in the book: over its bounds, if there is no room, and only until the connection
// ends. A peer keeps addresses_max addresses: those that succeeded, then the operator's and its own word, then the
// rest; the worst gives way to a better one.
//
// Retries: back-off from backoff_first, doubled with each failure up to backoff_max, drawn from the upper half of the
// step. A connection that ends younger than `stable`, and not by this node, counts as a failure.
#pragma once

#include "base/describe.h"
#include "base/rng.h"
#include "libp2p/peerstore/dial_limiter.h"
#include "libp2p/peerstore/gate.h"
#include "libp2p/peerstore/known_peer.h"
#include "libp2p/wire/stream.h"

#include <map>
#include <set>

namespace libp2p::peerstore {

struct AddressBookConfig {
    PeerId self{};
    bool private_addresses = false;
    std::size_t known_max = 4096;
    std::size_t teller_max = 128;
    std::size_t source_max = 2048;
    std::size_t group_max = 128;
    std::size_t addresses_max = 16;
    std::size_t tellers_max = 4;               // remembered a peer
    std::size_t agent_bytes_max = 256;         // longer ones are cut
    std::size_t addresses_per_learn_max = 64;  // looked at
    base::Duration stale_after = std::chrono::hours(3);
    base::Duration backoff_first = std::chrono::seconds(1);
    base::Duration backoff_max = std::chrono::hours(1);
    base::Duration backoff_max_operator = std::chrono::minutes(5);  // of the operator's peers and the seeds
    base::Duration stable = std::chrono::minutes(1);
    std::size_t dial_addresses_max = 8;        // a dial
    std::size_t unproven_per_group_max = 2;    // in one answer of candidates()
    std::size_t anchors_max = 8;
    base::Duration anchor_after = std::chrono::minutes(30);
    DialLimits limits{};
};

enum class DialState : std::uint8_t {
    connected,
    dialing,
    ready,
    backing_off,      // until Why::at
    refused,          // by the gate, see Why::refusal
    private_address,  // it has no others
    no_address,
    rate_limited,     // until Why::at: its address, IP or group was dialed often
    self,
    unknown,          // not in the book
};
inline constexpr int dial_state_count = 10;
std::string_view to_string(DialState state);

/// Why a peer is not being dialed, as far as the book knows.
struct Why {
    DialState state = DialState::unknown;
    base::Instant at = base::Instant::never();  // when that ends
    std::optional<Refusal> refusal{};
};
/// "backing off for another 12 s after 4 failures".
std::string text(Why const& why, KnownPeer const* peer, base::Instant now);

enum class Learned : std::uint8_t {
    added,
    updated,     // it was known; some of the addresses may have been refused
    refused,     // a bound
    no_address,  // none that could be dialed
    self,
};

/// How many peers are connected, and being dialed.
struct Census {
    std::size_t connected = 0;
    std::size_t outbound = 0;    // of those, dialed by us
    std::size_t connecting = 0;  // being dialed, and not connected
    bool operator==(Census const&) const = default;
};

class AddressBook {
public:
    explicit AddressBook(AddressBookConfig config);

    /// What is left of the last run. Records of peers that find no place are erased.
    void load(std::vector<StoredPeer> const& peers, base::Instant now);

    /// `addresses` with or without /p2p; those with another peer's id are dropped. `teller`: the third party that says
    /// so, or empty. Identify replaces what identify said before.
    Learned learn(PeerId const& id, std::span<Multiaddr const> addresses, Source source, PeerId const& teller,
                  base::Instant now);
    void set_agent(PeerId const& id, std::string_view agent);
    /// By command of the operator, or to forget a peer that was a lie. Its record is erased.
    bool forget(PeerId const& id);

    /// Ready to be dialed, the best first, at most `count`; equals in an order drawn from `rng`.
    std::vector<PeerId> candidates(base::Instant now, std::size_t count, Gate const& gate, base::Rng& rng) const;
    /// The addresses to dial, in order, without those that are limited or that the gate refuses; counts against the
    /// limits. Empty, and nothing has begun, when there is none.
    std::vector<Multiaddr> begin_dial(PeerId const& id, base::Instant now, Gate const* gate = nullptr);
    void on_address_failed(PeerId const& id, Multiaddr const& address, base::Instant now);
    /// The dial as a whole has failed.
    void on_dial_failed(PeerId const& id, base::Instant now, base::Rng& rng);
    /// The dial was given up for reasons of our own: no failure.
    void on_dial_dropped(PeerId const& id);
    /// A connection. `address`: the other end; it is learned when we dialed it.
    void on_connected(PeerId const& id, Multiaddr const& address, Direction direction, base::Instant now);
    /// The last connection is gone. `is_failure`: it was not this node that ended it, so a young one counts as a failed
    /// dial.
    void on_disconnected(PeerId const& id, bool is_failure, base::Instant now, base::Rng& rng);
    /// Marks the outbound connections that have lasted as anchors, of different groups; when there are fewer than
    /// anchors_max, those of the last run stay. Once a minute is often enough.
    void choose_anchors(base::Instant now);

    Why why(PeerId const& id, base::Instant now, Gate const& gate) const;
    KnownPeer const* find(PeerId const& id) const;
    std::map<PeerId, KnownPeer> const& peers() const { return peers_; }
    std::size_t size() const { return peers_.size(); }
    Census const& census() const { return census_; }

    /// Records that have changed since the last call. Kept are peers that this node has dialed with success: an inbound
    /// connection proves nothing about an address.
    std::vector<StoreOrder> take_orders(base::Instant now);

    void describe(base::Describer& describer) const;

private:
    enum class ShareKind : std::uint8_t { all, teller, source, group };
    struct ShareKey {
        ShareKind kind = ShareKind::all;
        std::uint8_t source = 0;
        PeerId teller;
        IpRange group;
        auto operator<=>(ShareKey const&) const = default;
    };
    using Share = std::set<std::pair<Worth, PeerId>>;

    std::optional<IpRange> group_share_of(KnownPeer const& peer) const;
    std::vector<ShareKey> shares_of(KnownPeer const& peer) const;
    std::size_t bound_of(ShareKey const& key) const;
    void enter_shares(KnownPeer const& peer);
    void count(KnownPeer const& peer, std::size_t by);
    void set_dialing(KnownPeer& peer, bool is_dialing);
    void leave_shares(KnownPeer const& peer);
    bool make_room_for(KnownPeer const& newcomer, base::Instant now);
    KnownPeer const* least_worthy(Share const& share, std::set<PeerId> const& without) const;
    void keep_shares(PeerId const& id);
    KnownPeer& insert(KnownPeer newcomer);
    void evict(PeerId const& id);
    void renew(std::map<PeerId, KnownPeer>::iterator at, KnownPeer changed);
    bool merge_addresses(KnownPeer& peer, std::span<Multiaddr const> addresses, Source source, base::Instant now) const;
    bool merge_address(KnownPeer& peer, Multiaddr const& address, Source source, base::Instant now) const;
    void note_teller(KnownPeer& peer, Source source, PeerId const& teller) const;
    void back_off(KnownPeer& peer, std::uint32_t step, base::Instant now, base::Rng& rng) const;
    void touch(KnownPeer const& peer);
    std::optional<SocketAddress> limited(KnownAddress const& known) const;
    base::Instant permitted_at(KnownPeer const& peer, base::Instant now) const;
    Why why(KnownPeer const& peer, base::Instant now, Gate const& gate) const;
    std::optional<Refusal> refusal_of(KnownPeer const& peer, base::Instant now, Gate const& gate) const;

    AddressBookConfig config_;
    DialLimiter limiter_;
    std::map<PeerId, KnownPeer> peers_;
    std::map<ShareKey, Share> shares_;
    Census census_;
    std::set<PeerId> recorded_;  // whose records exist, as far as orders were given
    std::set<PeerId> touched_;   // whose records have changed
    std::vector<StoreOrder> erased_;
};

}  // namespace libp2p::peerstore
