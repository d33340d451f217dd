// Drives perf with arbitrary facts, legal or not, and checks its bounds and that its tables agree.
#include "libp2p/perf/perf.h"

#include "base/check.h"

namespace {

using namespace libp2p;

void check_bounds(perf::State const& state, perf::Out const& out) {
    base::check(state.transfers.size() <= state.config.transfers_max, "transfers");
    base::check(state.served.size() <= state.config.served_max, "served streams");
    std::size_t open = 0;
    for (auto const& [id, transfer] : state.transfers) {
        base::check(transfer.received <= transfer.down_bytes, "received bytes");
        if (transfer.phase == perf::Phase::opening) continue;
        ++open;
        auto const found = state.channels.find(transfer.channel);
        base::check(found != state.channels.end() && found->second == id, "the channel of a transfer");
    }
    base::check(open == state.channels.size(), "each channel has its transfer");
    base::check(state.timers.size() == state.transfers.size() + state.served.size(), "deadlines");
    std::size_t written = 0;
    for (auto const& effect : out.effects) {
        if (auto const* write = std::get_if<stream::Write>(&effect)) written += write->bytes.size();
    }
    base::check(written <= perf::queue_bytes_max + 8, "bytes written at a time");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    perf::State state;
    state.config.transfers_max = 6;
    state.config.served_max = 4;
    perf::Out out;
    base::Rng rng(base::Rng::Seed{});
    base::NoTrace trace;
    base::Instant now{1};
    std::size_t at = 0;
    auto const take = [&] { return at < size ? data[at++] : std::uint8_t{0}; };
    while (at < size) {
        auto const what = take();
        ChannelId const channel{take() % 16U + 1U};
        PeerKey const peer{take() % 3U + 1U};
        RequestId const request{take() % 3U};
        auto const reason = static_cast<stream::CloseReason>(take() % 5);
        out.clear();
        auto const apply = [&](perf::Action const& action) {
            perf::reduce(state, action, base::Env{now, rng, trace}, out);
        };
        auto const direction = (what & 0x80) != 0 ? Direction::inbound : Direction::outbound;
        switch ((what & 0x7f) % 8) {
            case 0: {
                auto const up = std::uint64_t{take()} << (take() % 57);
                auto const down = std::uint64_t{take()} << (take() % 57);
                apply(perf::Start{peer, up, down, request});
                break;
            }
            case 1: apply(stream::Opened{channel, peer, direction, request, state.config.protocol}); break;
            case 2:
            case 3: {
                auto const count = std::min<std::size_t>(take(), size - at);
                base::ByteString const bytes(data + at, data + at + count);
                at += count;
                apply(stream::Data{channel, bytes});
                break;
            }
            case 4: apply(stream::Finished{channel}); break;
            case 5: apply(stream::Writable{channel}); break;
            case 6:
                apply(stream::Closed{(what & 0x80) != 0 ? ChannelId{} : channel, peer, request, reason});
                break;
            default:
                now = now + std::chrono::milliseconds(take() * 300);
                apply(perf::Tick{});
                break;
        }
        check_bounds(state, out);
        base::check(perf::next_deadline(state) > now || (what & 0x7f) % 8 != 7,
                    "due deadlines are dealt with");
    }
    base::DigestDescriber digest;
    perf::describe(state, digest);
    digest.finish();
    return 0;
}
