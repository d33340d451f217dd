// Config: what a node is to be. Every member has a default, so that one names those that differ:
// {.network = "devnet", .peers = {…}}. The numbers are those of `minap2p node`; what differs is said at its place.
#pragma once

#include <minap2p/types.h>

#include <chrono>

namespace mina::p2p {

struct Limits {
    std::size_t peers_min = 20;             // below, discovery runs every 5 s
    std::size_t peers_target = 50;          // from here on no peer is looked for; 0: none is
    std::size_t peers_max = 100;            // above, connections are trimmed to the target
    std::size_t outbound_min = 8;           // of the peers, so many are dialed by this node
    std::size_t connecting_max = 16;        // attempts of discovery at once
    std::uint32_t attempts_max = 8;         // failures before a peer that only others told of is forgotten
    std::size_t connections_max = 200;
    std::size_t inbound_max = 150;
    std::size_t connections_per_ip_max = 32;  // loopback is exempt
};

struct Times {
    std::chrono::milliseconds discovery_interval{30'000};
    std::chrono::milliseconds dial_timeout{5'000};
    std::chrono::milliseconds keep_alive{30'000};
    std::chrono::milliseconds retry_first{1'000};  // before a peer of Config::peers is tried again; doubles
    std::chrono::milliseconds retry_max{300'000};
};

struct Config {
    /// Who gives the verdict on a gossip message: the component, which accepts what is of the network's format, or the
    /// application, by Node::give_verdict(): of a block in four minutes, of the others in two; then it counts as
    /// ignored.
    enum class Verdicts : std::uint8_t { automatic, application };
    /// Whether this node answers others in the DHT, only asks, or neither.
    enum class Dht : std::uint8_t { server, client, off };

    /// "mainnet", "devnet", "local", or the path of a TOML file (with a '/' or a '.' in it; docs/COMMANDS.md).
    std::string network = "mainnet";

    /// Where the key and the peer store are, under the names that the program gives them ("key", "peers.sqlite").
    /// Empty: nothing is put on disk but what the next two say. (The program's default is its own directory.)
    std::string data_dir{};
    /// The identity; made when absent. Empty: data_dir's; without that, a new identity in each run. A key that is
    /// encrypted needs $MINA_LIBP2P_PASS.
    std::string key_file{};
    /// The content of a key file, in place of one.
    std::optional<Bytes> key{};
    /// What is remembered of peers, and bans. Empty: data_dir's; without that, or "none": nothing is.
    std::string peer_store{};

    /// Port 0: one that is free (see event::Ready).
    std::vector<std::string> listen = {"/ip4/0.0.0.0/tcp/8302"};
    std::vector<std::string> external{};                   // announced beside those
    std::vector<std::string> peers{};                      // to be connected to, and kept
    std::optional<std::vector<std::string>> seeds{};       // in place of the network's
    Dht dht = Dht::server;
    std::optional<bool> private_addresses{};               // announced, and dialed when others tell of them
    std::vector<std::string> trust{};                      // peer ids, addresses, ranges: never banned nor trimmed
    std::vector<std::string> allow{};                      // with any of these, nobody else is let in
    std::vector<std::string> deny{};                       // never let in, never dialed

    Verdicts verdicts = Verdicts::automatic;
    /// The RPCs that the application answers (event::QuestionReceived). The menu and get_some_initial_peers the
    /// component answers by itself.
    std::vector<Method> served{};

    std::optional<std::vector<std::string>> topics{};      // in place of the network's
    std::optional<std::vector<Format>> formats{};          // in place of the network's; {}: nothing is checked
    /// What identify says. One that does not begin with "minap2p" is taken for an unknown implementation by others of
    /// this kind, and asked less until it asks for a menu.
    std::string agent{};                                   // empty: the network's

    Limits limits{};
    Times times{};
};

}  // namespace mina::p2p
