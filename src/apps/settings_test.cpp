// Settings. Goal: each source is used, in the stated order, and each mistake is named with what to do.
// Method: resolve with
// flags, variables and files made here.
#include "apps/command_line.h"
#include "apps/failure.h"
#include "apps/settings.h"
#include "runtime/files.h"
#include "runtime/temporary_directory.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace apps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Flags = std::map<std::string, Values, std::less<>>;

class SettingsTest : public ::testing::Test {
protected:
    ~SettingsTest() override { ::unsetenv("MINAP2P_PEERS_MIN"); }

    Flags with_file(std::string const& text) {
        EXPECT_TRUE(runtime::make_directory(directory_));
        EXPECT_TRUE(runtime::atomic_write(directory_ + "/minap2p.toml", base::as_bytes(text)));
        return {{"data-dir", {directory_}}};
    }
    Flags with_nothing() const { return {{"data-dir", {directory_}}}; }

    runtime::testing::TemporaryDirectory scratch_;
    std::string directory_ = scratch_.path("data");
};

template <class Error>
std::string error_of(Flags const& flags) {
    try {
        Settings::resolve(flags);
    } catch (Error const& error) {
        return error.what();
    }
    return {};
}

TEST_F(SettingsTest, take_flag_then_environment_then_file_then_default) {
    EXPECT_EQ(Settings::resolve(with_nothing()).value("peers-min").origin, "default");
    EXPECT_EQ(Settings::resolve(with_nothing()).number("peers-min"), 20U);

    auto flags = with_file("peers-min = 3\n");
    EXPECT_EQ(Settings::resolve(flags).number("peers-min"), 3U);
    EXPECT_EQ(Settings::resolve(flags).value("peers-min").origin, "file " + directory_ + "/minap2p.toml");

    ::setenv("MINAP2P_PEERS_MIN", "4", 1);
    EXPECT_EQ(Settings::resolve(flags).number("peers-min"), 4U);
    EXPECT_EQ(Settings::resolve(flags).value("peers-min").origin, "environment MINAP2P_PEERS_MIN");

    flags["peers-min"] = {"5"};
    EXPECT_EQ(Settings::resolve(flags).number("peers-min"), 5U);
    EXPECT_EQ(Settings::resolve(flags).value("peers-min").origin, "flag");
}

TEST_F(SettingsTest, take_topics_from_the_network_unless_given) {
    auto const settings = Settings::resolve(with_file("network = \"devnet\"\n"));
    EXPECT_EQ(settings.network().name, "devnet");
    EXPECT_EQ(settings.value("topic").origin, "network devnet");
    EXPECT_EQ(settings.list("topic"), mina::builtin("devnet")->topics);

    auto flags = with_nothing();
    flags["topic"] = {"a", "b"};
    EXPECT_THAT(Settings::resolve(flags).list("topic"), ElementsAre("a", "b"));
}

TEST_F(SettingsTest, take_the_fallbacks_of_a_command_in_place_of_defaults) {
    auto const settings = Settings::resolve(with_nothing(), {{"network", "local"}, {"timeout", "15s"}});
    EXPECT_EQ(settings.network().name, "local");
    EXPECT_EQ(settings.duration("timeout"), std::chrono::seconds(15));
}

TEST_F(SettingsTest, name_the_nearest_key_for_an_unknown_one_in_the_file) {
    auto const error = error_of<Failure>(with_file("\npeer-min = 3\n"));
    EXPECT_THAT(error, HasSubstr("line 2"));
    EXPECT_THAT(error, HasSubstr("unknown key 'peer-min'; the nearest is 'peers-min'"));
}

TEST_F(SettingsTest, refuse_the_places_of_the_file_in_the_file) {
    EXPECT_THAT(error_of<Failure>(with_file("data-dir = \"/x\"\n")), HasSubstr("unknown key 'data-dir'"));
}

TEST_F(SettingsTest, refuse_values_of_the_wrong_kind_and_say_where) {
    EXPECT_THAT(error_of<Failure>(with_file("peers-min = \"many\"\n")),
                HasSubstr("peers-min: 'many' is not a whole number"));
    EXPECT_THAT(error_of<Failure>(with_file("peers-min = 1.5\n")), HasSubstr("peers-min"));
    EXPECT_THAT(error_of<Failure>(with_file("listen = [1]\n")), HasSubstr("a list of texts"));
    EXPECT_THAT(error_of<Failure>(with_file("= 3")), HasSubstr("not TOML"));
    auto flags = with_file("");
    flags["retry-max"] = {"soon"};
    EXPECT_THAT(error_of<UsageError>(flags), HasSubstr("--retry-max: 'soon' is not a time"));
    flags = with_nothing();
    flags["verdicts"] = {"none"};
    EXPECT_THAT(error_of<UsageError>(flags), HasSubstr("neither auto nor application"));
}

TEST_F(SettingsTest, refuse_a_given_file_that_is_not_there) {
    EXPECT_THAT(error_of<Failure>({{"data-dir", {directory_}}, {"config", {directory_ + "/none"}}}),
                HasSubstr("no such file"));
}

TEST_F(SettingsTest, name_the_nearest_network) {
    auto flags = with_nothing();
    flags["network"] = {"mainet"};
    EXPECT_THAT(error_of<Failure>(flags), HasSubstr("the nearest is 'mainnet'"));
}

std::string usage_error(std::vector<std::string> const& words) {
    CommandLine line("node", "", {"node", "node"});
    line.take({"listen", "peers-min", "payload"});
    try {
        line.parse(words);
    } catch (UsageError const& error) {
        return error.what();
    }
    return {};
}

TEST(CommandLine, names_the_nearest_flag_for_an_unknown_one) {
    EXPECT_EQ(usage_error({"--liten", "x"}), "unknown flag '--liten'; the nearest is '--listen'");
    EXPECT_EQ(usage_error({"--paylod=1"}), "unknown flag '--paylod'; the nearest is '--payload'");
}

TEST(CommandLine, names_the_flag_whose_value_is_missing_or_too_many) {
    EXPECT_THAT(usage_error({"--listen"}), HasSubstr("--listen"));
    EXPECT_THAT(usage_error({"--peers-min", "1", "--peers-min", "2"}), HasSubstr("--peers-min"));
    EXPECT_EQ(usage_error({"--listen", "a", "--listen", "b"}), "");
}

TEST(CommandLine, refuses_an_argument_that_it_does_not_take) {
    EXPECT_EQ(usage_error({"stray"}), "unexpected argument 'stray'");
}

}  // namespace
}  // namespace apps
