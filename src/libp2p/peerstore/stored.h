// What a node remembers over restarts, as the core sees it: it comes in with Start, and each change goes out as an
// order. The core's memory is the authority; whoever keeps the records (runtime/peer_store) never answers.
//
// Times are instants of this run: the keeper turns them into the calendar's and back, so that one before the start is
// in the past (and may be negative), and never() is never.
#pragma once

#include "base/time.h"
#include "libp2p/wire/address.h"
#include "libp2p/wire/ip_range.h"
#include "libp2p/wire/multiaddr.h"

#include <variant>
#include <vector>

namespace libp2p {

inline constexpr base::Instant long_ago{std::numeric_limits<std::int64_t>::min()};  // it never was

/// A peer that this node has dialed with success.
struct StoredPeer {
    PeerId id;
    std::vector<Multiaddr> addresses;             // without /p2p, the best first
    std::string agent;
    base::Instant last_connected = long_ago;      // when one that this node dialed was open last
    base::Instant last_failed = long_ago;         // when a dial failed last
    std::uint32_t failures = 0;                   // of dials, since the last success
    bool is_anchor = false;                       // was connected for long when the node ran last: dialed first
    bool operator==(StoredPeer const&) const = default;
};

enum class RuleKind : std::uint8_t {
    trust,  // never banned, never trimmed; an address: never refused by a bound
    allow,  // when there is any, everybody else is refused
    deny,   // for ever, by configuration or command
    ban,    // until `until`
};
inline constexpr int rule_kind_count = 4;
std::string_view to_string(RuleKind kind);

using RuleSubject = std::variant<PeerId, IpRange>;

/// What is decided about a peer or a range of addresses.
struct Rule {
    RuleSubject subject;
    RuleKind kind = RuleKind::ban;
    base::Instant until = base::Instant::never();
    std::uint32_t offences = 0;                   // bans so far: the next one is longer
    std::string reason;
    bool operator==(Rule const&) const = default;
};

struct Stored {
    std::vector<StoredPeer> peers;
    std::vector<Rule> rules;
    bool operator==(Stored const&) const = default;
};

// Orders to the keeper. One per subject counts, the last.

struct PutPeer {
    StoredPeer peer;
    bool operator==(PutPeer const&) const = default;
};
struct ErasePeer {
    PeerId id;
    bool operator==(ErasePeer const&) const = default;
};
/// One rule of each kind for a subject.
struct PutRule {
    Rule rule;
    bool operator==(PutRule const&) const = default;
};
struct EraseRule {
    RuleSubject subject;
    RuleKind kind = RuleKind::ban;
    bool operator==(EraseRule const&) const = default;
};

using StoreOrder = std::variant<PutPeer, ErasePeer, PutRule, EraseRule>;

}  // namespace libp2p
