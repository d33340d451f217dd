// CrawlResults: what a crawl has found, as a whole: for its summary and its picture. An entry is kept in few bytes.
#pragma once

#include "apps/events_json.h"
#include "mina/crawl/entry.h"

#include <map>

namespace apps {

class CrawlResults {
public:
    using Index = std::uint32_t;
    struct Peer {
        libp2p::PeerId id;
        bool is_known = false;    // has an entry; else it was only named by others
        bool reachable = false;
        Index agent = 0;          // of names(), as are the next
        Index reason = 0;
        std::vector<Index> protocols;
        std::vector<Index> neighbours;
        std::optional<base::Duration> round_trip;
    };

    CrawlResults();
    /// Replaces an earlier entry of the peer, unless that one was reached and this one was not.
    void add(mina::crawl::Entry const& entry);

    std::vector<Peer> const& peers() const { return peers_; }
    std::string const& name(Index index) const { return names_[index]; }

    /// "found", "reached", "reachedShare", "unreachable" by reason, "agents", "protocols" (how many have each, the most
    /// frequent first), "rttMsMedian", "neighboursMedian".
    Json summary() const;

    static constexpr std::size_t names_max = 4096;  // agents, reasons and protocols; further ones are "(other)"
    static constexpr std::size_t name_bytes_max = 100;

private:
    Index index_of(libp2p::PeerId const& id);
    Index index_of(std::string const& name);

    std::vector<Peer> peers_;
    std::map<libp2p::PeerId, Index> by_id_;
    std::vector<std::string> names_;
    std::map<std::string, Index, std::less<>> by_name_;
    std::map<std::string, std::string> nameless_;  // addresses behind which nobody was reached, and why
};

/// The summary for people: two tables, with what strangers say made harmless.
std::string summary_text(Json const& summary);

}  // namespace apps
