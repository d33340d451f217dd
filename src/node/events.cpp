// What the core tells, in the words of the public headers.
#include "base/text.h"
#include "node/gossip_value.h"
#include "node/node_impl.h"

namespace mina::p2p {

namespace {

namespace e = libp2p::event;

event::ReceivedMessage message_of(e::MessageReceived const& message) {
    return {{message.key.value}, outer(message.via), outer(message.from), base::to_hex(message.id), {}};
}

// The event of a message that was summarized.
Event event_of(event::ReceivedMessage head, Bytes value, summary::Summary const& what) {
    if (auto const* const block = std::get_if<summary::Block>(&what)) {
        return event::BlockReceived{std::move(head), std::move(value), outer(*block)};
    }
    if (auto const* const work = std::get_if<summary::SnarkWork>(&what)) {
        return event::SnarkWorkReceived{std::move(head),    std::move(value), work->proofs,
                                        work->fee_nanomina, work->prover,
                                        work->key ? hashes::to_string(*work->key) : std::string()};
    }
    auto const& transactions = std::get<summary::Transactions>(what);
    event::TransactionsReceived received{std::move(head), std::move(value), outer(transactions.commands), {}};
    for (auto const& hash : transactions.hashes) received.hashes.push_back(hashes::to_string(hash));
    return received;
}

}  // namespace

void Node::Impl::on_event(libp2p::Event const& event) {
    std::visit([this](auto const& fact) { on(fact); }, event);
}

void Node::Impl::on(e::MessageReceived const& message) {
    auto head = message_of(message);
    auto const data = message.data.view();
    auto const& state = component_->state();
    if (message.topic == state.config.network.checked_topic) {
        for (auto const format : state.formats.candidates()) {
            auto const value = gossip_value(format, data);
            auto const what = value ? summary::summarize(format, data) : base::fail(std::string());
            if (!what) continue;
            head.format = outer(format);
            return tell(event_of(std::move(head), outer(data.subspan(value->offset, value->size)), *what));
        }
    }
    head.format = outer(format());
    tell(event::OtherReceived{std::move(head), message.topic, outer(data)});
}

void Node::Impl::on(e::MessageRefused const& message) {
    tell(event::MessageRefused{outer(message.via), outer(message.from), base::to_hex(message.id), message.bytes,
                               message.reason});
}

void Node::Impl::on(e::Connected const& fact) {
    tell(event::PeerConnected{outer(fact.peer), fact.address.text(), outer(fact.direction)});
}

void Node::Impl::on(e::Disconnected const& fact) {
    tell(event::PeerDisconnected{outer(fact.peer), std::string(libp2p::to_string(fact.reason))});
}

void Node::Impl::on(e::ConnectionFailed const& fact) {
    event::ConnectFailed failed{{}, fact.address.text(), std::string(libp2p::to_string(fact.reason)), {}};
    if (!fact.peer.empty()) failed.peer = outer(fact.peer);
    if (fact.retry_in) failed.retry_in = std::chrono::duration_cast<std::chrono::milliseconds>(*fact.retry_in);
    tell(std::move(failed));
}

void Node::Impl::on(e::Identified const& fact) {
    tell(event::PeerIdentified{outer(fact.peer), fact.agent, fact.protocols, fact.observed.text()});
}

void Node::Impl::on(e::Banned const& fact) {
    tell(event::Banned{std::visit([](auto const& of) { return of.text(); }, fact.rule.subject), fact.rule.reason});
}

void Node::Impl::on(e::Misbehaved const& fact) {
    tell(event::PeerMisbehaved{outer(fact.peer), fact.what, fact.count});
}

void Node::Impl::on(e::QuestionReceived const& fact) {
    auto const method = method_named(fact.method);
    if (!method) return answer({fact.question.value}, libp2p::FailedAnswer{"unknown method"});
    event::QuestionReceived question{{fact.question.value}, outer(fact.peer), *method,          fact.version,
                                     outer(fact.query.view()), {},               std::nullopt, {}};
    read_query(call_format(), question);
    tell(std::move(question));
}

void Node::Impl::on(e::QuestionDropped const& fact) { tell(event::QuestionDropped{{fact.question.value}}); }

void Node::Impl::on(e::MenuReceived const& fact) {
    event::MenuReceived menu{outer(fact.peer), {}};
    for (auto const& [method, version] : fact.entries) menu.entries.push_back({method, version});
    tell(std::move(menu));
}

}  // namespace mina::p2p
