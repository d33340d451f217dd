// Goal: a node begins with a clear error or not at all, lives in any loop without spinning it, obeys the rules about
// threads and callbacks, and ends politely in time or at once. Method: nodes on loopback in a foreign loop.
#include "node/testing/net.h"
#include "node/testing/sample_messages.h"
#include "runtime/temporary_directory.h"

#include <fstream>
#include <thread>

namespace mina::p2p {
namespace {

using namespace testing;

std::string error_of(std::function<void(Config&)> const& spoil) {
    auto config = quiet_config();
    spoil(config);
    auto const made = Node::create(config, [](Event const&) {});
    return made ? "" : made.error().text();
}

TEST(node_life, a_wrong_config_is_an_error_that_says_where_and_what_to_do) {
    EXPECT_EQ(error_of([](Config&) {}), "");
    EXPECT_EQ(error_of([](Config& c) { c.network = "devnett"; }),
              "Config::network: no network 'devnett'; the nearest is 'devnet'; a file is given with a '/' or a '.' in "
              "its name");
    EXPECT_NE(error_of([](Config& c) { c.network = ""; }).find("Config::network: no network ''"), std::string::npos);
    EXPECT_EQ(error_of([](Config& c) { c.network = "/nowhere/x.toml"; }).find("Config::network: /nowhere/x.toml"), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.listen = {"127.0.0.1:80"}; }).find("Config::listen: '127.0.0.1:80'"), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.listen = {"/dns4/example.org/tcp/1"}; }).find("Config::listen: "), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.peers = {"there"}; }).find("Config::peers: 'there' is not a multiaddr"), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.external = {"/x"}; }).find("Config::external: "), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.seeds = {{"?"}}; }).find("Config::seeds: "), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.trust = {"10.0.0.0/99"}; }).find("Config::trust: '10.0.0.0/99'"), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.deny = {"who"}; }).find("Config::deny: 'who'"), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.key = Bytes::copy_of("no key"); }).find("Config::key: "), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.key_file = "/dev/null/key"; }).find("Config::key_file: "), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.times.dial_timeout = 0ms; }).find("Config::times: "), 0u);
    EXPECT_EQ(error_of([](Config& c) { c.limits.connections_max = 0; }).find("Config::limits: "), 0u);
    Net net;
    auto& first = net.add();
    auto const address = first.address();
    auto const taken = error_of([&](Config& c) { c.listen = {address.substr(0, address.find("/p2p/"))}; });
    EXPECT_EQ(taken.find("Config::listen: "), 0u) << taken;
    EXPECT_NE(taken.find("in use"), std::string::npos) << taken;
}

TEST(node_life, its_identity_is_new_or_kept_in_a_file_or_given) {
    runtime::testing::TemporaryDirectory directory;
    Net net;
    auto kept = quiet_config();
    kept.data_dir = directory.path("data");
    auto& first = net.add(kept);
    auto const id = first.id();
    first.node.reset();
    EXPECT_EQ(net.add(kept).id(), id);
    EXPECT_NE(net.add().id(), id);
    std::ifstream file(directory.path("data/key"), std::ios::binary);
    auto given = quiet_config();
    given.key = Bytes(std::vector<std::uint8_t>(std::istreambuf_iterator<char>(file), {}));
    EXPECT_EQ(net.add(given).id(), id);
}

