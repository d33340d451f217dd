// watch: the events of a running node, as they happen.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/control.h"
#include "apps/control_socket.h"
#include "apps/event_text.h"
#include "apps/failure.h"
#include "apps/watchers.h"
#include "runtime/signals.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <unistd.h>

namespace apps {

namespace {

constexpr base::Duration answer_time_max = std::chrono::seconds(10);

struct Options {
    std::vector<std::string> kinds;
    std::string time;
    std::uint64_t count = 0;
};

std::string clock_text() {
    auto const now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    std::array<char, 16> text{};
    auto const length = std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
    return {text.data(), length};
}

class Watch {
public:
    Watch(std::string path, Json kinds, std::uint64_t count, bool json)
        : path_(std::move(path)), kinds_(std::move(kinds)), left_(count), is_counted_(count != 0), json_(json) {}

    void run(std::optional<base::Duration> time) {
        auto const socket = connect();
        runtime::Signals const signals(loop_, [this](int) { loop_.stop(); });
        ask(socket.get());
        LineInput const input(
            loop_, socket.get(), {.line_bytes_max = Control::line_bytes_max},
            [this](std::string_view line) { on_line(line); },
            [this] { fail("a line of the node at " + path_ + " was too long to be read"); }, [this] { on_end(); });
        loop_.after(answer_time_max, [this] {
            if (!watching_) fail("the node at " + path_ + " has not answered; it may be an older version");
        });
        if (time) loop_.after(*time, [this] { loop_.stop(); });
        loop_.run();
        if (failure_) throw Failure(*failure_);
    }

private:
    runtime::Fd connect() const {
        auto socket = connect_unix(path_);
        if (!socket) {
            throw Failure("no node answers at " + path_ + ": " + std::strerror(errno) +
                          "; start one with --control unix:" + path_ + ", or give --control");
        }
        return socket;
    }

    void ask(int fd) {
        auto const line = dump(Json{{"id", 1}, {"cmd", "watch"}, {"kinds", kinds_}}) + "\n";
        if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
            throw Failure(path_ + ": " + std::strerror(errno));
        }
    }

    void on_line(std::string_view line) {
        if (is_done_) return;
        auto const json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
        if (!json.is_object()) return fail("the node at " + path_ + " has sent what is no JSON object");
        if (!watching_) {
            watching_ = json.value("ok", false);
            if (!watching_) fail("watch: " + json.value("error", "no answer that can be understood"));
            return;
        }
        auto const name = json.value("event", "");
        if (name == "stopped") reason_ = json.value("reason", "");
        if (json_) {
            print_line(std::string(line));
        } else {
            print_line(clock_text() + "  " + event_text(json));
        }
        if (is_counted_ && name != "dropped" && name != "stopped" && --left_ == 0) stop();
    }

    void on_end() {
        if (is_done_) return;
        fail("the node at " + path_ + (reason_.empty() ? " has gone" : " has stopped (" + reason_ + ")") +
             "; start it again, then watch again");
    }

    void fail(std::string why) {
        if (!is_done_) failure_ = std::move(why);
        stop();
    }
    void stop() {
        is_done_ = true;
        loop_.stop();
    }

    std::string path_;
    Json kinds_;
    std::uint64_t left_;
    bool is_counted_;
    bool json_;
    runtime::EventLoop loop_;
    bool watching_ = false;
    bool is_done_ = false;
    std::string reason_;
    std::optional<std::string> failure_;
};

std::string kinds_text() {
    std::string text;
    for (auto const kind : event_kinds) text += (text.empty() ? "" : ", ") + std::string(kind);
    return text;
}

}  // namespace

int watch_command(Arguments const& arguments) {
    CommandLine line("watch",
                     "Shows the events of a running node as they happen, until it is interrupted.\n\nKinds: " +
                         kinds_text(),
                     {"watch --control unix:/run/minap2p.sock --kind block,transactions",
                      "watch --kind peer --for 1m --json"});
    Options options;
    line.options("kind", "KIND,…", "only events of these kinds; may be repeated (all)", options.kinds);
    line.option("for", "TIME", "how long to watch (until interrupted)", options.time);
    line.option("count", "N", "end after so many events", options.count);
    line.take({"control", "config", "data-dir", "json"});
    auto const settings = line.settings(arguments);
    auto const kinds = parse_kinds(options.kinds);
    if (!kinds) throw UsageError("--kind: " + kinds.error());
    std::optional<base::Duration> time;
    try {
        if (!options.time.empty()) time = duration_of(options.time);
    } catch (std::invalid_argument const& error) {
        throw UsageError("--for: " + std::string(error.what()));
    }
    Watch watch(control_path(settings), *kinds, options.count, settings.is_set("json"));
    watch.run(time);
    return 0;
}

}  // namespace apps
