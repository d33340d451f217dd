// MessageFormats: which of a network's formats its messages have, told from the messages themselves.
//
// A network's data names its formats, the likeliest first. Until blocks from `voters_wanted` different peers were of
// one format, a message of any of them passes; from then on only that one does. A block tells the formats of Mesa
// apart, since each has a proof in its header.
#pragma once

#include "base/describe.h"
#include "libp2p/wire/peer_id.h"
#include "mina/messages/gossip.h"

#include <map>

namespace mina::p2p {

class MessageFormats {
public:
    static constexpr std::size_t voters_wanted = 3;

    explicit MessageFormats(std::vector<messages::Format> candidates) : candidates_(std::move(candidates)) {}

    /// False when the network's messages are not looked into.
    bool are_checked() const { return !candidates_.empty(); }
    bool is_settled() const { return candidates_.size() == 1; }
    /// The format of the network, as far as it is known. Requires are_checked().
    messages::Format current() const { return candidates_.front(); }
    std::vector<messages::Format> const& candidates() const { return candidates_; }

    /// Whether a gossip message that came by `via` is of the network's format; counts its vote. The error is that of
    /// the current format.
    base::Result<messages::GossipKind, binprot::Error> check(base::ByteView payload, libp2p::PeerId const& via);

    void describe(base::Describer& describer) const;

private:
    void vote(messages::Format format, libp2p::PeerId const& voter);

    std::vector<messages::Format> candidates_;
    std::map<libp2p::PeerId, messages::Format> votes_;  // a peer's first block; at most voters_wanted for each format
};

}  // namespace mina::p2p
