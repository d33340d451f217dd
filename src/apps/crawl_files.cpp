#include "apps/crawl_files.h"

#include "apps/console.h"
#include "apps/crawl_text.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>

namespace apps {

using mina::crawl::Entry;
using mina::crawl::RttSource;

namespace {

Json optional_text(std::string const& text) { return text.empty() ? Json(nullptr) : Json(text); }

double rounded_ms(base::Duration time) { return std::round(milliseconds(time) * 1000) / 1000; }

/// The members of an entry, each with its kind; the first that is wrong is kept.
class Members {
public:
    explicit Members(Json const& object) : object_(object) {}

    std::string text(char const* name) {
        auto const* const value = find(name);
        if (value == nullptr || value->is_null()) return {};
        if (value->is_string()) return value->get<std::string>();
        return wrong<std::string>(name, "a text or null is wanted");
    }
    bool boolean(char const* name) {
        auto const* const value = find(name);
        if (value == nullptr || value->is_boolean()) return value != nullptr && value->get<bool>();
        return wrong<bool>(name, "true or false is wanted");
    }
    std::vector<std::string> texts(char const* name) {
        std::vector<std::string> all;
        auto const* const value = find(name);
        if (value == nullptr) return all;
        if (!value->is_array()) return wrong<std::vector<std::string>>(name, "a list of texts is wanted");
        for (auto const& element : *value) {
            if (!element.is_string()) return wrong<std::vector<std::string>>(name, "a list of texts is wanted");
            all.push_back(element.get<std::string>());
        }
        return all;
    }
    std::optional<double> number(char const* name) {
        auto const* const value = find(name);
        if (value == nullptr || value->is_null()) return std::nullopt;
        constexpr double ms_max = 1e9;
        auto const is_time = value->is_number() && value->get<double>() >= 0 && value->get<double>() < ms_max;
        if (is_time) return value->get<double>();
        return wrong<std::optional<double>>(name, "a number of milliseconds or null is wanted");
    }
    libp2p::PeerId peer(std::string const& text, char const* name) {
        auto const id = libp2p::PeerId::from_text(text);
        if (id) return *id;
        return wrong<libp2p::PeerId>(name, "'" + shown(text, 80) + "' is not a peer id");
    }
    template <class T>
    T wrong(char const* name, std::string const& what) {
        if (error_.empty()) error_ = "\"" + std::string(name) + "\": " + what;
        return T{};
    }
    std::string const& error() const { return error_; }

private:
    Json const* find(char const* name) {
        auto const found = object_.find(name);
        if (found != object_.end()) return &*found;
        wrong<bool>(name, "it is missing");
        return nullptr;
    }

