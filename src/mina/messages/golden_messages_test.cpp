// Goal: what Mina's nodes write is read, and written again byte for byte. Method: the golden messages of the shared
// folder, each validated, decoded and encoded by the codec of its root, and walked along; then one byte more, and one
// wrong.
#include "mina/messages/every_root.h"
#include "mina/schema/golden.h"
#include "mina/schema/walker.h"

#include <gtest/gtest.h>

#include <set>

namespace mina::messages {
namespace {

using binprot::Reason;
using schema::Kind;
using schema::Step;

class golden : public testing::Test {
protected:
    void SetUp() override {
        for (auto& message : schema::golden::messages()) {
            auto const root = root_of(*message.type);
            ASSERT_NE(root.codec, nullptr) << message.name;
            all_.push_back({std::move(message.name), root, std::move(message.bytes)});
        }
        if (all_.empty()) GTEST_SKIP() << schema::golden::folder << " is not here";
    }
    struct Message {
        std::string name;
        CodedRoot root;
        base::ByteString bytes;
    };
    std::vector<Message> all_;
};

TEST_F(golden, messages_are_valid) {
    for (auto const& [name, root, bytes] : all_) {
        auto const said = validate(*root.codec, bytes);
        EXPECT_TRUE(said) << name << " at " << said.error().offset << ": " << to_string(said.error().reason);
        EXPECT_TRUE(validate_structure(*root.codec, bytes)) << name;
        EXPECT_TRUE(said_by_walker(root.type(), bytes)) << name;
    }
    EXPECT_EQ(all_.size(), 51U);
}

TEST_F(golden, messages_are_encoded_as_they_were) {
    for (auto const& [name, root, bytes] : all_) {
        auto const recoded = recode(root, bytes);
        ASSERT_TRUE(recoded) << name << " at " << recoded.error().offset << ": " << to_string(recoded.error().reason);
        EXPECT_EQ(recoded->size, bytes.size()) << name;
        EXPECT_TRUE(recoded->bytes == bytes) << name;
    }
}

TEST_F(golden, messages_are_refused_with_a_byte_more) {
    for (auto const& [name, root, bytes] : all_) {
        auto longer = bytes;
        longer.push_back(0);
        auto const expected = binprot::Error{bytes.size(), Reason::trailing_bytes};
        EXPECT_EQ(validate(*root.codec, longer).error(), expected) << name;
        EXPECT_EQ(validate_structure(*root.codec, longer).error(), expected) << name;
        EXPECT_EQ(recode(root, longer).error(), expected) << name;
    }
}

// What is put at a step, or before its end, and what is said of it.
struct Spoilt {
    std::uint8_t byte = 0;
    Reason reason = Reason::truncated;
    std::size_t before = 0;
};

std::optional<Spoilt> spoilt(Step const& step) {
    auto const kind = step.type->kind;
    if (step.what == Step::What::end && kind == Kind::vector) return Spoilt{1, Reason::bad_unit, 1};
    if (step.what == Step::What::end) return std::nullopt;
    if (kind == Kind::boolean) return Spoilt{2, Reason::bad_boolean, 0};
    if (kind == Kind::unit) return Spoilt{1, Reason::bad_unit, 0};
    if (kind == Kind::option) return Spoilt{2, Reason::bad_option, 0};
    if (kind == Kind::variant)
        return Spoilt{static_cast<std::uint8_t>(step.type->constructors.size()), Reason::unknown_variant, 0};
    if (kind == Kind::scan_tree && step.is_level) return Spoilt{2, Reason::unknown_variant, 0};
    if (kind == Kind::polymorphic_variant) return Spoilt{0, Reason::unknown_variant, 0};
    if (kind == Kind::int32 || kind == Kind::int63 || kind == Kind::int64) return Spoilt{0x80, Reason::bad_integer, 0};
    if (kind == Kind::list || kind == Kind::string) return Spoilt{0xff, Reason::bad_integer, 0};
    return std::nullopt;
}

// Each kind of error at each place of the type where it can be, once.
void expect_each_spoilt_byte_is_named(CodedRoot const& root, base::ByteView bytes, std::string const& name) {
    std::set<std::pair<schema::Type const*, schema::Member const*>> done;
    base::ByteString changed(bytes.begin(), bytes.end());
    schema::Walker walker(root.type(), bytes);
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const& step = **next;
        auto const spoil = spoilt(step);
        if (!spoil || !done.insert({step.type, step.member}).second) continue;
        auto const at = step.offset - spoil->before;
        auto const was = std::exchange(changed[at], spoil->byte);
        auto const expected = binprot::Error{at, spoil->reason};
        ASSERT_EQ(validate_structure(*root.codec, changed).error(), expected) << name << " " << walker.path();
        ASSERT_EQ(recode(root, changed).error(), expected) << name << " " << walker.path();
        changed[at] = was;
    }
}

TEST_F(golden, messages_with_a_wrong_byte_are_refused_at_that_byte) {
    for (auto const& [name, root, bytes] : all_) expect_each_spoilt_byte_is_named(root, bytes, name);
}

TEST_F(golden, messages_with_a_field_element_not_below_its_modulus_are_refused) {
    std::size_t count = 0;
    for (auto const& [name, root, bytes] : all_) {
        auto changed = bytes;
        schema::Walker walker(root.type(), bytes);
        std::set<schema::Member const*> done;
        for (auto next = walker.next(); next && *next; next = walker.next()) {
            auto const& step = **next;
            auto const kind = step.type->kind;
            if ((kind != Kind::field_p && kind != Kind::field_q) || !done.insert(step.member).second) continue;
            auto const at = changed.begin() + static_cast<std::ptrdiff_t>(step.offset);
            std::ranges::copy(kind == Kind::field_p ? schema::modulus_p : schema::modulus_q, at);
            auto const expected = binprot::Error{step.offset, Reason::field_not_reduced};
            EXPECT_EQ(validate(*root.codec, changed).error(), expected) << name << " " << walker.path();
            EXPECT_TRUE(validate_structure(*root.codec, changed)) << name;
            // One below it is a field element.
            *at -= 1;
            EXPECT_TRUE(validate(*root.codec, changed)) << name << " " << walker.path();
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(step.offset), 32, at);
            ++count;
        }
    }
    EXPECT_GT(count, 500U);
}

}  // namespace
}  // namespace mina::messages
