#include "apps/errand.h"

#include "apps/failure.h"

namespace apps {

Errand::Errand(NodeSetup const& setup, std::vector<runtime::Listener> listeners, Host::OnEvent on_event)
    : component_(make_component(setup, trace_)),
      host_(std::make_unique<Host>(loop_, *component_, std::move(listeners), std::move(on_event))) {}

bool Errand::run(base::Duration time_max, std::function<void()> on_late) {
    runtime::Signals const signals(loop_, [this](int) {
        interrupted_ = true;
        end();
    });
    loop_.after(time_max, std::move(on_late));
    loop_.run();
    if (failure_ && !interrupted_) throw Failure(*failure_);
    return !interrupted_;
}

void Errand::done() { end(); }

void Errand::fail(std::string why) {
    if (ending_) return;
    failure_ = std::move(why);
    end();
}

void Errand::end() {
    if (std::exchange(ending_, true)) return;
    host_->shut_down([this] { loop_.stop(); });
}

}  // namespace apps
