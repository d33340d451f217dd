#include "libp2p/peerstore/gate.h"

#include "base/check.h"
#include "libp2p/peerstore/span_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace libp2p::peerstore {

namespace {

// A rule may name an address in IPv6's form for IPv4, or with bits beyond its prefix.
RuleSubject normal(RuleSubject const& subject) {
    auto const* const range = std::get_if<IpRange>(&subject);
    if (range == nullptr) return subject;
    return IpRange::of(range->ip, range->prefix_bits);
}

std::string text_of(RuleSubject const& subject) {
    if (auto const* const peer = std::get_if<PeerId>(&subject)) return peer->text();
    return std::get_if<IpRange>(&subject)->text();
}

bool applies(Rule const& rule, base::Instant now) { return rule.kind != RuleKind::ban || rule.until > now; }

}  // namespace

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::minor: return "minor";
        case Severity::serious: return "serious";
        case Severity::grave: return "grave";
    }
    return "?";
}

std::string text(Refusal const& refusal, base::Instant now) {
    if (!refusal.rule) return "not on the list of those allowed";
    auto const& rule = *refusal.rule;
    std::string out = rule.kind == RuleKind::ban ? "banned: " : "denied: ";
    out += text_of(rule.subject);
    if (rule.until != base::Instant::never()) out += " for another " + span_text(rule.until - now);
    if (!rule.reason.empty()) out += ": " + rule.reason;
    return out;
}

Gate::Gate(GateConfig config) : config_(std::move(config)) {}

void Gate::load(std::vector<Rule> const& rules, base::Instant now) {
    for (auto const& rule : rules) {
        if (!applies(rule, now)) {
            orders_.emplace_back(EraseRule{rule.subject, rule.kind});
            continue;
        }
        auto const changes = put(rule, now);
        if (!changes) orders_.emplace_back(EraseRule{rule.subject, rule.kind});
        if (changes && rule.kind == RuleKind::ban) remember_bans(normal(rule.subject), rule.offences, rule.until);
    }
}

// ---- The decision ----

Rule const* Gate::match(RuleKind kind, PeerId const& peer, base::Instant now) const {
    auto const& peers = table(kind).peers;
    auto const found = peers.find(peer);
    return found != peers.end() && applies(found->second, now) ? &found->second : nullptr;
}

Rule const* Gate::match(RuleKind kind, IpAddress const& ip, base::Instant now) const {
    auto const judged = IpRange::of(ip).ip;
    for (auto const& [length, rules] : table(kind).ranges) {
        if (length.v6 != judged.v6) continue;
        auto const found = rules.find(IpRange::of(judged, length.bits).ip);
        if (found != rules.end() && applies(found->second, now)) return &found->second;
    }
    return nullptr;
}

Rule const* Gate::shuts_out(PeerId const& peer, base::Instant now) const {
    auto const* const denied = match(RuleKind::deny, peer, now);
    return denied != nullptr ? denied : match(RuleKind::ban, peer, now);
}

Rule const* Gate::shuts_out(IpAddress const& ip, base::Instant now) const {
    auto const* const denied = match(RuleKind::deny, ip, now);
    return denied != nullptr ? denied : match(RuleKind::ban, ip, now);
}

bool Gate::is_refused_by_allow_rules(PeerId const* peer, IpAddress const* ip, base::Instant now) const {
    auto const& allow = table(RuleKind::allow);
    auto const& trust = table(RuleKind::trust);
    if (allow.empty()) return false;
    if (peer != nullptr && match(RuleKind::allow, *peer, now) != nullptr) return false;
    if (ip != nullptr && match(RuleKind::allow, *ip, now) != nullptr) return false;
    // What is not known yet may turn out to be on the list.
    if (peer == nullptr && !(allow.peers.empty() && trust.peers.empty())) return false;
    return ip != nullptr || (allow.ranges.empty() && trust.ranges.empty());
}

std::optional<Refusal> Gate::refusal(PeerId const* peer, IpAddress const* ip, base::Instant now) const {
    if (peer != nullptr) {
        if (is_trusted(*peer)) return std::nullopt;
        if (auto const* const rule = shuts_out(*peer, now)) return Refusal{*rule};
    }
    if (ip != nullptr && is_trusted(*ip)) return std::nullopt;
    if (is_refused_by_allow_rules(peer, ip, now)) return Refusal{};
    if (ip == nullptr) return std::nullopt;
    if (auto const* const rule = shuts_out(*ip, now)) return Refusal{*rule};
    return std::nullopt;
}

bool Gate::is_trusted(PeerId const& peer) const { return match(RuleKind::trust, peer, {}) != nullptr; }

bool Gate::is_trusted(IpAddress const& ip) const { return match(RuleKind::trust, ip, {}) != nullptr; }

