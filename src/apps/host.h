// Host: a core on an event loop, with its requests and their answers.
#pragma once

#include "runtime/runtime.h"

#include <functional>
#include <map>

namespace apps {

class Host final : public runtime::Application {
public:
    using Answer = base::Result<libp2p::ReplyValue, std::string>;
    using OnAnswer = std::move_only_function<void(Answer const&)>;
    using OnEvent = std::move_only_function<void(libp2p::Event const&)>;

    /// `loop` and `core` must outlive the host.
    Host(runtime::EventLoop& loop, libp2p::Core& core, std::vector<runtime::Listener> listeners, OnEvent on_event,
         runtime::Options options = {});

    /// Orders something and is called back with the answer. Returns the request's number, for Swarm::perf_progress().
    libp2p::RequestId ask(libp2p::CommandBody body, OnAnswer on_answer);
    /// Orders something whose answer nobody waits for.
    void tell(libp2p::CommandBody body);
    /// Says goodbye to all peers, then calls back.
    void shut_down(std::move_only_function<void()> done);

    runtime::Runtime& runtime() { return runtime_; }
    runtime::EventLoop& loop() { return loop_; }

    void on_event(libp2p::Event const& event) override;
    void on_reply(libp2p::Reply const& reply) override;

private:
    runtime::EventLoop& loop_;
    OnEvent on_event_;
    std::map<libp2p::RequestId, OnAnswer> waiting_;
    std::uint64_t last_request_ = 0;
    runtime::Runtime runtime_;
};

}  // namespace apps
