#include "sim/exercise.h"

#include "sim/hostile.h"
#include "sim/swarm_node.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim {

namespace {

constexpr std::string_view topic = "blocks";
constexpr base::Duration start_spread = std::chrono::milliseconds(500);
constexpr base::Duration round_time = std::chrono::seconds(12);
constexpr base::Duration round_pause = std::chrono::seconds(2);
constexpr base::Duration shutdown_patience = std::chrono::seconds(3);
constexpr base::Duration ban_max = std::chrono::seconds(4);

std::uint64_t check_every(Options const& options) {
    if (options.check_every != 0) return options.check_every;
    return options.nodes <= 50 ? 1 : options.nodes;
}

std::string host_name(NodeIndex node) { return fmt::format("node{}.sim", node); }

}  // namespace

Exercise::Exercise(Options const& options, Plan plan)
    : options_(options), plan_(plan), world_(options.seed, plan.network, *this), honest_(options.nodes - plan.hostile) {
    world_.set_check_every(check_every(options));
    world_.set_watch(options.on_step);
}

Report Exercise::run() {
    make_nodes();
    choose_neighbours();
    for (NodeIndex node = 0; node < world_.size(); ++node) {
        plan(Timer::start, world_.rng().between(base::Duration(0), start_spread), node);
    }
    if (plan_.publish_every.count() > 0) plan(Timer::publish, plan_.warm_up);
    if (plan_.pairs) {
        plan(Timer::dial_again, round_pause);
        plan(Timer::round, round_time);
    }
    begin_faults();
    auto end = base::Instant{} + options_.duration;
    world_.run_until(end);
    in_main_part_ = false;
    heal();
    end = end + plan_.settle;
    world_.run_until(end);
    // Pairs are in the middle of a round now.
    if (world_.failures().empty() && !plan_.pairs) judge_connections();
    in_last_part_ = true;
    end = end + plan_.after;
    world_.run_until(end);
    in_last_part_ = false;
    end = end + plan_.drain;
    world_.run_until(end);
    Report report;
    if (world_.failures().empty()) {
        judge_connections();
        judge_meshes();
        judge_answers();
        judge_deliveries(report);
    }
    fill(report);
    return report;
}

// ---- Nodes ------------------------------------------------------------------------------------------------------------

void Exercise::make_nodes() {
    applications_.resize(options_.nodes);
    for (NodeIndex node = 0; node < options_.nodes; ++node) {
        NodeSpec spec;
        spec.real_crypto = options_.real_crypto;
        spec.short_times = plan_.short_times;
        if (plan_.vary_dialing) {
            spec.dial_from_listen_port = world_.rng().below(4) != 0;
            spec.simultaneous_open = world_.rng().below(4) != 0;
        }
        world_.add(spec);
        ids_.push_back(libp2p::PeerId::of(key_of(node).public_key()));
        by_id_.emplace(ids_.back(), node);
        libp2p::Resolved name;
        name.addresses.push_back(address_of(node).ip);
        world_.add_name(host_name(node), name);
        if (node < plan_.slow) world_.set_bandwidth(node, plan_.slow_bytes_per_second);
    }
    world_.network().refuse_share = plan_.refuse_share;
}

/// A ring of the honest nodes, so that the network is whole without the others, and random ones beyond.
void Exercise::choose_neighbours() {
    auto const count = static_cast<NodeIndex>(world_.size());
    for (NodeIndex node = 0; node < count; ++node) {
        auto& application = applications_[node];
        auto& neighbours = application.neighbours;
        if (plan_.pairs) {
            if ((node ^ 1U) < count) neighbours.push_back(node ^ 1U);
            // Where dials cross on the way and not both offer simultaneous open, only another try can help.
            bool const offered = world_.at(node).spec.simultaneous_open &&
                                 ((node ^ 1U) >= count || world_.at(node ^ 1U).spec.simultaneous_open);
            application.keeps = world_.rng().below(2) == 0 || !offered;
            continue;
        }
        if (!is_hostile(node) && honest_ > 1) neighbours.push_back(static_cast<NodeIndex>((node + 1) % honest_));
        auto const wanted = std::min<std::size_t>(plan_.dials_per_node, count - 1);
        while (neighbours.size() < wanted) {
            auto const other = static_cast<NodeIndex>(world_.rng().below(count));
            if (other == node || std::ranges::find(neighbours, other) != neighbours.end()) continue;
            neighbours.push_back(other);
        }
    }
}

