// What must be true of a network that is well.
#include "sim/exercise.h"

#include <fmt/format.h>

namespace sim {

namespace {

constexpr std::string_view topic = "blocks";

}  // namespace

void Exercise::judge_connections() {
    for (NodeIndex node = 0; node < honest_; ++node) {
        for (auto const to : applications_[node].neighbours) {
            if (!is_hostile(to)) judge_pair(node, to);
        }
    }
}

void Exercise::judge_pair(NodeIndex a, NodeIndex b) {
    if (!world_.at(a).is_up() || !world_.at(b).is_up()) return;
    bool const here = applications_[a].connected.contains(ids_[b]);
    bool const there = applications_[b].connected.contains(ids_[a]);
    auto const links = world_.open_links(a, b);
    if (here && there && links == 1) return;
    fail(fmt::format("nodes {} and {}: {} connected to the second, {} to the first, {} links", a, b, here ? "" : "not",
                     there ? "" : "not", links));
}

void Exercise::judge_meshes() {
    if (plan_.pairs) return;
    for (NodeIndex node = 0; node < honest_; ++node) {
        if (!world_.at(node).is_up()) continue;
        auto const mesh = world_.at(node).node->mesh(topic);
        if (mesh && mesh->empty()) fail(fmt::format("node {} has no mesh", node));
    }
}

void Exercise::judge_answers() {
    for (NodeIndex node = 0; node < honest_; ++node) {
        auto const& open = applications_[node].unanswered;
        if (!open.empty()) {
            fail(fmt::format("node {} never answered {} orders, of them request {}", node, open.size(), *open.begin()));
        }
    }
}

void Exercise::judge_deliveries(Report& report) {
    std::vector<std::optional<std::uint32_t>> incarnations(honest_);
    for (NodeIndex node = 0; node < honest_; ++node) {
        if (world_.at(node).is_up()) incarnations[node] = world_.at(node).spec.incarnation;
    }
    auto const count = ledger_.count(incarnations);
    report.expected = count.expected;
    report.delivered = count.delivered;
    for (auto const& missing : count.missing) {
        fail(fmt::format("message {} did not reach node {}", missing.number, missing.node));
    }
}

void Exercise::fill(Report& report) {
    auto const& totals = world_.totals();
    report.seed = options_.seed;
    report.time = world_.now() - base::Instant{};
    report.node_seconds = static_cast<std::uint64_t>(report.time.count() / 1'000'000'000) * world_.size();
    report.steps = totals.steps;
    report.published = ledger_.last_number();
    report.deliveries = ledger_.deliveries();
    report.latency_median = ledger_.latency(500);
    report.latency_max = ledger_.latency(1000);
    report.faults = faults_;
    report.faults["refused dials"] = totals.refusals;
    report.faults["crossed dials"] = totals.crossed_dials;
    report.faults["fragments"] = totals.fragments;
    report.faults["joined deliveries"] = totals.joined;
    report.faults["hostile nodes"] = world_.size() - honest_;
    base::DigestDescriber all;
    for (NodeIndex node = 0; node < world_.size(); ++node) {
        auto const& slot = world_.at(node);
        all.field("steps", slot.steps);
        if (!slot.is_up()) continue;
        base::DigestDescriber one;
        slot.node->core().describe(one);
        all.bytes("node", one.finish());
        if (!is_hostile(node)) slot.node->add_counts(report.counts);
    }
    all.field("deliveries", report.deliveries);
    report.digest = all.finish();
    if (auto const found = report.counts.find("gossip: duplicate"); found != report.counts.end()) {
        report.duplicates = found->second;
    }
    report.counts["bytes delivered"] = totals.delivered_bytes;
    report.counts["bytes untaken, most of a link"] = totals.untaken_bytes_max;
    report.failures = world_.failures();
    report.failures.insert(report.failures.end(), failures_.begin(), failures_.end());
    report.reproduce = reproduce_line(options_);
}

}  // namespace sim
