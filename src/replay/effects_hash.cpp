#include "replay/effects_hash.h"

#include "replay/hash64.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace replay {

namespace {

class Sum {
public:
    void add(std::uint64_t word) { sum_ = std::rotl((sum_ ^ word) * 0x9E37'79B1'85EB'CA87U, 29); }
    /// Sizes and both ends: the middle of a sealed record changes with its tag.
    void ends_of(base::ByteView bytes) {
        add(bytes.size());
        std::uint64_t word = 0;
        auto const count = std::min(bytes.size(), sizeof word);
        if (count == 0) return;
        std::memcpy(&word, bytes.data(), count);
        add(word);
        std::memcpy(&word, bytes.data() + bytes.size() - count, count);
        add(word);
    }
    void text(std::string_view text) { add(hash64(base::as_bytes(text))); }
    void address(libp2p::SocketAddress const& address) {
        add(hash64(address.ip.view()));
        add(address.port);
    }
    std::uint32_t finish() const { return static_cast<std::uint32_t>(sum_ ^ sum_ >> 32); }

private:
    std::uint64_t sum_ = 0;
};

namespace event = libp2p::event;

void add(Sum& sum, event::Connected const& x) {
    sum.ends_of(x.peer.bytes());
    sum.add(static_cast<std::uint64_t>(x.direction));
}
void add(Sum& sum, event::Disconnected const& x) {
    sum.ends_of(x.peer.bytes());
    sum.add(static_cast<std::uint64_t>(x.reason));
}
void add(Sum& sum, event::ConnectionFailed const& x) {
    sum.ends_of(x.peer.bytes());
    sum.add(static_cast<std::uint64_t>(x.reason));
    if (x.retry_in) sum.add(static_cast<std::uint64_t>(x.retry_in->count()));
}
void add(Sum& sum, event::Identified const& x) {
    sum.ends_of(x.peer.bytes());
    sum.text(x.agent);
    sum.add(x.protocols.size());
}
void add(Sum& sum, event::MessageReceived const& x) {
    sum.add(x.key.value);
    sum.ends_of(x.id);
    sum.ends_of(x.via.bytes());
    sum.ends_of(x.data.view());
}
void add(Sum& sum, event::MessageRefused const& x) {
    sum.ends_of(x.id);
    sum.ends_of(x.via.bytes());
    sum.text(x.reason);
}
void add(Sum& sum, event::Refused const& x) {
    sum.address(x.remote);
    sum.add(static_cast<std::uint64_t>(x.reason));
}
void add(Sum& sum, event::AddressFailed const& x) {
    sum.ends_of(x.peer.bytes());
    sum.ends_of(x.address.bytes());
}
void add(Sum& sum, event::PeersTold const& x) {
    sum.ends_of(x.by.bytes());
    sum.add(x.peers.size());
}
void add(Sum& sum, event::Spare const& x) { sum.ends_of(x.peer.bytes()); }
void add(Sum& sum, event::Banned const& x) { sum.add(static_cast<std::uint64_t>(x.rule.until.nanoseconds)); }
void add(Sum& sum, event::AnswerBegun const& x) {
    sum.add(x.call.value);
    sum.add(x.size);
}
void add(Sum& sum, event::AnswerPart const& x) {
    sum.add(x.call.value);
    sum.ends_of(x.bytes.view());
}
void add(Sum& sum, event::QuestionReceived const& x) {
    sum.add(x.question.value);
    sum.ends_of(x.peer.bytes());
    sum.text(x.method);
    sum.ends_of(x.query.view());
}
void add(Sum& sum, event::QuestionDropped const& x) { sum.add(x.question.value); }
void add(Sum& sum, event::MenuReceived const& x) {
    sum.ends_of(x.peer.bytes());
    sum.add(x.entries.size());
}
void add(Sum& sum, event::Misbehaved const& x) {
    sum.ends_of(x.peer.bytes());
    sum.text(x.what);
    sum.add(x.count);
}
void add(Sum& sum, event::Warning const& x) { sum.text(x.text); }
/// An event of another kind counts by its kind only.
template <class T>
void add(Sum&, T const&) {}

void add(Sum& sum, libp2p::Dial const& x) {
    sum.add(x.link.value);
    sum.address(x.to);
    sum.add(static_cast<std::uint64_t>(x.from_listen_port));
}
void add(Sum& sum, libp2p::Transmit const& x) {
    sum.add(x.link.value);
    sum.ends_of(x.bytes.view());
}
void add(Sum& sum, libp2p::SetReading const& x) { sum.add(x.link.value << 1 | static_cast<std::uint64_t>(x.reading)); }
void add(Sum& sum, libp2p::Close const& x) { sum.add(x.link.value << 1 | static_cast<std::uint64_t>(x.orderly)); }
void add(Sum& sum, libp2p::Resolve const& x) {
    sum.add(x.id.value);
    sum.text(x.name);
    sum.add(static_cast<std::uint64_t>(x.kind));
}
void add(Sum& sum, libp2p::Store const& x) { sum.add(x.order.index()); }
void add(Sum& sum, libp2p::Deliver const& x) {
    sum.add(x.event.index());
    std::visit([&](auto const& inner) { add(sum, inner); }, x.event);
}
void add(Sum& sum, libp2p::Reply const& x) {
    sum.add(x.request.value);
    if (x.result) {
        sum.add(x.result->index());
    } else {
        sum.text(x.result.error());
    }
}

}  // namespace

std::uint32_t hash_effects(std::span<libp2p::Effect const> effects) {
    Sum sum;
    sum.add(effects.size());
    for (auto const& effect : effects) {
        sum.add(effect.index());
        std::visit([&](auto const& order) { add(sum, order); }, effect);
    }
    return sum.finish();
}

}  // namespace replay
