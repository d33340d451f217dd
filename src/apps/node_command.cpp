// node: runs a node until told to stop.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/control_socket.h"
#include "apps/failure.h"
#include "apps/node_setup.h"
#include "apps/rpc_control.h"
#include "apps/summary_json.h"
#include "apps/sync_client.h"
#include "apps/verdicts.h"
#include "apps/version.h"
#include "apps/watchers.h"
#include "replay/files/log_directory.h"
#include "replay/recording_core.h"
#include "runtime/key_file.h"
#include "runtime/peer_store/peer_store.h"
#include "runtime/signals.h"

#include <algorithm>
#include <cmath>
#include <csignal>

namespace apps {

namespace {

constexpr base::Duration store_check_interval = std::chrono::seconds(2);

// Prints events, as JSON or as lines for people, and tells them to those who watch.
class EventPrinter {
public:
    EventPrinter(runtime::EventLoop& loop, Output& output, bool json, Watchers& watchers)
        : loop_(loop), output_(output), json_(json), watchers_(watchers), started_(loop.now()) {}

    void print(Json event) {
        stamp(event);
        watchers_.tell(event);
        put(event);
    }
    void tell_watchers(Json event) {
        stamp(event);
        watchers_.tell(event);
    }

private:
    void put(Json const& event) {
        if (json_) {
            output_.line(dump(event));
            return;
        }
        std::string line = fixed(event["t"].get<double>(), 3);
        line.insert(0, line.size() < 9 ? 9 - line.size() : 0, ' ');
        for (auto const& [name, value] : event.items()) {
            if (name == "t") continue;
            if (name == "event") {
                line += "  " + value.get<std::string>();
            } else if (value.is_object()) {
                // A message's summary: its members in its place.
                for (auto const& [part, of_part] : value.items()) line += word(part, of_part);
            } else {
                line += word(name, value);
            }
        }
        output_.line(line);
    }

    void stamp(Json& event) const {
        auto const seconds = milliseconds(loop_.now() - started_) / 1e3;
        event["t"] = std::round(seconds * 1e6) / 1e6;
    }

    static std::string word(std::string const& name, Json const& value) {
        return " " + name + "=" + (value.is_string() ? value.get<std::string>() : dump(value));
    }

    runtime::EventLoop& loop_;
    Output& output_;
    bool json_;
    Watchers& watchers_;
    base::Instant started_;
};

// The log of all inputs, when one is wanted.
struct Recording {
    std::unique_ptr<replay::DirectorySink> sink;
    std::unique_ptr<replay::LogWriter> log;
    std::unique_ptr<replay::RecordingCore> core;
};

// All that can be wrong is found out here, before anything else happens.
struct Prepared {
    NodeSetup setup;
    std::vector<runtime::Listener> listeners;
    std::unique_ptr<replay::DirectorySink> recording;
    std::unique_ptr<runtime::PeerStore> store;  // null: nothing is remembered
    std::string block_store;
};

Prepared prepare(Settings const& settings) {
    if (!settings.text("metrics").empty()) {
        throw Failure("--metrics: metrics are not in this version; leave the flag out, and ask 'minap2p status'");
    }
    Prepared prepared;
    prepared.setup = setup_of(settings);
    auto const key = runtime::load_or_create_key(settings.text("key"));
    if (!key) throw Failure("--key: " + key.error());
    if (!key->warning.empty()) say("warning: " + key->warning);
    prepared.setup.key = key->key;
    prepared.listeners = bind_all(settings.list("listen"));
    if (auto const store = settings.text("peer-store"); store != "none") {
        prepared.store = std::make_unique<runtime::PeerStore>(store);
    }
    prepared.block_store = settings.text("block-store");
    if (auto const directory = settings.text("record"); !directory.empty()) {
        auto sink = replay::DirectorySink::open(directory);
        if (!sink) throw Failure("--record: " + sink.error());
        prepared.recording = std::move(*sink);
    }
    return prepared;
}

class NodeProgram {
public:
    NodeProgram(Settings const& settings, Prepared prepared)
        : control_at_(settings.text("control")),
          payload_(settings.is_set("payload")),
          rpc_events_(settings.is_set("rpc-events")),
          output_(loop_),
          printer_(loop_, output_, settings.is_set("json"), watchers_),
          store_(std::move(prepared.store)),
          component_(make_component(prepared.setup, trace_)) {
        if (control_at_.starts_with("unix:")) socket_.emplace(loop_, unix_path(control_at_));
        libp2p::Core* core = component_.get();
        if (prepared.recording) core = &begin_recording(prepared);
        host_ = std::make_unique<Host>(loop_, *core, std::move(prepared.listeners),
                                       [this](libp2p::Event const& event) { on_event(event); },
                                       runtime::Options{{}, 0, store_.get()});
        control_ = std::make_unique<Control>(*host_, *component_, [this] { stop("told to stop"); });
        verdicts_.serve(*control_, *host_, [this](auto key, auto acceptance) {
            if (sync_) sync_->on_verdict(key, acceptance);
        });
        rpc_calls_ = std::make_unique<RpcCalls>(*host_);
        serve_rpc(*control_, *rpc_calls_, *component_);
        watchers_.serve(*control_);
        if (prepared.setup.serves_sync) serve_sync(prepared.setup, prepared.block_store, settings.is_set("unverified-best-tip"));
    }

