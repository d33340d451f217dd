#include "crypto/poseidon.h"

#include "base/check.h"
#include "crypto/fp_limbs.h"
#include "crypto/poseidon_constants.h"

#include <algorithm>

namespace crypto {

namespace {

constexpr std::size_t width = poseidon_width;
constexpr std::size_t rate = 2;

using Lanes = std::array<FpLimbs, width>;

// A round as it is computed, with the first column of the matrix all ones (see scaled()).
struct Round {
    std::array<std::array<FpLimbs, 2>, width> matrix{};  // second and third column
    Lanes constants{};
};

struct Schedule {
    std::array<Round, poseidon_rounds> rounds{};
    Lanes unscale{};  // what the state is to be multiplied with at the end
};

// A number of poseidon_constants.h.
Fp number(std::string_view digits) {
    FpLimbs limbs{};
    for (std::size_t i = 0; i < digits.size(); ++i) {
        auto const digit = digits[digits.size() - 1 - i];
        auto const value =
            static_cast<std::uint64_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        limbs[i / 16] |= value << (4 * (i % 16));
    }
    auto const element = Fp::from_limbs(limbs);
    base::check(element.has_value(), "a constant of Poseidon is below p");
    return *element;
}

Fp seventh_power(Fp const& x) { return x.squared().squared() * x.squared() * x; }

// x^(p - 2), after Fermat.
Fp inverse(Fp const& x) {
    auto exponent = fp_modulus;
    exponent[0] -= 2;
    auto power = Fp::from_u64(1);
    for (std::size_t bit = 255; bit-- > 0;) {
        power = power.squared();
        if ((exponent[bit / 64] >> (bit % 64) & 1) != 0) power = power * x;
    }
    return power;
}

// A state whose elements are multiplied with factors passes the power as well: (f x)^7 = f^7 x^7,
// and the f^7 are divided out of the columns of the matrix that follows. The factors after it,
// which multiply its rows, are chosen so that its first column becomes 1: six products a round
// instead of nine, for the price that each round has a matrix of its own.
Schedule scaled() {
    using Factors = std::array<Fp, width>;
    Schedule schedule;
    Factors inverse_column;
    for (std::size_t i = 0; i < width; ++i)
        inverse_column[i] = inverse(number(poseidon_matrix_text[i][0]));
    Factors factors;
    factors.fill(Fp::from_u64(1));
    Factors inverse_factors = factors;
    for (std::size_t r = 0; r < poseidon_rounds; ++r) {
        auto const first_power = seventh_power(factors[0]);
        Factors inverse_powers;
        for (std::size_t j = 0; j < width; ++j)
            inverse_powers[j] = seventh_power(inverse_factors[j]);
        for (std::size_t i = 0; i < width; ++i) {
            auto const& row = poseidon_matrix_text[i];
            auto& round = schedule.rounds[r];
            factors[i] = first_power * inverse_column[i];
            inverse_factors[i] = inverse_powers[0] * number(row[0]);
            for (std::size_t j = 1; j < width; ++j) {
                round.matrix[i][j - 1] = (number(row[j]) * inverse_powers[j] * factors[i]).limbs();
            }
            round.constants[i] = (number(poseidon_round_constants_text[r][i]) * factors[i]).limbs();
        }
    }
    for (std::size_t i = 0; i < width; ++i) schedule.unscale[i] = inverse_factors[i].limbs();
    return schedule;
}

// Made at first use, in half the time of a state hash, and never changed; the same in every run. At
// compile time it would take ten seconds.
Schedule const& schedule() {
    static Schedule const made = scaled();
    return made;
}

// The lanes take turns at each step: the processor works on steps that do not wait for one another
// at the same time, but would not look so far ahead as to a next lane that had all its steps behind
// those of this one.
void permute(Lanes& state) {
    Lanes squares;
    Lanes cubes;
    Lanes powers;
    for (auto const& round : schedule().rounds) {
        for (std::size_t i = 0; i < width; ++i) squares[i] = limbs::square(state[i]);
        for (std::size_t i = 0; i < width; ++i) cubes[i] = limbs::multiply(squares[i], state[i]);
        for (std::size_t i = 0; i < width; ++i) squares[i] = limbs::square(squares[i]);
        for (std::size_t i = 0; i < width; ++i) powers[i] = limbs::multiply(squares[i], cubes[i]);
        for (std::size_t i = 0; i < width; ++i) {
            state[i] = limbs::sum({powers[1], round.matrix[i][0]}, {powers[2], round.matrix[i][1]},
                                  limbs::plain_sum(powers[0], round.constants[i]));
        }
    }
    for (std::size_t i = 0; i < width; ++i)
        state[i] = limbs::multiply(state[i], schedule().unscale[i]);
}

}  // namespace

void poseidon_permute(PoseidonState& state) {
    Lanes lanes{state[0].limbs(), state[1].limbs(), state[2].limbs()};
    permute(lanes);
    for (std::size_t i = 0; i < width; ++i) state[i] = *Fp::from_limbs(limbs::canonical(lanes[i]));
}

Fp poseidon_hash(PoseidonState const& start, std::span<Fp const> input) {
    auto state = start;
    do {
        auto const block = input.first(std::min(rate, input.size()));
        for (std::size_t i = 0; i < block.size(); ++i) state[i] = state[i] + block[i];
        poseidon_permute(state);
        input = input.subspan(block.size());
    } while (!input.empty());
    return state[0];
}

PoseidonState poseidon_prefix(std::string_view name) {
    base::check(name.size() <= poseidon_prefix_bytes_max, "name of a prefix too long");
    base::ByteArray<fp_bytes> bytes{};
    std::ranges::fill(std::span(bytes).first(poseidon_prefix_bytes_max), std::uint8_t{'*'});
    std::ranges::copy(base::as_bytes(name), bytes.begin());
    auto const element = Fp::from_bytes(bytes);
    base::check(element.has_value(), "20 bytes are below p");
    PoseidonState state{*element, Fp(), Fp()};
    poseidon_permute(state);
    return state;
}

}  // namespace crypto
