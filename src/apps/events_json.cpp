#include "apps/events_json.h"

#include "base/text.h"
#include "runtime/process.h"

#include <algorithm>

namespace apps {

namespace {

std::vector<std::string> texts(std::vector<libp2p::Multiaddr> const& addresses) {
    std::vector<std::string> all;
    for (auto const& address : addresses) all.push_back(address.text());
    return all;
}

std::vector<std::string> texts(std::vector<libp2p::PeerId> const& peers) {
    std::vector<std::string> all;
    for (auto const& peer : peers) all.push_back(peer.text());
    return all;
}

Json optional_ms(std::optional<base::Duration> const& duration) {
    return duration ? Json(milliseconds(*duration)) : Json(nullptr);
}

Json message_json(libp2p::event::MessageReceived const& message, bool payload) {
    Json json{{"event", "message"},
              {"topic", message.topic},
              {"from", message.from.text()},
              {"via", message.via.text()},
              {"id", base::to_hex(message.id)},
              {"size", message.data.size()},
              {"kind", nullptr},
              {"summary", nullptr}};
    if (payload) json["hex"] = base::to_hex(message.data.view());
    return json;
}

// What peers and this node ask one another at the moment, and what peers have done wrong since the start.
Json rpc_json(mina::rpc::State const& state) {
    std::size_t asking = 0;
    for (auto const& [key, peer] : state.peers) {
        asking += static_cast<std::size_t>(
            std::ranges::count_if(peer.waiting, [](auto const& ask) { return static_cast<bool>(ask.request); }));
    }
    for (auto const& [channel, stream] : state.streams) {
        asking += static_cast<std::size_t>(std::ranges::count_if(
            stream.asked, [](auto const& ask) { return ask.second.is_wanted && ask.second.request; }));
    }
    auto faults = Json::object();
    for (std::size_t i = 0; i < state.faults.size(); ++i) {
        auto const name = std::string(to_string(static_cast<mina::rpc::Fault>(i)));
        if (state.faults[i] != 0) faults[name] = state.faults[i];
    }
    return Json{{"streams", state.streams.size()},
                {"asking", asking},
                {"answering", state.questions.size()},
                {"faults", std::move(faults)}};
}

}  // namespace

double milliseconds(base::Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

std::string dump(Json const& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::optional<Json> to_json(libp2p::Event const& event, bool payload) {
    namespace e = libp2p::event;
    if (auto const* connected = std::get_if<e::Connected>(&event)) {
        return Json{{"event", "connect"},
                    {"peer", connected->peer.text()},
                    {"addr", connected->address.text()},
                    {"direction", to_string(connected->direction)},
                    {"muxer", connected->muxer},
                    {"security", connected->security}};
    }
    if (auto const* disconnected = std::get_if<e::Disconnected>(&event)) {
        return Json{{"event", "disconnect"},
                    {"peer", disconnected->peer.text()},
                    {"reason", to_string(disconnected->reason)}};
    }
    if (auto const* failed = std::get_if<e::ConnectionFailed>(&event)) {
        auto const address = failed->peer.empty() ? failed->address : failed->address.with_peer_id(failed->peer);
        return Json{{"event", "dialFailed"},
                    {"addr", address.text()},
                    {"reason", to_string(failed->reason)},
                    {"retryInMs", optional_ms(failed->retry_in)}};
    }
    if (auto const* identified = std::get_if<e::Identified>(&event)) {
        return Json{{"event", "identify"},
                    {"peer", identified->peer.text()},
                    {"agent", identified->agent},
                    {"protocols", identified->protocols},
                    {"observed", identified->observed.text()}};
    }
    if (auto const* message = std::get_if<e::MessageReceived>(&event)) return message_json(*message, payload);
    if (auto const* refused = std::get_if<e::MessageRefused>(&event)) {
        return Json{{"event", "messageRefused"},
                    {"topic", refused->topic},
                    {"from", refused->from.text()},
                    {"via", refused->via.text()},
                    {"id", base::to_hex(refused->id)},
                    {"size", refused->bytes},
                    {"reason", refused->reason}};
    }
    if (auto const* refused = std::get_if<e::Refused>(&event)) {
        return Json{{"event", "warning"},
                    {"text", "connection from " + refused->remote.text() + " ended: " +
                                 std::string(to_string(refused->reason))}};
    }
    if (auto const* banned = std::get_if<e::Banned>(&event)) {
        return Json{{"event", "banned"}, {"subject", subject_text(banned->rule)}, {"reason", banned->rule.reason}};
    }
    if (auto const* wrong = std::get_if<e::Misbehaved>(&event)) {
        return Json{{"event", "misbehaved"},
                    {"peer", wrong->peer.text()},
                    {"what", wrong->what},
                    {"count", wrong->count}};
    }
    if (auto const* warning = std::get_if<e::Warning>(&event)) return Json{{"event", "warning"}, {"text", warning->text}};
    return std::nullopt;
}

Json question_event(libp2p::event::QuestionReceived const& question) {
    return Json{{"event", "question"},
                {"peer", question.peer.text()},
                {"method", question.method},
                {"version", question.version},
                {"size", question.query.size()}};
}

Json ready_event(mina::p2p::P2pComponent const& node) {
    auto const& network = node.state().config.network;
    return Json{{"event", "ready"},
                {"peerId", node.swarm().self().text()},
                {"addrs", texts(node.swarm().listen_addresses())},
                {"network", network.name},
                {"chainId", network.chain_id}};
}

Json to_json(libp2p::ReplyValue const& value) {
    namespace r = libp2p::reply;
    if (auto const* peer = std::get_if<libp2p::PeerId>(&value)) return peer->text();
    if (auto const* published = std::get_if<r::PublishedTo>(&value)) {
        return Json{{"id", base::to_hex(published->id)}, {"peers", texts(published->peers)}};
    }
    if (auto const* trip = std::get_if<r::RoundTrip>(&value)) return milliseconds(trip->time);
    if (auto const* perf = std::get_if<r::PerfTimes>(&value)) {
        return Json{{"upSeconds", milliseconds(perf->up) / 1e3},
                    {"downSeconds", milliseconds(perf->down) / 1e3},
                    {"totalSeconds", milliseconds(perf->total) / 1e3}};
    }
    if (auto const* echoed = std::get_if<r::Echoed>(&value)) return echoed->same;
    if (auto const* trips = std::get_if<r::RoundTripTimes>(&value)) {
        return Json{{"p50_us", milliseconds(trips->median) * 1e3},
                    {"p99_us", milliseconds(trips->p99) * 1e3},
                    {"seconds", milliseconds(trips->total) / 1e3}};
    }
    if (auto const* rate = std::get_if<r::RateMeasured>(&value)) {
        auto const seconds = milliseconds(rate->total) / 1e3;
        return Json{{"n", rate->requests},
                    {"seconds", seconds},
                    {"req_per_s", seconds > 0 ? static_cast<double>(rate->requests) / seconds : 0}};
    }
    if (auto const* found = std::get_if<r::Peers>(&value)) {
        auto all = Json::array();
        for (auto const& peer : found->peers) {
            all.push_back({{"peer", peer.id.text()}, {"addrs", texts(peer.addresses)}});
        }
        return all;
    }
    if (auto const* found = std::get_if<r::Value>(&value)) return base::to_hex(found->value);
    return nullptr;
}

std::string subject_text(libp2p::Rule const& rule) {
    return std::visit([](auto const& of) { return of.text(); }, rule.subject);
}

Json to_json(libp2p::Rule const& rule, base::Instant now) {
    auto const ends = rule.until != base::Instant::never();
    return Json{{"kind", to_string(rule.kind)},
                {"subject", subject_text(rule)},
                {"forS", ends ? Json(milliseconds(rule.until - now) / 1e3) : Json(nullptr)},
                {"reason", rule.reason}};
}

Json to_json(mina::discovery::Why const& why) {
    return Json{{"peer", why.peer.text()}, {"state", why.state}, {"why", why.text},
                {"source", why.source},    {"addrs", texts(why.addresses)}};
}

Json to_json(libp2p::PeerStatus const& peer) {
    return Json{{"peer", peer.id.text()},
                {"state", to_string(peer.phase)},
                {"addr", peer.address ? Json(peer.address->text()) : Json(nullptr)},
                {"direction", peer.direction ? Json(to_string(*peer.direction)) : Json(nullptr)},
                {"agent", peer.agent},
                {"connectedS", peer.connected_for ? Json(milliseconds(*peer.connected_for) / 1e3) : Json(nullptr)},
                {"rttMs", optional_ms(peer.round_trip)},
                {"kept", peer.kept},
                {"trusted", peer.trusted},
                {"failures", peer.failures},
                {"retryInMs", optional_ms(peer.retry_in)},
                {"lastReason", to_string(peer.last_reason)}};
}

Json to_json(libp2p::ConnectionStatus const& connection) {
    return Json{{"peer", connection.peer.empty() ? Json(nullptr) : Json(connection.peer.text())},
                {"addr", connection.address.text()},
                {"direction", to_string(connection.direction)},
                {"inbound", connection.direction == libp2p::Direction::inbound},
                {"state", libp2p::connection::to_string(connection.phase)},
                {"streams", connection.streams},
                {"receivedBytes", connection.received_bytes},
                {"sentBytes", connection.sent_bytes},
                {"queuedBytes", connection.queued_bytes}};
}

Json status_json(mina::p2p::P2pComponent const& node, double uptime_seconds) {
    auto const& swarm = node.swarm();
    auto const& network = node.state().config.network;
    return Json{{"peerId", swarm.self().text()},
                {"addrs", texts(swarm.listen_addresses())},
                {"announced", texts(swarm.announced_addresses())},
                {"network", network.name},
                {"chainId", network.chain_id},
                {"peers", swarm.connected_peers()},
                {"connections", swarm.connections().size()},
                {"topics", swarm.topics()},
                {"knownPeers", node.state().discovery.book.size()},
                {"peersDiscovered", node.state().peers_discovered},
                {"routingTable", swarm.kademlia().table.size()},
                {"messages", swarm.gossip_counters().arrived},
                {"duplicates", swarm.gossip_counters().duplicate},
                {"receivedBytes", swarm.counters().received_bytes},
                {"sentBytes", swarm.counters().sent_bytes},
                {"rpc", rpc_json(node.rpc())},
                {"uptimeS", uptime_seconds},
                {"rssBytes", runtime::rss_bytes()},
                {"cpuSeconds", runtime::cpu_seconds()}};
}

}  // namespace apps
