// Goal: two peers end with the same keys, each sure of the other's identity, or with an error on one side at least.
// Method: the message sizes seen on Mina's network, one test per error, payloads written by hand and sealed with the
// bare pattern, every single changed bit of a transcript, two ends over a pipe that cuts and joins at random.
#include "libp2p/noise/noise.h"

#include "base/rng.h"
#include "base/text.h"
#include "base/writer.h"
#include "libp2p/noise/payload.h"
#include "libp2p/noise/test_peers.h"
#include "libp2p/wire/protobuf.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace libp2p::noise {
namespace {

using testing::Pair;
using testing::TestPeer;

constexpr char const* mina_muxer = "/coda/yamux/1.0.0";

void expect_transport(CipherState& sending, CipherState& receiving, std::string_view text) {
    base::ByteString frame;
    ASSERT_TRUE(testing::seal(sending, base::as_bytes(text), frame));
    auto const opened = receiving.open(base::MutableBytes(frame).subspan(2));
    ASSERT_TRUE(opened);
    EXPECT_EQ(base::as_text(*opened), text);
}

TEST(noise_handshake, both_sides_end_with_each_others_identity_and_matching_keys) {
    TestPeer const a(1);
    TestPeer const b(2);
    Pair pair(a.config(Role::initiator, {}, b.id), b.config(Role::responder));
    ASSERT_TRUE(pair.run().done());
    EXPECT_EQ(pair.initiated->remote, b.id);
    EXPECT_EQ(pair.initiated->remote_key, b.identity.public_key());
    EXPECT_EQ(pair.responded->remote, a.id);
    EXPECT_EQ(pair.responded->remote_key, a.identity.public_key());
    expect_transport(pair.initiated->sending, pair.responded->receiving, "ping");
    expect_transport(pair.responded->sending, pair.initiated->receiving, "pong");
}

// As observed: Mina's helper sends 221 and 189 bytes, its Rust node 200 and 168.
TEST(noise_handshake, message_sizes_are_those_seen_on_minas_network) {
    TestPeer const a(1);
    TestPeer const b(2);
    Pair with(a.config(Role::initiator, {mina_muxer}), b.config(Role::responder, {mina_muxer}));
    ASSERT_TRUE(with.run().done());
    EXPECT_EQ(with.first.size(), 2 + 32U);
    EXPECT_EQ(with.second.size(), 2 + 221U);
    EXPECT_EQ(with.third.size(), 2 + 189U);
    Pair without(a.config(Role::initiator), b.config(Role::responder));
    ASSERT_TRUE(without.run().done());
    EXPECT_EQ(without.second.size(), 2 + 200U);
    EXPECT_EQ(without.third.size(), 2 + 168U);
}

// mina: the Rust node cuts key and signature out by offsets, [2, 38) and [40, 104), and knows the extension as 22 13
// 12 11.
TEST(noise_handshake, payload_lies_where_minas_rust_node_cuts_it) {
    TestPeer const a(1);
    auto const payload = encode({a.static_key.identity_key, a.static_key.signature, {mina_muxer}});
    base::ByteView const view = payload;
    ASSERT_EQ(payload.size(), 125U);
    EXPECT_TRUE(base::equal(view.subspan(2, 36), a.static_key.identity_key));
    EXPECT_TRUE(base::equal(view.subspan(40, 64), a.static_key.signature));
    EXPECT_EQ(base::to_hex(view.first(2)), "0a24");
    EXPECT_EQ(base::to_hex(view.subspan(38, 2)), "1240");
    EXPECT_EQ(base::to_hex(view.subspan(104, 4)), "22131211");
    EXPECT_EQ(base::as_text(view.subspan(108)), mina_muxer);
}

TEST(noise_handshake, muxer_is_the_first_of_the_initiators_that_the_responder_has) {
    using Names = std::vector<std::string>;
    struct Case {
        Names initiator;
        Names responder;
        std::optional<std::string> agreed;
    };
    TestPeer const a(1);
    TestPeer const b(2);
    for (auto const& [initiator, responder, agreed] : std::vector<Case>{
             {{"/y", "/m"}, {"/m", "/y"}, "/y"},  // spec: connections/inlined-muxer-negotiation, the example
             {{"/x", "/m"}, {"/m", "/y"}, "/m"},
             {{"/x"}, {"/y"}, std::nullopt},
             {{}, {"/y"}, std::nullopt},
             {{"/x"}, {}, std::nullopt},
         }) {
        Pair pair(a.config(Role::initiator, initiator), b.config(Role::responder, responder));
        ASSERT_TRUE(pair.run().done());
        EXPECT_EQ(pair.initiated->muxer, agreed);
        EXPECT_EQ(pair.responded->muxer, agreed);
    }
}

TEST(noise_handshake, a_muxer_list_beyond_the_bound_is_ignored) {
    TestPeer const a(1);
    TestPeer const b(2);
    std::vector<std::string> many(muxers_max, "/x");
    many.back() = "/y";
    Pair within(a.config(Role::initiator, many), b.config(Role::responder, {"/y"}));
    ASSERT_TRUE(within.run().done());
    EXPECT_EQ(within.responded->muxer, "/y");
    many.emplace_back("/x");
    Pair beyond(a.config(Role::initiator, many), b.config(Role::responder, {"/y"}));
    ASSERT_TRUE(beyond.run().done());
    EXPECT_EQ(beyond.responded->muxer, std::nullopt);
}

TEST(noise_handshake, initiator_does_not_answer_a_peer_it_did_not_dial) {
    TestPeer const a(1);
    TestPeer const b(2);
    Pair pair(a.config(Role::initiator, {}, TestPeer(3).id), b.config(Role::responder));
    pair.run();
    EXPECT_EQ(pair.initiator_error, Error::wrong_peer_id);
    EXPECT_TRUE(pair.third.empty());
}

TEST(noise_handshake, responder_that_dialed_checks_whom_as_well) {
    TestPeer const a(1);
    TestPeer const b(2);
    Pair pair(a.config(Role::initiator), b.config(Role::responder, {}, TestPeer(3).id));
    pair.run();
    EXPECT_EQ(pair.responder_error, Error::wrong_peer_id);
    EXPECT_FALSE(pair.responded);
}

TEST(noise_handshake, a_connection_to_oneself_is_seen_by_both_roles) {
    TestPeer const a(1);
    Pair pair(a.config(Role::initiator), a.config(Role::responder));
    EXPECT_EQ(pair.run().initiator_error, Error::connected_to_self);
    // The responder's turn to see it: an initiator with our identity that goes on.
    Xx initiator(*a.suite, Role::initiator, {a.static_key.secret, a.static_key.public_key, {0, 9}});
    base::ByteString out;
    Handshake responder(a.config(Role::responder), out);
    auto const frame = [](base::ByteString const& body) {
        base::ByteString framed;
        base::append_u16_be(framed, static_cast<std::uint16_t>(body.size()));
        base::append(framed, body);
        return framed;
    };
    ASSERT_TRUE(responder.push(frame(*initiator.write({})), out));
    ASSERT_TRUE(initiator.read(base::MutableBytes(out).subspan(2)));
    auto const payload = encode({a.static_key.identity_key, a.static_key.signature, {}});
    auto const progress = responder.push(frame(*initiator.write(payload)), out);
    ASSERT_FALSE(progress);
    EXPECT_EQ(progress.error(), Error::connected_to_self);
}

/// What a responder says to an initiator whose last payload is `payload`: sealed as it should be, whatever it says.
std::optional<Error> error_of(TestPeer const& server, TestPeer const& client, base::ByteView payload) {
    Xx initiator(*client.suite, Role::initiator, {client.static_key.secret, client.static_key.public_key, {0, 9}});
    base::ByteString out;
    Handshake responder(server.config(Role::responder, {mina_muxer}), out);
    auto const push = [&](base::ByteString const& body) {
        base::ByteString framed;
        base::append_u16_be(framed, static_cast<std::uint16_t>(body.size()));
        base::append(framed, body);
        return responder.push(framed, out);
    };
    EXPECT_TRUE(push(*initiator.write({})));
    EXPECT_TRUE(initiator.read(base::MutableBytes(out).subspan(2)));
    auto const progress = push(*initiator.write(payload));
    if (!progress) return progress.error();
    EXPECT_TRUE(progress->secured);
    return std::nullopt;
}

TEST(noise_handshake, payload_is_read_in_any_order_and_with_unknown_fields) {
    TestPeer const server(1);
    TestPeer const client(2);
    base::ByteString payload;
    protobuf::append_varint_field(payload, 9, 77);
    protobuf::append_bytes_field(payload, 3, base::as_bytes("the data field of old"));
    protobuf::append_bytes_field(payload, 2, client.static_key.signature);
    protobuf::append_bytes_field(payload, 1, base::as_bytes("of a repeated field the last counts"));
    protobuf::append_bytes_field(payload, 4, {});
    protobuf::append_bytes_field(payload, 1, client.static_key.identity_key);
    EXPECT_EQ(error_of(server, client, payload), std::nullopt);
}

TEST(noise_handshake, payload_without_key_or_signature_is_refused) {
    TestPeer const server(1);
    TestPeer const client(2);
    EXPECT_EQ(error_of(server, client, encode({client.static_key.identity_key, {}, {}})), Error::bad_payload);
    EXPECT_EQ(error_of(server, client, encode({{}, client.static_key.signature, {}})), Error::bad_payload);
    EXPECT_EQ(error_of(server, client, {}), Error::bad_payload);
    base::ByteString broken;
    protobuf::append_bytes_field(broken, 1, client.static_key.identity_key);
    protobuf::append_bytes_field(broken, 2, client.static_key.signature);
    protobuf::append_bytes_field(broken, 4, base::ByteString{0x12, 0x05, 'x'});  // an extension longer than it is
    EXPECT_EQ(error_of(server, client, broken), Error::bad_payload);
}

// mina: a final payload of 88 to 103 bytes ends the process of Mina's Rust node.
TEST(noise_handshake, adv_payload_cut_short_is_refused_at_every_length) {
    TestPeer const server(1);
    TestPeer const client(2);
    auto const whole = encode({client.static_key.identity_key, client.static_key.signature, {}});
    ASSERT_EQ(whole.size(), 104U);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(error_of(server, client, base::ByteView(whole).first(size)), Error::bad_payload) << size;
    }
    EXPECT_EQ(error_of(server, client, base::ByteString(96, 0)), Error::bad_payload);
}

