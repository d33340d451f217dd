// demo: the main job on loopback. A seed and N nodes, each a process of its own; messages of every kind; a node that comes
// late and fetches the chain from the others; a table.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/demo_messages.h"
#include "apps/demo_network.h"
#include "apps/failure.h"
#include "apps/settings.h"
#include "runtime/clock.h"
#include "runtime/files.h"
#include "runtime/signals.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace apps {

namespace {

constexpr std::size_t messages_total = 20;
constexpr auto look_again = std::chrono::milliseconds(50);
constexpr auto publish_every = std::chrono::milliseconds(50);
constexpr auto late_after = std::chrono::milliseconds(500);

struct Payload {
    std::string what;
    std::string file;
    std::uint64_t size = 0;
};

std::vector<Payload> make_payloads(std::string const& directory) {
    std::vector<Payload> payloads;
    auto const now = std::chrono::duration_cast<std::chrono::milliseconds>(runtime::unix_time()).count();
    for (auto const& message : demo_messages(messages_total, static_cast<std::uint64_t>(now))) {
        auto const file = directory + "/message-" + std::to_string(payloads.size());
        if (auto const written = runtime::atomic_write(file, message.bytes); !written) throw Failure(written.error());
        payloads.push_back({message.what, file, message.bytes.size()});
    }
    return payloads;
}

class Demo {
public:
    Demo(std::size_t nodes, Settings const& settings)
        : total_(nodes + 1),
          time_max_(settings.duration("timeout")),
          progress_(settings),
          network_(
              loop_, [this](DemoNetwork::Message const& message) { on_message(message); },
              [this](std::string why) { fail(std::move(why)); }),
          payloads_(make_payloads(network_.directory())) {}

    /// Null when a signal ended it.
    Json run() {
        runtime::Signals const signals(loop_, [this](int) {
            interrupted_ = true;
            loop_.stop();
        });
        loop_.after(time_max_, [this] { give_up(); });
        start_next();
        loop_.run();
        network_.end();
        if (interrupted_) return nullptr;
        if (!failure_.empty()) throw Failure(failure_);
        return result();
    }

    std::string problem() const { return problem_; }

private:
    struct Published {
        base::Instant at;
        std::size_t node = 0;
        std::uint64_t size = 0;
        std::string kind;                               // as its receivers name it
        std::map<std::size_t, base::Instant> received;  // by node
    };

    void start_next() {
        auto const number = network_.size();
        progress_.show("starting node " + std::to_string(number + 1) + " of " + std::to_string(total_));
        // The seed, the node before, and one half-way: so that not everything goes through the seed.
        std::set<std::size_t> known;
        if (number > 0) known = {0, number / 2, number - 1};
        std::vector<std::string> peers;
        for (auto const node : known) peers.push_back(network_.address(node));
        network_.start(peers, [this] {
            if (network_.size() < total_) {
                start_next();
            } else {
                await_mesh(0);
            }
        });
    }

    void await_mesh(std::size_t node) {
        if (node == total_) {
            loop_.after(std::chrono::milliseconds(300), [this] { publish_next(); });
            return;
        }
        progress_.show("node " + std::to_string(node + 1) + " of " + std::to_string(total_) + " joins the mesh");
        network_.ask(node, {{"cmd", "mesh"}, {"topic", topic_}}, [this, node](Json const& members) {
            if (members.size() >= std::min<std::size_t>(total_ - 1, 2)) {
                await_mesh(node + 1);
            } else {
                loop_.after(look_again, [this, node] { await_mesh(node); });
            }
        });
    }

    void publish_next() {
        auto const number = published_count_;
        if (number == payloads_.size()) {
            look_whether_done();
            return;
        }
        ++published_count_;
        auto const node = number % total_;
        auto const& payload = payloads_[number];
        progress_.show("message " + std::to_string(number + 1) + " of " + std::to_string(payloads_.size()) + ", " +
                       payload.what + ", " + byte_count(static_cast<double>(payload.size)));
        auto const at = loop_.now();
        network_.ask(node, {{"cmd", "publish"}, {"topic", topic_}, {"file", payload.file}},
                     [this, at, node, size = payload.size](Json const& value) {
                         // A message may have arrived before this answer.
                         auto& published = published_[value.value("id", "")];
                         published.at = at;
                         published.node = node;
                         published.size = size;
                         ++answered_count_;
                         look_whether_done();
                     });
        loop_.after(publish_every, [this] { publish_next(); });
    }

