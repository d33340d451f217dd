// Goal: two machines understand each other however the streams between them cut and join, and a long answer is held
// nowhere. Method: two machines over streams that fragment and coalesce at random, with an application that answers;
// allocations counted while 60 MB come in.
#include "mina/rpc/rpc_fixture.h"

#include "base/testing/counted_new.h"

#include <gtest/gtest.h>

#include <set>

namespace mina::rpc::test {
namespace {

using namespace std::chrono_literals;

/// A chunk, whose bytes are gone when it is looked at.
struct Taken {
    RequestId request;
    std::size_t size = 0;
    std::uint64_t sum = 0;
};
using PairEvent = std::variant<AnswerBegun, Taken, AnswerEnded, AskFailed, MenuReceived, QuestionReceived,
                               QuestionDropped, Misbehaved>;
struct PairOut {
    std::vector<std::variant<stream::Open, stream::Write, stream::Finish, stream::Reset>> effects;
    std::vector<PairEvent> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

std::uint64_t sum_of(base::ByteView bytes) {
    std::uint64_t sum = 0;
    for (auto const byte : bytes) sum += byte;
    return sum;
}

/// The pair's streams always tell when they are writable, so nobody needs to be asked.
void reduce(State& state, Action const& action, base::Env const& env, PairOut& out) {
    Out real;
    mina::rpc::reduce(state, action, env, real);
    for (auto& effect : real.effects) {
        if (auto* open = std::get_if<stream::Open>(&effect)) out.effects.emplace_back(*open);
        if (auto* write = std::get_if<stream::Write>(&effect)) out.effects.emplace_back(*write);
        if (auto* finish = std::get_if<stream::Finish>(&effect)) out.effects.emplace_back(*finish);
        if (auto* reset = std::get_if<stream::Reset>(&effect)) out.effects.emplace_back(*reset);
    }
    for (auto& event : real.events) {
        std::visit(
            [&](auto& one) {
                if constexpr (std::is_same_v<std::decay_t<decltype(one)>, AnswerChunk>) {
                    out.events.emplace_back(Taken{one.request, one.bytes.size(), sum_of(one.bytes)});
                } else {
                    out.events.emplace_back(one);
                }
            },
            event);
    }
}

struct Received {
    std::uint64_t announced = 0;
    std::uint64_t bytes = 0;
    std::uint64_t sum = 0;
    bool has_ended = false;
};

/// Asks from side 0 are answered by side 1 with the values given by their method and query.
class Pair : public libp2p::test::StreamPair<State, Action, PairOut> {
public:
    Pair(std::uint64_t seed, Dialect of_server) : StreamPair(seed) {
        act(0, PeerReady{PeerKey{1}, {}, "", protocols, of_server});
        // A Rust node is no Rust node to itself: its peer is ours.
        act(1, PeerReady{PeerKey{2}, {}, "", protocols, Dialect::ocaml});
    }

    /// Until nothing happens any more.
    void run_all(base::SharedBytes const& value) {
        std::size_t answered = 0;
        for (bool is_busy = true; is_busy;) {
            ASSERT_TRUE(run());
            is_busy = false;
            for (; answered < events[1].size(); ++answered) {
                auto const* question = std::get_if<QuestionReceived>(&events[1][answered]);
                if (question == nullptr) continue;
                act(1, Answer{question->question, Payload{{value.slice(0, value.size() / 3),
                                                           value.slice(value.size() / 3,
                                                                       value.size() - value.size() / 3)}}});
                is_busy = true;
            }
        }
    }
    std::map<RequestId, Received> received() const {
        std::map<RequestId, Received> all;
        for (auto const& event : events[0]) {
            if (auto const* begun = std::get_if<AnswerBegun>(&event)) all[begun->request].announced = begun->size;
            if (auto const* ended = std::get_if<AnswerEnded>(&event)) all[ended->request].has_ended = true;
            if (auto const* taken = std::get_if<Taken>(&event)) {
                all[taken->request].bytes += taken->size;
                all[taken->request].sum += taken->sum;
            }
        }
        return all;
    }
    bool has_misbehaved() const {
        for (auto const& side : events) {
            for (auto const& event : side) {
                if (std::holds_alternative<Misbehaved>(event) || std::holds_alternative<AskFailed>(event)) return true;
            }
        }
        return false;
    }
};

base::SharedBytes value_of(std::size_t size) {
    base::ByteString bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31);
    return base::SharedBytes::take(std::move(bytes));
}

TEST(RpcPair, asks_and_answers_over_streams_that_cut_and_join) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        auto const dialect = seed % 2 == 0 ? Dialect::ocaml : Dialect::rust;
        Pair pair(seed, dialect);
        pair.chunk_bytes_max = seed % 3 == 0 ? 3 : 4096;
        auto const value = value_of(seed * 37);
        for (std::uint64_t i = 1; i <= 30; ++i) {
            auto const is_tip = i % 5 == 0;
            pair.act(0, is_tip ? ask(i) : ask(i, Method::answer_sync_ledger_query, num_accounts));
        }
        pair.run_all(value);
        auto const received = pair.received();
        ASSERT_EQ(received.size(), 30U) << "seed " << seed;
        for (auto const& [request, got] : received) {
            EXPECT_TRUE(got.has_ended) << "seed " << seed;
            EXPECT_EQ(got.announced, value.size());
            EXPECT_EQ(got.bytes, value.size());
            EXPECT_EQ(got.sum, sum_of(value.view()));
        }
        EXPECT_FALSE(pair.has_misbehaved()) << "seed " << seed;
        EXPECT_LE(pair.streams_opened(), dialect == Dialect::rust ? 1U : 8U);
        EXPECT_TRUE(pair.sides[1].state.questions.empty());
    }
}

