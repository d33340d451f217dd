// Goal: the layers under a Mina connection work on top of one another: pnet, multistream-select, noise, its transport.
// Method: two whole ends over pipes that cut and join at random, with simultaneous open or without; then under a wrong
// network key, and with bits changed on the way.
#include "base/rng.h"
#include "libp2p/multistream/multistream.h"
#include "libp2p/noise/noise.h"
#include "libp2p/noise/test_peers.h"
#include "libp2p/pnet/pnet.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace libp2p::noise {
namespace {

using testing::TestPeer;

constexpr char const* muxer = "/coda/yamux/1.0.0";

/// One side of a connection: the layers in a row, as a connection machine would call them.
class End {
public:
    End(TestPeer const& peer, pnet::Key const& key, base::Rng& rng, bool dials)
        : peer_(peer), codec_(key, fresh_nonce(rng)), rng_(rng) {
        base::ByteString plain;
        if (dials) {
            dialer_.emplace(std::vector<std::string>{"/noise"}, rng.next(), plain);
        } else {
            listener_.emplace(std::vector<std::string>{"/noise"}, plain);
        }
        transmit(plain);
    }

    bool secured() const { return sending_.has_value(); }
    bool failed() const { return failed_; }
    std::optional<std::string> const& agreed_muxer() const { return muxer_; }
    base::ByteString const& received() const { return received_; }
    base::ByteString& wire() { return wire_; }

    void send(base::ByteView plaintext) {
        base::ByteString frames;
        ASSERT_TRUE(testing::seal(*sending_, plaintext, frames));
        transmit(frames);
    }

    void receive(base::MutableBytes chunk) {
        auto in = codec_.open(chunk);
        base::ByteString out;
        if (!failed_ && !handshake_ && !opener_) in = negotiate(in, out);
        if (!failed_ && handshake_) in = shake_hands(in, out);
        if (!failed_ && opener_) open(in);
        transmit(out);
    }

private:
    pnet::Nonce fresh_nonce(base::Rng& rng) {
        pnet::Nonce nonce{};
        rng.fill_public(nonce);
        base::append(wire_, nonce);
        return nonce;
    }
    void transmit(base::ByteString& bytes) {
        codec_.seal(bytes);
        base::append(wire_, bytes);
    }
    base::MutableBytes negotiate(base::MutableBytes in, base::ByteString& out) {
        auto progress = dialer_ ? dialer_->push(in, out) : listener_->push(in, out);
        if (!progress) {
            failed_ = true;
            return {};
        }
        if (progress->selected) {
            auto const role =
                progress->selected->role == multistream::Role::initiator ? Role::initiator : Role::responder;
            auto config = peer_.config(role, {muxer});
            rng_.fill_private(config.ephemeral_secret);
            handshake_.emplace(std::move(config), out);
        }
        return in.subspan(progress->consumed);
    }
    base::MutableBytes shake_hands(base::MutableBytes in, base::ByteString& out) {
        auto progress = handshake_->push(in, out);
        if (!progress) {
            failed_ = true;
            return {};
        }
        if (progress->secured) {
            muxer_ = progress->secured->muxer;
            sending_.emplace(std::move(progress->secured->sending));
            opener_.emplace(std::move(progress->secured->receiving));
            handshake_.reset();
        }
        return in.subspan(progress->consumed);
    }
    void open(base::MutableBytes in) {
        opener_->feed(in);
        for (;;) {
            auto const next = opener_->next();
            if (!next) failed_ = true;
            if (!next || !*next) return;
            base::append(received_, **next);
        }
    }

