// Drives ping with arbitrary facts, legal or not, and checks its bounds and that its tables agree.
#include "libp2p/ping/ping.h"

#include "base/check.h"

namespace {

using namespace libp2p;

void check_bounds(ping::State const& state) {
    std::size_t inbound = 0;
    for (auto const& [peer, count] : state.inbound_count) {
        base::check(count > 0 && count <= state.config.inbound_max, "inbound streams of a peer");
        inbound += count;
    }
    base::check(inbound == state.inbound.size(), "inbound streams are counted");
    std::size_t open = 0;
    for (auto const& [peer, stream] : state.outbound) {
        base::check(stream.waiting.size() <= state.config.waiting_max + 1, "waiting pings");
        if (stream.channel) ++open;
    }
    base::check(open >= state.pinged.size(), "outbound channels have their peers");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    ping::State state;
    ping::Out out;
    base::Rng rng(base::Rng::Seed{});
    base::NoTrace trace;
    base::Instant now{1};
    base::ByteString last_sent(ping::block_bytes);
    std::size_t at = 0;
    auto const take = [&] { return at < size ? data[at++] : std::uint8_t{0}; };
    while (at < size) {
        auto const what = take();
        ChannelId const channel{take() % 8U + 1U};
        PeerKey const peer{take() % 3U + 1U};
        RequestId const request{take() % 4U};
        auto const reason = static_cast<stream::CloseReason>(take() % 5);
        now = now + std::chrono::milliseconds(take() * 20);
        out.clear();
        auto const apply = [&](ping::Action const& action) {
            ping::reduce(state, action, base::Env{now, rng, trace}, out);
        };
        auto const direction = (what & 0x80) != 0 ? Direction::inbound : Direction::outbound;
        switch ((what & 0x7f) % 8) {
            case 0: apply(ping::Ping{peer, request}); break;
            case 1: apply(stream::Opened{channel, peer, direction, request, state.config.protocol}); break;
            case 2: {
                auto const count = std::min<std::size_t>(take(), size - at);
                base::ByteString const bytes(data + at, data + at + count);
                at += count;
                apply(stream::Data{channel, bytes});
                break;
            }
            case 3: apply(stream::Data{channel, base::ByteView(last_sent).first(take() % 33U)}); break;
            case 4: apply(stream::Finished{channel}); break;
            case 5: apply(stream::Writable{channel}); break;
            case 6:
                apply(stream::Closed{(what & 0x80) != 0 ? ChannelId{} : channel, peer, request, reason});
                break;
            default: apply(ping::Tick{}); break;
        }
        for (auto const& effect : out.effects) {
            auto const* write = std::get_if<stream::Write>(&effect);
            if (write != nullptr && write->bytes.size() == ping::block_bytes) {
                last_sent = base::to_byte_string(write->bytes.view());
            }
        }
        check_bounds(state);
    }
    base::DigestDescriber digest;
    ping::describe(state, digest);
    digest.finish();
    return 0;
}
