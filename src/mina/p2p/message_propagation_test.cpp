// Message propagation. Goal: what other nodes could not decode gets the verdict reject, and the application an event
// that says why in place of the message. Method: MessageReceived actions into the reducer, the effects looked at.
#include "mina/p2p/p2p.h"

#include "base/rng.h"
#include "mina/schema/random.h"

#include <gtest/gtest.h>

namespace mina::p2p {
namespace {

using libp2p::gossipsub::Acceptance;

class Propagation : public testing::Test {
protected:
    Propagation() { use(*builtin("local")); }

    void use(Network network) {
        state_.formats = MessageFormats(network.formats);
        state_.config.network = std::move(network);
    }

    std::vector<P2pEffect> receive(base::ByteView data, std::string topic) {
        P2pOut out;
        base::NoTrace trace;
        base::Rng rng({1});
        base::Env const env{base::Instant{}, rng, trace};
        libp2p::peerstore::Gate const gate;
        reduce(state_, MessageReceived{{7}, peer_, std::move(topic), data}, {env, gate}, out);
        return std::move(out.effects);
    }

    /// Of all kinds.
    channels::Counters counters() const {
        channels::Counters sum;
        for (auto const& total : state_.channels.totals) {
            sum.received += total.counters.received;
            sum.accepted += total.counters.accepted;
        }
        return sum;
    }
    static base::ByteString valid_message() {
        base::Rng rng({5});
        auto const* const root = schema::find_root(messages::schema_of(messages::Format::berkeley), "gossip");
        return messages::framed(schema::random_value(*root->type, {}, [&] { return rng.next(); }));
    }

    std::string const topic_ = "coda/consensus-messages/0.0.1";
    libp2p::PeerId const peer_ = libp2p::PeerId::of(crypto::PrivateKey::ed25519_from_seed({3}).public_key());
    P2pState state_;
};

TEST_F(Propagation, accepts_a_message_of_the_network) {
    auto const effects = receive(valid_message(), topic_);
    ASSERT_EQ(effects.size(), 1U);
    auto const* const verdict = std::get_if<GiveVerdict>(&effects[0]);
    ASSERT_NE(verdict, nullptr);
    EXPECT_EQ(verdict->acceptance, Acceptance::accept);
    EXPECT_EQ(counters().accepted, 1U);
}

TEST_F(Propagation, refuses_a_message_that_ends_early_and_says_where) {
    auto message = valid_message();
    message.pop_back();
    message = messages::framed(base::ByteView(message).subspan(messages::frame_header_bytes));
    auto const effects = receive(message, topic_);
    ASSERT_EQ(effects.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<ReportPeer>(effects[1]));
    auto const* const refusal = std::get_if<RefuseMessage>(&effects[0]);
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(refusal->key.value, 7U);
    EXPECT_TRUE(refusal->reason.starts_with("offset ")) << refusal->reason;
    EXPECT_EQ(state_.channels.unfit_of_no_kind, 1U);
}

TEST_F(Propagation, refuses_before_the_application_is_asked) {
    state_.config.verdicts = Verdicts::application;
    EXPECT_TRUE(receive(valid_message(), topic_).empty());
    auto const effects = receive(base::as_bytes("nonsense"), topic_);
    ASSERT_EQ(effects.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<RefuseMessage>(effects[0]));
}

TEST_F(Propagation, looks_into_the_checked_topic_alone) {
    auto const effects = receive(base::as_bytes("anything"), "another/topic");
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<GiveVerdict>(effects[0]));
}

TEST_F(Propagation, looks_into_nothing_on_a_network_without_a_format) {
    auto network = *builtin("local");
    network.formats.clear();
    use(network);
    auto const effects = receive(base::as_bytes("anything"), topic_);
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<GiveVerdict>(effects[0]));
}

}  // namespace
}  // namespace mina::p2p
