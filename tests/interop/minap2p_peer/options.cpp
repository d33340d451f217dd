#include "options.h"

#include "base/text.h"
#include "runtime/clock.h"
#include "runtime/entropy.h"

#include <CLI/CLI.hpp>

namespace peer {

namespace {

constexpr std::string_view echo_name = "/echo/1.0.0";

struct Flags {
    std::vector<std::string> listen;
    std::vector<std::string> topics;
    std::string psk;
    std::string seed;
    std::string yamux_id;
    std::string kad_id;
    std::string key = "ed25519";
    std::string versions;
    bool mina = false;
    bool no_kad = false;
    bool no_pubsub = false;
    bool no_sign = false;
    bool quiet = false;
    bool no_simultaneous_open = false;
};

void declare(CLI::App& app, Flags& flags) {
    app.add_option("--listen", flags.listen, "listen multiaddr; repeatable");
    app.add_option("--topic", flags.topics, "subscribe at once; repeatable");
    app.add_option("--psk", flags.psk, "private network key, 64 hex digits");
    app.add_flag("--mina", flags.mina, "the Mina network's constants");
    app.add_option("--yamux-id", flags.yamux_id, "multistream id of Yamux");
    app.add_option("--kad-id", flags.kad_id, "protocol id of Kademlia");
    app.add_option("--key", flags.key, "identity: ed25519 or secp256k1");
    app.add_option("--seed", flags.seed, "Ed25519 seed, 64 hex digits");
    app.add_flag("--no-kad", flags.no_kad, "no Kademlia");
    app.add_flag("--no-pubsub", flags.no_pubsub, "no GossipSub");
    app.add_flag("--no-sign", flags.no_sign, "GossipSub with StrictNoSign");
    app.add_option("--gossipsub-versions", flags.versions, "of 1.0,1.1,floodsub");
    app.add_flag("--quiet", flags.quiet, "messages are counted, not printed");
    app.add_flag("--no-simultaneous-open", flags.no_simultaneous_open, "dial without the simultaneous-open token");
}

base::Result<base::ByteArray<32>, std::string> bytes32(std::string_view flag, std::string const& text) {
    auto const bytes = base::from_hex(text);
    if (!bytes || bytes->size() != 32) return base::fail(std::string(flag) + " takes 64 hex digits");
    base::ByteArray<32> array{};
    std::ranges::copy(*bytes, array.begin());
    return array;
}

base::Result<crypto::PrivateKey, std::string> identity(Flags const& flags) {
    auto secret = runtime::random_seed();
    if (!flags.seed.empty()) {
        TRY(secret, bytes32("--seed", flags.seed));
    }
    if (flags.key == "ed25519") return crypto::PrivateKey::ed25519_from_seed(secret);
    if (flags.key == "secp256k1") {
        auto key = crypto::PrivateKey::secp256k1_from_secret(secret);
        if (!key) return base::fail(std::string("--seed is no secp256k1 secret"));
        return *key;
    }
    return base::fail("this peer has no '" + flags.key + "' identities; it has ed25519 and secp256k1");
}

base::Result<bool, std::string> set_versions(std::string const& versions, libp2p::ProtocolNames& names) {
    if (versions.empty()) return true;
    names.gossipsub.clear();
    names.floodsub.clear();
    std::stringstream list(versions);
    for (std::string version; std::getline(list, version, ',');) {
        if (version == "1.0" || version == "1.1") {
            names.gossipsub.insert(names.gossipsub.begin(), "/meshsub/" + version + ".0");
        } else if (version == "floodsub") {
            names.floodsub = "/floodsub/1.0.0";
        } else {
            return base::fail("this peer has no GossipSub " + version + "; it has 1.0, 1.1 and floodsub");
        }
    }
    std::ranges::sort(names.gossipsub, std::greater<>{});
    return true;
}

// What tests do to one node is more than any network does.
void raise_limits(libp2p::Config& config) {
    config.limits.connections_max = 20'000;
    config.limits.inbound_connections_max = 20'000;
    config.limits.pending_inbound_max = 4'096;
    config.limits.inbound_streams_per_protocol_max = 4'096;
    config.limits.negotiating_streams_max = 1'024;
    config.yamux.inbound_streams_max = 8'192;
}

base::Result<Options, std::string> options_of(Flags const& flags) {
    Options options;
    options.quiet = flags.quiet;
    options.topics = flags.topics;
    auto network = *mina::builtin("local");
    network.topics.clear();
    network.seeds.clear();
    network.is_private = false;
    network.formats.clear();  // the harness sends any bytes
    options.swarm = mina::p2p::swarm_config(network);
    auto& config = options.swarm;
    config.agent = "minap2p-peer";
    config.names.serve_perf = true;
    config.names.echo = {std::string(echo_name), network.rpc};
    if (!flags.mina) {
        config.names.muxer = "/yamux/1.0.0";
        config.gossip.message_id = libp2p::gossipsub::origin_id;
        config.gossip.answer_rust_ids = false;
    }
    if (!flags.mina) config.names.kademlia = "/ipfs/kad/1.0.0";
    if (!flags.kad_id.empty()) config.names.kademlia = flags.kad_id;
    if (flags.no_kad) config.names.kademlia.clear();
    if (!flags.yamux_id.empty()) config.names.muxer = flags.yamux_id;
    if (!flags.psk.empty()) {
        TRY(config.private_network, bytes32("--psk", flags.psk));
    }
    TRY(config.identity, identity(flags));
    config.gossip_enabled = !flags.no_pubsub;
    if (flags.no_sign) {
        config.gossip.signing = libp2p::gossipsub::SigningPolicy::strict_no_sign;
        config.gossip.message_id = libp2p::gossipsub::topic_keyed_hash_id;
    }
    config.gossip.first_sequence_number = static_cast<std::uint64_t>(runtime::unix_time().count());
    config.simultaneous_open = !flags.no_simultaneous_open;
    TRY_VOID(set_versions(flags.versions, config.names));
    raise_limits(config);
    options.p2p.network = network;
    // The test says who connects to whom.
    options.p2p.discovery.peers_target = 0;
    options.p2p.discovery.peers_max = config.limits.connections_max;
    options.p2p.discovery.outbound_min = 0;
    for (auto const& text : flags.listen) {
        auto const address = libp2p::Multiaddr::from_text(text);
        auto const socket = address ? address->socket_address() : std::nullopt;
        if (!socket) return base::fail("--listen: '" + text + "' is not /ip4|ip6/ADDRESS/tcp/PORT");
        options.listen.push_back(*socket);
    }
    if (options.listen.empty()) options.listen.push_back({libp2p::IpAddress::v4(127, 0, 0, 1), 0});
    return options;
}

}  // namespace

base::Result<Options, std::string> parse(int argc, char** argv) {
    Flags flags;
    CLI::App app("A minap2p node that a test drives over standard input and output", "minap2p-peer");
    declare(app, flags);
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
        return base::fail(std::string(error.what()));
    }
    return options_of(flags);
}

}  // namespace peer
