// What a crawl writes. Goal: it comes back as it was, however hostile the peers' texts are, and damage is told.
// Method: entries there and back; files as a killed crawl leaves them.
#include "apps/crawl_files.h"

#include "apps/crawl_text.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace apps {
namespace {

using mina::crawl::Entry;
using mina::crawl::RttSource;

libp2p::PeerId peer(std::uint8_t number) { return libp2p::PeerId::of(crypto::PublicKey::ed25519({number, 1, 2})); }

Entry reached(std::uint8_t number) {
    Entry entry;
    entry.peer = peer(number);
    entry.addresses = {*libp2p::Multiaddr::from_text("/ip4/1.2.3.4/tcp/8302"),
                       *libp2p::Multiaddr::from_text("/dns4/example.org/tcp/1")};
    entry.reachable = true;
    entry.agent = "helper, \"1\"";
    entry.protocols = {"/coda/kad/1.0.0", "/a b"};
    entry.round_trip = std::chrono::microseconds(12'345);
    entry.rtt_source = RttSource::ping;
    entry.neighbours = {peer(100), peer(101)};
    entry.has_dht = true;
    return entry;
}

Entry unreached(std::uint8_t number) {
    Entry entry;
    entry.peer = peer(number);
    entry.reason = "connection refused";
    return entry;
}

class CrawlFileTest : public testing::Test {
protected:
    CrawlFileTest() { std::filesystem::remove(path); }
    ~CrawlFileTest() override { std::filesystem::remove(path); }
    void write(std::string const& text) { std::ofstream(path, std::ios::binary | std::ios::app) << text; }
    void write(Entry const& entry) { write(dump(to_json(entry)) + "\n"); }

    std::string path = testing::TempDir() + "crawl_files_test.jsonl";
};

TEST_F(CrawlFileTest, entries_come_back_from_their_lines) {
    auto nobody = unreached(0);
    nobody.peer = {};
    nobody.addresses = {*libp2p::Multiaddr::from_text("/dns4/seed.example.org/tcp/1")};
    for (auto const& entry : {reached(1), unreached(2), nobody}) {
        auto const again = entry_from_line(dump(to_json(entry)));
        ASSERT_TRUE(again) << again.error();
        EXPECT_EQ(**again, entry);
    }
}

TEST_F(CrawlFileTest, an_agent_of_any_bytes_stays_on_its_line) {
    auto entry = reached(1);
    entry.agent = std::string("a\n\r\0b\x1b[31m\xff\xfe", 13) + "\u202e";
    auto const line = dump(to_json(entry));
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    ASSERT_TRUE(entry_from_line(line));
    EXPECT_THAT((*entry_from_line(line))->agent, testing::StartsWith(std::string("a\n\r\0b\x1b", 6)));
}

TEST_F(CrawlFileTest, refuses_lines_that_are_no_entries) {
    auto const error_of = [](std::string_view line) {
        auto const entry = entry_from_line(line);
        return entry ? std::string() : entry.error();
    };
    EXPECT_EQ(error_of("nonsense"), "a JSON object is wanted");
    EXPECT_EQ(error_of("[1]"), "a JSON object is wanted");
    EXPECT_EQ(error_of("{}"), "\"peer\": it is missing");
    auto json = to_json(reached(1));
    json["peer"] = "12D3KooWnonsense";
    EXPECT_EQ(error_of(dump(json)), "\"peer\": '12D3KooWnonsense' is not a peer id");
    json = to_json(reached(1));
    json["addrs"] = {"/nonsense"};
    EXPECT_EQ(error_of(dump(json)), "\"addrs\": '/nonsense' is not a multiaddr");
    json = to_json(reached(1));
    json["rttMs"] = -1;
    EXPECT_THAT(error_of(dump(json)), testing::HasSubstr("rttMs"));
    json["rttMs"] = nullptr;
    json["reachable"] = "yes";
    EXPECT_EQ(error_of(dump(json)), "\"reachable\": true or false is wanted");
    json["reachable"] = true;
    json["peer"] = nullptr;
    EXPECT_EQ(error_of(dump(json)), "\"peer\": one that was reached has an id");
    EXPECT_EQ(error_of("{\"event\":\"summary\"}"), "");
}

TEST_F(CrawlFileTest, no_file_is_an_empty_crawl) {
    auto const crawl = read_crawl(path);
    ASSERT_TRUE(crawl);
    EXPECT_TRUE(crawl->entries.empty());
    EXPECT_EQ(crawl->whole_bytes, 0U);
}

TEST_F(CrawlFileTest, the_last_entry_of_a_peer_counts_and_one_that_was_reached_stays) {
    write(unreached(1));
    write(reached(1));
    write(unreached(1));
    write(reached(2));
    auto other = unreached(3);
    write(other);
    other.reason = "dial timed out";
    write(other);
    write("{\"event\":\"summary\"}\n");
    auto const crawl = read_crawl(path);
    ASSERT_TRUE(crawl) << crawl.error();
    EXPECT_THAT(crawl->entries, testing::ElementsAre(reached(1), reached(2), other));
    EXPECT_EQ(crawl->whole_bytes, std::filesystem::file_size(path));
}

TEST_F(CrawlFileTest, leaves_out_a_last_line_that_was_not_written_to_its_end) {
    write(reached(1));
    auto const whole = std::filesystem::file_size(path);
    auto const line = dump(to_json(reached(2)));
    write(line.substr(0, line.size() / 2));
    auto const cut = read_crawl(path);
    ASSERT_TRUE(cut) << cut.error();
    EXPECT_THAT(cut->entries, testing::ElementsAre(reached(1)));
    EXPECT_EQ(cut->whole_bytes, whole);
    write("\n");
    auto const damaged = read_crawl(path);
    ASSERT_TRUE(damaged) << damaged.error();
    EXPECT_EQ(damaged->whole_bytes, whole);
}

TEST_F(CrawlFileTest, names_the_line_of_any_other_damage) {
    write(reached(1));
    write("{\"peer\":1}\n");
    write(reached(2));
    auto const crawl = read_crawl(path);
    ASSERT_FALSE(crawl);
    EXPECT_EQ(crawl.error(),
              path + ": line 2 is not a crawl's: \"peer\": a text or null is wanted; mend or remove that line");
}

TEST_F(CrawlFileTest, csv_has_one_line_of_ten_fields_each) {
    auto entry = reached(1);
    entry.agent = "=cmd\"1\",\r\nnext";
    EXPECT_EQ(csv_line(entry),
              peer(1).text() +
                  ",/ip4/1.2.3.4/tcp/8302 /dns4/example.org/tcp/1,true,,\"'=cmd\"\"1\"\",\uFFFD\uFFFDnext\","
                  "/coda/kad/1.0.0 /a b,12.345,ping," +
                  peer(100).text() + " " + peer(101).text() + ",true\r\n");
    EXPECT_EQ(csv_line(unreached(2)), peer(2).text() + ",,false,connection refused,,,,,,false\r\n");
    EXPECT_EQ(csv_header(), "peer,addrs,reachable,reason,agent,protocols,rttMs,rttSource,neighbours,dht\r\n");
}

TEST(CrawlText, makes_texts_of_strangers_harmless) {
    EXPECT_EQ(shown("plain ünï 漢 🙂"), "plain ünï 漢 🙂");
    EXPECT_EQ(shown("a\x1b[2Jb\x7f\xc2\x85"), "a\uFFFD[2Jb\uFFFD\uFFFD");
    EXPECT_EQ(shown("\xc0\x80\xff\xed\xa0\x80\xf4\x90\x80\x80"),
              "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(shown("\u202etxt\uFFFE\uFEFF\xe2\x80"), "\uFFFDtxt\uFFFD\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(shown("abcdef", 3), "abc…");
    EXPECT_EQ(xml_text("<a href=\"x\">&\x01"), "&lt;a href=&quot;x&quot;&gt;&amp;\uFFFD");
}

}  // namespace
}  // namespace apps
