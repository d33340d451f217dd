// The parts of the crawl's reducer, for this folder's own use.
#pragma once

#include "mina/crawl/crawl.h"

namespace mina::crawl {

/// What a step has at hand.
struct Step {
    State& state;
    base::Env const& env;
    Out& out;
};

// frontier.cpp
/// The target of a peer, made when there is none; null when there is no room.
Target* target_of(Step& step, libp2p::PeerId const& peer);
void add_address(State const& state, Target& target, libp2p::Multiaddr const& address);
/// Others say that a peer is there: what of it may be dialed is added.
void place(Step& step, TargetId id, std::vector<libp2p::Multiaddr> const& told);
void enqueue(Step& step, TargetId id, base::Instant due);
void leave_queue(State& state, TargetId id);
/// The next whose turn it is, out of the queue; none when nobody's is.
TargetId take_next(Step& step);

// visits.cpp
void on(Step& step, Connected const& action);
void on(Step& step, ConnectFailed const& action);
void on(Step& step, Pinged const& action);
void on(Step& step, Answered const& action);
void on(Step& step, AskFailed const& action);
void on(Step& step, Identified const& action);
void on(Step& step, HungUp const& action);
/// Begins as many visits as may be now.
void begin_visits(Step& step);
void end_late_visits(Step& step);
/// Ends them all, with what is known.
void break_off_visits(Step& step);
/// The target's entry is reported, and nothing of it is kept.
void report(Step& step, TargetId id, Entry entry);
void report_unreached(Step& step, TargetId id, std::string_view reason);

}  // namespace mina::crawl
