#include "meter.h"

#include "crypto/aead.h"
#include "crypto/salsa20.h"
#include "runtime/process.h"

#include <algorithm>
#include <cstring>
#include <fstream>

namespace mina::bench {

namespace {

constexpr std::size_t block_bytes = 64 * 1024;
constexpr std::size_t large_bytes = 59'000'000;

// The best of several, each of so many bytes.
template <class Call>
double nanoseconds_a_byte(std::size_t bytes, Call call) {
    constexpr std::size_t bytes_each = 400'000'000;
    constexpr int rounds = 3;
    auto const calls = std::max<std::size_t>(1, bytes_each / bytes);
    call();
    auto best = 0.0;
    for (int round = 0; round < rounds; ++round) {
        auto const before = runtime::cpu_seconds();
        for (std::size_t i = 0; i < calls; ++i) call();
        auto const each = (runtime::cpu_seconds() - before) * 1e9 / static_cast<double>(calls * bytes);
        best = round == 0 ? each : std::min(best, each);
    }
    return best;
}

void copy(base::ByteString& to, base::ByteString const& from) {
    std::memcpy(to.data(), from.data(), from.size());
    asm volatile("" : : "r"(to.data()) : "memory");  // or it would be left out
}

}  // namespace

std::uint64_t peak_rss_bytes() {
    std::ifstream status("/proc/self/status");
    constexpr std::uint64_t kib = 1024;
    for (std::string word; status >> word;) {
        std::uint64_t kilobytes = 0;
        if (word == "VmHWM:" && status >> kilobytes) return kilobytes * kib;
    }
    return 0;
}

double Meter::clock() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void Meter::start() { begun_ = {clock(), runtime::cpu_seconds(), base::testing::allocations.count}; }

Usage Meter::stop() const {
    return {clock() - begun_.seconds, runtime::cpu_seconds() - begun_.cpu_seconds,
            base::testing::allocations.count - begun_.allocations};
}

Lateness Samples::sum_up() const {
    if (late_.empty()) return {};
    auto sorted = late_;
    std::ranges::sort(sorted);
    auto const milliseconds = [&](std::size_t at) {
        return std::chrono::duration<double, std::milli>(sorted[std::min(at, sorted.size() - 1)]).count();
    };
    return {sorted.size(), milliseconds(sorted.size() * 99 / 100), milliseconds(sorted.size() - 1)};
}

Calibration calibrate() {
    Calibration found;
    base::ByteString const small(block_bytes, 1);
    base::ByteString block(block_bytes + crypto::aead_tag_bytes);
    found.copy_small = nanoseconds_a_byte(block_bytes, [&] { copy(block, small); });
    {
        base::ByteString const large(large_bytes, 1);
        base::ByteString to(large_bytes);
        found.copy_large = nanoseconds_a_byte(large_bytes, [&] { copy(to, large); });
    }
    crypto::AeadKey sealing{crypto::AeadSecret{1}};
    std::uint64_t count = 0;
    base::ByteView const piece = small;
    found.seal = nanoseconds_a_byte(block_bytes, [&] { sealing.seal(count++, {}, {&piece, 1}, block); });
    // Whether the tag is right takes no time: it is found out at the end.
    crypto::AeadKey opening{crypto::AeadSecret{1}};
    found.open = nanoseconds_a_byte(block_bytes, [&] { (void)opening.open(0, {}, block); });
    crypto::XSalsa20Stream stream({}, {});
    found.pnet = nanoseconds_a_byte(block_bytes, [&] { stream.apply(block); });
    return found;
}

}  // namespace mina::bench
