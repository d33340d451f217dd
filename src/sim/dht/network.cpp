// Who there is: ids, places, addresses, tables.
#include "sim/dht/network.h"

#include "base/check.h"
#include "libp2p/kademlia/addresses.h"

#include <algorithm>
#include <array>

namespace sim::dht {

namespace kademlia = libp2p::kademlia;

namespace {

// For each host so many ids that nobody has lie ready, so that of any key the nearest of these are nearer than hosts.
constexpr std::uint64_t fabricated_per_host = 16;
constexpr std::uint64_t fabricated_min = 16'384;
// One way.
constexpr std::uint64_t delay_ms_min = 5;
constexpr std::uint64_t delay_ms_max = 80;

/// A well-known mixing function (splitmix64).
std::uint64_t mix(std::uint64_t value) {
    value += 0x9E3779B97F4A7C15;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

void put(base::MutableBytes out, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// First bytes of IPv4 addresses of which nothing is private or special.
constexpr auto first_bytes = [] {
    std::array<std::uint8_t, 215> made{};
    std::size_t count = 0;
    for (int byte = 1; byte < 224; ++byte) {
        constexpr std::array special = {10, 100, 127, 169, 172, 192, 198, 203, 0};
        if (std::ranges::find(special, byte) == special.end()) made[count++] = static_cast<std::uint8_t>(byte);
    }
    return made;
}();

}  // namespace

base::Rng::Seed seed_of(std::uint64_t number, std::uint8_t purpose) {
    base::Rng::Seed seed{};
    put(seed, number);
    seed[31] = purpose;
    return seed;
}

Network::Network(Options const& options)
    : seed_(options.seed), cpu_clock_(options.cpu_clock), rng_(seed_of(options.seed, 1)) {
    make_hosts(options);
    fabricate();
    if (!cpu_clock_) return;
    constexpr int readings = 1'000;
    auto const before = cpu_clock_();
    for (int i = 1; i < readings; ++i) cpu_clock_();
    clock_cost_ = (cpu_clock_() - before) / readings;
}

libp2p::PeerId Network::id_of(Number number) const {
    base::ByteArray<34> multihash{0x12, 0x20};
    put(base::MutableBytes(multihash).subspan(2), number);
    put(base::MutableBytes(multihash).subspan(10), seed_);
    auto const id = libp2p::PeerId::from_bytes(multihash);
    base::check(id.has_value(), "sim: a multihash is no id");
    return *id;
}

Number Network::number_of(libp2p::PeerId const& id) {
    auto const bytes = id.bytes().subspan(2);
    Number number = 0;
    for (std::size_t i = 8; i-- > 0;) number = number << 8 | bytes[i];
    return number;
}

std::optional<Number> Network::host_of(libp2p::PeerId const& id) const {
    auto const number = number_of(id);
    return number < hosts_.size() ? std::optional(number) : std::nullopt;
}

libp2p::Multiaddr Network::address_of(Number peer) {
    auto const group = peer % (first_bytes.size() * 256);
    auto const host = peer / (first_bytes.size() * 256);
    auto const byte = [](std::uint64_t value) { return static_cast<std::uint8_t>(value); };
    return libp2p::Multiaddr::tcp_at(
        {libp2p::IpAddress::v4(first_bytes[group / 256], byte(group), byte(host >> 7), byte(1 + host % 128)), 8302});
}

void Network::make_hosts(Options const& options) {
    constexpr std::size_t seeds = 3;  // are honest
    auto const hostile = std::min(options.nodes * options.hostile_percent / 100, options.nodes - seeds);
    std::vector<Behaviour> behaviours(options.nodes - seeds, Behaviour::honest);
    for (std::size_t i = 0; i < hostile; ++i) {
        behaviours[i] = options.hostile_kind.value_or(hostile_kinds[i % std::size(hostile_kinds)]);
    }
    rng_.shuffle(behaviours);
    behaviours.insert(behaviours.begin(), seeds, Behaviour::honest);
    kademlia::Config config;
    config.upkeep = options.is_grown;
    hosts_.resize(options.nodes);
    for (Number number = 0; number < hosts_.size(); ++number) {
        auto& host = hosts_[number];
        host.id = id_of(number);
        host.key = kademlia::key_of(host.id);
        host.behaviour = behaviours[number];
        all_.add(host.key, number);
        if (host.behaviour != Behaviour::silent) answering_.add(host.key, number);
        if (host.behaviour == Behaviour::colluding) colluding_.add(host.key, number);
        if (host.behaviour != Behaviour::honest) continue;
        honest_.add(host.key, number);
        config.self = host.id;
        host.machine = std::make_unique<Machine>(config, seed_of(rng_.next(), 2));
    }
    for (auto* places : {&all_, &honest_, &answering_, &colluding_}) places->sort();
    for (Number number = 0; number < hosts_.size(); ++number) {
        if (is_honest(number)) act(number, kademlia::OwnAddresses{{address_of(number)}});
    }
}

void Network::fabricate() {
    if (std::ranges::none_of(hosts_, [](Host const& host) { return host.behaviour == Behaviour::fabricating; })) return;
    auto const count = std::max(fabricated_min, hosts_.size() * fabricated_per_host);
    fabricated_.reserve(count);
    for (Number number = hosts_.size(); number < hosts_.size() + count; ++number) {
        fabricated_.add(kademlia::key_of(id_of(number)), number);
    }
    fabricated_.sort();
}

void Network::add_member(Number host, Number member) {
    auto& state = machine(host).state;
    kademlia::Member made{.id = hosts_[member].id, .key = hosts_[member].key, .addresses = {address_of(member)}};
    made.last_useful = now_;
    made.group = kademlia::group_of(made.addresses.front());
    state.table.add(std::move(made), state.config);
}

/// k of them, each as likely as the others.
void Network::fill_bucket(Number host, std::span<Places::Entry const> bucket) {
    auto const wanted = machine(host).state.config.bucket_size;
    std::vector<std::uint64_t> chosen;
    if (bucket.size() <= 2 * wanted) {
        for (auto const& entry : bucket) chosen.push_back(entry.number);
        rng_.shuffle(chosen);
        chosen.resize(std::min(wanted, chosen.size()));
    }
    while (chosen.size() < std::min(wanted, bucket.size())) {
        auto const number = bucket[static_cast<std::size_t>(rng_.below(bucket.size()))].number;
        if (std::ranges::find(chosen, number) == chosen.end()) chosen.push_back(number);
    }
    for (auto const number : chosen) add_member(host, number);
}

void Network::fill_tables() {
    for (Number number = 0; number < hosts_.size(); ++number) {
        if (!is_honest(number)) continue;
        auto const& key = hosts_[number].key;
        for (std::size_t bits = 0; all_.sharing(key, bits).size() > 1; ++bits) {
            fill_bucket(number, all_.sharing_exactly(key, bits));
        }
    }
}

base::Duration Network::delay(Number a, Number b) const {
    auto const [low, high] = pair_of(a, b);
    auto const drawn = mix(seed_ ^ mix(low << 32 | high)) % (delay_ms_max - delay_ms_min + 1);
    return std::chrono::milliseconds(static_cast<std::int64_t>(delay_ms_min + drawn));
}

}  // namespace sim::dht
