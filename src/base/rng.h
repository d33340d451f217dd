// Rng: the one source of randomness of a node, seeded once. Two separate ChaCha20 streams: what is visible on the wire
// or in behaviour (nonces, jitter, choices) never comes from the stream that makes secrets.
#pragma once

#include "base/bytes.h"
#include "base/time.h"

#include <utility>

namespace base {

class Rng {
public:
    using Seed = ByteArray<32>;
    explicit Rng(Seed const& seed);

    /// Bytes that others may see.
    void fill_public(MutableBytes out);
    /// Bytes that become secrets.
    void fill_private(MutableBytes out);

    std::uint64_t next();
    /// Uniform in [0, bound). Requires bound > 0.
    std::uint64_t below(std::uint64_t bound);
    /// Uniform in [low, high]. Requires low <= high.
    Duration between(Duration low, Duration high);

    /// Fisher-Yates, on any random-access range.
    template <class Range>
    void shuffle(Range& range) {
        for (auto i = range.size(); i > 1; --i) {
            using std::swap;
            swap(range[i - 1], range[static_cast<std::size_t>(below(i))]);
        }
    }

private:
    class Stream {
    public:
        Stream(Seed const& seed, std::uint8_t purpose);
        void fill(MutableBytes out);

    private:
        void refill();
        ByteArray<32> key_{};
        std::uint64_t block_ = 0;
        ByteArray<256> buffer_{};
        std::size_t used_ = 256;
    };
    Stream public_;
    Stream private_;
};

}  // namespace base
