// dial: connects to a peer and says what it is.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/errand.h"
#include "apps/failure.h"

#include <algorithm>

namespace apps {

namespace {

constexpr int pings = 3;

class Dial {
public:
    Dial(NodeSetup const& setup, libp2p::Multiaddr address, Settings const& settings)
        : address_(std::move(address)),
          json_(settings.is_set("json")),
          errand_(setup, {}, [this](libp2p::Event const& event) { on_event(event); }) {}

    bool run(base::Duration time_max) {
        errand_.host().ask(libp2p::command::Connect{address_, false}, [this](Host::Answer const& answer) {
            if (!answer) {
                errand_.fail(answer.error());
                return;
            }
            peer_ = std::get<libp2p::PeerId>(*answer);
            go_on();
        });
        return errand_.run(time_max, [this] { on_late(); });
    }

    void show() const {
        if (json_) {
            print_json(result_);
            return;
        }
        auto shown = result_;
        std::string times;
        for (auto const& time : result_["pingMs"]) times += fixed(time.get<double>(), 3) + " ms  ";
        shown["pingMs"] = times.empty() ? "no answer" : times;
        print_line(for_people(shown));
    }

private:
    void on_event(libp2p::Event const& event) {
        namespace e = libp2p::event;
        if (auto const* connected = std::get_if<e::Connected>(&event)) connected_ = *connected;
        if (auto const* identified = std::get_if<e::Identified>(&event)) {
            identified_ = *identified;
            go_on();
        }
        if (auto const* lost = std::get_if<e::Disconnected>(&event)) {
            if (identified_ && peer_) {
                finish();  // what it said is worth showing
            } else {
                errand_.fail("the connection to " + address_.text() + " ended before the peer identified itself: " +
                             std::string(to_string(lost->reason)));
            }
        }
    }

    void go_on() {
        if (!peer_ || !identified_ || identified_->peer != *peer_ || pinging_) return;
        pinging_ = true;
        ping();
    }

    void ping() {
        if (times_.size() == pings) {
            finish();
            return;
        }
        errand_.host().ask(libp2p::command::Ping{*peer_}, [this](Host::Answer const& answer) {
            if (!answer) {  // mina: the Rust node answers none
                finish();
                return;
            }
            times_.push_back(to_json(*answer));
            ping();
        });
    }

    void on_late() {
        if (pinging_) {
            finish();
        } else if (peer_) {
            errand_.fail(address_.text() + " is connected, but has not identified itself in time; give a longer --timeout");
        } else {
            errand_.fail("cannot connect to " + address_.text() + ": no answer in time; give a longer --timeout");
        }
    }

    void finish() {
        if (!result_.is_null()) return;
        result_ = Json{{"peerId", peer_->text()},
                       {"agent", identified_->agent},
                       {"protocols", identified_->protocols},
                       {"observed", identified_->observed.text()},
                       {"muxer", connected_.muxer},
                       {"security", connected_.security},
                       {"pingMs", times_}};
        errand_.done();
    }

    libp2p::Multiaddr address_;
    bool json_;
    std::optional<libp2p::PeerId> peer_;
    libp2p::event::Connected connected_;
    std::optional<libp2p::event::Identified> identified_;
    bool pinging_ = false;
    std::vector<Json> times_;
    Json result_;
    Errand errand_;
};

}  // namespace

int dial_command(Arguments const& arguments) {
    CommandLine line("dial", "Connects to a peer, lets it identify itself, pings it three times, and says what it is.",
                     {"dial /dns4/seed-1.devnet.gcp.o1test.net/tcp/10003 --network devnet",
                      "dial /ip4/127.0.0.1/tcp/8302/p2p/12D3KooW… --network local --json"});
    std::string text;
    line.argument("ADDR", "the peer's multiaddr, with or without /p2p/ID", text);
    line.take({"network", "config", "data-dir", "timeout", "json"});
    auto const settings = line.settings(arguments, {{"timeout", "15s"}});
    auto const setup = errand_setup(settings.network());
    auto const address = parse_address(text, "ADDR");
    Dial dial(setup, address, settings);
    if (dial.run(settings.duration("timeout"))) dial.show();
    return 0;
}

}  // namespace apps
