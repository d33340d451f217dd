// Drives identify with arbitrary facts, legal or not, and checks its bounds and that its tables agree.
#include "libp2p/identify/identify.h"

#include "base/check.h"
#include "crypto/keys.h"

namespace {

using namespace libp2p;

void check_bounds(identify::State const& state) {
    std::map<PeerKey, identify::Peer> counted;
    for (auto const& [id, channel] : state.channels) {
        base::check(state.peers.contains(channel.peer), "a channel has its peer");
        base::check(channel.messages <= identify::messages_max, "messages of a stream");
        base::check(channel.buffer.held_bytes() <= identify::message_bytes_max, "bytes of a message");
        base::check(channel.draft.protocols.size() <= identify::protocols_max, "protocols");
        base::check(channel.draft.listen_addresses.size() <= identify::addresses_max, "addresses");
        auto& count = counted[channel.peer];
        switch (channel.role) {
            case identify::Role::answer: ++count.answers; break;
            case identify::Role::push_send: ++count.sends; break;
            case identify::Role::push_read:
            case identify::Role::abandoned: ++count.reads; break;
            case identify::Role::query: break;
        }
    }
    for (auto const& [key, peer] : state.peers) {
        auto const& count = counted[key];
        base::check(count.answers == peer.answers && peer.answers <= state.config.answers_max, "answers");
        base::check(count.sends == peer.sends && peer.sends <= state.config.sends_max, "pushes sent");
        base::check(count.reads == peer.reads && peer.reads <= state.config.reads_max + 1, "pushes read");
        base::check(peer.info.agent.size() <= identify::text_bytes_max, "text");
        auto const has_channel = static_cast<bool>(peer.query_channel);
        base::check(has_channel == (peer.query == identify::Query::reading), "the channel of a query");
    }
}

identify::Self self_of(std::uint8_t number) {
    identify::Self self;
    self.agent = std::to_string(number);
    self.protocols.assign(number, "/ipfs/id/push/1.0.0");
    return self;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static PeerId const id = PeerId::of(crypto::PrivateKey::ed25519_from_seed({1}).public_key());
    identify::State state;
    identify::Out out;
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
        auto const reason = static_cast<stream::CloseReason>(request.value + channel.value % 3);
        out.clear();
        auto const apply = [&](identify::Action const& action) {
            identify::reduce(state, action, base::Env{now, rng, trace}, out);
        };
        auto const direction = (what & 0x80) != 0 ? Direction::inbound : Direction::outbound;
        auto const& name = (what & 0x40) != 0 ? state.config.push_protocol : state.config.protocol;
        switch ((what & 0x3f) % 10) {
            case 0: apply(identify::PeerConnected{peer, id, {}, direction}); break;
            case 1: apply(identify::PeerDisconnected{peer}); break;
            case 2: apply(identify::SelfChanged{self_of(take())}); break;
            case 3: apply(stream::Opened{channel, peer, direction, request, name}); break;
            case 4:
            case 5: {
                auto const count = std::min<std::size_t>(take(), size - at);
                base::ByteString const bytes(data + at, data + at + count);
                at += count;
                apply(stream::Data{channel, bytes});
                break;
            }
            case 6: apply(stream::Finished{channel}); break;
            case 7: apply(stream::Writable{channel}); break;
            case 8:
                apply(stream::Closed{(what & 0x80) != 0 ? ChannelId{} : channel, peer, request, reason});
                break;
            default:
                now = now + std::chrono::milliseconds(take() * 50);
                apply(identify::Tick{});
                break;
        }
        check_bounds(state);
    }
    base::DigestDescriber digest;
    identify::describe(state, digest);
    digest.finish();
    return 0;
}