TEST(noise_handshake, signature_must_be_the_identitys_over_this_static_key) {
    TestPeer const server(1);
    TestPeer const client(2);
    TestPeer const other(3);
    auto const& mine = client.static_key;
    EXPECT_EQ(error_of(server, client, encode({other.static_key.identity_key, mine.signature, {}})),
              Error::bad_signature);
    EXPECT_EQ(error_of(server, client, encode({mine.identity_key, other.static_key.signature, {}})),
              Error::bad_signature);
    // Another's whole payload, stolen: its signature is over its own static key.
    EXPECT_EQ(error_of(server, client, encode({other.static_key.identity_key, other.static_key.signature, {}})),
              Error::bad_signature);
    auto const bare = crypto::sign(client.identity, client.static_key.public_key);  // without the prefix
    EXPECT_EQ(error_of(server, client, encode({mine.identity_key, bare, {}})), Error::bad_signature);
}

TEST(noise_handshake, our_own_identity_without_its_signature_is_a_bad_signature) {
    TestPeer const server(1);
    TestPeer const client(2);
    EXPECT_EQ(error_of(server, client, encode({server.static_key.identity_key, client.static_key.signature, {}})),
              Error::bad_signature);
}

TEST(noise_handshake, identity_key_that_is_no_key_is_refused) {
    TestPeer const server(1);
    TestPeer const client(2);
    auto const with_key = [&](base::ByteString const& key) {
        return error_of(server, client, encode({key, client.static_key.signature, {}}));
    };
    EXPECT_EQ(with_key({1}), Error::bad_identity_key);
    base::ByteString unknown;
    protobuf::append_varint_field(unknown, 1, 9);
    protobuf::append_bytes_field(unknown, 2, base::ByteString(32, 1));
    EXPECT_EQ(with_key(unknown), Error::bad_identity_key);
}

