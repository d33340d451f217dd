// A handshake with a fuzzer in the middle. Each side gets the other's bytes with the changes the input orders (flip,
// drop, double, cut, insert), in pieces it orders; or a peer that knows the keys sends a payload of the input's
// making. Nothing may reach a failing check, nobody may be secured on changed bytes, and both ends must agree when
// nothing was changed.
#include "libp2p/noise/noise.h"

#include "base/check.h"
#include "base/writer.h"
#include "libp2p/noise/test_peers.h"

#include <algorithm>

namespace {

using namespace libp2p;
using namespace libp2p::noise;

/// The fuzzer's input as a source of decisions; zeros when it is used up.
class Choices {
public:
    explicit Choices(base::ByteView input) : rest_(input) {}
    std::uint8_t next() {
        if (rest_.empty()) return 0;
        auto const byte = rest_.front();
        rest_ = rest_.subspan(1);
        return byte;
    }
    base::ByteView rest() const { return rest_; }

private:
    base::ByteView rest_;
};

/// Whether it changed anything.
bool mutate(base::ByteString& flight, Choices& choices) {
    auto const original = flight;
    for (auto count = choices.next() % 4; count > 0 && !flight.empty(); --count) {
        auto const at = static_cast<std::size_t>(choices.next() << 8 | choices.next()) % flight.size();
        auto const where = flight.begin() + static_cast<std::ptrdiff_t>(at);
        auto const value = choices.next();
        switch (value % 5) {
            case 0: *where ^= static_cast<std::uint8_t>(1U << value % 8); break;
            case 1: *where = value; break;
            case 2: flight.insert(where, value); break;
            case 3: flight.erase(where); break;
            default: flight.resize(at); break;
        }
    }
    return flight != original;
}

struct Result {
    bool failed = false;
    std::optional<Secured> secured;
};

void give(Handshake& to, base::ByteView flight, std::size_t piece, base::ByteString& out, Result& result) {
    while (!flight.empty() && !result.failed && !result.secured) {
        auto const part = flight.first(std::min(piece, flight.size()));
        auto progress = to.push(part, out);
        if (!progress) {
            result.failed = true;
            base::check(!to.push({}, out).has_value(), "a failed handshake stays failed");
            return;
        }
        base::check(progress->secured || progress->consumed == part.size(), "bytes left without an end");
        if (progress->secured) result.secured.emplace(std::move(*progress->secured));
        flight = flight.subspan(part.size());
    }
}

void between(testing::TestPeer const& a, testing::TestPeer const& b, Choices& choices) {
    std::size_t const piece = choices.next() % 80 + 1U;
    base::ByteString first;
    base::ByteString second;
    base::ByteString third;
    Handshake initiator(a.config(Role::initiator, {"/y", "/m"}, b.id), first);
    Handshake responder(b.config(Role::responder, {"/m", "/y"}), second);
    Result initiated;
    Result responded;
    bool changed = mutate(first, choices);
    give(responder, first, piece, second, responded);
    changed |= mutate(second, choices);
    give(initiator, second, piece, third, initiated);
    base::check(!(initiated.secured && changed), "secured on changed bytes");
    changed |= mutate(third, choices);
    give(responder, third, piece, second, responded);
    if (changed) {
        // What was only added behind the last message is not the handshake's.
        base::check(!responded.secured || initiated.secured, "secured alone on changed bytes");
        return;
    }
    base::check(initiated.secured && responded.secured, "an unchanged handshake");
    base::check(initiated.secured->muxer == "/y" && responded.secured->muxer == "/y", "the initiator's first");
}

/// The input as the payload of a peer that does everything else right.
void with_payload(testing::TestPeer const& a, testing::TestPeer const& b, base::ByteView payload) {
    payload = payload.first(std::min(payload.size(), handshake_payload_bytes_max + 10));
    Xx initiator(*a.suite, Role::initiator, {a.static_key.secret, a.static_key.public_key, {0, 9}});
    base::ByteString out;
    Handshake responder(b.config(Role::responder, {"/m", "/y"}), out);
    Result result;
    auto const send = [&](base::ByteString const& body) {
        base::ByteString frame;
        base::append_u16_be(frame, static_cast<std::uint16_t>(body.size()));
        base::append(frame, body);
        give(responder, frame, frame.size(), out, result);
    };
    send(*initiator.write({}));
    base::check(initiator.read(base::MutableBytes(out).subspan(2)).has_value(), "the second message");
    send(*initiator.write(payload));
    base::check(result.failed != result.secured.has_value(), "an end either way");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static testing::TestPeer const a(1, crypto::stand_in_suite());
    static testing::TestPeer const b(2, crypto::stand_in_suite());
    static testing::TestPeer const real_a(1);
    static testing::TestPeer const real_b(2);
    Choices choices(base::ByteView(data, size));
    auto const mode = choices.next();
    bool const real = mode % 16 == 0;
    if ((mode & 0x80) != 0) {
        with_payload(real ? real_a : a, real ? real_b : b, choices.rest());
    } else {
        between(real ? real_a : a, real ? real_b : b, choices);
    }
    return 0;
}
