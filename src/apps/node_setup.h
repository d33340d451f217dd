// NodeSetup: all that makes one node's core. Plain data: a recording begins with it, and a replay makes the same core.
#pragma once

#include "apps/settings.h"
#include "mina/p2p/component.h"
#include "runtime/listener.h"

#include <nlohmann/json_fwd.hpp>

namespace apps {

struct NodeSetup {
    mina::Network network;                  // its topics are those subscribed to
    crypto::PrivateKey key;
    base::Rng::Seed seed{};
    std::uint64_t first_sequence_number = 1;
    std::vector<libp2p::Multiaddr> peers;   // to be kept
    std::vector<libp2p::Multiaddr> external;
    std::vector<libp2p::Rule> rules;        // by configuration
    std::string dht = "server";             // "client", "off"
    bool application_verdicts = false;
    bool is_client = false;                 // lives for one errand: dials from any port
    bool serves_perf = false;
    bool has_gossip = true;
    bool serves_sync = false;               // answers the RPCs of OCaml's node
    std::uint64_t peers_min = 20;
    std::uint64_t peers_target = 50;
    std::uint64_t peers_max = 100;
    std::uint64_t outbound_min = 8;
    std::uint64_t connecting_max = 16;
    std::uint64_t attempts_max = 8;
    std::uint64_t connections_max = 200;
    std::uint64_t inbound_max = 150;
    std::uint64_t per_ip_max = 32;
    base::Duration discovery_interval = std::chrono::seconds(30);
    base::Duration dial_timeout = std::chrono::seconds(5);
    base::Duration keep_alive = std::chrono::seconds(30);
    base::Duration retry_first = std::chrono::seconds(1);
    base::Duration retry_max = std::chrono::minutes(5);
};

/// As the settings say; key, seed and sequence number are the caller's. Throws Failure.
NodeSetup setup_of(Settings const& settings);
/// For one errand: a new identity, no seeds, nothing subscribed to.
NodeSetup errand_setup(mina::Network network);

/// Addresses given by the user; `where` names their setting. Throws Failure.
std::vector<libp2p::Multiaddr> parse_addresses(Values const& texts, std::string const& where);
libp2p::Multiaddr parse_address(std::string const& text, std::string const& where);
/// "12D3Koo…", "10.0.0.0/8", "::1". The error says what was expected.
base::Result<libp2p::RuleSubject, std::string> parse_subject(std::string_view text);
/// Binds them all. Throws Failure.
std::vector<runtime::Listener> bind_all(Values const& addresses);

/// `trace` must outlive it.
std::unique_ptr<mina::p2p::P2pComponent> make_component(NodeSetup const& setup, base::Trace& trace);

/// The setup with the key: it deserves the key's care.
std::string to_text(NodeSetup const& setup);
base::Result<NodeSetup, std::string> setup_from_text(std::string_view text);

}  // namespace apps
