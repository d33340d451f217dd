// Goal: a log is the same in files as in memory; its files are private; a full disk ends the recording with a reason; a
// killed process leaves all its inputs.
// Method: real files in a temporary directory; RLIMIT_FSIZE as the full disk; a child process that is killed.
#include "replay/files/log_directory.h"
#include "replay/player.h"
#include "replay/recording_core.h"
#include "replay/test_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace replay {
namespace {

using testing::HasSubstr;

class LogDirectory : public testing::Test {
protected:
    LogDirectory() {
        std::string pattern = testing::TempDir() + "log_directory_XXXXXX";
        root_ = ::mkdtemp(pattern.data());
    }
    ~LogDirectory() override { std::filesystem::remove_all(root_); }
    std::string path() const { return root_ + "/log"; }

    static base::Result<std::unique_ptr<libp2p::Core>, std::string> make_core(base::ByteView) {
        return std::make_unique<test::SumCore>();
    }
    static void run(libp2p::Core& core, int steps) {
        base::ByteString bytes(1000);
        for (int i = 0; i < steps; ++i) {
            for (auto& byte : bytes) byte = static_cast<std::uint8_t>(i);
            core.step({i}, libp2p::Received{{1}, bytes});
        }
    }

private:
    std::string root_;
};

TEST_F(LogDirectory, plays_what_was_recorded_over_several_files) {
    LogOptions options;
    options.segment_bytes_max = 2'500'000;  // more than one window of the sink
    test::SumCore core;
    {
        auto sink = DirectorySink::open(path());
        ASSERT_TRUE(sink.has_value()) << sink.error();
        LogWriter writer(options, **sink);
        RecordingCore recording(core, writer);
        run(recording, 8'000);
        recording.finish();
        EXPECT_GT(writer.bytes(), 8'000'000U);
    }
    DirectorySource source(path());
    EXPECT_EQ(source.last_segment(), 4U);
    auto const played = play(source, make_core);
    ASSERT_TRUE(played.has_value()) << played.error().text();
    EXPECT_TRUE(played->same());
    EXPECT_EQ(played->steps, 8'000U);
    EXPECT_EQ(played->end, LogReader::End::closed);
    EXPECT_EQ(played->digest, digest_of(core));
}

TEST_F(LogDirectory, is_readable_by_its_owner_only) {
    auto sink = DirectorySink::open(path());
    ASSERT_TRUE(sink.has_value()) << sink.error();
    LogWriter writer({}, **sink);
    struct stat about {};
    ASSERT_EQ(::stat(path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0700U);
    ASSERT_EQ(::stat((path() + "/000001.log").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(LogDirectory, refuses_to_record_over_a_log) {
    {
        auto sink = DirectorySink::open(path());
        ASSERT_TRUE(sink.has_value()) << sink.error();
        LogWriter writer({}, **sink);
    }
    auto const again = DirectorySink::open(path());
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error(), path() + " holds a log already");
}

TEST_F(LogDirectory, says_why_a_directory_cannot_be_made) {
    auto const sink = DirectorySink::open(path() + "/not/there");
    ASSERT_FALSE(sink.has_value());
    EXPECT_THAT(sink.error(), HasSubstr("cannot make " + path() + "/not/there: No such file or directory"));
}

TEST_F(LogDirectory, a_damaged_file_is_named) {
    {
        auto sink = DirectorySink::open(path());
        ASSERT_TRUE(sink.has_value()) << sink.error();
        LogWriter writer({}, **sink);
        test::SumCore core;
        RecordingCore recording(core, writer);
        run(recording, 100);
    }
    std::fstream file(path() + "/000001.log", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5'000);
    file.put('x');
    file.close();
    DirectorySource source(path());
    auto const played = play(source, make_core);
    ASSERT_FALSE(played.has_value());
    EXPECT_THAT(played.error().text(), HasSubstr(path() + "/000001.log, offset 4"));
    EXPECT_THAT(played.error().text(), HasSubstr("damaged record"));
}

TEST_F(LogDirectory, an_absent_log_is_named) {
    DirectorySource source(path());
    auto const played = play(source, make_core);
    ASSERT_FALSE(played.has_value());
    EXPECT_EQ(played.error().text(), path() + "/000001.log, offset 0: there is no such file");
}

TEST_F(LogDirectory, a_full_disk_ends_the_recording_and_says_why) {
    struct rlimit old {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
    auto* const was = std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = old;
    small.rlim_cur = 3'000'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    std::vector<std::string> told;
    test::SumCore core;
    {
        auto sink = DirectorySink::open(path());
        ASSERT_TRUE(sink.has_value()) << sink.error();
        LogOptions options;
        options.on_stopped = [&](std::string const& why) { told.push_back(why); };
        LogWriter writer(options, **sink);
        RecordingCore recording(core, writer);
        run(recording, 5'000);
        EXPECT_FALSE(writer.recording());
    }
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
    std::signal(SIGXFSZ, was);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_THAT(told[0], HasSubstr("cannot write " + path() + "/000001.log: File too large"));
    // What was written before is a log; the record that did not fit is torn.
    DirectorySource source(path());
    auto const played = play(source, make_core);
    ASSERT_TRUE(played.has_value()) << played.error().text();
    EXPECT_TRUE(played->same());
    EXPECT_GT(played->steps, 1'900U);
}

TEST_F(LogDirectory, a_killed_process_leaves_every_input) {
    auto const child = ::fork();
    if (child == 0) {
        auto sink = DirectorySink::open(path());
        if (!sink) ::_exit(1);
        LogWriter writer({}, **sink);
        test::SumCore core;
        RecordingCore recording(core, writer);
        run(recording, 1'234);
        ::kill(::getpid(), SIGKILL);
    }
    ASSERT_GT(child, 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    DirectorySource source(path());
    auto const played = play(source, make_core);
    ASSERT_TRUE(played.has_value()) << played.error().text();
    EXPECT_TRUE(played->same());
    EXPECT_EQ(played->steps, 1'234U);
    EXPECT_EQ(played->end, LogReader::End::open);
    test::SumCore core;
    run(core, 1'234);
    EXPECT_EQ(played->digest, digest_of(core));
}

}  // namespace
}  // namespace replay
