#include "mina/networks/networks.h"

#include "base/check.h"
#include "crypto/hash.h"

namespace mina {

namespace {

std::vector<libp2p::Multiaddr> addresses(std::initializer_list<std::string_view> texts) {
    std::vector<libp2p::Multiaddr> parsed;
    for (auto const text : texts) {
        auto address = libp2p::Multiaddr::from_text(text);
        base::check(address.has_value(), "a built-in seed address");
        parsed.push_back(*address);
    }
    return parsed;
}

constexpr std::size_t mesa_slot_ms = 90'000;

Network mainnet() {
    Network network;
    network.name = "mainnet";
    network.chain_id = "0718f61ab88f9d0fa643ff4dc3a3d5998dd6d51a6008b2b0339b0dbb26133886";
    network.slot_ms = mesa_slot_ms;
    network.seeds = addresses({
        "/dns4/mina-mainnet-seed.staketab.com/tcp/10003/p2p/12D3KooWSDTiXcdBVpN12ZqXJ49qCFp8zB1NnovuhZu6A28GLF1J",
        "/dns4/mina-seed.bitcat.network/tcp/10001/p2p/12D3KooWQzozNTDKL7MqUh6Nh11GMA4pQhRCAsNTRWxCAzAi4VbE",
        "/dns4/production-mainnet-libp2p.minaprotocol.network/tcp/10000/p2p/"
        "12D3KooWPywsM191KGGNVGiNqN35nyyJg4W2BhhYukF6hP9YBR8q",
        "/dns4/seed-1.mainnet.gcp.o1test.net/tcp/10003/p2p/12D3KooWCa1d7G3SkRxy846qTvdAFX69NnoYZ32orWVLqJcDVGHW",
        "/dns4/seed-2.mainnet.gcp.o1test.net/tcp/32002/p2p/12D3KooWK4NfthViCTyLgVQa1WvqDC1NccVxGruCXCZUt3GqvFvn",
        "/dns4/seed-3.mainnet.gcp.o1test.net/tcp/32003/p2p/12D3KooWNofeYVAJXA3WGg2qCDhs3GEe71kTmKpFQXRbZmCz1Vr7",
        "/dns4/seed-4.mainnet.gcp.o1test.net/tcp/10003/p2p/12D3KooWEdBiTUQqxp3jeuWaZkwiSNcFxC6d6Tdq7u2Lf2ZD2Q6X",
        "/dns4/seed-5.mainnet.gcp.o1test.net/tcp/32005/p2p/12D3KooWL1DJTigSwuKQRfQE3p7puFUqfbHjXbZJ9YBWtMNpr3GU",
        "/dns4/seed-6.mainnet.gcp.o1test.net/tcp/32006/p2p/12D3KooWHGx4u32n42ub7dJNxAcAhwiA1WDq1Zsjn3k7RsS11pE8",
        "/dns4/seed.minataur.net/tcp/8302/p2p/12D3KooWNyExDzG8T1BYXHpXQS66kaw3zi6qi5Pg9KD3GEyHW5FF",
        "/dns4/seed.piconbello.com/tcp/10001/p2p/12D3KooWRFac2AztcTeen2DYNwnTrmVBvwNDsRiFpDVdTkwdFAHP",
    });
    network.seed_list_urls = {"https://bootnodes.minaprotocol.com/networks/mainnet.txt"};
    return network;
}

Network devnet() {
    Network network;
    network.name = "devnet";
    network.chain_id = "ebfce0d570bc22eb041e1a7b0a46bbc3ed5d0a1030ef2ab5e36eef908b93eba8";
    network.slot_ms = mesa_slot_ms;
    network.seeds = addresses({
        "/dns4/seed-1.devnet.gcp.o1test.net/tcp/10003/p2p/12D3KooWAdgYL6hv18M3iDBdaK1dRygPivSfAfBNDzie6YqydVbs",
        "/dns4/seed-2.devnet.gcp.o1test.net/tcp/10003/p2p/12D3KooWLjs54xHzVmMmGYb7W5RVibqbwD1co7M2ZMfPgPm7iAag",
        "/dns4/seed-3.devnet.gcp.o1test.net/tcp/32013/p2p/12D3KooWEiGVAFC7curXWXiGZyMWnZK9h8BKr88U8D5PKV3dXciv",
    });
    network.seed_list_urls = {"https://bootnodes.minaprotocol.com/networks/devnet.txt"};
    return network;
}

// A network of its own: its chain id is no chain's, so that no node of it ever meets Mina's.
Network local() {
    Network network;
    network.name = "local";
    network.chain_id = "10ca1000000000000000000000000000000000000000000000000000000010ca";
    network.formats = {messages::Format::berkeley};
    network.private_addresses = true;
    network.any_frontier_length = true;
    return network;
}

}  // namespace

std::string rendezvous(Network const& network) { return "/coda/0.0.1/" + network.chain_id; }

base::ByteArray<32> private_network_key(Network const& network) {
    return crypto::blake2b_256(base::as_bytes(rendezvous(network)));
}

base::ByteString rendezvous_key(Network const& network) {
    base::ByteString key{0x12, 0x20};  // spec: multiformats/multihash: SHA-256, 32 bytes
    base::append(key, crypto::sha256(base::as_bytes(rendezvous(network))));
    return key;
}

std::optional<Network> builtin(std::string_view name) {
    if (name == "mainnet") return mainnet();
    if (name == "devnet") return devnet();
    if (name == "local") return local();
    return std::nullopt;
}

std::vector<std::string> builtin_names() { return {"mainnet", "devnet", "local"}; }

base::Result<std::vector<messages::Format>, std::string> parse_formats(std::vector<std::string> const& names) {
    std::vector<messages::Format> formats;
    if (names == std::vector<std::string>{"none"}) return formats;
    for (auto const& name : names) {
        auto const format = messages::format_named(name);
        if (!format) return base::fail("'" + name + "' is not berkeley, mesa, mesa-array-inputs, or none alone");
        formats.push_back(*format);
    }
    if (formats.empty()) return base::fail(std::string("a format is wanted, or none"));
    return formats;
}

std::vector<std::string> format_names(Network const& network) {
    if (network.formats.empty()) return {"none"};
    std::vector<std::string> names;
    for (auto const format : network.formats) names.emplace_back(to_string(format));
    return names;
}

base::Result<std::vector<libp2p::Multiaddr>, std::string> parse_seeds(std::string_view text) {
    std::vector<libp2p::Multiaddr> seeds;
    for (std::size_t number = 1; !text.empty(); ++number) {
        auto const end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        auto const address = libp2p::Multiaddr::from_text(line);
        if (!address) {
            return base::fail("line " + std::to_string(number) + ": '" + std::string(line) + "' is not a multiaddr: " +
                              std::string(to_string(address.error())));
        }
        seeds.push_back(*address);
    }
    return seeds;
}

}  // namespace mina
