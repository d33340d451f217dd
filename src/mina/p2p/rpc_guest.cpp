#include "mina/p2p/rpc_guest.h"

#include "base/check.h"

#include <algorithm>

namespace mina::p2p {

namespace guest = libp2p::guest;
namespace command = libp2p::command;
namespace event = libp2p::event;
using libp2p::CallFailure;
using libp2p::reply::CallEnded;

namespace {

// All of an IPv6 network that is given to one customer counts as one host; the machine's own host as none.
std::optional<libp2p::IpAddress> host_of(libp2p::IpAddress ip) {
    if (ip.is_loopback()) return std::nullopt;
    if (ip.v6) std::fill(ip.bytes.begin() + 8, ip.bytes.end(), std::uint8_t{0});
    return ip;
}

}  // namespace

RpcGuest::RpcGuest(rpc::Config config) : names_{config.protocol} { state_.config = std::move(config); }

template <class Key>
std::uint64_t RpcGuest::begin_use(std::map<Key, Known>& known, Key const& key, base::Instant now) {
    auto& entry = known[key];
    ++entry.users;
    if (entry.key != 0) return entry.key;
    entry.key = ++last_key_;
    if (known.size() <= known_max) return entry.key;
    auto oldest = known.end();
    for (auto at = known.begin(); at != known.end(); ++at) {
        if (at->second.users != 0) continue;
        if (oldest == known.end() || at->second.left_at < oldest->second.left_at) oldest = at;
    }
    // All at once what is too old, so that this walk is rare.
    auto const kept = rpc::budget_window + state_.config.budget_margin;
    auto const is_stale = [&](Known const& of) { return of.users == 0 && of.left_at + kept <= now; };
    if (oldest != known.end() && is_stale(oldest->second)) {
        std::erase_if(known, [&](auto const& each) { return is_stale(each.second); });
    } else if (oldest != known.end()) {
        known.erase(oldest);
    }
    return known.at(key).key;
}

template <class Key>
void RpcGuest::end_use(std::map<Key, Known>& known, Key const& key, base::Instant now) {
    auto& entry = known.at(key);
    --entry.users;
    entry.left_at = now;
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

// ---- What happens to the guest ------------------------------------------------------------------------------------------

void RpcGuest::on(guest::PeerConnected const& fact) {
    rpc::PeerKey const key{begin_use(peers_, fact.id, env_->now)};
    auto const host = host_of(fact.ip);
    if (host) begin_use(hosts_, *host, env_->now);
    connected_[key] = {fact.id, fact.peer, host};
    keys_[fact.peer] = key;
}

void RpcGuest::on(guest::PeerIdentified const& fact) {
    auto const key = key_of(fact.peer);
    if (!key) return;
    auto const& host = connected_.at(key).host;
    rpc::HostId const host_id{host ? hosts_.at(*host).key : 0};
    run(rpc::PeerReady{key, host_id, fact.agent, fact.protocols, std::nullopt});
}

void RpcGuest::on(guest::PeerDisconnected const& fact) {
    auto const key = key_of(fact.peer);
    if (!key) return;
    run(rpc::PeerGone{key});
    auto const gone = connected_.extract(key).mapped();
    keys_.erase(fact.peer);
    end_use(peers_, gone.id, env_->now);
    if (gone.host) end_use(hosts_, *gone.host, env_->now);
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

// ---- What the machine reports -------------------------------------------------------------------------------------------

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
        say(event::AnswerPart{chunk->request, base::SharedBytes::copy_of(chunk->bytes)});
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
        say(event::Misbehaved{id_of(wrong->peer), what, wrong->count});
        if (!wrong->is_ban_wanted) return;
        out_->events.emplace_back(
            guest::Offence{connected_.at(wrong->peer).swarm_key, libp2p::peerstore::Severity::grave, what});
    }
}

void RpcGuest::describe(base::Describer& describer) const {
    rpc::describe(state_, describer);
    for (auto const& [id, known] : peers_) {
        base::DescribeScope const scope(describer, "rpc_peer", id.text());
        describer.field("key", known.key);
        describer.field("users", known.users);
        describer.field("left_at", known.left_at);
    }
    for (auto const& [ip, known] : hosts_) {
        base::DescribeScope const scope(describer, "rpc_host", ip.text());
        describer.field("key", known.key);
        describer.field("users", known.users);
        describer.field("left_at", known.left_at);
    }
    for (auto const call : calls_) describer.field("rpc_call", call);
}

}  // namespace mina::p2p
