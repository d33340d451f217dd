// Goal: each field element of each type is held against the modulus of its own field: one below it passes, the modulus
// does not, and is named with its offset. Method: random values of every root of every format in which all elements are
// the largest of their field; then one of them after the other is the modulus. That this was done at every place of the
// schemas is checked. Which field is which is seen from the points of real proofs, which lie on their curves.
#include "mina/messages/every_root.h"
#include "mina/schema/golden.h"
#include "mina/schema/random.h"

#include "base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

namespace mina::messages {
namespace {

using binprot::Error;
using binprot::Reason;
using schema::Kind;
using schema::Step;

bool is_field(Kind kind) { return kind == Kind::field_p || kind == Kind::field_q; }

base::ByteArray<32> const& modulus_of(Kind field) {
    return field == Kind::field_p ? schema::modulus_p : schema::modulus_q;
}

// Where a type has a field element: a member of a record or constructor, or the elements of a list, vector or option.
struct Place {
    schema::Type const* owner = nullptr;
    schema::Member const* member = nullptr;
    auto operator<=>(Place const&) const = default;
};

struct Element {
    std::size_t offset = 0;
    Kind kind = Kind::field_p;
    Place place;
};

std::vector<Element> elements_of(schema::Type const& type, base::ByteView bytes) {
    std::vector<Element> elements;
    std::vector<schema::Type const*> open{nullptr};
    schema::Walker walker(type, bytes);
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const& step = **next;
        if (step.what == Step::What::begin) open.push_back(step.type);
        if (step.what == Step::What::end) open.pop_back();
        if (is_field(step.type->kind)) elements.push_back({step.offset, step.type->kind, {open.back(), step.member}});
    }
    return elements;
}

void collect_places(schema::Type const& root, std::set<Place>& places) {
    std::set<schema::Type const*> seen{&root};
    std::vector<schema::Type const*> waiting{&root};
    if (is_field(root.kind)) places.insert(Place{});
    while (!waiting.empty()) {
        auto const& type = *waiting.back();
        waiting.pop_back();
        auto const look_at = [&](schema::Type const& part, schema::Member const* member) {
            if (is_field(part.kind)) places.insert({&type, member});
            if (seen.insert(&part).second) waiting.push_back(&part);
        };
        if (type.element != nullptr) look_at(*type.element, nullptr);
        for (auto const& member : type.members) look_at(*member.type, &member);
        for (auto const& constructor : type.constructors) {
            for (auto const& argument : constructor.arguments) look_at(*argument.type, &argument);
        }
    }
}

base::ByteString random_value(schema::Type const& type, std::uint64_t number, std::size_t bytes_max) {
    base::Rng::Seed seed{};
    std::memcpy(seed.data(), &number, sizeof number);
    base::Rng rng(seed);
    return schema::random_value(type, {.bytes_max = bytes_max}, [&] { return rng.next(); });
}

// The modulus where an element stands, or one less: it ends in 1.
void put(base::ByteString& bytes, Element const& element, std::uint8_t last_byte) {
    std::ranges::copy(modulus_of(element.kind), bytes.begin() + static_cast<std::ptrdiff_t>(element.offset));
    bytes[element.offset] = last_byte;
}

void expect_each_element_is_checked(CodedRoot const& root, base::ByteString bytes, std::vector<Element> const& all) {
    for (auto const& element : all) put(bytes, element, 0);
    ASSERT_TRUE(validate(*root.codec, bytes));
    ASSERT_EQ(recode(root, bytes)->bytes, bytes);
    for (auto const& element : all) {
        put(bytes, element, 1);
        auto const said = validate(*root.codec, bytes);
        ASSERT_FALSE(said) << "at " << element.offset;
        ASSERT_EQ(said.error(), (Error{element.offset, Reason::field_not_reduced}));
        ASSERT_TRUE(validate_structure(*root.codec, bytes)) << "at " << element.offset;
        put(bytes, element, 0);
    }
}

TEST(field_elements, of_every_root_end_below_their_own_modulus) {
    constexpr std::uint64_t seeds = 16;
    std::map<Format, std::set<Place>> places;
    std::map<Format, std::set<Place>> checked;
    for (auto const& root : every_root()) {
        collect_places(root.type(), places[root.format]);
        for (std::uint64_t seed = 0; seed < seeds; ++seed) {
            auto bytes = random_value(root.type(), seed, std::size_t{256} << (2 * (seed % 4)));
            auto const elements = elements_of(root.type(), bytes);
            for (auto const& element : elements) checked[root.format].insert(element.place);
            ASSERT_NO_FATAL_FAILURE(expect_each_element_is_checked(root, std::move(bytes), elements))
                << root.name() << ", seed " << seed;
        }
    }
    for (auto const format : formats) {
        EXPECT_EQ(checked[format], places[format]) << to_string(format);
        EXPECT_GT(places[format].size(), 70U);
    }
}

TEST(field_elements, are_told_of_after_errors_of_the_structure) {
    auto const root = root_named("protocol-state");
    auto bytes = random_value(root.type(), 1, 4096);
    auto const elements = elements_of(root.type(), bytes);
    put(bytes, elements.back(), 1);
    put(bytes, elements.front(), 1);
    EXPECT_EQ(validate(*root.codec, bytes).error(), (Error{elements.front().offset, Reason::field_not_reduced}));
    bytes.push_back(0);
    EXPECT_EQ(validate(*root.codec, bytes).error(), (Error{bytes.size() - 1, Reason::trailing_bytes}));
}

// ---- which field is which

// Numbers below 2^255, little-endian.
using Number = base::ByteArray<32>;

Number sum(Number const& a, Number const& b, Number const& modulus) {
    Number total{};
    int carry = 0;
    for (std::size_t i = 0; i < total.size(); ++i, carry >>= 8) {
        carry += a[i] + b[i];
        total[i] = static_cast<std::uint8_t>(carry);
    }
    if (std::lexicographical_compare(total.rbegin(), total.rend(), modulus.rbegin(), modulus.rend())) return total;
    for (std::size_t i = 0; i < total.size(); ++i, carry >>= 8) {
        carry += total[i] - modulus[i];
        total[i] = static_cast<std::uint8_t>(carry);
    }
    return total;
}

Number product(Number const& a, Number const& b, Number const& modulus) {
    Number total{};
    for (std::size_t bit = 256; bit-- > 0;) {
        total = sum(total, total, modulus);
        if ((b[bit / 8] >> (bit % 8) & 1) != 0) total = sum(total, a, modulus);
    }
    return total;
}

// Both curves are y^2 = x^3 + 5.
bool is_on_curve(Number const& x, Number const& y, Number const& modulus) {
    auto const cube = product(product(x, x, modulus), x, modulus);
    return product(y, y, modulus) == sum(cube, Number{5}, modulus);
}

TEST(field_elements, of_points_are_of_the_field_over_which_their_curve_is) {
    std::size_t points[2] = {0, 0};
    for (auto const* name : {"block-357934", "block-rich"}) {
        auto const block = schema::golden::message(name);
        if (block.type == nullptr) GTEST_SKIP() << schema::golden::folder << " is not here";
        schema::Walker walker(*block.type, block.bytes);
        Number x{};
        for (auto next = walker.next(); next && *next; next = walker.next()) {
            auto const& step = **next;
            if (!is_field(step.type->kind) || step.member == nullptr) continue;
            if (step.member->name == "x") std::ranges::copy(step.bytes, x.begin());
            if (step.member->name != "y") continue;
            Number y{};
            std::ranges::copy(step.bytes, y.begin());
            ASSERT_TRUE(is_on_curve(x, y, modulus_of(step.type->kind))) << name << " " << walker.path();
            ++points[step.type->kind == Kind::field_p ? 0 : 1];
        }
    }
    EXPECT_GT(points[0], 100U);
    EXPECT_GT(points[1], 1U);
}

}  // namespace
}  // namespace mina::messages
