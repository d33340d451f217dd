// perf: the libp2p perf test, with the flags and the lines of the test suite.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/errand.h"
#include "apps/failure.h"

#include <charconv>

namespace apps {

namespace {

// Plain libp2p: no private network, nobody's names.
mina::Network plain_network() {
    mina::Network network;
    network.name = "plain";
    network.is_private = false;
    network.muxer = "/yamux/1.0.0";
    return network;
}

// "IP:PORT" or a multiaddr.
libp2p::Multiaddr server_address(std::string const& text) {
    if (text.starts_with("/")) return parse_address(text, "--server-address");
    auto const colon = text.rfind(':');
    std::uint16_t port = 0;
    if (colon != std::string::npos) {
        auto host = text.substr(0, colon);
        if (host.starts_with("[") && host.ends_with("]")) host = host.substr(1, host.size() - 2);
        auto const* const end = text.data() + text.size();
        auto const parsed = std::from_chars(text.data() + colon + 1, end, port);
        auto const ip = libp2p::IpAddress::parse(host);
        if (ip && parsed.ec == std::errc{} && parsed.ptr == end) return libp2p::Multiaddr::tcp_at({*ip, port});
    }
    throw UsageError("--server-address: '" + text + "' is not of the form IP:PORT");
}

class PerfClient {
public:
    PerfClient(NodeSetup const& setup, std::uint64_t up_bytes, std::uint64_t down_bytes)
        : up_bytes_(up_bytes), down_bytes_(down_bytes), errand_(setup, {}, nullptr), started_(errand_.loop().now()) {}

    void run(libp2p::Multiaddr const& server, base::Duration time_max) {
        reported_at_ = started_;
        report_later();
        errand_.host().ask(libp2p::command::Connect{server, false}, [this](Host::Answer const& answer) {
            if (!answer) {
                errand_.fail(answer.error());
                return;
            }
            begin(std::get<libp2p::PeerId>(*answer));
        });
        errand_.run(time_max, [this, server] {
            errand_.fail("the transfer with " + server.text() + " is not done in time; give a longer --timeout");
        });
    }

private:
    void begin(libp2p::PeerId const& peer) {
        transfer_ = errand_.host().ask(
            libp2p::command::Perf{peer, up_bytes_, down_bytes_}, [this](Host::Answer const& answer) {
                transfer_ = {};
                if (!answer) {
                    errand_.fail(answer.error());
                    return;
                }
                print("final", errand_.loop().now() - started_, up_bytes_, down_bytes_);
                errand_.done();
            });
    }

    void report_later() {
        errand_.loop().after(std::chrono::seconds(1), [this] {
            if (auto const progress = errand_.swarm().perf_progress(transfer_); transfer_ && progress) {
                auto const now = errand_.loop().now();
                print("intermediary", now - reported_at_, progress->written_bytes - reported_up_,
                      progress->received_bytes - reported_down_);
                reported_at_ = now;
                reported_up_ = progress->written_bytes;
                reported_down_ = progress->received_bytes;
            }
            report_later();
        });
    }

    // The suite's line; those between count what came since the line before.
    static void print(char const* type, base::Duration time, std::uint64_t up, std::uint64_t down) {
        print_json({{"type", type},
                    {"timeSeconds", milliseconds(time) / 1e3},
                    {"uploadBytes", up},
                    {"downloadBytes", down}});
    }

    std::uint64_t up_bytes_;
    std::uint64_t down_bytes_;
    libp2p::RequestId transfer_;
    base::Instant reported_at_;
    std::uint64_t reported_up_ = 0;
    std::uint64_t reported_down_ = 0;
    Errand errand_;
    base::Instant started_;
};

void serve(NodeSetup setup, libp2p::Multiaddr const& at) {
    setup.serves_perf = true;
    auto listeners = bind_all({at.text()});
    Errand errand(setup, std::move(listeners), nullptr);
    errand.loop().after(std::chrono::milliseconds(1), [&errand] {
        for (auto const& address : errand.swarm().listen_addresses()) say("perf server on " + address.text());
    });
    errand.run(std::chrono::years(100), [] {});
}

}  // namespace

int perf_command(Arguments const& arguments) {
    CommandLine line("perf",
                     "Measures throughput with the libp2p perf protocol: plain libp2p (Noise, /yamux/1.0.0, no private\n"
                     "network) unless --network names one whose dialect both sides are to speak.",
                     {"perf --run-server --server-address 0.0.0.0:4001",
                      "perf --server-address 10.0.0.7:4001 --transport tcp --upload-bytes 1000000 --download-bytes 0"});
    bool is_server = false;
    std::string server;
    std::string transport = "tcp";
    std::string network;
    std::uint64_t up_bytes = 0;
    std::uint64_t down_bytes = 0;
    line.flag("run-server", "serve until told to stop", is_server);
    line.option("server-address", "IP:PORT", "where the server is, or is to be", server);
    line.option("transport", "tcp", "only tcp", transport);
    line.option("upload-bytes", "N", "to send (0)", up_bytes);
    line.option("download-bytes", "N", "to receive (0)", down_bytes);
    line.option("network", "NAME|FILE", "speak a network's dialect", network);
    line.take({"timeout", "json"});
    auto const settings = line.settings(arguments, {{"timeout", "1h"}});
    if (transport != "tcp") throw UsageError("--transport: '" + transport + "' is not in this version; the nearest is 'tcp'");
    if (server.empty()) throw UsageError("--server-address IP:PORT is missing");
    auto setup = errand_setup(network.empty() ? plain_network() : network_named(network));
    setup.has_gossip = false;
    auto const address = server_address(server);
    if (is_server) {
        serve(std::move(setup), address);
    } else {
        PerfClient(setup, up_bytes, down_bytes).run(address, settings.duration("timeout"));
    }
    return 0;
}

}  // namespace apps
