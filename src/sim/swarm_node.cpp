#include "sim/swarm_node.h"

namespace sim {

namespace {

/// Picks counters of GossipSub out of the state tree.
class CounterReader final : public base::Describer {
public:
    explicit CounterReader(std::map<std::string, std::uint64_t, std::less<>>& counts) : counts_(counts) {}
    using Describer::field;
    void enter(std::string_view, std::string_view) override {}
    void leave() override {}
    void field(std::string_view, std::string_view) override {}
    void field(std::string_view name, std::uint64_t value) override {
        constexpr std::string_view wanted[] = {"duplicate", "invalid", "unwanted", "rejected", "served", "forwarded"};
        for (auto const each : wanted) {
            if (name == each) counts_["gossip: " + std::string(name)] += value;
        }
    }
    void bytes(std::string_view, base::ByteView) override {}

private:
    std::map<std::string, std::uint64_t, std::less<>>& counts_;
};

base::Rng::Seed seed_of(std::uint64_t number, std::uint8_t purpose) {
    base::Rng::Seed seed{};
    for (std::size_t i = 0; i < 8; ++i) seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
    seed[31] = purpose;
    return seed;
}

}  // namespace

crypto::PrivateKey key_of(NodeIndex node) { return crypto::PrivateKey::ed25519_from_seed(seed_of(node, 1)); }

libp2p::Config config_of(NodeSpec const& spec) {
    libp2p::Config config;
    config.identity = key_of(spec.index);
    config.suite = spec.real_crypto ? &crypto::real_suite() : &crypto::stand_in_suite();
    config.seed = seed_of(spec.seed, 2);
    config.agent = "sim";
    config.names.echo = {std::string(echo_protocol)};
    config.names.serve_perf = true;
    config.dial_from_listen_port = spec.dial_from_listen_port;
    config.simultaneous_open = spec.simultaneous_open;
    config.gossip.first_sequence_number = spec.first_sequence_number;
    if (!spec.short_times) return config;
    config.timeouts.keep_alive_interval = std::chrono::seconds(10);
    config.timeouts.keep_alive_answer = std::chrono::seconds(5);
    config.backoff.cap = std::chrono::seconds(8);
    config.gossip.prune_backoff = std::chrono::seconds(15);
    return config;
}

void SwarmNode::add_counts(std::map<std::string, std::uint64_t, std::less<>>& counts) const {
    auto const& counters = swarm_.counters();
    for (std::size_t i = 0; i < counters.disconnects.size(); ++i) {
        if (counters.disconnects[i] == 0) continue;
        auto const reason = libp2p::to_string(static_cast<libp2p::DisconnectReason>(i));
        counts["disconnected: " + std::string(reason)] += counters.disconnects[i];
    }
    CounterReader reader(counts);
    swarm_.describe(reader);
}

}  // namespace sim
