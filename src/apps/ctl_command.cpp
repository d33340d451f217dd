// ctl, and its aliases: gives a command to a running node.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/control_socket.h"
#include "apps/failure.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <poll.h>
#include <span>
#include <unistd.h>

namespace apps {

namespace {

struct Shape {
    std::string_view name;
    std::array<std::string_view, 2> arguments;  // by position; "target" is a peer, an IP address or a range
};

constexpr Shape shapes[] = {
    {"status", {}},
    {"peers", {}},
    {"conns", {}},
    {"dial", {"addr"}},
    {"connect", {"addr"}},
    {"hangup", {"peer"}},
    {"disconnect", {"peer"}},
    {"ping", {"peer"}},
    {"protocols", {"peer"}},
    {"subscribe", {"topic"}},
    {"unsubscribe", {"topic"}},
    {"publish", {"topic", "file"}},
    {"mesh", {"topic"}},
    {"verdict", {"message", "verdict"}},
    {"ban", {"target", "for"}},
    {"unban", {"target"}},
    {"trust", {"target"}},
    {"untrust", {"target"}},
    {"allow", {"target"}},
    {"unallow", {"target"}},
    {"deny", {"target"}},
    {"undeny", {"target"}},
    {"rules", {}},
    {"closest", {"key"}},
    {"findpeer", {"peer"}},
    {"provide", {"cid"}},
    {"unprovide", {"cid"}},
    {"findprovs", {"cid"}},
    {"put", {"key", "hex"}},
    {"get", {"key"}},
    {"rtable", {}},
    {"rpc", {"peer", "method"}},
    {"store", {}},
    {"blocks", {}},
    {"stop", {}},
};

Json number_or_text(std::string const& value) {
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size()) return value;  // the node says what is wrong
    return number;
}

// What of 'rpc' is no text; and where its answer goes, which is a place here.
bool put_of_rpc(Json& request, std::string_view name, std::string const& value) {
    if (name == "version" || name == "maxBytes") {
        request[std::string(name)] = number_or_text(value);
    } else if (name == "query") {
        request["query"] = Json::parse(value, nullptr, /*allow_exceptions=*/false);
        if (request["query"].is_discarded()) throw UsageError("query: '" + value + "' is not JSON");
    } else if (name == "out") {
        request["out"] = std::filesystem::absolute(value).string();
    } else {
        return false;
    }
    return true;
}

void put(Json& request, std::string_view name, std::string const& value) {
    if (request["cmd"] == "rpc" && put_of_rpc(request, name, value)) return;
    if (name == "target") {
        auto const is_range = value.find('/') != std::string::npos;
        name = is_range ? "cidr" : libp2p::IpAddress::parse(value) ? "ip" : "peer";
    }
    // The node may run in another directory.
    request[std::string(name)] = name == "file" ? std::filesystem::absolute(value).string() : value;
}

Json request_of(std::string const& name, std::span<std::string const> words) {
    Json request{{"id", 1}, {"cmd", name}};
    auto const shape = std::ranges::find(shapes, name, &Shape::name);
    std::size_t position = 0;
    for (auto const& word : words) {
        auto const equals = word.find('=');
        auto const is_named = equals != std::string::npos && word.substr(0, equals).find_first_of("/:.") == std::string::npos;
        if (is_named) {
            put(request, word.substr(0, equals), word.substr(equals + 1));
            continue;
        }
        auto const known = shape != std::end(shapes) && position < shape->arguments.size() ? shape->arguments[position++] : "";
        if (known.empty() && name == "rpc") {
            request["args"].push_back(word);
            continue;
        }
        if (known.empty()) throw UsageError("'" + name + "' takes no argument '" + word + "'; others are given as NAME=VALUE");
        put(request, known, word);
    }
    if (shape != std::end(shapes) && !shape->arguments[0].empty() && words.empty()) {
        throw UsageError("'" + name + "' wants " + std::string(shape->arguments[0]));
    }
    return request;
}

// A line is sent, and a line comes back.
class Connection {
public:
    Connection(std::string path, base::Duration time_max)
        : path_(std::move(path)), until_(std::chrono::steady_clock::now() + time_max), socket_(connect_unix(path_)) {
        if (!socket_) {
            throw Failure("no node answers at " + path_ + ": " + std::strerror(errno) +
                          "; start one with --control unix:" + path_ + ", or give --control");
        }
    }

