// minap2p-peer: a minap2p node that a test drives over standard input and output, under the contract of
// ../peers/README.md, beside the go-libp2p, rust-libp2p and js-libp2p peers.
#include "apps/line_input.h"
#include "apps/output.h"
#include "measuring.h"
#include "options.h"
#include "runtime/clock.h"
#include "runtime/entropy.h"
#include "runtime/signals.h"

#include <cstdio>

namespace {

using apps::Control;
using apps::Host;
using apps::Json;
namespace command = libp2p::command;

constexpr std::string_view echo_name = "/echo/1.0.0";

// The work commands that a node of a network has no use for.
void add_work(Control& control, Host& host, mina::p2p::P2pComponent const& node, std::string rpc) {
    auto const echo = [&host](std::string protocol) {
        return [&host, protocol](Json const& a, Control::Finish finish) {
            host.ask(command::Echo{apps::peer_argument(a), protocol, apps::number_argument(a, "bytes")},
                     [finish = std::move(finish)](Host::Answer const& answer) mutable {
                         if (answer) {
                             finish(apps::to_json(*answer));
                         } else {
                             finish(base::fail(answer.error()));
                         }
                     });
        };
    };
    control.add("echo", echo(std::string(echo_name)));
    control.add("rpcecho", echo(std::move(rpc)));
    control.add("perf", [&host](Json const& a, Control::Finish finish) {
        host.ask(command::Perf{apps::peer_argument(a), apps::number_argument(a, "up"), apps::number_argument(a, "down")},
                 [finish = std::move(finish)](Host::Answer const& answer) mutable {
                     if (answer) {
                         finish(apps::to_json(*answer));
                     } else {
                         finish(base::fail(answer.error()));
                     }
                 });
    });
    // The contract wants numbers and nulls where a node says more.
    control.add("rtable", [&node](Json const&, Control::Finish finish) {
        finish(Json(node.swarm().kademlia().table.size()));
    });
    control.add("publish", [&host](Json const& a, Control::Finish finish) {
        host.ask(command::Publish{apps::text_argument(a, "topic"), base::SharedBytes::take(apps::bytes_argument(a))},
                 [finish = std::move(finish)](Host::Answer const& answer) mutable {
                     if (answer) {
                         finish(apps::to_json(*answer)["peers"]);
                     } else {
                         finish(base::fail(answer.error()));
                     }
                 });
    });
}

void count(peer::Tallies& tallies, libp2p::event::MessageReceived const& message) {
    auto& tally = tallies[message.topic];
    tally.last_ms = apps::milliseconds(runtime::unix_time());
    if (tally.count++ == 0) tally.first_ms = tally.last_ms;
    tally.bytes += message.data.size();
}

int run(peer::Options options) {
    runtime::EventLoop loop;
    std::vector<runtime::Listener> listeners;
    for (auto const& address : options.listen) {
        auto listener = runtime::Listener::bind(address);
        if (!listener) {
            std::fprintf(stderr, "minap2p-peer: error: %s\n", listener.error().c_str());
            return 1;
        }
        listeners.push_back(std::move(*listener));
    }
    options.swarm.seed = runtime::random_seed();
    base::NoTrace trace;
    peer::Crowd crowd(loop, options.swarm);
    auto const rpc = options.p2p.network.rpc;
    mina::p2p::P2pComponent node(std::move(options.p2p), std::move(options.swarm), trace);
    apps::Output output(loop);
    peer::Tallies tallies;
    Host host(loop, node, std::move(listeners), [&](libp2p::Event const& event) {
        auto const* message = std::get_if<libp2p::event::MessageReceived>(&event);
        if (message != nullptr) count(tallies, *message);
        if (options.quiet && message != nullptr) return;
        if (auto const json = apps::to_json(event, /*payload=*/true)) output.line(apps::dump(*json));
    });
    for (auto const& topic : options.topics) host.tell(command::Subscribe{topic});

    auto const listening = std::make_shared<bool>(true);
    auto const stop = [&] { host.shut_down([&loop] { loop.stop(); }); };
    Control control(host, node, stop);
    add_work(control, host, node, rpc);
    peer::add_measuring(control, host, node, crowd, tallies);
    runtime::Signals signals(loop, [&](int) { stop(); });
    auto const say = [&output](Json const& json) { output.line(apps::dump(json)); };
    // The core starts in the first turn; in the second one it can be spoken of, and to.
    std::optional<apps::LineInput> input;
    auto const begin = [&] {
        say(apps::ready_event(node));
        input.emplace(
            loop, 0, apps::LineInput::Limits{.line_bytes_max = Control::line_bytes_max},
            [&](std::string_view line) { control.run(line, say, listening); },
            [&] { say(Control::too_long()); }, [&] { loop.stop(); });
    };
    loop.after(base::Duration(0), [&] { loop.after(base::Duration(0), begin); });
    loop.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    auto options = peer::parse(argc, argv);
    if (!options) {
        std::fprintf(stderr, "minap2p-peer: error: %s\n", options.error().c_str());
        return 2;
    }
    return run(std::move(*options));
}