// CVE-2023-39533: a huge RSA key is refused by its size, before anything is computed with it.
TEST(noise_handshake, adv_CVE_2023_39533_oversized_rsa_key) {
    TestPeer const server(1);
    TestPeer const client(2);
    base::ByteString key;
    protobuf::append_varint_field(key, 1, 0);
    protobuf::append_bytes_field(key, 2, base::ByteString(3000, 0x30));
    EXPECT_EQ(error_of(server, client, encode({key, client.static_key.signature, {}})), Error::bad_identity_key);
}

TEST(noise_handshake, identities_of_secp256k1_are_taken) {
    TestPeer const a(1);
    TestPeer const b(crypto::PrivateKey::secp256k1_from_secret({7}).value(), 2);
    Pair pair(a.config(Role::initiator, {}, b.id), b.config(Role::responder));
    ASSERT_TRUE(pair.run().done());
    EXPECT_EQ(pair.initiated->remote_key.type(), crypto::KeyType::secp256k1);
}

// No private key of these types is ever ours: made with OpenSSL, over the static key of peer 2.
TEST(noise_handshake, identities_of_rsa_and_ecdsa_are_taken) {
    struct Case {
        crypto::KeyType type;
        std::string_view key;
        std::string_view signature;
    };
    TestPeer const server(1);
    TestPeer const client(2);
    for (auto const& [type, key, signature] : {
             Case{crypto::KeyType::rsa,
                  "30820122300d06092a864886f70d01010105000382010f003082010a0282010100a8b2b63d7df756a1a6294e30f15e36856a"
                  "b114755fc15cec8de8948040c7a45f868bee279926ad9a5eed9a0cb7a7ad9290d9eab37a26e62f86d2e3c302364cda64d768"
                  "d4addfd1b96a796ee93b7937f7e025cb0375d3ff880165b21f5342897bbb59fa3a2f0df71e42ddc1c787d1b4c5a3c3fb5e5a"
                  "b49a316d7c0047aa6d111ea15f366d5192d1a9774ac5f75231b69e1301e9348edf1aa6b93c415668ee6b1ec19c5b87e98389"
                  "d0b58893b30e877422f62a9c78046f578d6b4057f95cc4ab5ae17af3b6b509f686bd0dd2a4b3e21536aad97ea20327fb6bdf"
                  "3a7399b238107ab803fa8a3c918bc9523a48023d7aafbd0436db3831adffc5a18488de8688397f0203010001",
                  "99ff19c289169546281a833759e1797657786fce589f67e16d13079bdad296149d3892227e190d7c5ffb5b116cdb6adfe798"
                  "7a3596adb3a5045f029af70c5813f1473e75237c4d9eacc1bf6546f79cf1a2919a2ec2736d46cffde7f6be81dab452ef5094"
                  "f28a7c9ec32c04fcede417aeb4613bd71646ea5db53ddb6d5f65a7b949f4a1d6f48e214aa0afd71d5f41eec99a8050d380ed"
                  "a901cd52473cc0ea097eb1d3b49b8b1dbb6ee4c03e57badc7e5e2397b688828880df73bdbd0d19c95b02bd38b4dc2a04ae4e"
                  "46b6eb67988b5113c6841a698aaced78c86fca1128cba8de707a1084856ef35f44d6599306f3aa6174039386f2b61fdffc1b"
                  "cf2189e5b0a0"},
             Case{crypto::KeyType::ecdsa,
                  "3059301306072a8648ce3d020106082a8648ce3d0301070342000400969246fc5e0a79cc3b0787fe3d08c2efb23afea26b0c"
                  "180ec1b4cac2a9ff9e52bd6d0bc44a80ac61962ca7d0b0ea6be2f401df62f0a831c735684db6be67bf",
                  "3046022100cf0cc5a39d45ed4f9f21999099a7ca15d66decbfe6c056ed67a60505f828ced10221009dc79cd31e054f17402e"
                  "ec7696cf033a4acd3d6860b4a611ca0cb464e4d9d74d"},
         }) {
        SCOPED_TRACE(crypto::to_string(type));
        base::ByteString encoded;
        protobuf::append_varint_field(encoded, 1, static_cast<std::uint64_t>(type));
        protobuf::append_bytes_field(encoded, 2, base::from_hex(key).value());
        auto proof = base::from_hex(signature).value();
        EXPECT_EQ(error_of(server, client, encode({encoded, proof, {}})), std::nullopt);
        proof.back() ^= 1;
        EXPECT_EQ(error_of(server, client, encode({encoded, proof, {}})), Error::bad_signature);
    }
}