// ---- The rules ----

Rule* Gate::slot(RuleSubject const& subject, RuleKind kind) {
    auto& rules = table(kind);
    if (auto const* const peer = std::get_if<PeerId>(&subject)) {
        auto const found = rules.peers.find(*peer);
        return found != rules.peers.end() ? &found->second : nullptr;
    }
    auto const& range = *std::get_if<IpRange>(&subject);
    auto const length = rules.ranges.find({range.ip.v6, range.prefix_bits});
    if (length == rules.ranges.end()) return nullptr;
    auto const found = length->second.find(range.ip);
    return found != length->second.end() ? &found->second : nullptr;
}

Rule const* Gate::find(RuleSubject const& subject, RuleKind kind) const {
    return const_cast<Gate*>(this)->slot(normal(subject), kind);
}

void Gate::insert(Rule rule) {
    if (rule.kind == RuleKind::ban) ends_.set(rule.subject, rule.until);
    orders_.emplace_back(PutRule{rule});
    if (auto* const present = slot(rule.subject, rule.kind)) {
        *present = std::move(rule);
        return;
    }
    ++size_;
    auto& rules = table(rule.kind);
    if (auto const* const peer = std::get_if<PeerId>(&rule.subject)) {
        auto const id = *peer;
        rules.peers.emplace(id, std::move(rule));
        return;
    }
    auto const range = *std::get_if<IpRange>(&rule.subject);
    rules.ranges[{range.ip.v6, range.prefix_bits}].emplace(range.ip, std::move(rule));
}

std::optional<Rule> Gate::remove(RuleSubject const& subject, RuleKind kind) {
    auto* const present = slot(subject, kind);
    if (present == nullptr) return std::nullopt;
    auto rule = std::move(*present);
    auto& rules = table(kind);
    if (auto const* const peer = std::get_if<PeerId>(&subject)) {
        rules.peers.erase(*peer);
    } else {
        auto const& range = *std::get_if<IpRange>(&subject);
        auto const length = rules.ranges.find({range.ip.v6, range.prefix_bits});
        length->second.erase(range.ip);
        // Look-ups walk the prefix lengths that are in use.
        if (length->second.empty()) rules.ranges.erase(length);
    }
    --size_;
    if (kind == RuleKind::ban) ends_.cancel(subject);
    orders_.emplace_back(EraseRule{subject, kind});
    return rule;
}

base::Result<Changes, std::string> Gate::put(Rule rule, base::Instant now) {
    rule.subject = normal(rule.subject);
    auto const* const peer = std::get_if<PeerId>(&rule.subject);
    if (peer != nullptr && peer->empty()) return base::fail(std::string("a rule needs a peer or an address"));
    if (rule.kind != RuleKind::ban) rule.until = base::Instant::never();
    if (!applies(rule, now)) return base::fail(std::string("the ban would have ended already"));
    if (rule.reason.size() > config_.reason_bytes_max) rule.reason.resize(config_.reason_bytes_max);
    Changes changes;
    if (slot(rule.subject, rule.kind) == nullptr && size_ >= config_.rules_max) {
        auto const ends_first = ends_.next_key();
        if (!ends_first) {
            return base::fail(fmt::format("there are {} rules, as many as there may be: erase some first", size_));
        }
        changes.gone.push_back(*remove(*ends_first, RuleKind::ban));
    }
    changes.put.push_back(rule);
    insert(std::move(rule));
    return changes;
}

bool Gate::erase(RuleSubject const& subject, RuleKind kind) { return remove(normal(subject), kind).has_value(); }

std::vector<Rule> Gate::rules() const {
    std::vector<Rule> all;
    all.reserve(size_);
    for (auto const& rules : tables_) {
        for (auto const& [peer, rule] : rules.peers) all.push_back(rule);
        for (auto const& [length, ranges] : rules.ranges) {
            for (auto const& [ip, rule] : ranges) all.push_back(rule);
        }
    }
    return all;
}

std::vector<Rule> Gate::expire(base::Instant now) {
    std::vector<Rule> ended;
    while (auto const subject = ends_.pop_due(now)) ended.push_back(*remove(*subject, RuleKind::ban));
    return ended;
}

std::vector<StoreOrder> Gate::take_orders() { return std::exchange(orders_, {}); }

void Gate::describe(base::Describer& describer) const {
    base::DescribeScope const scope(describer, "gate");
    for (auto const& rule : rules()) {
        base::DescribeScope const one(describer, to_string(rule.kind), text_of(rule.subject));
        describer.field("until", rule.until);
        describer.field("offences", rule.offences);
        describer.field("reason", rule.reason);
    }
    describe_offenders(describer);
    describer.field("orders", orders_.size());
}

}  // namespace libp2p::peerstore
