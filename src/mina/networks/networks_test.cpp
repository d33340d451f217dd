// Goal: a network's data gives the keys its nodes use, and a wrong file says what is wrong. Method: published vectors.
#include "mina/networks/networks.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace mina {
namespace {

TEST(networks, chain_ids_give_the_published_keys) {
    EXPECT_EQ(base::to_hex(private_network_key(*builtin("mainnet"))),
              "01986ff2974ae2e399a4ecea985466c0c98a88fa4af22c33d3db22922157f6ea");
    EXPECT_EQ(base::to_hex(private_network_key(*builtin("devnet"))),
              "d2bd05093d390d3ca504066553705c4df70931945d21efcb5c779b6491e1a6dc");
    Network berkeley;
    berkeley.chain_id = "a7351abc7ddf2ea92d1b38cc8e636c271c1dfd2c081c637f62ebc2af34eb7cc1";
    EXPECT_EQ(base::to_hex(private_network_key(berkeley)),
              "14dd173ece861212645c98d9bb1fdb1930aff5cfb59077ab27fe1375096bcc68");
}

TEST(networks, seeds_are_dialable_names_with_peer_ids) {
    for (auto const& name : builtin_names()) {
        auto const network = *builtin(name);
        for (auto const& seed : network.seeds) {
            EXPECT_TRUE(seed.dns_name());
            EXPECT_TRUE(seed.peer_id());
        }
    }
    EXPECT_EQ(builtin("mainnet")->seeds.size(), 11U);
    EXPECT_FALSE(builtin("testnet"));
}

TEST(networks, a_file_defines_another) {
    auto const network = parse(R"(
        name = "mine"
        chain-id = "a7351abc7ddf2ea92d1b38cc8e636c271c1dfd2c081c637f62ebc2af34eb7cc1"
        private = false
        topics = ["a", "b"]
        seeds = ["/ip4/127.0.0.1/tcp/8302/p2p/12D3KooWAdgYL6hv18M3iDBdaK1dRygPivSfAfBNDzie6YqydVbs"]
    )");
    ASSERT_TRUE(network) << network.error();
    EXPECT_EQ(network->name, "mine");
    EXPECT_FALSE(network->is_private);
    EXPECT_EQ(network->topics, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(network->seeds.size(), 1U);
    EXPECT_EQ(network->muxer, "/coda/yamux/1.0.0");
}

TEST(networks, a_wrong_file_says_what_is_wrong) {
    EXPECT_EQ(parse("nam = \"x\"").error(), "network file: unknown key 'nam'; the nearest is 'name'");
    EXPECT_EQ(parse("name = 3").error(), "network file: 'name' must be a text");
    EXPECT_EQ(parse("name = \"x\"").error(), "network file: 'chain-id' is missing");
    EXPECT_EQ(parse("name = \"x\"\nchain-id = \"00\"").error(),
              "network file: 'chain-id' must be 64 lower-case hex digits");
    EXPECT_NE(parse("name = ").error().find("line 1"), std::string::npos);
}

TEST(networks, seed_lists_skip_comments_and_name_the_bad_line) {
    auto const seeds = parse_seeds("# list\n\n/ip4/1.2.3.4/tcp/1\r\n");
    ASSERT_TRUE(seeds);
    EXPECT_EQ(seeds->size(), 1U);
    EXPECT_EQ(parse_seeds("/ip4/1.2.3.4/tcp/1\nnonsense").error().substr(0, 7), "line 2:");
}

}  // namespace
}  // namespace mina
