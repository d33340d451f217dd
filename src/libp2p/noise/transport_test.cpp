// Goal: what is sealed comes out as it went in, once and in order, or the direction is dead.
// Method: sizes at the limits; changed bits, replays and swaps; random fragmentation and coalescing; memory between
// frames.
#include "libp2p/noise/noise.h"

#include "base/rng.h"
#include "base/writer.h"
#include "libp2p/noise/test_peers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace libp2p::noise {
namespace {

crypto::AeadSecret const secret{1, 2, 3};

CipherState cipher(std::uint64_t counter = 0) { return {crypto::real_suite(), secret, counter}; }

base::ByteString random_bytes(base::Rng& rng, std::size_t size) {
    base::ByteString bytes(size);
    rng.fill_public(bytes);
    return bytes;
}

base::ByteString sealed(CipherState& with, base::ByteView plaintext) {
    base::ByteString out;
    auto const size = testing::seal(with, plaintext, out);
    EXPECT_EQ(size, out.size());
    return out;
}

/// Everything that comes out of one chunk.
struct Opened {
    base::ByteString bytes;
    int frames = 0;
    std::optional<Error> error;
};
Opened open_all(Opener& opener, base::MutableBytes chunk) {
    Opened opened;
    opener.feed(chunk);
    for (;;) {
        auto const next = opener.next();
        if (!next) {
            opened.error = next.error();
            return opened;
        }
        if (!*next) return opened;
        base::append(opened.bytes, **next);
        ++opened.frames;
    }
}

TEST(noise_transport, one_frame_holds_up_to_the_greatest_plaintext) {
    for (auto const size :
         {std::size_t{0}, std::size_t{1}, std::size_t{1023}, std::size_t{1024}, plaintext_bytes_max}) {
        SCOPED_TRACE(size);
        auto sender = cipher();
        Opener opener(cipher());
        base::ByteString const plaintext(size, 7);
        auto wire = sealed(sender, plaintext);
        EXPECT_EQ(wire.size(), size + frame_overhead_bytes);
        auto const opened = open_all(opener, wire);
        EXPECT_EQ(opened.bytes, plaintext);
        EXPECT_EQ(opened.frames, 1);
    }
}

TEST(noise_transport, more_than_one_frame_can_hold_is_split) {
    base::Rng rng(base::Rng::Seed{1});
    for (auto const size : {plaintext_bytes_max + 1, plaintext_bytes_max * 2, plaintext_bytes_max * 3 + 5}) {
        auto const plaintext = random_bytes(rng, size);
        auto sender = cipher();
        auto wire = sealed(sender, plaintext);
        auto const frames = (size + plaintext_bytes_max - 1) / plaintext_bytes_max;
        EXPECT_EQ(wire.size(), size + frames * frame_overhead_bytes);
        EXPECT_EQ(sender.counter(), frames);
        Opener opener(cipher());
        EXPECT_EQ(open_all(opener, wire).bytes, plaintext);
    }
}

TEST(noise_transport, pieces_are_gathered_in_order) {
    base::Rng rng(base::Rng::Seed{2});
    for (int round = 0; round < 50; ++round) {
        std::vector<base::ByteString> parts;
        base::ByteString whole;
        for (auto i = rng.below(6); i > 0; --i) {
            parts.push_back(random_bytes(rng, static_cast<std::size_t>(rng.below(round % 10 == 0 ? 90'000 : 700))));
            base::append(whole, parts.back());
        }
        std::vector<base::ByteView> const pieces(parts.begin(), parts.end());
        auto sender = cipher();
        base::ByteString wire(3, 0xEE);  // what is there stays
        auto const appended = sender.seal(pieces, wire);
        ASSERT_EQ(appended, wire.size() - 3);
        EXPECT_EQ(wire[2], 0xEE);
        Opener opener(cipher());
        EXPECT_EQ(open_all(opener, base::MutableBytes(wire).subspan(3)).bytes, whole);
    }
}

TEST(noise_transport, an_empty_frame_is_a_plaintext_of_nothing) {
    auto sender = cipher();
    auto wire = sealed(sender, {});
    base::append(wire, sealed(sender, base::as_bytes("x")));
    Opener opener(cipher());
    opener.feed(wire);
    auto const empty = opener.next();
    ASSERT_TRUE(empty && *empty);
    EXPECT_TRUE((*empty)->empty());
    auto const x = opener.next();
    ASSERT_TRUE(x && *x);
    EXPECT_EQ(base::as_text(**x), "x");
    EXPECT_EQ(*opener.next(), std::nullopt);
}

TEST(noise_transport, a_frame_shorter_than_its_tag_is_malformed_at_once) {
    for (std::uint8_t size = 0; size < 16; ++size) {
        Opener opener(cipher());
        base::ByteString length{0, size};
        EXPECT_EQ(open_all(opener, length).error, Error::malformed_frame);
        base::ByteString record(size, 0);
        EXPECT_EQ(cipher().open(record).error(), Error::malformed_frame);
    }
}

TEST(noise_transport, every_changed_bit_of_a_record_fails_and_nothing_follows) {
    auto sender = cipher();
    auto const first = sealed(sender, base::as_bytes("forty-two"));
    auto const second = sealed(sender, base::as_bytes("more"));
    for (std::size_t bit = 16; bit < first.size() * 8; ++bit) {  // the length is not sealed: see below
        auto wire = first;
        wire[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        base::append(wire, second);
        Opener opener(cipher());
        auto const opened = open_all(opener, wire);
        EXPECT_EQ(opened.error, Error::decryption_failed) << bit;
        EXPECT_EQ(opened.frames, 0) << bit;
        EXPECT_EQ(opener.held_capacity_bytes(), 0U) << bit;
        auto again = second;
        EXPECT_EQ(open_all(opener, again).error, Error::decryption_failed) << bit;
    }
}

TEST(noise_transport, a_changed_length_delivers_nothing) {
    auto sender = cipher();
    auto const first = sealed(sender, base::as_bytes("forty-two"));
    auto const second = sealed(sender, base::as_bytes("more"));
    for (std::size_t bit = 0; bit < 16; ++bit) {
        auto wire = first;
        wire[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        base::append(wire, second);
        Opener opener(cipher());
        auto const opened = open_all(opener, wire);
        EXPECT_EQ(opened.frames, 0) << bit;
        EXPECT_TRUE(opened.error || opener.held_bytes() > 0) << bit;
    }
}

TEST(noise_transport, replayed_dropped_and_swapped_records_fail) {
    auto sender = cipher();
    auto const a = sealed(sender, base::as_bytes("a"));
    auto const b = sealed(sender, base::as_bytes("b"));
    for (auto const& [first, second, good] :
         {std::tuple{a, a, 1}, std::tuple{b, a, 0}, std::tuple{b, b, 0}, std::tuple{a, b, 2}}) {
        auto wire = first;
        base::append(wire, second);
        Opener opener(cipher());
        auto const opened = open_all(opener, wire);
        EXPECT_EQ(opened.frames, good);
        EXPECT_EQ(opened.error.has_value(), good < 2);
    }
}

TEST(noise_transport, a_record_of_another_direction_fails) {
    testing::TestPeer const a(1);
    testing::TestPeer const b(2);
    testing::Pair pair(a.config(Role::initiator), b.config(Role::responder));
    ASSERT_TRUE(pair.run().done());
    auto reflected = sealed(pair.initiated->sending, base::as_bytes("x"));
    EXPECT_EQ(pair.initiated->receiving.open(base::MutableBytes(reflected).subspan(2)).error(),
              Error::decryption_failed);
}

TEST(noise_transport, the_last_nonce_is_never_used) {
    auto sender = cipher(UINT64_MAX - 1);
    auto receiver = cipher(UINT64_MAX - 1);
    base::ByteString out;
    base::ByteString const two_frames(plaintext_bytes_max + 1, 0);
    EXPECT_EQ(testing::seal(sender, two_frames, out).error(), Error::nonce_exhausted);
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(sender.counter(), UINT64_MAX - 1);
    ASSERT_TRUE(testing::seal(sender, base::as_bytes("the last"), out));
    EXPECT_TRUE(receiver.open(base::MutableBytes(out).subspan(2)));
    EXPECT_EQ(testing::seal(sender, {}, out).error(), Error::nonce_exhausted);
    base::ByteString record(32, 0);
    EXPECT_EQ(receiver.open(record).error(), Error::nonce_exhausted);
}

TEST(noise_transport, whole_frames_are_opened_in_the_lent_chunk) {
    auto sender = cipher();
    auto wire = sealed(sender, base::as_bytes("one"));
    base::append(wire, sealed(sender, base::as_bytes("two")));
    Opener opener(cipher());
    opener.feed(wire);
    auto const one = opener.next();
    EXPECT_EQ((*one)->data(), wire.data() + 2);
    auto const two = opener.next();
    EXPECT_EQ((*two)->data(), wire.data() + 3 + frame_overhead_bytes + 2);
    EXPECT_EQ(*opener.next(), std::nullopt);
    EXPECT_EQ(opener.held_capacity_bytes(), 0U);
}

TEST(noise_transport, holds_what_has_arrived_of_a_frame_and_nothing_between_frames) {
    auto sender = cipher();
    base::ByteString const plaintext(60'000, 5);
    auto wire = sealed(sender, plaintext);
    Opener opener(cipher());
    EXPECT_EQ(open_all(opener, base::MutableBytes(wire).first(100)).frames, 0);
    EXPECT_EQ(opener.held_bytes(), 100U);
    EXPECT_LT(opener.held_capacity_bytes(), 1000U);  // not by the announced length
    auto const rest = open_all(opener, base::MutableBytes(wire).subspan(100));
    EXPECT_EQ(rest.bytes, plaintext);
    EXPECT_EQ(opener.held_bytes(), 0U);
    EXPECT_EQ(opener.held_capacity_bytes(), 0U);
}

TEST(noise_transport, keeps_its_buffer_while_frames_span_chunks) {
    auto sender = cipher();
    base::ByteString const plaintext(5'000, 5);
    base::ByteString wire;
    for (int i = 0; i < 20; ++i) base::append(wire, sealed(sender, plaintext));
    Opener opener(cipher());
    std::size_t capacity = 0;
    for (std::size_t at = 0; at + 3'000 <= wire.size(); at += 3'000) {
        auto const opened = open_all(opener, base::MutableBytes(wire).subspan(at, 3'000));
        ASSERT_FALSE(opened.error);
        EXPECT_GE(opener.held_capacity_bytes(), capacity);
        capacity = opener.held_capacity_bytes();
    }
    EXPECT_LE(capacity, 3 * wire.size() / 20);
}

TEST(noise_transport, two_ends_understand_each_other_however_the_bytes_are_cut) {
    for (std::uint8_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        base::Rng rng(base::Rng::Seed{seed});
        auto sender = cipher();
        Opener opener(cipher());
        base::ByteString sent;
        base::ByteString got;
        base::ByteString wire;
        std::size_t const greatest = rng.below(4) == 0 ? 100'000 : 2'000;
        for (int i = 0; i < 60; ++i) {
            if (rng.below(2) == 0) {
                auto const plaintext = random_bytes(rng, static_cast<std::size_t>(rng.below(greatest)));
                base::append(sent, plaintext);
                ASSERT_TRUE(testing::seal(sender, plaintext, wire));
            }
            auto const size = i == 59 ? wire.size() : static_cast<std::size_t>(rng.below(wire.size() + 1));
            base::ByteString chunk(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(size));
            auto const opened = open_all(opener, chunk);
            ASSERT_FALSE(opened.error);
            base::append(got, opened.bytes);
            std::ranges::fill(chunk, std::uint8_t{0xCC});  // the chunk is gone: nothing may still look at it
            wire.erase(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(size));
        }
        EXPECT_EQ(got, sent);
        EXPECT_EQ(opener.held_bytes(), 0U);
    }
}

TEST(noise_transport, appending_frame_by_frame_does_not_move_the_buffer_each_time) {
    auto sender = cipher();
    base::ByteString out;
    int moves = 0;
    for (int i = 0; i < 1000; ++i) {
        auto const before = out.capacity();
        ASSERT_TRUE(testing::seal(sender, base::ByteString(100, 1), out));
        if (out.capacity() != before) ++moves;
    }
    EXPECT_LT(moves, 30);
}

TEST(noise_transport, every_error_has_its_own_words) {
    std::vector<std::string_view> words;
    for (auto const error : {Error::malformed_frame, Error::decryption_failed, Error::bad_payload,
                             Error::bad_identity_key, Error::bad_signature, Error::wrong_peer_id,
                             Error::connected_to_self, Error::weak_key, Error::nonce_exhausted}) {
        EXPECT_EQ(std::ranges::find(words, to_string(error)), words.end());
        words.push_back(to_string(error));
    }
}

}  // namespace
}  // namespace libp2p::noise