std::unique_ptr<Node> Exercise::make_node(NodeSpec const& spec) {
    if (is_hostile(spec.index)) {
        auto const malice = static_cast<Malice>((spec.index - honest_) % malice_count);
        return make_hostile_node(malice, spec, static_cast<NodeIndex>(honest_));
    }
    if (options_.make_node) return options_.make_node(spec);
    return std::make_unique<SwarmNode>(config_of(spec));
}

void Exercise::start(NodeIndex node) {
    if (world_.at(node).is_up()) return;
    world_.prepare(node, world_.rng().next(), static_cast<std::uint64_t>(world_.now().nanoseconds) + 1);
    world_.start(node);
    applications_[node].is_ending = false;
    order(node, libp2p::command::Subscribe{std::string(topic)});
    auto const& neighbours = applications_[node].neighbours;
    if (plan_.pairs) return;
    for (auto const to : neighbours) connect(node, to, {});
}

void Exercise::connect(NodeIndex node, NodeIndex to, base::Duration after) {
    auto address = libp2p::Multiaddr::tcp_at(address_of(to));
    if (world_.rng().below(1000) < plan_.names_share) {
        if (auto named = libp2p::Multiaddr::from_text(fmt::format("/dns4/{}/tcp/8302", host_name(to)))) address = *named;
    }
    order(node, libp2p::command::Connect{address.with_peer_id(ids_[to]), applications_[node].keeps}, after);
}

void Exercise::order(NodeIndex node, libp2p::CommandBody body, base::Duration after) {
    auto const request = ++last_request_;
    if (!is_hostile(node)) applications_[node].unanswered.insert(request);
    world_.post(node, std::move(body), {request}, after);
}

void Exercise::fail(std::string const& text) {
    constexpr std::size_t failures_max = 20;
    if (failures_.size() >= failures_max) return;
    failures_.push_back(fmt::format("at {:.6f} s: {}", static_cast<double>(world_.now().nanoseconds) / 1e9, text));
}

std::optional<NodeIndex> Exercise::index_of(libp2p::PeerId const& id) const {
    auto const found = by_id_.find(id);
    if (found == by_id_.end()) return std::nullopt;
    return found->second;
}

// ---- What the nodes say -------------------------------------------------------------------------------------------------

void Exercise::on_event(NodeIndex node, libp2p::Event const& event) {
    if (auto const* message = std::get_if<libp2p::event::MessageReceived>(&event)) return on_message(node, *message);
    if (is_hostile(node)) return;
    auto& connected = applications_[node].connected;
    if (auto const* up = std::get_if<libp2p::event::Connected>(&event)) {
        if (!connected.insert(up->peer).second) world_.fail(fmt::format("node {} connects twice to one peer", node));
    } else if (auto const* down = std::get_if<libp2p::event::Disconnected>(&event)) {
        if (connected.erase(down->peer) == 0) world_.fail(fmt::format("node {} loses a peer that it did not have", node));
    }
}

void Exercise::on_message(NodeIndex node, libp2p::event::MessageReceived const& event) {
    auto const origin = index_of(event.from);
    auto acceptance = libp2p::gossipsub::Acceptance::accept;
    if (!origin || is_hostile(*origin)) {
        acceptance = world_.rng().below(2) == 0 ? libp2p::gossipsub::Acceptance::reject : libp2p::gossipsub::Acceptance::ignore;
    } else if (!is_hostile(node)) {
        auto const incarnation = world_.at(node).spec.incarnation;
        auto const wrong = ledger_.received(node, incarnation, *origin, event.data.view(), world_.now());
        if (!wrong.empty()) world_.fail(fmt::format("node {} is given {}", node, wrong));
    }
    base::Duration after{};
    if (plan_.late_verdict_share != 0 && world_.rng().below(1000) < plan_.late_verdict_share) {
        after = world_.rng().between(base::Duration(0), plan_.late_verdict_max);
    }
    world_.post(node, libp2p::command::GiveVerdict{event.key, acceptance}, {}, after);
}

