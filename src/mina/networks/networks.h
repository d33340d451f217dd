// networks: what sets one Mina network apart from another, as data.
//
// builtin(): mainnet and devnet as they are since the Mesa upgrade, and `local`, for tests and demonstrations.
// parse(): a network given at run time, as TOML text; docs/COMMANDS.md lists the keys.
//
// The chain id gives the rendezvous string "/coda/0.0.1/" + id, and its BLAKE2b-256 is the key of the private network.
// What a node advertises is part of the network: Mina's Rust node closes the connection on any protocol name that it does
// not know, so nothing beyond Mina's Go helper's list is announced.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "libp2p/wire/multiaddr.h"
#include "mina/messages/format.h"

#include <optional>
#include <string>
#include <vector>

namespace mina {

struct Network {
    std::string name;
    std::string chain_id;                         // 64 lower-case hex digits
    bool is_private = true;                       // the pre-shared key derived from the chain id is used
    std::string muxer = "/coda/yamux/1.0.0";
    std::string kademlia = "/coda/kad/1.0.0";
    std::string rpc = "coda/rpcs/0.0.1";          // no leading slash
    std::vector<std::string> gossipsub = {"/meshsub/1.1.0", "/meshsub/1.0.0"};
    std::string floodsub = "/floodsub/1.0.0";
    std::vector<std::string> topics = {"coda/consensus-messages/0.0.1"};
    std::string checked_topic = "coda/consensus-messages/0.0.1";  // whose messages are looked into before forwarded
    /// What its messages look like: the first, until blocks show that it is another of them. Empty: nothing is checked.
    std::vector<messages::Format> formats = {messages::Format::mesa, messages::Format::mesa_array_inputs};
    std::string agent = "minap2p";
    std::size_t gossip_bytes_max = 32 * 1024 * 1024;
    bool private_addresses = false;               // such addresses are announced, and dialed when others tell of them
    std::size_t frontier_length = 290;            // mina's k: so far behind the best tip is the root of its chain
    bool any_frontier_length = false;             // a best tip is given, and believed, with a shorter chain, too
    std::size_t slot_ms = 0;                      // blocks may not come faster; 0: that is not looked at
    std::vector<libp2p::Multiaddr> seeds;
    std::vector<std::string> seed_list_urls;      // plain text, an address a line; fetched by the operator

    bool operator==(Network const&) const = default;
};

/// "/coda/0.0.1/" + chain id: the DHT rendezvous, and what the private network's key is derived from.
std::string rendezvous(Network const& network);

/// What its nodes provide in the DHT to be found: the SHA-256 of the rendezvous string, as a multihash.
base::ByteString rendezvous_key(Network const& network);

/// BLAKE2b-256 of the rendezvous string.
base::ByteArray<32> private_network_key(Network const& network);

/// "mainnet", "devnet" or "local".
std::optional<Network> builtin(std::string_view name);
std::vector<std::string> builtin_names();

/// From TOML. The error names the key (and the nearest right one, when it is unknown) and what was expected.
base::Result<Network, std::string> parse(std::string_view toml);

/// "berkeley", "mesa", "mesa-array-inputs"; "none" alone: nothing is checked. The error names what was not understood.
base::Result<std::vector<messages::Format>, std::string> parse_formats(std::vector<std::string> const& names);
/// The way back.
std::vector<std::string> format_names(Network const& network);

/// Addresses, one a line; blank lines and lines that begin with '#' are skipped. The error names the line.
base::Result<std::vector<libp2p::Multiaddr>, std::string> parse_seeds(std::string_view text);

}  // namespace mina