    void on_message(DemoNetwork::Message const& message) {
        if (message.node >= total_) return;  // the late node may get the last ones
        auto& published = published_[message.id];
        if (!published.received.emplace(message.node, message.at).second) ++delivered_twice_;
        published.kind = message.kind;
        look_whether_done();
    }

    std::uint64_t delivered() const {
        std::uint64_t count = 0;
        for (auto const& [id, each] : published_) count += each.received.size();
        return count;
    }

    void look_whether_done() {
        auto const all_published = answered_count_ == payloads_.size();
        auto const expected = payloads_.size() * (total_ - 1);
        if (measuring_ || !all_published || delivered() < expected) return;
        measuring_ = true;
        // A copy too many would come a little later.
        loop_.after(std::chrono::milliseconds(300), [this] { measure(0); });
    }

    void measure(std::size_t node) {
        if (node == total_) {
            loop_.after(late_after, [this] { start_late(); });
            return;
        }
        network_.ask(node, {{"cmd", "status"}}, [this, node](Json const& status) {
            peers_ += status.value("peers", std::uint64_t{0});
            duplicates_ += status.value("duplicates", std::uint64_t{0});
            rss_max_ = std::max(rss_max_, status.value("rssBytes", std::uint64_t{0}));
            cpu_seconds_ += status.value("cpuSeconds", 0.0);
            measure(node + 1);
        });
    }

    // One more node, which knows the others and missed everything.
    void start_late() {
        progress_.show("a late node fetches the chain");
        std::vector<std::string> peers;
        for (std::size_t node = 0; node < std::min<std::size_t>(total_, 3); ++node) peers.push_back(network_.address(node));
        late_since_ = loop_.now();
        network_.start(peers, [this] { network_.ask(0, {{"cmd", "store"}}, [this](Json const& value) {
            sought_ = value["bestTip"];
            await_late();
        }); });
    }

    void await_late() {
        network_.ask(total_, {{"cmd", "store"}}, [this](Json const& value) {
            late_ = value;
            auto const is_there = value["bestTip"].is_object() && sought_.is_object() &&
                                  value["bestTip"]["stateHash"] == sought_["stateHash"];
            if (is_there && value["sync"]["phase"] == "Synced") {
                late_time_ = loop_.now() - late_since_;
                loop_.stop();
            } else {
                loop_.after(look_again, [this] { await_late(); });
            }
        });
    }

    void give_up() {
        if (published_count_ == 0) {
            fail("the nodes have not found one another in time; give a longer --timeout");
        } else if (!measuring_) {
            measuring_ = true;
            measure(0);
            loop_.after(std::chrono::seconds(2), [this] { loop_.stop(); });
        } else {
            loop_.stop();
        }
    }

    void fail(std::string why) {
        if (failure_.empty()) failure_ = std::move(why);
        loop_.stop();
    }

    Json result() {
        std::vector<double> latencies;
        std::uint64_t bytes = 0;
        auto kinds = Json::object();
        for (auto const* kind : {"block", "transactions", "snark-work"}) kinds[kind] = 0;
        for (auto const& [id, each] : published_) {
            if (kinds.contains(each.kind)) kinds[each.kind] = kinds[each.kind].get<std::uint64_t>() + 1;
            for (auto const& [node, at] : each.received) latencies.push_back(milliseconds(at - each.at));
            bytes += each.size * each.received.size();
        }
        std::ranges::sort(latencies);
        auto const percentile = [&](std::size_t percent) {
            return latencies.empty() ? 0.0 : latencies[std::min(latencies.size() - 1, latencies.size() * percent / 100)];
        };
        auto const expected = payloads_.size() * (total_ - 1);
        if (delivered() < expected) {
            problem_ = std::to_string(expected - delivered()) + " of " + std::to_string(expected) +
                       " deliveries are missing; give a longer --timeout";
        } else if (delivered_twice_ > 0) {
            problem_ = std::to_string(delivered_twice_) + " messages were delivered twice";
        } else if (!late_time_) {
            problem_ = "the late node has not fetched the chain; give a longer --timeout";
        }
        return {{"event", "result"},
                {"nodes", total_},
                {"peers", peers_},
                {"messages", payloads_.size()},
                {"kinds", std::move(kinds)},
                {"expected", expected},
                {"delivered", delivered()},
                {"deliveredTwice", delivered_twice_},
                {"duplicates", duplicates_},
                {"p50Ms", percentile(50)},
                {"p99Ms", percentile(99)},
                {"bytes", bytes},
                {"rssBytes", rss_max_},
                {"cpuSeconds", cpu_seconds_},
                {"lateNode", late_json()}};
    }