    void run() {
        runtime::Signals const signals(loop_, [this](int number) { stop(number == SIGINT ? "SIGINT" : "SIGTERM"); });
        loop_.turn(base::Duration(0));
        say_ready();
        tell_store_warnings();
        if (socket_) serve_socket();
        if (control_at_ == "stdio") serve_stdio();
        loop_.run();
        printer_.tell_watchers({{"event", "stopped"}, {"reason", reason_}});
        if (socket_) socket_->flush();
        socket_.reset();
        if (recording_.core) recording_.core->finish();
        store_.reset();
        printer_.print({{"event", "stopped"}, {"reason", reason_}});  // nobody watches any more
        output_.flush();
    }

private:
    libp2p::Core& begin_recording(Prepared& prepared) {
        auto const setup = to_text(prepared.setup);
        recording_.sink = std::move(prepared.recording);
        replay::LogOptions options;
        options.build_id = build_id();
        options.setup = base::to_byte_string(base::as_bytes(setup));
        options.on_stopped = [](std::string const& why) { say("warning: the recording has ended: " + why); };
        recording_.log = std::make_unique<replay::LogWriter>(std::move(options), *recording_.sink);
        recording_.core = std::make_unique<replay::RecordingCore>(*component_, *recording_.log);
        return *recording_.core;
    }

    void serve_stdio() {
        input_.emplace(
            loop_, 0, LineInput::Limits{.line_bytes_max = Control::line_bytes_max},
            [this](std::string_view line) {
                control_->run(line, [this](Json const& answer) { output_.line(dump(answer)); }, listening_);
            },
            [this] { output_.line(dump(Control::too_long())); }, nullptr);
    }

    // What this node publishes is what it tells of, too.
    void serve_sync(NodeSetup const& setup, std::string const& path, bool tells_unverified) {
        sync_ = std::make_unique<SyncServer>(path, *component_, tells_unverified);
        if (!setup.application_verdicts) {
            sync_client_ = std::make_unique<SyncClient>(*host_, *rpc_calls_, *sync_, *component_);
        }
        control_->add("publish", [this](Json const& arguments, Control::Finish finish) {
            auto const topic = text_argument(arguments, "topic");
            auto const data = base::SharedBytes::take(bytes_argument(arguments));
            host_->ask(libp2p::command::Publish{topic, data},
                       [this, topic, data, finish = std::move(finish)](Host::Answer const& result) mutable {
                           if (!result) return finish(base::fail(result.error()));
                           sync_->on_published(topic, data);
                           finish(to_json(*result));
                       });
        });
        control_->add("blocks", [this](Json const& arguments, Control::Finish finish) {
            finish(sync_->recent(number_argument(arguments, "count", 20)));
        });
        control_->add("store", [this](Json const&, Control::Finish finish) {
            auto status = sync_->status();
            status["sync"] = sync_client_ ? sync_client_->status() : Json(nullptr);
            finish(std::move(status));
        });
    }

