// Goal: a file is whole or untouched, and every error names its path and reason. Method: a
// temporary directory.
#include "runtime/files.h"

#include "runtime/entropy.h"
#include "runtime/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

namespace runtime::testing {
namespace {

using base::as_bytes;
using base::as_text;

unsigned mode_of(std::string const& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777;
}

TEST(files, writes_replaces_and_reads_back_leaving_nothing_else) {
    TemporaryDirectory const directory;
    auto const path = directory.path("state");
    ASSERT_TRUE(atomic_write(path, as_bytes("one"), 0600));
    EXPECT_EQ(mode_of(path), 0600U);
    ASSERT_TRUE(atomic_write(path, as_bytes("two"), 0600));
    auto const content = read_file(path, 100);
    ASSERT_TRUE(content) << content.error();
    EXPECT_EQ(as_text(*content), "two");
    EXPECT_EQ(directory.files(), 1U);
}

TEST(files, creates_only_what_is_not_there) {
    TemporaryDirectory const directory;
    auto const path = directory.path("key");
    EXPECT_EQ(atomic_create(path, as_bytes("first"), 0600), true);
    EXPECT_EQ(atomic_create(path, as_bytes("second"), 0600), false);
    EXPECT_EQ(as_text(*read_file(path, 100)), "first");
    EXPECT_EQ(directory.files(), 1U);
}

TEST(files, an_error_names_the_path_and_the_reason) {
    TemporaryDirectory const directory;
    auto const absent = directory.path("absent");
    EXPECT_EQ(read_file(absent, 10).error(),
              absent + ": cannot be opened: No such file or directory");
    EXPECT_EQ(*read_file_if_present(absent, 10), std::nullopt);
    EXPECT_NE(read_file(directory.path(""), 10).error().find("Is a directory"), std::string::npos);
    auto const inside = directory.path("no/such/file");
    EXPECT_EQ(atomic_write(inside, as_bytes("x")).error(),
              inside + ": cannot be created: No such file or directory");
    EXPECT_EQ(atomic_create(inside, as_bytes("x"), 0600).error(),
              inside + ": cannot be created: No such file or directory");
    ASSERT_TRUE(make_directory(directory.path("occupied/child")));
    EXPECT_FALSE(atomic_write(directory.path("occupied"), as_bytes("x")));
    EXPECT_EQ(directory.files(), 1U);
}

TEST(files, too_much_is_refused_before_it_is_all_read) {
    TemporaryDirectory const directory;
    auto const path = directory.path("big");
    ASSERT_TRUE(atomic_write(path, base::ByteString(1000)));
    EXPECT_TRUE(read_file(path, 1000));
    EXPECT_EQ(read_file(path, 999).error(), path + ": is too large: more than 999 bytes");
    EXPECT_FALSE(read_file("/dev/zero", 1 << 20));
}

TEST(files, directories_are_made_with_those_above_for_the_user_only) {
    TemporaryDirectory const directory;
    auto const path = directory.path("a/b/c");
    ASSERT_TRUE(make_directory(path));
    ASSERT_TRUE(make_directory(path)) << "it exists";
    EXPECT_EQ(mode_of(path), 0700U);
    ASSERT_TRUE(atomic_write(directory.path("file"), {}));
    EXPECT_FALSE(make_directory(directory.path("file")));
    EXPECT_FALSE(make_directory(directory.path("file/below")));
    EXPECT_TRUE(make_directory(directory.path("trailing/slash/")));
}

class Environment {
public:
    Environment(char const* name, char const* value) : name_(name) {
        if (char const* const former = std::getenv(name)) former_ = former;
        value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
    }
    ~Environment() { former_ ? ::setenv(name_, former_->c_str(), 1) : ::unsetenv(name_); }
    Environment(Environment const&) = delete;
    Environment& operator=(Environment const&) = delete;

private:
    char const* name_;
    std::optional<std::string> former_;
};

TEST(files, the_data_directory_follows_xdg) {
    Environment const home("HOME", "/home/someone");
    {
        Environment const data("XDG_DATA_HOME", "/data");
        EXPECT_EQ(data_directory(), "/data/minap2p");
    }
    Environment const relative("XDG_DATA_HOME", "relative");
    EXPECT_EQ(data_directory(), "/home/someone/.local/share/minap2p");
    Environment const none("XDG_DATA_HOME", nullptr);
    EXPECT_EQ(data_directory(), "/home/someone/.local/share/minap2p");
}

TEST(entropy, seeds_differ) { EXPECT_NE(random_seed(), random_seed()); }

}  // namespace
}  // namespace runtime::testing