    TestPeer const& peer_;
    base::ByteString wire_;  // what is under way to the other side
    pnet::Codec codec_;
    base::Rng& rng_;
    std::optional<multistream::Dialer> dialer_;
    std::optional<multistream::Listener> listener_;
    std::optional<Handshake> handshake_;
    std::optional<CipherState> sending_;
    std::optional<Opener> opener_;
    std::optional<std::string> muxer_;
    base::ByteString received_;
    bool failed_ = false;
};

void deliver(base::Rng& rng, End& from, End& to) {
    if (from.wire().empty()) return;
    auto const size = static_cast<std::ptrdiff_t>(rng.below(from.wire().size()) + 1);
    base::ByteString chunk(from.wire().begin(), from.wire().begin() + size);
    from.wire().erase(from.wire().begin(), from.wire().begin() + size);
    to.receive(chunk);
    std::ranges::fill(chunk, std::uint8_t{0xCC});
}

void run(base::Rng& rng, End& a, End& b) {
    for (int i = 0; i < 3000 && !(a.failed() && b.failed()); ++i) {
        if (rng.below(2) == 0) {
            deliver(rng, a, b);
        } else {
            deliver(rng, b, a);
        }
        if (a.wire().empty() && b.wire().empty()) return;
    }
}

TEST(noise_stack, all_layers_work_on_top_of_one_another) {
    TestPeer const alice(1, crypto::stand_in_suite());
    TestPeer const bob(2, crypto::stand_in_suite());
    TestPeer const real_alice(1);
    TestPeer const real_bob(2);
    for (std::uint8_t seed = 0; seed < 120; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        base::Rng rng(base::Rng::Seed{seed});
        bool const real = seed % 10 == 0;
        bool const both_dial = seed % 3 == 0;
        pnet::Key const key{seed, 7};
        End a(real ? real_alice : alice, key, rng, true);
        End b(real ? real_bob : bob, key, rng, both_dial);
        run(rng, a, b);
        ASSERT_TRUE(a.secured() && b.secured());
        EXPECT_EQ(a.agreed_muxer(), muxer);
        EXPECT_EQ(b.agreed_muxer(), muxer);
        base::ByteString sent(static_cast<std::size_t>(rng.below(200'000)), 0);
        rng.fill_public(sent);
        a.send(sent);
        b.send(base::as_bytes("and back"));
        run(rng, a, b);
        EXPECT_EQ(b.received(), sent);
        EXPECT_EQ(base::as_text(a.received()), "and back");
    }
}

TEST(noise_stack, a_wrong_network_key_never_gets_past_multistream) {
    TestPeer const alice(1, crypto::stand_in_suite());
    TestPeer const bob(2, crypto::stand_in_suite());
    int failed = 0;
    for (int seed = 0; seed < 250; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        base::Rng rng(base::Rng::Seed{static_cast<std::uint8_t>(seed)});
        End a(alice, pnet::Key{1}, rng, true);
        End b(bob, pnet::Key{2}, rng, false);
        run(rng, a, b);
        EXPECT_FALSE(a.secured() || b.secured());
        if (a.failed() && b.failed()) ++failed;
    }
    EXPECT_EQ(failed, 250);  // at once, not after a time-out: the header is compared byte by byte
}

// The simultaneous-connect token is left out: changed, it is another unknown name, and refused just the same.
TEST(noise_stack, a_bit_changed_under_the_network_key_ends_the_connection) {
    TestPeer const alice(1, crypto::stand_in_suite());
    TestPeer const bob(2, crypto::stand_in_suite());
    constexpr std::size_t nonce_end = 24;
    constexpr std::size_t header_end = nonce_end + 20;
    constexpr std::size_t token_end = header_end + 30;
    constexpr std::size_t handshake_end = token_end + 8 + 34 + 191;
    for (std::size_t bit = nonce_end * 8; bit < handshake_end * 8; ++bit) {
        if (bit / 8 >= header_end && bit / 8 < token_end) continue;
        base::Rng rng(base::Rng::Seed{3});
        End a(alice, pnet::Key{1}, rng, true);
        End b(bob, pnet::Key{1}, rng, false);
        std::size_t seen = 0;
        for (int i = 0; i < 100 && !(a.wire().empty() && b.wire().empty()); ++i) {
            if (bit / 8 >= seen && bit / 8 < seen + a.wire().size()) {
                a.wire()[bit / 8 - seen] ^= static_cast<std::uint8_t>(1U << bit % 8);
            }
            seen += a.wire().size();
            auto chunk = std::exchange(a.wire(), {});
            b.receive(chunk);
            chunk = std::exchange(b.wire(), {});
            a.receive(chunk);
        }
        EXPECT_FALSE(b.secured()) << bit;
    }
}

}  // namespace
}  // namespace libp2p::noise
