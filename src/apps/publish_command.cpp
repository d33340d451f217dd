// publish: one message, until a peer has it.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/errand.h"
#include "apps/failure.h"
#include "apps/message_file.h"

#include <algorithm>

namespace apps {

namespace {

constexpr auto look_again = std::chrono::milliseconds(10);

class Publish {
public:
    Publish(NodeSetup const& setup, std::string topic, base::ByteString message)
        : topic_(std::move(topic)), message_(base::SharedBytes::take(std::move(message))), errand_(setup, {}, nullptr) {}

    /// The answer; null when a signal ended it.
    Json run(libp2p::Multiaddr const& address, base::Duration time_max) {
        errand_.host().ask(libp2p::command::Connect{address, false}, [this](Host::Answer const& answer) {
            if (!answer) {
                errand_.fail(answer.error());
                return;
            }
            peer_ = std::get<libp2p::PeerId>(*answer);
            await_subscription();
        });
        auto const whole = errand_.run(time_max, [this, address] { errand_.fail(stage_ + " in time: " + address.text()); });
        return whole ? result_ : Json(nullptr);
    }

private:
    // What is published before the peer is known to want it goes nowhere, and the same again would be a duplicate.
    void await_subscription() {
        stage_ = "the peer has not subscribed to " + topic_;
        auto const known = errand_.swarm().topic_peers(topic_);
        if (std::ranges::find(known, peer_) == known.end()) {
            errand_.loop().after(look_again, [this] { await_subscription(); });
            return;
        }
        errand_.host().ask(libp2p::command::Publish{topic_, message_}, [this](Host::Answer const& answer) {
            if (!answer) {
                errand_.fail("not published: " + answer.error());
                return;
            }
            result_ = to_json(*answer);
            if (result_["peers"].empty()) {
                errand_.fail("published to nobody: the peer has left " + topic_);
                return;
            }
            await_sent();
        });
    }

    void await_sent() {
        stage_ = "the message has not been taken";
        auto const connections = errand_.swarm().connections();
        if (connections.empty()) {
            errand_.fail("the peer has closed the connection before it had the message");
        } else if (std::ranges::any_of(connections, [](auto const& each) { return each.queued_bytes > 0; })) {
            errand_.loop().after(look_again, [this] { await_sent(); });
        } else {
            await_read();
        }
    }

    // A ping goes behind the message, so its answer says that the message was read. mina: the Rust node answers none.
    void await_read() {
        errand_.host().ask(libp2p::command::Ping{peer_}, [this](Host::Answer const&) { errand_.done(); });
        errand_.loop().after(std::chrono::seconds(2), [this] { errand_.done(); });
    }

    std::string topic_;
    base::SharedBytes message_;
    libp2p::PeerId peer_;
    std::string stage_ = "cannot connect";
    Json result_;
    Errand errand_;
};

}  // namespace

int publish_command(Arguments const& arguments) {
    CommandLine line("publish", "Connects to a peer, publishes one message, and waits until the peer has it.",
                     {"publish --network devnet --peer /dns4/seed-1.devnet.gcp.o1test.net/tcp/10003 block.bin",
                      "publish --network local --peer /ip4/127.0.0.1/tcp/8302 --topic test - < message"});
    std::string file;
    line.argument("FILE", "the message; - is standard input", file);
    line.take({"network", "config", "data-dir", "peer", "topic", "timeout", "json"});
    auto const settings = line.settings(arguments, {{"timeout", "30s"}});
    if (settings.list("peer").size() != 1) throw UsageError("--peer ADDR is wanted, once");
    if (settings.list("topic").empty()) throw UsageError("--topic T is wanted");
    auto const address = parse_address(settings.list("peer").front(), "--peer");
    auto const setup = errand_setup(settings.network());
    Publish publish(setup, settings.list("topic").front(), file_content(file, setup.network.gossip_bytes_max));
    auto const result = publish.run(address, settings.duration("timeout"));
    if (result.is_null()) return 0;
    if (settings.is_set("json")) {
        print_json(result);
    } else {
        print_line(for_people(result));
    }
    return 0;
}

}  // namespace apps
