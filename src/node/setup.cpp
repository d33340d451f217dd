#include "node/setup.h"

#include "base/nearest.h"
#include "node/convert.h"
#include "runtime/clock.h"
#include "runtime/entropy.h"
#include "runtime/files.h"
#include "runtime/key_file.h"

#include <algorithm>
#include <cstdlib>

namespace mina::p2p {

namespace {

constexpr std::size_t network_file_bytes_max = 1024 * 1024;
constexpr base::Duration store_close_wait = std::chrono::seconds(1);

Result<Network> network_of(std::string const& name) {
    constexpr auto where = "Config::network";
    if (auto network = builtin(name)) return std::move(*network);
    if (name.find('/') == std::string::npos && name.find('.') == std::string::npos) {
        auto const names = builtin_names();
        std::vector<std::string_view> const views(names.begin(), names.end());
        auto const nearest = name.empty() ? views.front() : base::nearest(name, views);
        return Error{where, "no network '" + name + "'",
                     "the nearest is '" + std::string(nearest) + "'; a file is given with a '/' or a '.' in its name"};
    }
    auto const bytes = runtime::read_file(name, network_file_bytes_max);
    if (!bytes) return Error{where, bytes.error(), "give mainnet, devnet, local, or a TOML file that is there"};
    auto network = parse(base::as_text(*bytes));
    if (!network) return Error{where, name + ": " + network.error(), {}};
    return std::move(*network);
}

Result<std::vector<libp2p::Multiaddr>> addresses_of(std::string const& where, std::vector<std::string> const& texts) {
    std::vector<libp2p::Multiaddr> all;
    for (auto const& text : texts) {
        auto address = address_of(where, text);
        if (!address) return address.error();
        all.push_back(std::move(*address));
    }
    return all;
}

std::string in_data_dir(Config const& config, char const* name) {
    return config.data_dir.empty() ? std::string() : config.data_dir + "/" + name;
}

Result<crypto::PrivateKey> key_of(Config const& config, std::vector<std::string>& warnings) {
    if (config.key) {
        auto const* const password = std::getenv(runtime::key_password_variable);
        auto key = runtime::parse_key(config.key->view(), password != nullptr ? std::optional<std::string>(password)
                                                                               : std::nullopt);
        if (!key) return Error{"Config::key", key.error(), "give the content of a key file"};
        return std::move(*key);
    }
    auto const path = config.key_file.empty() ? in_data_dir(config, "key") : config.key_file;
    if (path.empty()) return crypto::PrivateKey::ed25519_from_seed(runtime::random_seed());
    auto loaded = runtime::load_or_create_key(path);
    if (!loaded) return Error{config.key_file.empty() ? "Config::data_dir" : "Config::key_file", loaded.error(), {}};
    if (!loaded->warning.empty()) warnings.push_back(loaded->warning);
    return std::move(loaded->key);
}

Result<void> listen(std::vector<std::string> const& addresses, std::vector<runtime::Listener>& listeners) {
    constexpr auto where = "Config::listen";
    for (auto const& text : addresses) {
        auto const address = address_of(where, text);
        if (!address) return address.error();
        auto const at = address->socket_address();
        if (!at) {
            return Error{where, "'" + text + "' is not an address to listen on",
                         "give /ip4/ADDRESS/tcp/PORT or /ip6/ADDRESS/tcp/PORT"};
        }
        auto listener = runtime::Listener::bind(*at);
        if (!listener) return Error{where, listener.error(), {}};
        listeners.push_back(std::move(*listener));
    }
    return {};
}

Result<void> take_rules(Config const& config, std::vector<libp2p::Rule>& rules) {
    using libp2p::RuleKind;
    auto const take = [&](char const* where, std::vector<std::string> const& texts, RuleKind kind) -> Result<void> {
        for (auto const& text : texts) {
            auto subject = subject_of(where, text);
            if (!subject) return subject.error();
            rules.push_back({std::move(*subject), kind, base::Instant::never(), 0, "configuration"});
        }
        return {};
    };
    if (auto taken = take("Config::trust", config.trust, RuleKind::trust); !taken) return taken;
    if (auto taken = take("Config::allow", config.allow, RuleKind::allow); !taken) return taken;
    return take("Config::deny", config.deny, RuleKind::deny);
}

// What the application says of the network in place of the network's own.
Result<void> adapt(Config const& config, Network& network) {
    if (config.seeds) {
        auto seeds = addresses_of("Config::seeds", *config.seeds);
        if (!seeds) return seeds.error();
        network.seeds = std::move(*seeds);
    }
    if (config.topics) network.topics = *config.topics;
    if (config.formats) {
        network.formats.clear();
        for (auto const format : *config.formats) network.formats.push_back(inner(format));
    }
    if (!config.agent.empty()) network.agent = config.agent;
    if (config.private_addresses) network.private_addresses = *config.private_addresses;
    return {};
}

Result<void> check_numbers(Config const& config) {
    constexpr auto least = std::chrono::milliseconds(1);
    constexpr auto most = std::chrono::milliseconds(std::chrono::hours(24 * 365));
    auto const& times = config.times;
    auto const all = {times.discovery_interval, times.dial_timeout, times.keep_alive, times.retry_first,
                      times.retry_max};
    if (std::ranges::any_of(all, [&](auto time) { return time < least || time > most; })) {
        return Error{"Config::times", "a time is not between a millisecond and a year", "leave it out for its default"};
    }
    if (config.limits.connections_max == 0) {
        return Error{"Config::limits", "connections_max is 0", "leave it out for its default"};
    }
    return {};
}

P2pConfig component_config(Config const& config, Network network, std::vector<libp2p::Multiaddr> peers) {
    P2pConfig component;
    component.network = std::move(network);
    auto& discovery = component.discovery;
    auto const& limits = config.limits;
    discovery.operator_peers = std::move(peers);
    discovery.peers_min = limits.peers_min;
    discovery.peers_target = limits.peers_target;
    discovery.peers_max = std::max(limits.peers_target, limits.peers_max);
    discovery.outbound_min = std::min(limits.peers_target, limits.outbound_min);
    discovery.connecting_max = limits.connecting_max;
    discovery.attempts_max = limits.attempts_max;
    discovery.interval = config.times.discovery_interval;
    discovery.interval_low = std::min(discovery.interval_low, discovery.interval);
    component.verdicts =
        config.verdicts == Config::Verdicts::application ? Verdicts::application : Verdicts::automatic;
    for (auto const method : config.served) component.served.push_back(inner(method));
    return component;
}

libp2p::Config swarm_config_of(Config const& config, Network const& network) {
    auto swarm = swarm_config(network);
    swarm.seed = runtime::random_seed();
    swarm.gossip.first_sequence_number = static_cast<std::uint64_t>(runtime::unix_time().count());
    if (config.dht == Config::Dht::off) swarm.names.kademlia.clear();
    swarm.kademlia.server = config.dht == Config::Dht::server;
    swarm.limits.connections_max = config.limits.connections_max;
    swarm.limits.inbound_connections_max = config.limits.inbound_max;
    swarm.limits.connections_per_ip_max = config.limits.connections_per_ip_max;
    swarm.timeouts.dial = config.times.dial_timeout;
    swarm.timeouts.keep_alive_interval = config.times.keep_alive;
    swarm.backoff = {.first = config.times.retry_first,
                     .cap = std::max(config.times.retry_first, config.times.retry_max)};
    return swarm;
}

}  // namespace

Result<libp2p::Multiaddr> address_of(std::string const& where, std::string const& text) {
    auto address = libp2p::Multiaddr::from_text(text);
    if (address) return std::move(*address);
    return Error{where, "'" + text + "' is not a multiaddr: " + std::string(libp2p::to_string(address.error())),
                 "one looks like /ip4/127.0.0.1/tcp/8302/p2p/12D3KooW…"};
}

Result<libp2p::RuleSubject> subject_of(std::string const& where, std::string const& text) {
    if (auto const range = libp2p::IpRange::parse(text)) return libp2p::RuleSubject(*range);
    if (auto const id = libp2p::PeerId::from_text(text)) return libp2p::RuleSubject(*id);
    return Error{where, "'" + text + "' is neither a peer id nor an IP address or range",
                 "a range looks like 10.0.0.0/8"};
}

Result<libp2p::PeerId> peer_of(PeerId const& peer) {
    auto const id = libp2p::PeerId::from_text(peer.text);
    if (id) return *id;
    return Error{"peer", "'" + peer.text + "' is not a peer id: " + std::string(libp2p::to_string(id.error())),
                 "one looks like 12D3KooW…"};
}

Result<Setup> setup_of(Config const& config) {
    auto network = network_of(config.network);
    if (!network) return network.error();
    if (auto const adapted = adapt(config, *network); !adapted) return adapted.error();
    if (auto const checked = check_numbers(config); !checked) return checked.error();
    auto peers = addresses_of("Config::peers", config.peers);
    if (!peers) return peers.error();
    auto external = addresses_of("Config::external", config.external);
    if (!external) return external.error();

    Setup setup;
    setup.swarm = swarm_config_of(config, *network);
    setup.swarm.external_addresses = std::move(*external);
    if (auto const taken = take_rules(config, setup.swarm.rules); !taken) return taken.error();
    auto key = key_of(config, setup.warnings);
    if (!key) return key.error();
    setup.swarm.identity = std::move(*key);
    if (auto const bound = listen(config.listen, setup.listeners); !bound) return bound.error();
    setup.component = component_config(config, std::move(*network), std::move(*peers));
    auto const store = config.peer_store.empty() ? in_data_dir(config, "peers.sqlite") : config.peer_store;
    if (!store.empty() && store != "none") {
        runtime::PeerStoreOptions options;
        options.close_wait = store_close_wait;
        setup.store = std::make_unique<runtime::PeerStore>(store, std::move(options));
    }
    return setup;
}

}  // namespace mina::p2p
