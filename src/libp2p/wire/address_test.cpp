// Goal: addresses read and print as the RFCs say, and no private one passes for public. Method:
// examples of RFC 5952 and RFC 4291, both edges of every range, random round trips.
#include "libp2p/wire/address.h"

#include "base/rng.h"

#include <gtest/gtest.h>

namespace libp2p {
namespace {

IpAddress ip(std::string_view text) {
    auto const parsed = IpAddress::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(IpAddress{});
}

TEST(ip_address, reads_and_prints_dotted_ipv4) {
    EXPECT_EQ(ip("1.2.3.4"), IpAddress::v4(1, 2, 3, 4));
    EXPECT_EQ(ip("255.255.255.255").text(), "255.255.255.255");
    EXPECT_EQ(ip("0.0.0.0").text(), "0.0.0.0");
    EXPECT_EQ(ip("1.2.3.4").view().size(), 4U);
}

TEST(ip_address, refuses_other_ipv4) {
    for (auto const text :
         {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.1.1.1", "01.2.3.4",
          "1.2.3.04", "1.2.3.+4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.0x4", "1.2.3.1000", "-1.2.3.4"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << '"' << text << '"';
    }
}

// RFC 5952, sections 1, 2 and 4: left any form, right the recommended one.
TEST(ip_address, prints_ipv6_as_rfc_5952_recommends) {
    struct Form {
        std::string_view any;
        std::string_view canonical;
    };
    for (auto const& form : {
             Form{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
             Form{"2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
             Form{"2001:db8::1:0:0:1", "2001:db8::1:0:0:1"},
             Form{"2001:0db8:85a3:0000:0000:8A2E:0370:7334", "2001:db8:85a3::8a2e:370:7334"},
             Form{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
             Form{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
             Form{"2001:DB8::AAAA", "2001:db8::aaaa"},
             Form{"0:0:0:0:0:0:0:0", "::"},
             Form{"::", "::"},
             Form{"::1", "::1"},
             Form{"1::", "1::"},
             Form{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
             Form{"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
             Form{"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
             Form{"::ffff:c000:201", "::ffff:192.0.2.1"},
             Form{"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
             Form{"1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"},
         }) {
        EXPECT_EQ(ip(form.any).text(), form.canonical) << form.any;
        EXPECT_EQ(ip(form.canonical), ip(form.any)) << form.any;
    }
}

TEST(ip_address, refuses_other_ipv6) {
    for (auto const text : {":",
                            ":::",
                            "1:2:3:4:5:6:7",
                            "1:2:3:4:5:6:7:8:9",
                            "1::2::3",
                            "::1::",
                            "1:2:3:4:5:6:7:8::",
                            "::1:2:3:4:5:6:7:8",
                            "12345::",
                            "g::",
                            "1:",
                            ":1",
                            "1:2:",
                            "::1%eth0",
                            "[::1]",
                            "::1.2.3",
                            "1.2.3.4::",
                            "::1.2.3.4:5",
                            "1:2:3:4:5:6:7:1.2.3.4",
                            ":: 1",
                            "::ffff:01.2.3.4"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << '"' << text << '"';
    }
}

TEST(ip_address, random_addresses_survive_a_round_trip) {
    base::Rng rng(base::Rng::Seed{1});
    for (int i = 0; i < 5000; ++i) {
        IpAddress address{.v6 = rng.below(2) == 0};
        for (std::size_t at = 0; at < address.view().size(); ++at) {
            address.bytes[at] =
                rng.below(2) == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(rng.below(256));
        }
        EXPECT_EQ(ip(address.text()), address) << address.text();
    }
}

TEST(ip_address, is_private_within_its_ranges_and_not_beside_them) {
    for (auto const text : {"0.0.0.0",
                            "0.255.255.255",
                            "10.0.0.0",
                            "10.255.255.255",
                            "100.64.0.0",
                            "100.127.255.255",
                            "127.0.0.1",
                            "127.255.255.255",
                            "169.254.0.0",
                            "169.254.255.255",
                            "172.16.0.0",
                            "172.31.255.255",
                            "192.168.0.0",
                            "192.168.255.255",
                            "198.18.0.0",
                            "198.19.255.255",
                            "::",
                            "::1",
                            "fc00::",
                            "fdff::1",
                            "fe80::1",
                            "febf::1",
                            "::ffff:10.1.2.3",
                            "::ffff:127.0.0.1",
                            "::ffff:0.0.0.0"}) {
        EXPECT_TRUE(ip(text).is_private()) << text;
    }
    for (auto const text : {"1.0.0.0",       "9.255.255.255",   "11.0.0.0",   "100.63.255.255",
                            "100.128.0.0",   "126.255.255.255", "128.0.0.0",  "169.253.255.255",
                            "169.255.0.0",   "172.15.255.255",  "172.32.0.0", "192.167.255.255",
                            "192.169.0.0",   "198.17.255.255",  "198.20.0.0", "::2",
                            "fbff::1",       "fe00::1",         "fec0::1",    "2001:db8::1",
                            "::ffff:8.8.8.8"}) {
        EXPECT_FALSE(ip(text).is_private()) << text;
    }
}

TEST(ip_address, knows_loopback_and_unspecified) {
    EXPECT_TRUE(ip("127.8.9.1").is_loopback());
    EXPECT_TRUE(ip("::1").is_loopback());
    EXPECT_TRUE(ip("::ffff:127.0.0.1").is_loopback());
    EXPECT_FALSE(ip("128.0.0.1").is_loopback());
    EXPECT_FALSE(ip("::2").is_loopback());
    EXPECT_TRUE(ip("0.0.0.0").is_unspecified());
    EXPECT_TRUE(ip("::").is_unspecified());
    EXPECT_FALSE(ip("0.0.0.1").is_unspecified());
    EXPECT_FALSE(ip("::1").is_unspecified());
}

TEST(socket_address, prints_with_brackets_around_ipv6_only) {
    EXPECT_EQ((SocketAddress{IpAddress::v4(1, 2, 3, 4), 80}).text(), "1.2.3.4:80");
    EXPECT_EQ((SocketAddress{ip("::1"), 65535}).text(), "[::1]:65535");
}

TEST(socket_address, is_ordered_by_address_then_port) {
    SocketAddress const low{IpAddress::v4(1, 2, 3, 4), 90};
    SocketAddress const high{IpAddress::v4(1, 2, 3, 5), 80};
    EXPECT_LT(low, high);
    EXPECT_LT((SocketAddress{low.ip, 80}), low);
}

}  // namespace
}  // namespace libp2p
