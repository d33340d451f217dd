// Gate: who may be connected to. The first line that applies decides:
//
//   a trusted peer                                                      allowed
//   a denied or banned peer                                             refused
//   a trusted address                                                   allowed
//   there are allow rules, and neither peer nor address matches one     refused
//   a denied or banned address                                          refused
//   anybody else                                                        allowed
//
// Asked without a peer (a connection is accepted) or without an address (a name is dialed), what is not known refuses
// nobody: when allow or trust rules name peers, they are awaited until the peer has proved who it is. A denied or
// banned address is refused at once, even if a trusted peer were behind it: to shut out everybody but some, give allow
// rules.
//
// Rules are found by masked address per prefix length in use (at most 33 + 129 look-ups), not by walking them. An IPv4
// address inside IPv6 (::ffff:a.b.c.d) is judged as the IPv4 address.
//
// Automatic bans. Each offence costs points by its severity; a peer whose points within `offence_window` reach the
// limit is banned: ban_first, doubled with each ban up to ban_max. Bans so far are forgotten after `clean_period`
// without an offence. A range of addresses (one of IPv4, /64 of IPv6) whose peers together offended as if `range_peers`
// of them had been banned within range_window is banned itself; one peer counts there at most as one. Never banned
// automatically: trusted peers, peers at trusted addresses; never as a range: loopback.
//
// Bounds. At rules_max the ban that ends first gives way to a new rule; trust, allow and deny never give way, so that
// put() fails when there are nothing but those, and an automatic ban is not made. At offenders_max the offender with
// the fewest bans, of those the longest quiet, is forgotten; at offender_ranges_max the longest quiet range.
#pragma once

#include "base/describe.h"
#include "base/result.h"
#include "base/timers.h"
#include "libp2p/peerstore/stored.h"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace libp2p::peerstore {

/// How bad an offence is. How many of each are tolerated is configuration.
enum class Severity : std::uint8_t { minor, serious, grave };
inline constexpr int severity_count = 3;
std::string_view to_string(Severity severity);

struct GateConfig {
    std::size_t rules_max = 4096;
    std::size_t reason_bytes_max = 256;  // longer ones are cut
    base::Duration offence_window = std::chrono::minutes(10);
    std::array<std::uint32_t, severity_count> tolerated{8, 2, 0};  // within the window, before a ban; at most 900
    base::Duration ban_first = std::chrono::minutes(10);
    base::Duration ban_max = std::chrono::hours(7 * 24);
    base::Duration clean_period = std::chrono::hours(7 * 24);
    std::size_t offenders_max = 4096;
    std::uint32_t range_peers = 4;
    base::Duration range_window = std::chrono::hours(1);
    std::size_t offender_ranges_max = 512;
    std::size_t peers_per_range_max = 64;  // remembered; the longest quiet gives way
};

/// Why somebody is not let in.
struct Refusal {
    std::optional<Rule> rule;  // none: there are allow rules, and none matches
    bool operator==(Refusal const&) const = default;
};
/// "banned: 10.0.0.0/8 for another 5 min: spam", "not on the list of those allowed".
std::string text(Refusal const& refusal, base::Instant now);

struct Changes {
    std::vector<Rule> put;
    std::vector<Rule> gone;  // gave way, or have ended
    bool operator==(Changes const&) const = default;
};

struct Offence {
    PeerId peer;
    IpAddress ip;
    Severity severity = Severity::serious;
    std::string_view reason;  // goes into the rule
};

class Gate {
public:
    explicit Gate(GateConfig config = {});

    /// The rules as they were stored; bans that have ended are dropped, and their records erased.
    void load(std::vector<Rule> const& rules, base::Instant now);

    /// Either may be null, when it is not known (yet).
    std::optional<Refusal> refusal(PeerId const* peer, IpAddress const* ip, base::Instant now) const;
    bool is_trusted(PeerId const& peer) const;
    bool is_trusted(IpAddress const& ip) const;

    /// Adds a rule, or replaces the one of its kind and subject. Only bans end: `until` of others is ignored. The error
    /// is for the operator.
    base::Result<Changes, std::string> put(Rule rule, base::Instant now);
    /// False when there is none.
    bool erase(RuleSubject const& subject, RuleKind kind);
    Rule const* find(RuleSubject const& subject, RuleKind kind) const;
    /// By kind, peers before ranges.
    std::vector<Rule> rules() const;
    std::size_t size() const { return size_; }

