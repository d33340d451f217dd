// Goal: both sides agree on a protocol with every peer of a Mina network, and no input costs more than the bounds.
// Method: golden bytes of the spec and of observed peers, one test per error and limit, two ends over a pipe that cuts
// and joins at random, and inputs of attackers.
#include "libp2p/multistream/multistream.h"

#include "base/rng.h"
#include "base/text.h"
#include "base/writer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace libp2p::multistream {
namespace {

using Names = std::vector<std::string>;

base::ByteString messages(std::initializer_list<std::string_view> names) {
    base::ByteString out;
    for (auto const name : names) append_message(out, name);
    return out;
}

base::ByteString text(std::string_view value) { return base::to_byte_string(base::as_bytes(value)); }

constexpr std::string_view head = "/multistream/1.0.0";
constexpr std::string_view token = "/libp2p/simultaneous-connect";

struct Outcome {
    std::optional<Selected> selected;
    std::optional<Error> error;
    base::ByteString sent;
    std::size_t consumed = 0;
    bool operator==(Outcome const&) const = default;
};

/// Pushes `in` in pieces of `piece` bytes until a selection or an error.
template <class Side>
Outcome feed(Side& side, base::ByteView in, std::size_t piece) {
    Outcome outcome;
    while (!in.empty() && !outcome.selected && !outcome.error) {
        auto const part = in.first(std::min(piece, in.size()));
        auto progress = side.push(part, outcome.sent);
        if (!progress) {
            outcome.error = progress.error();
            outcome.consumed = 0;  // an error says nothing of where
            return outcome;
        }
        EXPECT_LE(progress->consumed, part.size());
        outcome.consumed += progress->consumed;
        outcome.selected = progress->selected;
        in = in.subspan(part.size());
    }
    return outcome;
}

Outcome listen(Names names, base::ByteView in) {
    base::ByteString out;
    Listener glued(names, out);
    auto const outcome = feed(glued, in, in.size());
    base::ByteString again;
    Listener bytewise(names, again);
    EXPECT_EQ(feed(bytewise, in, 1), outcome) << "cutting changed the outcome";
    return outcome;
}

Outcome dial(Names names, std::optional<std::uint64_t> number, base::ByteView in) {
    base::ByteString out;
    Dialer glued(names, number, out);
    auto const outcome = feed(glued, in, in.size());
    base::ByteString again;
    Dialer bytewise(names, number, again);
    EXPECT_EQ(feed(bytewise, in, 1), outcome) << "cutting changed the outcome";
    return outcome;
}

// spec: connections#multistream-select "0x036e610a"
TEST(multistream, message_has_the_length_with_its_newline) {
    EXPECT_EQ(base::to_hex(messages({"na"})), "036e610a");
    EXPECT_EQ(base::to_hex(messages({head})), "132f6d756c746973747265616d2f312e302e300a");
    std::string const longest(name_bytes_max - 1, 'x');
    EXPECT_EQ(messages({longest}).size(), 2 + name_bytes_max);
}

TEST(multistream, dialer_sends_its_whole_first_flight_at_once) {
    base::ByteString out;
    Dialer const plain({"/noise", "/tls/1.0.0"}, std::nullopt, out);
    EXPECT_EQ(out, messages({head, "/noise"}));
    EXPECT_EQ(plain.proposed(), "/noise");
    base::ByteString with_token;
    Dialer const simultaneous({"/noise"}, 7, with_token);
    EXPECT_EQ(with_token, messages({head, token, "/noise"}));
}

TEST(multistream, listener_sends_its_header_before_it_reads) {
    base::ByteString out;
    Listener const listener({"/noise"}, out);
    EXPECT_EQ(out, messages({head}));
}

// The first flight of Mina's helper and of Mina's Rust node, as observed.
TEST(multistream, listener_refuses_the_simultaneous_token_and_takes_noise) {
    auto const outcome = listen({"/noise"}, messages({head, token, "/noise"}));
    EXPECT_EQ(outcome.selected, (Selected{"/noise", Role::responder}));
    EXPECT_EQ(outcome.sent, messages({"na", "/noise"}));
}

TEST(multistream, listener_takes_a_name_without_a_leading_slash) {
    auto const outcome = listen({"coda/rpcs/0.0.1"}, messages({head, "/coda/rpcs/0.0.1", "coda/rpcs/0.0.1"}));
    EXPECT_EQ(outcome.selected->name, "coda/rpcs/0.0.1");
    EXPECT_EQ(outcome.sent, messages({"na", "coda/rpcs/0.0.1"}));
}

// mina: the Rust node's other form of the muxer's name.
TEST(multistream, listener_takes_a_known_name_without_newline_and_echoes_it_with_one) {
    auto in = messages({head});
    base::append_counted(in, base::as_bytes("/coda/yamux/1.0.0"));
    auto const outcome = listen({"/coda/yamux/1.0.0"}, in);
    EXPECT_EQ(outcome.selected->name, "/coda/yamux/1.0.0");
    EXPECT_EQ(outcome.sent, messages({"/coda/yamux/1.0.0"}));
    EXPECT_EQ(listen({"/yamux/1.0.0"}, in).error, Error::malformed);
}

TEST(multistream, listener_leaves_the_protocols_bytes_to_the_protocol) {
    auto in = messages({head, "/noise"});
    auto const negotiation = in.size();
    base::append(in, text("\x05junk\nand more"));
    base::ByteString out;
    Listener listener({"/noise"}, out);
    auto const progress = listener.push(in, out);
    ASSERT_TRUE(progress);
    EXPECT_EQ(progress->consumed, negotiation);
    EXPECT_TRUE(progress->selected);
}

TEST(multistream, listener_lists_its_names_as_embedded_messages) {
    auto const outcome = listen({"/a", "/bc"}, messages({head, "ls"}));
    EXPECT_EQ(outcome.sent, text(std::string_view("\x0a\x03/a\n\x04/bc\n\n", 11)));
    EXPECT_EQ(listen({}, messages({head, "ls"})).sent, text("\x01\n"));
}

TEST(multistream, listener_echoes_a_repeated_header) {
    auto const outcome = listen({"/a"}, messages({head, head, "/a"}));
    EXPECT_EQ(outcome.sent, messages({head, "/a"}));
    EXPECT_TRUE(outcome.selected);
}

TEST(multistream, first_message_must_be_the_header) {
    EXPECT_EQ(listen({"/a"}, messages({"/a"})).error, Error::bad_header);
    EXPECT_EQ(listen({"/a"}, messages({"/multistream/1.0.1"})).error, Error::bad_header);
    EXPECT_EQ(dial({"/a"}, std::nullopt, messages({"na"})).error, Error::bad_header);
}

TEST(multistream, a_wrong_first_byte_fails_at_once) {
    base::ByteString out;
    Listener listener({"/a"}, out);
    auto const progress = listener.push(text("\x7f"), out);
    ASSERT_FALSE(progress);
    EXPECT_EQ(progress.error(), Error::bad_header);
}

TEST(multistream, dialer_falls_back_through_its_names_in_order) {
    EXPECT_EQ(dial({"/a", "/b"}, std::nullopt, messages({head, "na", "/b"})).selected,
              (Selected{"/b", Role::initiator}));
    EXPECT_EQ(dial({"/a", "/b"}, std::nullopt, messages({head, "na"})).sent, messages({"/b"}));
    auto const none = dial({"/a", "/b"}, std::nullopt, messages({head, "na", "na"}));
    EXPECT_EQ(none.error, Error::none_supported);
}

TEST(multistream, dialer_knows_what_it_proposed_last) {
    base::ByteString out;
    Dialer dialer({"/a", "/b"}, std::nullopt, out);
    ASSERT_TRUE(dialer.push(messages({head, "na"}), out));
    EXPECT_EQ(dialer.proposed(), "/b");
}

TEST(multistream, dialer_refuses_an_answer_to_nothing_it_proposed) {
    EXPECT_EQ(dial({"/a", "/b"}, std::nullopt, messages({head, "/b"})).error, Error::unexpected);
    EXPECT_EQ(dial({"/a"}, 1, messages({head, "/a"})).error, Error::unexpected);
    EXPECT_EQ(dial({"/a"}, std::nullopt, messages({head, token})).error, Error::unexpected);
}

TEST(multistream, dialer_skips_an_echo_of_the_header) {
    EXPECT_TRUE(dial({"/a"}, 1, messages({head, head, "na", "/a"})).selected);
}

TEST(multistream, dialer_goes_on_when_the_token_is_refused) {
    auto const outcome = dial({"/a", "/b"}, 1, messages({head, "na", "na", "/b"}));
    EXPECT_EQ(outcome.selected, (Selected{"/b", Role::initiator}));
    EXPECT_EQ(outcome.sent, messages({"/b"}));
}

// spec: connections/simopen, the example, as go-multistream 0.4 speaks it.
TEST(multistream, simultaneous_open_makes_the_higher_number_the_initiator) {
    auto const high = dial({"/noise"}, 18446744073709551615U,
                           messages({head, token, "/noise", "select:5", "responder", "/noise"}));
    EXPECT_EQ(high.selected, (Selected{"/noise", Role::initiator}));
    EXPECT_EQ(high.sent, messages({"select:18446744073709551615", "initiator", "/noise"}));
    auto const low =
        dial({"/noise"}, 5,
             messages({head, token, "/noise", "select:18446744073709551615", "initiator", "/tls", "/noise"}));
    EXPECT_EQ(low.selected, (Selected{"/noise", Role::responder}));
    EXPECT_EQ(low.sent, messages({"select:5", "responder", "na", "/noise"}));
}

TEST(multistream, simultaneous_open_fails_on_equal_numbers_and_on_what_is_no_number) {
    EXPECT_EQ(dial({"/a"}, 5, messages({head, token, "/a", "select:5"})).error, Error::tie);
    for (auto const number :
         {"select:", "select:-1", "select:+1", "select: 1", "select:1x", "select:18446744073709551616"}) {
        EXPECT_EQ(dial({"/a"}, 5, messages({head, token, "/a", number})).error, Error::malformed) << number;
    }
    EXPECT_EQ(dial({"/a"}, 5, messages({head, token, "/a", "select:6", "responder"})).error, Error::unexpected);
    EXPECT_EQ(dial({"/a"}, 5, messages({head, token, "/a", "select:4", "initiator"})).error, Error::unexpected);
}

// A peer that plays our own first flight back to us is no peer.
TEST(multistream, a_reflected_dialer_ends_in_a_tie) {
    base::ByteString out;
    Dialer dialer({"/noise"}, 99, out);
    base::ByteString answer;
    ASSERT_TRUE(dialer.push(out, answer));
    base::ByteString again;
    auto const progress = dialer.push(answer, again);
    ASSERT_FALSE(progress);
    EXPECT_EQ(progress.error(), Error::tie);
}

TEST(multistream, refuses_what_is_not_a_message) {
    auto const with = [](base::ByteString const& tail) {
        auto in = messages({head});
        base::append(in, tail);
        return in;
    };
    base::ByteString over_long;
    base::append_varint(over_long, name_bytes_max + 1);
    for (auto const& tail : {base::ByteString{0x00}, base::ByteString{0x80, 0x80}, base::ByteString{0x83, 0x00},
                             over_long, text("\x02na")}) {
        EXPECT_EQ(listen({"/a"}, with(tail)).error, Error::malformed) << base::to_hex(tail);
        EXPECT_EQ(dial({"/a"}, std::nullopt, with(tail)).error, Error::malformed) << base::to_hex(tail);
    }
}

TEST(multistream, takes_a_name_of_the_greatest_size) {
    std::string const longest(name_bytes_max - 1, 'x');
    EXPECT_TRUE(listen({longest}, messages({head, longest})).selected);
}

// spec: a lazy dialer's bytes follow its proposal; behind a refusal they are nobody's fault.
TEST(multistream, junk_behind_a_refusal_is_no_common_protocol) {
    auto in = messages({head, "/unknown"});
    base::append(in, text(std::string_view("\x00\x01lazy", 6)));
    auto const outcome = listen({"/a"}, in);
    EXPECT_EQ(outcome.error, Error::none_supported);
    EXPECT_EQ(outcome.sent, messages({"na"}));
}

TEST(multistream, bytes_of_the_protocol_do_not_count_as_negotiation) {
    auto in = messages({head, "/a"});
    auto const negotiation = in.size();
    in.resize(negotiation_bytes_max * 4, 'x');
    base::ByteString out;
    Listener listener({"/a"}, out);
    auto const progress = listener.push(in, out);
    ASSERT_TRUE(progress);
    EXPECT_EQ(progress->consumed, negotiation);
}

// The name that is never known, for ever: go-multistream's listener goes on without end.
TEST(multistream, adv_endless_proposals_are_cut_off) {
    auto in = messages({head});
    for (int i = 0; i < proposals_max - 1; ++i) append_message(in, "/x");
    auto within = in;
    append_message(within, "/a");
    EXPECT_TRUE(listen({"/a"}, within).selected);
    append_message(in, "/x");
    append_message(in, "/a");
    auto const outcome = listen({"/a"}, in);
    EXPECT_EQ(outcome.error, Error::too_many);
    EXPECT_EQ(outcome.sent.size(), messages({"na"}).size() * proposals_max);
}

TEST(multistream, adv_endless_refusals_and_skipped_messages_are_cut_off) {
    Names many;
    for (int i = 0; i < 40; ++i) many.push_back("/" + std::to_string(i));
    auto refusals = messages({head});
    auto headers = messages({head});
    auto pipelined = messages({head, token});
    for (int i = 0; i < 40; ++i) {
        append_message(refusals, "na");
        append_message(headers, head);
        append_message(pipelined, "/x");
    }
    EXPECT_EQ(dial(many, std::nullopt, refusals).error, Error::too_many);
    EXPECT_EQ(dial(many, std::nullopt, headers).error, Error::too_many);
    EXPECT_EQ(dial(many, 1, pipelined).error, Error::too_many);
}

// CVE-2022-23486: many negotiations, each with as much memory as it can get.
TEST(multistream, adv_CVE_2022_23486_bytes_of_a_negotiation_are_bounded) {
    auto in = messages({head});
    std::string const longest(name_bytes_max - 1, 'x');
    for (int i = 0; i < 3; ++i) append_message(in, longest);
    auto const room = negotiation_bytes_max - in.size();
    auto within = in;
    append_message(within, std::string(room - 3, 'a'));
    ASSERT_EQ(within.size(), negotiation_bytes_max);
    EXPECT_FALSE(listen({"/a"}, within).error);
    append_message(in, std::string(room - 2, 'a'));
    EXPECT_EQ(listen({"/a"}, in).error, Error::too_many);
}

/// Runs two sides against each other over pipes that cut and join at random, until both have ended or all is quiet.
template <class First, class Second>
struct Link {
    First& first;
    Second& second;
    base::ByteString to_first;
    base::ByteString to_second;
    Outcome of_first;
    Outcome of_second;

