// Goal: each kind of base58check is written and read as Mina's tools do. Method: pairs of wire bytes and text that
// another implementation made.
#include "mina/text/base58check.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace mina::text {
namespace {

using Reason = Base58Error::Reason;

struct Pair {
    Base58Kind kind;
    std::string_view text;
    std::string_view hex;
};

constexpr Pair pairs[] = {
    {Base58Kind::ledger_hash, "jy1wjiJgTkzXr7yL8r5x4ikaNJuikibsRMnkjdH6uqGCsDmR2sf",
     "fccff880144e770559a29b2f70a67df0b252ec2b020cc3b968669fb8cd5ee439"},
    {Base58Kind::epoch_seed, "2vc1aDX4oiaAeMVJndDbshLj9um4S3uiD4V4jboN2EBuViB6EfVb",
     "f620162131c34086098ebb009b6f1074f78c6ab7555a3ba042b2cbf04b1a0d31"},
    {Base58Kind::aux_hash, "UMmMUbuFV7WTvKZjr2NxVZAnxX1JrxALQnATbWBMr7sunoM3t7",
     "12f1817c2b4a21c290829091890c3064372d0d9dde0fb48dfd92438408a1e58c"},
    {Base58Kind::pending_coinbase_aux, "Xw2xt2o9hjq9pQh89Es9cgWyx6SUd5oQTGrwx485YkopBzPk9u",
     "e992c5de683dff6f9eec0cdc6f9dee2672f74e84d3a894a376c6119112309ebc"},
    {Base58Kind::state_hash, "3NK7aKav8mKMH83Bg44oHyCsawDa2eTpuSyNpELnvsYc1F1vbdUZ",
     "0aa19bc1b4d016bec1777c13d503415a9c11a96d0783c7d3be568c53d0220a03"},
    {Base58Kind::state_body_hash, "3WvKYEqnshzrLVGxkobdJKzAE6F5eW6aurNpMibqyWvdhdVSXEdu",
     "da2618b71f468305e5e41d7e7a38f9b5ae7a9a76040c27b62e3865d9aa8c7d38"},
    {Base58Kind::pending_coinbase_hash, "2n22GeuX9KQkQj4ZL3LU11FhefYDZWSVgNUgzLu2t7aJpsRTzCc2",
     "c70d8e48c9f6837db53cd18f64ee9027757c44e8d1093ddec2c07d6e8dd92f2f"},
    {Base58Kind::coinbase_stack_data, "4QNUpyLr8pRcGNzTapsttkJ6tPgindDhPUNNpmmet7QiCNt9jRRN",
     "04634dc040f79169d5eeda75a4601e087ac2694e99366ea4fdffa32181fc0917"},
    {Base58Kind::coinbase_stack_hash, "4YxB9HG3XtddR3tZQLTHwLRL8mJu7LxerYw1NteuRc6rZbJcZNDE",
     "0ce3919630c10cb5fcf564a6ad409d31261f757e645cc44b4a4958da496bf923"},
    {Base58Kind::token_id, "wSHV2S4qX9jFsLjQo8r1BsMLH2ZRKsZx6EJd1sbozGPieEC4Jf",
     "0100000000000000000000000000000000000000000000000000000000000000"},
    {Base58Kind::public_key, "B62qmo4nfFemr9hFtvz8F5h4JFSCxikVNsUJmZcfXQ9SGJ4abEC1RtH",
     "63aaebf0904f8056cded850c861f00465c95feeb54114da56f6483fbb3bdd11a01"},
    {Base58Kind::signature,
     "7mX5Lwu2bdnJPc4DJu7CkwTSR5behoKH8yZh7myCGgYfib5Sq3dfgPQY6LcXdrpQma1NvoLC5i7HLFEQZTnkBFcn96TP57JF",
     "338dee2158a317a0a4662717966d4a2966bd961bf8d445f75169b7f6fb5a862b"
     "1cabb4c76c1a1c55ef700a97abf41a9dda439c2a8b2ba0dbd9f4363a95ee5f18"},
    {Base58Kind::memo, "E4Z6SU8DEmNRnD5vn9WFTVx8fjUtQAKxX8XFZaDg9prFcG8FZs1EG",
     "011654657374205a4b41707020746f20526563656976657200000000000000000000"},
};

TEST(base58check, texts_of_another_implementation_are_written_and_read) {
    for (auto const& [kind, text, hex] : pairs) {
        auto const content = base::from_hex(hex).value();
        EXPECT_EQ(to_base58check(kind, content), text) << form_of(kind).name;
        EXPECT_EQ(from_base58check(kind, text), content) << form_of(kind).name;
    }
}

TEST(base58check, a_transaction_hash_is_read_and_written_again) {
    constexpr std::string_view text = "5JteFNJwHX8C4R3cMFPZ4Q9B7LhnDjzu7W9x1HVF9ca2DdUD5Th6";
    auto const hash = from_base58check(Base58Kind::transaction_hash, text);
    ASSERT_TRUE(hash);
    EXPECT_EQ(hash->size(), 32U);
    EXPECT_EQ(to_base58check(Base58Kind::transaction_hash, *hash), text);
}

TEST(base58check, a_text_of_another_kind_names_that_kind) {
    for (auto const& [kind, text, hex] : pairs) {
        for (auto const& other : pairs) {
            if (other.kind == kind) continue;
            auto const read = from_base58check(other.kind, text);
            ASSERT_FALSE(read);
            EXPECT_EQ(read.error(), (Base58Error{Reason::wrong_version, form_of(kind).version}));
        }
    }
    EXPECT_EQ(to_string(Base58Error{Reason::wrong_version, 0x05}), "its version byte is 0x05, that of a ledger hash");
    EXPECT_EQ(to_string(Base58Error{Reason::wrong_version, 0xff}), "its version byte is 0xff");
}

TEST(base58check, each_changed_character_is_noticed) {
    std::string text(pairs[4].text);
    for (auto& c : text) {
        auto const old = c;
        c = c == 'z' ? 'y' : 'z';
        auto const read = from_base58check(pairs[4].kind, text);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().reason, Reason::wrong_checksum);
        c = old;
    }
}

