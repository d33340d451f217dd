#include "crypto/salsa20_wide.h"

#include "base/check.h"

#include <array>
#include <cstring>
#include <utility>

#ifdef __x86_64__
#define CRYPTO_WIDE __attribute__((target("avx512f")))
#define CRYPTO_WIDE_INLINE __attribute__((target("avx512f"), always_inline)) inline
#endif

namespace crypto {

#ifdef CRYPTO_WIDE

namespace {

// Lane l of word i is word i of block l. Compilers turn the arithmetic below into one instruction
// an operation. Words travel by reference: passing them by value would depend on how the caller is
// compiled. All is inlined and every index a constant, so that the sixteen words live in registers.
using Word = std::uint32_t __attribute__((vector_size(64)));
using Words = std::array<Word, 16>;

constexpr std::size_t lanes = 16;

template <unsigned Bits>
CRYPTO_WIDE_INLINE void step(Word& to, Word const& a, Word const& b) {
    Word const sum = a + b;
    to ^= sum << Bits | sum >> (32 - Bits);
}

// spec: Bernstein, "The Salsa20 family of stream ciphers", 4.1
CRYPTO_WIDE_INLINE void quarter_round(Word& a, Word& b, Word& c, Word& d) {
    step<7>(b, a, d);
    step<9>(c, b, a);
    step<13>(d, c, b);
    step<18>(a, d, c);
}

CRYPTO_WIDE_INLINE void double_round(Words& x) {
    quarter_round(x[0], x[4], x[8], x[12]);
    quarter_round(x[5], x[9], x[13], x[1]);
    quarter_round(x[10], x[14], x[2], x[6]);
    quarter_round(x[15], x[3], x[7], x[11]);
    quarter_round(x[0], x[1], x[2], x[3]);
    quarter_round(x[5], x[6], x[7], x[4]);
    quarter_round(x[10], x[11], x[8], x[9]);
    quarter_round(x[15], x[12], x[13], x[14]);
}

// One stage of a transposition: swaps the off-diagonal squares of side `Side`.
template <int Side, int... Lane>
CRYPTO_WIDE_INLINE void swap_squares(Word& upper, Word& lower,
                                     std::integer_sequence<int, Lane...>) {
    Word const a = upper;
    Word const b = lower;
    upper =
        __builtin_shufflevector(a, b, ((Lane & Side) == 0 ? Lane : int{lanes} + Lane - Side)...);
    lower =
        __builtin_shufflevector(a, b, ((Lane & Side) == 0 ? Lane + Side : int{lanes} + Lane)...);
}

template <int Side, std::size_t... Pair>
CRYPTO_WIDE_INLINE void swap_all_squares(Words& x, std::index_sequence<Pair...>) {
    constexpr auto all_lanes = std::make_integer_sequence<int, int{lanes}>();
    (swap_squares<Side>(x[Pair + Pair / Side * Side], x[Pair + Pair / Side * Side + Side],
                        all_lanes),
     ...);
}

// From words of blocks to blocks of words: x[l] becomes the 64 bytes of block l.
CRYPTO_WIDE_INLINE void transpose(Words& x) {
    constexpr auto pairs = std::make_index_sequence<lanes / 2>();
    swap_all_squares<8>(x, pairs);
    swap_all_squares<4>(x, pairs);
    swap_all_squares<2>(x, pairs);
    swap_all_squares<1>(x, pairs);
}

CRYPTO_WIDE_INLINE void xor_into(std::uint8_t* at, Word const& stream) {
    Word text;
    std::memcpy(&text, at, sizeof text);
    text ^= stream;
    std::memcpy(at, &text, sizeof text);
}

template <std::size_t... Index>
CRYPTO_WIDE_INLINE void xor_sixteen(std::uint8_t* data, Words const& start,
                                    std::index_sequence<Index...>) {
    auto x = start;
    for (int round = 0; round < 20; round += 2) double_round(x);
    ((x[Index] += start[Index]), ...);
    transpose(x);
    (xor_into(data + Index * sizeof(Word), x[Index]), ...);
}

std::uint32_t word_at(std::uint8_t const* bytes) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

// spec: Salsa20 family, 4: the constants "expand 32-byte k" on the diagonal, the key around the
// nonce and the counter
CRYPTO_WIDE void fill(Words& x, base::ByteArray<32> const& key, base::ByteArray<8> const& nonce) {
    constexpr std::array<std::uint32_t, 4> constants{0x61707865, 0x3320646e, 0x79622d32,
                                                     0x6b206574};
    for (std::size_t i = 0; i < 4; ++i) {
        x[5 * i] = Word{} + constants[i];
        x[1 + i] = Word{} + word_at(key.data() + 4 * i);
        x[11 + i] = Word{} + word_at(key.data() + 16 + 4 * i);
    }
    x[6] = Word{} + word_at(nonce.data());
    x[7] = Word{} + word_at(nonce.data() + 4);
}

CRYPTO_WIDE_INLINE void count_from(Words& x, std::uint64_t block) {
    Word const lane{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    auto const low = static_cast<std::uint32_t>(block);
    auto const high = static_cast<std::uint32_t>(block >> 32);
    x[8] = lane + low;
    auto const carry =
        reinterpret_cast<Word>(x[8] < lane);  // all ones, which is -1, where the sum has wrapped
    x[9] = Word{} + high - carry;
}

}  // namespace

bool has_wide_salsa20() { return __builtin_cpu_supports("avx512f") != 0; }

CRYPTO_WIDE void xor_wide_salsa20(base::MutableBytes data, base::ByteArray<32> const& key,
                                  base::ByteArray<8> const& nonce, std::uint64_t block) {
    base::assume(data.size() % wide_salsa20_bytes == 0, "sixteen whole blocks");
    Words start;
    fill(start, key, nonce);
    for (; !data.empty(); data = data.subspan(wide_salsa20_bytes), block += lanes) {
        count_from(start, block);
        xor_sixteen(data.data(), start, std::make_index_sequence<lanes>());
    }
}

#else

bool has_wide_salsa20() { return false; }

void xor_wide_salsa20(base::MutableBytes, base::ByteArray<32> const&, base::ByteArray<8> const&,
                      std::uint64_t) {
    base::check(false, "no wide Salsa20 on this processor");
}

#endif

}  // namespace crypto
