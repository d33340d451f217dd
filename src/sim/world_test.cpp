// Goal: the simulated network behaves as TCP does towards its two ends: bytes keep their order and none is lost or
// invented, whatever is cut, joined and delayed; each end hears of the other's end once; dials meet half-way. Orders
// that break the contract of Core are seen.
// Method: pairs of small cores that send numbered bytes and write down what happens to them; several seeds.
#include "sim/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

/// Does what the test tells it to, through Publish commands of one word; counts what it hears.
class ScriptCore final : public Node, public libp2p::Core {
public:
    explicit ScriptCore(NodeIndex index) : index_(index) {}
    libp2p::Core& core() override { return *this; }
    libp2p::Core const& core() const override { return *this; }
    libp2p::PeerId const& id() const override { return id_; }

    std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override {
        effects_.clear();
        if (auto const* command = std::get_if<libp2p::Command>(&input)) {
            obey(std::get<libp2p::command::Subscribe>(command->body).topic);
        } else if (auto const* accepted = std::get_if<libp2p::Accepted>(&input)) {
            link = accepted->link;
            log += "accepted;";
            remote = accepted->remote;
        } else if (auto const* dialed = std::get_if<libp2p::Dialed>(&input)) {
            link = dialed->link;
            log += "dialed;";
        } else if (auto const* failed = std::get_if<libp2p::DialFailed>(&input)) {
            log += std::string(libp2p::to_string(failed->error)) + ";";
        } else if (auto const* received = std::get_if<libp2p::Received>(&input)) {
            if (received->bytes.empty()) wrong += "empty;";
            for (auto const byte : received->bytes) {
                if (byte != static_cast<std::uint8_t>(received_bytes++ * 7)) wrong += "order;";
            }
            ++reads;
            received_at = now;
        } else if (auto const* written = std::get_if<libp2p::Written>(&input)) {
            written_bytes += written->bytes;
        } else if (auto const* closed = std::get_if<libp2p::Closed>(&input)) {
            log += closed->error ? std::string(libp2p::to_string(*closed->error)) + ";" : "end;";
            closed_at = now;
            link = {};
        } else if (auto const* resolved = std::get_if<libp2p::Resolved>(&input)) {
            log += resolved->failed ? "no such name;" : resolved->addresses.at(0).text() + ";";
        }
        return effects_;
    }
    std::optional<libp2p::Deadline> next_deadline() const override { return std::nullopt; }
    void describe(base::Describer&) const override {}

    libp2p::LinkId link;
    libp2p::SocketAddress remote;
    std::string log;
    std::string wrong;
    std::uint64_t received_bytes = 0;
    std::uint64_t written_bytes = 0;
    std::uint64_t sent_bytes = 0;
    std::size_t reads = 0;
    base::Instant received_at;
    base::Instant closed_at;

private:
    void obey(std::string_view order) {
        if (order == "dial") {
            last_ += 2;
            effects_.emplace_back(libp2p::Dial{{last_}, address_of(index_ ^ 1U), true});
        } else if (order == "dial nobody") {
            last_ += 2;
            effects_.emplace_back(libp2p::Dial{{last_}, address_of(77), true});
        } else if (order == "close") {
            effects_.emplace_back(libp2p::Close{std::exchange(link, {}), true});
        } else if (order == "abort") {
            effects_.emplace_back(libp2p::Close{std::exchange(link, {}), false});
        } else if (order == "stop reading") {
            effects_.emplace_back(libp2p::SetReading{link, false});
        } else if (order == "read") {
            effects_.emplace_back(libp2p::SetReading{link, true});
        } else if (order == "resolve") {
            effects_.emplace_back(libp2p::Resolve{{1}, "a.name", libp2p::RecordKind::addresses});
        } else if (order == "dial again") {
            effects_.emplace_back(libp2p::Dial{{last_}, address_of(index_ ^ 1U), true});
        } else if (order == "send on no link") {
            effects_.emplace_back(libp2p::Transmit{{12}, base::SharedBytes::take({1})});
        } else {
            send(static_cast<std::size_t>(std::stoul(std::string(order))));
        }
    }
    void send(std::size_t count) {
        base::ByteString bytes(count);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(sent_bytes++ * 7);
        effects_.emplace_back(libp2p::Transmit{link, base::SharedBytes::take(std::move(bytes))});
    }

    NodeIndex index_;
    libp2p::PeerId id_;
    std::uint64_t last_ = 0;
    std::vector<libp2p::Effect> effects_;
};

