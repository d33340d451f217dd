// Drives the machine with arbitrary facts, legal or not; checks its bounds and sums after each, and that every message
// gets exactly one verdict.
#include "mina/channels/channels_fixture.h"

#include <algorithm>

namespace {

using namespace mina::channels;

Config small() {
    Config config;
    config.peers_max = 3;
    config.hosts_max = 2;
    config.window = std::chrono::seconds(60);
    for (auto& limits : config.limits) {
        limits = {.rate = {4, std::chrono::seconds(20)}, .messages_max = 12, .bytes_max = 2'000,
                  .verdict_time = std::chrono::seconds(30), .rejected_max = 2, .over_rate_max = 3};
    }
    config.limits[index_of(GossipKind::snark_work)].rate = {100'000, std::chrono::seconds(15)};
    return config;
}

class Driver {
public:
    Driver(std::uint8_t const* data, std::size_t size) : node_(small()), data_(data), size_(size) {}

    void run() {
        while (at_ < size_) {
            step();
            test::check_invariants(node_.state);
        }
        for (std::uint8_t i = 0; i < 5; ++i) node_.act(PeerGone{test::peer_id(i)});
        node_.tick(std::chrono::seconds(30));
        base::check(node_.asked.empty(), "a message without its verdict");
        node_.tick(std::chrono::seconds(60));
        base::check(node_.state.peers.empty() && node_.state.hosts.empty(), "left behind");
        base::check(next_deadline(node_.state) == base::Instant::never(), "nothing is left to wait for");
        base::DigestDescriber digest;
        describe(node_.state, digest);
        digest.finish();
    }

private:
    std::uint8_t take() { return at_ < size_ ? data_[at_++] : std::uint8_t{0}; }
    std::size_t take_size() {
        auto const how = take();
        if (how == 255) return ~std::size_t{0} - take();  // as no message is long, but sums must not care
        return how < 128 ? how : (how - 127U) * 32U;
    }

    void step() {
        auto const what = take();
        auto const peer = test::peer_id(take() % 5);
        node_.now = node_.now + std::chrono::milliseconds(take() * 16);
        auto const kind = kinds.at(what / 8U % kind_count);
        switch (what % 8) {
            case 0: node_.act(PeerReady{peer, HostId{take() % 4U}}); return;
            case 1: node_.act(PeerGone{peer}); return;
            case 2: {
                auto const kind_read = what < 128 ? std::optional(kind) : std::nullopt;
                node_.act(MessageUnfit{peer, kind_read});
                return;
            }
            case 3: {
                auto const back = std::min<std::uint64_t>(node_.last_key, take() % 16U);
                node_.judge(node_.last_key - back, static_cast<Acceptance>(what / 32U % 3U));
                return;
            }
            case 4: {
                auto const next = next_deadline(node_.state);
                if (next != base::Instant::never() && next > node_.now) node_.now = next;
                node_.act(Tick{});
                base::check(next_deadline(node_.state) > node_.now, "a deadline that stays due");
                return;
            }
            case 5: {
                for (auto const& shown : views(node_.state, node_.now)) {
                    base::check(shown.channels[1].score_left <= 400'000, "no more than the budget");
                }
                return;
            }
            default: node_.send(peer, kind, take_size(), take()); return;
        }
    }

    test::Node node_;
    std::uint8_t const* data_;
    std::size_t size_;
    std::size_t at_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    Driver(data, size).run();
    return 0;
}
