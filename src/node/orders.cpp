// Orders about peers and gossip.
#include "base/text.h"
#include "node/gossip_value.h"
#include "node/node_impl.h"

#include <algorithm>

namespace mina::p2p {

namespace {

namespace command = libp2p::command;

constexpr base::Duration look_again = std::chrono::milliseconds(50);  // whether a peer takes gossip
constexpr base::Duration longest = std::chrono::hours(24 * 365 * 100);

// Times of the application, which may be anything.
template <class Time>
base::Duration bounded(Time time) {
    auto const most = std::chrono::duration_cast<Time>(longest);
    return std::clamp(time, Time::zero(), most);
}

Error plain(std::string what) { return {{}, std::move(what), {}}; }

}  // namespace

void Node::Impl::order(libp2p::CommandBody body) {
    if (!runtime_) return;
    runtime_->post({{}, std::move(body)});
    if (!is_turning_) loop_.arm();
}

void Node::Impl::ask(libp2p::CommandBody body, OnReply on_reply) {
    if (!runtime_) return on_reply(base::fail("the node has stopped"));
    auto const request = next_request();
    waiting_.emplace(request, std::move(on_reply));
    runtime_->post({request, std::move(body)});
    if (!is_turning_) loop_.arm();
}

void Node::Impl::on_reply(libp2p::Reply const& reply) {
    if (calls_.contains(reply.request)) return on_call_reply({reply.request.value}, reply.result);
    auto const found = waiting_.extract(reply.request);
    if (!found.empty()) found.mapped()(reply.result);
}

// ---- Peers ------------------------------------------------------------------------------------------------------

void Node::Impl::connect(std::string const& address, OnConnect on_done, ConnectOptions const& options) {
    auto const end = [this, on_done = std::move(on_done)](Result<PeerId> result) {
        if (on_done) later([on_done, result = std::move(result)] { on_done(result); });
    };
    auto const to = address_of("connect", address);
    if (!to) return end(to.error());
    if (options.keep && !to->peer_id()) {
        return end(Error{"connect", "'" + address + "' does not say which peer is to be kept", "add /p2p/ID"});
    }
    ask(command::Connect{*to, options.keep}, [end](Answer const& answer) {
        auto const* const peer = answer ? std::get_if<libp2p::PeerId>(&*answer) : nullptr;
        end(peer != nullptr ? Result<PeerId>(outer(*peer)) : plain(answer ? "no peer" : answer.error()));
    });
}

void Node::Impl::order_done(libp2p::CommandBody body, OnDone on_done) {
    ask(std::move(body), [this, on_done = std::move(on_done)](Answer const& answer) {
        if (!on_done) return;
        auto const result = answer ? Result<void>() : Result<void>(plain(answer.error()));
        later([on_done, result] { on_done(result); });
    });
}

void Node::Impl::disconnect(PeerId const& peer, OnDone on_done) {
    auto const id = peer_of(peer);
    if (id) return order_done(command::HangUp{*id}, std::move(on_done));
    if (on_done) later([on_done = std::move(on_done), error = id.error()] { on_done(error); });
}

void Node::Impl::put_rule(std::string const& subject, libp2p::RuleKind kind, std::optional<std::chrono::seconds> time,
                          std::string const& reason, OnDone on_done) {
    auto of = subject_of(std::string(libp2p::to_string(kind)), subject);
    if (of) {
        auto const until = time ? std::optional(bounded(*time)) : std::nullopt;
        return order_done(command::SetRule{std::move(*of), kind, until, reason}, std::move(on_done));
    }
    if (on_done) later([on_done = std::move(on_done), error = of.error()] { on_done(error); });
}

void Node::Impl::drop_rule(std::string const& subject, libp2p::RuleKind kind, OnDone on_done) {
    auto of = subject_of("un" + std::string(libp2p::to_string(kind)), subject);
    if (of) return order_done(command::DropRule{std::move(*of), kind}, std::move(on_done));
    if (on_done) later([on_done = std::move(on_done), error = of.error()] { on_done(error); });
}

// ---- Gossip -----------------------------------------------------------------------------------------------------

void Node::Impl::broadcast(messages::GossipKind kind, Bytes const& value, OnBroadcast on_done,
                           BroadcastOptions const& options) {
    auto const& state = component_->state();
    auto message = gossip_message(kind, value.view(), options.nonce);
    auto const fits = [&](messages::Format format) { return messages::validate_gossip(format, message).has_value(); };
    if (state.formats.are_checked() && std::ranges::none_of(state.formats.candidates(), fits)) {
        auto const format = state.formats.current();
        auto const error = messages::validate_gossip(format, message).error();
        auto const offset = error.offset - std::min(error.offset, gossip_value_offset);
        Error refusal{"broadcast",
                      "not a value of kind " + std::string(messages::to_string(kind)) + " in the format " +
                          std::string(messages::to_string(format)) + ": offset " + std::to_string(offset) + ": " +
                          std::string(binprot::to_string(error.reason)),
                      "give the value in bin_prot, without frame, tag and nonce"};
        if (on_done) later([on_done = std::move(on_done), refusal = std::move(refusal)] { on_done(refusal); });
        return;
    }
    publish(state.config.network.checked_topic, base::SharedBytes::take(std::move(message)), std::move(on_done),
            loop_.now() + bounded(options.wait_for_peer));
}

// What is published before a peer is known to want it goes nowhere, and the same again would be a duplicate.
void Node::Impl::publish(std::string topic, base::SharedBytes message, OnBroadcast on_done, base::Instant until) {
    auto const end = [this, on_done = std::move(on_done)](Answer const& answer) {
        if (!on_done) return;
        auto const* const done = answer ? std::get_if<libp2p::reply::PublishedTo>(&*answer) : nullptr;
        auto result = Result<Broadcast>(plain(answer ? "not published" : answer.error()));
        if (done != nullptr) {
            Broadcast broadcast{base::to_hex(done->id), {}};
            for (auto const& peer : done->peers) broadcast.peers.push_back(outer(peer));
            result = std::move(broadcast);
        }
        later([on_done, result = std::move(result)] { on_done(result); });
    };
    if (!runtime_) return end(base::fail("the node has stopped"));
    auto const request = next_request();
    waiting_.emplace(request, end);
    auto const look = [this, request, topic = std::move(topic), message = std::move(message),
                       until](auto const& again) {
        if (!runtime_ || !waiting_.contains(request)) return;
        if (component_->swarm().topic_peers(topic).empty() && loop_.now() < until && !is_stopping_) {
            loop_.after(look_again, [again] { again(again); });
            return;
        }
        runtime_->post({request, command::Publish{topic, message}});
    };
    look(look);
    if (!is_turning_) loop_.arm();
}

void Node::Impl::give_verdict(MessageId message, Verdict verdict) {
    using libp2p::gossipsub::Acceptance;
    auto const acceptance = verdict == Verdict::accept   ? Acceptance::accept
                            : verdict == Verdict::reject ? Acceptance::reject
                                                         : Acceptance::ignore;
    order(command::GiveVerdict{{message.value}, acceptance});
}

}  // namespace mina::p2p