TEST(noise_handshake, a_payload_in_the_first_message_is_not_used) {
    TestPeer const server(1);
    TestPeer const client(2);
    Xx initiator(*client.suite, Role::initiator, {client.static_key.secret, client.static_key.public_key, {0, 9}});
    base::ByteString out;
    Handshake responder(server.config(Role::responder), out);
    auto const body = initiator.write(base::as_bytes("early"));
    base::ByteString framed;
    base::append_u16_be(framed, static_cast<std::uint16_t>(body->size()));
    base::append(framed, *body);
    EXPECT_TRUE(responder.push(framed, out));
    EXPECT_TRUE(initiator.read(base::MutableBytes(out).subspan(2)));
}

TEST(noise_handshake, a_length_that_cannot_be_right_fails_before_its_body) {
    TestPeer const a(1);
    for (auto const size : {std::size_t{0}, std::size_t{31}, 32 + handshake_payload_bytes_max + 1, record_bytes_max}) {
        base::ByteString out;
        Handshake responder(a.config(Role::responder), out);
        base::ByteString length;
        base::append_u16_be(length, static_cast<std::uint16_t>(size));
        auto const progress = responder.push(length, out);
        ASSERT_FALSE(progress) << size;
        EXPECT_EQ(progress.error(), Error::malformed_frame);
    }
}

