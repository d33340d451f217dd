// Events, replies and status as JSON, in the words of the control protocol. docs/COMMANDS.md is the contract.
#pragma once

#include "libp2p/swarm/core.h"
#include "libp2p/swarm/status.h"
#include "mina/p2p/component.h"

#include <nlohmann/json.hpp>

namespace apps {

using Json = nlohmann::ordered_json;

/// nullopt for an event that is not shown. `payload`: gossip messages carry their bytes as `hex`.
std::optional<Json> to_json(libp2p::Event const& event, bool payload);

/// Of a peer's question; to_json() shows none.
Json question_event(libp2p::event::QuestionReceived const& question);
Json ready_event(mina::p2p::P2pComponent const& node);
Json to_json(libp2p::ReplyValue const& value);
/// "12D3Koo…", "10.0.0.0/8"
std::string subject_text(libp2p::Rule const& rule);
Json to_json(libp2p::Rule const& rule, base::Instant now);
Json to_json(mina::discovery::Why const& why);
Json to_json(libp2p::PeerStatus const& peer);
Json to_json(libp2p::ConnectionStatus const& connection);
Json status_json(mina::p2p::P2pComponent const& node, double uptime_seconds);
double milliseconds(base::Duration duration);

/// One line; bytes that are not UTF-8 (a peer's protocol name) are replaced.
std::string dump(Json const& json);

}  // namespace apps