    /// The bans that follow: of the peer, of its range, or none. While one is banned nothing is added to it.
    Changes offend(Offence const& offence, base::Instant now);
    /// The ban number `bans` (from 1) of one subject lasts so long.
    base::Duration ban_time(std::uint32_t bans) const;

    /// Removes the bans that have ended.
    std::vector<Rule> expire(base::Instant now);
    std::optional<base::Instant> next_deadline() const { return ends_.next(); }

    /// What has changed since the last call: for whoever keeps the records.
    std::vector<StoreOrder> take_orders();

    void describe(base::Describer& describer) const;

private:
    using Points = std::uint32_t;
    /// Most specific first.
    struct PrefixLength {
        bool v6 = false;
        std::uint8_t bits = 0;
        bool operator==(PrefixLength const&) const = default;
        auto operator<=>(PrefixLength const& other) const {
            if (v6 != other.v6) return v6 <=> other.v6;
            return other.bits <=> bits;
        }
    };
    /// The rules of one kind.
    struct Table {
        std::map<PeerId, Rule> peers;
        std::map<PrefixLength, std::map<IpAddress, Rule>> ranges;
        bool empty() const { return peers.empty() && ranges.empty(); }
    };
    struct Offender {
        base::Instant window_began = long_ago;
        base::Instant last = long_ago;
        Points points = 0;
        std::uint32_t bans = 0;
    };
    struct RangeOffence {
        PeerId peer;
        base::Instant at;
        Points points = 0;
    };
    struct OffenderRange {
        std::vector<RangeOffence> offences;  // the longest quiet first
        base::Instant last = long_ago;
        std::uint32_t bans = 0;
    };

    Table& table(RuleKind kind) { return tables_[static_cast<std::size_t>(kind)]; }
    Table const& table(RuleKind kind) const { return tables_[static_cast<std::size_t>(kind)]; }
    Rule const* match(RuleKind kind, PeerId const& peer, base::Instant now) const;
    Rule const* match(RuleKind kind, IpAddress const& ip, base::Instant now) const;
    Rule const* shuts_out(PeerId const& peer, base::Instant now) const;     // by a deny or ban rule
    Rule const* shuts_out(IpAddress const& ip, base::Instant now) const;
    bool is_refused_by_allow_rules(PeerId const* peer, IpAddress const* ip, base::Instant now) const;
    Rule* slot(RuleSubject const& subject, RuleKind kind);
    std::optional<Rule> remove(RuleSubject const& subject, RuleKind kind);
    void insert(Rule rule);
    Points cost_of(Severity severity) const;
    void remember_bans(RuleSubject const& subject, std::uint32_t bans, base::Instant last);
    /// Updates the records; the number of the ban that is due, or 0.
    std::uint32_t count_offence(PeerId const& peer, Points cost, base::Instant now);
    std::uint32_t count_offence(IpRange const& range, PeerId const& peer, Points cost, base::Instant now);
    void set_last(PeerId const& peer, Offender& offender, base::Instant last, std::uint32_t bans);
    void set_last(IpRange const& range, OffenderRange& offender, base::Instant last);
    Offender& offender(PeerId const& peer);
    OffenderRange& offender_range(IpRange const& range);
    void ban(RuleSubject const& subject, std::uint32_t bans, std::string_view reason, base::Instant now,
             Changes& changes);
    void describe_offenders(base::Describer& describer) const;

    GateConfig config_;
    std::array<Table, rule_kind_count> tables_;
    std::size_t size_ = 0;
    base::Timers<RuleSubject> ends_;  // of bans
    std::map<PeerId, Offender> offenders_;
    std::set<std::tuple<std::uint32_t, base::Instant, PeerId>> offenders_by_worth_;  // bans, last, who
    std::map<IpRange, OffenderRange> offender_ranges_;
    std::set<std::pair<base::Instant, IpRange>> ranges_by_time_;
    std::vector<StoreOrder> orders_;
};

}  // namespace libp2p::peerstore
