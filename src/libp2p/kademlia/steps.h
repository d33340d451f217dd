// The parts of reduce(). Each applies one kind of action, or one part of another's.
//
// What ends a request may end its query, and what ends a query ends its requests: no reference to either is kept over
// a call of finish_request, fail_request, advance_query or conclude.
#pragma once

#include "base/env.h"
#include "libp2p/kademlia/kademlia_state.h"

namespace libp2p::kademlia {

struct Step {
    State& state;
    base::Env const& env;
    Out& out;

    void order(Effect effect) const { out.effects.push_back(std::move(effect)); }
    void report(PeerKey peer, Misbehaviour what) const { out.events.emplace_back(Misbehaved{peer, what}); }
    void trace(std::string_view what, std::uint64_t id = 0, std::uint64_t value = 0) const {
        env.trace.record({"kademlia", what, id, value});
    }
};

// connections.cpp: who is connected, and whom we have dialed.
void on_peer_connected(Step& step, PeerConnected const& connected);
void on_peer_identified(Step& step, PeerIdentified const& identified);
void on_peer_disconnected(Step& step, PeerDisconnected const& disconnected);
void on_connect_failed(Step& step, ConnectFailed const& failed);
void on_learn(Step& step, Learn const& learn);
void on_forget(Step& step, Forget const& forget);
void on_release_due(Step& step, PeerKey peer);
Peer* connected_peer(State& state, PeerId const& id);
/// Orders a dial, now or when one is free. False when the peer or its groups are not to be dialed now, or no address
/// is.
bool dial(Step& step, PeerId const& id, std::vector<Multiaddr> const& addresses);

// requests.cpp: one request to one peer.
struct Asked {
    PeerId id;
    MessageType type = MessageType::find_node;
    QueryId query;               // 0: a probe
    CandidateId candidate = 0;
};
/// False when it cannot be made; else it ends by on_answered or on_unanswered.
bool ask(Step& step, Asked const& asked, std::vector<Multiaddr> const& addresses);
/// Opens streams for what waits, as far as they may be open.
void open_streams(Step& step, PeerId const& id);
void on_outbound_opened(Step& step, stream::Opened const& opened);
void on_outbound_data(Step& step, RequestId id, base::ByteView bytes);
void on_outbound_finished(Step& step, RequestId id);
void on_outbound_closed(Step& step, RequestId id, stream::CloseReason reason);
void on_request_due(Step& step, RequestId id);
/// The request has come to nothing.
void fail_request(Step& step, RequestId id, Failure why);
/// Nobody waits for the query's requests any more.
void abandon_requests_of(Step& step, QueryId query);

// queries.cpp: orders from outside, and the lookups behind them.
void on_find_peer(Step& step, FindPeer const& find);
void on_find_closest(Step& step, FindClosest const& find);
void on_ask_closest(Step& step, AskClosest const& ask);
void on_find_providers(Step& step, FindProviders const& find);
void on_put_value(Step& step, PutValue const& put);
void on_get_value(Step& step, GetValue const& get);
void on_query_due(Step& step, QueryId id);
void on_query_answered(Step& step, QueryId id, CandidateId candidate, PeerKey from, Message const& answer);
void on_query_unanswered(Step& step, QueryId id, CandidateId candidate, Failure why);
void on_query_slow(Step& step, QueryId id, CandidateId candidate);
/// Asks whom the lookup wants to be asked; ends the query when it is over.
void advance_query(Step& step, QueryId id);
struct NewQuery {
    QueryKind kind = QueryKind::refresh;
    RequestId request{};
    bool is_from_outside = false;
    base::ByteString key{};
    base::ByteString value{};
    PeerId target{};
    std::size_t wanted = 0;
};
/// 0 when as many as may run are running, which then has been reported.
QueryId start_query(Step& step, NewQuery given);
void refuse_query(Step& step, RequestId request, Failure why);

// conclusions.cpp: the end of a query.
/// Ends it with what it has found.
void conclude(Step& step, QueryId id, bool is_out_of_time);
void fail_query(Step& step, QueryId id, Failure why);
/// ADD_PROVIDER or PUT_VALUE was sent, or not.
void on_told(Step& step, QueryId id, PeerId const& peer, bool was_told);

// membership.cpp: the routing table.
/// The peer has answered.
void on_alive(Step& step, PeerKey peer);
/// The peer has not answered.
void on_dead(Step& step, PeerId const& id);
/// Asks the peer for its own id, to see whether it answers.
void probe(Step& step, PeerId const& id, std::vector<Multiaddr> const& addresses);
void on_probe_ended(Step& step, PeerId const& id);
/// A server has come: it is probed, unless its answers are awaited already, or its bucket has enough.
void probe_if_wanted(Step& step, Peer const& peer);
/// The addresses of a connected peer that we tell others, and dial.
std::vector<Multiaddr> addresses_of(State const& state, Peer const& peer);

// server.cpp: the requests of others.
void on_inbound_opened(Step& step, stream::Opened const& opened);
void on_inbound_data(Step& step, ChannelId channel, base::ByteView bytes);
void on_inbound_ended(Step& step, ChannelId channel);
void on_inbound_closed(Step& step, ChannelId channel);
void on_inbound_due(Step& step, ChannelId channel);

// answers.cpp: what is answered.
/// nullopt: nothing.
std::optional<base::ByteString> answer_to(Step& step, PeerKey from, Message const& request);

// provide.cpp: what this node provides.
void on_provide(Step& step, Provide const& provide);
void on_stop_providing(Step& step, StopProviding const& stop);
void on_own_addresses(Step& step, OwnAddresses const& own);
void on_republish_due(Step& step);
void on_provided(Step& step, base::ByteString const& key, std::size_t told);

// upkeep.cpp: what happens by itself.
void on_refresh_due(Step& step);
void on_refreshed(Step& step);
void on_upkeep_due(Step& step);
/// A member has come or gone.
void on_table_changed(Step& step);
void touch_bucket(State& state, Key const& target, base::Instant now);

}  // namespace libp2p::kademlia
