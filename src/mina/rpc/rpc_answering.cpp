#include "mina/rpc/rpc_reduction.h"

#include "base/check.h"

#include <algorithm>

namespace mina::rpc {
namespace {

constexpr std::size_t failure_text_bytes_max = 100;
// Up to so many bytes are copied behind the head of their frame: a write, and a frame of the muxer, costs more.
constexpr std::size_t joined_bytes_max = 1024;
constexpr std::string_view over_budget = "peer exceeded capacity";  // mina: L/gossip_net/libp2p.ml:155-165

}  // namespace

bool Reduction::serves(Method method, std::int64_t version) const {
    if (method == Method::menu) return version == info_of(method).berkeley.front();
    auto const& served = state_.config.served;
    return std::ranges::find(served, method) != served.end() &&
           has_version(versions_of(info_of(method), state_.config.format), version);
}

void Reduction::on_query(StreamAt at, messages::RpcQuery const& query) {
    auto const& stream = at->second;
    if (stream.questions.contains(query.id)) return end_for(at, Fault::duplicate_query);
    if (stream.questions.size() + stream.frames.size() >= state_.config.questions_max ||
        peer_at(stream.peer).questions >= state_.config.peer_questions_max) {
        return end_for(at, Fault::too_many_questions);
    }
    auto const method = method_of(query.tag);
    auto const is_ours_to_ask = stream.direction == Direction::outbound;
    if (is_ours_to_ask || !method || !serves(*method, query.version)) {
        if (is_ours_to_ask) fault(stream.peer, Fault::query_on_our_stream);
        if (!is_ours_to_ask) fault(stream.peer, method ? Fault::unserved_method : Fault::unknown_method);
        auto const dialect = peer_at(stream.peer).dialect;
        return refuse(at, query.id, method, unimplemented_frame(query.id, query.tag, query.version, dialect));
    }
    on_known_query(at, query, *method);
}

void Reduction::on_known_query(StreamAt at, messages::RpcQuery const& query, Method method) {
    auto const key = at->second.peer;
    auto const cost = cost_of(method, query.data);
    if (!cost || !is_query(method, state_.config.format, query.data)) {
        fault(key, Fault::bad_query);
        return refuse(at, query.id, method, failure_frame(query.id, "unreadable query", true));
    }
    if (auto const spent = charge(key, peer_at(key), method, *cost)) {
        fault(key, *spent);
        return refuse(at, query.id, method, failure_frame(query.id, over_budget, false));
    }
    if (method == Method::menu) return answer_menu(at, query.id);
    ++state_.last_question.value;
    auto const question = state_.last_question;
    state_.questions[question] = {key, at->first, query.id, method};
    at->second.questions[query.id] = question;
    ++peer_at(key).questions;
    state_.timers.set({Timer::Kind::question, question.value}, env_.now + state_.config.answer_time);
    report(QuestionReceived{question, key, method, query.version, base::SharedBytes::copy_of(query.data)});
}

void Reduction::answer_menu(StreamAt at, std::int64_t id) {
    auto const key = at->second.peer;
    auto menu = base::SharedBytes::take(encode_menu(menu_of(state_.config.served, state_.config.format)));
    OutgoingFrame frame{.head = answer_head(id, menu.size()), .pieces = {}};
    frame.pieces.push_back(std::move(menu));
    enqueue(at, std::move(frame));
    auto& peer = peer_at(key);
    if (peer.dialect != Dialect::unknown) return;
    // mina: only OCaml's node, and who behaves like it, asks for a menu.
    peer.dialect = Dialect::ocaml;
    pump(key);
}

void Reduction::answer_error(StreamAt at, base::SharedBytes frame) {
    enqueue(at, {.head = std::move(frame), .pieces = {}});
}

Question Reduction::take_question(std::map<QuestionId, Question>::iterator at) {
    auto const question = at->second;
    state_.timers.cancel({Timer::Kind::question, at->first.value});
    state_.questions.erase(at);
    state_.streams.at(question.channel).questions.erase(question.id);
    --peer_at(question.peer).questions;
    return question;
}

void Reduction::operator()(Answer const& answer) {
    auto const found = state_.questions.find(answer.question);
    if (found == state_.questions.end()) return;
    auto const question = take_question(found);
    auto const at = state_.streams.find(question.channel);
    if (auto const* const failed = std::get_if<FailedAnswer>(&answer.with)) {
        auto const what = std::string_view(failed->what).substr(0, failure_text_bytes_max);
        refuse(at, question.id, question.method, failure_frame(question.id, what, false));
    } else if (auto const* const payload = std::get_if<Payload>(&answer.with)) {
        answer_payload(at, question, payload->pieces);
    } else {
        answer_none(at, question);
    }
    close_if_done(at);
}

// mina: the Rust node parts with whoever sends it an error, and takes "none" for one.
void Reduction::refuse(StreamAt at, std::int64_t id, std::optional<Method> method, base::SharedBytes error) {
    if (peer_at(at->second.peer).dialect != Dialect::rust) {
        answer_error(at, std::move(error));
    } else if (method) {
        answer_none(at, {.peer = at->second.peer, .channel = at->first, .id = id, .method = *method});
    }
}

void Reduction::answer_none(StreamAt at, Question const& question) {
    auto const none = info_of(question.method).none;
    auto const is_error = none.size() > 1;
    if (is_error && peer_at(question.peer).dialect == Dialect::rust) return;  // it waits, and asks somebody else
    auto value = base::SharedBytes::copy_of(base::as_bytes(none));
    OutgoingFrame frame{.head = answer_head(question.id, value.size()), .pieces = {}};
    frame.pieces.push_back(std::move(value));
    enqueue(at, std::move(frame));
}

void Reduction::answer_payload(StreamAt at, Question const& question, std::vector<base::SharedBytes> pieces) {
    auto const& peer = peer_at(question.peer);
    auto const& info = info_of(question.method);
    std::uint64_t size = 0;
    for (auto const& piece : pieces) size += piece.size();
    if (peer.dialect == Dialect::rust && info.rust_version != 0 && size > info.rust_answer_bytes_max) {
        // mina: a longer answer leaves its stream dead without a word.
        auto none = base::SharedBytes::copy_of(base::as_bytes(info.none));
        size = none.size();
        pieces = {std::move(none)};
    }
    auto const is_too_much = [&](std::uint64_t held, std::uint64_t most) { return held != 0 && held + size > most; };
    if (is_too_much(peer.held_bytes, state_.config.answer_bytes_held_max) ||
        is_too_much(state_.held_bytes, state_.config.answers_held_max)) {
        return refuse(at, question.id, question.method, failure_frame(question.id, "too many answers at once", false));
    }
    if (size <= joined_bytes_max) return enqueue(at, {.head = answer_frame(question.id, pieces), .pieces = {}});
    enqueue(at, {.head = answer_head(question.id, size), .pieces = std::move(pieces)});
}

void Reduction::on_question_deadline(QuestionId id) {
    auto const found = state_.questions.find(id);
    base::check(found != state_.questions.end(), "rpc: a deadline of a question that is gone");
    auto const question = take_question(found);
    auto const at = state_.streams.find(question.channel);
    report(QuestionDropped{id});
    refuse(at, question.id, question.method, failure_frame(question.id, "timed out", false));
    close_if_done(at);
}

}  // namespace mina::rpc