void Exercise::on_reply(NodeIndex node, libp2p::Reply const& reply) {
    if (is_hostile(node)) return;
    if (applications_[node].unanswered.erase(reply.request.value) == 0) {
        world_.fail(fmt::format("node {} answers request {}, which is not open", node, reply.request.value));
    }
    if (reply.request.value == applications_[node].shutdown) applications_[node].shutdown = 0;
    auto const publishing = publishing_.find(reply.request.value);
    if (publishing != publishing_.end()) {
        if (!reply.result) {
            ledger_.withdraw(publishing->second);
            if (in_last_part_) world_.fail(fmt::format("node {} cannot publish: {}", node, reply.result.error()));
        }
        publishing_.erase(publishing);
    } else if (!reply.result) {
        ++faults_["refused orders"];
    }
}

// ---- What happens -------------------------------------------------------------------------------------------------------

void Exercise::plan(Timer timer, base::Duration after, NodeIndex node) {
    world_.plan(after, std::uint64_t{node} << 8 | static_cast<std::uint64_t>(timer));
}

void Exercise::plan_fault(Timer timer, base::Duration every) {
    if (every.count() > 0) plan(timer, world_.rng().between(every / 4, every * 7 / 4));
}

void Exercise::begin_faults() {
    plan_fault(Timer::reset, plan_.resets_every);
    plan_fault(Timer::stall, plan_.stalls_every);
    plan_fault(Timer::crash, plan_.crashes_every);
    plan_fault(Timer::partition, plan_.partitions_every);
    plan_fault(Timer::orders, plan_.orders_every);
}

void Exercise::on_timer(std::uint64_t value) {
    auto const timer = static_cast<Timer>(value & 0xFF);
    auto const node = static_cast<NodeIndex>(value >> 8);
    switch (timer) {
        case Timer::start: return start(node);
        case Timer::publish: return publish();
        case Timer::round: return begin_round();
        case Timer::dial_again: return dial_again();
        case Timer::stop:
            if (applications_[node].shutdown != 0) world_.fail(fmt::format("node {} does not shut down", node));
            return crash(node, Crash::kill);
        default: break;
    }
    if (!in_main_part_) return;
    switch (timer) {
        case Timer::reset:
            if (world_.reset_some_link()) ++faults_["resets"];
            return plan_fault(timer, plan_.resets_every);
        case Timer::stall:
            if (world_.stall_some_link(world_.rng().between(base::Duration(0), plan_.stall_max))) ++faults_["stalls"];
            return plan_fault(timer, plan_.stalls_every);
        case Timer::crash: return crash_some();
        case Timer::orders: return order_something();
        case Timer::partition: return part();
        case Timer::heal:
            for (NodeIndex each = 0; each < world_.size(); ++each) world_.set_group(each, 0);
            return plan_fault(Timer::partition, plan_.partitions_every);
        default: return;
    }
}

void Exercise::publish() {
    auto& rng = world_.rng();
    // Not while the last messages make their way.
    if (in_main_part_ || in_last_part_) {
        bool const from_hostile = honest_ < world_.size() && rng.below(4) == 0;
        auto const node = static_cast<NodeIndex>(from_hostile ? honest_ + rng.below(world_.size() - honest_) : rng.below(honest_));
        auto const size = plan_.message_bytes_min + rng.below(plan_.message_bytes_max - plan_.message_bytes_min + 1);
        if (world_.at(node).is_up()) {
            if (from_hostile) {
                base::ByteString data(static_cast<std::size_t>(size), 0xEE);
                world_.post(node, libp2p::command::Publish{std::string(topic), base::SharedBytes::take(std::move(data))});
            } else {
                bool const expected = in_last_part_ || plan_.expects_all;
                auto data = ledger_.publish(node, world_.now(), static_cast<std::size_t>(size), expected, rng);
                publishing_[last_request_ + 1] = ledger_.last_number();
                order(node, libp2p::command::Publish{std::string(topic), std::move(data)});
            }
        }
    }
    plan(Timer::publish, rng.between(plan_.publish_every / 2, plan_.publish_every * 3 / 2));
}

void Exercise::crash_some() {
    auto& rng = world_.rng();
    auto const node = static_cast<NodeIndex>(rng.below(world_.size()));
    auto& application = applications_[node];
    if (world_.at(node).is_up() && !application.is_ending) {
        auto const how = rng.below(3);
        if (how == 0 && !is_hostile(node)) {
            ++faults_["shutdowns"];
            application.is_ending = true;
            order(node, libp2p::command::Shutdown{});
            application.shutdown = last_request_;
            plan(Timer::stop, shutdown_patience, node);
        } else {
            ++faults_[how == 1 ? "power losses" : "kills"];
            crash(node, how == 1 ? Crash::power : Crash::kill);
        }
    }
    plan_fault(Timer::crash, plan_.crashes_every);
}

