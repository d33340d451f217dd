// Goal: what the address book takes in, from whom, and how much of it: every share and its behaviour at the bound, what
// is dropped of addresses, what is kept on the disk, and that nothing depends on the order in which peers were told.
// Method: peers and addresses by number; small bounds where a bound is the matter, the default ones for floods.
#include "libp2p/peerstore/address_book.h"

#include "libp2p/peerstore/test_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::peerstore {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

class Book : public testing::Test {
protected:
    static constexpr std::uint32_t self = 1'000'000;

    static AddressBookConfig config() { return {.self = peer(self)}; }
    static AddressBook book_with(std::size_t AddressBookConfig::*bound, std::size_t value) {
        auto small = config();
        small.*bound = value;
        return AddressBook(small);
    }
    Learned learn(std::uint32_t who, std::vector<Multiaddr> const& addresses, Source source = Source::kademlia,
                  PeerId const& teller = peer(7'000'000)) {
        return book_.learn(peer(who), addresses, source, teller, now_);
    }
    /// With an address in a group of its own.
    Learned tell(std::uint32_t who, Source source = Source::kademlia, std::uint32_t teller = 7'000'000) {
        return learn(who, {tcp(who * 256)}, source, peer(teller));
    }
    bool knows(std::uint32_t who) const { return book_.find(peer(who)) != nullptr; }
    std::vector<std::string> addresses_of(std::uint32_t who) const {
        std::vector<std::string> texts;
        if (!knows(who)) return texts;
        for (auto const& known : book_.find(peer(who))->addresses) texts.push_back(known.address.text());
        return texts;
    }
    void fail(std::uint32_t who, int times) {
        for (int i = 0; i < times; ++i) book_.on_dial_failed(peer(who), now_, rng_);
    }
    void visit(std::uint32_t who) {
        book_.on_connected(peer(who), tcp(who * 256), Direction::outbound, now_);
        book_.on_disconnected(peer(who), true, now_ + 1h, rng_);
    }

    AddressBook book_{config()};
    base::Rng rng_ = rng();
    base::Instant now_ = at(1h);
};

// ---- Addresses ----

TEST_F(Book, knows_who_was_told) {
    EXPECT_EQ(learn(1, {tcp(1), tcp(2)}), Learned::added);
    EXPECT_THAT(addresses_of(1), ElementsAre("/ip4/50.0.1.1/tcp/8302", "/ip4/50.0.1.2/tcp/8302"));
    EXPECT_EQ(learn(1, {tcp(2), tcp(3)}), Learned::updated);
    EXPECT_EQ(addresses_of(1).size(), 3U);
    EXPECT_EQ(book_.size(), 1U);
}

TEST_F(Book, never_knows_itself_or_nobody) {
    EXPECT_EQ(learn(self, {tcp(1)}, Source::operator_given), Learned::self);
    EXPECT_EQ(book_.learn(PeerId(), std::vector{tcp(1)}, Source::operator_given, {}, now_), Learned::no_address);
    book_.on_connected(peer(self), tcp(1), Direction::inbound, now_);
    EXPECT_EQ(book_.size(), 0U);
}

TEST_F(Book, takes_no_address_that_cannot_be_dialed) {
    for (auto const* const text :
         {"/ip4/0.0.0.0/tcp/1", "/ip4/0.1.2.3/tcp/1", "/ip6/::/tcp/1", "/ip4/224.0.0.1/tcp/1",
          "/ip4/255.255.255.255/tcp/1", "/ip4/240.0.0.1/tcp/1", "/ip6/ff02::1/tcp/1", "/ip4/8.8.8.8/tcp/0",
          "/ip4/8.8.8.8/udp/5/quic-v1",
          "/ip4/8.8.8.8/tcp/1/ws", "/dns4/example.org/tcp/0", "/ip6/::ffff:224.0.0.1/tcp/1"}) {
        EXPECT_EQ(learn(1, {address(text)}, Source::operator_given), Learned::no_address) << text;
    }
    EXPECT_EQ(book_.size(), 0U);
}

