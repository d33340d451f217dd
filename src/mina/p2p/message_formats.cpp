#include "mina/p2p/message_formats.h"

#include <algorithm>

namespace mina::p2p {

base::Result<messages::GossipKind, binprot::Error> MessageFormats::check(base::ByteView payload,
                                                                         libp2p::PeerId const& via) {
    auto const first = messages::validate_gossip(current(), payload);
    if (is_settled()) return first;
    for (auto const format : candidates_) {
        auto const kind = format == current() ? first : messages::validate_gossip(format, payload);
        if (!kind) continue;
        auto const found = *kind;
        if (found == messages::GossipKind::block) vote(format, via);
        return found;
    }
    return first;
}

void MessageFormats::vote(messages::Format format, libp2p::PeerId const& voter) {
    votes_.emplace(voter, format);
    auto const count = std::ranges::count(votes_, format, [](auto const& each) { return each.second; });
    if (static_cast<std::size_t>(count) < voters_wanted) return;
    candidates_ = {format};
    votes_.clear();
}

void MessageFormats::describe(base::Describer& describer) const {
    for (auto const format : candidates_) describer.field("format", to_string(format));
    for (auto const& [voter, format] : votes_) {
        base::DescribeScope const scope(describer, "vote", voter.text());
        describer.field("format", to_string(format));
    }
}

}  // namespace mina::p2p