    Json const& object_;
    std::string error_;
};

}  // namespace

Json to_json(Entry const& entry) {
    Json addresses = Json::array();
    for (auto const& address : entry.addresses) addresses.push_back(address.text());
    Json neighbours = Json::array();
    for (auto const& neighbour : entry.neighbours) neighbours.push_back(neighbour.text());
    return {{"peer", entry.peer.empty() ? Json(nullptr) : Json(entry.peer.text())},
            {"addrs", std::move(addresses)},
            {"reachable", entry.reachable},
            {"reason", optional_text(entry.reason)},
            {"agent", optional_text(entry.agent)},
            {"protocols", entry.protocols},
            {"rttMs", entry.round_trip ? Json(rounded_ms(*entry.round_trip)) : Json(nullptr)},
            {"rttSource", entry.round_trip ? Json(to_string(entry.rtt_source)) : Json(nullptr)},
            {"neighbours", std::move(neighbours)},
            {"dht", entry.has_dht}};
}

base::Result<std::optional<Entry>, std::string> entry_from_line(std::string_view line) {
    auto const json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return base::fail(std::string("a JSON object is wanted"));
    if (json.contains("event")) return std::nullopt;
    Members members(json);
    Entry entry;
    if (auto const peer = members.text("peer"); !peer.empty()) entry.peer = members.peer(peer, "peer");
    for (auto const& text : members.texts("addrs")) {
        auto const address = libp2p::Multiaddr::from_text(text);
        if (!address) return base::fail("\"addrs\": '" + shown(text, 80) + "' is not a multiaddr");
        entry.addresses.push_back(*address);
    }
    entry.reachable = members.boolean("reachable");
    entry.reason = members.text("reason");
    entry.agent = members.text("agent");
    entry.protocols = members.texts("protocols");
    if (auto const rtt = members.number("rttMs")) {
        entry.round_trip = std::chrono::duration_cast<base::Duration>(std::chrono::duration<double, std::milli>(*rtt));
        entry.rtt_source = members.text("rttSource") == "ping" ? RttSource::ping : RttSource::connect;
    }
    for (auto const& text : members.texts("neighbours")) entry.neighbours.push_back(members.peer(text, "neighbours"));
    entry.has_dht = members.boolean("dht");
    if (!members.error().empty()) return base::fail(members.error());
    if (entry.reachable && entry.peer.empty())
        return base::fail(std::string("\"peer\": one that was reached has an id"));
    return entry;
}

std::string csv_header() {
    return "peer,addrs,reachable,reason,agent,protocols,rttMs,rttSource,neighbours,dht\r\n";
}

std::string csv_line(Entry const& entry) {
    std::string addresses;
    for (auto const& address : entry.addresses) addresses += (addresses.empty() ? "" : " ") + address.text();
    std::string neighbours;
    for (auto const& neighbour : entry.neighbours) neighbours += (neighbours.empty() ? "" : " ") + neighbour.text();
    std::string protocols;
    for (auto const& protocol : entry.protocols) protocols += (protocols.empty() ? "" : " ") + protocol;
    std::string line = entry.peer.empty() ? "" : entry.peer.text();
    auto const add = [&line](std::string_view text) { line += "," + csv_field(text); };
    add(addresses);
    add(entry.reachable ? "true" : "false");
    add(entry.reason);
    add(entry.agent);
    add(protocols);
    add(entry.round_trip ? fixed(milliseconds(*entry.round_trip), 3) : "");
    add(entry.round_trip ? to_string(entry.rtt_source) : "");
    add(neighbours);
    add(entry.has_dht ? "true" : "false");
    return line + "\r\n";
}

base::Result<EarlierCrawl, std::string> read_crawl(std::string const& path) {
    EarlierCrawl crawl;
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        if (errno == ENOENT) return crawl;
        return base::fail(path + ": " + std::strerror(errno));
    }
    std::map<libp2p::PeerId, std::size_t> places;
    std::string line;
    std::string damage;  // of the line before; no harm if that was the last
    for (std::uint64_t number = 1; std::getline(file, line); ++number) {
        if (!damage.empty()) return base::fail(path + ": " + damage + "; mend or remove that line");
        auto const is_whole = !file.eof();  // its end was written as well
        auto const size = line.size() + 1;
        auto entry = line.size() > crawl_line_bytes_max
                         ? base::Result<std::optional<Entry>, std::string>(base::fail(std::string("it is too long")))
                         : entry_from_line(line);
        if (!is_whole) break;
        if (!entry) {
            damage = "line " + std::to_string(number) + " is not a crawl's: " + entry.error();
            continue;
        }
        crawl.whole_bytes += size;
        if (!*entry) continue;
        auto const [at, is_new] = places.try_emplace((*entry)->peer, crawl.entries.size());
        if (is_new) {
            crawl.entries.push_back(std::move(**entry));
        } else if ((*entry)->reachable || !crawl.entries[at->second].reachable) {
            crawl.entries[at->second] = std::move(**entry);
        }
    }
    if (file.bad()) return base::fail(path + ": it cannot be read");
    return crawl;
}

}  // namespace apps
