// Goal: every message can be shown and read back to the same bytes. Method: random values of every type of
// every format, and spoilt ones that are valid still; the seed is printed on failure.
#include "mina/json/read.h"
#include "mina/json/write.h"

#include "base/rng.h"
#include "mina/messages/format.h"
#include "mina/schema/random.h"
#include "mina/schema/walker.h"

#include <gtest/gtest.h>

#include <cstring>

namespace mina::json {
namespace {

base::Rng generator(std::uint64_t number) {
    base::Rng::Seed seed{};
    std::memcpy(seed.data(), &number, sizeof number);
    return base::Rng(seed);
}

struct Case {
    messages::Format format = messages::Format::berkeley;
    schema::Root const* root = nullptr;
    std::uint64_t seed = 0;

    std::string what() const {
        return std::string(to_string(format)) + " " + std::string(root->name) + ", seed " + std::to_string(seed);
    }
};

void expect_round_trip(Case const& one, base::ByteView bytes, WriteOptions const& options) {
    auto const written = to_json(*one.root->type, bytes, options);
    ASSERT_TRUE(written) << one.what();
    auto const read = read_json(*one.root->type, *written);
    ASSERT_TRUE(read) << one.what() << ": " << to_string(read.error());
    ASSERT_TRUE(base::equal(*read, bytes)) << one.what() << ": " << *written;
}

template <class Check>
void for_every_type(std::uint64_t seeds, Check check) {
    for (auto const format : messages::formats)
        for (auto const& root : messages::schema_of(format).roots)
            for (std::uint64_t seed = 0; seed < seeds; ++seed) check(Case{format, &root, seed});
}

TEST(round_trip, of_random_values_of_every_type) {
    for_every_type(6, [](Case const& one) {
        auto rng = generator(one.seed);
        schema::RandomShape const shape{.bytes_max = std::size_t{16} << (2 * one.seed)};
        auto const bytes = random_value(*one.root->type, shape, [&] { return rng.next(); });
        expect_round_trip(one, bytes, {});
        expect_round_trip(one, bytes, {.indent = 1, .structural_proofs = true});
    });
}

TEST(round_trip, of_spoilt_values_that_are_valid_still) {
    std::size_t valid = 0;
    for_every_type(20, [&](Case const& one) {
        auto rng = generator(one.seed);
        auto const draw = [&] { return rng.next(); };
        auto bytes = random_value(*one.root->type, {.bytes_max = 1024}, draw);
        for (int i = 0; i < 4; ++i) {
            bytes = mutate(*one.root->type, bytes, draw);
            if (!walk_all(*one.root->type, bytes)) {
                EXPECT_FALSE(to_json(*one.root->type, bytes)) << one.what();
                break;
            }
            ++valid;
            expect_round_trip(one, bytes, {});
        }
    });
    EXPECT_GT(valid, 1000U);
}

}  // namespace
}  // namespace mina::json
