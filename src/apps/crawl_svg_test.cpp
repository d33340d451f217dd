// The picture of a crawl, and its summary. Goal: it is well-formed XML whatever peers say, holds what was found, is the
// same each time, and is bounded. Method: a strict reader of the XML that it may be made of.
#include "apps/crawl_svg.h"

#include <gmock/gmock.h>

namespace apps {
namespace {

using mina::crawl::Entry;

libp2p::PeerId peer(std::uint32_t number) {
    return libp2p::PeerId::of(
        crypto::PublicKey::ed25519({static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8),
                                    static_cast<std::uint8_t>(number >> 16)}));
}

Entry entry(std::uint32_t number, std::string agent, std::vector<std::uint32_t> const& neighbours) {
    Entry made;
    made.peer = peer(number);
    made.reachable = true;
    made.agent = std::move(agent);
    made.protocols = {"/coda/kad/1.0.0", "/coda/kad/1.0.0", "/ipfs/ping/1.0.0"};
    made.round_trip = std::chrono::milliseconds(number);
    for (auto const neighbour : neighbours) made.neighbours.push_back(peer(neighbour));
    return made;
}

Entry unreached(std::uint32_t number, std::string reason) {
    Entry made;
    made.peer = peer(number);
    made.reason = std::move(reason);
    return made;
}

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

// Of text, or of an attribute's value: what must be escaped is, and references are those that XML knows.
testing::AssertionResult is_escaped(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 && c != '\n') return testing::AssertionFailure() << "a control character in " << text;
        if (c != '&') continue;
        auto const reference = text.substr(i, text.find(';', i) - i + 1);
        auto const is_known = reference == "&amp;" || reference == "&lt;" || reference == "&gt;" ||
                              reference == "&quot;" || reference == "&#10;";
        if (!is_known) return testing::AssertionFailure() << "a bare & in " << text;
    }
    return testing::AssertionSuccess();
}

testing::AssertionResult is_well_formed(std::string_view xml) {
    std::vector<std::string> open;
    constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    if (!xml.starts_with(declaration)) return testing::AssertionFailure() << "no declaration";
    xml.remove_prefix(declaration.size());
    while (!xml.empty()) {
        auto const tag = xml.find('<');
        if (auto const result = is_escaped(xml.substr(0, tag)); !result) return result;
        if (tag == std::string_view::npos) break;
        auto const end = xml.find('>', tag);
        if (end == std::string_view::npos) return testing::AssertionFailure() << "a tag without an end";
        auto inside = xml.substr(tag + 1, end - tag - 1);
        xml.remove_prefix(end + 1);
        if (inside.starts_with('/')) {
            if (open.empty() || open.back() != inside.substr(1))
                return testing::AssertionFailure() << "closes " << inside;
            open.pop_back();
            continue;
        }
        auto const is_empty = inside.ends_with('/');
        if (is_empty) inside.remove_suffix(1);
        if (auto const result = is_escaped(inside); !result) return result;
        if (count(inside, "\"") % 2 != 0 || count(inside, "<") > 0)
            return testing::AssertionFailure() << "attributes " << inside;
        if (!is_empty) open.emplace_back(inside.substr(0, inside.find(' ')));
    }
    if (!open.empty()) return testing::AssertionFailure() << open.back() << " stays open";
    return testing::AssertionSuccess();
}

TEST(CrawlSvg, draws_every_peer_and_every_pair_once) {
    CrawlResults results;
    results.add(entry(1, "helper", {2, 3}));
    results.add(entry(2, "helper", {1, 3}));
    results.add(unreached(3, "connection refused"));
    auto const svg = crawl_svg(results, "Peers of local");
    EXPECT_TRUE(is_well_formed(svg)) << svg;
    EXPECT_EQ(count(svg, "</title></circle>"), 3U);
    EXPECT_EQ(count(svg, "<path "), 3U);
    for (std::uint32_t i = 1; i <= 3; ++i) EXPECT_EQ(count(svg, peer(i).text()), 1U);
    EXPECT_THAT(svg, testing::HasSubstr("helper  2"));
    EXPECT_THAT(svg, testing::HasSubstr("not reached: connection refused"));
    EXPECT_THAT(svg, testing::HasSubstr("3 peers found, 2 reached"));
    EXPECT_EQ(svg, crawl_svg(results, "Peers of local"));
}

