#include "apps/demo_network.h"

#include "apps/failure.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdlib.h>

namespace apps {

ScratchDirectory::ScratchDirectory() {
    auto path = (std::filesystem::temp_directory_path() / "minap2p-demo-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw Failure(path + ": " + std::strerror(errno) + "; set TMPDIR");
    path_ = path;
}

ScratchDirectory::~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

DemoNetwork::DemoNetwork(runtime::EventLoop& loop, std::function<void(Message const&)> on_message,
                         std::function<void(std::string)> on_failure)
    : loop_(loop), on_message_(std::move(on_message)), on_failure_(std::move(on_failure)) {}

void DemoNetwork::start(std::vector<std::string> const& peers, std::function<void()> on_ready) {
    auto const number = nodes_.size();
    auto& node = *nodes_.emplace_back(std::make_unique<Node>());
    node.on_ready = std::move(on_ready);
    std::vector<std::string> arguments = {"node",     "--json",     "--network", "local",
                                          "--control", "stdio",     "--listen",  "/ip4/127.0.0.1/tcp/0",
                                          "--data-dir", directory_.path() + "/node-" + std::to_string(number)};
    for (auto const& peer : peers) arguments.insert(arguments.end(), {"--peer", peer});
    node.child = std::make_unique<Child>(
        loop_, "/proc/self/exe", arguments, [this, number](std::string_view line) { on_line(number, line); },
        [this, number] {
            if (!ending_) on_failure_("node " + std::to_string(number) + " has ended");
        });
}

void DemoNetwork::ask(std::size_t node, Json command, OnAnswer on_answer) {
    auto const request = ++last_request_;
    command["id"] = request;
    nodes_[node]->waiting.emplace(request, std::move(on_answer));
    nodes_[node]->child->say(dump(command));
}

void DemoNetwork::on_line(std::size_t number, std::string_view line) {
    auto const at = loop_.now();
    auto& node = *nodes_[number];
    auto const json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) return;
    if (json.contains("ok")) {
        auto waiting = node.waiting.extract(json.value("id", std::uint64_t{0}));
        if (!waiting) return;
        if (json["ok"] == true) {
            waiting.mapped()(json["value"]);
        } else {
            on_failure_("node " + std::to_string(number) + " refused: " + json.value("error", ""));
        }
        return;
    }
    auto const event = json.value("event", "");
    if (event == "ready") {
        node.address = json["addrs"].at(0).get<std::string>();
        node.on_ready();
    } else if (event == "message") {
        on_message_({json.value("id", ""), json.value("size", std::uint64_t{0}),
                     json["kind"].is_string() ? json["kind"].get<std::string>() : "", number, at});
    }
}

void DemoNetwork::end() {
    ending_ = true;
    for (auto const& node : nodes_) node->child->ask_to_end();
    nodes_.clear();
}

}  // namespace apps
