#include "mina/p2p/rpc_guest.h"

namespace mina::p2p {

namespace guest = libp2p::guest;
namespace command = libp2p::command;
namespace event = libp2p::event;
using libp2p::CallFailure;
using libp2p::reply::CallEnded;

namespace {

// What one read of the runtime brings fits: 256 KiB in parts of a Noise record each, and the next while they are told.
constexpr std::size_t parts_kept_max = 8;
// Smaller parts have a buffer of their size, so that who keeps many small answers does not hold large buffers.
constexpr std::size_t pooled_part_bytes_min = 16 * 1024;

}  // namespace

RpcGuest::RpcGuest(rpc::Config config) : names_{config.protocol}, parts_(parts_kept_max) {
    state_.config = std::move(config);
}

libp2p::PeerKey RpcGuest::key_of(libp2p::PeerKey swarm_key) const {
    auto const found = keys_.find(swarm_key);
    return found == keys_.end() ? libp2p::PeerKey{} : found->second;
}

void RpcGuest::act(guest::Action const& action, base::Env const& env, guest::Out& out) {
    env_ = &env;
    out_ = &out;
    std::visit([this](auto const& fact) { on(fact); }, action);
    env_ = nullptr;
    out_ = nullptr;
}

void RpcGuest::run(rpc::Action const& action) {
    rpc::reduce(state_, action, *env_, rpc_out_);
    for (auto& order : rpc_out_.effects) {
        if (auto* const open = std::get_if<libp2p::stream::Open>(&order)) {
            open->peer = connected_.at(open->peer).swarm_key;
        }
        out_->effects.push_back(std::move(order));
    }
    for (auto const& told : rpc_out_.events) tell(told);
    rpc_out_.clear();
}

// ---- What happens to the guest --------------------------------------------------------------------------------------

void RpcGuest::on(guest::PeerConnected const& fact) {
    rpc::PeerKey const key{peers_.begin_use(fact.id, env_->now)};
    auto const host = host_of(fact.ip);
    rpc::HostId const host_id{host ? hosts_.begin_use(*host, env_->now) : 0};
    connected_[key] = {fact.id, fact.peer, fact.ip, host, host_id};
    keys_[fact.peer] = key;
    run(rpc::PeerSeen{key, host_id});
}

void RpcGuest::on(guest::PeerIdentified const& fact) {
    auto const key = key_of(fact.peer);
    if (!key) return;
    run(rpc::PeerReady{key, connected_.at(key).host_id, fact.agent, fact.protocols, std::nullopt});
}

void RpcGuest::on(guest::PeerDisconnected const& fact) {
    auto const key = key_of(fact.peer);
    if (!key) return;
    run(rpc::PeerGone{key});
    auto const gone = connected_.extract(key).mapped();
    keys_.erase(fact.peer);
    peers_.end_use(gone.id, env_->now);
    if (gone.host) hosts_.end_use(*gone.host, env_->now);
}

void RpcGuest::on(guest::Tick const&) {
    if (next_deadline() <= env_->now) run(rpc::Tick{});
}

// A stream outlives its peer by no step, but a fact about it may come after the peer's end.
void RpcGuest::on(libp2p::stream::Opened fact) {
    fact.peer = key_of(fact.peer);
    if (fact.peer) {
        run(fact);
    } else {
        out_->effects.emplace_back(libp2p::stream::Reset{fact.channel});
    }
}

void RpcGuest::on(libp2p::stream::Closed fact) {
    fact.peer = key_of(fact.peer);
    run(fact);
}

void RpcGuest::on(guest::Ordered const& order) {
    if (auto const* const asked = std::get_if<command::Call>(&order.command)) {
        call(order.request, order.peer, *asked);
    } else if (auto const* const cancel = std::get_if<command::CancelCall>(&order.command)) {
        run(rpc::Cancel{cancel->call});
        out_->events.emplace_back(guest::Answer{order.request, libp2p::reply::Done{}});
    } else if (auto const* const pause = std::get_if<command::PauseCall>(&order.command)) {
        run(rpc::Pause{pause->call, pause->is_paused});
        out_->events.emplace_back(guest::Answer{order.request, libp2p::reply::Done{}});
    } else if (auto const* const answer = std::get_if<command::AnswerQuestion>(&order.command)) {
        run(rpc::Answer{answer->question, answer->answer});
        out_->events.emplace_back(guest::Answer{order.request, libp2p::reply::Done{}});
    }
}

void RpcGuest::call(libp2p::RequestId request, libp2p::PeerKey peer, command::Call const& call) {
    auto const refuse = [&](std::string why) {
        out_->events.emplace_back(guest::Answer{request, base::fail(std::move(why))});
    };
    auto const method = rpc::method_of(call.method);
    if (!request) return;  // nobody would get the answer
    if (!method) return refuse("'" + call.method + "' is no method that is known here");
    if (!calls_.insert(request).second) return refuse("a call with this number is under way");
    auto const key = key_of(peer);
    if (!key) return tell(rpc::AskFailed{{}, request, CallFailure::not_ready});
    run(rpc::Ask{key, *method, call.version, call.query.view(), request, call.patience});
}

// ---- What the machine reports ---------------------------------------------------------------------------------------

/// A copy: the bytes are in the runtime's buffer, and the application may keep what it is told.
base::SharedBytes RpcGuest::part_of(base::ByteView bytes) {
    if (bytes.size() < pooled_part_bytes_min) return base::SharedBytes::copy_of(bytes);
    auto part = parts_.get();
    base::append(part, bytes);
    return parts_.share(std::move(part));
}

void RpcGuest::tell(rpc::Event const& event) {
    auto const say = [this](libp2p::Event told) { out_->events.emplace_back(guest::Tell{std::move(told)}); };
    auto const end = [this](libp2p::RequestId request, std::optional<CallFailure> failure) {
        calls_.erase(request);
        out_->events.emplace_back(guest::Answer{request, CallEnded{failure}});
    };
    if (auto const* const begun = std::get_if<rpc::AnswerBegun>(&event)) {
        say(event::AnswerBegun{begun->request, id_of(begun->peer), std::string(rpc::info_of(begun->method).tag),
                               begun->version, begun->size});
    } else if (auto const* const chunk = std::get_if<rpc::AnswerChunk>(&event)) {
        say(event::AnswerPart{chunk->request, part_of(chunk->bytes)});
    } else if (auto const* const ended = std::get_if<rpc::AnswerEnded>(&event)) {
        end(ended->request, std::nullopt);
    } else if (auto const* const failed = std::get_if<rpc::AskFailed>(&event)) {
        end(failed->request, failed->reason);
    } else if (auto const* const menu = std::get_if<rpc::MenuReceived>(&event)) {
        event::MenuReceived received{id_of(menu->peer), {}};
        for (auto const& entry : menu->entries) received.entries.emplace_back(entry.tag, entry.version);
        say(std::move(received));
    } else if (auto const* const question = std::get_if<rpc::QuestionReceived>(&event)) {
        say(event::QuestionReceived{question->question, id_of(question->peer),
                                    std::string(rpc::info_of(question->method).tag), question->version,
                                    question->query});
    } else if (auto const* const dropped = std::get_if<rpc::QuestionDropped>(&event)) {
        say(event::QuestionDropped{dropped->question});
    } else if (auto const* const wrong = std::get_if<rpc::Misbehaved>(&event)) {
        auto const what = "rpc: " + std::string(to_string(wrong->what));
        auto const& by = connected_.at(wrong->peer);
        // A flood of faults is no flood of events.
        auto const is_ban_due = wrong->is_ban_wanted && wrong->count % rpc::faults_max(wrong->what) == 0;
        if (is_ban_due || (wrong->count & (wrong->count - 1)) == 0) say(event::Misbehaved{by.id, what, wrong->count});
        if (!is_ban_due) return;
        out_->events.emplace_back(guest::Offence{by.id, by.ip, libp2p::peerstore::Severity::grave, what});
    }
}

void RpcGuest::describe(base::Describer& describer) const {
    rpc::describe(state_, describer);
    peers_.describe("rpc_peer", describer);
    hosts_.describe("rpc_host", describer);
    for (auto const call : calls_) describer.field("rpc_call", call);
}

}  // namespace mina::p2p
