// A network as a TOML file.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include "base/nearest.h"
#include "base/text.h"
#include "mina/networks/networks.h"

namespace mina {

namespace {

using Outcome = base::Result<bool, std::string>;

Outcome expected(std::string_view key, std::string_view what) {
    return base::fail("network file: '" + std::string(key) + "' must be " + std::string(what));
}

Outcome read(toml::node const& node, std::string_view key, std::string& into) {
    auto const value = node.value_exact<std::string>();
    if (!value) return expected(key, "a text");
    into = *value;
    return true;
}

Outcome read(toml::node const& node, std::string_view key, bool& into) {
    auto const value = node.value_exact<bool>();
    if (!value) return expected(key, "true or false");
    into = *value;
    return true;
}

Outcome read(toml::node const& node, std::string_view key, std::size_t& into) {
    auto const value = node.value_exact<std::int64_t>();
    if (!value || *value <= 0) return expected(key, "a positive number");
    into = static_cast<std::size_t>(*value);
    return true;
}

Outcome read(toml::node const& node, std::string_view key, std::vector<std::string>& into) {
    auto const* array = node.as_array();
    if (array == nullptr) return expected(key, "a list of texts");
    into.clear();
    for (auto const& element : *array) {
        std::string text;
        if (!read(element, key, text)) return expected(key, "a list of texts");
        into.push_back(std::move(text));
    }
    return true;
}

Outcome read(toml::node const& node, std::string_view key, std::vector<libp2p::Multiaddr>& into) {
    std::vector<std::string> texts;
    TRY_VOID(read(node, key, texts));
    into.clear();
    for (auto const& text : texts) {
        auto const address = libp2p::Multiaddr::from_text(text);
        if (!address) return base::fail("network file: '" + std::string(key) + "': '" + text + "' is not a multiaddr");
        into.push_back(*address);
    }
    return true;
}

Outcome read_formats(toml::node const& node, Network& network) {
    std::vector<std::string> names;
    TRY_VOID(read(node, "formats", names));
    auto formats = parse_formats(names);
    if (!formats) return base::fail("network file: 'formats': " + formats.error());
    network.formats = std::move(*formats);
    return true;
}

Outcome read_chain_id(toml::node const& node, Network& network) {
    TRY_VOID(read(node, "chain-id", network.chain_id));
    auto const bytes = base::from_hex(network.chain_id);
    if (!bytes || bytes->size() != 32 || network.chain_id != base::to_hex(*bytes)) {
        return expected("chain-id", "64 lower-case hex digits");
    }
    return true;
}

Outcome read_key(std::string_view key, toml::node const& node, Network& network) {
    if (key == "name") return read(node, key, network.name);
    if (key == "chain-id") return read_chain_id(node, network);
    if (key == "private") return read(node, key, network.is_private);
    if (key == "muxer") return read(node, key, network.muxer);
    if (key == "kademlia") return read(node, key, network.kademlia);
    if (key == "rpc") return read(node, key, network.rpc);
    if (key == "gossipsub") return read(node, key, network.gossipsub);
    if (key == "floodsub") return read(node, key, network.floodsub);
    if (key == "topics") return read(node, key, network.topics);
    if (key == "formats") return read_formats(node, network);
    if (key == "agent") return read(node, key, network.agent);
    if (key == "gossip-bytes-max") return read(node, key, network.gossip_bytes_max);
    if (key == "private-addresses") return read(node, key, network.private_addresses);
    if (key == "frontier-length") return read(node, key, network.frontier_length);
    if (key == "any-frontier-length") return read(node, key, network.any_frontier_length);
    if (key == "slot-ms") return read(node, key, network.slot_ms);
    if (key == "seeds") return read(node, key, network.seeds);
    if (key == "seed-list-urls") return read(node, key, network.seed_list_urls);
    constexpr std::array<std::string_view, 18> keys{"name",   "chain-id", "private", "muxer",
                                                    "kademlia", "rpc",    "gossipsub", "floodsub",
                                                    "topics", "agent",    "gossip-bytes-max", "seeds",
                                                    "seed-list-urls", "formats",  "private-addresses",
                                                    "frontier-length", "any-frontier-length", "slot-ms"};
    return base::fail("network file: unknown key '" + std::string(key) + "'; the nearest is '" +
                      std::string(base::nearest(key, keys)) + "'");
}

}  // namespace

base::Result<Network, std::string> parse(std::string_view text) {
    auto const parsed = toml::parse(text);
    if (!parsed) {
        return base::fail("network file: line " + std::to_string(parsed.error().source().begin.line) + ": " +
                          std::string(parsed.error().description()));
    }
    Network network;
    for (auto const& [key, node] : parsed.table()) TRY_VOID(read_key(key.str(), node, network));
    if (network.name.empty()) return base::fail(std::string("network file: 'name' is missing"));
    if (network.chain_id.empty()) return base::fail(std::string("network file: 'chain-id' is missing"));
    return network;
}

}  // namespace mina