TEST_F(Book, takes_private_addresses_from_the_operator_only) {
    std::vector<Multiaddr> const addresses{address("/ip4/10.0.0.1/tcp/1"), address("/ip4/127.0.0.1/tcp/1"),
                                           address("/ip6/fd00::1/tcp/1"), address("/ip6/::ffff:10.0.0.1/tcp/1")};
    for (auto const source : {Source::seed, Source::store, Source::identify, Source::kademlia, Source::initial_peers}) {
        EXPECT_EQ(learn(1, addresses, source), Learned::no_address);
    }
    EXPECT_EQ(learn(1, addresses, Source::operator_given), Learned::added);
    EXPECT_EQ(addresses_of(1).size(), 4U);
}

TEST_F(Book, takes_private_addresses_where_they_are_allowed) {
    auto lab = config();
    lab.private_addresses = true;
    book_ = AddressBook(lab);
    EXPECT_EQ(learn(1, {address("/ip4/10.0.0.1/tcp/1")}), Learned::added);
    EXPECT_EQ(learn(1, {address("/ip4/0.0.0.0/tcp/1")}), Learned::no_address);
}

TEST_F(Book, takes_names_from_those_who_may_make_it_look_them_up) {
    std::vector const name{address("/dns4/example.org/tcp/8302")};
    for (auto const source : {Source::kademlia, Source::provider, Source::initial_peers, Source::gossip_exchange}) {
        EXPECT_EQ(learn(1, name, source), Learned::no_address);
    }
    std::uint32_t who = 10;
    for (auto const source : {Source::operator_given, Source::seed, Source::store, Source::identify}) {
        EXPECT_EQ(learn(who++, name, source), Learned::added);
    }
}

TEST_F(Book, drops_addresses_that_name_another_peer) {
    EXPECT_EQ(learn(1, {tcp(1).with_peer_id(peer(2))}), Learned::no_address);
    EXPECT_EQ(learn(1, {tcp(1).with_peer_id(peer(1))}), Learned::added);
    EXPECT_THAT(addresses_of(1), ElementsAre("/ip4/50.0.1.1/tcp/8302"));
}

TEST_F(Book, keeps_so_many_addresses_the_better_ones) {
    std::vector<Multiaddr> many;
    for (std::uint32_t i = 0; i < 40; ++i) many.push_back(tcp(i));
    learn(1, many);
    EXPECT_EQ(addresses_of(1).size(), 16U);
    learn(1, {tcp(100)});
    EXPECT_THAT(addresses_of(1), testing::Not(testing::Contains("/ip4/50.0.1.100/tcp/8302"))) << "no better than those";
    learn(1, {tcp(101)}, Source::identify);
    EXPECT_THAT(addresses_of(1), testing::Contains("/ip4/50.0.1.101/tcp/8302")) << "its own word is better";
    EXPECT_EQ(addresses_of(1).size(), 16U);
    book_.on_connected(peer(1), tcp(102), Direction::outbound, now_);
    for (std::uint32_t i = 0; i < 40; ++i) many.push_back(tcp(200 + i));
    learn(1, std::vector(many.begin() + 40, many.end()), Source::identify);
    EXPECT_THAT(addresses_of(1), testing::Contains("/ip4/50.0.1.102/tcp/8302")) << "the one that was dialed stays";
    EXPECT_EQ(addresses_of(1).size(), 16U);
}

TEST_F(Book, looks_at_so_many_addresses_at_once) {
    std::vector<Multiaddr> many(64, address("/ip4/10.0.0.1/tcp/1"));
    many.push_back(tcp(1));
    EXPECT_EQ(learn(1, many), Learned::no_address);
}

TEST_F(Book, identify_replaces_what_it_said_before) {
    learn(1, {tcp(1), tcp(2)}, Source::identify);
    learn(1, {tcp(3)}, Source::kademlia);
    learn(1, {tcp(2), tcp(4)}, Source::identify);
    EXPECT_THAT(addresses_of(1),
                ElementsAre("/ip4/50.0.1.2/tcp/8302", "/ip4/50.0.1.3/tcp/8302", "/ip4/50.0.1.4/tcp/8302"));
}

// ---- Shares ----

