// Calls. Goal: an answer is collected or streamed to a file, within its bound, beside others; and whatever goes wrong
// is said. Method: a core whose answers the test writes.
#include "apps/rpc_call.h"

#include "apps/rpc_answer.h"
#include "base/text.h"
#include "runtime/fake_core.h"
#include "runtime/files.h"
#include "runtime/temporary_directory.h"

#include <gmock/gmock.h>

namespace apps {
namespace {

namespace command = libp2p::command;
namespace event = libp2p::event;
using libp2p::CallFailure;
using ::testing::HasSubstr;

constexpr char const* sha256_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class RpcCallsTest : public ::testing::Test {
protected:
    RpcCallsTest()
        : host_(loop_, core_, {}, [this](libp2p::Event const& told) { calls_.on_event(told); }), calls_(host_) {
        core_.on_input = [this](libp2p::Input const& input) {
            for (auto& effect : told_) core_.effects.push_back(std::move(effect));
            told_.clear();
            auto const* const order = std::get_if<libp2p::Command>(&input);
            if (order == nullptr) return;
            if (auto const* const call = std::get_if<command::Call>(&order->body)) {
                asked_.emplace_back(order->request, *call);
                if (on_call_) on_call_(order->request);
            }
            auto const* const cancel = std::get_if<command::CancelCall>(&order->body);
            if (cancel != nullptr) end(cancel->call, CallFailure::cancelled);
        };
    }

    void tell(libp2p::Event told) { core_.effects.emplace_back(libp2p::Deliver{std::move(told)}); }
    void begin_answer(libp2p::RequestId call, std::uint64_t size, std::int64_t version = 2) {
        tell(event::AnswerBegun{call, peer_, "get_best_tip", version, size});
    }
    void part(libp2p::RequestId call, std::string_view text) {
        tell(event::AnswerPart{call, base::SharedBytes::copy_of(base::as_bytes(text))});
    }
    void end(libp2p::RequestId call, std::optional<CallFailure> failure = {}) {
        core_.effects.emplace_back(libp2p::Reply{call, libp2p::reply::CallEnded{failure}});
    }
    void answer_abc(libp2p::RequestId call) {
        begin_answer(call, 3);
        part(call, "a");
        part(call, "bc");
        end(call);
    }

    RpcAsk ask() const { return {.peer = peer_, .method = "get_best_tip", .version = {}, .query = {0}, .out = {}}; }
    RpcCalls::Result result_of(RpcAsk asked) {
        std::optional<RpcCalls::Result> result;
        calls_.begin(std::move(asked), [&](RpcCalls::Result got) { result = std::move(got); });
        EXPECT_TRUE(runtime::testing::turn_until(loop_, [&] { return result.has_value(); }));
        return result ? std::move(*result) : base::fail(RpcFailure{});
    }

    libp2p::PeerId peer_ = libp2p::PeerId::of(crypto::PublicKey::ed25519({1, 2, 3}));
    runtime::EventLoop loop_;
    runtime::testing::FakeCore core_;
    std::vector<libp2p::Effect> told_;
    std::vector<std::pair<libp2p::RequestId, command::Call>> asked_;
    std::function<void(libp2p::RequestId)> on_call_;
    Host host_;
    RpcCalls calls_;
    runtime::testing::TemporaryDirectory scratch_;
};

TEST_F(RpcCallsTest, collects_the_parts_of_an_answer) {
    on_call_ = [this](auto call) { answer_abc(call); };
    auto const answer = result_of(ask());
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(asked_.front().second.method, "get_best_tip");
    EXPECT_EQ(answer->version, 2);
    EXPECT_EQ(answer->size, 3U);
    EXPECT_TRUE(answer->is_kept);
    EXPECT_EQ(base::as_text(answer->value), "abc");
    EXPECT_EQ(answer->sha256, sha256_of_abc);
    EXPECT_EQ(calls_.under_way(), 0U);
}

TEST_F(RpcCallsTest, keeps_the_hash_alone_beyond_the_bound) {
    on_call_ = [this](auto call) { answer_abc(call); };
    auto asked = ask();
    asked.bytes_max = 2;
    auto const answer = result_of(asked);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_FALSE(answer->is_kept);
    EXPECT_TRUE(answer->value.empty());
    EXPECT_EQ(answer->sha256, sha256_of_abc);
}

TEST_F(RpcCallsTest, streams_to_a_file_that_appears_when_it_is_whole) {
    auto asked = ask();
    asked.out = scratch_.path("answer.bin");
    on_call_ = [&](auto call) {
        EXPECT_FALSE(*runtime::read_file_if_present(asked.out, 100));
        answer_abc(call);
    };
    auto const answer = result_of(asked);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_FALSE(answer->is_kept);
    EXPECT_EQ(answer->sha256, sha256_of_abc);
    EXPECT_EQ(base::as_text(*runtime::read_file(asked.out, 100)), "abc");
    EXPECT_EQ(scratch_.files(), 1U);
}

TEST_F(RpcCallsTest, leaves_no_file_behind_a_failure) {
    auto asked = ask();
    asked.out = scratch_.path("answer.bin");
    on_call_ = [this](auto call) {
        begin_answer(call, 3);
        part(call, "a");
        end(call, CallFailure::closed);
    };
    auto const answer = result_of(asked);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reason, CallFailure::closed);
    EXPECT_EQ(scratch_.files(), 0U);
}

TEST_F(RpcCallsTest, fails_at_once_when_the_file_cannot_be_written) {
    auto asked = ask();
    asked.out = scratch_.path("no/such/directory");
    std::optional<RpcCalls::Result> result;
    calls_.begin(asked, [&](RpcCalls::Result got) { result = std::move(got); });
    ASSERT_TRUE(result && !*result);
    EXPECT_THAT(result->error().text(), HasSubstr("no/such/directory: No such file"));
    asked.out = "/dev/null";
    calls_.begin(asked, [&](RpcCalls::Result got) { result = std::move(got); });
    EXPECT_THAT(result->error().text(), HasSubstr("no regular file"));
}

TEST_F(RpcCallsTest, has_calls_under_way_side_by_side) {
    std::vector<std::string> values;
    for (int i = 0; i < 2; ++i) {
        calls_.begin(ask(), [&](RpcCalls::Result got) { values.emplace_back(base::as_text(got->value)); });
    }
    on_call_ = [this](auto call) {
        if (asked_.size() < 2) return;
        auto const first = asked_.front().first;
        begin_answer(first, 2);
        begin_answer(call, 3);
        part(first, "1");
        part(call, "two");
        end(call);
        part(first, "!");
        end(first);
    };
    EXPECT_TRUE(runtime::testing::turn_until(loop_, [&] { return values.size() == 2; }));
    EXPECT_THAT(values, ::testing::ElementsAre("two", "1!"));
}

TEST_F(RpcCallsTest, gives_the_number_by_which_a_call_can_be_cancelled) {
    std::optional<RpcCalls::Result> result;
    auto const number = calls_.begin(ask(), [&](RpcCalls::Result got) { result = std::move(got); });
    host_.tell(command::CancelCall{number});
    EXPECT_TRUE(runtime::testing::turn_until(loop_, [&] { return result.has_value(); }));
    EXPECT_EQ(result->error().reason, CallFailure::cancelled);
}

TEST_F(RpcCallsTest, refuses_more_calls_than_it_has_room_for) {
    for (std::size_t i = 0; i < RpcCalls::calls_max; ++i) calls_.begin(ask(), [](auto) {});
    std::optional<RpcCalls::Result> result;
    EXPECT_FALSE(calls_.begin(ask(), [&](RpcCalls::Result got) { result = std::move(got); }));
    ASSERT_TRUE(result && !*result);
    EXPECT_THAT(result->error().text(), HasSubstr("64 calls are under way"));
}

TEST_F(RpcCallsTest, says_which_versions_the_peer_offers) {
    on_call_ = [this](auto call) {
        tell(event::MenuReceived{peer_, {{"get_best_tip", 7}, {"ban_notify", 1}, {"get_best_tip", 3}}});
        end(call, CallFailure::version_not_offered);
    };
    auto const answer = result_of(ask());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().text(),
              "get_best_tip: version not offered by the peer; "
              "the peer offers versions 3, 7; see 'minap2p rpc ADDR menu'");
}

