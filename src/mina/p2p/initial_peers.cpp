#include "mina/p2p/initial_peers.h"

#include "mina/binprot/writer.h"

#include <algorithm>
#include <optional>

namespace mina::p2p {

namespace {

struct Told {
    std::string host;
    std::uint16_t port = 0;
    std::string peer_id;
};

constexpr std::size_t peer_bytes_min = 3;     // two empty strings and a port
constexpr std::size_t host_bytes_max = 256;
constexpr std::size_t peer_id_bytes_max = 128;

std::optional<Told> told_of(libp2p::kademlia::PeerAddresses const& peer) {
    for (auto const& address : peer.addresses) {
        if (auto const at = address.socket_address()) return Told{at->ip.text(), at->port, peer.id.text()};
    }
    return std::nullopt;
}

void write(binprot::Writer& writer, std::span<Told const> all) {
    writer.put_count(all.size());
    for (auto const& told : all) {
        writer.put_string(base::as_bytes(told.host));
        writer.put_integer(told.port);
        writer.put_string(base::as_bytes(told.peer_id));
    }
}

std::optional<libp2p::kademlia::PeerAddresses> peer_of(base::ByteView host, std::int64_t port, base::ByteView peer_id) {
    auto const ip = libp2p::IpAddress::parse(base::as_text(host));
    auto const id = libp2p::PeerId::from_text(base::as_text(peer_id));
    if (!ip || !id || port < 1 || port > 0xffff) return std::nullopt;
    return libp2p::kademlia::PeerAddresses{
        *id, {libp2p::Multiaddr::tcp_at({*ip, static_cast<std::uint16_t>(port)})}};
}

}  // namespace

base::ByteString encode_initial_peers(std::span<libp2p::kademlia::PeerAddresses const> peers) {
    std::vector<Told> all;
    for (auto const& peer : peers) {
        if (all.size() == initial_peers_max) break;
        if (auto told = told_of(peer)) all.push_back(std::move(*told));
    }
    binprot::Writer counting({});
    write(counting, all);
    base::ByteString bytes(counting.size());
    binprot::Writer writer(bytes);
    write(writer, all);
    return bytes;
}

base::Result<std::vector<libp2p::kademlia::PeerAddresses>, binprot::Error> decode_initial_peers(base::ByteView answer) {
    binprot::Reader reader(answer);
    std::vector<libp2p::kademlia::PeerAddresses> peers;
    std::size_t count = 0;
    if (!reader.count(count, peer_bytes_min)) return base::fail(reader.error());
    for (std::size_t i = 0; i < count; ++i) {
        base::ByteView host;
        base::ByteView id;
        std::int64_t port = 0;
        if (!reader.string(host) || !reader.integer<binprot::Width::int63>(port) || !reader.string(id)) {
            return base::fail(reader.error());
        }
        if (peers.size() >= initial_peers_read_max || host.size() > host_bytes_max || id.size() > peer_id_bytes_max) {
            continue;
        }
        if (auto peer = peer_of(host, port, id)) peers.push_back(std::move(*peer));
    }
    if (!reader.finish()) return base::fail(reader.error());
    return peers;
}

}  // namespace mina::p2p
