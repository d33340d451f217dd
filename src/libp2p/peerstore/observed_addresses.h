// ObservedAddresses: which of this node's addresses others see it at (identify's observedAddr), as far as they agree.
//
// Counted is only what was seen of connections whose port means something: those that we accepted, and those that left
// from a port that we listen at. An address is confirmed when observers of `groups_needed` different groups (/16 of
// IPv4,
// /32 of IPv6, of the observer's own address) say the same address and port: either a port that we listen at, or one
// that a NAT has mapped, which only agreement shows. Where private addresses are allowed (laboratories), an observer at
// a private address counts for itself, and not for its group.
//
// The last word of an observer counts. It counts while the observer is connected, and for time_to_live after that.
//
// Bounds. At groups_max the group that spoke longest ago gives way; in a group, at observers_per_group_max, its
// observer that spoke longest ago. At most confirmed_max addresses are confirmed: those with the most groups. An answer
// never adds more than one voice to one address.
#pragma once

#include "base/describe.h"
#include "libp2p/peerstore/stored.h"

#include <map>
#include <optional>

namespace libp2p::peerstore {

struct ObservedConfig {
    std::size_t groups_needed = 3;
    std::size_t groups_max = 256;
    std::size_t observers_per_group_max = 4;
    std::size_t confirmed_max = 8;
    base::Duration time_to_live = std::chrono::minutes(30);
    bool private_addresses = false;
};

/// How the connection came about, over which the observer spoke.
enum class ObservedOver : std::uint8_t { accepted, from_listen_port, from_other_port };

struct Observation {
    PeerId by;
    IpAddress by_ip;
    SocketAddress ours;  // as the observer sees it
    ObservedOver over = ObservedOver::from_other_port;
};

class ObservedAddresses {
public:
    explicit ObservedAddresses(ObservedConfig config = {});

    /// False when it counts for nothing: a port without meaning, an address that nobody could dial.
    bool observe(Observation const& observation, base::Instant now);
    /// Its last connection is gone: its word lapses after time_to_live.
    void on_disconnected(PeerId const& observer, base::Instant now);
    /// Drops what has lapsed; true when the confirmed addresses may have changed.
    bool expire(base::Instant now);
    std::optional<base::Instant> next_deadline() const;

    /// Those with the most groups first.
    std::vector<SocketAddress> confirmed(base::Instant now) const;

    void describe(base::Describer& describer) const;

private:
    struct Word {
        PeerId by;
        SocketAddress ours;
        base::Instant said_at;
        base::Instant until = base::Instant::never();
    };
    using GroupKey = std::variant<PeerId, IpRange>;
    using Words = std::vector<Word>;  // the oldest first

    GroupKey group_key(Observation const& observation) const;
    template <class Lapses>
    bool erase_words(Lapses lapses);
    void make_room();

    ObservedConfig config_;
    std::map<GroupKey, Words> groups_;  // none is empty
};

}  // namespace libp2p::peerstore
