// Gate: offences, and the bans that follow.
#include "libp2p/peerstore/gate.h"

#include <algorithm>

namespace libp2p::peerstore {

namespace {

constexpr std::uint32_t points_for_ban = 1'000'000;
constexpr std::uint8_t range_bits_v4 = 32;
constexpr std::uint8_t range_bits_v6 = 64;  // what one host is commonly given

IpRange range_of_host(IpAddress const& ip) {
    auto const judged = IpRange::of(ip).ip;
    return IpRange::of(judged, judged.v6 ? range_bits_v6 : range_bits_v4);
}

}  // namespace

base::Duration Gate::ban_time(std::uint32_t bans) const {
    auto time = config_.ban_first;
    for (std::uint32_t i = 1; i < bans && time < config_.ban_max; ++i) time *= 2;
    return std::min(time, config_.ban_max);
}

// Rounded up, so that one more than tolerated reaches the limit; `tolerated` many do not while they are at most 900.
Gate::Points Gate::cost_of(Severity severity) const {
    auto const tolerated = std::min(config_.tolerated[static_cast<std::size_t>(severity)], 900U);
    return (points_for_ban + tolerated) / (tolerated + 1);
}

void Gate::set_last(PeerId const& peer, Offender& offender, base::Instant last, std::uint32_t bans) {
    offenders_by_worth_.erase({offender.bans, offender.last, peer});
    offender.last = last;
    offender.bans = bans;
    offenders_by_worth_.emplace(offender.bans, offender.last, peer);
}

void Gate::set_last(IpRange const& range, OffenderRange& offender, base::Instant last) {
    ranges_by_time_.erase({offender.last, range});
    offender.last = last;
    ranges_by_time_.emplace(offender.last, range);
}

Gate::Offender& Gate::offender(PeerId const& peer) {
    auto const found = offenders_.find(peer);
    if (found != offenders_.end()) return found->second;
    if (offenders_.size() >= config_.offenders_max && !offenders_by_worth_.empty()) {
        auto const least = offenders_by_worth_.begin();
        offenders_.erase(std::get<PeerId>(*least));
        offenders_by_worth_.erase(least);
    }
    return offenders_[peer];
}

Gate::OffenderRange& Gate::offender_range(IpRange const& range) {
    auto const found = offender_ranges_.find(range);
    if (found != offender_ranges_.end()) return found->second;
    if (offender_ranges_.size() >= config_.offender_ranges_max && !ranges_by_time_.empty()) {
        auto const quietest = ranges_by_time_.begin();
        offender_ranges_.erase(quietest->second);
        ranges_by_time_.erase(quietest);
    }
    return offender_ranges_[range];
}

void Gate::remember_bans(RuleSubject const& subject, std::uint32_t bans, base::Instant last) {
    if (bans == 0) return;
    if (auto const* const peer = std::get_if<PeerId>(&subject)) {
        set_last(*peer, offender(*peer), last, bans);
        return;
    }
    auto const& range = *std::get_if<IpRange>(&subject);
    auto& record = offender_range(range);
    record.bans = bans;
    set_last(range, record, last);
}

std::uint32_t Gate::count_offence(PeerId const& peer, Points cost, base::Instant now) {
    auto& record = offender(peer);
    auto bans = now - record.last > config_.clean_period ? 0 : record.bans;
    if (now - record.window_began > config_.offence_window) {
        record.window_began = now;
        record.points = 0;
    }
    record.points += cost;
    auto const is_due = record.points >= points_for_ban;
    if (is_due) {
        ++bans;
        record.points = 0;
    }
    // The clean period begins when the ban has ended.
    set_last(peer, record, is_due ? now + ban_time(bans) : now, bans);
    return is_due ? bans : 0;
}

std::uint32_t Gate::count_offence(IpRange const& range, PeerId const& peer, Points cost, base::Instant now) {
    auto& record = offender_range(range);
    if (now - record.last > config_.clean_period) record.bans = 0;
    auto& offences = record.offences;
    std::erase_if(offences, [&](RangeOffence const& offence) { return now - offence.at > config_.range_window; });
    auto const same = std::ranges::find(offences, peer, &RangeOffence::peer);
    RangeOffence offence{peer, now, std::min(cost, points_for_ban)};
    if (same != offences.end()) {
        offence.points = std::min(same->points + cost, points_for_ban);
        offences.erase(same);
    }
    if (offences.size() >= config_.peers_per_range_max && !offences.empty()) offences.erase(offences.begin());
    offences.push_back(offence);
    std::uint64_t sum = 0;
    for (auto const& each : offences) sum += each.points;
    auto const is_due = sum >= std::uint64_t{config_.range_peers} * points_for_ban;
    if (is_due) {
        ++record.bans;
        offences.clear();
    }
    auto const bans = record.bans;
    set_last(range, record, is_due ? now + ban_time(bans) : now);
    return is_due ? bans : 0;
}

void Gate::ban(RuleSubject const& subject, std::uint32_t bans, std::string_view reason, base::Instant now,
               Changes& changes) {
    auto made = put({.subject = subject,
                     .kind = RuleKind::ban,
                     .until = now + ban_time(bans),
                     .offences = bans,
                     .reason = std::string(reason)},
                    now);
    if (!made) return;  // full of what the operator has ordered
    std::ranges::move(made->put, std::back_inserter(changes.put));
    std::ranges::move(made->gone, std::back_inserter(changes.gone));
}

Changes Gate::offend(Offence const& offence, base::Instant now) {
    Changes changes;
    if (offence.peer.empty() || is_trusted(offence.peer) || is_trusted(offence.ip)) return changes;
    if (shuts_out(offence.peer, now) != nullptr) return changes;
    auto const cost = cost_of(offence.severity);
    if (auto const bans = count_offence(offence.peer, cost, now); bans > 0) {
        ban(offence.peer, bans, offence.reason, now, changes);
    }
    // Banning loopback would shut out this host's own programs.
    if (offence.ip.is_loopback() || offence.ip.is_unspecified()) return changes;
    if (shuts_out(offence.ip, now) != nullptr) return changes;
    auto const range = range_of_host(offence.ip);
    if (auto const bans = count_offence(range, offence.peer, cost, now); bans > 0) {
        ban(range, bans, offence.reason, now, changes);
    }
    return changes;
}

void Gate::describe_offenders(base::Describer& describer) const {
    for (auto const& [peer, record] : offenders_) {
        base::DescribeScope const scope(describer, "offender", peer.text());
        describer.field("window_began", record.window_began);
        describer.field("last", record.last);
        describer.field("points", record.points);
        describer.field("bans", record.bans);
    }
    for (auto const& [range, record] : offender_ranges_) {
        base::DescribeScope const scope(describer, "offender_range", range.text());
        describer.field("last", record.last);
        describer.field("bans", record.bans);
        for (auto const& offence : record.offences) {
            base::DescribeScope const one(describer, "offence", offence.peer.text());
            describer.field("at", offence.at);
            describer.field("points", offence.points);
        }
    }
}

}  // namespace libp2p::peerstore
