// The enabling conditions of the channel machine. Rows: phases; columns: actions in the order of the variant.
#include "libp2p/channel/channel_actions.h"

#include <array>

namespace libp2p::channel {

namespace {

constexpr auto yes = Expectation::accept;
constexpr auto ign = Expectation::ignore;
constexpr auto bug = Expectation::bug;

using Row = std::array<Expectation, action_count>;
constexpr std::array<Row, phase_count> table{{
    //                 Agreed Refused LocalFin RemoteFin RemoteRst LocalRst ConnLost Expired
    /*negotiating*/ {{yes,    yes,    yes,     yes,      yes,      yes,     yes,     yes}},
    /*ready*/       {{bug,    bug,    yes,     yes,      yes,      yes,     yes,     ign}},
    /*half_closed*/ {{bug,    bug,    yes,     yes,      yes,      yes,     yes,     ign}},
    /*closed*/      {{ign,    ign,    ign,     ign,      ign,      ign,     ign,     ign}},
}};

}  // namespace

Expectation expects(Phase phase, int action_index) {
    return table.at(static_cast<std::size_t>(phase)).at(static_cast<std::size_t>(action_index));
}

std::string_view action_name(int index) {
    constexpr std::array<std::string_view, action_count> names{"Agreed",      "Refused",    "LocalFinished",
                                                               "RemoteFinished", "RemoteReset", "LocalReset",
                                                               "ConnectionLost", "Expired"};
    return names.at(static_cast<std::size_t>(index));
}

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::negotiating: return "Negotiating";
        case Phase::ready: return "Ready";
        case Phase::half_closed: return "HalfClosed";
        case Phase::closed: return "Closed";
    }
    return "?";
}

}  // namespace libp2p::channel
