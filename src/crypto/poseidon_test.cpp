// Goal: Poseidon is Mina's. Method: its constants derived again from their definition, the
// permutation as it is defined against the one that is computed, and values made by Mina's own
// programs: a few here, all of shared/data/poseidon when that is there.
#include "crypto/poseidon.h"

#include "base/testing/counted_new.h"
#include "base/rng.h"
#include "crypto/fp_hex.h"
#include "crypto/hash.h"
#include "crypto/poseidon_constants.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <vector>

namespace crypto {
namespace {

Fp random_element(base::Rng& rng) {
    return Fp::from_limbs({rng.next(), rng.next(), rng.next(), rng.next() >> 2})
        .value();  // below 2^254
}

Fp minus(Fp const& a, Fp const& b) {
    return a + fp("40000000000000000000000000000000224698fc094cf91b992d30ed00000000") * b;
}

// H of poseidon_constants.h.
Fp derived(std::string const& label) {
    for (int attempt = 0;; ++attempt) {
        auto const text = "CodaRescuePasta_p_kimchi" + label + "_" + std::to_string(attempt);
        auto hash = sha256(base::as_bytes(text));
        std::ranges::reverse(hash);
        if (auto const element = Fp::from_bytes(hash)) return *element;
    }
}

TEST(poseidon, has_the_round_constants_of_their_definition) {
    for (std::size_t r = 0; r < poseidon_rounds; ++r) {
        for (std::size_t i = 0; i < poseidon_width; ++i) {
            EXPECT_EQ(fp(poseidon_round_constants_text[r][i]),
                      derived("RoundConstants" + std::to_string(poseidon_width * r + i)))
                << r << ", " << i;
        }
    }
}

TEST(poseidon, has_the_matrix_of_its_definition) {
    for (std::size_t i = 0; i < poseidon_width; ++i) {
        for (std::size_t j = 0; j < poseidon_width; ++j) {
            auto const divisor =
                minus(derived("MDSx" + std::to_string(i)), derived("MDSy" + std::to_string(j)));
            EXPECT_EQ(fp(poseidon_matrix_text[i][j]) * divisor, Fp::from_u64(1)) << i << ", " << j;
        }
    }
}

PoseidonState permuted_by_definition(PoseidonState state) {
    for (std::size_t r = 0; r < poseidon_rounds; ++r) {
        for (auto& x : state) x = x * x * x * x * x * x * x;
        PoseidonState next;
        for (std::size_t i = 0; i < poseidon_width; ++i) {
            next[i] = fp(poseidon_round_constants_text[r][i]);
            for (std::size_t j = 0; j < poseidon_width; ++j)
                next[i] = next[i] + fp(poseidon_matrix_text[i][j]) * state[j];
        }
        state = next;
    }
    return state;
}

PoseidonState permuted(PoseidonState state) {
    poseidon_permute(state);
    return state;
}

TEST(poseidon, permutes_as_the_definition_says) {
    auto const largest = minus(Fp(), Fp::from_u64(1));
    for (auto const& state :
         {PoseidonState{}, PoseidonState{largest, largest, largest},
          PoseidonState{Fp(), Fp(), largest}, PoseidonState{Fp(), Fp::from_u64(1), Fp()}}) {
        EXPECT_EQ(permuted(state), permuted_by_definition(state));
    }
    for (std::uint8_t seed = 0; seed < 30; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 17});
        PoseidonState const state{random_element(rng), random_element(rng), random_element(rng)};
        EXPECT_EQ(permuted(state), permuted_by_definition(state)) << "seed " << int{seed};
    }
}

TEST(poseidon, has_published_hashes) {
    EXPECT_EQ(poseidon_hash({}, {}),
              fp("2fadbe2852044d028597455bc2abbd1bc873af205dfabb8a304600f3e09eeba8"));
    std::vector<Fp> const two{
        fp("3793e30ac691700012baf26bb813d6d70bd379beed8050a1deee3c188f1c3fbd"),
        fp("2fc4c98e50e0b1aae6ecb468e28c0b7d80a7e0eec7136db0ba0677b84af0e465")};
    EXPECT_EQ(poseidon_hash({}, two),
              fp("336c73d08ad408ceb7d1264867096f0817a1d0558b313312a1207602f23624fe"));
    std::vector<Fp> const three{
        fp("0024fb5773cac987cf3a17ddd6134ba12d3e1ca4f6c43d3695347747ce61eaf5"),
        fp("18e0ed2b46ed1ec258df721a1d3145b0aa6abdd02ee851a14b8b659cf47385f2"),
        fp("1a842a688e600f012637fe181292f70c4347b5ae0d9ea9ce7cf18592c345cf73")};
    EXPECT_EQ(poseidon_hash({}, three),
              fp("3f4b0eabb64e025f920457af8d090a9f6472cae11f3d62a749af544a44941b9b"));
}

TEST(poseidon, completes_input_with_a_zero_to_whole_pairs) {
    auto const a = Fp::from_u64(1);
    auto const b = Fp::from_u64(2);
    auto const c = Fp::from_u64(3);
    EXPECT_EQ(poseidon_hash({}, std::array{a}), poseidon_hash({}, std::array{a, Fp()}));
    EXPECT_EQ(poseidon_hash({}, std::array{a, b, c}), poseidon_hash({}, std::array{a, b, c, Fp()}));
    EXPECT_EQ(poseidon_hash({}, {}), poseidon_hash({}, std::array{Fp(), Fp()}));
    EXPECT_NE(poseidon_hash({}, std::array{a, b}), poseidon_hash({}, std::array{a, b, Fp(), Fp()}));
}

