// Goal: addresses of every kind that other implementations send are read, printed and written back
// alike; garbage is refused. Method: byte vectors of other implementations' tests, lists of good
// and bad text, mutations.
#include "libp2p/wire/multiaddr.h"

#include "base/rng.h"
#include "base/text.h"

#include <gtest/gtest.h>

namespace libp2p {
namespace {

using base::ByteString;
using base::ByteView;

constexpr std::string_view some_id = "12D3KooWSDTiXcdBVpN12ZqXJ49qCFp8zB1NnovuhZu6A28GLF1J";
constexpr std::string_view other_id = "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC";

ByteString hex(std::string_view text) { return base::from_hex(text).value(); }

Multiaddr address(std::string_view text) {
    auto const parsed = Multiaddr::from_text(text);
    EXPECT_TRUE(parsed) << text << ": " << to_string(parsed.error());
    return parsed.value_or(Multiaddr());
}

std::string with_id(std::string_view text, std::string_view id = some_id) {
    return std::string(text) + "/p2p/" + std::string(id);
}

TEST(multiaddr, has_the_bytes_that_other_implementations_test_for) {
    struct Vector {
        std::string_view text;
        std::string_view bytes;
    };
    for (
        auto const& vector : {
            Vector{"/ip4/127.0.0.1/udp/1234", "047f000001910204d2"},
            Vector{"/ip4/127.0.0.1/tcp/4321", "047f0000010610e1"},
            Vector{"/ip6/2001:8a0:7ac5:4201:3ac9:86ff:fe31:7095/tcp/1",
                   "29200108a07ac542013ac986fffe317095060001"},
            Vector{
                "/ip4/127.0.0.1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/tcp/1234",
                "047f000001a503221220d52ebb89d85b02a284948203a62ff28389c57c9f42beec4ec20db76a68911c0b0604d2"},
            Vector{
                "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234",
                "bd03adadec040be047f9658668b11a504f3155001f231a37f54c4476c07fb4cc139ed7e30304d2"},
            Vector{
                "/ip4/127.0.0.1/udp/1234/quic-v1/webtransport/certhash/b2uaraocy6yrdblb4sfptaddgimjmmpy",
                "047f000001910204d2cd03d103d20313d501103858f62230ac3c915f300c664312c63f"},
            Vector{
                "/ip4/104.131.131.82/udp/4001/quic-v1/webtransport/certhash/"
                "f1220a78c594f830726e17fba30224d448d5c4a4434e9e5a14f24b3822d14da46d19b",
                "046883835291020fa1cd03d103d203221220a78c594f830726e17fba30224d448d5c4a4434e9e5a14f24b3822d14da46d19b"},
            Vector{"/dns4/a.b/tcp/443/tls/sni/c.d/ws", "3603612e620601bbc003c10303632e64dd03"},
            Vector{"/unix/a/b", "9003042f612f62"},
        }) {
        EXPECT_EQ(base::to_hex(address(vector.text).bytes()), vector.bytes) << vector.text;
        auto const parsed = Multiaddr::from_bytes(hex(vector.bytes));
        ASSERT_TRUE(parsed) << vector.text;
        EXPECT_EQ(*parsed, address(vector.text));
        EXPECT_EQ(address(parsed->text()), *parsed) << parsed->text();
    }
}

// What go, js and rust nodes announce in identify, and what people write in seed lists.
TEST(multiaddr, reads_and_prints_what_peers_announce) {
    for (
        auto const& text : {
            std::string("/ip4/1.2.3.4/tcp/8302"),
            with_id("/dns4/seed-1.mainnet.gcp.o1test.net/tcp/10003"),
            with_id("/dns4/seed-2.mainnet.gcp.o1test.net/tcp/32002", other_id),
            std::string("/ip6/::1/tcp/0"),
            std::string("/ip6/2601:9:4f81:9700:803e:ca65:66e8:c21/udp/1234/quic"),
            std::string("/ip4/1.2.3.4/udp/4001/quic-v1"),
            std::string(
                "/ip4/1.2.3.4/udp/4001/quic-v1/webtransport/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ/"
                "certhash/uEiAfbgiymPP2_nX7Dgir8B4QkksjHp2lVuJZz0F79Be9JA"),
            std::string(
                "/ip4/1.2.3.4/udp/4001/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ"),
            with_id(
                "/ip4/1.2.3.4/tcp/4001/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit"),
            std::string(
                "/ip4/1.2.3.4/tcp/4001/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit/webrtc"),
            std::string("/dns/example.com/tcp/443/wss"),
            std::string("/dns6/example.com/tcp/443/tls/ws"),
            std::string("/dns4/example.com/tcp/443/tls/sni/sub.example.com/ws"),
            std::string("/dns4/example.com/tcp/80/http"),
            std::string("/dns4/example.com/tcp/443/https"),
            std::string("/dnsaddr/_dnsaddr.bootstrap.libp2p.io"),
            std::string("/ip6zone/eth0/ip6/fe80::1/tcp/1"),
            std::string("/ip4/1.2.3.4/tcp/1/noise"),
            std::string("/unix/tmp/socket"),
            std::string("/p2p-circuit"),
            std::string("/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234"),
        }) {
        EXPECT_EQ(address(text).text(), text);
        EXPECT_EQ(Multiaddr::from_bytes(address(text).bytes()).value(), address(text));
    }
}

TEST(multiaddr, prints_other_forms_of_text_in_the_usual_one) {
    EXPECT_EQ(address("/ip4/1.2.3.4/tcp/80/").text(), "/ip4/1.2.3.4/tcp/80");
    EXPECT_EQ(address("/ip4/1.2.3.4/tcp/80/ipfs/" + std::string(other_id)).text(),
              with_id("/ip4/1.2.3.4/tcp/80", other_id));
    EXPECT_EQ(address("/ip6/2001:DB8:0:0:0:0:0:1/tcp/80").text(), "/ip6/2001:db8::1/tcp/80");
    EXPECT_EQ(address("/p2p/bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe").text(),
              "/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
    // SHA-256 of "foobar" in two other bases.
    auto const hash = address("/certhash/zQmbWTwYGcmdyK9CYfNBcfs9nhZs17a6FQ4Y8oea278xx41");
    EXPECT_EQ(
        hash,
        address("/certhash/f1220c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2"));
    EXPECT_EQ(hash.text(), "/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g");
}

TEST(multiaddr, refuses_bad_text) {
    for (auto const text : {"/",
                            "//",
                            "ip4/1.2.3.4",
                            "1.2.3.4:80",
                            "/ip4",
                            "/ip4/",
                            "/ip4/::1",
                            "/ip4/fdpsofodsajfdoisa",
                            "/ip6",
                            "/ip6/1.2.3.4",
                            "/tcp",
                            "/tcp/65536",
                            "/tcp/-1",
                            "/tcp/+1",
                            "/tcp/080",
                            "/tcp/1x",
                            "/udp/",
                            "/ip4/1.2.3.4//tcp/80",
                            "/ip4/1.2.3.4/tcp/80//",
                            "/quic-v1/1234",
                            "/p2p",
                            "/p2p/abc",
                            "/p2p/Qm0",
                            "/dns4",
                            "/dns4/a b",
                            "/sni/",
                            "/unix",
                            "/unix/",
                            "/certhash/",
                            "/certhash/zz0",
                            "/certhash/b2uaraocy6yrdblb4sfptaddgimjmmp",
                            "/certhash/uAA=",
                            "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:0",
                            "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd",
                            "/onion3/9ww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:80",
                            "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd7:80",
                            "/notaproto/value",
                            "/IP4/1.2.3.4",
                            " /ip4/1.2.3.4",
                            "/ip4/1.2.3.4 "}) {
        EXPECT_FALSE(Multiaddr::from_text(text)) << '"' << text << '"';
    }
    EXPECT_EQ(Multiaddr::from_text("").error(), MultiaddrError::empty);
    EXPECT_EQ(Multiaddr::from_text("/nothing/1").error(), MultiaddrError::unknown_protocol);
    EXPECT_EQ(Multiaddr::from_text("/tcp/65536").error(), MultiaddrError::bad_value);
    EXPECT_EQ(Multiaddr::from_text("/ip4").error(), MultiaddrError::malformed);
}

TEST(multiaddr, refuses_bad_bytes) {
    auto error = [](std::string_view bytes) {
        auto const parsed = Multiaddr::from_bytes(hex(bytes));
        EXPECT_FALSE(parsed) << bytes;
        return parsed.error();
    };
    EXPECT_EQ(error(""), MultiaddrError::empty);
    EXPECT_EQ(error("047f0000"), MultiaddrError::malformed) << "cut";
    EXPECT_EQ(error("84007f000001"), MultiaddrError::malformed)
        << "a code with a zero byte too many";
    EXPECT_EQ(error("80"), MultiaddrError::malformed) << "half a code";
    EXPECT_EQ(error("01"), MultiaddrError::unknown_protocol);
    EXPECT_EQ(error("ffffffffffffffffff01"), MultiaddrError::unknown_protocol);
    EXPECT_EQ(error("3600"), MultiaddrError::bad_value) << "an empty name";
    EXPECT_EQ(error("3602610a"), MultiaddrError::bad_value) << "a line end in a name";
    EXPECT_EQ(error("3603612f62"), MultiaddrError::bad_value) << "a slash in a name";
    EXPECT_EQ(error("3601ff"), MultiaddrError::bad_value) << "not ASCII";
    EXPECT_EQ(error("36ffffffffffffffffff0161"), MultiaddrError::malformed)
        << "a length of 2^64 - 1";
    EXPECT_EQ(error("36810061"), MultiaddrError::malformed) << "a padded length";
    EXPECT_EQ(error("a5030100"), MultiaddrError::bad_value) << "no peer id";
    EXPECT_EQ(error("d20302120a"), MultiaddrError::bad_value) << "no multihash";
    EXPECT_EQ(error("9003022f61060050"), MultiaddrError::malformed) << "something after a path";
    EXPECT_EQ(error("90030161"), MultiaddrError::bad_value) << "a path that begins with no slash";
}

TEST(multiaddr, is_bounded) {
    ByteString bytes;
    while (bytes.size() + 3 <= multiaddr_bytes_max) base::append(bytes, hex("060050"));
    EXPECT_TRUE(Multiaddr::from_bytes(bytes));
    auto const text = Multiaddr::from_bytes(bytes)->text();
    EXPECT_TRUE(Multiaddr::from_text(text));
    base::append(bytes, hex("060050"));
    EXPECT_EQ(Multiaddr::from_bytes(bytes).error(), MultiaddrError::too_long);
    EXPECT_EQ(Multiaddr::from_text(text + "/tcp/80").error(), MultiaddrError::too_long);
    EXPECT_EQ(Multiaddr::from_text(std::string(100'000, '/')).error(), MultiaddrError::too_long);
    EXPECT_FALSE(Multiaddr::from_text("/dns4/" + std::string(254, 'a')));
    EXPECT_TRUE(Multiaddr::from_text("/dns4/" + std::string(253, 'a')));
    // The longest text of all for its bytes still reads back.
    ByteString wordy;
    while (wordy.size() < multiaddr_bytes_max) base::append(wordy, hex("9802"));
    auto const widest = Multiaddr::from_bytes(wordy).value();
    EXPECT_EQ(address(widest.text()), widest);
}

TEST(multiaddr, lists_its_components) {
    auto const parsed = address(with_id("/ip4/1.2.3.4/tcp/80"));
    auto const parts = parsed.components();
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(parts[0].code, Multiaddr::ip4);
    EXPECT_TRUE(base::equal(parts[0].value, ByteString{1, 2, 3, 4}));
    EXPECT_EQ(parts[1].code, Multiaddr::tcp);
    EXPECT_TRUE(base::equal(parts[1].value, ByteString{0, 80}));
    EXPECT_EQ(parts[2].code, Multiaddr::p2p);
    EXPECT_EQ(PeerId::from_bytes(parts[2].value).value().text(), some_id);
    EXPECT_TRUE(Multiaddr().components().empty());
    EXPECT_EQ(Multiaddr().text(), "");
}

TEST(multiaddr, is_a_socket_address_only_when_it_is_exactly_that) {
    SocketAddress const v4{IpAddress::v4(1, 2, 3, 4), 80};
    SocketAddress const v6{IpAddress::parse("2001:db8::1").value(), 443};
    EXPECT_EQ(address("/ip4/1.2.3.4/tcp/80").socket_address(), v4);
    EXPECT_EQ(address(with_id("/ip4/1.2.3.4/tcp/80")).socket_address(), v4);
    EXPECT_EQ(address("/ip6/2001:db8::1/tcp/443").socket_address(), v6);
    EXPECT_EQ(Multiaddr::tcp_at(v4), address("/ip4/1.2.3.4/tcp/80"));
    EXPECT_EQ(Multiaddr::tcp_at(v6), address("/ip6/2001:db8::1/tcp/443"));
    for (auto const& text :
         {std::string("/ip4/1.2.3.4"), std::string("/tcp/80"), std::string("/ip4/1.2.3.4/udp/80"),
          std::string("/ip4/1.2.3.4/tcp/80/ws"), std::string("/dns4/a/tcp/80"),
          std::string("/ip4/1.2.3.4/tcp/80/tls/ws"), with_id("/ip4/1.2.3.4/tcp/80/ws"),
          with_id("/ip4/1.2.3.4/tcp/80") + "/p2p-circuit",
          with_id(with_id("/ip4/1.2.3.4/tcp/80"))}) {
        EXPECT_FALSE(address(text).socket_address()) << text;
    }
    EXPECT_FALSE(Multiaddr().socket_address());
}

TEST(multiaddr, is_a_dns_name_only_when_it_is_exactly_that) {
    auto const host = address(with_id("/dns4/seed.example.com/tcp/10003"));
    ASSERT_TRUE(host.dns_name());
    EXPECT_EQ(host.dns_name()->code, Multiaddr::dns4);
    EXPECT_EQ(host.dns_name()->name, "seed.example.com");
    EXPECT_EQ(host.dns_name()->port, 10003);
    auto const list = address("/dnsaddr/example.com");
    ASSERT_TRUE(list.dns_name());
    EXPECT_EQ(list.dns_name()->code, Multiaddr::dnsaddr);
    EXPECT_EQ(list.dns_name()->port, 0);
    auto const list_with_id = address(with_id("/dnsaddr/example.com"));
    EXPECT_TRUE(list_with_id.dns_name());
    for (auto const text : {"/dns/a/tcp/1", "/dns6/a/tcp/1"}) {
        auto const named = address(text);
        EXPECT_TRUE(named.dns_name()) << text;
    }
    for (auto const text : {"/dns4/a", "/dns4/a/udp/1", "/dns4/a/tcp/1/ws", "/dnsaddr/a/tcp/1",
                            "/ip4/1.2.3.4/tcp/1", "/sni/a/tcp/1"}) {
        auto const named = address(text);
        EXPECT_FALSE(named.dns_name()) << text;
    }
    EXPECT_FALSE(Multiaddr().dns_name());
}

TEST(multiaddr, gives_takes_and_replaces_the_last_peer_id) {
    auto const bare = address("/ip4/1.2.3.4/tcp/80");
    auto const id = PeerId::from_text(some_id).value();
    auto const other = PeerId::from_text(other_id).value();
    auto const full = bare.with_peer_id(id);
    EXPECT_EQ(full.text(), with_id("/ip4/1.2.3.4/tcp/80"));
    EXPECT_EQ(full.peer_id(), id);
    EXPECT_EQ(full.with_peer_id(other).text(), with_id("/ip4/1.2.3.4/tcp/80", other_id));
    EXPECT_EQ(full.without_peer_id(), bare);
    EXPECT_EQ(bare.without_peer_id(), bare);
    EXPECT_FALSE(bare.peer_id());
    EXPECT_FALSE(address(with_id("/ip4/1.2.3.4/tcp/80") + "/p2p-circuit").peer_id())
        << "the relay's, not the peer's";
    EXPECT_EQ(Multiaddr().with_peer_id(id).text(), with_id(""));
    EXPECT_TRUE(address(with_id("")).without_peer_id().empty());
    EXPECT_TRUE(Multiaddr().without_peer_id().empty());
}

TEST(multiaddr, cut_anywhere_is_refused_or_is_a_shorter_address) {
    auto const whole = address(with_id("/dns4/seed.example.com/tcp/10003/tls/ws"));
    for (std::size_t size = 1; size < whole.bytes().size(); ++size) {
        auto const parsed = Multiaddr::from_bytes(whole.bytes().first(size));
        EXPECT_TRUE(!parsed || whole.text().starts_with(parsed->text())) << size;
    }
}

TEST(multiaddr, mutated_bytes_are_refused_or_survive_a_round_trip_through_text) {
    auto const whole =
        address(with_id("/ip6/2001:db8::1/udp/1234/quic-v1/webtransport/certhash/"
                        "uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ"));
    base::Rng rng(base::Rng::Seed{4});
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = base::to_byte_string(whole.bytes());
        for (auto left = 1 + rng.below(3); left > 0; --left) {
            bytes[static_cast<std::size_t>(rng.below(bytes.size()))] =
                static_cast<std::uint8_t>(rng.below(256));
        }
        auto const parsed = Multiaddr::from_bytes(bytes);
        if (!parsed) continue;
        ++accepted;
        ASSERT_EQ(address(parsed->text()), *parsed) << parsed->text();
    }
    EXPECT_GT(accepted, 1000) << "the test must see valid addresses too";
}

}  // namespace
}  // namespace libp2p
