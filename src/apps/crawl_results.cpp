#include "apps/crawl_results.h"

#include "apps/console.h"
#include "apps/crawl_text.h"

#include <algorithm>

namespace apps {

namespace {

constexpr std::size_t rows_max = 20;  // of each kind, for people

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

Json by_frequency(Counts const& counts) {
    std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
    std::ranges::sort(sorted, [](auto const& a, auto const& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    Json json = Json::object();
    for (auto const& [name, count] : sorted) json[name] = count;
    return json;
}

template <class T>
std::optional<T> median(std::vector<T> values) {
    if (values.empty()) return std::nullopt;
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

void add_rows(std::vector<std::vector<std::string>>& rows, char const* title, Json const& counts, double all) {
    std::size_t shown_rows = 0;
    for (auto const& [name, count] : counts.items()) {
        if (shown_rows == rows_max) {
            rows.push_back({"", "and " + std::to_string(counts.size() - rows_max) + " more", "", ""});
            return;
        }
        auto const number = count.get<std::uint64_t>();
        auto const share = all > 0 ? fixed(100 * static_cast<double>(number) / all, 1) + " %" : "";
        auto const text = name.empty() ? "(none)" : shown(name, 90);
        rows.push_back({shown_rows++ == 0 ? title : "", text, std::to_string(number), share});
    }
}

}  // namespace

CrawlResults::CrawlResults() : names_{"", "(other)"}, by_name_{{"", 0}, {"(other)", 1}} {}

CrawlResults::Index CrawlResults::index_of(libp2p::PeerId const& id) {
    auto const [at, is_new] = by_id_.try_emplace(id, static_cast<Index>(peers_.size()));
    if (is_new) peers_.emplace_back().id = id;
    return at->second;
}

CrawlResults::Index CrawlResults::index_of(std::string const& name) {
    auto const cut = shown(name, name_bytes_max);
    if (auto const found = by_name_.find(cut); found != by_name_.end()) return found->second;
    if (names_.size() >= names_max) return 1;
    auto const index = static_cast<Index>(names_.size());
    names_.push_back(cut);
    by_name_.emplace(cut, index);
    return index;
}

void CrawlResults::add(mina::crawl::Entry const& entry) {
    if (entry.peer.empty()) {
        if (!entry.addresses.empty()) nameless_[entry.addresses.front().text()] = entry.reason;
        return;
    }
    auto const index = index_of(entry.peer);
    if (peers_[index].is_known && peers_[index].reachable && !entry.reachable) return;
    std::vector<Index> neighbours;
    for (auto const& neighbour : entry.neighbours) neighbours.push_back(index_of(neighbour));
    auto& peer = peers_[index];
    peer.is_known = true;
    peer.reachable = entry.reachable;
    peer.agent = index_of(entry.agent);
    peer.reason = index_of(entry.reason);
    peer.round_trip = entry.round_trip;
    peer.neighbours = std::move(neighbours);
    peer.protocols.clear();
    for (auto const& protocol : entry.protocols) peer.protocols.push_back(index_of(protocol));
    std::ranges::sort(peer.protocols);
    peer.protocols.erase(std::ranges::unique(peer.protocols).begin(), peer.protocols.end());
}

Json CrawlResults::summary() const {
    std::uint64_t found = 0;
    std::uint64_t reached = 0;
    Counts unreachable;
    Counts agents;
    Counts protocols;
    std::vector<base::Duration> round_trips;
    std::vector<std::size_t> neighbours;
    for (auto const& peer : peers_) {
        if (!peer.is_known) continue;
        ++found;
        if (!peer.reachable) {
            ++unreachable[name(peer.reason)];
            continue;
        }
        ++reached;
        ++agents[name(peer.agent)];
        for (auto const protocol : peer.protocols) ++protocols[name(protocol)];
        if (peer.round_trip) round_trips.push_back(*peer.round_trip);
        neighbours.push_back(peer.neighbours.size());
    }
    Json unreached_seeds = Json::object();
    for (auto const& [address, reason] : nameless_) unreached_seeds[address] = reason;
    auto const rtt = median(round_trips);
    auto const degree = median(neighbours);
    return {{"found", found},
            {"reached", reached},
            {"reachedShare", found > 0 ? static_cast<double>(reached) / static_cast<double>(found) : 0.0},
            {"unreachable", by_frequency(unreachable)},
            {"agents", by_frequency(agents)},
            {"protocols", by_frequency(protocols)},
            {"rttMsMedian", rtt ? Json(milliseconds(*rtt)) : Json(nullptr)},
            {"neighboursMedian", degree ? Json(*degree) : Json(nullptr)},
            {"seedsNotReached", std::move(unreached_seeds)}};
}

std::string summary_text(Json const& summary) {
    auto const found = summary["found"].get<double>();
    auto const reached = summary["reached"].get<double>();
    auto const number = [&](char const* name, int decimals) {
        return summary[name].is_null() ? std::string("-") : fixed(summary[name].get<double>(), decimals);
    };
    std::vector<std::vector<std::string>> head = {
        {"network", shown(summary["network"].get<std::string>())},
        {"found", fixed(found, 0) + " peers"},
        {"reached", fixed(reached, 0) + " (" + fixed(100 * summary["reachedShare"].get<double>(), 1) + " %)"},
        {"round trip", number("rttMsMedian", 1) + " ms (median)"},
        {"neighbours", number("neighboursMedian", 0) + " (median)"},
        {"time", number("seconds", 1) + " s, " + number("peersPerSecond", 1) + " peers/s, " + number("cpuSeconds", 1) +
                     " s of CPU"},
    };
    if (auto const left = summary["leftOut"].get<std::uint64_t>(); left > 0) {
        head.push_back({"left out", std::to_string(left) +
                                        " times a peer was named beyond --max-peers, or beyond its teller's share"});
    }
    if (summary["ended"] != "finished")
        head.push_back({"ended", "before all were visited: " + summary["ended"].get<std::string>()});
    for (auto const& [address, reason] : summary["seedsNotReached"].items()) {
        head.push_back({"seed", shown(address, 90) + ": " + reason.get<std::string>()});
    }
    std::vector<std::vector<std::string>> rows;
    add_rows(rows, "unreachable", summary["unreachable"], found);
    add_rows(rows, "agent", summary["agents"], reached);
    add_rows(rows, "protocol", summary["protocols"], reached);
    auto text = table_text({}, head);
    if (!rows.empty()) text += "\n\n" + table_text({"", "", "peers", "share"}, rows);
    return text;
}

}  // namespace apps
