// Goal: random values are valid, bounded and cover what their types allow; spoilt ones never make the walker misbehave.
// Method: every type of every format from seeded generators; the seed is printed on failure.
#include "mina/schema/random.h"

#include "base/rng.h"
#include "mina/schema/explain.h"
#include "mina/schema/fields.h"
#include "mina/schema/golden.h"
#include "mina/schema/sample_types.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>

namespace mina::schema {
namespace {

base::Rng generator(std::uint64_t number) {
    base::Rng::Seed seed{};
    std::memcpy(seed.data(), &number, sizeof number);
    return base::Rng(seed);
}

base::ByteString random_value(Type const& type, std::size_t bytes_max, std::uint64_t seed) {
    auto rng = generator(seed);
    return random_value(type, RandomShape{.bytes_max = bytes_max}, [&] { return rng.next(); });
}

struct Case {
    messages::Format format;
    Root const* root;
    std::size_t bytes_max;
    std::uint64_t seed;
    base::ByteString bytes;

    std::string what() const {
        return std::string(to_string(format)) + " " + std::string(root->name) + ", bytes_max " +
               std::to_string(bytes_max) + ", seed " + std::to_string(seed);
    }
};

// Each type of each format, at several sizes.
template <class Check>
void for_random_values(std::uint64_t seeds, Check check) {
    for (auto const format : messages::formats) {
        for (auto const& root : messages::schema_of(format).roots) {
            for (std::uint64_t seed = 0; seed < seeds; ++seed) {
                std::size_t const bytes_max = seed == 0 ? 0 : std::size_t{16} << (2 * (seed % 6));
                check(Case{format, &root, bytes_max, seed, random_value(*root.type, bytes_max, seed)});
            }
        }
    }
}

TEST(random_values, of_every_type_are_valid_and_reduced) {
    std::size_t count = 0;
    for_random_values(8, [&](Case const& one) {
        auto const wrong = explain(*one.root->type, one.bytes);
        EXPECT_FALSE(wrong) << one.what() << ": " << wrong->text;
        EXPECT_FALSE(first_unreduced_field(*one.root->type, one.bytes)) << one.what();
        ++count;
    });
    EXPECT_GT(count, 4000U);
}

TEST(random_values, keep_to_their_size) {
    for_random_values(8, [&](Case const& one) {
        // Memos and hashes in strings have their length, whatever it costs.
        std::size_t given = 0;
        Walker walker(*one.root->type, one.bytes);
        for (auto next = walker.next(); next && *next; next = walker.next()) {
            auto const form = (*next)->type->form;
            if (form == Form::memo || form == Form::aux_hash || form == Form::pending_coinbase_aux)
                given += (*next)->bytes.size();
        }
        auto const bound = std::max<std::size_t>(one.bytes_max, one.root->type->bytes_min) + given;
        EXPECT_LE(one.bytes.size(), bound) << one.what();
    });
}

TEST(random_values, are_the_same_for_the_same_numbers) {
    auto const& type = sample::named("block");
    EXPECT_EQ(random_value(type, 50'000, 1), random_value(type, 50'000, 1));
    EXPECT_NE(random_value(type, 50'000, 1), random_value(type, 50'000, 2));
}

TEST(random_values, are_the_same_whatever_compiler_made_the_program) {
    // The order in which a compiler evaluates arguments must not show.
    std::uint64_t digest = 0;
    auto const add = [&](base::ByteString const& bytes) {
        for (auto const byte : bytes) digest = (digest ^ byte) * 0x100000001b3;
    };
    auto rng = generator(5);
    auto const draw = [&] { return rng.next(); };
    for (auto const* type : {&sample::variant, &sample::polymorphic_variant, &sample::scan_tree, &sample::fields}) {
        for (int i = 0; i < 100; ++i) {
            auto const bytes = random_value(*type, RandomShape{.bytes_max = 2'000}, draw);
            add(bytes);
            add(mutate(*type, bytes, draw));
        }
    }
    EXPECT_EQ(digest, 11840239233280848361U);
}

TEST(random_values, end_whatever_the_numbers_are) {
    for (std::uint64_t const number : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{7}, ~std::uint64_t{0}}) {
        for (auto const& root : messages::schema_of(messages::Format::berkeley).roots) {
            auto const bytes = random_value(*root.type, RandomShape{.bytes_max = 8192}, [&] { return number; });
            EXPECT_TRUE(walk_all(*root.type, bytes)) << root.name << " of " << number;
        }
    }
}

// A type's name, and what a value of it was: which constructor, or whether it was empty.
using Feature = std::pair<std::string_view, std::string_view>;

// What the values in a message were.
void erase_seen(Type const& type, base::ByteString const& bytes, std::set<Feature>& missing) {
    Walker walker(type, bytes);
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const& step = **next;
        if (step.what == Step::What::end) continue;
        auto const name = step.type->name;
        auto const kind = step.type->kind;
        if (step.constructor != nullptr) missing.erase({name, step.constructor->name});
        if (kind == Kind::option) missing.erase({name, step.what == Step::What::leaf ? "none" : "some"});
        if (kind == Kind::list) missing.erase({name, step.count == 0 ? "empty" : "not empty"});
        if (kind == Kind::string) missing.erase({name, step.bytes.empty() ? "empty" : "not empty"});
        if (kind == Kind::boolean) missing.erase({name, step.integer == 0 ? "false" : "true"});
    }
}

// All that the values in a message of this type can be.
std::set<Feature> everything(Type const& type) {
    std::set<Feature> all;
    std::set<Type const*> known;
    std::vector<Type const*> waiting{&type};
    auto const add = [&](Type const& one, std::initializer_list<std::string_view> features) {
        for (auto const feature : features) all.emplace(one.name, feature);
    };
    while (!waiting.empty()) {
        auto const& next = *waiting.back();
        waiting.pop_back();
        if (!known.insert(&next).second) continue;
        if (next.element != nullptr) waiting.push_back(next.element);
        for (auto const& member : next.members) waiting.push_back(member.type);
        for (auto const& constructor : next.constructors) {
            add(next, {constructor.name});
            for (auto const& argument : constructor.arguments) waiting.push_back(argument.type);
        }
        if (next.kind == Kind::option) add(next, {"none", "some"});
        if (next.kind == Kind::list || next.kind == Kind::string) add(next, {"empty", "not empty"});
        if (next.kind == Kind::boolean) add(next, {"false", "true"});
        if (next.kind == Kind::scan_tree) add(next, {"Leaf", "Node"});
    }
    return all;
}

TEST(random_values, cover_every_constructor) {
    for (auto const* name : {"gossip", "get_staged_ledger_aux_and_pending_coinbases_at_hash.response",
                             "answer_sync_ledger_query.response", "get_node_status.response"}) {
        for (auto const format : messages::formats) {
            auto const& type = sample::named(name, format);
            auto missing = everything(type);
            EXPECT_GT(missing.size(), 8U);
            for (std::uint64_t seed = 0; seed < 1000 && !missing.empty(); ++seed)
                erase_seen(type, random_value(type, seed % 2 == 0 ? 40'000 : 200'000, seed), missing);
            if (missing.empty()) continue;
            auto const& [type_name, feature] = *missing.begin();
            ADD_FAILURE() << name << " lacks " << type_name << " " << feature;
        }
    }
}

TEST(random_values, have_integers_at_the_edges_of_their_forms) {
    for (auto const* type : {&sample::int32, &sample::int63, &sample::int64}) {
        std::map<std::size_t, int> sizes;
        std::set<std::int64_t> values;
        for (std::uint64_t seed = 0; seed < 3000; ++seed) {
            auto const bytes = random_value(*type, 64, seed);
            ++sizes[bytes.size()];
            values.insert(Walker(*type, bytes).next().value()->integer);
        }
        EXPECT_EQ(sizes.size(), type == &sample::int32 ? 4U : 5U) << type->name;
        for (std::int64_t const edge : {0, 0x7f, 0x80, 0x7fff, 0x8000, 0x8001, 0x1'0000, 0x7fff'ffff, -1, -128, -129})
            EXPECT_TRUE(values.contains(edge)) << edge << " of " << type->name;
        auto const max = type == &sample::int32   ? std::numeric_limits<std::int32_t>::max()
                         : type == &sample::int63 ? (std::int64_t{1} << 62) - 1
                                                  : std::numeric_limits<std::int64_t>::max();
        EXPECT_TRUE(values.contains(max)) << type->name;
        EXPECT_TRUE(values.contains(-max - 1)) << type->name;
    }
}

// RFC 3629, as strict as it is.
bool is_utf8(base::ByteView bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        auto const lead = bytes[i];
        if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4) return false;
        auto const size = lead < 0x80 ? 1U : lead < 0xe0 ? 2U : lead < 0xf0 ? 3U : 4U;
        if ( i + size > bytes.size()) return false;
        for (std::size_t j = 1; j < size; ++j)
            if ((bytes[i + j] & 0xc0) != 0x80) return false;
        if (lead == 0xe0 && bytes[i + 1] < 0xa0) return false;
        if (lead == 0xed && bytes[i + 1] >= 0xa0) return false;
        if (lead == 0xf0 && bytes[i + 1] < 0x90) return false;
        if (lead == 0xf4 && bytes[i + 1] >= 0x90) return false;
        i += size;
    }
    return true;
}