TEST(RpcPair, has_the_same_run_for_the_same_seed) {
    auto const digest_of = [](std::uint64_t seed) {
        Pair pair(seed, Dialect::ocaml);
        for (std::uint64_t i = 1; i <= 20; ++i) pair.act(0, ask(i, Method::answer_sync_ledger_query, num_accounts));
        pair.run_all(value_of(5'000));
        base::DigestDescriber digest;
        for (auto const& side : pair.sides) describe(side.state, digest);
        return digest.finish();
    };
    EXPECT_EQ(digest_of(3), digest_of(3));
    EXPECT_NE(digest_of(3), digest_of(4));
}

TEST(RpcPair, asks_both_ways_at_once) {
    Pair pair(9, Dialect::ocaml);
    pair.act(0, ask(1));
    auto other = ask(2);
    other.peer = PeerKey{2};
    pair.act(1, other);
    ASSERT_TRUE(pair.run());
    for (int side = 0; side < 2; ++side) {
        auto const is_question = [](PairEvent const& event) { return std::holds_alternative<QuestionReceived>(event); };
        auto const is_menu = [](PairEvent const& event) { return std::holds_alternative<MenuReceived>(event); };
        EXPECT_EQ(std::ranges::count_if(pair.events[side], is_question), 1);
        EXPECT_EQ(std::ranges::count_if(pair.events[side], is_menu), 1);
    }
}

TEST(RpcPair, holds_little_of_a_60_megabyte_answer) {
    Pair pair(5, Dialect::ocaml);
    pair.chunk_bytes_max = 128 * 1024;
    auto const value = value_of(60'000'000);
    pair.act(0, ask(1, Method::get_staged_ledger, base::ByteString(32)));
    ASSERT_NO_FATAL_FAILURE(pair.run_all(value));
    auto const got = pair.received().at(RequestId{1});
    EXPECT_TRUE(got.has_ended);
    EXPECT_EQ(got.bytes, 60'000'000U);
    EXPECT_EQ(got.sum, sum_of(value.view()));
    EXPECT_LE(pair.queue_bytes_peak, 512U * 1024);
}

TEST(RpcMemory, takes_none_for_the_bytes_of_an_answer) {
    auto node = with_ocaml();
    node.act(ask(7, Method::get_best_tip));
    node.data(5, answer_head(2, 30'000'000));
    base::ByteString const chunk(65'536, 1);
    Out out;
    std::uint64_t received = 0;
    auto const feed = [&](std::size_t bytes) {
        out.clear();
        stream::Data const data{ChannelId{5}, base::ByteView(chunk).first(bytes)};
        mina::rpc::reduce(node.state, data, base::Env{node.now, node.rng, node.trace}, out);
        for (auto const& event : out.events) {
            if (auto const* part = std::get_if<AnswerChunk>(&event)) received += part->bytes.size();
        }
    };
    feed(65'536);
    auto const taken = base::testing::allocations_of([&] {
        for (std::uint64_t left = 30'000'000 - 2 * 65'536; left > 0;) {
            auto const bytes = std::min<std::uint64_t>(left, 65'536);
            feed(static_cast<std::size_t>(bytes));
            left -= bytes;
        }
    });
    EXPECT_EQ(taken.count, 0U);
    feed(65'536);
    EXPECT_EQ(received, 30'000'000U);
    EXPECT_TRUE(node.state.streams.at(ChannelId{5}).asked.empty());
}

TEST(RpcMemory, takes_none_for_the_bytes_of_an_answer_of_ours) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("get_best_tip", 2, 1));
    auto const value = value_of(20'000'000);
    node.act(Answer{QuestionId{1}, Payload{{value}}});
    Out out;
    out.effects.reserve(8);
    std::uint64_t written = 0;
    auto const taken = base::testing::allocations_of([&] {
        for (int i = 0; i < 40; ++i) {
            out.clear();
            mina::rpc::reduce(node.state, stream::Writable{ChannelId{6}},
                              base::Env{node.now, node.rng, node.trace}, out);
            for (auto const& effect : out.effects) {
                if (auto const* write = std::get_if<stream::Write>(&effect)) written += write->bytes.size();
            }
        }
    });
    EXPECT_GT(written, 15'000'000U);
    EXPECT_EQ(taken.count, 0U);
}

}  // namespace
}  // namespace mina::rpc::test