    void serve_socket() {
        socket_->on_overflow([this](std::string const& text) {
            printer_.print({{"event", "warning"}, {"text", text}});
        });
        socket_->serve(*control_);
    }

    void say_ready() {
        if (!std::exchange(ready_, true)) printer_.print(ready_event(*component_));
    }

    void tell_store_warnings() {
        if (!store_ && !sync_) return;
        auto warnings = store_ ? store_->take_warnings() : std::vector<std::string>{};
        if (sync_) std::ranges::move(sync_->take_warnings(), std::back_inserter(warnings));
        for (auto const& text : warnings) printer_.print({{"event", "warning"}, {"text", text}});
        loop_.after(store_check_interval, [this] { tell_store_warnings(); });
    }

    void on_event(libp2p::Event const& event) {
        say_ready();
        rpc_calls_->on_event(event);
        if (auto const* question = std::get_if<libp2p::event::QuestionReceived>(&event)) on_question(*question);
        auto json = to_json(event, payload_);
        if (auto const* message = std::get_if<libp2p::event::MessageReceived>(&event)) {
            verdicts_.remember(*message);
            add_summary(*json, *message, component_->state());
        }
        if (json) printer_.print(std::move(*json));
        if (sync_) sync_->on_event(event, *host_);
        if (sync_client_) sync_client_->on_event(event);
    }

    void on_question(libp2p::event::QuestionReceived const& question) {
        if (rpc_events_) {
            printer_.print(question_event(question));
        } else {
            printer_.tell_watchers(question_event(question));
        }
    }

    void stop(std::string reason) {
        if (std::exchange(stopping_, true)) return;
        reason_ = std::move(reason);
        host_->shut_down([this] { loop_.stop(); });
    }

    std::string control_at_;
    bool payload_;
    bool rpc_events_;
    runtime::EventLoop loop_;
    base::NoTrace trace_;
    Watchers watchers_;
    Output output_;
    EventPrinter printer_;
    std::unique_ptr<runtime::PeerStore> store_;
    std::unique_ptr<mina::p2p::P2pComponent> component_;
    std::unique_ptr<SyncServer> sync_;  // null: nobody is answered
    Recording recording_;
    Verdicts verdicts_;
    std::unique_ptr<Host> host_;
    std::unique_ptr<Control> control_;
    std::unique_ptr<RpcCalls> rpc_calls_;
    std::unique_ptr<SyncClient> sync_client_;  // null: nothing is fetched
    std::optional<ControlSocket> socket_;
    std::optional<LineInput> input_;
    std::shared_ptr<bool const> listening_ = std::make_shared<bool const>(true);
    std::string reason_;
    bool ready_ = false;
    bool stopping_ = false;
};

}  // namespace

int node_command(Arguments const& arguments) {
    CommandLine line("node",
                     "Runs a node until it is told to stop: events on standard output, SIGINT or SIGTERM end it.",
                     {"node --network devnet --listen /ip4/0.0.0.0/tcp/8302",
                      "node --network local --json --control stdio --peer /ip4/10.0.0.7/tcp/8302/p2p/12D3KooW…"});
    line.take({"network", "data-dir", "config", "key", "listen", "external", "peer", "seeds", "topic",
               "dht", "private-addresses", "peer-store", "block-store", "unverified-best-tip", "trust", "allow", "deny",
               "formats", "control", "record", "metrics", "payload", "rpc-events", "verdicts", "agent", "json",
               "peers-min", "peers-target", "peers-max", "outbound-min", "connecting-max", "attempts-max",
               "discovery-interval",
               "max-connections", "max-inbound", "max-connections-per-ip", "dial-timeout", "keep-alive",
               "retry-first", "retry-max"});
    auto const settings = line.settings(arguments);
    if (auto const control = settings.text("control"); !control.empty() && control != "stdio") unix_path(control);
    NodeProgram node(settings, prepare(settings));
    node.run();
    return 0;
}

}  // namespace apps
