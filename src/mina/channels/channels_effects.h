// What the channels order, and what they report.
#pragma once

#include "mina/channels/channels_actions.h"

#include <vector>

namespace mina::channels {

// Effects.

/// To the application: is this message to be forwarded?
struct AskVerdict {
    MessageKey key;
    GossipKind kind = GossipKind::block;
    PeerId via;
};

/// Where a verdict comes from.
enum class Why : std::uint8_t {
    application,         // it was asked, and this is its word
    over_rate,           // the peer has sent more than it may
    over_rate_of_host,   // all peers of its address together have
    too_much_in_flight,  // the peer has its share of the room in use already
    channel_full,        // there is no room for this kind of message
    timed_out,           // the application took too long
};
inline constexpr std::size_t why_count = 6;
std::string_view to_string(Why why);

/// To GossipSub. All but the application's own verdicts are `ignore`.
struct GiveVerdict {
    MessageKey key;
    Acceptance acceptance = Acceptance::ignore;
    Why why = Why::application;
};

using Effect = std::variant<AskVerdict, GiveVerdict>;

// Events.

/// What peers do wrong.
enum class Fault : std::uint8_t {
    unfit_message,      // of all kinds together: no node forwards what it could not read
    rejected_message,   // by the application
    over_rate,
    over_rate_of_host,  // never a ground for a ban: the host may be shared
};
inline constexpr std::size_t fault_count = 4;
std::string_view to_string(Fault fault);

/// Reported at counts of 1, 2, 4, 8 … and at each multiple of what makes a ban wanted, so that a flood of messages is
/// no flood of events.
struct Misbehaved {
    PeerId peer;
    Fault what = Fault::unfit_message;
    std::optional<GossipKind> kind;  // for which it is counted
    std::uint32_t count = 0;         // in the last minutes
    bool is_ban_wanted = false;      // it persists
};

using Event = Misbehaved;

struct Out {
    std::vector<Effect> effects;
    std::vector<Event> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace mina::channels
