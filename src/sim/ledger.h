// Ledger: who published what, and whom it reached. The judge of every delivery.
#pragma once

#include "base/rng.h"
#include "base/shared_bytes.h"
#include "sim/node.h"

#include <string>
#include <vector>

namespace sim {

class Ledger {
public:
    /// Makes a message, which the node will publish now. `expected`: it must reach everybody.
    base::SharedBytes publish(NodeIndex origin, base::Instant now, std::size_t bytes, bool expected, base::Rng& rng);
    /// The node could not publish the last message: nobody expects it.
    void withdraw(std::uint64_t number);
    std::uint64_t last_number() const { return messages_.size(); }

    /// A node's application was given a message of an honest origin. Empty, or what is wrong with that.
    std::string received(NodeIndex node, std::uint32_t incarnation, NodeIndex origin, base::ByteView data, base::Instant now);

    /// Whom the expected messages did not reach, of these nodes in these incarnations.
    struct Missing {
        std::uint64_t number = 0;
        NodeIndex node = 0;
    };
    struct Count {
        std::uint64_t expected = 0;
        std::uint64_t delivered = 0;
        std::vector<Missing> missing;  // the first few
    };
    /// `incarnations`: of each node, that has to have got it; nullopt for a node that nothing is expected of.
    Count count(std::vector<std::optional<std::uint32_t>> const& incarnations) const;

    std::uint64_t deliveries() const { return deliveries_; }
    /// The latency that `share` in 1,000 of the expected deliveries did not exceed, to the millisecond.
    base::Duration latency(std::uint64_t share) const;

private:
    struct Message {
        NodeIndex origin = 0;
        base::Instant at;
        bool expected = false;
        base::SharedBytes data;
        std::vector<std::uint32_t> got;  // of each node: its incarnation + 1
    };
    std::vector<Message> messages_;
    std::vector<std::uint64_t> latencies_;  // how many took so many milliseconds
    std::uint64_t deliveries_ = 0;
};

}  // namespace sim
