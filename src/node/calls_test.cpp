// Goal: every question can be asked and answered, an answer of any length passes through in pieces, and each call ends
// once, with a reason when it fails. Method: two nodes on loopback in a foreign loop, each the other's application.
#include "node/testing/net.h"
#include "node/testing/sample_messages.h"

#include <map>

namespace mina::p2p {
namespace {

using namespace testing;

std::vector<Method> const all_methods = {
    Method::get_staged_ledger,    Method::answer_sync_ledger_query,   Method::get_best_tip,  Method::get_ancestry,
    Method::get_transition_knowledge, Method::get_transition_chain,   Method::get_transition_chain_proof,
    Method::ban_notify,           Method::get_completed_snarks,       Method::get_node_status};
StateHash const block_hash{"3NKpXp2SXWGC3XHnAJYjGtNcbq8tzossqj6kK4eGr6mSyJoFmpxR"};
StateHash const other_hash{"3NLQEb5mXqXCL34rueHrMkUVyWSQ7aYjvi6K98ZdpEnTozef69uR"};
LedgerHash const ledger_hash{"jx7buQVWFLsXTtzRgSxbYcT8EYLS8KCZbLrfDcJxMtyy4thw2Ee"};

struct Answered {
    std::optional<Bytes> bytes;
    std::optional<CallError> error;
    bool has_come() const { return bytes || error; }
    Node::OnAnswer take() {
        return [this](Result<Bytes, CallError> const& result) {
            EXPECT_FALSE(has_come()) << "a call ends once";
            if (result) bytes = *result;
            else error = result.error();
        };
    }
};

class node_calls : public ::testing::Test {
protected:
    void SetUp() override {
        auto serving = quiet_config();
        serving.served = all_methods;
        a = &net.add(serving);
        b = &net.add(serving);
        net.join(*a, *b);
    }
    void answer_with(std::function<void(event::QuestionReceived const&)> answer) {
        b->on_event = [answer](Event const& event) {
            if (auto const* const question = std::get_if<event::QuestionReceived>(&event)) answer(*question);
        };
    }
    std::optional<CallError> failure_of(CallId call) {
        for (auto const& failed : a->of<event::CallFailed>()) {
            if (failed.call == call) return failed.error;
        }
        return std::nullopt;
    }

