// Summaries of messages as JSON: in the events of a node, and on the command line.
#pragma once

#include "apps/events_json.h"
#include "mina/summary/summary.h"

namespace apps {

/// Amounts are decimal MINA.
Json to_json(mina::summary::Summary const& summary);

/// Fills `kind` and `summary` of a message event, when the network's messages are looked into and this is one of them.
void add_summary(Json& event, libp2p::event::MessageReceived const& message, mina::p2p::P2pState const& state);

}  // namespace apps