void Exercise::crash(NodeIndex node, Crash kind) {
    world_.crash(node, kind);
    auto& application = applications_[node];
    application.connected.clear();
    application.unanswered.clear();
    application.shutdown = 0;
    application.is_ending = false;
    plan(Timer::start, world_.rng().between(base::Duration(std::chrono::milliseconds(1)), plan_.down_max), node);
}

void Exercise::order_something() {
    auto const node = static_cast<NodeIndex>(world_.rng().below(honest_));
    if (world_.at(node).is_up() && !applications_[node].is_ending) {
        ++faults_["orders"];
        order(node, some_order(node));
    }
    plan_fault(Timer::orders, plan_.orders_every);
}

libp2p::CommandBody Exercise::some_order(NodeIndex node) {
    namespace command = libp2p::command;
    auto& rng = world_.rng();
    auto const& neighbours = applications_[node].neighbours;
    auto const& peer = ids_[neighbours[static_cast<std::size_t>(rng.below(neighbours.size()))]];
    auto const bytes = rng.below(rng.below(4) == 0 ? 1'000'000 : 2'000);
    switch (rng.below(10)) {
        case 0: return command::HangUp{peer};
        case 1: return command::Perf{peer, bytes, 1'000'000 - bytes};
        case 2: return command::Echo{peer, std::string(echo_protocol), bytes};
        case 3: return command::RoundTrips{peer, std::string(echo_protocol), bytes % 3'000, 1 + rng.below(20)};
        case 4:
            return command::Rate{peer, std::string(echo_protocol), bytes % 3'000, 1 + rng.below(300), 16, 2,
                                 rng.below(2) == 0};
        case 5: return command::SetRule{peer, libp2p::RuleKind::ban, rng.between(base::Duration(0), ban_max), {}};
        case 6: return command::Unsubscribe{std::string(topic)};
        case 7: return command::Subscribe{std::string(topic)};
        case 8: return command::Echo{peer, "/not/spoken", bytes};
        default: return command::Ping{peer};
    }
}

void Exercise::part() {
    auto& rng = world_.rng();
    auto const groups = 2 + rng.below(2);
    for (NodeIndex node = 0; node < world_.size(); ++node) {
        world_.set_group(node, static_cast<std::uint32_t>(rng.below(groups)));
    }
    ++faults_["partitions"];
    plan(Timer::heal, rng.between(base::Duration(std::chrono::milliseconds(100)), plan_.partition_max));
}

/// Everything works from now on.
void Exercise::heal() {
    for (NodeIndex node = 0; node < world_.size(); ++node) {
        world_.set_group(node, 0);
        world_.set_bandwidth(node, 0);
        if (!world_.failures().empty()) continue;
        start(node);
        if (plan_.orders_every.count() == 0 || is_hostile(node)) continue;
        // What orders undid is done again: nobody stays banned, hung up or without its subscription.
        order(node, libp2p::command::Subscribe{std::string(topic)}, ban_max);
        for (auto const to : applications_[node].neighbours) connect(node, to, ban_max);
    }
    auto& network = world_.network();
    network.refuse_share = 0;
    network.bytes_per_second = 0;
    network.buffer_bytes = Network{}.buffer_bytes;
}

/// In pairs: after a while of quiet all is judged, one side hangs up, and both dial at once.
void Exercise::begin_round() {
    judge_connections();
    if (!in_main_part_) return;
    for (NodeIndex node = 0; node + 1 < world_.size(); node += 2) {
        if (world_.rng().below(2) == 0) order(node, libp2p::command::HangUp{ids_[node + 1]});
    }
    plan(Timer::dial_again, round_pause);
    plan(Timer::round, round_time);
}

void Exercise::dial_again() {
    auto& rng = world_.rng();
    for (NodeIndex node = 0; node + 1 < world_.size(); node += 2) {
        // Exactly at once, or so close that the dials meet somewhere on the way.
        auto const spread = rng.below(2) == 0 ? base::Duration(0) : plan_.network.delay_max * 3;
        auto const first = rng.between(base::Duration(0), spread);
        auto const second = rng.between(base::Duration(0), spread);
        connect(node, node + 1, first);
        connect(node + 1, node, second);
    }
}

}  // namespace sim