TEST(CrawlSvg, escapes_what_peers_say) {
    CrawlResults results;
    results.add(entry(1, "</title><script>alert(1)</script>&\"'\x1b\xff", {2}));
    results.add(unreached(2, "<&>"));
    auto const svg = crawl_svg(results, "<&\">");
    EXPECT_TRUE(is_well_formed(svg)) << svg;
    EXPECT_EQ(count(svg, "<script"), 0U);
}

TEST(CrawlSvg, an_empty_crawl_is_a_picture_too) {
    EXPECT_TRUE(is_well_formed(crawl_svg(CrawlResults(), "Peers of nowhere")));
}

TEST(CrawlSvg, is_bounded) {
    CrawlResults results;
    constexpr std::uint32_t peers = 5000;
    for (std::uint32_t i = 0; i < peers; ++i)
        results.add(
            entry(i, "agent " + std::to_string(i % 40), {(i * 7 + 1) % peers, (i * 11 + 5) % peers, (i + 1) % peers}));
    auto const svg = crawl_svg(results, "Peers of a large network");
    EXPECT_TRUE(is_well_formed(svg));
    EXPECT_EQ(count(svg, "</title></circle>"), peers_drawn_max);
    EXPECT_EQ(count(svg, "<path "), edges_drawn_max);
    EXPECT_THAT(svg, testing::HasSubstr("other agents"));
    EXPECT_THAT(svg, testing::HasSubstr("Drawn: the 4000 that most peers name"));
}

TEST(CrawlResults, sums_up) {
    CrawlResults results;
    for (std::uint32_t i = 1; i <= 5; ++i) results.add(entry(i, i < 4 ? "helper" : "mina", {6, 7}));
    results.add(unreached(6, "dial timed out"));
    results.add(unreached(7, "dial timed out"));
    results.add(unreached(8, "connection refused"));
    results.add(unreached(1, "dial timed out"));  // it was reached before
    auto nobody = unreached(0, "name not resolved");
    nobody.peer = {};
    nobody.addresses = {*libp2p::Multiaddr::from_text("/dns4/seed.example.org/tcp/1")};
    results.add(nobody);
    auto summary = results.summary();
    EXPECT_EQ(
        dump(summary),
        R"({"found":8,"reached":5,"reachedShare":0.625,"unreachable":{"dial timed out":2,"connection refused":1},)"
        R"("agents":{"helper":3,"mina":2},"protocols":{"/coda/kad/1.0.0":5,"/ipfs/ping/1.0.0":5},"rttMsMedian":3.0,)"
        R"("neighboursMedian":2,"seedsNotReached":{"/dns4/seed.example.org/tcp/1":"name not resolved"}})");
    Json whole{{"event", "summary"}, {"network", "local"},    {"ended", "finished"}, {"leftOut", 0},
               {"seconds", 2.0},     {"peersPerSecond", 4.0}, {"cpuSeconds", 0.5}};
    whole.update(summary);
    auto const text = summary_text(whole);
    EXPECT_THAT(text, testing::HasSubstr("5 (62.5 %)"));
    EXPECT_THAT(text, testing::HasSubstr("dial timed out"));
}

TEST(CrawlResults, counts_a_bounded_number_of_names) {
    CrawlResults results;
    for (std::uint32_t i = 0; i < CrawlResults::names_max + 100; ++i)
        results.add(entry(i, "agent " + std::to_string(i), {}));
    auto const agents = results.summary()["agents"];
    EXPECT_LE(agents.size(), CrawlResults::names_max);
    EXPECT_GE(agents["(other)"].get<std::uint64_t>(), 100U);
}

}  // namespace
}  // namespace apps
