// channels: the channels of gossip, one machine for each peer and kind of message: BlockChannel, TransactionChannel,
// SnarkWorkChannel. They stand between GossipSub and the application, and know what a peer has sent, what of it awaits
// its verdict, and what the peer may still send. (The fourth channel, sync, is mina/rpc.)
//
// channels_limits.h   a row of limits for each kind: all in which the three differ
// channels_state.h    Config, State      channels_actions.h  what happens      channels_effects.h  orders, faults
// channels_reducer.cpp  messages and verdicts      channels_accounts.cpp  peers, hosts, faults
// channels_room.h       who may have how much in flight      channels_views.cpp  for people
//
//   a message:  MessageArrived ──rate──►──room──► pending, AskVerdict ──VerdictGiven──► GiveVerdict(application)
//                  │ over_rate   │ too_much_in_flight   └ verdict_time ──► GiveVerdict(ignore, timed_out)
//                  │ (of_host)   │ channel_full
//                  └─────────────┴──► GiveVerdict(ignore): the application never sees it, nobody gets it from us
//
//   a channel:  Closed ──PeerReady──► Idle ◄──► Awaiting ──► Full (its share of the room is in use)
//                  ▲                   └──────────┴────────► OverRate (its budget is spent)
//                  └ PeerGone: budget and counts stay for the window, its messages until their verdicts
//
// Rules
// - Each message that arrives gets one AskVerdict or one GiveVerdict at once, and exactly one GiveVerdict in the end.
// - Rates are OCaml's, in a sliding window of five minutes, of the peer and of its host; both must have room. What is
//   over the peer's rate is ignored and charged to nobody; what is over its host's only, to the peer. mina: OCaml's
//   node rejects it, and lets the first message of whoever it does not know pass unpaid; a diff of more commands than
//   the window has is therefore never taken here.
// - Rates come first: what finds no room has been paid for. Room is the fault of a slow application, never of a peer.
// - Each kind has its own room, so that a slow validator of one holds up no other. A peer may have in flight at most a
//   third of what the others leave: one alone gets a quarter of the room, and however many crowd it, who has nothing
//   in flight still gets a message in. A message alone in its room always fits.
// - A verdict that does not come in time is `ignore`; one that comes later is counted, and nothing else.
// - What the application rejects, and what is unfit, counts against the peer that sent it last. mina: as in OCaml's
//   node, which bans at once, where we say when it persists: the numbers are in the limits.
// - Messages of a peer that is gone, or not yet known, are treated alike, but charged to no host.
//
// Bounds: messages in flight 256 blocks, 1,024 transaction diffs, 2,048 SNARK works, of 60, 32 and 20 MiB, unless it is
// one; 2,048 peers and as many hosts, or as many as are in use: at the bound the one unused for longest is forgotten,
// and begins anew when it comes again. A peer takes less than 16 KiB, a host too.
#pragma once

#include "mina/channels/channels_state.h"

#include "base/describe.h"
#include "base/env.h"

namespace mina::channels {

/// Applies one action. Effects and events are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants a Tick; never() when it wants none.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

/// How often a peer may do this in a window before a ban is wanted; 0 for what is no ground for one.
std::uint32_t faults_max(Config const& config, Fault fault, std::optional<GossipKind> kind);

// For people: what a peer has sent, and what it may still send.

enum class Phase : std::uint8_t { closed, idle, awaiting, full, over_rate };
std::string_view to_string(Phase phase);

struct ChannelView {
    GossipKind kind = GossipKind::block;
    Phase phase = Phase::closed;
    Counters counters;
    InFlight in_flight;
    std::uint32_t score_left = 0;   // that it may send now, as far as its own and its host's budget go
    InFlight room_left;             // how many more it may have in flight, and how long the next may be
};
struct PeerView {
    PeerId peer;
    bool is_connected = false;
    HostId host;
    std::uint32_t unfit = 0;        // messages, in the last minutes
    std::array<ChannelView, kind_count> channels;  // by index_of(kind)
};
std::optional<PeerView> view(State const& state, PeerId const& peer, base::Instant now);
/// Of all peers remembered, in the order of their ids.
std::vector<PeerView> views(State const& state, base::Instant now);

}  // namespace mina::channels