    std::string ask(std::string line) {
        line.push_back('\n');
        for (std::size_t sent = 0; sent < line.size();) {
            wait(POLLOUT);
            auto const count = ::write(socket_.get(), line.data() + sent, line.size() - sent);
            if (count < 0 && errno != EINTR) throw Failure(path_ + ": " + std::strerror(errno));
            if (count > 0) sent += static_cast<std::size_t>(count);
        }
        std::string answer;
        while (answer.empty() || answer.back() != '\n') {
            wait(POLLIN);
            std::array<char, 65536> buffer;
            auto const count = ::read(socket_.get(), buffer.data(), buffer.size());
            if (count == 0) throw Failure("the node at " + path_ + " has closed the connection without an answer");
            if (count < 0 && errno != EINTR) throw Failure(path_ + ": " + std::strerror(errno));
            if (count > 0) answer.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return answer;
    }

private:
    void wait(short events) {
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - std::chrono::steady_clock::now());
        pollfd descriptor{socket_.get(), events, 0};
        if (left.count() <= 0 || ::poll(&descriptor, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1 << 30))) == 0) {
            throw Failure("the node at " + path_ + " has not answered in time; give a longer --timeout");
        }
    }

    std::string path_;
    std::chrono::steady_clock::time_point until_;
    runtime::Fd socket_;
};

std::string help_of(std::string_view name) {
    if (name != "ctl") return "The same as 'minap2p ctl " + std::string(name) + "': asks a running node.";
    std::string text = "Gives a command to a running node, and prints the answer. Arguments go by position or as NAME=VALUE.\n\nCommands:";
    for (auto const& shape : shapes) {
        text += "\n  " + std::string(shape.name);
        for (auto const& argument : shape.arguments) {
            if (!argument.empty()) text += " " + std::string(argument);
        }
        if (shape.name == "rpc") text += " [ARGS] [version=N] [query=JSON|hex=HEX] [out=FILE] [maxBytes=N]";
    }
    return text;
}

}  // namespace

int ctl_command(std::string_view name, Arguments const& arguments) {
    auto const is_ctl = name == "ctl";
    auto const example = std::string(name) + (is_ctl ? " --control unix:/run/minap2p.sock peers" : " --control unix:/run/minap2p.sock");
    auto const second = is_ctl ? std::string("ctl publish coda/consensus-messages/0.0.1 block.bin") : std::string(name) + " --json";
    CommandLine line(std::string(name), help_of(name), {example, second});
    std::vector<std::string> words;
    line.arguments(is_ctl ? "COMMAND" : "ARGUMENTS", is_ctl ? "the command and its arguments" : "its arguments", words);
    bool is_why = false;
    auto const has_why = is_ctl || name == "peers";
    if (has_why) line.flag("why", "of 'peers': all known peers, and why each is dialed or not", is_why);
    line.take({"control", "config", "data-dir", "timeout", "json"});
    auto const settings = line.settings(arguments, {{"timeout", "30s"}});
    if (!is_ctl) words.insert(words.begin(), std::string(name));
    if (words.empty()) throw UsageError("give a COMMAND, such as 'status'");

    auto const command = words.front();
    if (command == "watch") throw UsageError("events come one after the other: use 'minap2p watch'");
    auto request = request_of(command, std::span(words).subspan(1));
    if (is_why) request["why"] = true;
    auto const path = control_path(settings);
    auto const answer = Json::parse(Connection(path, settings.duration("timeout")).ask(dump(request)));
    if (!answer.value("ok", false)) {
        throw Failure(command + ": " + answer.value("error", "no answer that can be understood"));
    }
    if (settings.is_set("json")) {
        print_json(answer["value"]);
    } else {
        print_line(for_people(answer["value"]));
    }
    return 0;
}

}  // namespace apps
