// The enabling conditions of the peer machine. Rows: phases; columns: actions in the order of the variant.
#include "libp2p/peer/peer_actions.h"

#include <array>

namespace libp2p::peer {

namespace {

constexpr auto yes = Expectation::accept;
constexpr auto ign = Expectation::ignore;

using Row = std::array<Expectation, action_count>;
constexpr std::array<Row, phase_count> table{{
    //            Want DialFailed Opened Lost Drop Ban  Unban Expired
    /*unknown*/   {{yes, ign,     yes,   yes, yes, yes, ign,  ign}},
    /*dialing*/   {{yes, yes,     yes,   yes, yes, yes, ign,  ign}},
    /*connected*/ {{yes, ign,     yes,   yes, yes, yes, ign,  yes}},
    /*backoff*/   {{yes, ign,     yes,   yes, yes, yes, ign,  yes}},
    /*banned*/    {{ign, ign,     yes,   yes, yes, yes, yes,  yes}},
}};

}  // namespace

Expectation expects(Phase phase, int action_index) {
    return table.at(static_cast<std::size_t>(phase)).at(static_cast<std::size_t>(action_index));
}

std::string_view action_name(int index) {
    constexpr std::array<std::string_view, action_count> names{"Want",           "DialFailed", "ConnectionOpened",
                                                               "ConnectionLost", "Drop",       "Ban",
                                                               "Unban",          "Expired"};
    return names.at(static_cast<std::size_t>(index));
}

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::unknown: return "Unknown";
        case Phase::dialing: return "Dialing";
        case Phase::connected: return "Connected";
        case Phase::backoff: return "Backoff";
        case Phase::banned: return "Banned";
    }
    return "?";
}

}  // namespace libp2p::peer