TEST_F(RpcCallsTest, has_advice_for_each_failure) {
    for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(CallFailure::cancelled); ++i) {
        auto const reason = static_cast<CallFailure>(i);
        EXPECT_NE(failure_name(reason), "?");
        EXPECT_FALSE(advice_of(reason, "get_best_tip", {}).empty()) << to_string(reason);
        EXPECT_FALSE(advice_of(reason, "get_best_tip", std::vector<std::int64_t>{}).empty()) << to_string(reason);
    }
}

TEST_F(RpcCallsTest, passes_on_what_the_core_refuses) {
    on_call_ = [this](auto call) { core_.effects.emplace_back(libp2p::Reply{call, base::fail(std::string("no"))}); };
    EXPECT_EQ(result_of(ask()).error().text(), "no");
}

// ---- Answers --------------------------------------------------------------------------------------------------------

RpcAnswer answer_of(std::string method, std::int64_t version, std::string_view hex) {
    RpcAnswer answer;
    answer.method = std::move(method);
    answer.version = version;
    answer.value = *base::from_hex(hex);
    answer.size = answer.value.size();
    answer.is_kept = true;
    return answer;
}

std::string json_of(RpcAnswer const& answer) { return dump(answer_json(read_answer(answer, {}), answer.value)); }

TEST(RpcAnswer, is_json_by_its_type) {
    EXPECT_EQ(json_of(answer_of("get_best_tip", 2, "00")), "null");
    EXPECT_EQ(json_of(answer_of("get_some_initial_peers", 1, "00")), "[]");
    EXPECT_EQ(json_of(answer_of("get_some_initial_peers", 1, "0103312e32fe6e200161")),
              R"([{"host":"1.2","libp2p_port":"8302","peer_id":"a"}])");
    EXPECT_EQ(json_of(answer_of("ban_notify", 1, "00")), "null");
}

