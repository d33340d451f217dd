// The component as a whole. Goal: nodes that know one seed find each other, remember whom they met, and come back
// without the seed. Method: a handful of components on links in memory, in virtual time.
#include "mina/p2p/component.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>

namespace mina::p2p {
namespace {

using namespace std::chrono_literals;
using libp2p::LinkId;
using libp2p::PeerId;

// Every dial comes through at once, and bytes take no time.
class Internet {
public:
    struct Node {
        std::unique_ptr<P2pComponent> core;
        libp2p::SocketAddress at;
        libp2p::Stored stored;
        std::map<LinkId, std::pair<std::size_t, LinkId>> links;  // the other end
        std::uint64_t next_accepted = 1;
        std::vector<libp2p::Event> events;
        std::vector<rpc::Method> served;
        std::map<libp2p::RequestId, libp2p::Reply> replies;
    };

    std::size_t add(std::vector<libp2p::Multiaddr> seeds, std::vector<rpc::Method> served = {}) {
        nodes.emplace_back();
        nodes.back().served = std::move(served);
        restart(nodes.size() - 1, std::move(seeds));
        return nodes.size() - 1;
    }
    void restart(std::size_t index, std::vector<libp2p::Multiaddr> seeds) {
        auto& node = nodes[index];
        auto const number = static_cast<std::uint8_t>(index + 1);
        auto network = *builtin("local");
        network.seeds = std::move(seeds);
        auto config = swarm_config(network);
        config.identity = crypto::PrivateKey::ed25519_from_seed({number});
        config.seed = {number, static_cast<std::uint8_t>(now.nanoseconds >> 30)};
        config.dial_from_listen_port = false;
        P2pConfig component;
        component.network = network;
        component.served = node.served;
        node.core = std::make_unique<P2pComponent>(std::move(component), std::move(config), trace_);
        node.at = {libp2p::IpAddress::v4(10, number, 0, 1), 8302};
        node.links.clear();
        step(index, libp2p::Start{{node.at}, {}, node.stored});
    }
    libp2p::Multiaddr address(std::size_t index) const {
        return libp2p::Multiaddr::tcp_at(nodes[index].at).with_peer_id(nodes[index].core->swarm().self());
    }
    void crash(std::size_t index) {
        auto const links = std::exchange(nodes[index].links, {});
        nodes[index].core.reset();
        for (auto const& [link, other] : links) end(other.first, other.second);
    }
    void run(base::Duration time) {
        auto const until = now + time;
        for (;;) {
            deliver_all();
            auto next = until;
            for (auto const& node : nodes) {
                auto const due = node.core ? node.core->next_deadline() : std::nullopt;
                if (due) next = std::min(next, std::max(due->at, now));
            }
            now = next;
            for (std::size_t i = 0; i < nodes.size(); ++i) {
                auto const due = nodes[i].core ? nodes[i].core->next_deadline() : std::nullopt;
                if (due && due->at <= now) step(i, libp2p::Tick{});
            }
            if (now >= until && inputs_.empty()) return;
        }
    }
    /// The request's number.
    libp2p::RequestId order(std::size_t index, libp2p::CommandBody body) {
        libp2p::RequestId const request{++last_request_};
        later(index, [=, this] { step(index, libp2p::Command{request, body}); });
        return request;
    }
    PeerId id(std::size_t index) const { return nodes[index].core->swarm().self(); }
    /// The events of a kind, in order.
    template <class Kind>
    std::vector<Kind> told(std::size_t index) const {
        std::vector<Kind> all;
        for (auto const& event : nodes[index].events) {
            if (auto const* const one = std::get_if<Kind>(&event)) all.push_back(*one);
        }
        return all;
    }
    std::size_t peers(std::size_t index) const { return nodes[index].core->swarm().connected_peers(); }