class WorldTest : public testing::Test, public Scene {
protected:
    void begin(std::uint64_t seed = 1, Network network = {}) {
        world_ = std::make_unique<World>(seed, network, *this);
        for (int i = 0; i < 2; ++i) world_->add({});
        for (NodeIndex i = 0; i < 2; ++i) world_->start(i);
    }
    void order(NodeIndex node, std::string what) { world_->post(node, libp2p::command::Subscribe{std::move(what)}); }
    void run(base::Duration time) { world_->run_until(world_->now() + time); }
    ScriptCore& node(NodeIndex index) { return dynamic_cast<ScriptCore&>(*world_->at(index).node); }
    void connect() {
        order(0, "dial");
        run(seconds(1));
        ASSERT_EQ(node(0).log, "dialed;");
        ASSERT_EQ(node(1).log, "accepted;");
    }
    void expect_well() {
        for (NodeIndex i = 0; i < 2; ++i) EXPECT_EQ(node(i).wrong, "");
        EXPECT_THAT(world_->failures(), testing::IsEmpty());
    }

    std::unique_ptr<Node> make_node(NodeSpec const& spec) override { return std::make_unique<ScriptCore>(spec.index); }
    void on_event(NodeIndex, libp2p::Event const&) override {}
    void on_reply(NodeIndex, libp2p::Reply const&) override {}
    void on_timer(std::uint64_t) override {}

    std::unique_ptr<World> world_;
};

