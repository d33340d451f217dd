// Goal: what one node broadcasts the others get, with what is in it, and no further than verdicts let it. Method: nodes
// on loopback, two or three in a row, in a foreign loop.
#include "node/testing/net.h"
#include "node/testing/sample_messages.h"

#include <algorithm>

namespace mina::p2p {
namespace {

using namespace testing;

struct Outcome {
    std::optional<Broadcast> done;
    std::string error;
    bool has_come() const { return done || !error.empty(); }
    Node::OnBroadcast take() {
        return [this](Result<Broadcast> const& result) {
            if (result) done = *result;
            else error = result.error().text();
        };
    }
};

TEST(node_gossip, a_block_comes_with_its_summary_and_says_who_took_it) {
    Net net;
    auto& a = net.add();
    auto& b = net.add();
    net.join(a, b);
    auto const block = SampleMessages().block();
    Outcome outcome;
    a.node->broadcast_block(block, outcome.take());
    ASSERT_TRUE(net.until([&] { return outcome.has_come() && b.has<event::BlockReceived>(); }));
    ASSERT_TRUE(outcome.done) << outcome.error;
    EXPECT_EQ(outcome.done->peers, std::vector{b.id()});
    auto const received = b.of<event::BlockReceived>().front();
    EXPECT_EQ(received.block, block);
    EXPECT_EQ(received.via, a.id());
    EXPECT_EQ(received.from, a.id());
    EXPECT_EQ(received.format, Format::berkeley);
    EXPECT_EQ(received.gossip_id, outcome.done->gossip_id);
    EXPECT_EQ(received.summary, *summarize_block(Format::berkeley, block));
    EXPECT_TRUE(received.summary.state_hash.text.starts_with("3N"));
    EXPECT_TRUE(received.summary.creator.starts_with("B62q"));
}

TEST(node_gossip, transactions_and_snark_work_come_without_frame_tag_and_nonce) {
    Net net;
    auto& a = net.add();
    auto& b = net.add();
    net.join(a, b);
    SampleMessages samples;
    auto const transactions = samples.transactions(20'000);
    auto const work = samples.snark_work();
    a.node->broadcast_transactions(transactions, {}, {.nonce = 300});
    a.node->broadcast_snark_work(work);
    ASSERT_TRUE(net.until([&] { return b.has<event::TransactionsReceived>() && b.has<event::SnarkWorkReceived>(); }));
    auto const received = b.of<event::TransactionsReceived>().front();
    EXPECT_EQ(received.transactions, transactions);
    EXPECT_GT(received.counts.total(), 0u);
    EXPECT_FALSE(received.hashes.empty());
    EXPECT_EQ(b.of<event::SnarkWorkReceived>().front().work, work);
    EXPECT_EQ(b.of<event::SnarkWorkReceived>().front().key.size(), 64u);
    // The same again is a duplicate, unless its nonce is another.
    Outcome again, renewed;
    a.node->broadcast_transactions(transactions, again.take(), {.nonce = 300});
    a.node->broadcast_transactions(transactions, renewed.take(), {.nonce = -7});
    ASSERT_TRUE(net.until([&] { return again.has_come() && b.of<event::TransactionsReceived>().size() == 2; }));
    EXPECT_NE(again.error, "");
    EXPECT_EQ(b.of<event::TransactionsReceived>().back().transactions, transactions);
}

TEST(node_gossip, goes_on_when_it_is_accepted_and_only_then) {
    Net net;
    auto judging = quiet_config();
    judging.verdicts = Config::Verdicts::application;
    auto& a = net.add();
    auto& judge = net.add(judging);
    auto& c = net.add();
    net.join(a, judge);
    net.join(c, judge);
    SampleMessages samples;
    auto const good = samples.block();
    auto const bad = samples.block();
    auto const odd = samples.block();
    judge.on_event = [&](Event const& event) {
        auto const* const received = std::get_if<event::BlockReceived>(&event);
        if (received == nullptr) return;
        judge.node->give_verdict(received->message, received->block == good  ? Verdict::accept
                                                    : received->block == bad ? Verdict::reject
                                                                             : Verdict::ignore);
    };
    a.node->broadcast_block(bad);
    a.node->broadcast_block(odd);
    a.node->broadcast_block(good);
    auto const judged = [&] { return judge.of<event::BlockReceived>().size(); };
    ASSERT_TRUE(net.until([&] { return c.has<event::BlockReceived>() && judged() == 3; }));
    net.run_for(300ms);
    ASSERT_EQ(c.of<event::BlockReceived>().size(), 1u);
    EXPECT_EQ(c.of<event::BlockReceived>().front().block, good);
    EXPECT_EQ(c.of<event::BlockReceived>().front().from, a.id());
    EXPECT_EQ(c.of<event::BlockReceived>().front().via, judge.id());
    judge.node->give_verdict(judge.of<event::BlockReceived>().front().message, Verdict::accept);  // too late: ignored
    judge.node->give_verdict({987'654}, Verdict::accept);
    net.run_for(100ms);
    EXPECT_EQ(c.of<event::BlockReceived>().size(), 1u);
}

TEST(node_gossip, what_is_not_of_the_format_is_not_broadcast) {
    Net net;
    auto& a = net.add();
    auto bytes = SampleMessages().block().take();
    bytes.resize(bytes.size() - 1);
    Outcome cut, empty, other;
    a.node->broadcast_block(Bytes(bytes), cut.take());
    a.node->broadcast_block({}, empty.take());
    a.node->broadcast_snark_work(SampleMessages().block(), other.take());
    EXPECT_FALSE(cut.has_come());  // not from within the order
    ASSERT_TRUE(net.until([&] { return cut.has_come() && empty.has_come() && other.has_come(); }));
    EXPECT_EQ(cut.error, "broadcast: not a value of kind block in the format berkeley: offset " +
                             std::to_string(bytes.size()) +
                             ": the bytes end inside the value; give the value in bin_prot, without frame, tag "
                             "and nonce");
    EXPECT_NE(empty.error.find("offset 0: "), std::string::npos) << empty.error;
    EXPECT_NE(other.error.find("not a value of kind snark-work"), std::string::npos) << other.error;
}

TEST(node_gossip, what_a_peer_sends_in_no_format_is_refused_and_told) {
    Net net;
    auto unchecked = quiet_config();
    unchecked.formats.emplace();  // none: it broadcasts anything
    auto& a = net.add(unchecked);
    auto& b = net.add();
    auto& c = net.add(unchecked);
    net.join(a, b);
    net.join(a, c);
    a.node->broadcast_block(Bytes::copy_of("no block at all"));
    ASSERT_TRUE(net.until([&] { return b.has<event::MessageRefused>() && c.has<event::OtherReceived>(); }));
    EXPECT_EQ(b.of<event::MessageRefused>().front().via, a.id());
    EXPECT_NE(b.of<event::MessageRefused>().front().reason, "");
    EXPECT_FALSE(b.has<event::BlockReceived>());
    EXPECT_EQ(b.of<event::PeerMisbehaved>().size(), 1u);
    EXPECT_EQ(c.of<event::OtherReceived>().front().data.size(), 8u + 1 + 15);
}

TEST(node_gossip, a_broadcast_waits_for_a_first_peer_when_it_is_told_to) {
    Net net;
    auto& a = net.add();
    auto& b = net.add();
    SampleMessages samples;
    Outcome at_once, waiting, in_vain;
    a.node->broadcast_block(samples.block(), at_once.take());
    a.node->broadcast_block(samples.block(), waiting.take(), {.wait_for_peer = 20s});
    a.node->broadcast_block(samples.block(), in_vain.take(), {.wait_for_peer = 100ms});
    ASSERT_TRUE(net.until([&] { return at_once.has_come() && in_vain.has_come(); }));
    EXPECT_EQ(at_once.done->peers.size(), 0u);
    EXPECT_EQ(in_vain.done->peers.size(), 0u);
    EXPECT_FALSE(waiting.has_come());
    net.join(a, b);
    ASSERT_TRUE(net.until([&] { return waiting.has_come() && b.has<event::BlockReceived>(); }));
    EXPECT_EQ(waiting.done->peers, std::vector{b.id()});
}

TEST(node_gossip, a_large_message_arrives_though_its_sender_stops_at_once) {
    Net net;
    auto unchecked = quiet_config();
    unchecked.formats.emplace();
    auto& a = net.add(unchecked);
    auto& b = net.add(unchecked);
    net.join(a, b);
    Bytes const large(std::vector<std::uint8_t>(3'000'000, 7));
    a.node->broadcast_block(large, [&](Result<Broadcast> const&) { a.node->stop(); });
    ASSERT_TRUE(net.until([&] { return a.node->has_stopped() && b.has<event::PeerDisconnected>(); }));
    ASSERT_EQ(b.of<event::OtherReceived>().size(), 1u);
    EXPECT_EQ(b.of<event::OtherReceived>().front().data.size(), large.size() + 9);
}

}  // namespace
}  // namespace mina::p2p
