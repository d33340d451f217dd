// Goal: moving bytes costs little beside the kernel's copy, and no allocation once it runs. Method:
// raw bytes, without any cryptography, between two threads over loopback, measured and printed; a
// ping-pong with counted allocations.
#include "base/rng.h"
#include "runtime/clock.h"
#include "runtime/fake_core.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <thread>

namespace {

thread_local std::uint64_t allocations = 0;

void* allocate(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}

}  // namespace

// Replaced for the whole test program: they count, and are otherwise the usual ones.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace runtime::testing {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MINAP2P_SLOW_BUILD
#endif
#endif
#ifdef MINAP2P_SLOW_BUILD
constexpr std::uint64_t total_bytes = 256ULL << 20;
#else
constexpr std::uint64_t total_bytes = 4ULL << 30;
#endif

double thread_cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Sends slices of one block while it has credit, as a core does.
class Source final : public libp2p::Core {
public:
    static constexpr std::size_t credit_max = 512 * 1024;
    static constexpr std::size_t slice_bytes = 65'536;

    explicit Source(libp2p::SocketAddress const& to) : to_(to) {}

    std::span<libp2p::Effect const> step(base::Instant, libp2p::Input const& input) override {
        effects_.clear();
        if (std::holds_alternative<libp2p::Start>(input)) {
            effects_.emplace_back(libp2p::Dial{{2}, to_, false});
        }
        if (auto const* const written = std::get_if<libp2p::Written>(&input)) {
            in_flight_ -= written->bytes;
            written_ += written->bytes;
        }
        closed = closed || std::holds_alternative<libp2p::Closed>(input);
        bool const open = std::holds_alternative<libp2p::Dialed>(input) ||
                          std::holds_alternative<libp2p::Written>(input);
        while (open && sent_ < total_bytes && in_flight_ + slice_bytes <= credit_max) {
            effects_.emplace_back(libp2p::Transmit{{2}, block_});
            sent_ += slice_bytes;
            in_flight_ += slice_bytes;
        }
        if (written_ == total_bytes && !std::exchange(done, true)) {
            effects_.emplace_back(libp2p::Close{{2}, true});
        }
        return effects_;
    }
    std::optional<libp2p::Deadline> next_deadline() const override { return std::nullopt; }
    void describe(base::Describer&) const override {}

    bool done = false;
    bool closed = false;

private:
    libp2p::SocketAddress to_;
    std::vector<libp2p::Effect> effects_;
    base::SharedBytes block_ = base::SharedBytes::take(base::ByteString(slice_bytes, 0x5a));
    std::uint64_t sent_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t in_flight_ = 0;
};

struct Ignore final : Application {
    void on_event(libp2p::Event const&) override {}
    void on_reply(libp2p::Reply const&) override {}
};

TEST(throughput, bulk_bytes_between_two_threads_arrive_and_their_cost_is_printed) {
    EventLoop loop;
    FakeCore sink;
    std::uint64_t got = 0;
    bool ended = false;
    sink.on_input = [&](libp2p::Input const& input) {
        if (auto const* const received = std::get_if<libp2p::Received>(&input)) {
            got += received->bytes.size();
        }
        if (std::holds_alternative<libp2p::Closed>(input)) {
            ended = true;
            loop.stop();
        }
    };
    Ignore ignore;
    Runtime receiver(loop, sink, ignore, listeners_on({loopback()}));
    double sender_cpu = 0;
    std::thread sending([&sender_cpu, to = receiver.listening().front()] {
        EventLoop sender_loop;
        Source source(to);
        Ignore nobody;
        Runtime sender(sender_loop, source, nobody, {});
        turn_until(
            sender_loop, [&] { return source.done || source.closed; }, std::chrono::seconds(60));
        turn_until(sender_loop, [&] { return sender.links() == 0; }, std::chrono::seconds(2));
        sender_cpu = thread_cpu_seconds();
    });
    auto const cpu = thread_cpu_seconds();
    auto const begun = monotonic_time();
    loop.after(std::chrono::seconds(70), [&] { loop.stop(); });
    loop.run();
    auto const seconds = std::chrono::duration<double>(monotonic_time() - begun).count();
    auto const receiver_cpu = thread_cpu_seconds() - cpu;
    sending.join();
    EXPECT_TRUE(ended);
    EXPECT_EQ(got, total_bytes);
    auto const& counters = receiver.counters();
    auto const bytes = static_cast<double>(total_bytes);
    std::printf("    %.0f MB/s; CPU ns/B: sending %.3f, receiving %.3f; %.0f KiB a receive\n",
                bytes / seconds / 1e6, sender_cpu * 1e9 / bytes, receiver_cpu * 1e9 / bytes,
                bytes / static_cast<double>(counters.receives) / 1024);
}

