// Goal: what a node of a simulated network went through can be recorded and played again, to the same digest.
// Method: every honest node of a network with faults is recorded into memory; each log is played; then one is altered.
#include "replay/effects_hash.h"
#include "replay/input_codec.h"
#include "replay/memory_log.h"
#include "replay/replay.h"
#include "sim/sim.h"
#include "sim/swarm_node.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

struct Recording {
    NodeSpec spec;
    replay::MemoryLog log;
    std::optional<base::Digest> digest;  // when the node ended in order
};

class RecordedNode final : public Node {
public:
    explicit RecordedNode(Recording& recording)
        : recording_(recording),
          swarm_(config_of(recording.spec), trace_),
          writer_(options(), recording.log),
          recorder_(swarm_, writer_) {}
    ~RecordedNode() override {
        recording_.digest = replay::digest_of(swarm_);
        recorder_.finish();
    }

    libp2p::Core& core() override { return recorder_; }
    libp2p::Core const& core() const override { return recorder_; }
    libp2p::PeerId const& id() const override { return swarm_.self(); }
    void check_invariants() const override { swarm_.check_invariants(); }

private:
    static replay::LogOptions options() {
        replay::LogOptions options;
        options.segment_bytes_max = 200'000;
        return options;
    }
    Recording& recording_;
    base::NoTrace trace_;
    libp2p::Swarm swarm_;
    replay::LogWriter writer_;
    replay::RecordingCore recorder_;
};

/// A core that holds all it refers to.
class PlayedSwarm final : public libp2p::Core {
public:
    explicit PlayedSwarm(NodeSpec const& spec) : swarm_(config_of(spec), trace_) {}
    std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override {
        return swarm_.step(now, input);
    }
    std::optional<libp2p::Deadline> next_deadline() const override { return swarm_.next_deadline(); }
    void describe(base::Describer& describer) const override { swarm_.describe(describer); }

private:
    base::NoTrace trace_;
    libp2p::Swarm swarm_;
};

replay::CoreFactory factory_of(NodeSpec const& spec) {
    return [spec](base::ByteView) { return std::make_unique<PlayedSwarm>(spec); };
}

std::vector<std::unique_ptr<Recording>> recorded_run(std::string scenario, std::uint64_t seed, bool real_crypto) {
    std::vector<std::unique_ptr<Recording>> recordings;
    Options options;
    options.scenario = std::move(scenario);
    options.nodes = 6;
    options.seed = seed;
    options.duration = std::chrono::seconds(15);
    options.real_crypto = real_crypto;
    options.make_node = [&](NodeSpec const& spec) {
        recordings.push_back(std::make_unique<Recording>());
        recordings.back()->spec = spec;
        return std::make_unique<RecordedNode>(*recordings.back());
    };
    auto const report = run(options);
    EXPECT_TRUE(report.has_value() && report->ok());
    return recordings;
}

TEST(SimReplay, every_node_of_a_troubled_network_plays_to_the_same_digest) {
    std::uint64_t steps = 0;
    for (auto const* scenario : {"mix", "churn", "hostile"}) {
        for (auto const& recording : recorded_run(scenario, 3, false)) {
            auto const played = replay::play(recording->log, factory_of(recording->spec));
            ASSERT_TRUE(played.has_value()) << played.error().text();
            EXPECT_TRUE(played->same()) << played->divergence->text();
            EXPECT_EQ(played->digest, recording->digest);
            EXPECT_EQ(played->end, replay::LogReader::End::closed);
            EXPECT_GT(played->digests, 0U);
            steps += played->steps;
        }
    }
    EXPECT_GT(steps, 3'000U);
}

TEST(SimReplay, plays_real_cryptography_too) {
    for (auto const& recording : recorded_run("gossip", 1, true)) {
        auto const played = replay::play(recording->log, factory_of(recording->spec));
        ASSERT_TRUE(played.has_value()) << played.error().text();
        EXPECT_TRUE(played->same()) << played->divergence->text();
        EXPECT_EQ(played->digest, recording->digest);
    }
}

TEST(SimReplay, another_seed_differs_at_the_first_step_that_shows_it) {
    auto const recordings = recorded_run("gossip", 1, false);
    auto spec = recordings.front()->spec;
    spec.seed ^= 1;
    auto const played = replay::play(recordings.front()->log, factory_of(spec));
    ASSERT_TRUE(played.has_value()) << played.error().text();
    ASSERT_TRUE(played->divergence.has_value());
    EXPECT_EQ(played->divergence->kind, replay::Divergence::Kind::effects);
    EXPECT_LT(played->divergence->step, 20U);
}

TEST(SimReplay, a_flipped_byte_of_what_was_received_is_named_by_its_step) {
    auto recordings = recorded_run("gossip", 1, false);
    auto& recording = *recordings.front();
    // The same log, but for one byte of the 40th Received, with all hashes as if it had come like that.
    replay::MemoryLog altered;
    replay::LogWriter writer({}, altered);
    auto reader = replay::LogReader::open(recording.log);
    ASSERT_TRUE(reader.has_value());
    std::uint64_t step = 0;
    std::uint64_t received = 0;
    std::uint64_t altered_step = 0;
    base::Instant now;
    for (;;) {
        auto const record = (*reader)->next();
        ASSERT_TRUE(record.has_value());
        if (!*record) break;
        writer.effects((*record)->effects);
        auto const* made = std::get_if<replay::StepRecord>(&(*record)->body);
        if (made == nullptr) continue;
        ++step;
        now = now + base::Duration(static_cast<std::int64_t>(made->time));
        auto input = replay::decode_input(made->input);
        ASSERT_TRUE(input.has_value());
        auto* bytes = std::get_if<libp2p::Received>(&*input);
        if (bytes != nullptr && ++received == 40) {
            bytes->bytes.back() ^= 1;
            altered_step = step;
        }
        writer.input(now, *input);
    }
    writer.close();
    ASSERT_GT(altered_step, 40U);
    auto const played = replay::play(altered, factory_of(recording.spec));
    ASSERT_TRUE(played.has_value()) << played.error().text();
    ASSERT_TRUE(played->divergence.has_value());
    EXPECT_EQ(played->divergence->step, altered_step);
    EXPECT_NE(played->divergence->input.find("Received"), std::string::npos);
}

}  // namespace
}  // namespace sim
