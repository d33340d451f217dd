// A setup as text, for recordings: JSON.
#include "apps/events_json.h"
#include "apps/node_setup.h"
#include "base/text.h"

#include <algorithm>

namespace apps {

namespace {

Json texts(std::vector<libp2p::Multiaddr> const& addresses) {
    auto all = Json::array();
    for (auto const& address : addresses) all.push_back(address.text());
    return all;
}

std::vector<libp2p::Multiaddr> addresses(Json const& texts) {
    std::vector<libp2p::Multiaddr> all;
    for (auto const& text : texts) {
        auto address = libp2p::Multiaddr::from_text(text.get<std::string>());
        if (!address) throw std::invalid_argument("a damaged address");
        all.push_back(std::move(*address));
    }
    return all;
}

base::ByteString bytes(Json const& hex) {
    auto decoded = base::from_hex(hex.get<std::string>());
    if (!decoded) throw std::invalid_argument("damaged hex digits");
    return std::move(*decoded);
}

// Each field once, for both directions.
template <class Network, class Each>
void network_fields(Network& network, Each&& each) {
    each("name", network.name);
    each("chain_id", network.chain_id);
    each("is_private", network.is_private);
    each("muxer", network.muxer);
    each("kademlia", network.kademlia);
    each("rpc", network.rpc);
    each("gossipsub", network.gossipsub);
    each("floodsub", network.floodsub);
    each("topics", network.topics);
    each("checked_topic", network.checked_topic);
    each("agent", network.agent);
    each("gossip_bytes_max", network.gossip_bytes_max);
    each("private_addresses", network.private_addresses);
    each("frontier_length", network.frontier_length);
    each("any_frontier_length", network.any_frontier_length);
    each("slot_ms", network.slot_ms);
}

template <class Setup, class Each>
void setup_fields(Setup& setup, Each&& each) {
    each("first_sequence_number", setup.first_sequence_number);
    each("application_verdicts", setup.application_verdicts);
    each("is_client", setup.is_client);
    each("serves_perf", setup.serves_perf);
    each("has_gossip", setup.has_gossip);
    each("serves_sync", setup.serves_sync);
    each("peers_min", setup.peers_min);
    each("peers_target", setup.peers_target);
    each("peers_max", setup.peers_max);
    each("outbound_min", setup.outbound_min);
    each("dht", setup.dht);
    each("connecting_max", setup.connecting_max);
    each("attempts_max", setup.attempts_max);
    each("connections_max", setup.connections_max);
    each("inbound_max", setup.inbound_max);
    each("per_ip_max", setup.per_ip_max);
}

template <class Setup, class Each>
void duration_fields(Setup& setup, Each&& each) {
    each("discovery_interval_ns", setup.discovery_interval);
    each("dial_timeout_ns", setup.dial_timeout);
    each("keep_alive_ns", setup.keep_alive);
    each("retry_first_ns", setup.retry_first);
    each("retry_max_ns", setup.retry_max);
}

Json texts(std::vector<libp2p::Rule> const& rules) {
    auto all = Json::array();
    for (auto const& rule : rules) {
        all.push_back({to_string(rule.kind), subject_text(rule), rule.reason});
    }
    return all;
}

std::vector<libp2p::Rule> rules(Json const& texts) {
    std::vector<libp2p::Rule> all;
    for (auto const& text : texts) {
        auto subject = parse_subject(text.at(1).get<std::string>());
        if (!subject) throw std::invalid_argument(subject.error());
        auto const kind = text.at(0) == "trust" ? libp2p::RuleKind::trust
                          : text.at(0) == "allow" ? libp2p::RuleKind::allow
                                                  : libp2p::RuleKind::deny;
        all.push_back({std::move(*subject), kind, base::Instant::never(), 0, text.at(2).get<std::string>()});
    }
    return all;
}

NodeSetup from_json(Json const& json) {
    NodeSetup setup;
    auto const take = [](Json const& from) {
        return [&from](char const* name, auto& field) { from.at(name).get_to(field); };
    };
    network_fields(setup.network, take(json.at("network")));
    setup.network.seeds = addresses(json.at("seeds"));
    auto formats = mina::parse_formats(json.at("formats").get<Values>());
    if (!formats) throw std::invalid_argument(formats.error());
    setup.network.formats = std::move(*formats);
    setup_fields(setup, take(json));
    duration_fields(setup, [&](char const* name, base::Duration& field) {
        field = base::Duration(json.at(name).get<std::int64_t>());
    });
    setup.peers = addresses(json.at("peers"));
    setup.external = addresses(json.at("external"));
    setup.rules = rules(json.at("rules"));
    auto const seed = bytes(json.at("seed"));
    auto key = crypto::PrivateKey::decode(bytes(json.at("key")));
    if (seed.size() != setup.seed.size() || !key) throw std::invalid_argument("a damaged key or seed");
    std::ranges::copy(seed, setup.seed.begin());
    setup.key = std::move(*key);
    return setup;
}

}  // namespace

std::string to_text(NodeSetup const& setup) {
    Json json;
    auto network = Json::object();
    network_fields(setup.network, [&](char const* name, auto const& field) { network[name] = field; });
    json["network"] = std::move(network);
    json["seeds"] = texts(setup.network.seeds);
    json["formats"] = format_names(setup.network);
    setup_fields(setup, [&](char const* name, auto const& field) { json[name] = field; });
    duration_fields(setup, [&](char const* name, base::Duration field) { json[name] = field.count(); });
    json["peers"] = texts(setup.peers);
    json["external"] = texts(setup.external);
    json["rules"] = texts(setup.rules);
    json["seed"] = base::to_hex(setup.seed);
    json["key"] = base::to_hex(setup.key.encode());
    return dump(json);
}

base::Result<NodeSetup, std::string> setup_from_text(std::string_view text) {
    try {
        return from_json(Json::parse(text));
    } catch (std::exception const& error) {  // of the JSON library, or of from_json()
        return base::fail("the recording's setup cannot be understood: " + std::string(error.what()));
    }
}

}  // namespace apps