TEST_F(Book, one_teller_cannot_fill_it) {
    for (std::uint32_t i = 0; i < 50; ++i) EXPECT_EQ(tell(i, Source::kademlia, 7'000'001), Learned::added);
    std::size_t added = 0;
    for (std::uint32_t i = 100; i < 10'100; ++i) added += tell(i) == Learned::added ? 1 : 0;
    EXPECT_EQ(added, 128U);
    EXPECT_EQ(book_.size(), 178U);
    for (std::uint32_t i = 0; i < 50; ++i) EXPECT_TRUE(knows(i));
    EXPECT_TRUE(knows(100)) << "who came first stays";
    EXPECT_FALSE(knows(10'099));
}

TEST_F(Book, many_tellers_cannot_fill_it_by_one_way) {
    for (std::uint32_t i = 0; i < 500; ++i) tell(i, Source::initial_peers, 7'000'000 + i / 100);
    for (std::uint32_t i = 1000; i < 6000; ++i) tell(i, Source::kademlia, 8'000'000 + i);
    EXPECT_EQ(book_.size(), 500U + 2048U);
    for (std::uint32_t i = 0; i < 500; ++i) EXPECT_TRUE(knows(i));
}

TEST_F(Book, never_holds_more_than_it_may) {
    for (std::uint32_t i = 0; i < 6000; ++i) tell(i, i % 2 == 0 ? Source::kademlia : Source::provider, 8'000'000 + i);
    EXPECT_EQ(book_.size(), 4096U);
    book_ = book_with(&AddressBookConfig::known_max, 0);
    EXPECT_EQ(tell(1, Source::operator_given), Learned::refused);
}

TEST_F(Book, a_group_of_addresses_has_its_share) {
    for (std::uint32_t i = 0; i < 200; ++i) {
        learn(i, {Multiaddr::tcp_at({IpAddress::v4(60, 1, static_cast<std::uint8_t>(i), 1), 1})}, Source::kademlia,
              peer(8'000'000 + i));
    }
    EXPECT_EQ(book_.size(), 128U);
    EXPECT_EQ(learn(500, {address("/ip4/60.1.9.9/tcp/1")}, Source::operator_given), Learned::added);
    for (std::uint32_t i = 1000; i < 1200; ++i) {
        learn(i, {address("/dns4/example.org/tcp/1")}, Source::identify, {});
    }
    EXPECT_EQ(book_.size(), 128U + 1 + 128) << "names are a group too";
}

TEST_F(Book, a_peer_that_moves_into_a_full_group_does_not_widen_it) {
    book_ = book_with(&AddressBookConfig::group_max, 2);
    learn(1, {tcp(1)}, Source::identify);
    learn(2, {tcp(2)}, Source::identify);
    learn(3, {tcp(3 * 256)}, Source::identify);
    now_ = now_ + 1s;
    learn(3, {tcp(3)}, Source::identify);
    EXPECT_EQ(book_.size(), 2U);
    EXPECT_FALSE(knows(1)) << "the one named longest ago gives way";
}

TEST_F(Book, private_networks_are_no_groups_where_they_are_allowed) {
    auto lab = config();
    lab.private_addresses = true;
    lab.group_max = 2;
    lab.teller_max = 1000;
    book_ = AddressBook(lab);
    for (std::uint32_t i = 0; i < 100; ++i) {
        learn(i, {Multiaddr::tcp_at({IpAddress::v4(10, 0, 0, static_cast<std::uint8_t>(i)), 1})});
    }
    EXPECT_EQ(book_.size(), 100U);
}

TEST_F(Book, the_one_that_failed_often_gives_way_first) {
    book_ = book_with(&AddressBookConfig::known_max, 3);
    for (std::uint32_t i = 1; i <= 3; ++i) tell(i);
    fail(2, 3);
    EXPECT_EQ(tell(4), Learned::added);
    EXPECT_FALSE(knows(2));
    EXPECT_EQ(tell(5), Learned::refused) << "no better than those that are there";
    fail(1, 1);
    EXPECT_EQ(tell(5), Learned::refused) << "one failure costs nobody its place";
}

TEST_F(Book, who_was_connected_outlasts_who_was_only_told) {
    book_ = book_with(&AddressBookConfig::known_max, 3);
    visit(1);
    tell(2);
    tell(3);
    now_ = now_ + 24h;
    for (std::uint32_t i = 10; i < 100; ++i) tell(i, Source::kademlia, 8'000'000 + i);
    EXPECT_TRUE(knows(1));
    EXPECT_FALSE(knows(2)) << "not named for hours";
    fail(1, 10);
    now_ = now_ + 24h;
    tell(200);
    EXPECT_FALSE(knows(1)) << "it fails for good";
}

TEST_F(Book, who_is_told_by_several_outlasts_who_is_told_by_one) {
    book_ = book_with(&AddressBookConfig::known_max, 2);
    tell(1);
    tell(2);
    tell(1, Source::kademlia, 7'000'001);
    EXPECT_EQ(book_.find(peer(1))->tellers.size(), 2U);
    EXPECT_EQ(tell(3, Source::seed), Learned::added);
    EXPECT_TRUE(knows(1));
    EXPECT_FALSE(knows(2));
}

TEST_F(Book, counts_so_many_tellers_and_no_peer_for_itself) {
    for (std::uint32_t i = 0; i < 20; ++i) tell(1, Source::kademlia, 8'000'000 + i);
    EXPECT_EQ(book_.find(peer(1))->tellers.size(), 4U);
    tell(2, Source::kademlia, 2);
    EXPECT_THAT(book_.find(peer(2))->tellers, IsEmpty());
}

TEST_F(Book, stale_ones_give_way_to_their_like) {
    book_ = book_with(&AddressBookConfig::known_max, 2);
    tell(1);
    now_ = now_ + 1h;
    tell(2);
    now_ = now_ + 2h;
    EXPECT_EQ(tell(3), Learned::added);
    EXPECT_FALSE(knows(1));
    EXPECT_EQ(tell(4), Learned::refused);
}

TEST_F(Book, the_operators_peers_and_seeds_never_give_way) {
    book_ = book_with(&AddressBookConfig::known_max, 2);
    tell(1, Source::operator_given);
    tell(2, Source::seed);
    fail(1, 100);
    fail(2, 100);
    now_ = now_ + 1000h;
    EXPECT_EQ(tell(3), Learned::refused);
    EXPECT_EQ(tell(4, Source::operator_given), Learned::refused);
    EXPECT_TRUE(knows(1) && knows(2));
}

TEST_F(Book, who_is_connected_or_dialed_does_not_give_way) {
    book_ = book_with(&AddressBookConfig::known_max, 2);
    tell(1);
    tell(2);
    EXPECT_FALSE(book_.begin_dial(peer(1), now_).empty());
    book_.on_connected(peer(2), tcp(512), Direction::inbound, now_);
    EXPECT_EQ(tell(3, Source::operator_given), Learned::refused);
    book_.on_dial_dropped(peer(1));
    EXPECT_EQ(tell(3, Source::operator_given), Learned::added);
    EXPECT_FALSE(knows(1));
}

TEST_F(Book, who_is_connected_is_in_it_even_when_it_is_full_until_the_end) {
    book_ = book_with(&AddressBookConfig::known_max, 2);
    visit(1);
    visit(2);
    book_.on_connected(peer(3), tcp(5), Direction::inbound, now_ + 2h);
    EXPECT_EQ(book_.size(), 3U);
    book_.on_disconnected(peer(3), true, now_ + 3h, rng_);
    EXPECT_EQ(book_.size(), 2U);
    EXPECT_TRUE(knows(1) && knows(2));
}

TEST_F(Book, visitors_cannot_push_out_those_that_were_dialed) {
    for (std::uint32_t i = 0; i < 3000; ++i) visit(i);
    for (std::uint32_t i = 10'000; i < 20'000; ++i) {
        book_.on_connected(peer(i), tcp(1), Direction::inbound, now_);
        learn(i, {tcp(i * 256)}, Source::identify, {});
        book_.on_disconnected(peer(i), true, now_ + 1h, rng_);
    }
    EXPECT_EQ(book_.size(), 4096U);
    for (std::uint32_t i = 0; i < 3000; ++i) ASSERT_TRUE(knows(i)) << i;
}

// ---- Records ----

TEST_F(Book, orders_records_of_peers_that_were_connected) {
    tell(1);
    EXPECT_THAT(book_.take_orders(now_), IsEmpty());
    book_.on_connected(peer(1), tcp(256), Direction::outbound, now_);
    book_.set_agent(peer(1), "agent");
    StoredPeer stored{.id = peer(1), .addresses = {tcp(256)}, .agent = "agent", .last_connected = now_};
    EXPECT_THAT(book_.take_orders(now_), ElementsAre(StoreOrder{PutPeer{stored}}));
    EXPECT_THAT(book_.take_orders(now_), IsEmpty());
    book_.on_disconnected(peer(1), true, now_ + 2h, rng_);
    stored.last_connected = now_ + 2h;
    EXPECT_THAT(book_.take_orders(now_ + 2h), ElementsAre(StoreOrder{PutPeer{stored}}));
    fail(1, 1);
    stored.failures = 1;
    stored.last_failed = now_;
    EXPECT_THAT(book_.take_orders(now_), ElementsAre(StoreOrder{PutPeer{stored}}));
    EXPECT_TRUE(book_.forget(peer(1)));
    EXPECT_FALSE(book_.forget(peer(1)));
    EXPECT_THAT(book_.take_orders(now_), ElementsAre(StoreOrder{ErasePeer{peer(1)}}));
}

TEST_F(Book, keeps_no_visitor_until_it_was_dialed) {
    book_.on_connected(peer(1), tcp(1, 54321), Direction::inbound, now_);
    learn(1, {tcp(1)}, Source::identify, {});
    EXPECT_THAT(book_.take_orders(now_), IsEmpty());
    book_.on_disconnected(peer(1), true, now_ + 1h, rng_);
    EXPECT_THAT(book_.take_orders(now_ + 1h), IsEmpty());
    book_.on_connected(peer(1), tcp(1), Direction::outbound, now_ + 2h);
    EXPECT_EQ(book_.take_orders(now_ + 2h).size(), 1U);
}

TEST_F(Book, loads_what_was_kept) {
    std::vector<StoredPeer> const kept{
        {.id = peer(1),
         .addresses = {tcp(256)},
         .agent = "a",
         .last_connected = at(-24h),
         .failures = 2,
         .is_anchor = true},
        {.id = peer(2), .addresses = {address("/ip4/10.0.0.1/tcp/1")}, .agent = {}},
        {.id = peer(self), .addresses = {tcp(1)}, .agent = {}},
        {.id = peer(3), .addresses = {tcp(3 * 256)}, .agent = {}, .last_connected = now_ + 99h},
    };
    book_.load(kept, now_);
    EXPECT_EQ(book_.size(), 2U);
    auto const& first = *book_.find(peer(1));
    EXPECT_TRUE(first.is_anchor);
    EXPECT_EQ(first.last_connected, at(-24h));
    EXPECT_EQ(first.failures, 2U);
    EXPECT_EQ(first.source, Source::store);
    EXPECT_EQ(book_.find(peer(3))->last_connected, now_) << "nothing was in the future";
    EXPECT_THAT(book_.take_orders(now_),
                ElementsAre(StoreOrder{ErasePeer{peer(2)}}, StoreOrder{ErasePeer{peer(self)}}));
}

TEST_F(Book, loads_no_more_than_it_may_hold_and_erases_the_rest) {
    std::vector<StoredPeer> kept;
    for (std::uint32_t i = 0; i < 6000; ++i) kept.push_back({.id = peer(i), .addresses = {tcp(i * 256)}, .agent = {}});
    book_.load(kept, now_);
    EXPECT_EQ(book_.size(), 4096U);
    EXPECT_TRUE(knows(0));
    EXPECT_EQ(book_.take_orders(now_).size(), 6000U - 4096U);
}

TEST_F(Book, joins_what_was_kept_with_what_the_operator_says) {
    tell(1, Source::operator_given);
    book_.load({{.id = peer(1), .addresses = {tcp(7)}, .agent = "a", .last_connected = at(0s)}}, now_);
    EXPECT_EQ(book_.find(peer(1))->source, Source::operator_given);
    EXPECT_EQ(addresses_of(1).size(), 2U);
    EXPECT_EQ(book_.find(peer(1))->last_connected, at(0s));
}

TEST_F(Book, cuts_long_agents) {
    visit(1);
    book_.set_agent(peer(1), std::string(5000, 'x'));
    EXPECT_EQ(book_.find(peer(1))->agent.size(), 256U);
    book_.set_agent(peer(2), "nobody");
}

TEST_F(Book, does_not_depend_on_the_order_of_what_it_was_told) {
    auto const digest = [](bool backwards) {
        AddressBook book(config());
        for (std::uint32_t i = 0; i < 300; ++i) {
            auto const who = backwards ? 299 - i : i;
            book.learn(peer(who), std::vector{tcp(who * 256)}, Source::kademlia, peer(8'000'000 + who % 7), at(1h));
        }
        base::DigestDescriber describer;
        book.describe(describer);
        return describer.finish();
    };
    EXPECT_EQ(digest(false), digest(true));
}

}  // namespace
}  // namespace libp2p::peerstore