TEST(node_life, ready_is_the_first_event_and_stopped_the_last) {
    Net net;
    auto& a = net.add();
    EXPECT_TRUE(a.events.empty());  // nothing comes before a turn
    auto& b = net.add();
    net.join(a, b);
    ASSERT_TRUE(std::holds_alternative<event::Ready>(a.events.front()));
    auto const ready = a.of<event::Ready>().front();
    EXPECT_EQ(ready.addresses, std::vector{a.address()});
    EXPECT_EQ(ready.network, "local");
    EXPECT_EQ(ready.peer, a.id());
    auto const begun = Clock::now();
    a.node->stop();
    ASSERT_TRUE(net.until([&] { return a.node->has_stopped() && b.has<event::PeerDisconnected>(); }));
    EXPECT_LT(Clock::now() - begun, 1'200ms);
    EXPECT_TRUE(std::holds_alternative<event::Stopped>(a.events.back()));
    EXPECT_EQ(b.of<event::PeerDisconnected>().front().reason, "the other side went away");
    EXPECT_EQ(a.node->status().network, "local");  // may still be asked
}

TEST(node_life, an_idle_node_leaves_the_loop_alone) {
    Net net;
    auto& a = net.add();
    auto& b = net.add();
    net.join(a, b);
    net.run_for(500ms);
    auto const before = a.turns;
    net.run_for(2s);
    EXPECT_LT(a.turns - before, 40u);  // heartbeats, and what they bring
    a.node->stop();
    ASSERT_TRUE(net.until([&] { return a.node->has_stopped(); }));
    auto const at_end = a.turns;
    net.run_for(1'500ms);
    EXPECT_LT(a.turns - at_end, 5u);
}

TEST(node_life, runs_by_itself_and_is_stopped_from_another_thread) {
    std::size_t events = 0;
    auto made = Node::create(quiet_config(), [&](Event const&) { ++events; });
    ASSERT_TRUE(made);
    std::thread other([&] {
        std::this_thread::sleep_for(100ms);
        made->stop();
        made->stop();
    });
    made->run();
    other.join();
    EXPECT_TRUE(made->has_stopped());
    EXPECT_EQ(events, 2u);
}

TEST(node_life, what_a_callback_throws_comes_out_of_the_turn_and_harms_nothing) {
    Net net;
    auto& a = net.add();
    auto& b = net.add();
    net.join(a, b);
    int thrown = 0;
    b.on_event = [&](Event const& event) {
        if (std::holds_alternative<event::BlockReceived>(event)) throw std::runtime_error("mine");
    };
    SampleMessages samples;
    auto const throws = [&] {
        try {
            net.until([&] { return false; }, 2s);
        } catch (std::runtime_error const&) {
            ++thrown;
        }
    };
    a.node->broadcast_block(samples.block());
    throws();
    a.node->broadcast_block(samples.block());
    throws();
    EXPECT_EQ(thrown, 2);
    b.on_event = nullptr;
    a.node->broadcast_block(samples.block());
    EXPECT_TRUE(net.until([&] { return b.of<event::BlockReceived>().size() == 3; }));
}

TEST(node_life, brings_in_nothing_while_what_a_throw_left_over_is_not_delivered) {
    Net net;
    auto& a = net.add();
    auto& b = net.add();
    net.join(a, b);
    net.run_for(100ms);
    SampleMessages samples;
    // Turned alone: what it sends waits in the sockets of the other.
    auto const send_three = [&] {
        a.node->broadcast_block(samples.block());
        a.node->broadcast_transactions(samples.transactions(1'000));
        a.node->broadcast_snark_work(samples.snark_work());
        for (int i = 0; i < 20; ++i) {
            a.node->turn();
            std::this_thread::sleep_for(1ms);
        }
    };
    auto const received = [&] { return b.node->status().received_bytes; };
    std::vector<std::size_t> kinds;
    b.on_event = [&](Event const& event) {
        kinds.push_back(event.index());
        throw std::runtime_error("mine");
    };
    send_three();
    EXPECT_THROW(b.node->turn(), std::runtime_error);
    auto const before = received();
    send_three();
    for (std::size_t heard = 2; heard <= 3; ++heard) {
        EXPECT_THROW(b.node->turn(), std::runtime_error);
        EXPECT_EQ(kinds.size(), heard);
        EXPECT_EQ(received(), before) << "nothing is brought in";
    }
    EXPECT_THROW(b.node->turn(), std::runtime_error);
    EXPECT_GT(received(), before);
    b.on_event = nullptr;
    EXPECT_TRUE(net.until([&] {
        return b.of<event::BlockReceived>().size() == 2 && b.of<event::TransactionsReceived>().size() == 2 &&
               b.of<event::SnarkWorkReceived>().size() == 2;
    }));
}

TEST(node_life, parting_without_a_word_and_orders_after_the_end) {
    Net net;
    auto& a = net.add();
    auto& b = net.add();
    net.join(a, b);
    a.node.reset();
    ASSERT_TRUE(net.until([&] { return b.has<event::PeerDisconnected>(); }));
    b.node->stop();
    std::vector<std::string> errors;
    // What is under way when it stops fails; so does what is ordered later.
    b.node->broadcast_block(SampleMessages().block(),
                            [&](auto const& result) { errors.push_back(result ? "done" : result.error().text()); },
                            {.wait_for_peer = 60s});
    ASSERT_TRUE(net.until([&] { return b.node->has_stopped(); }));
    b.node->connect("/ip4/127.0.0.1/tcp/9", [&](auto const& result) { errors.push_back(result.error().text()); });
    auto const call = b.node->request_best_tip(b.id());
    ASSERT_TRUE(net.until([&] { return errors.size() == 2 && b.has<event::CallFailed>(); }));
    EXPECT_EQ(errors[1], "the node has stopped");
    EXPECT_EQ(b.of<event::CallFailed>().front().call, call);
    EXPECT_EQ(b.of<event::CallFailed>().front().error.failure, CallFailure::stopped);
}

TEST(node_life, connects_disconnects_bans_and_trusts) {
    Net net;
    auto& a = net.add();
    auto& b = net.add();
    std::vector<std::string> outcomes;
    auto const told = [&](auto const& result) { outcomes.push_back(result ? "done" : result.error().text()); };
    a.node->connect(b.address(), [&](Result<PeerId> const& peer) { outcomes.push_back(peer ? peer->text : "none"); });
    ASSERT_TRUE(net.until([&] { return outcomes.size() == 1; }));
    EXPECT_EQ(outcomes.back(), b.id().text);
    ASSERT_EQ(a.node->peers().size(), 1u);
    EXPECT_EQ(a.node->peers().front().direction, Direction::outbound);
    EXPECT_EQ(a.node->status().peers, 1u);

    outcomes.clear();
    a.node->trust(b.id().text, told);
    a.node->untrust(b.id().text, told);
    a.node->ban(b.id().text, 3600s, "a test", told);
    ASSERT_TRUE(net.until([&] { return outcomes.size() == 3 && b.has<event::PeerDisconnected>(); }));
    EXPECT_EQ(outcomes, (std::vector<std::string>(3, "done")));
    EXPECT_EQ(a.node->status().peers, 0u);
    outcomes.clear();
    a.node->connect(b.address(), told);
    a.node->unban("nobody", told);
    a.node->unban("10.0.0.0/8", told);
    a.node->disconnect({"who"}, told);
    a.node->connect("nowhere", told);
    a.node->connect("/ip4/127.0.0.1/tcp/9", told, {.keep = true});
    a.node->connect("/ip4/127.0.0.1/tcp/9", told);
    ASSERT_TRUE(net.until([&] { return outcomes.size() == 7; }));
    for (auto const& outcome : outcomes) EXPECT_NE(outcome, "done");
    outcomes.clear();
    a.node->unban(b.id().text, told);
    a.node->connect(b.address(), told, {.keep = true});
    ASSERT_TRUE(net.until([&] { return outcomes.size() == 2; }));
    EXPECT_EQ(outcomes, (std::vector<std::string>(2, "done")));
    a.node->disconnect(b.id(), told);
    ASSERT_TRUE(net.until([&] { return outcomes.size() == 3 && a.node->status().peers == 0; }));
}

TEST(node_life, remembers_peers_when_it_is_told_where) {
    runtime::testing::TemporaryDirectory directory;
    Net net;
    auto config = quiet_config();
    config.data_dir = directory.path("data");
    auto& a = net.add(config);
    auto& b = net.add();
    net.join(a, b);
    a.node->stop();
    ASSERT_TRUE(net.until([&] { return a.node->has_stopped(); }));
    a.node.reset();
    EXPECT_GT(net.add(config).node->status().known_peers, 0u);
}

}  // namespace
}  // namespace mina::p2p
