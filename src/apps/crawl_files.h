// What a crawl writes, and reads again: an object of JSON a line for each peer, or CSV.
#pragma once

#include "apps/events_json.h"
#include "mina/crawl/entry.h"

namespace apps {

/// {"peer","addrs","reachable","reason","agent","protocols","rttMs","rttSource","neighbours","dht"}; null for what is
/// not known. "peer" is null for an address that nobody was reached at.
Json to_json(mina::crawl::Entry const& entry);

/// A line of a crawl's file: an entry; nothing, for one that is about the crawl ("event"); or what is wrong with it.
base::Result<std::optional<mina::crawl::Entry>, std::string> entry_from_line(std::string_view line);

/// With the end of line that RFC 4180 wants.
std::string csv_header();
std::string csv_line(mina::crawl::Entry const& entry);

/// An earlier crawl's file.
struct EarlierCrawl {
    std::vector<mina::crawl::Entry> entries;  // one of each peer: the last, but one that was reached stays
    std::uint64_t whole_bytes = 0;            // of the file; what follows is a line that was not written to its end
};
/// No file is as good as an empty one. A damaged last line is left out; the error names any other.
base::Result<EarlierCrawl, std::string> read_crawl(std::string const& path);

inline constexpr std::size_t crawl_line_bytes_max = 4 * 1024 * 1024;

}  // namespace apps