TEST(throughput, a_steady_exchange_allocates_nothing) {
    EventLoop loop;
    FakeCore cores[2];
    Ignore ignore;
    Runtime listener(loop, cores[0], ignore, listeners_on({loopback()}));
    Runtime dialer(loop, cores[1], ignore, {});
    auto const block = base::SharedBytes::take(base::ByteString(700, 1));
    std::uint64_t exchanges = 0;
    for (auto& core : cores) {
        core.effects.reserve(8);
        core.on_input = [&](libp2p::Input const& input) {
            if (std::holds_alternative<libp2p::Start>(input) && &core == &cores[1]) {
                core.effects.emplace_back(libp2p::Dial{{2}, listener.listening().front(), false});
            } else if (std::holds_alternative<libp2p::Dialed>(input)) {
                core.effects.emplace_back(libp2p::Transmit{{2}, block});
            } else if (auto const* const received = std::get_if<libp2p::Received>(&input)) {
                ++exchanges;
                core.effects.emplace_back(libp2p::Transmit{received->link, block});
                core.deadline = core.now + std::chrono::milliseconds(100);
            }
        };
    }
    ASSERT_TRUE(turn_until(loop, [&] { return exchanges > 100; }));
    auto const before = allocations;
    auto const first = exchanges;
    auto const begun = thread_cpu_seconds();
    ASSERT_TRUE(turn_until(loop, [&] { return exchanges - first >= 10'000; }));
    auto const cpu = thread_cpu_seconds() - begun;
    EXPECT_EQ(allocations - before, 0U);
    std::printf("    CPU of a message, sent and received: %.2f us\n",
                cpu * 1e6 / static_cast<double>(exchanges - first));
}

/// Sends a pattern of a given size with bounded credit, and checks what comes back.
class Sender final : public Node {
public:
    static constexpr std::size_t credit_max = 512 * 1024;

    Sender(EventLoop& on, std::uint64_t bytes, Options const& options)
        : Node(on, {}, options), total(bytes) {}

    static std::uint8_t pattern(std::uint64_t at) {
        return static_cast<std::uint8_t>((at * 0x9E37'79B9'7F4A'7C15ULL) >> 56);
    }

    void fill() {
        while (sent < total && in_flight < credit_max) {
            base::ByteString piece(std::min<std::uint64_t>(1 + rng.below(70'000), total - sent));
            for (auto& byte : piece) byte = pattern(sent++);
            in_flight += piece.size();
            core.effects.emplace_back(
                libp2p::Transmit{link, base::SharedBytes::take(std::move(piece))});
        }
    }

    libp2p::LinkId link;
    std::uint64_t const total;
    std::uint64_t sent = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t back = 0;
    std::uint64_t wrong = 0;
    base::Rng rng{base::Rng::Seed{7}};

protected:
    void on_received(libp2p::Received const& input) override {
        for (auto const byte : input.bytes) wrong += byte != pattern(back++);
    }
    void on_written(libp2p::Written const& input) override {
        in_flight -= input.bytes;
        fill();
    }
};

/// Sends back what comes, and stops reading while much waits to be written.
class Echo final : public Node {
public:
    using Node::Node;
    std::uint64_t waiting = 0;
    std::uint64_t pauses = 0;
    bool paused = false;

protected:
    void on_received(libp2p::Received const& input) override {
        waiting += input.bytes.size();
        core.effects.emplace_back(
            libp2p::Transmit{input.link, base::SharedBytes::copy_of(input.bytes)});
        base::poison(input.bytes);
        if (waiting > 256 * 1024 && !paused) {
            paused = true;
            ++pauses;
            core.effects.emplace_back(libp2p::SetReading{input.link, false});
        }
    }
    void on_written(libp2p::Written const& input) override {
        waiting -= input.bytes;
        if (paused && waiting < 64 * 1024) {
            paused = false;
            core.effects.emplace_back(libp2p::SetReading{input.link, true});
        }
    }
};

TEST(throughput, echoes_64_mib_through_small_socket_buffers) {
    EventLoop loop;
    Options const small{.dns_servers = {}, .socket_buffer_bytes = 16 * 1024};
    constexpr std::uint64_t total = 64 << 20;
    Echo echo(loop, {loopback()}, small);
    Sender sender(loop, total, small);
    sender.link = sender.dial(echo.address());
    auto const take = sender.core.on_input;
    sender.core.on_input = [&](libp2p::Input const& input) {
        take(input);
        if (std::holds_alternative<libp2p::Dialed>(input)) sender.fill();
    };
    ASSERT_TRUE(turn_until(loop, [&] { return sender.back == total; }, std::chrono::seconds(120)));
    EXPECT_EQ(sender.wrong, 0U);
    EXPECT_EQ(sender.in_flight, 0U);
    auto const& counters = sender.runtime.counters();
    EXPECT_EQ(counters.sent_bytes, total);
    EXPECT_EQ(counters.received_bytes, total);
    EXPECT_GT(counters.sends, total / (128 * 1024))
        << "no write was partial: the test tests nothing";
}

}  // namespace
}  // namespace runtime::testing
