#include "rpc_pair.h"

#include "watched_core.h"

#include "runtime/process.h"
#include "runtime/runtime.h"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <type_traits>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mina::bench {

namespace {

namespace command = libp2p::command;
namespace event = libp2p::event;
namespace reply = libp2p::reply;

constexpr std::uint32_t budget_factor = 1000;
constexpr std::uint8_t waits = 0xff;  // first byte of a query that is answered late
static_assert(std::is_trivially_copyable_v<Side>);

[[noreturn]] void give_up(std::string const& why) {
    fmt::print(stderr, "minap2p_rpc_bench: error: {}\n", why);
    std::exit(1);
}

crypto::PrivateKey key_of(bool is_server) {
    return crypto::PrivateKey::ed25519_from_seed({static_cast<std::uint8_t>(is_server ? 2 : 1)});
}

std::unique_ptr<p2p::P2pComponent> make_component(bool is_server, base::Trace& trace) {
    p2p::P2pConfig component;
    component.network = *builtin("local");
    component.network.topics.clear();
    component.discovery.peers_target = 0;
    component.discovery.outbound_min = 0;
    component.rpc_budget_factor = budget_factor;
    if (is_server) component.served = rpc::Config().served;
    auto config = p2p::swarm_config(component.network);
    config.identity = key_of(is_server);
    config.seed = {static_cast<std::uint8_t>(is_server ? 2 : 1)};
    config.names.kademlia.clear();
    config.names.serve_perf = true;
    config.dial_from_listen_port = false;
    config.simultaneous_open = false;
    return std::make_unique<p2p::P2pComponent>(std::move(component), std::move(config), trace);
}

std::vector<runtime::Listener> as_vector(std::optional<runtime::Listener> listener) {
    std::vector<runtime::Listener> listeners;
    if (listener) listeners.push_back(std::move(*listener));
    return listeners;
}

class Node : public runtime::Application {
public:
    Node(Scenario scenario, std::optional<runtime::Listener> listener)
        : scenario_(std::move(scenario)), component_(make_component(listener.has_value(), trace_)),
          core_(*component_, scenario_.waiting != 0),
          runtime_(loop_, core_, *this, as_vector(std::move(listener))) {}

    Side run() {
        loop_.run();
        side_.rss_peak = peak_rss_bytes();
        core_.sum_up(side_);
        return side_;
    }

protected:
    Scenario scenario_;
    Side side_;
    Meter meter_;
    runtime::EventLoop loop_;
    base::NoTrace trace_;
    std::unique_ptr<p2p::P2pComponent> component_;
    WatchedCore core_;
    runtime::Runtime runtime_;
};

class Server final : public Node {
public:
    Server(Scenario const& scenario, runtime::Listener listener) : Node(scenario, std::move(listener)) {}

    void on_reply(libp2p::Reply const&) override {}
    void on_event(libp2p::Event const& told) override {
        if (std::holds_alternative<event::Identified>(told)) begin();
        if (std::holds_alternative<event::Disconnected>(told)) end();
        if (auto const* const question = std::get_if<event::QuestionReceived>(&told)) answer(*question);
    }

private:
    void begin() {
        side_.rss_before = runtime::rss_bytes();
        if (scenario_.method) {
            base::ByteString payload(scenario_.answer_bytes);
            base::Rng({3}).fill_public(payload);
            payload_ = base::SharedBytes::take(std::move(payload));
        }
        if (scenario_.warm == 0) meter_.start();
    }
    void answer(event::QuestionReceived const& question) {
        if (question.query.view().front() == waits) {
            loop_.after(scenario_.time, [this, id = question.question] {
                runtime_.post({{}, command::AnswerQuestion{id, libp2p::NoAnswer{}}});
            });
            return;
        }
        if (scenario_.warm != 0 && side_.answers == scenario_.warm) meter_.start();
        ++side_.answers;
        runtime_.post({{}, command::AnswerQuestion{question.question, libp2p::Payload{{payload_}}}});
    }
    void end() {
        side_.usage = meter_.stop();
        loop_.stop();
    }

    base::SharedBytes payload_;
};

class Client final : public Node {
public:
    Client(Scenario const& scenario, libp2p::SocketAddress const& server) : Node(scenario, std::nullopt) {
        auto const id = libp2p::PeerId::of(key_of(true).public_key());
        runtime_.post({{}, command::Connect{libp2p::Multiaddr::tcp_at(server).with_peer_id(id)}});
    }