    Net net;
    Member* a = nullptr;
    Member* b = nullptr;
};

TEST_F(node_calls, every_request_is_answered_by_the_other_application) {
    std::map<Method, event::QuestionReceived> asked;
    answer_with([&](event::QuestionReceived const& question) {
        EXPECT_EQ(question.peer, a->id());
        asked[question.method] = question;
        b->node->answer(question.question, Bytes::copy_of("the answer of " + std::string(to_string(question.method))));
    });
    auto const block = SampleMessages().block();
    auto const to = b->id();
    std::map<Method, Answered> answers;
    auto& node = *a->node;
    LedgerQuery const children{LedgerQuery::Kind::child_hashes, 11, {0xab, 0xc0}, 1};
    auto const consensus_state = from_json(Method::get_ancestry, CallPart::query, Format::berkeley, "{}");
    EXPECT_FALSE(consensus_state);  // an error, no more
    node.request_best_tip(to, answers[Method::get_best_tip].take());
    node.request_transition_chain(to, {block_hash, other_hash}, answers[Method::get_transition_chain].take());
    node.request_transition_chain_proof(to, block_hash, answers[Method::get_transition_chain_proof].take());
    node.request_transition_knowledge(to, answers[Method::get_transition_knowledge].take());
    node.query_ledger(to, ledger_hash, children, answers[Method::answer_sync_ledger_query].take());
    node.request_staged_ledger(to, other_hash, answers[Method::get_staged_ledger].take());
    node.request_completed_snarks(to, answers[Method::get_completed_snarks].take());
    node.request_node_status(to, answers[Method::get_node_status].take(), {.version = 2});  // stands in no menu
    node.call(to, Method::ban_notify, Bytes(std::vector<std::uint8_t>(8)), answers[Method::ban_notify].take());
    ASSERT_TRUE(net.until([&] {
        return std::ranges::all_of(answers, [](auto const& each) { return each.second.has_come(); });
    }));
    for (auto const& [method, answer] : answers) {
        if (method == Method::ban_notify) continue;  // its answers are of 16 bytes at most
        ASSERT_TRUE(answer.bytes) << to_string(method) << ": " << answer.error->text;
        EXPECT_EQ(*answer.bytes, Bytes::copy_of("the answer of " + std::string(to_string(method))));
    }
    EXPECT_EQ(asked.at(Method::get_transition_chain).state_hashes, (std::vector{block_hash, other_hash}));
    EXPECT_EQ(asked.at(Method::get_transition_chain_proof).state_hashes, std::vector{block_hash});
    EXPECT_EQ(asked.at(Method::get_staged_ledger).state_hashes, std::vector{other_hash});
    EXPECT_EQ(asked.at(Method::answer_sync_ledger_query).ledger, ledger_hash);
    EXPECT_EQ(asked.at(Method::answer_sync_ledger_query).ledger_query, children);
}

TEST_F(node_calls, ancestry_menu_and_initial_peers) {
    answer_with([&](event::QuestionReceived const& question) {
        EXPECT_EQ(question.method, Method::get_ancestry);
        EXPECT_EQ(question.state_hashes, std::vector{block_hash});
        b->node->answer_nothing(question.question);
    });
    // A consensus state: that of a query made at random.
    auto const* const root = schema::find_root(messages::schema_of(messages::Format::berkeley), "get_ancestry.query");
    base::Rng rng({7});
    auto query = schema::random_value(*root->type, {.bytes_max = 3'000}, [&] { return rng.next(); });
    query.resize(query.size() - 32);
    Answered ancestry, peers;
    std::vector<MenuEntry> menu;
    a->node->request_ancestry(b->id(), Bytes(query), block_hash, ancestry.take());
    a->node->request_initial_peers(b->id(), peers.take());
    a->node->request_menu(b->id(), [&](Result<std::vector<MenuEntry>, CallError> const& entries) {
        ASSERT_TRUE(entries) << entries.error().text;
        menu = *entries;
    });
    ASSERT_TRUE(net.until([&] { return ancestry.has_come() && peers.has_come() && !menu.empty(); }));
    ASSERT_TRUE(ancestry.bytes) << ancestry.error->text;
    EXPECT_TRUE(is_nothing(Method::get_ancestry, *ancestry.bytes));
    EXPECT_TRUE(blocks_of(Method::get_ancestry, Format::berkeley, *ancestry.bytes)->empty());
    ASSERT_TRUE(peers.bytes);  // the component's own answer
    auto const json = to_json(Method::get_some_initial_peers, CallPart::answer, Format::berkeley, *peers.bytes);
    EXPECT_TRUE(json) << json.error().text();
    EXPECT_NE(std::ranges::find(menu, MenuEntry{"get_best_tip", 2}), menu.end());
}

TEST_F(node_calls, blocks_in_answers_are_found_again) {
    SampleMessages samples;
    auto const root = samples.block();
    auto const tip = samples.block_after(root);
    answer_with([&](event::QuestionReceived const& question) {
        if (question.method == Method::get_best_tip) {
            b->node->answer(question.question, best_tip_answer(tip, {Bytes(std::vector<std::uint8_t>(32))}, root));
        } else {
            b->node->answer(question.question, transition_chain_answer({root, tip}));
        }
    });
    Answered best, chain;
    a->node->request_best_tip(b->id(), best.take());
    a->node->request_transition_chain(b->id(), {summarize_block(Format::berkeley, tip)->previous_state_hash},
                                      chain.take());
    ASSERT_TRUE(net.until([&] { return best.has_come() && chain.has_come(); }));
    auto const of_tip = blocks_of(Method::get_best_tip, Format::berkeley, *best.bytes);
    ASSERT_TRUE(of_tip) << of_tip.error().text();
    EXPECT_EQ(*of_tip, (std::vector{tip, root}));
    auto const of_chain = blocks_of(Method::get_transition_chain, Format::berkeley, *chain.bytes);
    ASSERT_TRUE(of_chain) << of_chain.error().text();
    EXPECT_EQ(*of_chain, (std::vector{root, tip}));
    EXPECT_FALSE(blocks_of(Method::get_best_tip, Format::berkeley, chain.bytes->slice(0, chain.bytes->size() - 1)));
    EXPECT_FALSE(blocks_of(Method::ban_notify, Format::berkeley, *chain.bytes));
    EXPECT_TRUE(to_json(Method::get_best_tip, CallPart::answer, Format::berkeley, *best.bytes));
}

TEST_F(node_calls, a_long_answer_streams_and_stands_still_while_it_is_paused) {
    constexpr std::size_t piece_bytes = 1'000'000;
    constexpr std::size_t pieces = 20;
    answer_with([&](event::QuestionReceived const& question) {
        std::vector<Bytes> parts;
        for (std::size_t i = 0; i < pieces; ++i) {
            std::vector<std::uint8_t> piece(piece_bytes);
            for (std::size_t at = 0; at < piece.size(); ++at) piece[at] = static_cast<std::uint8_t>(at * 7 + i);
            parts.push_back(std::move(piece));
        }
        b->node->answer(question.question, std::move(parts));
    });
    std::size_t received = 0, part_max = 0, since_pause = 0;
    bool is_right = true, is_paused = false, was_paused = false;
    CallId call;
    a->on_event = [&](Event const& event) {
        auto const* const part = std::get_if<event::AnswerPart>(&event);
        if (part == nullptr) return;
        for (auto const byte : part->bytes) {
            auto const expected = received % piece_bytes * 7 + received / piece_bytes;
            is_right = is_right && byte == static_cast<std::uint8_t>(expected);
            ++received;
        }
        part_max = std::max(part_max, part->bytes.size());
        if (is_paused) since_pause += part->bytes.size();
        if (received >= 2 * piece_bytes && !was_paused) {
            a->node->pause(call);
            is_paused = was_paused = true;
        }
        a->events.clear();  // nothing of it is kept
    };
    call = a->node->request_staged_ledger(b->id(), block_hash);
    ASSERT_TRUE(net.until([&] { return was_paused; }));
    net.run_for(500ms);
    auto const at_rest = received;
    net.run_for(500ms);
    EXPECT_EQ(received, at_rest);            // it stands still
    EXPECT_LE(since_pause, 16u << 20);       // what was under way: a stream's window at most
    EXPECT_LT(received, pieces * piece_bytes);
    RecordProperty("after_pause", static_cast<int>(since_pause));
    is_paused = false;
    a->node->resume(call);
    ASSERT_TRUE(net.until([&] { return a->has<event::AnswerEnded>(); }));
    EXPECT_EQ(a->of<event::AnswerEnded>().front().call, call);
    EXPECT_EQ(received, pieces * piece_bytes);
    EXPECT_TRUE(is_right);
    EXPECT_LE(part_max, 256u * 1024);        // a read of the loop: what is held at a time
}

TEST_F(node_calls, fails_with_a_reason) {
    auto const bad_peer = a->node->request_best_tip({"12D3nobody"});
    auto const no_peer = a->node->request_best_tip({"12D3KooWPywsM191KGGNVGiNqN35nyyJg4W2BhhYukF6hP9YBR8q"});
    auto const bad_hash = a->node->request_transition_chain(b->id(), {block_hash, {"3Nnonsense"}});
    auto const bad_path = a->node->query_ledger(b->id(), ledger_hash, {LedgerQuery::Kind::contents, 20, {1}});
    auto const no_query = a->node->call(b->id(), Method::get_transition_chain, Bytes(std::vector<std::uint8_t>{9}));
    auto const old_version = a->node->request_best_tip(b->id(), {}, {.version = 77});
    auto const not_served = a->node->call(b->id(), Method::get_epoch_ledger, Bytes(std::vector<std::uint8_t>(32)));
    EXPECT_FALSE(a->has<event::CallFailed>());  // none from within the order
    ASSERT_TRUE(net.until([&] { return a->of<event::CallFailed>().size() == 7; }));
    EXPECT_EQ(failure_of(bad_peer)->failure, CallFailure::invalid);
    EXPECT_EQ(failure_of(no_peer)->failure, CallFailure::not_ready);
    EXPECT_EQ(failure_of(bad_hash)->failure, CallFailure::invalid);
    EXPECT_EQ(failure_of(bad_hash)->text.find("'3Nnonsense' is not a state hash: "), 0u) << failure_of(bad_hash)->text;
    EXPECT_EQ(failure_of(bad_path)->failure, CallFailure::invalid);
    EXPECT_EQ(failure_of(no_query)->failure, CallFailure::query_unfit);
    EXPECT_EQ(failure_of(old_version)->failure, CallFailure::unimplemented);
    EXPECT_EQ(failure_of(not_served)->failure, CallFailure::not_served);
}

TEST_F(node_calls, the_application_may_fail_an_answer_or_have_none) {
    answer_with([&](event::QuestionReceived const& question) {
        if (question.method == Method::get_best_tip) {
            b->node->answer_failure(question.question, "no frontier yet");
        } else {
            b->node->answer_nothing(question.question);
            b->node->answer(question.question, Bytes::copy_of("a second answer is ignored"));
        }
    });
    Answered failed, nothing;
    a->node->request_best_tip(b->id(), failed.take());
    a->node->query_ledger(b->id(), ledger_hash, {}, nothing.take());
    ASSERT_TRUE(net.until([&] { return failed.has_come() && nothing.has_come(); }));
    ASSERT_TRUE(failed.error);
    EXPECT_EQ(failed.error->failure, CallFailure::remote_error);
    ASSERT_TRUE(nothing.bytes);
    EXPECT_TRUE(is_nothing(Method::answer_sync_ledger_query, *nothing.bytes));
}

TEST_F(node_calls, a_collected_answer_has_a_bound_and_can_be_cancelled) {
    bool answers = true;
    answer_with([&](event::QuestionReceived const& question) {
        if (answers) b->node->answer(question.question, Bytes(std::vector<std::uint8_t>(100'000)));
    });
    Answered fits, large, late;
    a->node->request_staged_ledger(b->id(), block_hash, fits.take(), {.answer_bytes_max = 100'000});
    a->node->request_staged_ledger(b->id(), block_hash, large.take(), {.answer_bytes_max = 99'999});
    ASSERT_TRUE(net.until([&] { return fits.has_come() && large.has_come(); }));
    EXPECT_EQ(fits.bytes->size(), 100'000u);
    EXPECT_EQ(large.error->failure, CallFailure::too_large);
    answers = false;
    auto const call = a->node->request_best_tip(b->id(), late.take());
    ASSERT_TRUE(net.until([&] { return b->of<event::QuestionReceived>().size() == 3; }));
    a->node->cancel(call);
    a->node->cancel(call);
    a->node->cancel({4'711});
    ASSERT_TRUE(net.until([&] { return late.has_come(); }));
    EXPECT_EQ(late.error->failure, CallFailure::cancelled);
}

TEST_F(node_calls, a_question_is_dropped_with_its_connection) {
    Answered lost;
    a->node->request_best_tip(b->id(), lost.take());
    ASSERT_TRUE(net.until([&] { return b->has<event::QuestionReceived>(); }));
    a->node->disconnect(b->id());
    ASSERT_TRUE(net.until([&] { return b->has<event::QuestionDropped>() && lost.has_come(); }));
    auto const question = b->of<event::QuestionReceived>().front().question;
    EXPECT_EQ(b->of<event::QuestionDropped>().front().question, question);
    EXPECT_EQ(lost.error->failure, CallFailure::closed);
    b->node->answer(question, Bytes::copy_of("too late"));  // ignored
    net.run_for(50ms);
}

}  // namespace
}  // namespace mina::p2p
