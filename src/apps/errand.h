// Errand: a node that lives for one errand of a command (dial, perf, publish), then says goodbye.
#pragma once

#include "apps/host.h"
#include "apps/node_setup.h"
#include "runtime/signals.h"

namespace apps {

class Errand {
public:
    /// `on_event` may be empty.
    Errand(NodeSetup const& setup, std::vector<runtime::Listener> listeners, Host::OnEvent on_event);

    Host& host() { return *host_; }
    runtime::EventLoop& loop() { return loop_; }
    libp2p::Swarm const& swarm() const { return component_->swarm(); }

    /// Runs until done() or fail(), or for `time_max`; then `on_late` is called, which calls one of them. Throws Failure.
    /// False when a signal ended it.
    bool run(base::Duration time_max, std::function<void()> on_late);
    void done();
    void fail(std::string why);

private:
    void end();

    runtime::EventLoop loop_;
    base::NoTrace trace_;
    std::unique_ptr<mina::p2p::P2pComponent> component_;
    std::unique_ptr<Host> host_;
    std::optional<std::string> failure_;
    bool ending_ = false;
    bool interrupted_ = false;
};

}  // namespace apps
