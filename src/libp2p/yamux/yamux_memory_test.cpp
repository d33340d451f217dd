// Goal: in steady state a frame costs no allocation; idle sessions and streams are small; nothing
// is allocated by an announced length.
// Method: the allocating operators of this program are replaced by ones that count.
#include "libp2p/yamux/test_frames.h"

#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

namespace {

std::size_t allocations = 0;
std::size_t allocated_bytes = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    allocated_bytes += size;
    if (void* const place = std::malloc(size == 0 ? 1 : size)) return place;
    std::abort();
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }

namespace libp2p::yamux {
namespace {

using namespace test;

/// Moves all that `from` has to send to `to`, where it is consumed. No buffer of this function's
/// own is allocated twice.
struct Mover {
    Mover() { wire.reserve(1'000'000); }
    void move(Session& from, Session& to, base::Instant now) {
        while (true) {
            gathered.clear();
            if (!from.gather(record_bytes, gathered)) return;
            wire.clear();
            for (auto const piece : gathered.pieces()) base::append(wire, piece);
            to.feed(wire, now);
            while (auto const event = to.next().value()) {
                ++events;
                if (auto const* data = std::get_if<Data>(&*event))
                    to.consume(data->stream, data->bytes.size(), now);
            }
        }
    }
    Gather gathered;
    base::ByteString wire;
    std::uint64_t events = 0;
};

TEST(YamuxMemory, frames_cost_no_allocation_in_steady_state) {
    Session client(Config{}, Role::client);
    Session server(Config{}, Role::server);
    Mover mover;
    auto const bulk = client.open().value();
    auto const echo = client.open().value();
    auto const large = zeros(150'000);
    auto const small = shared("echo");
    base::Instant now;
    auto const round = [&] {
        client.write(bulk, large);
        for (int i = 0; i < 20; ++i) client.write(echo, small);
        client.ping(now);
        mover.move(client, server, now);
        for (int i = 0; i < 20; ++i) server.write(echo, small);
        mover.move(server, client, now);
        now = now + 100us;
    };
    for (int i = 0; i < 20; ++i) round();
    auto const events = mover.events;
    auto const before = allocations;
    for (int i = 0; i < 200; ++i) round();
    auto const during = allocations - before;
    EXPECT_EQ(during, 0u);
    EXPECT_GT(mover.events - events, 200u * 40);
}

TEST(YamuxMemory, an_idle_session_is_small) {
    auto const before = allocated_bytes;
    Session session(Config{}, Role::server);
    auto const bytes = allocated_bytes - before + sizeof(Session);
    RecordProperty("bytes", std::to_string(bytes));
    EXPECT_LE(bytes, 400u);
}

TEST(YamuxMemory, an_idle_stream_is_small) {
    Session session(Config{}, Role::server);
    base::ByteString syns;
    for (std::uint32_t i = 0; i < 1024; ++i) base::append(syns, window(flag::syn, 2 * i + 1));
    session.feed(syns, {});
    auto const before = allocated_bytes;
    while (session.next().value()) {
    }
    // The table of streams grows by doubling: what it allocated on the way is twice what it holds.
    auto const bytes = (allocated_bytes - before) / 1024;
    RecordProperty("bytes", std::to_string(bytes));
    EXPECT_LE(bytes, 200u);
    EXPECT_EQ(session.stream_count(), 1024u);
}

TEST(YamuxMemory, adv_GHSA_hmj8_5xmh_5573_nothing_is_allocated_by_an_announced_length) {
    Session session(Config{}, Role::server);
    receive(session, window(flag::syn, 1));
    sent(session);
    auto const header = frame(FrameType::data, 0, 1, 262'144);
    auto const unknown = frame(FrameType::data, 0, 99, 0xffff'ffff);
    auto const body = base::ByteString(1000);
    auto const before = allocations;
    session.feed(header, {});
    EXPECT_FALSE(session.next().value());
    session.feed(body, {});
    EXPECT_TRUE(session.next().value());
    EXPECT_FALSE(session.next().value());
    EXPECT_EQ(allocations, before);
    Session other(Config{}, Role::server);
    auto const before_other = allocations;
    other.feed(unknown, {});
    EXPECT_FALSE(other.next().value());
    EXPECT_EQ(allocations, before_other);
}

TEST(YamuxMemory, adv_CVE_2024_32984_a_peer_that_never_reads_costs_little) {
    Session session(Config{}, Role::server);
    base::ByteString flood;
    for (std::uint32_t i = 0; i < 1000; ++i) base::append(flood, ping(i));
    auto const before = allocations;
    session.feed(flood, {});
    EXPECT_FALSE(session.next().value());
    EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace libp2p::yamux