TEST(noise_handshake, stays_failed) {
    TestPeer const a(1);
    TestPeer const b(2);
    base::ByteString out;
    Handshake responder(b.config(Role::responder), out);
    EXPECT_FALSE(responder.push(base::ByteString{0, 0}, out));
    base::ByteString first;
    Handshake const initiator(a.config(Role::initiator), first);
    EXPECT_EQ(responder.push(first, out).error(), Error::malformed_frame);
    EXPECT_TRUE(out.empty());
}

TEST(noise_handshake, a_first_message_of_small_order_is_a_weak_key) {
    TestPeer const b(2);
    base::ByteString out;
    Handshake responder(b.config(Role::responder), out);
    base::ByteString first{0, 32};
    first.resize(34, 0);
    EXPECT_EQ(responder.push(first, out).error(), Error::weak_key);
    EXPECT_TRUE(out.empty());
}

TEST(noise_handshake, bytes_behind_the_last_message_are_left_alone) {
    TestPeer const a(1);
    TestPeer const b(2);
    Pair pair(a.config(Role::initiator), b.config(Role::responder));
    ASSERT_TRUE(pair.responder.push(pair.first, pair.second));
    auto initiated = pair.initiator.push(pair.second, pair.third);
    ASSERT_TRUE(initiated && initiated->secured);
    auto const negotiation = pair.third.size();
    ASSERT_TRUE(testing::seal(initiated->secured->sending, base::as_bytes("at once"), pair.third));
    auto responded = pair.responder.push(pair.third, pair.second);
    ASSERT_TRUE(responded && responded->secured);
    EXPECT_EQ(responded->consumed, negotiation);
    auto const opened = responded->secured->receiving.open(base::MutableBytes(pair.third).subspan(negotiation + 2));
    ASSERT_TRUE(opened);
    EXPECT_EQ(base::as_text(*opened), "at once");
}