    std::deque<Node> nodes;
    base::Instant now{1'000'000'000};

private:
    struct Pending {
        std::size_t node = 0;
        std::function<void()> what;
    };

    void later(std::size_t node, std::function<void()> what) { inputs_.push_back({node, std::move(what)}); }
    void deliver_all() {
        while (!inputs_.empty()) {
            auto const pending = std::move(inputs_.front());
            inputs_.pop_front();
            if (nodes[pending.node].core) pending.what();
        }
    }
    void end(std::size_t node, LinkId link) {
        later(node, [=, this] {
            if (nodes[node].links.erase(link) > 0) step(node, libp2p::Closed{link, std::nullopt});
        });
    }
    void step(std::size_t index, libp2p::Input const& input) {
        for (auto const& effect : nodes[index].core->step(now, input)) obey(index, effect);
        nodes[index].core->swarm().check_invariants();
    }
    void obey(std::size_t index, libp2p::Effect const& effect) {
        auto& node = nodes[index];
        if (auto const* dial = std::get_if<libp2p::Dial>(&effect)) {
            obey(index, *dial);
        } else if (auto const* transmit = std::get_if<libp2p::Transmit>(&effect)) {
            obey(index, *transmit);
        } else if (auto const* close = std::get_if<libp2p::Close>(&effect)) {
            auto const found = node.links.find(close->link);
            if (found == node.links.end()) return;
            end(found->second.first, found->second.second);
            node.links.erase(found);
        } else if (auto const* delivery = std::get_if<libp2p::Deliver>(&effect)) {
            node.events.push_back(delivery->event);
        } else if (auto const* store = std::get_if<libp2p::Store>(&effect)) {
            obey(index, store->order);
        } else if (auto const* reply = std::get_if<libp2p::Reply>(&effect)) {
            node.replies.emplace(reply->request, *reply);
        }
    }
    void obey(std::size_t index, libp2p::Dial const& dial) {
        for (std::size_t to = 0; to < nodes.size(); ++to) {
            if (nodes[to].at != dial.to || !nodes[to].core) continue;
            LinkId const accepted{nodes[to].next_accepted};
            nodes[to].next_accepted += 2;
            nodes[index].links[dial.link] = {to, accepted};
            nodes[to].links[accepted] = {index, dial.link};
            auto const from = libp2p::SocketAddress{nodes[index].at.ip, 40000};
            later(to, [=, this, link = dial.link] {
                later(index, [=, this] { step(index, libp2p::Dialed{link, from}); });
                step(to, libp2p::Accepted{accepted, nodes[to].at, from});
            });
            return;
        }
        later(index, [=, this, link = dial.link] {
            step(index, libp2p::DialFailed{link, libp2p::LinkError::refused});
        });
    }
    void obey(std::size_t index, libp2p::Transmit const& transmit) {
        auto const found = nodes[index].links.find(transmit.link);
        if (found == nodes[index].links.end()) return;
        auto const [to, link] = found->second;
        auto const bytes = base::to_byte_string(transmit.bytes.view());
        later(to, [=, this] {
            auto arriving = bytes;
            if (nodes[to].links.contains(link)) step(to, libp2p::Received{link, arriving});
        });
        later(index, [=, this, own = transmit.link] {
            if (nodes[index].links.contains(own)) step(index, libp2p::Written{own, bytes.size()});
        });
    }
    void obey(std::size_t index, libp2p::StoreOrder const& order) {
        auto const* const put = std::get_if<libp2p::PutPeer>(&order);
        if (put == nullptr) return;
        auto& peers = nodes[index].stored.peers;
        std::erase_if(peers, [&](auto const& peer) { return peer.id == put->peer.id; });
        peers.push_back(put->peer);
    }

    base::NoTrace trace_;
    std::deque<Pending> inputs_;
    std::uint64_t last_request_ = 0;
};

TEST(Component, nodes_that_know_one_seed_find_each_other_and_come_back_without_it) {
    Internet internet;
    auto const seed = internet.add({});
    for (int i = 0; i < 5; ++i) internet.add({internet.address(seed)});
    internet.run(40s);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(internet.peers(i), 5U) << "node " << i;

    internet.crash(3);
    internet.crash(seed);
    internet.run(5s);
    EXPECT_EQ(internet.peers(1), 3U);
    internet.restart(3, {});
    internet.run(60s);
    EXPECT_GE(internet.peers(3), 4U);
}

TEST(Component, answers_to_its_own_questions_are_not_shown_to_the_application) {
    Internet internet;
    auto const seed = internet.add({});
    internet.add({internet.address(seed)});
    internet.run(2min);
    EXPECT_FALSE(internet.nodes[1].events.empty());
    // What the component asked the DHT came back: the rendezvous key is provided, so nobody asks for that again.
    EXPECT_EQ(internet.nodes[1].core->state().discovery.provide_at, base::Instant::never());
    EXPECT_GT(internet.nodes[1].core->state().discovery.rounds, 2U);
}

TEST(Component, says_why_a_peer_is_there) {
    Internet internet;
    auto const seed = internet.add({});
    internet.add({internet.address(seed)});
    internet.run(10s);
    ASSERT_EQ(internet.peers(1), 1U);
    auto const why = internet.nodes[1].core->why();
    ASSERT_EQ(why.size(), 1U);
    EXPECT_EQ(why.front().state, "connected");
    EXPECT_EQ(why.front().source, "seed");
}

// ---- RPCs ----

constexpr std::uint8_t unit[] = {0};

libp2p::command::Call call_to(PeerId const& peer, std::string method) {
    return {peer, std::move(method), std::nullopt, base::SharedBytes::copy_of(unit)};
}

std::optional<libp2p::CallFailure> failure_of(Internet const& internet, std::size_t index, libp2p::RequestId request) {
    auto const& reply = internet.nodes[index].replies.at(request);
    return std::get<libp2p::reply::CallEnded>(*reply.result).failure;
}

struct Answerer : testing::Test {
    Answerer() {
        server = internet.add({}, {rpc::Method::get_best_tip});
        client = internet.add({internet.address(server)});
        internet.run(3s);
    }
    std::size_t received(libp2p::RequestId call) const {
        std::size_t bytes = 0;
        for (auto const& part : internet.told<libp2p::event::AnswerPart>(client)) {
            if (part.call == call) bytes += part.bytes.size();
        }
        return bytes;
    }

