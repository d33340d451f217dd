// Watchers: connections that are told a node's events, each those of its kinds: the control commands
// {"cmd":"watch","kinds":["block","peer"]} and {"cmd":"unwatch"}. Without "kinds", all.
//
// A watcher that reads slowly never holds up the node: while more than `queued_bytes_max` wait for it, its events are
// dropped; when it has read all, {"event":"dropped","count":N} tells it how many, and it goes on from there.
#pragma once

#include "apps/control.h"
#include "apps/output.h"

#include <map>
#include <set>

namespace apps {

/// Of watching: what an event is about.
inline constexpr std::string_view event_kinds[] = {"block",  "transactions", "snark-work", "message",
                                                   "peer",   "rpc",          "warning"};
/// One of those; empty for an event that everybody is told ("stopped").
std::string_view kind_of_event(Json const& event);
/// The error names the nearest.
base::Result<std::set<std::string, std::less<>>, std::string> parse_kinds(std::vector<std::string> const& words);

class Watchers {
public:
    static constexpr std::size_t queued_bytes_max = 4 * 1024 * 1024;

    /// Adds the commands. This object must outlive `control` and the connections.
    void serve(Control& control);
    void tell(Json const& event);

    bool empty() const { return watchers_.empty(); }

private:
    struct Watcher {
        std::set<std::string, std::less<>> kinds;  // empty: all
        Output* output = nullptr;
        std::shared_ptr<bool const> listening;
        std::uint64_t dropped = 0;
    };

    void add(Control::Origin const& origin, std::set<std::string, std::less<>> kinds);
    void remove(Output const* output);
    static void catch_up(Watcher& watcher);

    std::map<Output const*, Watcher> watchers_;
};

}  // namespace apps
