// Goal: the handshake pattern is Noise's, to the bit.
// Method: public vectors of two independent authors (cacophony, as snow carries it; flynn/noise), through the handshake
// and into the transport; then every error.
#include "libp2p/noise/xx.h"

#include "base/text.h"
#include "libp2p/noise/noise.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace libp2p::noise {
namespace {

base::ByteString bytes(std::string_view hex) { return base::from_hex(hex).value(); }

crypto::X25519Key key(std::string_view hex) {
    crypto::X25519Key out{};
    std::ranges::copy(bytes(hex), out.begin());
    return out;
}

Xx::Keys keys(std::string_view static_secret, std::string_view ephemeral_secret) {
    auto const secret = key(static_secret);
    return {secret, crypto::real_suite().x25519_public(secret), key(ephemeral_secret)};
}

struct Exchange {
    std::string_view payload;
    std::string_view ciphertext;
};

struct Vector {
    std::string_view source;
    std::string_view prologue;
    std::string_view initiator_static;
    std::string_view initiator_ephemeral;
    std::string_view responder_static;
    std::string_view responder_ephemeral;
    std::string_view handshake_hash;  // empty: not published
    bool initiator_goes_on;           // flynn/noise has the initiator speak twice: messages 2 and 3
    std::vector<Exchange> messages;   // else in turns, the initiator first
};

std::vector<Vector> vectors() {
    return {
        {"cacophony",
         "4a6f686e2047616c74",
         "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1",
         "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
         "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893",
         "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
         "c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e",
         false,
         {{"4c756477696720766f6e204d69736573",
           "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d69736573"},
          {"4d757272617920526f746862617264",
           "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884381cbad1f276e038c48378ffce2b65285e08d6b68a"
           "aa3"
           "629a5a8639392490e5b9bd5269c2f1e4f488ed8831161f19b7815528f8982ffe09be9b5c412f8a0db50f8814c7194e83f23dbd8d1"
           "62c"
           "9326ad"},
          {"462e20412e20486179656b",
           "c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a80ae475b9df0f169ae80a89be0865b57f58c9fea0d"
           "4ec"
           "82a286427402f113e4b6ae769a1d95941d49b25030"},
          {"4361726c204d656e676572", "96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df"},
          {"4a65616e2d426170746973746520536179",
           "3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5"},
          {"457567656e2042f6686d20766f6e2042617765726b",
           "eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f"}}},
        {"flynn/noise, empty payloads",
         "",
         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
         "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
         "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
         "4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60",
         "",
         true,
         {{"", "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"},
          {"",
           "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484663414af878d3e46a2f58911a816d6e8346d4ea17a6"
           "f2a"
           "0bb4ef4ed56c133cff4560a34e36ea82109f26cf2e5a5caf992b608d55c747f615e5a3425a7a19eefb8f"},
          {"",
           "87f864c11ba449f46a0a4f4e2eacbb7b0457784f4fca1937f572c93603e9c4d97e5ea11b16f3968710b23a3be3202dc1b5e1ce3c9"
           "633"
           "47491e74f5c0768a9b42"},
          {"79656c6c6f777375626d6172696e65", "a52ef02ba60e12696d1d6b9ef4245c88fca757b6134ad6e76b56e310a6adf6"},
          {"7375626d6172696e6579656c6c6f77", "2445aa438ebd649281c636cc7269ca82f1d9023d72520943aeabf909cdf521"}}},
        {"flynn/noise, payloads",
         "",
         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
         "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
         "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
         "4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60",
         "",
         true,
         {{"746573745f6d73675f30",
           "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254746573745f6d73675f30"},
          {"746573745f6d73675f31",
           "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484663414af878d3e46a2f58911a816d6e8346d4ea17a6"
           "f2a"
           "0bb4ef4ed56c133cff4572e7a2ba5123ac30618b3d205f5c2d17f50cbca216483ac56bcc78e33bf520303278db641e5e731b2e3"
           "a"},
          {"746573745f6d73675f32",
           "87f864c11ba449f46a0a4f4e2eacbb7b0457784f4fca1937f572c93603e9c4d9f27e318e43ba630594c4d08eeb3b36d97c7377a2f"
           "4f9"
           "144b2f0c8095ad92140505b2ab53eff244b14138"},
          {"79656c6c6f777375626d6172696e65", "a52ef02ba60e12696d1d6b9ef4245c88fca757b6134ad6e76b56e310a6adf6"},
          {"7375626d6172696e6579656c6c6f77", "2445aa438ebd649281c636cc7269ca82f1d9023d72520943aeabf909cdf521"}}},
    };
}

void check_handshake(Vector const& vector, Xx& initiator, Xx& responder) {
    for (std::size_t i = 0; i < 3; ++i) {
        auto& writer = i % 2 == 0 ? initiator : responder;
        auto& reader = i % 2 == 0 ? responder : initiator;
        EXPECT_TRUE(writer.our_turn());
        EXPECT_FALSE(reader.our_turn());
        auto message = writer.write(bytes(vector.messages[i].payload));
        ASSERT_TRUE(message);
        EXPECT_EQ(base::to_hex(*message), vector.messages[i].ciphertext);
        EXPECT_EQ(message->size(), xx_message_bytes(static_cast<int>(i)) + vector.messages[i].payload.size() / 2);
        auto const payload = reader.read(*message);
        ASSERT_TRUE(payload);
        EXPECT_EQ(base::to_hex(*payload), vector.messages[i].payload);
        EXPECT_EQ(initiator.hash(), responder.hash());
    }
}

TEST(noise_xx, agrees_with_the_public_vectors_of_others) {
    auto const& suite = crypto::real_suite();
    for (auto const& vector : vectors()) {
        SCOPED_TRACE(vector.source);
        auto const prologue = bytes(vector.prologue);
        auto const ours = keys(vector.initiator_static, vector.initiator_ephemeral);
        auto const theirs = keys(vector.responder_static, vector.responder_ephemeral);
        Xx initiator(suite, Role::initiator, ours, prologue);
        Xx responder(suite, Role::responder, theirs, prologue);
        ASSERT_NO_FATAL_FAILURE(check_handshake(vector, initiator, responder));
        EXPECT_EQ(initiator.remote_static(), theirs.static_public);
        EXPECT_EQ(responder.remote_static(), ours.static_public);
        if (!vector.handshake_hash.empty()) {
            EXPECT_EQ(base::to_hex(initiator.hash()), vector.handshake_hash);
        }

        auto const i = initiator.split();
        auto const r = responder.split();
        CipherState i_send(suite, i.sending);
        CipherState i_receive(suite, i.receiving);
        CipherState r_send(suite, r.sending);
        CipherState r_receive(suite, r.receiving);
        for (std::size_t at = 3; at < vector.messages.size(); ++at) {
            bool const initiators = (at % 2 == 0) != vector.initiator_goes_on;
            auto& sending = initiators ? i_send : r_send;
            auto& receiving = initiators ? r_receive : i_receive;
            auto const plaintext = bytes(vector.messages[at].payload);
            base::ByteView const piece = plaintext;
            base::ByteString frame;
            ASSERT_EQ(sending.seal(std::span(&piece, 1), frame), plaintext.size() + frame_overhead_bytes);
            EXPECT_EQ(base::to_hex(base::ByteView(frame).subspan(2)), vector.messages[at].ciphertext);
            auto const opened = receiving.open(base::MutableBytes(frame).subspan(2));
            ASSERT_TRUE(opened);
            EXPECT_TRUE(base::equal(*opened, plaintext));
        }
    }
}

Xx initiator_of(std::uint8_t seed, crypto::Suite const& suite = crypto::real_suite()) {
    crypto::X25519Key const secret{0, seed, 1};
    return {suite, Role::initiator, {secret, suite.x25519_public(secret), {0, seed, 2}}};
}
Xx responder_of(std::uint8_t seed, crypto::Suite const& suite = crypto::real_suite()) {
    crypto::X25519Key const secret{0, seed, 3};
    return {suite, Role::responder, {secret, suite.x25519_public(secret), {0, seed, 4}}};
}

TEST(noise_xx, refuses_messages_shorter_than_their_keys_and_tags) {
    for (std::size_t size = 0; size < xx_message_bytes(0); ++size) {
        auto responder = responder_of(1);
        base::ByteString message(size, 1);
        EXPECT_EQ(responder.read(message).error(), Error::malformed_frame);
    }
    auto initiator = initiator_of(1);
    ASSERT_TRUE(initiator.write({}));
    base::ByteString message(xx_message_bytes(1) - 1, 1);
    EXPECT_EQ(initiator.read(message).error(), Error::malformed_frame);
}

// RFC 7748, section 6.1: the points of small order, whose shared secret is zero whatever the secret.
TEST(noise_xx, refuses_keys_of_small_order) {
    std::string const zeros(62, '0');
    std::string const ffs(60, 'f');
    std::vector<std::string> const points{
        "00" + zeros, "01" + zeros,
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ec" + ffs + "7f", "ed" + ffs + "7f", "ee" + ffs + "7f",
    };
    for (auto const& point : points) {
        SCOPED_TRACE(point);
        auto responder = responder_of(1);
        auto message = bytes(point);
        ASSERT_TRUE(responder.read(message));  // the key is mixed in the answer
        EXPECT_EQ(responder.write({}).error(), Error::weak_key);

        auto initiator = initiator_of(1);
        ASSERT_TRUE(initiator.write({}));
        auto answer = bytes(point);
        answer.resize(xx_message_bytes(1));
        EXPECT_EQ(initiator.read(answer).error(), Error::weak_key);
    }
}

// A static key of small order comes sealed, so its owner must have made a proper handshake up to there.
TEST(noise_xx, refuses_a_static_key_of_small_order) {
    auto const& suite = crypto::real_suite();
    auto initiator = initiator_of(1);
    Xx responder(suite, Role::responder, {{0, 7}, {}, {0, 8}});  // its public key is zero
    auto first = initiator.write({});
    ASSERT_TRUE(responder.read(*first));
    auto second = responder.write({});
    ASSERT_TRUE(second);
    EXPECT_EQ(initiator.read(*second).error(), Error::weak_key);
}

TEST(noise_xx, a_prologue_of_another_kind_fails) {
    auto const& suite = crypto::real_suite();
    Xx initiator(suite, Role::initiator, {{0, 1}, suite.x25519_public({0, 1}), {0, 2}}, base::as_bytes("a"));
    Xx responder(suite, Role::responder, {{0, 3}, suite.x25519_public({0, 3}), {0, 4}}, base::as_bytes("b"));
    auto first = initiator.write({});
    ASSERT_TRUE(responder.read(*first));
    auto second = responder.write({});
    EXPECT_EQ(initiator.read(*second).error(), Error::decryption_failed);
}

TEST(noise_xx, the_stand_in_keeps_every_length) {
    auto initiator = initiator_of(1, crypto::stand_in_suite());
    auto responder = responder_of(1, crypto::stand_in_suite());
    auto first = initiator.write({});
    EXPECT_EQ(first->size(), xx_message_bytes(0));
    ASSERT_TRUE(responder.read(*first));
    auto second = responder.write(base::as_bytes("payload"));
    EXPECT_EQ(second->size(), xx_message_bytes(1) + 7);
    auto const payload = initiator.read(*second);
    ASSERT_TRUE(payload);
    EXPECT_EQ(base::as_text(*payload), "payload");
    auto third = initiator.write({});
    ASSERT_TRUE(responder.read(*third));
    EXPECT_EQ(initiator.split().sending, responder.split().receiving);
    EXPECT_EQ(initiator.split().receiving, responder.split().sending);
}

}  // namespace
}  // namespace libp2p::noise
