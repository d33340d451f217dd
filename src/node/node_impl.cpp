#include "node/node_impl.h"

#include "base/check.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace mina::p2p {

namespace {

constexpr base::Duration store_check_interval = std::chrono::seconds(2);
constexpr base::Duration parting_time_max = std::chrono::seconds(1);
constexpr base::Duration sending_time_max = std::chrono::milliseconds(700);  // of it
constexpr base::Duration look_again = std::chrono::milliseconds(5);
constexpr base::Instant at_once{0};

// Restores a flag, whatever a callback throws.
class Flag {
public:
    explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
    ~Flag() { flag_ = false; }
    Flag(Flag const&) = delete;
    Flag& operator=(Flag const&) = delete;

private:
    bool& flag_;
};

}  // namespace

Node::Impl::Impl(Setup setup, OnEvent on_event)
    : on_event_(std::move(on_event)),
      store_(std::move(setup.store)),
      component_(std::make_unique<P2pComponent>(std::move(setup.component), std::move(setup.swarm), trace_)),
      runtime_(std::make_unique<runtime::Runtime>(loop_, *component_, *this, std::move(setup.listeners),
                                                  runtime::Options{{}, 0, store_.get()})),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    base::check(static_cast<bool>(wake_), "eventfd: no descriptor or memory left");
    loop_.watch(wake_.get(), {.read = true}, [this](runtime::Ready) {
        std::uint64_t count = 0;
        while (::read(wake_.get(), &count, sizeof count) < 0 && errno == EINTR) {}
        begin_stopping();
    });
    loop_.join(*this);
    loop_.turn(base::Duration::zero());  // Start is its first input: from here on the addresses are known
    auto const& network = component_->state().config.network;
    deliverables_.emplace_front(Event(event::Ready{outer(component_->swarm().self()),
                                                   texts(component_->swarm().listen_addresses()), network.name,
                                                   network.chain_id}));
    for (auto& warning : setup.warnings) tell(event::Warning{std::move(warning)});
    tell_store_warnings();
}

Node::Impl::~Impl() { loop_.leave(*this); }

// ---- Turns ------------------------------------------------------------------------------------------------------

void Node::Impl::turn(base::Duration wait_max) {
    base::check(!is_turning_, "Node: turn() and run() are not called from a callback");
    Flag const turning(is_turning_);
    // Who throws at each event hears one a turn, and the network may bring many: nothing comes in meanwhile.
    if (overdue_ == 0) loop_.turn(has_stopped_ ? base::Duration::zero() : wait_max);
    auto const is_over = is_parted_ || (is_saying_goodbye_ && runtime_ && runtime_->links() == 0);
    if (!has_stopped_ && is_over) finish_stopping();
    try {
        deliver();
    } catch (...) {
        loop_.arm();
        throw;
    }
    loop_.arm();
}

// What callbacks bring about waits for the next turn: an order that fails, and is given again then, would hold this.
void Node::Impl::deliver() {
    if (overdue_ == 0) overdue_ = deliverables_.size();
    while (overdue_ > 0) {
        --overdue_;
        auto const next = std::move(deliverables_.front());
        deliverables_.pop_front();
        if (auto const* const event = std::get_if<Event>(&next)) {
            on_event_(*event);
        } else {
            std::get<1>(next)();
        }
    }
}

base::Instant Node::Impl::deadline() const {
    return deliverables_.empty() ? base::Instant::never() : at_once;
}

void Node::Impl::later(std::function<void()> what) {
    deliverables_.emplace_back(std::move(what));
    if (!is_turning_) loop_.arm();
}

int Node::Impl::poll_fd() { return loop_.poll_fd(); }

// ---- The end ----------------------------------------------------------------------------------------------------

void Node::Impl::stop() const noexcept {
    auto const kept = errno;  // of what a signal has interrupted
    std::uint64_t const one = 1;
    while (::write(wake_.get(), &one, sizeof one) < 0 && errno == EINTR) {}
    errno = kept;
}

void Node::Impl::begin_stopping() {
    if (std::exchange(is_stopping_, true)) return;
    loop_.after(parting_time_max, [this] { is_parted_ = true; });
    part(loop_.now() + sending_time_max);
}

// What was ordered before goes out first.
void Node::Impl::part(base::Instant until) {
    auto const connections = component_->swarm().connections();
    auto const is_sending = [](auto const& connection) { return connection.queued_bytes > 0; };
    if (loop_.now() < until && std::ranges::any_of(connections, is_sending)) {
        loop_.after(look_again, [this, until] {
            if (!has_stopped_) part(until);
        });
        return;
    }
    // Links that are told the end are gone when they have it: turn() looks.
    runtime_->post({{}, libp2p::command::Shutdown{}});
    is_saying_goodbye_ = true;
}

void Node::Impl::finish_stopping() {
    runtime_.reset();
    store_.reset();
    while (!calls_.empty()) {
        auto const failure = CallFailure::stopped;
        end_call({calls_.begin()->first.value}, CallError{failure, std::string(to_string(failure))});
    }
    for (auto const& [request, on_reply] : std::exchange(waiting_, {})) on_reply(base::fail("the node has stopped"));
    tell(event::Stopped{});
    has_stopped_ = true;
}

void Node::Impl::tell_store_warnings() {
    if (!store_) return;
    for (auto& text : store_->take_warnings()) tell(event::Warning{std::move(text)});
    loop_.after(store_check_interval, [this] { tell_store_warnings(); });
}

// ---- What there is ----------------------------------------------------------------------------------------------

messages::Format Node::Impl::format() const {
    auto const& formats = component_->state().formats;
    return formats.are_checked() ? formats.current() : call_format();
}

Status Node::Impl::status() const {
    auto const& swarm = component_->swarm();
    auto const& state = component_->state();
    Status status;
    status.peer = outer(swarm.self());
    status.addresses = texts(swarm.listen_addresses());
    status.announced = texts(swarm.announced_addresses());
    status.network = state.config.network.name;
    status.chain_id = state.config.network.chain_id;
    status.format = outer(format());
    status.peers = swarm.connected_peers();
    status.connections = swarm.connections().size();
    status.known_peers = state.discovery.book.size();
    status.messages = swarm.gossip_counters().arrived;
    status.received_bytes = swarm.counters().received_bytes;
    status.sent_bytes = swarm.counters().sent_bytes;
    return status;
}

std::vector<PeerInfo> Node::Impl::peers() const {
    using std::chrono::duration_cast;
    auto const subscribed = component_->swarm().topic_peers(component_->state().config.network.checked_topic);
    std::vector<PeerInfo> all;
    for (auto const& peer : component_->swarm().peers()) {
        PeerInfo info;
        info.peer = outer(peer.id);
        info.is_connected = peer.connected_for.has_value();
        info.state = libp2p::peer::to_string(peer.phase);
        if (peer.address) info.address = peer.address->text();
        if (peer.direction) info.direction = outer(*peer.direction);
        info.agent = peer.agent;
        info.is_kept = peer.kept;
        info.is_trusted = peer.trusted;
        info.takes_gossip = std::ranges::find(subscribed, peer.id) != subscribed.end();
        if (peer.connected_for) info.connected_for = duration_cast<std::chrono::milliseconds>(*peer.connected_for);
        if (peer.round_trip) info.round_trip = duration_cast<std::chrono::microseconds>(*peer.round_trip);
        info.failures = peer.failures;
        all.push_back(std::move(info));
    }
    return all;
}

}  // namespace mina::p2p
