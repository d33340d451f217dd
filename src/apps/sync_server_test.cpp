// Questions of peers. Goal: however many come at once, the loop makes few answers in a turn, and each question gets one
// unless it is dropped. Method: a store of made blocks, and a core that takes down the answers of each turn.
#include "apps/sync_server.h"

#include "apps/node_setup.h"
#include "mina/made_chain/made_chain.h"
#include "runtime/fake_core.h"

#include <gmock/gmock.h>

namespace apps {
namespace {

using libp2p::QuestionId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SyncServerTest : public ::testing::Test {
protected:
    SyncServerTest()
        : component_(make_component(errand_setup(*mina::builtin("local")), trace_)),
          host_(loop_, core_, {}, [this](libp2p::Event const& event) { server_.on_event(event, host_); }),
          server_("memory", *component_, false) {
        core_.on_input = [this](libp2p::Input const& input) {
            auto const* const order = std::get_if<libp2p::Command>(&input);
            if (order == nullptr) return;
            auto const* const given = std::get_if<libp2p::command::AnswerQuestion>(&order->body);
            if (given != nullptr) answers_.push_back(*given);
        };
        loop_.turn(base::Duration::zero());
        auto const blocks = mina::made_chain::made_chain(format_, 7, 20, 1'700'000'000'000, 600'000);
        for (auto const& block : blocks) {
            server_.keep_block(format_, base::SharedBytes::copy_of(block));
            states_.push_back(mina::block_tree::header_of(format_, block)->state);
            bytes_ += block.size();
            EXPECT_TRUE(server_.has_block(states_.back()));
        }
        EXPECT_GT(bytes_, SyncServer::answered_bytes_max);
    }

    /// Asks for all blocks: more than a turn answers.
    void ask(std::uint64_t number, libp2p::PeerId const& peer = {}) {
        base::ByteString query(states_.size() * 32 + 9);
        mina::binprot::Writer writer(query);
        writer.put_count(states_.size());
        for (auto const& state : states_) writer.put(state.bytes);
        query.resize(writer.size());
        auto const& info = mina::rpc::info_of(mina::rpc::Method::get_transition_chain);
        auto const version = mina::rpc::versions_of(info, format_).front();
        server_.on_event(libp2p::event::QuestionReceived{QuestionId{number}, peer, std::string(info.tag), version,
                                                         base::SharedBytes::take(std::move(query))},
                         host_);
    }
    /// The questions that a turn has answered.
    std::vector<std::uint64_t> turn() {
        answers_.clear();
        loop_.turn(std::chrono::milliseconds(5));
        std::vector<std::uint64_t> numbers;
        for (auto const& answer : answers_) numbers.push_back(answer.question.value);
        return numbers;
    }

    runtime::EventLoop loop_;
    base::NoTrace trace_;
    std::unique_ptr<mina::p2p::P2pComponent> component_;
    mina::messages::Format format_ = component_->state().formats.are_checked() ? component_->state().formats.current()
                                                                               : component_->rpc().config.format;
    runtime::testing::FakeCore core_;
    std::vector<libp2p::command::AnswerQuestion> answers_;
    Host host_;
    SyncServer server_;
    std::vector<mina::hashes::StateHash> states_;
    std::size_t bytes_ = 0;
};

TEST_F(SyncServerTest, answers_large_questions_that_come_together_turn_by_turn) {
    for (std::uint64_t number = 1; number <= 3; ++number) ask(number);
    for (std::uint64_t number = 1; number <= 3; ++number) {
        EXPECT_THAT(turn(), ElementsAre(number));
        EXPECT_TRUE(std::holds_alternative<libp2p::Payload>(answers_.at(0).answer));
    }
    EXPECT_THAT(turn(), IsEmpty());
    ask(4);
    EXPECT_THAT(turn(), ElementsAre(4U));
}

TEST_F(SyncServerTest, does_not_answer_what_was_dropped) {
    for (std::uint64_t number = 1; number <= 3; ++number) ask(number);
    server_.on_event(libp2p::event::QuestionDropped{QuestionId{2}}, host_);
    EXPECT_THAT(turn(), ElementsAre(1U));
    EXPECT_THAT(turn(), ElementsAre(3U));
    ask(4);
    server_.on_event(libp2p::event::QuestionDropped{QuestionId{4}}, host_);
    ask(5);
    EXPECT_THAT(turn(), ElementsAre(5U));
    EXPECT_THAT(turn(), IsEmpty());
}

TEST_F(SyncServerTest, fails_questions_beyond_the_bounds_at_once) {
    auto const peer = [](std::uint8_t number) { return libp2p::PeerId::of(crypto::PublicKey::ed25519({number})); };
    std::uint64_t number = 0;
    for (std::uint8_t i = 1; i <= 4; ++i) {
        for (int j = 0; j < SyncServer::questions_of_peer_max; ++j) ask(++number, peer(i));
        if (i == 1) ask(10'001, peer(i));  // more than its share
    }
    EXPECT_EQ(number, SyncServer::questions_max);
    ask(10'002, peer(5));
    std::vector<std::uint64_t> failed;
    turn();
    for (auto const& answer : answers_) {
        auto const* const why = std::get_if<libp2p::FailedAnswer>(&answer.answer);
        if (why == nullptr) continue;
        EXPECT_EQ(why->what, "too many answers at once");
        failed.push_back(answer.question.value);
    }
    EXPECT_THAT(failed, ElementsAre(10'001U, 10'002U));
}

}  // namespace
}  // namespace apps
