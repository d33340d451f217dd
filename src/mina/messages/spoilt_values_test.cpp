// Goal: the generated validator, the generated decoder and the walker agree on every input: valid for one is valid
// for all, and what is valid has one encoding. Method: values of every root of every format with one to three things
// changed in them (schema::mutate); the seed is printed on failure.
#include "mina/messages/every_root.h"
#include "mina/schema/random.h"

#include "base/rng.h"

#include <gtest/gtest.h>

#include <cstring>

namespace mina::messages {
namespace {

constexpr std::uint64_t seeds = 60;

base::Rng generator(std::uint64_t number) {
    base::Rng::Seed seed{};
    std::memcpy(seed.data(), &number, sizeof number);
    return base::Rng(seed);
}

base::ByteString spoilt_value(schema::Type const& type, std::uint64_t seed) {
    auto rng = generator(seed);
    auto const draw = [&] { return rng.next(); };
    auto const shape = schema::RandomShape{.bytes_max = std::size_t{32} << (2 * (seed % 6))};
    auto bytes = schema::random_value(type, shape, draw);
    for (auto changes = rng.below(3) + 1; changes != 0; --changes) bytes = schema::mutate(type, bytes, draw);
    return base::ByteString(bytes.begin(), bytes.end());
}

std::string text(Said const& said) {
    if (said) return "valid";
    return "at " + std::to_string(said.error().offset) + ": " + std::string(to_string(said.error().reason));
}

struct Tally {
    std::size_t valid = 0;
    std::size_t refused = 0;
};

void expect_agreement(CodedRoot const& root, base::ByteView bytes, Tally& tally) {
    auto const structure = validate_structure(*root.codec, bytes);
    auto const walked = schema::walk_all(root.type(), bytes);
    ASSERT_EQ(structure.has_value(), walked.has_value()) << text(structure) << ", walker " << text(walked);
    auto const said = validate(*root.codec, bytes);
    auto const walker = said_by_walker(root.type(), bytes);
    ASSERT_EQ(said.has_value(), walker.has_value()) << text(said) << ", walker " << text(walker);
    if (structure && !said) {
        ASSERT_EQ(said.error(), walker.error()) << text(said) << ", walker " << text(walker);
    }
    auto const recoded = recode(root, bytes);
    auto const decoded = recoded ? Said{} : Said{base::fail(recoded.error())};
    ASSERT_EQ(structure.has_value(), decoded.has_value()) << text(structure) << ", decoder " << text(decoded);
    if (structure) {
        ++tally.valid;
        ASSERT_EQ(recoded->size, bytes.size());
        ASSERT_TRUE(base::equal(recoded->bytes, bytes));
        return;
    }
    ++tally.refused;
    ASSERT_EQ(structure.error(), decoded.error()) << text(structure) << ", decoder " << text(decoded);
    ASSERT_LE(structure.error().offset, bytes.size()) << text(structure);
    ASSERT_LE(walked.error().offset, bytes.size()) << text(walked);
}

TEST(spoilt_values, are_judged_alike_by_validator_decoder_and_walker) {
    Tally tally;
    for (auto const& root : every_root()) {
        for (std::uint64_t seed = 0; seed < seeds; ++seed) {
            auto const bytes = spoilt_value(root.type(), seed);
            ASSERT_NO_FATAL_FAILURE(expect_agreement(root, bytes, tally)) << root.name() << ", seed " << seed;
        }
    }
    EXPECT_GT(tally.valid, 1000U);
    EXPECT_GT(tally.refused, 2000U);
}

TEST(random_bytes, are_judged_alike_by_validator_decoder_and_walker) {
    Tally tally;
    for (auto const& root : every_root()) {
        for (std::uint64_t seed = 0; seed < seeds; ++seed) {
            auto rng = generator(seed);
            base::ByteString bytes(rng.below(300));
            rng.fill_public(bytes);
            // Small bytes are tags, booleans and counts.
            if (seed % 2 == 0) {
                for (auto& byte : bytes) byte &= 3;
            }
            ASSERT_NO_FATAL_FAILURE(expect_agreement(root, bytes, tally)) << root.name() << ", seed " << seed;
        }
    }
    EXPECT_GT(tally.refused, 2000U);
}

}  // namespace
}  // namespace mina::messages
