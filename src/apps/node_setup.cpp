#include "apps/node_setup.h"

#include "apps/failure.h"
#include "runtime/clock.h"
#include "runtime/entropy.h"
#include "runtime/files.h"

#include <algorithm>

namespace apps {

NodeSetup setup_of(Settings const& settings) {
    NodeSetup setup;
    setup.network = settings.network();
    setup.network.agent = settings.text("agent");
    setup.network.topics = settings.list("topic");
    auto formats = mina::parse_formats(settings.list("formats"));
    if (!formats) throw Failure("--formats: " + formats.error());
    setup.network.formats = std::move(*formats);
    if (auto const file = settings.text("seeds"); !file.empty()) {
        auto const bytes = runtime::read_file(file, 1024 * 1024);
        if (!bytes) throw Failure("--seeds: " + bytes.error());
        auto seeds = mina::parse_seeds(base::as_text(*bytes));
        if (!seeds) throw Failure("--seeds: " + file + ", " + seeds.error());
        setup.network.seeds = std::move(*seeds);
    }
    setup.peers = parse_addresses(settings.list("peer"), "--peer");
    setup.external = parse_addresses(settings.list("external"), "--external");
    setup.dht = settings.text("dht");
    setup.network.private_addresses = settings.is_set("private-addresses");
    for (auto const kind : {libp2p::RuleKind::trust, libp2p::RuleKind::allow, libp2p::RuleKind::deny}) {
        for (auto const& text : settings.list(to_string(kind))) {
            auto subject = parse_subject(text);
            if (!subject) throw Failure("--" + std::string(to_string(kind)) + ": " + subject.error());
            setup.rules.push_back({std::move(*subject), kind, base::Instant::never(), 0, "configuration"});
        }
    }
    setup.serves_sync = settings.text("block-store") != "none";
    setup.application_verdicts = settings.text("verdicts") == "application";
    setup.peers_min = settings.number("peers-min");
    setup.peers_target = settings.number("peers-target");
    setup.peers_max = std::max(setup.peers_target, settings.number("peers-max"));
    setup.outbound_min = std::min(setup.peers_target, settings.number("outbound-min"));
    setup.connecting_max = settings.number("connecting-max");
    setup.attempts_max = settings.number("attempts-max");
    setup.connections_max = settings.number("max-connections");
    setup.inbound_max = settings.number("max-inbound");
    setup.per_ip_max = settings.number("max-connections-per-ip");
    setup.discovery_interval = settings.duration("discovery-interval");
    setup.dial_timeout = settings.duration("dial-timeout");
    setup.keep_alive = settings.duration("keep-alive");
    setup.retry_first = settings.duration("retry-first");
    setup.retry_max = std::max(setup.retry_first, settings.duration("retry-max"));
    setup.seed = runtime::random_seed();
    setup.first_sequence_number = static_cast<std::uint64_t>(runtime::unix_time().count());
    return setup;
}

NodeSetup errand_setup(mina::Network network) {
    NodeSetup setup;
    setup.network = std::move(network);
    setup.network.seeds.clear();
    setup.network.topics.clear();
    setup.key = crypto::PrivateKey::ed25519_from_seed(runtime::random_seed());
    setup.seed = runtime::random_seed();
    setup.first_sequence_number = static_cast<std::uint64_t>(runtime::unix_time().count());
    setup.is_client = true;
    setup.dht = "off";
    setup.peers_target = 0;
    setup.outbound_min = 0;
    return setup;
}

libp2p::Multiaddr parse_address(std::string const& text, std::string const& where) {
    auto address = libp2p::Multiaddr::from_text(text);
    if (!address) {
        throw Failure(where + ": '" + text + "' is not a multiaddr: " + std::string(to_string(address.error())) +
                      "; one looks like /ip4/127.0.0.1/tcp/8302/p2p/12D3KooW…");
    }
    return std::move(*address);
}

std::vector<libp2p::Multiaddr> parse_addresses(Values const& texts, std::string const& where) {
    std::vector<libp2p::Multiaddr> all;
    for (auto const& text : texts) all.push_back(parse_address(text, where));
    return all;
}

base::Result<libp2p::RuleSubject, std::string> parse_subject(std::string_view text) {
    if (auto const range = libp2p::IpRange::parse(text)) return *range;
    if (auto const id = libp2p::PeerId::from_text(text)) return *id;
    return base::fail("'" + std::string(text) + "' is neither a peer id nor an IP address or range such as 10.0.0.0/8");
}

std::vector<runtime::Listener> bind_all(Values const& addresses) {
    std::vector<runtime::Listener> listeners;
    for (auto const& text : addresses) {
        auto const at = parse_address(text, "--listen").socket_address();
        if (!at) throw Failure("--listen: '" + text + "' is not an address to listen on; give /ip4/…/tcp/PORT or /ip6/…/tcp/PORT");
        auto listener = runtime::Listener::bind(*at);
        if (!listener) throw Failure(listener.error());
        listeners.push_back(std::move(*listener));
    }
    return listeners;
}

std::unique_ptr<mina::p2p::P2pComponent> make_component(NodeSetup const& setup, base::Trace& trace) {
    mina::p2p::P2pConfig component;
    component.network = setup.network;
    auto& discovery = component.discovery;
    discovery.operator_peers = setup.peers;
    discovery.peers_min = setup.peers_min;
    discovery.peers_target = setup.peers_target;
    discovery.peers_max = setup.peers_max;
    discovery.outbound_min = setup.outbound_min;
    discovery.connecting_max = setup.connecting_max;
    discovery.attempts_max = static_cast<std::uint32_t>(setup.attempts_max);
    discovery.interval = setup.discovery_interval;
    discovery.interval_low = std::min(discovery.interval_low, setup.discovery_interval);
    if (setup.serves_sync) component.served = mina::rpc::Config().served;
    if (setup.application_verdicts) component.verdicts = mina::p2p::Verdicts::application;

    auto config = mina::p2p::swarm_config(setup.network);
    config.identity = setup.key;
    config.seed = setup.seed;
    config.gossip.first_sequence_number = setup.first_sequence_number;
    config.external_addresses = setup.external;
    config.rules = setup.rules;
    if (setup.dht == "off") config.names.kademlia.clear();
    config.kademlia.server = setup.dht == "server";
    config.limits.connections_max = setup.connections_max;
    config.limits.inbound_connections_max = setup.inbound_max;
    config.limits.connections_per_ip_max = setup.per_ip_max;
    config.timeouts.dial = setup.dial_timeout;
    config.timeouts.keep_alive_interval = setup.keep_alive;
    config.backoff = {.first = setup.retry_first, .cap = setup.retry_max};
    config.names.serve_perf = setup.serves_perf;
    config.gossip_enabled = setup.has_gossip;
    if (setup.is_client) {
        config.dial_from_listen_port = false;
        config.simultaneous_open = false;
    }
    return std::make_unique<mina::p2p::P2pComponent>(std::move(component), std::move(config), trace);
}

}  // namespace apps
