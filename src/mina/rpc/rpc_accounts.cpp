#include "mina/rpc/rpc_reduction.h"

#include "base/check.h"

#include <limits>

namespace mina::rpc {
namespace {

/// Makes room for one more: by those without users whose window is over, or else the one longest unused. Those in use
/// are as many as there are connected peers at most.
template <class Key>
void make_room(std::map<Key, Account>& accounts, std::size_t accounts_max, base::Instant now, base::Duration kept) {
    if (accounts.size() < accounts_max) return;
    std::erase_if(accounts, [&](auto const& entry) {
        return entry.second.users == 0 && entry.second.used_at + kept <= now;
    });
    if (accounts.size() < accounts_max) return;
    auto oldest = accounts.end();
    for (auto at = accounts.begin(); at != accounts.end(); ++at) {
        if (at->second.users != 0) continue;
        if (oldest == accounts.end() || at->second.used_at < oldest->second.used_at) oldest = at;
    }
    if (oldest != accounts.end()) accounts.erase(oldest);
}

}  // namespace

std::uint32_t faults_max(Fault fault) {
    switch (fault) {
        case Fault::bad_handshake:
        case Fault::empty_frame:
        case Fault::frame_too_long:
        case Fault::malformed:
        case Fault::unasked_answer:
        case Fault::answer_too_long:
        case Fault::bad_menu:
        case Fault::lying_menu:
        case Fault::duplicate_query:
        case Fault::heartbeat_flood: return 3;
        case Fault::too_many_questions:
        case Fault::query_on_our_stream:
        case Fault::bad_query: return 8;
        case Fault::unknown_method: return 64;
        // mina: OCaml's node goes on asking in catch-up; who is never done with it is another matter.
        case Fault::over_budget: return 256;
        // mina: OCaml's node opens a stream for each query, and may have many at once.
        case Fault::too_many_streams:
        case Fault::unserved_method: return 1024;
        // A slow node or a slow link does the same.
        case Fault::silent:
        case Fault::stalled: return 0;
        // Others spent it, and the peer itself is charged all the same.
        case Fault::over_budget_of_host: return 0;
    }
    return 0;
}

std::string_view to_string(Fault fault) {
    switch (fault) {
        case Fault::bad_handshake: return "bad handshake";
        case Fault::empty_frame: return "empty frame";
        case Fault::frame_too_long: return "frame too long";
        case Fault::malformed: return "malformed message";
        case Fault::unasked_answer: return "answer not asked for";
        case Fault::answer_too_long: return "answer too long";
        case Fault::bad_menu: return "bad menu";
        case Fault::lying_menu: return "lying menu";
        case Fault::duplicate_query: return "query id in use";
        case Fault::too_many_questions: return "too many questions at once";
        case Fault::query_on_our_stream: return "query on a stream of ours";
        case Fault::bad_query: return "bad query";
        case Fault::unknown_method: return "unknown method or version";
        case Fault::unserved_method: return "method or version not served";
        case Fault::over_budget: return "over budget";
        case Fault::over_budget_of_host: return "over the budget of its host";
        case Fault::heartbeat_flood: return "heartbeat flood";
        case Fault::too_many_streams: return "too many streams";
        case Fault::silent: return "silent";
        case Fault::stalled: return "stalled";
    }
    return "?";
}

Account& Reduction::account_of(PeerKey key) {
    if (auto const found = state_.peer_accounts.find(key); found != state_.peer_accounts.end()) return found->second;
    make_room(state_.peer_accounts, state_.config.accounts_max, env_.now,
              budget_window + state_.config.budget_margin);
    return state_.peer_accounts[key];
}

void Reduction::use_host(Peer& peer, HostId host) {
    if (peer.host == host) return;
    if (peer.host) {
        auto& account = state_.host_accounts.at(peer.host);
        --account.users;
        account.used_at = env_.now;
    }
    peer.host = host;
    if (!host) return;
    if (!state_.host_accounts.contains(host)) {
        make_room(state_.host_accounts, state_.config.accounts_max, env_.now, budget_window);
    }
    ++state_.host_accounts[host].users;
}

Budget& Reduction::budget_in(Account& account, Method method) {
    if (!account.incoming.contains(method)) {
        account.incoming[method] = Budget(info_of(method).cost_per_window * state_.config.budget_factor, budget_window);
    }
    return account.incoming[method];
}

Budget& Reduction::budget_out(PeerKey key, Method method) {
    auto& account = account_of(key);
    if (!account.outgoing.contains(method)) {
        account.outgoing[method] =
            Budget(info_of(method).cost_per_window * state_.config.budget_factor,
                   budget_window + state_.config.budget_margin);
    }
    return account.outgoing[method];
}

// mina: both the peer's and the host's have to have room (rate_limiter.ml).
std::optional<Fault> Reduction::charge(PeerKey key, Peer const& peer, Method method, std::uint32_t cost) {
    auto& of_peer = budget_in(account_of(key), method);
    if (!of_peer.admits(cost, env_.now)) return Fault::over_budget;
    of_peer.spend(cost, env_.now);
    if (!peer.host) return std::nullopt;
    auto& of_host = budget_in(state_.host_accounts.at(peer.host), method);
    if (!of_host.admits(cost, env_.now)) return Fault::over_budget_of_host;
    of_host.spend(cost, env_.now);
    return std::nullopt;
}

void Reduction::fault(PeerKey key, Fault what) {
    ++state_.faults.at(static_cast<std::size_t>(what));
    auto& seen = account_of(key).faults[what];
    if (seen.count == 0 || env_.now - seen.since >= budget_window) seen = {env_.now, 0};
    if (seen.count < std::numeric_limits<std::uint32_t>::max()) ++seen.count;
    env_.trace.record({"rpc", to_string(what), key.value, seen.count});
    auto const most = faults_max(what);
    report(Misbehaved{key, what, seen.count, most != 0 && seen.count >= most});
}

}  // namespace mina::rpc
