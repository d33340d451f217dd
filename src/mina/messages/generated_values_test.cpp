// Goal: whatever value a type has, its encoding is valid, is decoded, and is encoded again to the same bytes. Method:
// rapidcheck draws the numbers from which schema::random_value makes values of every root of every format, and makes
// them small again when a value fails. What it prints (RC_PARAMS="reproduce=…") runs the failure again.
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/every_root.h"
#include "mina/schema/random.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>  // behind gtest, of which it needs the macros

#include <cctype>
#include <ostream>

namespace mina::messages {

void PrintTo(CodedRoot const& root, std::ostream* out) { *out << root.name(); }

namespace {

// Numbers for random_value: a few that rapidcheck can make smaller one by one, then a stream from a seed, or zeros.
struct Numbers {
    std::vector<std::uint64_t> first;
    std::uint64_t seed = 0;
    bool is_endless = true;
    std::size_t at = 0;

    std::uint64_t next() {
        if (at < first.size()) return first[at++];
        if (!is_endless) return 0;
        // SplitMix64.
        seed += 0x9e3779b97f4a7c15;
        auto mixed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
        return mixed ^ mixed >> 31;
    }
};

base::ByteString drawn_value(schema::Type const& type) {
    constexpr std::size_t sizes[] = {0, 64, 512, 2048, 8192, 32768};
    auto numbers = Numbers{.first = *rc::gen::arbitrary<std::vector<std::uint64_t>>(),
                           .seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>()),
                           .is_endless = *rc::gen::arbitrary<bool>() || *rc::gen::arbitrary<bool>()};
    auto const shape = schema::RandomShape{.bytes_max = sizes[*rc::gen::inRange<std::size_t>(0, std::size(sizes))]};
    return schema::random_value(type, shape, [&] { return numbers.next(); });
}

std::string explained(binprot::Error const& error) {
    return "at " + std::to_string(error.offset) + ": " + std::string(to_string(error.reason));
}

class generated_value : public testing::TestWithParam<CodedRoot> {};

TEST_P(generated_value, is_valid_and_encoded_as_it_was) {
    auto const& root = GetParam();
    rc::detail::checkGTest([&] {
        auto const bytes = drawn_value(root.type());
        auto const said = validate(*root.codec, bytes);
        if (!said) RC_FAIL("not valid " + explained(said.error()));
        auto const recoded = recode(root, bytes);
        if (!recoded) RC_FAIL("not decoded " + explained(recoded.error()));
        RC_ASSERT(recoded->size == bytes.size());
        RC_ASSERT(recoded->bytes == bytes);
    });
}

std::string test_name(testing::TestParamInfo<CodedRoot> const& info) {
    auto name = info.param.name();
    for (auto& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(every_root, generated_value, testing::ValuesIn(every_root()), test_name);

// The typed interface, where recode() has its own.
template <class T>
void expect_typed_functions_to_agree(char const* root_name) {
    auto const root = root_named(root_name);
    rc::detail::checkGTest([&] {
        auto const bytes = drawn_value(root.type());
        binprot::Arena arena;
        auto const value = decode<T>(bytes, arena);
        if (!value) RC_FAIL("not decoded " + explained(value.error()));
        RC_ASSERT(encoded_size(**value) == bytes.size());
        RC_ASSERT(encode(**value) == bytes);
        // A buffer that is a byte too short is not written beyond, and all is counted.
        base::ByteString buffer(bytes.size() - 1);
        binprot::Writer writer(buffer);
        encode_value(**value, writer);
        RC_ASSERT(writer.size() == bytes.size());
        RC_ASSERT(!writer.fits());
        // The whole value only: a byte more is refused.
        auto longer = bytes;
        longer.push_back(0);
        RC_ASSERT(!decode<T>(longer, arena));
    });
}

TEST(typed_functions, agree_on_blocks) { expect_typed_functions_to_agree<berkeley::Block>("block"); }
TEST(typed_functions, agree_on_gossip) { expect_typed_functions_to_agree<berkeley::Gossip>("gossip"); }
TEST(typed_functions, agree_on_accounts) { expect_typed_functions_to_agree<berkeley::Account>("account"); }
TEST(typed_functions, agree_on_values_of_one_size) {
    expect_typed_functions_to_agree<berkeley::GetTransitionChainProofQuery>("get_transition_chain_proof.query");
}
TEST(typed_functions, agree_on_staged_ledgers) {
    using Response = berkeley::GetStagedLedgerAuxAndPendingCoinbasesAtHashResponse;
    expect_typed_functions_to_agree<Response>("get_staged_ledger_aux_and_pending_coinbases_at_hash.response");
}

}  // namespace
}  // namespace mina::messages
