#include "replay/hash64.h"

#include <array>
#include <bit>
#include <cstring>

namespace replay {

namespace {

constexpr std::uint64_t prime1 = 0x9E37'79B1'85EB'CA87U;
constexpr std::uint64_t prime2 = 0xC2B2'AE3D'27D4'EB4FU;
constexpr std::uint64_t prime3 = 0x1656'67B1'9E37'79F9U;
constexpr std::uint64_t prime4 = 0x85EB'CA77'C2B2'AE63U;
constexpr std::uint64_t prime5 = 0x27D4'EB2F'1656'67C5U;

template <class Word>
std::uint64_t word_at(std::uint8_t const* at) {
    Word word = 0;
    std::memcpy(&word, at, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
    return word;
}

std::uint64_t round(std::uint64_t lane, std::uint64_t word) { return std::rotl(lane + word * prime2, 31) * prime1; }

std::uint64_t merge(std::uint64_t hash, std::uint64_t lane) { return (hash ^ round(0, lane)) * prime1 + prime4; }

}  // namespace

std::uint64_t hash64(base::ByteView bytes, std::uint64_t seed) {
    auto const* at = bytes.data();
    auto left = bytes.size();
    std::uint64_t hash = seed + prime5;
    if (left >= 32) {
        std::array<std::uint64_t, 4> lanes = {seed + prime1 + prime2, seed + prime2, seed, seed - prime1};
        for (; left >= 32; at += 32, left -= 32) {
            for (std::size_t i = 0; i < 4; ++i) lanes[i] = round(lanes[i], word_at<std::uint64_t>(at + 8 * i));
        }
        hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
        for (auto const lane : lanes) hash = merge(hash, lane);
    }
    hash += bytes.size();
    for (; left >= 8; at += 8, left -= 8) {
        hash = std::rotl(hash ^ round(0, word_at<std::uint64_t>(at)), 27) * prime1 + prime4;
    }
    if (left >= 4) {
        hash = std::rotl(hash ^ word_at<std::uint32_t>(at) * prime1, 23) * prime2 + prime3;
        at += 4;
        left -= 4;
    }
    for (; left > 0; ++at, --left) hash = std::rotl(hash ^ *at * prime5, 11) * prime1;
    hash = (hash ^ hash >> 33) * prime2;
    hash = (hash ^ hash >> 29) * prime3;
    return hash ^ hash >> 32;
}

}  // namespace replay
