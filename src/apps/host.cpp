#include "apps/host.h"

namespace apps {

Host::Host(runtime::EventLoop& loop, libp2p::Core& core, std::vector<runtime::Listener> listeners, OnEvent on_event,
           runtime::Options options)
    : loop_(loop),
      on_event_(std::move(on_event)),
      runtime_(loop, core, *this, std::move(listeners), std::move(options)) {}

libp2p::RequestId Host::ask(libp2p::CommandBody body, OnAnswer on_answer) {
    libp2p::RequestId const id{++last_request_};
    waiting_.emplace(id, std::move(on_answer));
    runtime_.post({id, std::move(body)});
    return id;
}

void Host::tell(libp2p::CommandBody body) { runtime_.post({{}, std::move(body)}); }

void Host::shut_down(std::move_only_function<void()> done) {
    ask(libp2p::command::Shutdown{}, [done = std::move(done)](Answer const&) mutable { done(); });
}

void Host::on_event(libp2p::Event const& event) {
    if (on_event_) on_event_(event);
}

void Host::on_reply(libp2p::Reply const& reply) {
    auto const found = waiting_.find(reply.request);
    if (found == waiting_.end()) return;
    auto on_answer = std::move(found->second);
    waiting_.erase(found);
    on_answer(reply.result);
}

}  // namespace apps
