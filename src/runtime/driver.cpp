#include "runtime/driver.h"

#include "base/check.h"
#include "runtime/sockets.h"

#include <algorithm>

namespace runtime {

namespace {
constexpr base::Instant at_once{0};
constexpr base::Duration closing_time_max = std::chrono::seconds(1);
}  // namespace

Runtime::Driver::Driver(EventLoop& loop, libp2p::Core& core, Application& application,
                        std::vector<Listener> listeners, Options options)
    : loop_(loop), core_(core), application_(application), options_(std::move(options)),
      acceptor_(loop, std::move(listeners),
                [this](Fd socket, auto const& local, auto const& remote) {
                    accepted(std::move(socket), local, remote);
                }),
      resolver_(loop, options_.dns_servers,
                [this](libp2p::Resolved resolved) { inbox_.emplace_back(std::move(resolved)); }) {
    for (auto const& listener : acceptor_.listeners()) listening_.push_back(listener.address());
    libp2p::Start start{listening_, interface_addresses(), {}};
    if (options_.keeper != nullptr) start.stored = options_.keeper->load(loop_.now());
    inbox_.emplace_back(std::move(start));
    loop_.join(*this);
}

Runtime::Driver::~Driver() {
    loop_.leave(*this);
    for (auto const& [id, link] : links_) loop_.unwatch(link.watch);
}

void Runtime::Driver::post(libp2p::Command command) { inbox_.emplace_back(std::move(command)); }

Counters const& Runtime::Driver::counters() {
    counters_.turned_away = acceptor_.turned_away();
    return counters_;
}

base::Instant Runtime::Driver::deadline() const {
    if (!inbox_.empty() || !settled_.empty() || !to_flush_.empty()) return at_once;
    auto deadline = base::Instant::never();
    if (auto const wanted = core_.next_deadline()) deadline = wanted->at;
    if (!closings_.empty()) deadline = std::min(deadline, closings_.front().end);
    return deadline;
}

void Runtime::Driver::finish_turn() {
    take_inbox();
    tell_settled();
    auto const deadline = core_.next_deadline();
    if (deadline && deadline->at <= loop_.now()) step(libp2p::Tick{});
    flush_all();
    tell_written();
    end_overdue_closings();
}

void Runtime::Driver::take_inbox() {
    inbox_batch_.swap(inbox_);
    for (auto const& input : inbox_batch_) {
        step(input);
        // Start is the first input: no connection may come before it.
        if (std::holds_alternative<libp2p::Start>(input)) acceptor_.begin();
    }
    inbox_batch_.clear();
}

void Runtime::Driver::tell_settled() {
    settled_batch_.swap(settled_);
    for (auto const id : settled_batch_) {
        auto* const link = find_live(id);
        if (link != nullptr) lose(*link, link->dial_error);
    }
    settled_batch_.clear();
}

void Runtime::Driver::tell_written() {
    for (auto const id : flush_batch_) {
        auto* const link = find_live(id);
        if (link == nullptr || link->unreported_bytes == 0) continue;
        step(libp2p::Written{id, std::exchange(link->unreported_bytes, 0)});
    }
    flush_batch_.clear();
}

void Runtime::Driver::step(libp2p::Input const& input) {
    base::check(!stepping_, "a step is not made within a step");
    stepping_ = true;
    ++counters_.steps;
    for (auto const& effect : core_.step(loop_.now(), input)) {
        std::visit([this](auto const& order) { apply(order); }, effect);
    }
    stepping_ = false;
}

void Runtime::Driver::apply(libp2p::Dial const& dial) {
    auto const [at, is_new] = links_.try_emplace(dial.link);
    base::check(is_new, "the core dials with a new link id");
    auto& link = at->second;
    link.id = dial.link;
    link.remote = dial.to;
    begin_dial(link, dial.from_listen_port);
}

// A link may be lost in the same moment in which the core orders something of it: such orders find
// nothing.

void Runtime::Driver::apply(libp2p::Transmit const& transmit) {
    auto* const link = find_live(transmit.link);
    if (link == nullptr || link->write_error != 0) return;
    link->queue.push(transmit.bytes);
    queue_to_flush(*link);
}

void Runtime::Driver::apply(libp2p::SetReading const& order) {
    auto* const link = find_live(order.link);
    if (link == nullptr) return;
    link->reading = order.reading;
    loop_.set_interest(link->watch, link->interest());
}

void Runtime::Driver::apply(libp2p::Close const& close) {
    auto* const link = find_live(close.link);
    if (link == nullptr) return;
    if (!close.orderly && link->phase == Link::Phase::open) {
        loop_.unwatch(link->watch);
        abort(*link);
        return forget(*link);
    }
    if (link->phase != Link::Phase::open || link->write_error != 0) return forget(*link);
    link->phase = Link::Phase::closing;
    link->reading = true;
    ++closing_links_;
    closings_.push_back({loop_.now() + closing_time_max, link->id});
    loop_.set_interest(link->watch, link->interest());
    queue_to_flush(*link);
}

void Runtime::Driver::apply(libp2p::Resolve const& resolve) { resolver_.resolve(resolve); }

void Runtime::Driver::apply(libp2p::Store const& store) {
    if (options_.keeper != nullptr) options_.keeper->apply(store.order);
}

void Runtime::Driver::apply(libp2p::Deliver const& deliver) {
    application_.on_event(deliver.event);
}

void Runtime::Driver::apply(libp2p::Reply const& reply) { application_.on_reply(reply); }

}  // namespace runtime