    template <class Side>
    void turn(base::Rng& rng, Side& side, Outcome& outcome, base::ByteString& in, base::ByteString& out) {
        if (in.empty() || outcome.selected || outcome.error) return;
        auto const size = static_cast<std::size_t>(rng.below(in.size()) + 1);
        base::ByteString const part(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(size));
        auto const progress = side.push(part, out);
        std::size_t used = size;
        if (!progress) {
            outcome.error = progress.error();
        } else {
            used = progress->consumed;
            outcome.selected = progress->selected;
        }
        in.erase(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(used));
    }
    void run(base::Rng& rng) {
        for (int i = 0; i < 2000; ++i) {
            if (rng.below(2) == 0) {
                turn(rng, first, of_first, to_first, to_second);
            } else {
                turn(rng, second, of_second, to_second, to_first);
            }
        }
    }
};

TEST(multistream, two_ends_agree_however_the_bytes_are_cut) {
    for (std::uint8_t seed = 0; seed < 250; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        base::Rng rng(base::Rng::Seed{seed});
        Names wanted;
        Names known;
        for (int i = 0; i < 6; ++i) {
            if (rng.below(2) == 0) wanted.push_back("/p/" + std::to_string(i));
            if (rng.below(2) == 0) known.push_back("/p/" + std::to_string(i));
        }
        if (wanted.empty()) wanted.emplace_back("/none");
        rng.shuffle(wanted);
        std::optional<std::string> expected;
        for (auto const& name : wanted) {
            if (!expected && std::ranges::find(known, name) != known.end()) expected = name;
        }
        auto const number = rng.below(2) == 0 ? std::optional(rng.next()) : std::nullopt;
        base::ByteString to_listener;
        base::ByteString to_dialer;
        Dialer dialer(wanted, number, to_listener);
        Listener listener(known, to_dialer);
        Link<Dialer, Listener> link{dialer, listener, to_dialer, to_listener, {}, {}};
        link.run(rng);
        if (expected) {
            EXPECT_EQ(link.of_first.selected, (Selected{*expected, Role::initiator}));
            EXPECT_EQ(link.of_second.selected, (Selected{*expected, Role::responder}));
        } else {
            EXPECT_EQ(link.of_first.error, Error::none_supported);
            EXPECT_FALSE(link.of_second.selected);
        }
    }
}

TEST(multistream, two_dialers_agree_on_roles_however_the_bytes_are_cut) {
    for (std::uint8_t seed = 0; seed < 250; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        base::Rng rng(base::Rng::Seed{seed});
        base::ByteString to_first;
        base::ByteString to_second;
        auto const a = rng.next();
        auto const b = rng.below(10) == 0 ? a : rng.next();
        Dialer first({"/noise"}, a, to_second);
        Dialer second({"/tls", "/noise"}, b, to_first);
        Link<Dialer, Dialer> link{first, second, to_first, to_second, {}, {}};
        link.run(rng);
        if (a == b) {
            EXPECT_EQ(link.of_first.error, Error::tie);
            EXPECT_EQ(link.of_second.error, Error::tie);
            continue;
        }
        EXPECT_EQ(link.of_first.selected, (Selected{"/noise", a > b ? Role::initiator : Role::responder}));
        EXPECT_EQ(link.of_second.selected, (Selected{"/noise", a > b ? Role::responder : Role::initiator}));
        EXPECT_TRUE(link.to_first.empty());
        EXPECT_TRUE(link.to_second.empty());
    }
}

TEST(multistream, a_prefix_of_any_length_waits_for_more) {
    auto const in = messages({head, "/noise"});
    for (std::size_t size = 0; size < in.size(); ++size) {
        auto const outcome = listen({"/noise"}, base::ByteView(in).first(size));
        EXPECT_FALSE(outcome.error) << size;
        EXPECT_FALSE(outcome.selected) << size;
    }
}

TEST(multistream, every_error_has_its_own_words) {
    std::vector<std::string_view> words;
    for (auto const error : {Error::malformed, Error::bad_header, Error::unexpected, Error::none_supported,
                             Error::too_many, Error::tie}) {
        EXPECT_EQ(std::ranges::find(words, to_string(error)), words.end());
        words.push_back(to_string(error));
    }
}

}  // namespace
}  // namespace libp2p::multistream