// With the first message changed, both go on to find out in the second; nobody is secured on both sides ever.
TEST(noise_handshake, every_changed_bit_of_a_transcript_fails) {
    for (auto const* suite : {&crypto::real_suite(), &crypto::stand_in_suite()}) {
        TestPeer const a(1, *suite);
        TestPeer const b(2, *suite);
        Pair model(a.config(Role::initiator, {mina_muxer}), b.config(Role::responder, {mina_muxer}));
        ASSERT_TRUE(model.run().done());
        std::size_t const sizes[] = {model.first.size(), model.second.size(), model.third.size()};
        for (int flight = 0; flight < 3; ++flight) {
            // The real curve takes its time: one bit of each byte, another from byte to byte.
            std::size_t const step = suite == &crypto::real_suite() ? 9 : 1;
            for (std::size_t bit = 0; bit < sizes[flight] * 8; bit += step) {
                Pair pair(a.config(Role::initiator, {mina_muxer}), b.config(Role::responder, {mina_muxer}));
                pair.run([&](int at, base::ByteString& bytes) {
                    if (at == flight) bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
                });
                // spec: RFC 7748#5 the top bit of a public key is ignored by the curve, not by the hash.
                EXPECT_FALSE(pair.done()) << "flight " << flight << " bit " << bit;
                EXPECT_FALSE(pair.responded) << "flight " << flight << " bit " << bit;
                EXPECT_TRUE(flight == 2 || !pair.initiated) << "flight " << flight << " bit " << bit;
            }
        }
    }
}

TEST(noise_handshake, a_replayed_flight_of_another_handshake_fails) {
    TestPeer const a(1);
    TestPeer const b(2);
    Pair recorded(a.config(Role::initiator), b.config(Role::responder));
    ASSERT_TRUE(recorded.run().done());
    auto fresh = b.config(Role::responder);
    fresh.ephemeral_secret = {0, 99};
    base::ByteString out;
    Handshake responder(fresh, out);
    ASSERT_TRUE(responder.push(recorded.first, out));
    EXPECT_EQ(responder.push(recorded.third, out).error(), Error::decryption_failed);
}

TEST(noise_handshake, a_reflected_message_fails) {
    TestPeer const a(1);
    base::ByteString first;
    Handshake initiator(a.config(Role::initiator), first);
    base::ByteString out;
    EXPECT_EQ(initiator.push(first, out).error(), Error::malformed_frame);  // too short for a second message
}

/// Moves a random part of `in` to `to`.
void turn(base::Rng& rng, Handshake& to, base::ByteString& in, base::ByteString& out, std::optional<Secured>& secured) {
    if (in.empty() || secured) return;
    auto const size = static_cast<std::size_t>(rng.below(in.size()) + 1);
    auto progress = to.push(base::ByteView(in).first(size), out);
    ASSERT_TRUE(progress);
    if (progress->secured) secured.emplace(std::move(*progress->secured));
    in.erase(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(progress->consumed));
}

TEST(noise_handshake, two_ends_agree_however_the_bytes_are_cut) {
    TestPeer const a(1, crypto::stand_in_suite());
    TestPeer const b(2, crypto::stand_in_suite());
    for (std::uint8_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        base::Rng rng(base::Rng::Seed{seed});
        base::ByteString to_responder;
        base::ByteString to_initiator;
        Handshake initiator(a.config(Role::initiator, {"/y"}), to_responder);
        Handshake responder(b.config(Role::responder, {"/y"}), to_initiator);
        std::optional<Secured> initiated;
        std::optional<Secured> responded;
        for (int i = 0; i < 2000 && !(initiated && responded); ++i) {
            if (rng.below(2) == 0) {
                ASSERT_NO_FATAL_FAILURE(turn(rng, initiator, to_initiator, to_responder, initiated));
            } else {
                ASSERT_NO_FATAL_FAILURE(turn(rng, responder, to_responder, to_initiator, responded));
            }
        }
        ASSERT_TRUE(initiated && responded);
        EXPECT_EQ(initiated->muxer, "/y");
        EXPECT_TRUE(to_initiator.empty());
        EXPECT_TRUE(to_responder.empty());
    }
}

}  // namespace
}  // namespace libp2p::noise
