// Calls and answers.
#include "node/node_impl.h"

#include "base/check.h"

#include <algorithm>

namespace mina::p2p {

namespace {

namespace command = libp2p::command;

constexpr std::chrono::milliseconds patience_max = std::chrono::hours(24);

CallError error_of(CallFailure failure, std::string text = {}) {
    return {failure, text.empty() ? std::string(to_string(failure)) : std::move(text)};
}

}  // namespace

CallId Node::Impl::call(PeerId const& peer, Method method, Query query, OnAnswer on_answer,
                        CallOptions const& options) {
    auto const request = next_request();
    CallId const id{request.value};
    auto& call = calls_[request];
    call.on_answer = std::move(on_answer);
    call.bytes_max = options.answer_bytes_max;
    auto const refuse = [&](CallFailure failure, std::string text) {
        end_call(id, error_of(failure, std::move(text)));
        if (!is_turning_) loop_.arm();
        return id;
    };
    if (!runtime_) return refuse(CallFailure::stopped, {});
    auto const to = peer_of(peer);
    if (!to) return refuse(CallFailure::invalid, to.error().text());
    if (!query) return refuse(CallFailure::invalid, query.error());
    base::Duration const patience = std::clamp(options.patience, std::chrono::milliseconds(0), patience_max);
    runtime_->post({request, command::Call{*to, std::string(to_string(method)), options.version,
                                           base::SharedBytes::take(std::move(*query)), patience}});
    if (!is_turning_) loop_.arm();
    return id;
}

void Node::Impl::cancel(CallId call) {
    auto const found = calls_.find({call.value});
    if (found == calls_.end()) return;
    order(command::CancelCall{{call.value}});
}

void Node::Impl::pause(CallId call, bool is_paused) {
    if (calls_.contains({call.value})) order(command::PauseCall{{call.value}, is_paused});
}

void Node::Impl::answer(QuestionId question, libp2p::AnswerBody with) {
    order(command::AnswerQuestion{{question.value}, std::move(with)});
}

void Node::Impl::end_call(CallId id, std::optional<CallError> error) {
    auto found = calls_.extract({id.value});
    base::check(!found.empty(), "node: a call ends once");
    auto& call = found.mapped();
    if (call.failure) error = error_of(*call.failure);
    if (!call.on_answer) {
        if (error) return tell(event::CallFailed{id, std::move(*error)});
        return tell(event::AnswerEnded{id});
    }
    using Whole = Result<Bytes, CallError>;
    auto result = error ? Whole(std::move(*error)) : Whole(std::move(call.collected));
    later([on_answer = std::move(call.on_answer), result = std::move(result)] { on_answer(result); });
}

void Node::Impl::on_call_reply(CallId id, Answer const& answer) {
    if (!answer) return end_call(id, error_of(CallFailure::invalid, answer.error()));
    auto const* const ended = std::get_if<libp2p::reply::CallEnded>(&*answer);
    if (ended == nullptr) return end_call(id, error_of(CallFailure::remote_error));
    end_call(id, ended->failure ? std::optional(error_of(outer(*ended->failure))) : std::nullopt);
}

// ---- What comes of an answer ------------------------------------------------------------------------------------

void Node::Impl::on(libp2p::event::AnswerBegun const& fact) {
    auto const found = calls_.find(fact.call);
    auto const method = method_named(fact.method);
    if (found == calls_.end() || !method) return;
    auto& call = found->second;
    if (!call.on_answer) {
        return tell(event::AnswerBegun{{fact.call.value}, outer(fact.peer), *method, fact.version, fact.size});
    }
    if (fact.size > call.bytes_max) {
        call.failure = CallFailure::too_large;
        return order(command::CancelCall{fact.call});
    }
    call.collected.reserve(fact.size);
}

void Node::Impl::on(libp2p::event::AnswerPart const& fact) {
    auto const found = calls_.find(fact.call);
    if (found == calls_.end() || found->second.failure) return;
    if (found->second.on_answer) return base::append(found->second.collected, fact.bytes.view());
    tell(event::AnswerPart{{fact.call.value}, outer(fact.bytes.view())});
}

}  // namespace mina::p2p
