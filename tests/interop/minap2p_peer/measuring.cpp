#include "measuring.h"

#include "base/writer.h"
#include "runtime/process.h"

namespace peer {

namespace {

using apps::Control;
using apps::Host;
using apps::Json;
using apps::number_argument;
namespace command = libp2p::command;

constexpr std::string_view echo_name = "/echo/1.0.0";

// Runs an order and adds this process's CPU time to its answer.
void timed(Host& host, libp2p::CommandBody body, double messages, char const* per_message, Control::Finish finish) {
    auto const cpu = runtime::cpu_seconds();
    host.ask(std::move(body), [=, finish = std::move(finish)](Host::Answer const& answer) mutable {
        if (!answer) {
            finish(base::fail(answer.error()));
            return;
        }
        auto json = apps::to_json(*answer);
        auto const used = runtime::cpu_seconds() - cpu;
        json["cpu_seconds"] = used;
        json[per_message] = used * 1e6 / messages;
        finish(json);
    });
}

// /perf/1.0.0 over parallel streams; up and down are shared out among them.
void bulk(Host& host, Json const& arguments, Control::Finish finish) {
    struct Run {
        Control::Finish finish;
        std::uint64_t left = 0;
        std::uint64_t bytes = 0;
        base::Instant started;
        double cpu = 0;
        std::string error;
    };
    auto const streams = std::max<std::uint64_t>(1, number_argument(arguments, "streams", 1));
    auto const up = number_argument(arguments, "up", 0) / streams;
    auto const down = number_argument(arguments, "down", 0) / streams;
    auto run = std::make_shared<Run>(
        Run{std::move(finish), streams, (up + down) * streams, host.loop().now(), runtime::cpu_seconds(), {}});
    for (std::uint64_t i = 0; i < streams; ++i) {
        host.ask(command::Perf{apps::peer_argument(arguments), up, down}, [run, &host](Host::Answer const& answer) {
            if (!answer) run->error = answer.error();
            if (--run->left > 0) return;
            if (!run->error.empty()) {
                run->finish(base::fail(run->error));
                return;
            }
            auto const seconds = apps::milliseconds(host.loop().now() - run->started) / 1e3;
            run->finish(Json{{"seconds", seconds},
                             {"bytes", run->bytes},
                             {"mb_per_s", static_cast<double>(run->bytes) / 1e6 / seconds},
                             {"cpu_seconds", runtime::cpu_seconds() - run->cpu}});
        });
    }
}

// n distinct messages, no faster than the peers' queues drain.
struct PublishMany {
    Host& host;
    mina::p2p::P2pComponent const& node;
    std::string topic;
    std::uint64_t bytes;
    std::uint64_t n;
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t failures = 0;
    base::Instant started;
    double cpu;
    Control::Finish finish;

    static constexpr std::uint64_t batch = 64;
    static constexpr std::uint64_t queued_bytes_max = 4 * 1024 * 1024;

    std::uint64_t queued() const {
        std::uint64_t most = 0;
        for (auto const& connection : node.swarm().connections()) most = std::max<std::uint64_t>(most, connection.queued_bytes);
        return most;
    }
};

void publish_more(std::shared_ptr<PublishMany> const& run) {
    auto const done = run->answered == run->n;
    if (done && run->queued() == 0) {
        run->finish(Json{{"seconds", apps::milliseconds(run->host.loop().now() - run->started) / 1e3},
                         {"cpu_seconds", runtime::cpu_seconds() - run->cpu},
                         {"published", run->n - run->failures}});
        return;
    }
    if (done || run->queued() > PublishMany::queued_bytes_max || run->answered < run->sent) {
        run->host.loop().after(std::chrono::microseconds(200), [run] { publish_more(run); });
        return;
    }
    for (std::uint64_t i = 0; i < PublishMany::batch && run->sent < run->n; ++i, ++run->sent) {
        base::ByteString data;
        base::append_u64_be(data, run->sent);
        base::append_u64_be(data, static_cast<std::uint64_t>(run->started.nanoseconds));
        data.resize(std::max<std::size_t>(16, run->bytes));
        run->host.ask(command::Publish{run->topic, base::SharedBytes::take(std::move(data))},
                      [run](Host::Answer const& answer) {
                          ++run->answered;
                          if (!answer) ++run->failures;
                      });
    }
    run->host.loop().after(base::Duration(0), [run] { publish_more(run); });
}

}  // namespace

void add_measuring(Control& control, Host& host, mina::p2p::P2pComponent const& node, Crowd& crowd, Tallies& tallies) {
    control.add("bulk", [&host](Json const& a, Control::Finish finish) { bulk(host, a, std::move(finish)); });
    control.add("echo_rtt", [&host](Json const& a, Control::Finish finish) {
        auto const n = number_argument(a, "n");
        timed(host, command::RoundTrips{apps::peer_argument(a), std::string(echo_name), number_argument(a, "bytes"), n},
              static_cast<double>(n), "cpu_us_per_message", std::move(finish));
    });
    control.add("rate", [&host](Json const& a, Control::Finish finish) {
        auto const n = number_argument(a, "n");
        auto const each = a.value("new_stream_each", false);
        timed(host,
              command::Rate{apps::peer_argument(a), std::string(echo_name), number_argument(a, "bytes"), n,
                            number_argument(a, "outstanding", 64), number_argument(a, "streams", 1), each},
              static_cast<double>(n), "cpu_us_per_req", std::move(finish));
    });
    control.add("handshakes", [&crowd](Json const& a, Control::Finish finish) {
        crowd.connect(apps::address_argument(a), number_argument(a, "n"), number_argument(a, "inflight", 32), false,
                      std::move(finish));
    });
    control.add("idle_conns", [&crowd](Json const& a, Control::Finish finish) {
        crowd.connect(apps::address_argument(a), number_argument(a, "n"), 32, true, std::move(finish));
    });
    auto const drop = [&crowd](Json const&, Control::Finish finish) { finish(Json(crowd.drop())); };
    control.add("drop_idle", drop);
    control.add("idle_close", drop);
    control.add("cpu", [](Json const&, Control::Finish finish) {
        finish(Json{{"cpu_seconds", runtime::cpu_seconds()}, {"rss_bytes", runtime::rss_bytes()}});
    });
    control.add("served", [&node](Json const&, Control::Finish finish) {
        auto const served = node.swarm().perf_served();
        finish(Json{{"perf_in", served.received_bytes}, {"perf_out", served.sent_bytes}});
    });
    control.add("received", [&tallies](Json const& a, Control::Finish finish) {
        auto const& tally = tallies[apps::text_argument(a, "topic")];
        finish(Json{{"count", tally.count}, {"bytes", tally.bytes}, {"first_ms", tally.first_ms}, {"last_ms", tally.last_ms}});
        if (a.value("reset", false)) tallies.erase(apps::text_argument(a, "topic"));
    });
    control.add("publish_many", [&host, &node](Json const& a, Control::Finish finish) {
        publish_more(std::make_shared<PublishMany>(PublishMany{
            .host = host, .node = node, .topic = apps::text_argument(a, "topic"), .bytes = number_argument(a, "bytes"),
            .n = number_argument(a, "n"), .started = host.loop().now(), .cpu = runtime::cpu_seconds(),
            .finish = std::move(finish)}));
    });
}

}  // namespace peer
