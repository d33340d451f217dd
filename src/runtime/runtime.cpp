#include "runtime/runtime.h"

#include "runtime/driver.h"

namespace runtime {

Runtime::Runtime(EventLoop& loop, libp2p::Core& core, Application& application,
                 std::vector<Listener> listeners, Options options)
    : driver_(std::make_unique<Driver>(loop, core, application, std::move(listeners),
                                       std::move(options))) {}

Runtime::~Runtime() = default;

void Runtime::post(libp2p::Command command) { driver_->post(std::move(command)); }

std::vector<libp2p::SocketAddress> const& Runtime::listening() const {
    return driver_->listening();
}

Counters const& Runtime::counters() const { return driver_->counters(); }

std::size_t Runtime::links() const { return driver_->links(); }

}  // namespace runtime
