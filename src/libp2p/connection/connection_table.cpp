// The enabling conditions of the connection machine. Rows: phases; columns: actions in the order of the variant.
#include "libp2p/connection/connection_actions.h"

#include <array>

namespace libp2p::connection {

namespace {

constexpr auto yes = Expectation::accept;
constexpr auto ign = Expectation::ignore;
constexpr auto bug = Expectation::bug;

using Row = std::array<Expectation, action_count>;
constexpr std::array<Row, phase_count> table{{
    //          Linked Unlinked Secured Muxed Faulted Heard RemoteLeft Close Expired Drained
    /*dialing*/ {{yes,   yes,     bug,    bug,  bug,    bug,  bug,       yes,  yes,  ign}},
    /*securing*/ {{bug,  yes,     yes,    bug,  yes,    yes,  bug,       yes,  yes,  ign}},
    /*muxing*/  {{bug,   yes,     bug,    yes,  yes,    yes,  bug,       yes,  yes,  ign}},
    /*open*/    {{bug,   yes,     bug,    bug,  yes,    yes,  yes,       yes,  yes,  ign}},
    /*closing*/ {{bug,   yes,     bug,    bug,  yes,    ign,  ign,       ign,  yes,  yes}},
    /*closed*/  {{ign,   ign,     ign,    ign,  ign,    ign,  ign,       ign,  ign,  ign}},
}};

}  // namespace

Expectation expects(Phase phase, int action_index) {
    return table.at(static_cast<std::size_t>(phase)).at(static_cast<std::size_t>(action_index));
}

std::string_view action_name(int index) {
    constexpr std::array<std::string_view, action_count> names{
        "Linked", "Unlinked", "Secured", "Muxed", "Faulted", "Heard", "RemoteLeft", "Close", "Expired", "Drained"};
    return names.at(static_cast<std::size_t>(index));
}

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::dialing: return "Dialing";
        case Phase::securing: return "Securing";
        case Phase::muxing: return "Muxing";
        case Phase::open: return "Open";
        case Phase::closing: return "Closing";
        case Phase::closed: return "Closed";
    }
    return "?";
}

}  // namespace libp2p::connection