TEST_F(WorldTest, bytes_arrive_in_order_in_other_pieces) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE(seed);
        Network network;
        network.fragment_share = 300;
        network.coalesce_share = 300;
        network.buffer_bytes = seed % 2 == 0 ? 10'000 : 256 * 1024;
        begin(seed, network);
        connect();
        for (int i = 0; i < 300; ++i) {
            order(static_cast<NodeIndex>(i % 2), std::to_string(1 + world_->rng().below(2'000)));
            run(milliseconds(2));
        }
        order(0, "500000");
        run(seconds(30));
        expect_well();
        for (NodeIndex i = 0; i < 2; ++i) {
            EXPECT_EQ(node(i).received_bytes, node(i ^ 1U).sent_bytes);
            EXPECT_EQ(node(i).written_bytes, node(i).sent_bytes);
        }
        EXPECT_GT(world_->totals().fragments, 50U);
        EXPECT_GT(world_->totals().joined, 20U);
    }
}

TEST_F(WorldTest, a_receiver_that_does_not_read_holds_up_its_sender) {
    Network network;
    network.buffer_bytes = 20'000;
    begin(1, network);
    connect();
    order(1, "stop reading");
    order(0, "50000");
    run(seconds(10));
    EXPECT_EQ(node(1).received_bytes, 0U);
    EXPECT_EQ(node(0).written_bytes, 20'000U);
    order(1, "read");
    run(seconds(10));
    EXPECT_EQ(node(1).received_bytes, 50'000U);
    EXPECT_EQ(node(0).written_bytes, 50'000U);
    expect_well();
}

TEST_F(WorldTest, a_narrow_link_takes_its_time) {
    Network network;
    network.bytes_per_second = 10'000;
    begin(1, network);
    connect();
    auto const sent = world_->now();
    order(0, "50000");
    run(seconds(10));
    EXPECT_EQ(node(1).received_bytes, 50'000U);
    EXPECT_GE(node(1).received_at - sent, seconds(5));
    EXPECT_LE(node(1).received_at - sent, seconds(6));
}

TEST_F(WorldTest, an_orderly_end_comes_behind_all_bytes) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        begin(seed);
        connect();
        order(0, "100000");
        order(0, "close");
        run(seconds(3));
        EXPECT_EQ(node(1).received_bytes, 100'000U);
        EXPECT_EQ(node(1).log, "accepted;end;");
        EXPECT_EQ(node(0).log, "dialed;");  // hears no more of it
        expect_well();
    }
}

TEST_F(WorldTest, an_orderly_end_waits_for_a_second_only) {
    Network network;
    network.buffer_bytes = 20'000;
    begin(1, network);
    connect();
    order(1, "stop reading");
    order(0, "50000");
    order(0, "close");
    run(seconds(3));
    EXPECT_EQ(node(1).received_bytes, 0U);
    EXPECT_EQ(node(1).log, "accepted;reset;");
    expect_well();
}

TEST_F(WorldTest, an_abort_is_a_reset_for_the_other_side) {
    begin();
    connect();
    order(1, "abort");
    run(seconds(1));
    EXPECT_EQ(node(0).log, "dialed;reset;");
    EXPECT_EQ(node(1).log, "accepted;");
    expect_well();
}

TEST_F(WorldTest, a_dial_is_refused_where_nobody_listens) {
    begin();
    order(0, "dial nobody");
    run(seconds(1));
    EXPECT_EQ(node(0).log, "refused;");
    world_->crash(1, Crash::kill);
    order(0, "dial");
    run(seconds(1));
    EXPECT_EQ(node(0).log, "refused;refused;");
}

TEST_F(WorldTest, a_host_without_power_says_nothing_until_it_is_back) {
    begin();
    connect();
    world_->crash(1, Crash::power);
    order(0, "100");
    order(0, "dial");
    run(seconds(40));
    EXPECT_EQ(node(0).log, "dialed;");  // neither refused nor reset
    world_->start(1);
    run(seconds(40));
    EXPECT_EQ(node(0).log, "dialed;reset;dialed;");  // the old link is not known any more; the last try arrives
    EXPECT_EQ(node(1).log, "accepted;");
    EXPECT_EQ(node(1).received_bytes, 0U);
}

TEST_F(WorldTest, a_killed_process_ends_its_links) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        begin(seed);
        connect();
        world_->crash(1, Crash::kill);
        run(seconds(3));
        EXPECT_THAT(node(0).log, testing::AnyOf("dialed;reset;", "dialed;end;"));
    }
}

TEST_F(WorldTest, parted_nodes_do_not_hear_one_another_until_they_are_joined) {
    begin();
    connect();
    world_->set_group(1, 1);
    order(0, "1000");
    run(seconds(20));
    EXPECT_EQ(node(1).received_bytes, 0U);
    world_->set_group(1, 0);
    run(seconds(3));
    EXPECT_EQ(node(1).received_bytes, 1'000U);
    expect_well();
}

TEST_F(WorldTest, dials_that_meet_half_way_make_one_link_that_both_dialed) {
    begin();
    order(0, "dial");
    order(1, "dial");
    run(seconds(1));
    EXPECT_EQ(node(0).log, "dialed;");
    EXPECT_EQ(node(1).log, "dialed;");
    EXPECT_EQ(world_->open_links(0, 1), 1U);
    EXPECT_EQ(world_->totals().crossed_dials, 1U);
    order(0, "1000");
    order(1, "2000");
    run(seconds(1));
    EXPECT_EQ(node(0).received_bytes, 2'000U);
    EXPECT_EQ(node(1).received_bytes, 1'000U);
    expect_well();
}

TEST_F(WorldTest, a_second_dial_leaves_from_another_port) {
    begin();
    connect();
    EXPECT_EQ(node(1).remote, address_of(0));
    order(0, "dial");
    run(seconds(1));
    EXPECT_EQ(world_->open_links(0, 1), 2U);
    EXPECT_EQ(node(1).remote.ip, address_of(0).ip);
    EXPECT_NE(node(1).remote.port, address_of(0).port);
    expect_well();
}

TEST_F(WorldTest, a_reset_link_is_lost_for_both) {
    begin();
    connect();
    EXPECT_TRUE(world_->reset_some_link());
    run(seconds(1));
    EXPECT_EQ(node(0).log, "dialed;reset;");
    EXPECT_EQ(node(1).log, "accepted;reset;");
    EXPECT_FALSE(world_->reset_some_link());
}

TEST_F(WorldTest, names_are_looked_up) {
    begin();
    order(0, "resolve");
    run(seconds(1));
    libp2p::Resolved name;
    name.addresses.push_back(address_of(1).ip);
    world_->add_name("a.name", name);
    order(0, "resolve");
    run(seconds(1));
    EXPECT_EQ(node(0).log, "no such name;10.0.0.2;");
}

TEST_F(WorldTest, sees_orders_about_links_that_are_not_there) {
    begin();
    order(0, "send on no link");
    run(seconds(1));
    ASSERT_EQ(world_->failures().size(), 1U);
    EXPECT_THAT(world_->failures()[0], HasSubstr("node 0 orders a Transmit on link 12, which it does not have"));
    begin();
    connect();
    order(0, "dial again");
    run(seconds(1));
    ASSERT_EQ(world_->failures().size(), 1U);
    EXPECT_THAT(world_->failures()[0], HasSubstr("orders a Dial on link 2"));
}

}  // namespace
}  // namespace sim
