// Goal: a log that was written plays to the same digest; whatever differs is named by its step, whatever is damaged by its
// place; what cannot be written ends the recording and nothing else.
// Method: a small core is recorded into memory; the log is cut, changed and played.
#include "replay/replay.h"

#include "replay/input_codec.h"
#include "replay/memory_log.h"
#include "base/check.h"
#include "replay/test_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replay {
namespace {

using testing::HasSubstr;

base::Result<std::unique_ptr<libp2p::Core>, std::string> make_core(base::ByteView setup) {
    if (setup.size() != 1) return base::fail(std::string("a setup of one byte is wanted"));
    return std::make_unique<test::SumCore>(setup[0]);
}

LogOptions options(std::uint64_t digest_steps = 10) {
    LogOptions options;
    options.build_id = "test build";
    options.setup = {42};
    options.digest_steps = digest_steps;
    options.digest_time_min = {};
    return options;
}

/// Makes `steps` steps: a Received each, every fifth time a Written.
void run(libp2p::Core& core, int steps) {
    for (int i = 1; i <= steps; ++i) {
        base::Instant const now{i * 1'000'000};
        base::ByteString bytes(static_cast<std::size_t>(i % 50) + 1, static_cast<std::uint8_t>(i));
        if (i % 5 == 0) {
            core.step(now, libp2p::Written{{2}, static_cast<std::uint64_t>(i)});
        } else {
            core.step(now, libp2p::Received{{2}, bytes});
        }
    }
}

base::Digest record(MemoryLog& log, int steps, LogOptions with = options()) {
    test::SumCore core(with.setup.at(0));
    LogWriter writer(std::move(with), log);
    RecordingCore recording(core, writer);
    run(recording, steps);
    recording.finish();
    return digest_of(core);
}

std::string error_of(MemoryLog& log) {
    auto const played = play(log, make_core);
    return played ? "played" : played.error().text();
}

TEST(Replay, plays_a_log_to_the_same_digest) {
    MemoryLog log;
    auto const digest = record(log, 100);
    auto const played = play(log, make_core);
    ASSERT_TRUE(played.has_value()) << played.error().text();
    EXPECT_TRUE(played->same());
    EXPECT_EQ(played->digest, digest);
    EXPECT_EQ(played->steps, 100U);
    EXPECT_EQ(played->digests, 11U);  // every ten steps, and at the end
    EXPECT_EQ(played->time, base::Duration(99'000'000));
    EXPECT_EQ(played->end, LogReader::End::closed);
    EXPECT_EQ(played->build_id, "test build");
}

TEST(Replay, plays_a_log_of_many_segments) {
    MemoryLog log;
    auto with = options();
    with.segment_bytes_max = 500;
    auto const digest = record(log, 300, with);
    EXPECT_GT(log.segments.size(), 10U);
    auto const played = play(log, make_core);
    ASSERT_TRUE(played.has_value()) << played.error().text();
    EXPECT_TRUE(played->same());
    EXPECT_EQ(played->digest, digest);
    EXPECT_EQ(played->steps, 300U);
    EXPECT_GE(played->digests, log.segments.size());  // one at the end of each segment
}

TEST(Replay, the_recorded_core_sees_what_it_would_see) {
    MemoryLog log;
    test::SumCore alone(42);
    run(alone, 100);
    EXPECT_EQ(record(log, 100), digest_of(alone));
}

TEST(Replay, names_the_step_whose_effects_differ) {
    MemoryLog log;
    record(log, 100);
    // The same log with one byte of the input of step 37 changed, as if the core had seen something else then.
    MemoryLog changed;
    auto reader = LogReader::open(log);
    ASSERT_TRUE(reader.has_value());
    LogWriter writer(options(), changed);
    std::uint64_t step = 0;
    base::Instant now;
    while (auto const record = *(*reader)->next()) {
        if (step > 0) writer.effects(record->effects);
        if (auto const* digest = std::get_if<base::Digest>(&record->body)) writer.digest(*digest);
        auto const* made = std::get_if<StepRecord>(&record->body);
        if (made == nullptr) continue;
        now = now + base::Duration(static_cast<std::int64_t>(made->time));
        if (++step == 37) made->input.back() ^= 1;
        writer.input(now, *decode_input(made->input));
    }
    writer.close();
    auto const played = play(changed, make_core);
    ASSERT_TRUE(played.has_value()) << played.error().text();
    ASSERT_TRUE(played->divergence.has_value());
    EXPECT_EQ(played->divergence->kind, Divergence::Kind::effects);
    EXPECT_EQ(played->divergence->step, 37U);
    EXPECT_EQ(played->divergence->equal_until, 36U);
    EXPECT_EQ(played->divergence->text(),
              "step 37 at 0.037000 s has other effects than recorded (Received link 2: 38 bytes)");
}

TEST(Replay, bounds_a_difference_that_no_effect_shows_by_two_digests) {
    // Step 15 is a Written: the other core takes it otherwise, and is asked to say no more after it.
    class OtherCore final : public libp2p::Core {
    public:
        std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override {
            if (++steps_ == 15) return inner_.step(now, libp2p::Written{{2}, 1'000});
            return inner_.step(now, input);
        }
        std::optional<libp2p::Deadline> next_deadline() const override { return std::nullopt; }
        void describe(base::Describer& describer) const override { inner_.describe(describer); }

    private:
        test::SumCore inner_{42};
        int steps_ = 0;
    };
    MemoryLog log;
    {
        test::SumCore core(42);
        LogWriter writer(options(8), log);
        RecordingCore recording(core, writer);
        run(recording, 15);
    }
    auto const played = play(log, [](base::ByteView) { return std::make_unique<OtherCore>(); });
    ASSERT_TRUE(played.has_value()) << played.error().text();
    ASSERT_TRUE(played->divergence.has_value());
    EXPECT_EQ(played->divergence->kind, Divergence::Kind::state);
    EXPECT_EQ(played->divergence->step, 15U);
    EXPECT_EQ(played->divergence->equal_until, 8U);
    EXPECT_THAT(played->divergence->text(), HasSubstr("after step 15"));
}

TEST(Replay, stops_after_a_given_step_and_prints_the_state) {
    MemoryLog log;
    record(log, 100);
    PlayOptions how;
    how.stop_after = 50;
    how.print_state = true;
    std::uint64_t told = 0;
    how.on_step = [&](std::uint64_t step, base::Instant now, libp2p::Input const&) {
        told = step;
        EXPECT_EQ(now.nanoseconds, static_cast<std::int64_t>(step) * 1'000'000);
    };
    auto const played = play(log, make_core, how);
    ASSERT_TRUE(played.has_value()) << played.error().text();
    EXPECT_TRUE(played->stopped_early);
    EXPECT_EQ(played->steps, 50U);
    EXPECT_EQ(told, 50U);
    test::SumCore core(42);
    run(core, 50);
    EXPECT_EQ(played->digest, digest_of(core));
    EXPECT_THAT(played->state, HasSubstr("sum " + std::to_string(core.sum)));
}

TEST(Replay, plays_what_a_killed_node_left) {
    MemoryLog log;
    test::SumCore core(42);
    LogWriter writer(options(), log);
    RecordingCore recording(core, writer);
    run(recording, 33);
    // Nothing is closed; the file has room that was not used.
    auto left = log;
    left.segments[0].resize(left.segments[0].size() + 1000);
    auto const played = play(left, make_core);
    ASSERT_TRUE(played.has_value()) << played.error().text();
    EXPECT_TRUE(played->same());
    EXPECT_EQ(played->steps, 33U);
    EXPECT_EQ(played->end, LogReader::End::open);
    EXPECT_EQ(played->digest, digest_of(core));
}

TEST(Replay, holds_the_input_that_killed_its_node) {
    MemoryLog log;
    LogWriter writer(options(), log);
    base::ByteString bytes = {1, 2, 3};
    writer.input({5}, libp2p::Received{{2}, bytes});  // and the step never ends
    auto reader = LogReader::open(log);
    ASSERT_TRUE(reader.has_value());
    auto const record = (*reader)->next();
    ASSERT_TRUE(record.has_value() && record->has_value());
    auto const input = decode_input(std::get<StepRecord>((*record)->body).input);
    ASSERT_TRUE(input.has_value());
    EXPECT_TRUE(base::equal(std::get<libp2p::Received>(*input).bytes, bytes));
}

TEST(Replay, leaves_out_a_torn_last_record_wherever_it_is_torn) {
    MemoryLog log;
    record(log, 20, options(1000));
    auto const whole = log.segments[0];
    std::uint64_t steps_before = 0;
    for (std::size_t size = whole.size() - 200; size < whole.size(); ++size) {
        log.segments[0].assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        auto const played = play(log, make_core);
        ASSERT_TRUE(played.has_value()) << played.error().text() << " cut at " << size;
        EXPECT_TRUE(played->same());
        EXPECT_NE(played->end, LogReader::End::closed);
        EXPECT_GE(played->steps, steps_before);
        steps_before = played->steps;
        // The same with zeros where the last bytes should be.
        log.segments[0].resize(whole.size());
        auto const zeroed = play(log, make_core);
        ASSERT_TRUE(zeroed.has_value()) << zeroed.error().text() << " zeroed from " << size;
        EXPECT_LE(zeroed->steps, steps_before + 1);
    }
    EXPECT_EQ(steps_before, 20U);
}

TEST(Replay, refuses_a_damaged_log_by_segment_and_offset) {
    MemoryLog log;
    auto with = options();
    with.segment_bytes_max = 1000;
    record(log, 100, with);
    ASSERT_GT(log.segments.size(), 2U);
    auto const whole = log.segments;
    for (std::size_t at = 0; at + 60 < whole[1].size(); at += 7) {
        log.segments = whole;
        log.segments[1][at] ^= 0x40;
        EXPECT_THAT(error_of(log), HasSubstr("segment 2, offset ")) << "byte " << at;
    }
    log.segments = whole;
    log.segments[1].resize(log.segments[1].size() / 2);
    EXPECT_THAT(error_of(log), HasSubstr("the segment ends here, the log does not"));
}

TEST(Replay, refuses_what_is_no_log_or_of_another_version_or_of_another_run) {
    MemoryLog log;
    EXPECT_EQ(error_of(log), "segment 1, offset 0: there is no such file");
    log.segments.push_back({1, 2, 3});
    EXPECT_EQ(error_of(log), "segment 1, offset 0: not a log of a node");
    log.segments.clear();
    auto with = options();
    with.segment_bytes_max = 1000;
    record(log, 100, with);
    auto const whole = log.segments;
    log.segments[0][8] = 9;
    EXPECT_EQ(error_of(log), "segment 1, offset 0: a log of version 9; this program reads version 3");
    log.segments = whole;
    log.segments[0][20] ^= 1;
    EXPECT_EQ(error_of(log), "segment 1, offset 0: damaged header");
    log.segments = whole;
    std::swap(log.segments[1], log.segments[2]);
    EXPECT_EQ(error_of(log), "segment 2, offset 0: this is segment 3");
    MemoryLog other;
    with.setup = {41};
    record(other, 100, with);
    log.segments = whole;
    log.segments[1] = other.segments[1];
    EXPECT_EQ(error_of(log), "segment 2, offset 0: a segment of another log");
    log.segments = whole;
    EXPECT_THAT(play(log, [](base::ByteView) -> base::Result<std::unique_ptr<libp2p::Core>, std::string> {
                    return base::fail(std::string("no key"));
                }).error().text(),
                HasSubstr("no node can be made of its setup: no key"));
}

TEST(Replay, a_recording_ends_at_its_bound_and_says_so) {
    MemoryLog log;
    auto with = options();
    with.log_bytes_max = 1000;
    std::vector<std::string> told;
    with.on_stopped = [&](std::string const& why) { told.push_back(why); };
    test::SumCore core(42);
    LogWriter writer(with, log);
    RecordingCore recording(core, writer);
    run(recording, 500);
    EXPECT_FALSE(writer.recording());
    EXPECT_EQ(told, std::vector<std::string>{"the log has reached its bound of 1000 bytes"});
    auto const played = play(log, make_core);
    ASSERT_TRUE(played.has_value()) << played.error().text();
    EXPECT_TRUE(played->same());
    EXPECT_EQ(played->end, LogReader::End::full);
    EXPECT_LT(played->steps, 500U);
    EXPECT_LT(writer.bytes(), 1200U);
}

TEST(Replay, a_sink_that_fails_ends_the_recording_and_not_the_node) {
    // It fails at the n-th call, whichever that is.
    class FailingSink final : public LogSink {
    public:
        explicit FailingSink(int calls) : left_(calls) {}
        Done begin_segment(std::uint64_t) override { return count(); }
        Done append(base::ByteView) override { return count(); }
        Done end_segment() override {
            ended = true;
            return {};
        }
        bool ended = false;

    private:
        Done count() {
            base::check(left_ >= 0, "nothing is written after a failure");
            if (left_-- == 0) return base::fail(std::string("disk full"));
            return {};
        }
        int left_;
    };
    test::SumCore alone(42);
    run(alone, 100);
    for (int calls = 0; calls < 60; ++calls) {
        FailingSink sink(calls);
        auto with = options();
        with.segment_bytes_max = 300;
        std::vector<std::string> told;
        with.on_stopped = [&](std::string const& why) { told.push_back(why); };
        test::SumCore core(42);
        LogWriter writer(with, sink);
        RecordingCore recording(core, writer);
        run(recording, 100);
        recording.finish();
        EXPECT_EQ(told, std::vector<std::string>{"disk full"});
        EXPECT_TRUE(sink.ended);
        EXPECT_FALSE(writer.recording());
        EXPECT_EQ(digest_of(core), digest_of(alone));
    }
}

TEST(Replay, digests_come_by_steps_and_by_time) {
    auto const digests = [](LogOptions with, base::Duration between, int steps) {
        MemoryLog log;
        LogWriter writer(std::move(with), log);
        test::SumCore core(42);
        RecordingCore recording(core, writer);
        base::Instant now;
        for (int i = 0; i < steps; ++i) {
            recording.step(now, libp2p::Tick{});
            now = now + between;
        }
        recording.finish();
        return play(log, make_core)->digests;
    };
    LogOptions with;
    with.setup = {42};
    EXPECT_EQ(digests(with, std::chrono::microseconds(1), 10'000), 1U);   // 10 ms in all: only the last
    EXPECT_EQ(digests(with, std::chrono::milliseconds(1), 10'000), 3U);   // every 4,096 steps, and the last
    EXPECT_EQ(digests(with, std::chrono::seconds(1), 100), 10U);      // every 10 s, and the last
}

}  // namespace
}  // namespace replay
