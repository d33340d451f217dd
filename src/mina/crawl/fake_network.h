// For tests: a network of scripted peers, and a crawl that walks over it.
#pragma once

#include "libp2p/kademlia/key.h"
#include "mina/crawl/crawl.h"

#include <functional>
#include <string>

namespace mina::crawl::test {

using namespace std::chrono_literals;
using libp2p::Multiaddr;
using libp2p::PeerId;

inline PeerId peer(std::uint32_t number) {
    base::ByteArray<32> raw{};
    for (std::size_t i = 0; i < 4; ++i) raw[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    return PeerId::of(crypto::PublicKey::ed25519(raw));
}

inline Multiaddr address(std::uint32_t number) {
    return Multiaddr::tcp_at({libp2p::IpAddress::v4(static_cast<std::uint8_t>(50 + number / 65536),
                                                    static_cast<std::uint8_t>(number / 256), 1,
                                                    static_cast<std::uint8_t>(number)),
                              8302});
}

inline Multiaddr parsed(std::string_view text) { return Multiaddr::from_text(text).value(); }

inline constexpr auto kademlia_name = "/coda/kad/1.0.0";

struct FakePeer {
    bool is_reachable = true;
    std::string agent = "helper";
    std::vector<std::string> protocols = {kademlia_name, "/ipfs/ping/1.0.0"};
    std::vector<PeerAddresses> table;
    /// In place of the table.
    std::function<std::vector<PeerAddresses>(base::ByteView key)> answer = {};
    bool closes_at_once = false;
    bool identifies = true;
};

class FakeNetwork {
public:
    FakeNetwork() {
        config.self = peer(0);
        config.protocol = kademlia_name;
        config.silent_agents = {"mina"};
    }

    /// Peers first..last, each knowing `known` others, spread evenly.
    void add(std::uint32_t first, std::uint32_t last, std::uint32_t known) {
        auto const count = last - first + 1;
        for (auto i = first; i <= last; ++i) {
            auto& made = peers[peer(i)];
            for (std::uint32_t n = 1; n <= known && n < count; ++n) {
                auto const other = first + (i - first + n * n) % count;
                if (other != i) made.table.push_back({peer(other), {address(other)}});
            }
        }
    }

    void begin(std::vector<Multiaddr> const& seeds, std::vector<Entry> const& resumed = {}) {
        pending.clear();  // of an earlier crawl
        connected.clear();
        state.emplace(config);
        act(Begin{seeds, resumed});
    }

    /// Until the crawl is over, or for so long.
    void run(base::Duration time_max = std::chrono::hours(24)) {
        auto const end = now + time_max;
        while (!state->is_finished) {
            auto const at =
                std::min(pending.empty() ? base::Instant::never() : pending.begin()->first, next_deadline(*state));
            if (at > end) return;
            now = std::max(now, at);
            if (!pending.empty() && pending.begin()->first <= now) {
                auto const happens = pending.begin()->second;
                pending.erase(pending.begin());
                happens();
            } else {
                act(Tick{});
            }
        }
    }

    void act(Action const& action) {
        Out out;
        reduce(*state, action, {now, rng, trace}, out);
        for (auto const& event : out.events) {
            if (auto const* done = std::get_if<PeerDone>(&event)) entries.push_back(done->entry);
            if (std::holds_alternative<Finished>(event)) ++finished;
        }
        for (auto const& effect : out.effects) std::visit([&](auto const& what) { on(what); }, effect);
        visits_most = std::max(visits_most, state->visits.size());
    }

    Entry const* entry_of(PeerId const& id) const {
        Entry const* found = nullptr;
        for (auto const& entry : entries) {
            if (entry.peer == id) found = &entry;
        }
        return found;
    }

    Config config;
    std::map<PeerId, FakePeer> peers;
    base::Instant now{1'000'000'000};
    base::Rng rng{base::Rng::Seed{7}};
    base::NoTrace trace;
    std::optional<State> state;
    std::multimap<base::Instant, std::function<void()>> pending;
    std::vector<Entry> entries;
    int finished = 0;
    std::size_t visits_most = 0;
    std::vector<std::pair<base::Instant, Connect>> connects;
    std::map<PeerId, std::vector<base::ByteString>> questions;
    std::map<PeerId, int> pings;
    std::set<PeerId> connected;
    std::map<Multiaddr, PeerId> behind;  // of addresses without a peer id

private:
    void later(base::Duration time, std::function<void()> what) { pending.emplace(now + time, std::move(what)); }

    void on(Connect const& connect) {
        connects.emplace_back(now, connect);
        auto id = connect.peer;
        if (id.empty() && behind.contains(connect.addresses.front())) id = behind.at(connect.addresses.front());
        auto const found = peers.find(id);
        if (found == peers.end() || !found->second.is_reachable) {
            later(100ms, [this, connect] { act(ConnectFailed{connect.visit, "connection refused"}); });
            return;
        }
        later(30ms, [this, connect, id, found] {
            connected.insert(id);
            act(Connected{connect.visit, id, connect.addresses.front()});
            auto const& that = found->second;
            if (that.closes_at_once) {
                later(10ms, [this, id] { lose(id); });
            } else if (that.identifies) {
                later(10ms, [this, id, &that] { act(Identified{id, that.agent, that.protocols, {}}); });
            }
        });
    }
    void on(Ping const& ping) {
        ++pings[ping.peer];
        later(10ms, [this, ping] { act(Pinged{ping.visit, 10ms}); });
    }
    void on(Ask const& ask) {
        questions[ask.peer].push_back(ask.key);
        later(10ms, [this, ask] {
            auto const& that = peers.at(ask.peer);
            act(Answered{ask.visit, that.answer ? that.answer(ask.key) : closest(that, ask.key)});
        });
    }
    void on(HangUp const& hang_up) {
        if (connected.contains(hang_up.peer)) later(1ms, [this, hang_up] { lose(hang_up.peer); });
    }
    void lose(PeerId const& id) {
        if (connected.erase(id) > 0) act(HungUp{id, "closed by the other side"});
    }

    static std::vector<PeerAddresses> closest(FakePeer const& that, base::ByteView key) {
        namespace kademlia = libp2p::kademlia;
        auto const target = kademlia::key_of(key);
        std::map<kademlia::Key, PeerAddresses> sorted;
        for (auto const& known : that.table)
            sorted.emplace(kademlia::distance(kademlia::key_of(known.id), target), known);
        std::vector<PeerAddresses> nearest;
        for (auto const& [distance, known] : sorted) {
            if (nearest.size() < 20) nearest.push_back(known);
        }
        return nearest;
    }
};

}  // namespace mina::crawl::test