    Json late_json() const {
        if (!late_time_) return nullptr;
        return {{"bestTipHeight", late_["bestTip"]["height"]},
                {"stateHash", late_["bestTip"]["stateHash"]},
                {"blocks", late_["blocks"]},
                {"fetched", late_["sync"]["fetched"]},
                {"ms", milliseconds(*late_time_)}};
    }

    std::string const topic_ = mina::builtin("local")->topics.front();
    std::size_t total_;
    base::Duration time_max_;
    runtime::EventLoop loop_;
    Progress progress_;
    DemoNetwork network_;
    std::vector<Payload> payloads_;
    std::size_t published_count_ = 0;
    std::size_t answered_count_ = 0;
    std::map<std::string, Published> published_;
    std::uint64_t delivered_twice_ = 0;
    std::uint64_t peers_ = 0;
    std::uint64_t duplicates_ = 0;
    std::uint64_t rss_max_ = 0;
    double cpu_seconds_ = 0;
    Json sought_;  // the best tip of those who were there
    Json late_;
    base::Instant late_since_;
    std::optional<base::Duration> late_time_;
    std::string failure_;
    std::string problem_;
    bool measuring_ = false;
    bool interrupted_ = false;
};

// What the late node has to show.
std::string late_text(Json const& late) {
    if (late.is_null()) return "not synced";
    return dump(late["blocks"]) + " blocks, best tip at height " + dump(late["bestTipHeight"]);
}

std::string late_time_text(Json const& late) {
    if (late.is_null()) return "";
    return "by RPC from the others, " + fixed(late["ms"].get<double>() / 1e3, 2) + " s after its start";
}

std::string result_text(Json const& result) {
    auto const number = [&](char const* name) { return dump(result[name]); };
    return table_text({}, {
        {"nodes", number("nodes"), "a process each"},
        {"peers", number("peers"), "connected, summed over the nodes"},
        {"messages", number("messages"), "published, by the nodes in turn"},
        {"  blocks", dump(result["kinds"]["block"]), "as those who got them decoded them"},
        {"  transactions", dump(result["kinds"]["transactions"]), ""},
        {"  SNARK work", dump(result["kinds"]["snark-work"]), ""},
        {"delivered", number("delivered") + " of " + number("expected"), "one to each other node"},
        {"delivered twice", number("deliveredTwice"), "to an application"},
        {"duplicates", number("duplicates"), "copies that GossipSub kept from the applications"},
        {"latency p50", fixed(result["p50Ms"].get<double>(), 2) + " ms", "from the order to publish to the message event"},
        {"latency p99", fixed(result["p99Ms"].get<double>(), 2) + " ms", ""},
        {"bytes", byte_count(result["bytes"].get<double>()), "delivered"},
        {"memory", byte_count(result["rssBytes"].get<double>()), "of the largest node"},
        {"late node", late_text(result["lateNode"]), late_time_text(result["lateNode"])},
        {"CPU", fixed(result["cpuSeconds"].get<double>(), 2) + " s", "of all nodes"},
    });
}

}  // namespace

int demo_command(Arguments const& arguments) {
    CommandLine line("demo",
                     "Runs a seed and N more nodes on this machine, each a process of its own; publishes messages\n"
                     "from each in turn; and counts what arrived. Then one more node comes, and fetches the chain of\n"
                     "blocks from the others. Exit status 1 unless everything reached everybody, the late node too.",
                     {"demo", "demo --nodes 10 --json"});
    std::uint64_t nodes = 4;
    line.option("nodes", "N", "nodes beside the seed, 1 to 50 (4)", nodes);
    line.take({"timeout", "json", "no-progress"});
    auto const settings = line.settings(arguments, {{"timeout", "55s"}, {"network", "local"}});
    if (nodes < 1 || nodes > 50) throw UsageError("--nodes: " + std::to_string(nodes) + " is not between 1 and 50");
    Demo demo(nodes, settings);
    auto const result = demo.run();
    if (result.is_null()) return 0;
    if (settings.is_set("json")) {
        print_json(result);
    } else {
        print_line(result_text(result));
    }
    if (!demo.problem().empty()) throw Failure(demo.problem());
    return 0;
}

}  // namespace apps