    Internet internet;
    std::size_t server = 0;
    std::size_t client = 0;
};

TEST_F(Answerer, is_asked_by_its_menu_and_answers_by_its_application) {
    auto const call = internet.order(client, call_to(internet.id(server), "get_best_tip"));
    internet.run(1s);
    auto const menus = internet.told<libp2p::event::MenuReceived>(client);
    ASSERT_EQ(menus.size(), 1U);
    EXPECT_EQ(menus[0].entries, (std::vector<std::pair<std::string, std::int64_t>>{{"get_some_initial_peers", 1},
                                                                                   {"get_best_tip", 2}}));
    auto const questions = internet.told<libp2p::event::QuestionReceived>(server);
    ASSERT_EQ(questions.size(), 1U);
    EXPECT_EQ(questions[0].method, "get_best_tip");
    EXPECT_EQ(questions[0].version, 2);
    EXPECT_EQ(questions[0].peer, internet.id(client));
    auto const half = base::SharedBytes::take(base::ByteString(3'000'000, 7));
    internet.order(server, libp2p::command::AnswerQuestion{questions[0].question, libp2p::Payload{{half, half}}});
    internet.run(2s);
    EXPECT_EQ(received(call), 6'000'000U);
    auto const begun = internet.told<libp2p::event::AnswerBegun>(client);
    ASSERT_EQ(begun.size(), 1U);
    EXPECT_EQ(begun[0].size, 6'000'000U);
    EXPECT_EQ(failure_of(internet, client, call), std::nullopt);
}

TEST_F(Answerer, waits_while_the_consumer_of_its_answer_is_paused) {
    auto const call = internet.order(client, call_to(internet.id(server), "get_best_tip"));
    internet.order(client, libp2p::command::PauseCall{call, true});
    internet.run(1s);
    // Nothing is under way to be paused yet, but from here on there is.
    auto const question = internet.told<libp2p::event::QuestionReceived>(server).at(0).question;
    internet.order(client, libp2p::command::PauseCall{call, true});
    auto const value = base::SharedBytes::take(base::ByteString(8'000'000, 7));
    internet.order(server, libp2p::command::AnswerQuestion{question, libp2p::Payload{{value}}});
    internet.run(60s);
    auto const held = received(call);
    EXPECT_LT(held, 1'000'000U);
    internet.run(20s);
    EXPECT_EQ(received(call), held);
    EXPECT_FALSE(internet.nodes[client].replies.contains(call));
    internet.order(client, libp2p::command::PauseCall{call, false});
    internet.run(5s);
    EXPECT_EQ(received(call), 8'000'000U);
    EXPECT_EQ(failure_of(internet, client, call), std::nullopt);
}

TEST_F(Answerer, does_not_serve_what_its_application_does_not) {
    auto const ledger = internet.order(client, call_to(internet.id(server), "get_completed_snarks"));
    auto const stranger = internet.order(client, call_to(internet.id(client), "get_best_tip"));
    auto const unknown = internet.order(client, call_to(internet.id(server), "get_rich"));
    internet.run(5s);
    EXPECT_EQ(failure_of(internet, client, ledger), libp2p::CallFailure::not_served);
    EXPECT_EQ(failure_of(internet, client, stranger), libp2p::CallFailure::not_ready);
    EXPECT_FALSE(internet.nodes[client].replies.at(unknown).result.has_value());
}

TEST_F(Answerer, keeps_a_budget_for_a_peer_that_comes_back) {
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 5; ++i) internet.order(client, call_to(internet.id(server), "get_best_tip"));
        internet.run(1s);
        for (auto const& question : internet.told<libp2p::event::QuestionReceived>(server)) {
            internet.order(server, libp2p::command::AnswerQuestion{question.question, libp2p::NoAnswer{}});
        }
        internet.run(1s);
        internet.crash(client);
        internet.run(1s);
        internet.restart(client, {internet.address(server)});
        internet.run(3s);
    }
    // 15 in five minutes, however often it connects anew.
    EXPECT_EQ(internet.told<libp2p::event::QuestionReceived>(server).size(), 15U);
    auto const faults = internet.told<libp2p::event::Misbehaved>(server);
    ASSERT_FALSE(faults.empty());
    EXPECT_EQ(faults[0].what, "rpc: over budget");
}

TEST(Component, learns_peers_by_rpc) {
    Internet internet;
    auto const seed = internet.add({});
    auto const first = internet.add({internet.address(seed)});
    internet.run(3s);
    internet.add({internet.address(seed)});
    internet.run(3s);
    // Nobody shows the application what the component asks and answers for itself.
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(internet.told<libp2p::event::AnswerPart>(i).empty());
        EXPECT_TRUE(internet.told<libp2p::event::QuestionReceived>(i).empty());
    }
    auto const* const known = internet.nodes[2].core->state().discovery.book.find(internet.id(first));
    ASSERT_NE(known, nullptr);
    auto const& rpc = internet.nodes[2].core->rpc();
    EXPECT_EQ(rpc.faults, decltype(rpc.faults){});
}

}  // namespace
}  // namespace mina::p2p
