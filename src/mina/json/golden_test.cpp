// Goal: the JSON form is that of another implementation, both ways, and of every message it can be read back. Method:
// pairs of bytes and JSON that Mina's Rust node made, where the shared folder is.
#include "mina/json/read.h"
#include "mina/json/write.h"
#include "mina/schema/golden.h"

#include <gtest/gtest.h>

namespace mina::json {
namespace {

namespace golden = schema::golden;

std::string text_of(std::string const& name) {
    return std::string(base::as_text(golden::read(golden::folder + name + ".json").value_or(base::ByteString{})));
}

// Without white space, members in their order.
std::string compact(std::string const& json) { return nlohmann::ordered_json::parse(json).dump(); }

// A proof that stands alone has no form of its own; inside SNARK work it is a string.
schema::Type const* type_of(golden::Message const& message) {
    if (message.name != "transaction-proof") return message.type;
    auto const& schema = messages::schema_of(messages::Format::berkeley);
    return find_root(schema, "@Transaction_snark.V2")->type->members[1].type;
}

class Golden : public testing::Test {
protected:
    void SetUp() override {
        if (messages_.empty()) GTEST_SKIP() << "no golden messages in " << golden::folder;
    }
    std::vector<golden::Message> messages_ = golden::messages();
};

TEST_F(Golden, messages_are_written_as_others_write_them) {
    EXPECT_GT(messages_.size(), 40U);
    for (auto const& message : messages_) {
        auto const written = to_json(*type_of(message), message.bytes);
        ASSERT_TRUE(written) << message.name;
        EXPECT_EQ(compact(*written), compact(text_of(message.name))) << message.name;
    }
}

TEST_F(Golden, what_others_write_is_read_to_the_same_bytes) {
    for (auto const& message : messages_) {
        auto const read = read_json(*message.type, text_of(message.name));
        ASSERT_TRUE(read) << message.name << to_string(read.error());
        EXPECT_EQ(*read, message.bytes) << message.name;
    }
}

TEST_F(Golden, what_is_written_is_read_again_in_each_layout) {
    for (auto const& message : messages_) {
        for (auto const indent : {0U, 2U}) {
            for (auto const structural : {false, true}) {
                auto const written = to_json(*type_of(message), message.bytes, {indent, structural});
                ASSERT_TRUE(written);
                auto const read = read_json(*message.type, *written);
                ASSERT_TRUE(read) << message.name << to_string(read.error());
                EXPECT_EQ(*read, message.bytes) << message.name;
            }
        }
    }
}

TEST_F(Golden, an_indented_text_is_what_others_write_to_the_letter) {
    for (auto const& message : messages_) {
        auto written = to_json(*type_of(message), message.bytes, {.indent = 2}).value() + "\n";
        // RapidJSON has capitals here.
        if (auto const at = written.find("\\u000E"); at != std::string::npos) written[at + 5] = 'e';
        EXPECT_TRUE(written == text_of(message.name)) << message.name;
    }
}

TEST_F(Golden, a_message_that_ends_early_is_an_error_and_not_a_text) {
    auto const message = golden::message("account-2");
    for (std::size_t size = 0; size < message.bytes.size(); ++size)
        EXPECT_FALSE(to_json(*message.type, base::ByteView(message.bytes).first(size))) << size;
    auto longer = message.bytes;
    longer.push_back(0);
    EXPECT_EQ(to_json(*message.type, longer).error().reason, binprot::Reason::trailing_bytes);
}

TEST_F(Golden, texts_that_end_early_are_refused) {
    auto const message = golden::message("account-2");
    auto const text = compact(text_of(message.name));
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_FALSE(read_json(*message.type, std::string_view(text).substr(0, size))) << size;
}

}  // namespace
}  // namespace mina::json
