// Exercise: carries out a plan, and judges what comes of it.
#pragma once

#include "sim/ledger.h"
#include "sim/scenarios.h"
#include "sim/world.h"

#include <set>

namespace sim {

class Exercise final : private Scene {
public:
    Exercise(Options const& options, Plan plan);
    Report run();

private:
    enum class Timer : std::uint8_t {
        start, publish, reset, stall, crash, partition, heal, orders, stop, round, dial_again,
    };
    /// What the application of a node knows.
    struct Application {
        std::vector<NodeIndex> neighbours;      // that it dials
        std::set<libp2p::PeerId> connected;
        std::set<std::uint64_t> unanswered;     // requests
        bool keeps = true;                      // its connections
        std::uint64_t shutdown = 0;             // the request to shut down, until it is answered
        bool is_ending = false;                 // it was told to shut down
    };

    // Scene
    std::unique_ptr<Node> make_node(NodeSpec const& spec) override;
    void on_event(NodeIndex node, libp2p::Event const& event) override;
    void on_reply(NodeIndex node, libp2p::Reply const& reply) override;
    void on_timer(std::uint64_t timer) override;

    void make_nodes();
    void choose_neighbours();
    void begin_faults();
    void plan(Timer timer, base::Duration after, NodeIndex node = 0);
    void plan_fault(Timer timer, base::Duration every);
    void start(NodeIndex node);
    void connect(NodeIndex node, NodeIndex to, base::Duration after);
    void order(NodeIndex node, libp2p::CommandBody body, base::Duration after = {});
    void publish();
    void crash_some();
    void crash(NodeIndex node, Crash kind);
    void order_something();
    libp2p::CommandBody some_order(NodeIndex node);
    void part();
    void heal();
    void begin_round();
    void dial_again();
    void on_message(NodeIndex node, libp2p::event::MessageReceived const& event);

    void judge_connections();
    void judge_pair(NodeIndex a, NodeIndex b);
    void judge_meshes();
    void judge_answers();
    void judge_deliveries(Report& report);
    void fill(Report& report);

    bool is_hostile(NodeIndex node) const { return node >= honest_; }
    std::optional<NodeIndex> index_of(libp2p::PeerId const& id) const;
    void fail(std::string const& text);

    Options options_;
    Plan plan_;
    World world_;
    std::size_t honest_ = 0;
    std::vector<Application> applications_;
    std::vector<libp2p::PeerId> ids_;
    std::map<libp2p::PeerId, NodeIndex> by_id_;
    Ledger ledger_;
    std::map<std::uint64_t, std::uint64_t> publishing_;  // request: number of the message
    std::map<std::string, std::uint64_t, std::less<>> faults_;
    std::vector<std::string> failures_;
    std::uint64_t last_request_ = 0;
    bool in_main_part_ = true;
    bool in_last_part_ = false;
};

}  // namespace sim
