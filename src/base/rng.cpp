#include "base/rng.h"

#include "base/check.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace base {

Rng::Rng(Seed const& seed) : public_(seed, 0), private_(seed, 1) {}

Rng::Stream::Stream(Seed const& seed, std::uint8_t purpose) {
    // The two streams have independent keys: BLAKE2b of the purpose, keyed with the seed.
    check(crypto_generichash(key_.data(), key_.size(), &purpose, 1, seed.data(), seed.size()) == 0, "stream key");
}

void Rng::Stream::refill() {
    ByteArray<crypto_stream_chacha20_NONCEBYTES> const nonce{};
    buffer_.fill(0);
    crypto_stream_chacha20_xor_ic(buffer_.data(), buffer_.data(), buffer_.size(), nonce.data(), block_, key_.data());
    block_ += buffer_.size() / 64;
    used_ = 0;
}

void Rng::Stream::fill(MutableBytes out) {
    while (!out.empty()) {
        if (used_ == buffer_.size()) refill();
        auto const count = std::min(out.size(), buffer_.size() - used_);
        std::memcpy(out.data(), buffer_.data() + used_, count);
        std::memset(buffer_.data() + used_, 0, count);  // a secret is handed out once and not kept
        used_ += count;
        out = out.subspan(count);
    }
}

void Rng::fill_public(MutableBytes out) { public_.fill(out); }
void Rng::fill_private(MutableBytes out) { private_.fill(out); }

std::uint64_t Rng::next() {
    ByteArray<8> bytes{};
    fill_public(bytes);
    std::uint64_t value = 0;
    for (auto const byte : bytes) value = value << 8 | byte;
    return value;
}

std::uint64_t Rng::below(std::uint64_t bound) {
    check(bound > 0, "a bound of zero");
    auto const excess = (UINT64_MAX % bound + 1) % bound;  // values above UINT64_MAX - excess would favour small results
    for (;;) {
        auto const value = next();
        if (value <= UINT64_MAX - excess) return value % bound;
    }
}

Duration Rng::between(Duration low, Duration high) {
    check(low <= high, "an empty range");
    auto const width = static_cast<std::uint64_t>((high - low).count());
    if (width == UINT64_MAX) return low;
    return low + Duration(static_cast<std::int64_t>(below(width + 1)));
}

}  // namespace base
