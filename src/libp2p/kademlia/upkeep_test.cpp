// Goal: who becomes a member and who leaves; what a node does by itself: looks itself up, asks silent members whether
// they are there, says again what it provides.
// Method: one machine whose time passes.
#include "libp2p/kademlia/test_node.h"

#include <gtest/gtest.h>

namespace libp2p::kademlia {
namespace {

using namespace test;

base::ByteString id_key(std::uint64_t number) { return base::to_byte_string(id_number(number).bytes()); }

Config with_upkeep() {
    auto config = test_config();
    config.upkeep = true;
    return config;
}

/// Opens the stream of the last Open, and lets its peer answer, telling of these.
void answer(Node& node, std::uint64_t channel, std::uint64_t peer, std::vector<std::uint64_t> const& told = {}) {
    node.open(channel);
    node.data(channel, answer_with(told));
    node.close(channel, peer);
}

std::vector<std::uint64_t> in_first_bucket(std::size_t count) {
    std::vector<std::uint64_t> result;
    for (std::uint64_t i = 2; result.size() < count; ++i) {
        if (common_prefix(key_of(id_number(1)), key_of(id_number(i))) == 0) result.push_back(i);
    }
    return result;
}

TEST(KademliaMembership, takes_a_server_that_answers_and_nobody_else) {
    for (auto const direction : {Direction::inbound, Direction::outbound}) {
        Node node(with_upkeep());
        EXPECT_EQ(node.add(2, direction), "open 2");
        EXPECT_EQ(node.state.table.size(), 0U);
        EXPECT_EQ(node.open(5), "write 5 FIND_NODE");
        EXPECT_TRUE(
            base::equal(decode(body(node.written()))->key, id_key(2)));  // never PING: Mina's Rust node would close
        node.data(5, answer_with({}));
        auto const all = members(node.state);
        ASSERT_EQ(all.size(), 1U);
        EXPECT_EQ(all[0].id, id_number(2));
        EXPECT_EQ(all[0].addresses, std::vector{address_number(2)});
        EXPECT_TRUE(all[0].connected);
        EXPECT_EQ(all[0].last_useful, node.now);
    }
    Node node(with_upkeep());
    EXPECT_EQ(node.add(2, Direction::outbound, false, false), "");
    EXPECT_EQ(node.state.table.size(), 0U);
}

TEST(KademliaMembership, takes_nobody_that_others_could_not_reach) {
    Node node(with_upkeep());
    node.act(PeerConnected{PeerKey{2}, id_number(2), address("/ip4/127.0.0.1/tcp/9"), Direction::inbound});
    EXPECT_EQ(node.act(PeerIdentified{PeerKey{2}, true, false, {address("/ip4/127.0.0.1/tcp/1")}}), "");
}

TEST(KademliaMembership, a_server_that_becomes_a_client_leaves) {
    Node node(with_upkeep());
    node.add(2);
    answer(node, 5, 2);
    EXPECT_EQ(node.state.table.size(), 1U);
    node.act(PeerIdentified{PeerKey{2}, false, false, {address_number(2)}});
    EXPECT_EQ(node.state.table.size(), 0U);
}

TEST(KademliaMembership, who_is_silent_twice_leaves) {
    Node node;
    node.add(2);
    node.add_member(2);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(node.state.table.size(), 1U);
        node.act(AskClosest{PeerKey{2}, id_key(9), RequestId{1}});
        node.tick_after(10s);
    }
    EXPECT_EQ(node.state.table.size(), 0U);
    EXPECT_EQ(node.state.counters.members_left, 1U);
}

TEST(KademliaMembership, a_newcomer_to_a_full_bucket_has_the_oldest_member_asked) {
    auto config = with_upkeep();
    config.refresh_interval = 1000h;
    config.small_table = 0;
    Node node(config);
    std::uint64_t elsewhere = 2;
    while (common_prefix(key_of(id_number(1)), key_of(id_number(elsewhere))) == 0) ++elsewhere;
    node.add(elsewhere);
    answer(node, 4, elsewhere);
    node.state.timers.cancel({Timer::Kind::refresh, 0});
    auto const numbers = in_first_bucket(21);
    for (std::size_t i = 0; i < 20; ++i) {
        node.add_member(numbers[i]);
        node.now = node.now + 1s;
    }
    node.now = node.now + 10min;
    EXPECT_EQ(node.add(numbers[20]), "open " + std::to_string(numbers[20]));
    node.open(5);
    EXPECT_EQ(node.data(5, answer_with({})), "finish 5; connect " + std::to_string(numbers[0]));
    EXPECT_EQ(node.state.table.size(), 21U);
    node.act(ConnectFailed{id_number(numbers[0])});
    EXPECT_EQ(node.state.table.size(), 21U);
    EXPECT_NE(node.state.table.find(id_number(numbers[0])), nullptr);  // once is no proof
    EXPECT_FALSE(node.state.table.buckets()[0].is_checked);
    node.now = node.now + 6min;
    EXPECT_NE(node.act(Tick{}).find("connect " + std::to_string(numbers[0])), std::string::npos);
    node.act(ConnectFailed{id_number(numbers[0])});
    EXPECT_EQ(node.state.table.find(id_number(numbers[0])), nullptr);
    EXPECT_NE(node.state.table.find(id_number(numbers[20])), nullptr);
}

TEST(KademliaMembership, a_full_bucket_of_useful_members_is_left_alone) {
    Node node(with_upkeep());
    auto const numbers = in_first_bucket(21);
    for (std::size_t i = 0; i < 20; ++i) node.add_member(numbers[i]);
    node.add(numbers[20]);
    node.open(5);
    EXPECT_EQ(node.data(5, answer_with({})), "finish 5");
    EXPECT_EQ(node.state.table.buckets()[0].replacements.size(), 1U);
}

TEST(KademliaMembership, probes_are_bounded) {
    auto config = with_upkeep();
    config.probes_max = 3;
    Node node(config);
    for (std::uint64_t i = 2; i < 10; ++i) node.add(i);
    EXPECT_EQ(node.state.probes, 3U);
    for (std::uint64_t i = 2; i < 10; ++i) node.act(PeerDisconnected{PeerKey{i}});
    EXPECT_EQ(node.state.probes, 0U);
    EXPECT_TRUE(node.state.requests.empty());
}

TEST(KademliaUpkeep, looks_itself_up_when_somebody_is_there_and_soon_again_while_few_are) {
    Node node(with_upkeep());
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
    node.add(2);
    answer(node, 5, 2);
    EXPECT_EQ(next_deadline(node.state), node.now);
    EXPECT_EQ(node.act(Tick{}), "open 2");
    node.open(6);
    EXPECT_TRUE(base::equal(decode(body(node.written()))->key, id_key(1)));
    node.data(6, answer_with({}));
    node.close(6, 2);
    // Then a key of each bucket, of a form that all peers take.
    std::uint64_t channel = 7;
    while (next_deadline(node.state) == node.now) {
        node.act(Tick{});
        if (node.out.effects.empty()) break;
        node.open(channel);
        EXPECT_TRUE(is_short_peer_id(decode(body(node.written()))->key));
        node.data(channel, answer_with({}));
        node.close(channel++, 2);
    }
    EXPECT_GT(channel, 7U);
    auto const wait = next_deadline(node.state) - node.now;
    EXPECT_GE(wait, 4500ms);
    EXPECT_LE(wait, 5500ms);
    EXPECT_EQ(node.tick_after(wait), "open 2");
}

TEST(KademliaUpkeep, silent_members_are_asked_a_few_at_a_time) {
    auto config = with_upkeep();
    config.refresh_interval = 1000h;
    config.small_table = 0;
    Node node(config);
    for (std::uint64_t i = 3; i < 40; ++i) node.add_member(i);
    node.add(2);
    answer(node, 5, 2);
    node.act(Tick{});
    node.state.timers.cancel({Timer::Kind::refresh, 0});
    for (auto const& [id, query] : std::map(node.state.queries))
        node.state.timers.cancel({Timer::Kind::query, id.value});
    auto const before = node.state.counters.probes;
    node.tick_after(31min);
    EXPECT_EQ(node.state.counters.probes - before, config.checks_a_round_max);
}

TEST(KademliaProvide, is_said_again_soon_while_few_were_told_and_later_much_later) {
    Node node;
    node.act(OwnAddresses{{address_number(1)}});
    EXPECT_EQ(node.act(Provide{id_key(9), RequestId{1}}), "");
    EXPECT_EQ(node.only<QueryFailed>().failure, Failure::no_peers);
    EXPECT_LE(next_deadline(node.state) - node.now, 33s);
    for (std::uint64_t i = 2; i < 7; ++i) node.add(i);
    node.tick_after(33s);
    ASSERT_EQ(node.out.effects.size(), 5U);
    std::vector<stream::Open> tells;
    auto opens = node.out.effects;
    for (std::uint64_t i = 0; i < 5; ++i) {
        auto const& order = std::get<stream::Open>(opens[i]);
        node.act(stream::Opened{ChannelId{10 + i}, order.peer, Direction::outbound, order.request, "/k"});
        node.data(10 + i, answer_with({}));
        for (auto const& effect : node.out.effects) {
            if (auto const* open = std::get_if<stream::Open>(&effect)) tells.push_back(*open);
        }
    }
    ASSERT_EQ(tells.size(), 5U);
    for (std::uint64_t i = 0; i < 5; ++i) {
        auto const channel = std::to_string(20 + i);
        EXPECT_EQ(
            node.act(stream::Opened{ChannelId{20 + i}, tells[i].peer, Direction::outbound, tells[i].request, "/k"}),
            "write " + channel + " ADD_PROVIDER; finish " + channel);
        auto const said = node.written();
        auto const message = *decode(body(said));
        EXPECT_TRUE(base::equal(message.key, id_key(9)));
        EXPECT_EQ(message.providers, (std::vector{PeerAddresses{id_number(1), {address_number(1)}}}));
    }
    auto const next = node.state.own_keys.at(id_key(9)).next - node.now;
    EXPECT_GE(next, 19h);
    EXPECT_LE(next, 25h);
    node.act(StopProviding{id_key(9)});
    EXPECT_TRUE(node.state.own_keys.empty());
}

TEST(KademliaProvide, own_keys_are_bounded) {
    Node node;
    for (std::uint64_t i = 0; i < 64; ++i) node.act(Provide{id_key(i), RequestId{}});
    EXPECT_TRUE(node.out.events.empty());
    node.act(Provide{id_key(64), RequestId{5}});
    EXPECT_EQ(node.only<QueryFailed>().failure, Failure::too_many);
    EXPECT_EQ(node.state.own_keys.size(), 64U);
}

TEST(KademliaProvide, waits_for_an_address_of_its_own) {
    Node node;
    node.add(2);
    node.act(Provide{id_key(9), RequestId{1}});
    node.open(5);
    node.data(5, answer_with({}));
    EXPECT_TRUE(node.only<Provided>().at.empty());
    node.act(OwnAddresses{{address_number(1)}});
    EXPECT_EQ(next_deadline(node.state), node.now);
    EXPECT_EQ(node.act(Tick{}), "open 2");
}

TEST(KademliaValue, a_lying_value_is_reported_and_not_taken) {
    auto const key_number = [](std::uint8_t n) { return crypto::PrivateKey::ed25519_from_seed({n}).public_key(); };
    auto const name_of = [&](std::uint8_t n) {
        auto name = base::to_byte_string(base::as_bytes("/pk/"));
        base::append(name, PeerId::of(key_number(n)).bytes());
        return name;
    };
    // js-libp2p took the valid value of another key (#3577).
    struct Case {
        std::uint8_t key;
        std::uint8_t value;
        bool good;
    };
    for (auto const& [key, value, good] : {Case{1, 1, true}, Case{1, 2, false}, Case{2, 2, false}}) {
        Node node;
        node.add(2);
        node.act(GetValue{name_of(1), RequestId{1}});
        node.open(5);
        auto const name = name_of(key);
        auto const bytes = key_number(value).encode();
        Message told{.type = MessageType::get_value, .key = name, .record = Record{name, bytes}};
        node.data(5, encode(told));
        EXPECT_EQ(node.events<Value>().size(), good ? 1U : 0U);
        EXPECT_EQ(node.events<Misbehaved>().size(), good ? 0U : 1U);
        EXPECT_EQ(node.events<QueryFailed>().size(), good ? 0U : 1U);
    }
}

}  // namespace
}  // namespace libp2p::kademlia