// mina: the two prefixes of a state hash.
TEST(poseidon, starts_from_the_states_of_its_prefixes) {
    EXPECT_EQ(
        poseidon_prefix("MinaProtoState"),
        (PoseidonState{fp("0b89d5371b6ec14b310b5adc82150b2bf08c506d5ac5da7f311cdefe86f5b636"),
                       fp("10f13937e29e20fcf506cd415ed5b8d40751fece44b28a7b60ea3e4d5cde436c"),
                       fp("2be7e6f9810ba2f220c85b39593e02c3e8367e6f261b2c2f3a0c248bf4529ae9")}));
    EXPECT_EQ(
        poseidon_prefix("MinaProtoStateBody"),
        (PoseidonState{fp("07d8682d5664a5b5a2650841c45e2e8ca2ac5dcd159b1f692caa8c539a923aeb"),
                       fp("004bf1d2e81ddb175ddad24d3a5ecf5d397ea2d2f763f12beed8a41194a01987"),
                       fp("29ceef6c5ceb0cc44dd3175c7d848236adfc9a245ecb21102e93d79957fd8e6f")}));
}

TEST(poseidon, pads_the_name_of_a_prefix_with_asterisks) {
    EXPECT_EQ(poseidon_prefix("Mina"), poseidon_prefix("Mina****************"));
    EXPECT_NE(poseidon_prefix("Mina"), poseidon_prefix("mina"));
    EXPECT_EQ(poseidon_prefix(""), poseidon_prefix("********************"));
    EXPECT_DEATH((void)poseidon_prefix("123456789012345678901"), "too long");
}

// mina: devnet block 357,934. Its node called it by this hash.
TEST(poseidon, makes_the_state_hash_of_a_block) {
    auto const previous = fp("030a22d0538c56bed3c783076da9119c5a4103d5137c77c1be16d0b4c19ba10a");
    auto const body = fp("387d8caad965382eb6270c04769a7aaeb5f9387a7e1de4e50583461fb71826da");
    EXPECT_EQ(poseidon_hash(poseidon_prefix("MinaProtoState"), std::array{previous, body}),
              fp("2eacbf2e0d07dd11f1f740deb1c44705b391aff150bc080ed3d6dd0926da0005"));
}

TEST(poseidon, allocates_nothing) {
    auto const start = poseidon_prefix("MinaProtoStateBody");
    std::vector<Fp> const input(49, Fp::from_u64(7));
    auto const before = base::testing::allocations.count;
    auto const hash = poseidon_hash(start, input);
    EXPECT_EQ(base::testing::allocations.count, before);
    EXPECT_NE(hash, Fp());
}

TEST(poseidon_constants, are_those_of_the_data_file_as_are_all_its_vectors) {
    std::string const path = MINAP2P_SHARED_DIR "/data/poseidon/fp-kimchi.json";
    std::ifstream file(path);
    if (!file) GTEST_SKIP() << "no " << path;
    auto const data = nlohmann::json::parse(file);
    auto const elements = [](nlohmann::json const& list) {
        std::vector<Fp> made;
        for (auto const& text : list) made.push_back(fp(text.get<std::string>()));
        return made;
    };
    auto const state = [&](nlohmann::json const& list) {
        auto const made = elements(list);
        return PoseidonState{made.at(0), made.at(1), made.at(2)};
    };
    for (std::size_t i = 0; i < poseidon_width; ++i) {
        for (std::size_t j = 0; j < poseidon_width; ++j) {
            EXPECT_EQ(fp(poseidon_matrix_text[i][j]), elements(data.at("mds").at(i)).at(j));
        }
    }
    ASSERT_EQ(data.at("round_constants").size(), poseidon_rounds);
    for (std::size_t r = 0; r < poseidon_rounds; ++r) {
        for (std::size_t i = 0; i < poseidon_width; ++i) {
            EXPECT_EQ(fp(poseidon_round_constants_text[r][i]),
                      elements(data.at("round_constants").at(r)).at(i));
        }
    }
    std::size_t vectors = 0;
    for (auto const& vector : data.at("permutation_vectors")) {
        EXPECT_EQ(permuted(state(vector.at("input"))), state(vector.at("output")));
        ++vectors;
    }
    for (auto const& vector : data.at("sponge_vectors").at("vectors")) {
        EXPECT_EQ(poseidon_hash({}, elements(vector.at("input"))),
                  fp(vector.at("output").get<std::string>()));
        ++vectors;
    }
    for (auto const& [name, expected] : data.at("prefix_states").items()) {
        EXPECT_EQ(poseidon_prefix(name), state(expected));
        ++vectors;
    }
    for (auto const& vector : data.at("prefixed_vectors")) {
        auto const start = poseidon_prefix(vector.at("prefix").get<std::string>());
        EXPECT_EQ(poseidon_hash(start, elements(vector.at("input"))),
                  fp(vector.at("output").get<std::string>()));
        ++vectors;
    }
    EXPECT_EQ(vectors, 20U);
}

}  // namespace
}  // namespace crypto