    void on_event(libp2p::Event const& told) override {
        if (auto const* const part = std::get_if<event::AnswerPart>(&told)) {
            bytes_ += part->bytes.size();
            ++side_.parts;
        } else if (auto const* const identified = std::get_if<event::Identified>(&told)) {
            server_ = identified->peer;
            begin();
        } else if (std::holds_alternative<event::ConnectionFailed>(told)) {
            give_up("the server cannot be reached");
        } else if (std::holds_alternative<event::Disconnected>(told) && !is_done_) {
            give_up("the server is gone");
        }
    }
    void on_reply(libp2p::Reply const& answer) override {
        if (answer.request == last_) return loop_.stop();
        if (!answer.result) give_up(answer.result.error());
        if (std::holds_alternative<reply::PerfTimes>(*answer.result)) return end();
        auto const* const ended = std::get_if<reply::CallEnded>(&*answer.result);
        if (ended == nullptr) return give_up("an answer of a kind not asked for");
        if (ended->failure) give_up("a call failed: " + std::string(to_string(*ended->failure)));
        --in_flight_;
        if (waiting_.erase(answer.request) == 0) on_answer();
        if (is_all_asked() && in_flight_ == 0) end();
    }

private:
    bool is_timed() const { return scenario_.waiting != 0; }
    bool is_all_asked() const {
        if (!is_timed()) return asked_ == scenario_.warm + scenario_.count;
        return scenario_.count == 0 || loop_.now() >= until_;
    }
    void begin() {
        side_.rss_before = runtime::rss_bytes();
        until_ = loop_.now() + scenario_.time;
        if (scenario_.warm == 0) meter_.start();
        if (!scenario_.method) {
            runtime_.post({{++requests_}, command::Perf{server_, 0, scenario_.answer_bytes}});
            return;
        }
        for (std::uint64_t i = 0; i < scenario_.waiting; ++i) waiting_.insert(ask(waits));
        for (std::uint64_t i = 0; i < scenario_.in_flight && !is_all_asked(); ++i) ask_next();
    }
    void ask_next() {
        ++asked_;
        ask(1);
    }
    libp2p::RequestId ask(std::uint8_t first) {
        constexpr std::size_t hash_bytes = 32;
        base::ByteString query;
        if (*scenario_.method == rpc::Method::get_best_tip) {
            query = {0};  // unit
        } else {
            query.assign(hash_bytes, 1);
            query.front() = first;
        }
        if (*scenario_.method == rpc::Method::answer_sync_ledger_query) query.push_back(2);  // Num_accounts
        auto const tag = std::string(rpc::info_of(*scenario_.method).tag);
        libp2p::RequestId const request{++requests_};
        runtime_.post({request, command::Call{server_, tag, std::nullopt, base::SharedBytes::take(std::move(query))}});
        ++in_flight_;
        return request;
    }
    void on_answer() {
        ++side_.answers;
        if (scenario_.warm != 0 && side_.answers == scenario_.warm) {
            meter_.start();
            side_.parts = 0;
        }
        if (!is_all_asked()) ask_next();
    }
    void end() {
        side_.usage = meter_.stop();
        if (scenario_.method && bytes_ < side_.answers * scenario_.answer_bytes) give_up("bytes are missing");
        is_done_ = true;
        last_ = {++requests_};
        runtime_.post({last_, command::Shutdown{}});
    }

    libp2p::PeerId server_;
    std::uint64_t requests_ = 0;
    std::uint64_t asked_ = 0;
    std::uint64_t in_flight_ = 0;
    std::uint64_t bytes_ = 0;
    std::set<libp2p::RequestId> waiting_;
    base::Instant until_;
    libp2p::RequestId last_{~std::uint64_t{0}};
    bool is_done_ = false;
};

/// A process of its own, that tells what it has measured through the pipe returned.
template <class Work>
std::unique_ptr<std::FILE, int (*)(std::FILE*)> in_child(char const* name, Work work) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) give_up("no pipe");
    auto const parent = ::getpid();
    auto const child = ::fork();
    if (child < 0) give_up("no new process");
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::prctl(PR_SET_NAME, name);  // for profilers
        if (::getppid() != parent) ::_exit(1);
        Side const side = work();
        auto const written = ::write(ends[1], &side, sizeof(side));
        ::_exit(written == static_cast<ssize_t>(sizeof(side)) ? 0 : 1);
    }
    ::close(ends[1]);
    return {::fdopen(ends[0], "rb"), &std::fclose};
}

}  // namespace

Outcome run(Scenario const& scenario) {
    auto listener = runtime::Listener::bind({libp2p::IpAddress::v4(127, 0, 0, 1), 0});
    if (!listener) give_up(listener.error());
    auto const address = listener->address();
    auto const server = in_child("rpc server", [&] { return Server(scenario, std::move(*listener)).run(); });
    auto const client = in_child("rpc client", [&] { return Client(scenario, address).run(); });
    Outcome outcome;
    auto const is_read = std::fread(&outcome.client, sizeof(Side), 1, client.get()) == 1 &&
                         std::fread(&outcome.server, sizeof(Side), 1, server.get()) == 1;
    if (!is_read) give_up(scenario.name + ": a process has failed");
    while (::wait(nullptr) > 0) {
    }
    return outcome;
}

}  // namespace mina::bench