TEST(random_values, have_strings_of_their_forms) {
    std::size_t texts_beyond_ascii = 0;
    for_random_values(8, [&](Case const& one) {
        Walker walker(*one.root->type, one.bytes);
        for (auto next = walker.next(); next && *next; next = walker.next()) {
            auto const& step = **next;
            if (step.type->kind != Kind::string) continue;
            auto const form = step.type->form;
            auto const is_hash = form == Form::aux_hash || form == Form::pending_coinbase_aux;
            auto const size = form == Form::memo ? 34 : is_hash ? 32 : step.bytes.size();
            EXPECT_EQ(step.bytes.size(), size) << one.what();
            EXPECT_TRUE(form != Form::plain || is_utf8(step.bytes)) << one.what();
            auto const is_ascii = std::ranges::all_of(step.bytes, [](auto byte) { return byte < 0x80; });
            texts_beyond_ascii += form == Form::plain && !is_ascii;
        }
    });
    EXPECT_GT(texts_beyond_ascii, 0U);
}

TEST(random_values, have_long_texts_and_lists) {
    std::size_t longest_text = 0;
    std::size_t longest_list = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        longest_text = std::max(longest_text, random_value(sample::string, 100'000, seed).size());
        longest_list = std::max(longest_list, random_value(sample::fields, 100'000, seed).size());
    }
    EXPECT_GT(longest_text, 0x1'0000U);
    EXPECT_GT(longest_list, 300U * 32);
}

TEST(mutations, never_make_the_walker_misbehave) {
    std::map<std::string_view, int> verdicts;
    for_random_values(4, [&](Case const& one) {
        auto rng = generator(one.seed + 1000);
        auto const draw = [&] { return rng.next(); };
        auto bytes = one.bytes;
        for (int i = 0; i < 5; ++i) {
            bytes = mutate(*one.root->type, bytes, draw);
            bytes.shrink_to_fit();
            auto const wrong = explain(*one.root->type, bytes);
            ++verdicts[wrong ? to_string(wrong->error.reason) : "ok"];
            if (!wrong) continue;
            EXPECT_LE(wrong->error.offset, bytes.size()) << one.what();
            EXPECT_FALSE(wrong->text.empty()) << one.what();
        }
    });
    // Every way to be wrong but being too deep is met, and being right.
    EXPECT_GE(verdicts.size(), 11U);
    EXPECT_GT(verdicts["ok"], 100);
}

TEST(mutations, change_real_messages_in_every_part) {
    auto const block = golden::message("block-357934");
    if (block.type == nullptr) GTEST_SKIP() << golden::folder << " is not here";
    auto rng = generator(7);
    auto const draw = [&] { return rng.next(); };
    std::size_t changed = 0;
    std::set<std::size_t> offsets;
    for (int i = 0; i < 600; ++i) {
        auto const bytes = mutate(*block.type, block.bytes, draw);
        changed += bytes != block.bytes;
        if (auto const walked = walk_all(*block.type, bytes); !walked) offsets.insert(walked.error().offset / 1000);
    }
    EXPECT_GT(changed, 550U);
    EXPECT_GE(offsets.size(), 12U) << "thousands of bytes, of 14, in which an error was seen";
}

TEST(mutations, of_invalid_bytes_change_the_valid_beginning) {
    auto rng = generator(9);
    auto const draw = [&] { return rng.next(); };
    for (auto const* text : {"", "ff", "0102", "02050107ffff"}) {
        for (int i = 0; i < 200; ++i) {
            auto const bytes = mutate(sample::variant, sample::hex(text), draw);
            auto const walked = walk_all(sample::variant, bytes);
            EXPECT_TRUE(walked || walked.error().offset <= bytes.size());
        }
    }
}

}  // namespace
}  // namespace mina::schema