TEST(base58check, wrong_lengths_and_characters_are_refused) {
    EXPECT_EQ(from_base58check(Base58Kind::memo, "").error().reason, Reason::too_short);
    EXPECT_EQ(from_base58check(Base58Kind::memo, "1111").error().reason, Reason::too_short);
    EXPECT_EQ(from_base58check(Base58Kind::memo, "0OIl").error().reason, Reason::not_base58);
    EXPECT_EQ(from_base58check(Base58Kind::memo, "B62 ").error().reason, Reason::not_base58);
    EXPECT_EQ(from_base58check(Base58Kind::memo, std::string(2000, 'z')).error().reason, Reason::not_base58);
    // These have a right checksum: a state hash of 02 and zeros, one without its last byte, a memo with one too many.
    auto const error = [](Base58Kind kind, std::string_view text) { return from_base58check(kind, text).error(); };
    EXPECT_EQ(error(Base58Kind::state_hash, "3NLydwEHsAWZ3YrTG2UXjh9zXnSfnzkKMeFEAkqteeNQHHVhgTr5"),
              (Base58Error{Reason::wrong_prefix, 0x10}));
    EXPECT_EQ(error(Base58Kind::state_hash, "Y7MNF3gcR31e2NGXqgrZLg4Ludwcsm4WRP1hDcqt8BjoFC7VDm"),
              (Base58Error{Reason::wrong_length, 0x10}));
    EXPECT_EQ(error(Base58Kind::memo, "zdyUz4ZiTVDzzKrvG3BL3Wj8kWkdTKbcFt62nYGetE5EHXS5YyQpr4"),
              (Base58Error{Reason::wrong_length, 0x14}));
}

}  // namespace
}  // namespace mina::text
