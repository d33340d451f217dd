// Goal: ranges hold what CIDR says they hold, in both families and at every prefix length; texts go there and back.
// Method: tables; every prefix length of an address against its neighbours on both sides of the boundary.
#include "libp2p/wire/ip_range.h"

#include <gtest/gtest.h>

namespace libp2p {
namespace {

IpAddress ip(std::string_view text) {
    auto const parsed = IpAddress::parse(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(IpAddress{});
}

IpRange range(std::string_view text) {
    auto const parsed = IpRange::parse(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(IpRange{});
}

TEST(ip_range, reads_and_prints_cidr) {
    struct Case {
        std::string_view in, out;
    };
    for (auto const& [in, out] : {Case{"10.0.0.0/8", "10.0.0.0/8"}, Case{"10.1.2.3/8", "10.0.0.0/8"},
                                  Case{"1.2.3.4", "1.2.3.4"}, Case{"1.2.3.4/32", "1.2.3.4"},
                                  Case{"0.0.0.0/0", "0.0.0.0/0"},
                                  Case{"255.255.255.255/1", "128.0.0.0/1"}, Case{"2001:db8::/32", "2001:db8::/32"},
                                  Case{"2001:db8::1", "2001:db8::1"}, Case{"2001:db8::ffff/127", "2001:db8::fffe/127"},
                                  Case{"::/0", "::/0"}, Case{"::1/128", "::1"}}) {
        EXPECT_EQ(range(in).text(), out);
        EXPECT_EQ(range(range(in).text()), range(in));
    }
}

TEST(ip_range, says_what_was_wrong) {
    struct Case {
        std::string_view in, why;
    };
    for (auto const& [in, why] : {Case{"", "\"\" is no IP address"}, Case{"10.0.0", "\"10.0.0\" is no IP address"},
                                  Case{"/8", "\"\" is no IP address"},
                                  Case{"10.0.0.0/33", "\"33\" is no prefix length of IPv4: it has at most 32 bits"},
                                  Case{"10.0.0.0/", "\"\" is no prefix length of IPv4: it has at most 32 bits"},
                                  Case{"10.0.0.0/08", "\"08\" is no prefix length of IPv4: it has at most 32 bits"},
                                  Case{"10.0.0.0/-1", "\"-1\" is no prefix length of IPv4: it has at most 32 bits"},
                                  Case{"10.0.0.0/8/8", "\"8/8\" is no prefix length of IPv4: it has at most 32 bits"},
                                  Case{"::/129", "\"129\" is no prefix length of IPv6: it has at most 128 bits"},
                                  Case{"::/999", "\"999\" is no prefix length of IPv6: it has at most 128 bits"}}) {
        auto const parsed = IpRange::parse(in);
        ASSERT_FALSE(parsed.has_value()) << in;
        EXPECT_EQ(parsed.error(), why);
    }
}

TEST(ip_range, holds_exactly_the_addresses_with_its_prefix) {
    for (auto const address : {ip("170.85.170.85"), ip("aa55:aa55:aa55:aa55:aa55:aa55:aa55:aa55")}) {
        auto const bits_max = static_cast<unsigned>(address.v6 ? 128 : 32);
        for (unsigned bits = 0; bits <= bits_max; ++bits) {
            auto const whole = IpRange::of(address, static_cast<std::uint8_t>(bits));
            EXPECT_TRUE(whole.contains(address));
            EXPECT_TRUE(whole.contains(whole.ip));
            for (unsigned flipped = 0; flipped < bits_max; ++flipped) {
                auto other = address;
                other.bytes[flipped / 8] ^= static_cast<std::uint8_t>(0x80U >> (flipped % 8));
                EXPECT_EQ(whole.contains(other), flipped >= bits) << bits << " " << flipped;
            }
        }
    }
}

TEST(ip_range, keeps_the_families_apart) {
    EXPECT_FALSE(range("0.0.0.0/0").contains(ip("2001:db8::1")));
    EXPECT_FALSE(range("::/0").contains(ip("1.2.3.4")));
}

TEST(ip_range, takes_an_ipv4_address_inside_ipv6_for_what_it_is) {
    EXPECT_TRUE(range("10.0.0.0/8").contains(ip("::ffff:10.1.2.3")));
    EXPECT_FALSE(range("10.0.0.0/8").contains(ip("::ffff:11.1.2.3")));
    EXPECT_FALSE(range("::/0").contains(ip("::ffff:10.1.2.3")));
    EXPECT_EQ(IpRange::of(ip("::ffff:10.1.2.3")).text(), "10.1.2.3");
    EXPECT_EQ(range("::ffff:10.1.2.3/104").text(), "10.0.0.0/8");
    EXPECT_EQ(group_of(ip("::ffff:10.1.2.3")), group_of(ip("10.1.0.0")));
}

TEST(ip_range, takes_no_more_bits_than_the_address_has) {
    EXPECT_EQ(IpRange::of(ip("1.2.3.4"), 200).text(), "1.2.3.4");
    EXPECT_EQ(IpRange::of(ip("2001:db8::1"), 255).text(), "2001:db8::1");
}

TEST(ip_range, groups_are_16_bits_of_ipv4_and_32_of_ipv6) {
    EXPECT_EQ(group_of(ip("1.2.3.4")).text(), "1.2.0.0/16");
    EXPECT_EQ(group_of(ip("2001:db8:1::1")).text(), "2001:db8::/32");
}

}  // namespace
}  // namespace libp2p
