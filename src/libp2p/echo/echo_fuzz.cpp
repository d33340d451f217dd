// Drives echo with arbitrary facts, legal or not, and checks its bounds and that its tables agree.
#include "libp2p/echo/echo.h"

#include "base/check.h"

namespace {

using namespace libp2p;

void check_bounds(echo::State const& state) {
    base::check(state.runs.size() <= state.config.runs_max, "runs");
    base::check(state.echoed.size() <= state.config.echoed_max, "echoed streams");
    base::check(state.timers.size() == state.runs.size(), "deadlines");
    std::size_t channels = 0;
    for (auto const& [id, run] : state.runs) {
        channels += run.channels.size();
        base::check(run.opening + run.open <= run.streams_at_a_time, "streams at a time");
        base::check(run.to_answer <= run.quota * (run.to_open + run.opening + run.open),
                    "messages to answer");
        for (auto const channel : run.channels)
            base::check(state.channels.at(channel).run == id, "a channel's run");
    }
    base::check(channels == state.channels.size(), "each channel has its run");
    for (auto const& [id, channel] : state.channels) {
        base::check(channel.received <= channel.sent, "received bytes");
        base::check(channel.queue_room <= echo::queue_bytes_max, "room in a queue");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static base::SharedBytes const pattern = echo::make_pattern();
    echo::State state;
    state.config.runs_max = 6;
    state.config.streams_max = 8;
    state.config.window_max = 16;
    state.config.echoed_max = 4;
    state.pattern = pattern;
    echo::Out out;
    base::Rng rng(base::Rng::Seed{});
    base::NoTrace trace;
    base::Instant now{1};
    std::size_t at = 0;
    auto const take = [&] { return at < size ? data[at++] : std::uint8_t{0}; };
    while (at < size) {
        auto const what = take();
        ChannelId const channel{take() % 16U + 1U};
        PeerKey const peer{take() % 2U + 1U};
        RequestId const request{take() % 3U};
        auto const reason = static_cast<stream::CloseReason>((what + request.value) % 5);
        out.clear();
        auto const apply = [&](echo::Action const& action) {
            echo::reduce(state, action, base::Env{now, rng, trace}, out);
        };
        auto const direction = (what & 0x80) != 0 ? Direction::inbound : Direction::outbound;
        auto const bytes = std::uint64_t{take()} << (channel.value % 4 == 3 ? take() % 40 : 0);
        switch ((what & 0x7f) % 11) {
            case 0: apply(echo::Echo{peer, "/e", bytes, request}); break;
            case 1: apply(echo::RoundTrips{peer, "/e", bytes, take() % 8U, request}); break;
            case 2:
                apply(echo::Rate{peer, "/e", bytes, take(), take() % 20U, take() % 10U, (what & 0x80) != 0,
                                 request});
                break;
            case 3: apply(stream::Opened{channel, peer, direction, request, "/e"}); break;
            case 4: {
                auto const count = std::min<std::size_t>(take(), size - at);
                base::ByteString const noise(data + at, data + at + count);
                at += count;
                apply(stream::Data{channel, noise});
                break;
            }
            case 5:
            case 6: {  // what an honest server would send
                auto const found = state.channels.find(channel);
                if (found == state.channels.end()) break;
                auto const& known = found->second;
                auto const count =
                    std::min<std::uint64_t>({bytes, known.sent - known.received, echo::slice_bytes_max});
                apply(stream::Data{channel, echo::pattern_at(pattern, known.received, count).view()});
                break;
            }
            case 7: apply(stream::Finished{channel}); break;
            case 8: apply(stream::Writable{channel}); break;
            case 9:
                apply(stream::Closed{(what & 0x80) != 0 ? ChannelId{} : channel, peer, request, reason});
                break;
            default:
                now = now + std::chrono::milliseconds(take() * 200);
                apply(echo::Tick{});
                break;
        }
        check_bounds(state);
    }
    base::DigestDescriber digest;
    echo::describe(state, digest);
    digest.finish();
    return 0;
}
