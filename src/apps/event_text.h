// Events of a node as lines for people who watch it.
#pragma once

#include "apps/events_json.h"

namespace apps {

/// Without the time: "block         357934  3NK…  creator B62q…  12 transactions, fees 0.4 MINA".
std::string event_text(Json const& event);

}  // namespace apps
