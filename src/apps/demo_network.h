// DemoNetwork: real nodes on this machine, each a process of its own, driven over their control protocol.
#pragma once

#include "apps/child.h"
#include "apps/events_json.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace apps {

/// A directory that is removed, with all in it, at the end.
class ScratchDirectory {
public:
    ScratchDirectory();
    ~ScratchDirectory();
    ScratchDirectory(ScratchDirectory const&) = delete;
    ScratchDirectory& operator=(ScratchDirectory const&) = delete;
    std::string const& path() const { return path_; }

private:
    std::string path_;
};

class DemoNetwork {
public:
    using OnAnswer = std::move_only_function<void(Json const& value)>;
    struct Message {
        std::string id;
        std::uint64_t size = 0;
        std::string kind;
        std::size_t node = 0;  // that received it
        base::Instant at;
    };

    /// `on_message`: a node has received one. `on_failure`: a node has ended, or refused an order.
    DemoNetwork(runtime::EventLoop& loop, std::function<void(Message const&)> on_message,
                std::function<void(std::string)> on_failure);

    /// Starts a node with these peers; calls back when it is ready.
    void start(std::vector<std::string> const& peers, std::function<void()> on_ready);
    void ask(std::size_t node, Json command, OnAnswer on_answer);
    void end();

    std::size_t size() const { return nodes_.size(); }
    /// Of a node that is ready, with /p2p.
    std::string const& address(std::size_t node) const { return nodes_[node]->address; }
    std::string const& directory() const { return directory_.path(); }

private:
    struct Node {
        std::string address;
        std::function<void()> on_ready;
        std::map<std::uint64_t, OnAnswer> waiting;
        std::unique_ptr<Child> child;
    };
    void on_line(std::size_t node, std::string_view line);

    runtime::EventLoop& loop_;
    std::function<void(Message const&)> on_message_;
    std::function<void(std::string)> on_failure_;
    ScratchDirectory directory_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::uint64_t last_request_ = 0;
    bool ending_ = false;
};

}  // namespace apps
