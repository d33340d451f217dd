// Calls over real sockets. Goal: an answer of megabytes arrives whole, in a file or beside its bound, and the failures
// of a real peer carry its menu. Method: two components on one loop, one of which answers.
#include "apps/rpc_call.h"

#include "apps/node_setup.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "runtime/fake_core.h"
#include "runtime/files.h"
#include "runtime/temporary_directory.h"

#include <gmock/gmock.h>

namespace apps {
namespace {

namespace command = libp2p::command;
namespace event = libp2p::event;
using mina::rpc::Method;
using ::testing::HasSubstr;

constexpr std::size_t answer_bytes = 3'000'000;

std::unique_ptr<mina::p2p::P2pComponent> component(std::uint8_t number, std::vector<Method> served,
                                                   base::Trace& trace) {
    mina::p2p::P2pConfig config;
    config.network = *mina::builtin("local");
    config.discovery.peers_target = 0;
    config.served = std::move(served);
    auto swarm = mina::p2p::swarm_config(config.network);
    swarm.identity = crypto::PrivateKey::ed25519_from_seed({number});
    swarm.seed = {number};
    return std::make_unique<mina::p2p::P2pComponent>(std::move(config), std::move(swarm), trace);
}

class RpcLoopback : public ::testing::Test {
protected:
    RpcLoopback()
        : server_core_(component(1, {Method::get_best_tip, Method::get_transition_chain_proof}, trace_)),
          client_core_(component(2, {}, trace_)),
          server_(loop_, *server_core_, runtime::testing::listeners_on({runtime::testing::loopback()}),
                  [this](libp2p::Event const& told) { answer(told); }),
          client_(loop_, *client_core_, {}, [this](libp2p::Event const& told) { on_client(told); }),
          calls_(client_) {
        for (std::size_t i = 0; i < answer_bytes; ++i) value_.push_back(static_cast<std::uint8_t>(i * 7));
        auto const at = libp2p::Multiaddr::tcp_at(server_.runtime().listening().front());
        client_.tell(command::Connect{at.with_peer_id(server_core_->swarm().self())});
        EXPECT_TRUE(runtime::testing::turn_until(loop_, [this] { return is_identified_; }));
    }

    void answer(libp2p::Event const& told) {
        auto const* const question = std::get_if<event::QuestionReceived>(&told);
        if (question == nullptr) return;
        libp2p::AnswerBody body = libp2p::Payload{{base::SharedBytes::copy_of(value_)}};
        if (question->method == "get_transition_chain_proof") body = libp2p::FailedAnswer{"no"};
        server_.tell(command::AnswerQuestion{question->question, std::move(body)});
    }
    void on_client(libp2p::Event const& told) {
        calls_.on_event(told);
        is_identified_ = is_identified_ || std::holds_alternative<event::Identified>(told);
    }

    RpcCalls::Result result_of(RpcAsk ask) {
        ask.peer = server_core_->swarm().self();
        std::optional<RpcCalls::Result> result;
        calls_.begin(
            std::move(ask), [&](RpcCalls::Result got) { result = std::move(got); },
            [this](std::uint64_t taken, std::uint64_t) { progress_.push_back(taken); });
        EXPECT_TRUE(runtime::testing::turn_until(loop_, [&] { return result.has_value(); }));
        return result ? std::move(*result) : base::fail(RpcFailure{});
    }
    static RpcAsk best_tip() { return {.peer = {}, .method = "get_best_tip", .version = {}, .query = {0}, .out = {}}; }

    base::NoTrace trace_;
    runtime::EventLoop loop_;
    std::unique_ptr<mina::p2p::P2pComponent> server_core_;
    std::unique_ptr<mina::p2p::P2pComponent> client_core_;
    Host server_;
    Host client_;
    RpcCalls calls_;
    base::ByteString value_;
    std::vector<std::uint64_t> progress_;
    bool is_identified_ = false;
    runtime::testing::TemporaryDirectory scratch_;
};

TEST_F(RpcLoopback, streams_megabytes_to_a_file) {
    auto ask = best_tip();
    ask.out = scratch_.path("tip.bin");
    auto const answer = result_of(ask);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->version, 2);
    EXPECT_EQ(answer->sha256, base::to_hex(crypto::sha256(value_)));
    EXPECT_EQ(*runtime::read_file(ask.out, answer_bytes), value_);
    EXPECT_GT(progress_.size(), 10U);
    EXPECT_EQ(progress_.back(), answer_bytes);
}

TEST_F(RpcLoopback, keeps_or_hashes_by_the_bound) {
    auto ask = best_tip();
    ask.bytes_max = answer_bytes;
    auto const kept = result_of(ask);
    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(kept->value, value_);
    ask.bytes_max = answer_bytes - 1;
    auto const hashed = result_of(ask);
    ASSERT_TRUE(hashed) << hashed.error().text();
    EXPECT_FALSE(hashed->is_kept);
    EXPECT_EQ(hashed->sha256, kept->sha256);
}

TEST_F(RpcLoopback, says_why_a_peer_does_not_answer) {
    auto ask = best_tip();
    ask.method = "get_completed_snarks";
    EXPECT_THAT(result_of(ask).error().text(), HasSubstr("the peer does not offer get_completed_snarks"));
    ask = best_tip();
    ask.version = 9;
    EXPECT_THAT(result_of(ask).error().text(), HasSubstr("the peer offers version 2; see 'minap2p rpc ADDR menu'"));
    ask.method = "get_transition_chain_proof";
    ask.version = 1;
    ask.query.assign(32, 0);
    auto const refused = result_of(ask);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, libp2p::CallFailure::remote_error) << refused.error().text();
}

}  // namespace
}  // namespace apps