TEST(RpcAnswer, is_null_when_the_peer_says_that_it_has_found_nothing) {
    EXPECT_EQ(json_of(answer_of("answer_sync_ledger_query", 3, "010b226e6f7420666f756e6422")), "null");
    EXPECT_EQ(json_of(answer_of("answer_sync_ledger_query", 3, "01036e6f77")), R"({"Err":"now"})");
}

TEST(RpcAnswer, is_hex_when_it_is_of_no_type) {
    EXPECT_EQ(json_of(answer_of("get_best_tip", 2, "07ff")), R"({"hex":"07ff"})");
    EXPECT_EQ(json_of(answer_of("get_best_tip", 99, "0102")), R"({"hex":"0102"})");
}

TEST(RpcAnswer, shows_a_menu_and_what_of_it_is_known) {
    auto const menu = menu_json(*base::from_hex("020c6765745f626573745f746970020361626301"));
    ASSERT_TRUE(menu);
    EXPECT_EQ(dump(*menu), R"([{"method":"get_best_tip","version":2,"known":true},)"
                           R"({"method":"abc","version":1,"known":false}])");
    EXPECT_FALSE(menu_json(*base::from_hex("ff")));
}

TEST(RpcAnswer, sums_up_what_is_too_long) {
    auto const path = std::string(MINAP2P_SHARED_DIR) + "/data/berkeley/golden/get-best-tip.response.bin";
    auto const value = runtime::read_file_if_present(path, 64 * 1024 * 1024);
    if (!value || !*value) GTEST_SKIP() << "no " << path;
    RpcAnswer answer;
    answer.method = "get_best_tip";
    answer.version = 2;
    answer.value = **value;
    answer.size = answer.value.size();
    auto const text = answer_summary(read_answer(answer, {}), answer);
    EXPECT_THAT(text, HasSubstr("get_best_tip.response, berkeley"));
    EXPECT_THAT(text, HasSubstr("STATE HASH"));
    EXPECT_THAT(text, HasSubstr("3N"));
    EXPECT_THAT(text, HasSubstr("B62q"));
}

}  // namespace
}  // namespace apps
