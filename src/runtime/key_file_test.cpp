// Goal: every form of key file gives its key, or one clear error that never shows the content.
// Method: keys made here, files encrypted here at low cost, and the sample of Mina's own nodes (not
// part of this repository).
#include "runtime/key_file.h"

#include "base/text.h"
#include "crypto/hash.h"
#include "libp2p/wire/peer_id.h"
#include "runtime/files.h"
#include "runtime/temporary_directory.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace runtime::testing {
namespace {

using base::as_bytes;

crypto::PrivateKey some_key() { return crypto::PrivateKey::ed25519_from_seed({1, 2, 3}); }

std::string id_of(crypto::PrivateKey const& key) {
    return libp2p::PeerId::of(key.public_key()).text();
}

std::string text_form(crypto::PrivateKey const& key) {
    return base::to_base64(key.encode()) + ',' + base::to_base64(key.public_key().encode()) + ',' +
           id_of(key);
}

std::string base58check(base::ByteView content) {
    base::ByteString bytes{2};
    base::append(bytes, content);
    auto const sum = crypto::sha256(crypto::sha256(bytes));
    base::append(bytes, base::ByteView(sum).first(4));
    return base::to_base58(bytes);
}

nlohmann::json encrypted(std::string const& plain, std::string const& password) {
    EXPECT_GE(sodium_init(), 0);
    base::ByteString const salt(crypto_pwhash_SALTBYTES, 9);
    base::ByteString const nonce(crypto_secretbox_NONCEBYTES, 8);
    base::ByteArray<crypto_secretbox_KEYBYTES> key{};
    EXPECT_EQ(crypto_pwhash(key.data(), key.size(), password.data(), password.size(), salt.data(),
                            3, 65536, crypto_pwhash_ALG_ARGON2I13),
              0);
    base::ByteString box(plain.size() + crypto_secretbox_MACBYTES);
    crypto_secretbox_easy(box.data(), as_bytes(plain).data(), plain.size(), nonce.data(),
                          key.data());
    return {{"box_primitive", "xsalsa20poly1305"},
            {"pw_primitive", "argon2i"},
            {"nonce", base58check(nonce)},
            {"pwsalt", base58check(salt)},
            {"pwdiff", {65536, 3}},
            {"ciphertext", base58check(box)}};
}

std::string error_of(std::string const& content, std::optional<std::string> const& password = {}) {
    auto const key = parse_key(as_bytes(content), password);
    EXPECT_FALSE(key);
    return key ? "" : key.error();
}

TEST(key_file, is_created_once_for_the_user_only_with_the_directories_above) {
    TemporaryDirectory const directory;
    auto const path = directory.path("deep/er/key");
    auto const created = load_or_create_key(path);
    ASSERT_TRUE(created) << created.error();
    EXPECT_TRUE(created->created);
    EXPECT_EQ(created->key.type(), crypto::KeyType::ed25519);
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);

    auto const loaded = load_or_create_key(path);
    ASSERT_TRUE(loaded) << loaded.error();
    EXPECT_FALSE(loaded->created);
    EXPECT_EQ(loaded->warning, "");
    EXPECT_EQ(id_of(loaded->key), id_of(created->key));
    EXPECT_NE(id_of(load_or_create_key(directory.path("other"))->key), id_of(created->key));
}

TEST(key_file, a_file_that_others_may_read_is_used_with_a_warning) {
    TemporaryDirectory const directory;
    auto const path = directory.path("key");
    ASSERT_TRUE(atomic_write(path, some_key().encode(), 0644));
    auto const loaded = load_key(path);
    ASSERT_TRUE(loaded) << loaded.error();
    EXPECT_EQ(loaded->warning, path + ": other users may read this key; run: chmod 600 " + path);
}

TEST(key_file, binary_and_text_forms_give_the_key) {
    auto const key = some_key();
    EXPECT_EQ(id_of(*parse_key(key.encode(), {})), id_of(key));
    EXPECT_EQ(id_of(*parse_key(as_bytes(text_form(key)), {})), id_of(key));
    EXPECT_EQ(id_of(*parse_key(as_bytes("\n " + text_form(key) + "\r\n"), {})), id_of(key));
}

TEST(key_file, encrypted_json_gives_the_key_for_the_right_password_only) {
    auto const key = some_key();
    auto const json = encrypted(text_form(key), "right").dump();
    auto const loaded = parse_key(as_bytes(json), "right");
    ASSERT_TRUE(loaded) << loaded.error();
    EXPECT_EQ(id_of(*loaded), id_of(key));
    EXPECT_EQ(error_of(json, "wrong"), "wrong password in MINA_LIBP2P_PASS");
    EXPECT_EQ(error_of(json, ""), "wrong password in MINA_LIBP2P_PASS");
    EXPECT_EQ(error_of(json), "the key is encrypted: set MINA_LIBP2P_PASS to its password");
}

TEST(key_file, damage_of_any_kind_is_an_error_that_does_not_show_the_content) {
    auto const text = text_form(some_key());
    auto const other = text_form(crypto::PrivateKey::ed25519_from_seed({9}));
    auto const encoded = some_key().encode();
    auto const comma = text.find(',');
    std::vector<std::string> const damaged{
        "",
        " \n",
        "hello",
        "a,b",
        "*,*,*",
        ",,",
        text.substr(0, text.size() - 1),
        text.substr(0, comma) + other.substr(other.find(',')),
        std::string(base::as_text(encoded)).substr(0, encoded.size() - 1),
        std::string(base::as_text(encoded)).substr(0, 4),
        std::string(100, '\0'),
        base::to_base64(encoded),
    };
    for (auto const& content : damaged) {
        auto const error = error_of(content);
        EXPECT_FALSE(error.empty());
        EXPECT_EQ(error.find('\n'), std::string::npos);
        EXPECT_EQ(error.find(text.substr(8, 20)), std::string::npos) << "shows the key";
    }
}

TEST(key_file, every_truncation_and_every_wrong_field_of_the_json_is_an_error) {
    auto const good = encrypted(text_form(some_key()), "p");
    auto const whole = good.dump();
    for (std::size_t size = 1; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_key(as_bytes(whole.substr(0, size)), "p")) << size;
    }
    using nlohmann::json;
    std::vector<std::pair<char const*, json>> const changes{
        {"box_primitive", "none"},
        {"box_primitive", 1},
        {"pw_primitive", "scrypt"},
        {"nonce", "not base58 0OIl"},
        {"nonce", base58check(base::ByteString(23))},
        {"pwsalt", base58check(base::ByteString(17))},
        {"pwsalt", nullptr},
        {"ciphertext", base58check(base::ByteString(15))},
        {"ciphertext", base58check(base::ByteString(200))},
        {"ciphertext", ""},
        {"pwdiff", json::array({65536})},
        {"pwdiff", json::array({-1, 3})},
        {"pwdiff", json::array({1ULL << 60, 6})},
        {"pwdiff", json::array({65536, 1ULL << 40})},
        {"pwdiff", json::array({65536, 2})},
        {"pwdiff", json::array({1.5, 3})},
        {"pwdiff", "65536"},
        {"pwdiff", json::array({65536, 4})},
    };
    for (auto const& [field, value] : changes) {
        auto bad = good;
        bad[field] = value;
        EXPECT_FALSE(error_of(bad.dump(), "p").empty()) << field << ' ' << value;
        bad.erase(field);
        EXPECT_FALSE(error_of(bad.dump(), "p").empty()) << field;
    }
    auto const one_wrong_character = [&] {
        auto text = good["nonce"].get<std::string>();
        text[5] = text[5] == 'a' ? 'b' : 'a';
        auto bad = good;
        bad["nonce"] = text;
        return bad.dump();
    }();
    EXPECT_EQ(error_of(one_wrong_character, "p"),
              "the key file is damaged: the checksum of \"nonce\" is wrong");
}

TEST(key_file, an_unreadable_file_is_an_error_with_its_path_and_is_never_replaced) {
    TemporaryDirectory const directory;
    auto const path = directory.path("key");
    ASSERT_TRUE(atomic_write(path, as_bytes("damaged"), 0600));
    auto const key = load_or_create_key(path);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().find(path + ": "), 0U) << key.error();
    EXPECT_EQ(base::as_text(*read_file(path, 100)), "damaged");
    EXPECT_FALSE(load_or_create_key(directory.path("")));
    EXPECT_FALSE(load_key(directory.path("absent")));
    if (::geteuid() != 0) {
        ASSERT_EQ(::chmod(path.c_str(), 0), 0);
        EXPECT_NE(load_or_create_key(path).error().find("Permission denied"), std::string::npos);
    }
}

TEST(key_file, the_sample_of_mina_decrypts) {
    std::string const path = MINAP2P_SHARED_DIR "/data/berkeley/libp2p-key.json";
    if (::access(path.c_str(), R_OK) != 0) GTEST_SKIP() << "the sample is not here";
    ::setenv(key_password_variable, "total-secure-pass", 1);
    auto const key = load_key(path);
    ASSERT_TRUE(key) << key.error();
    EXPECT_EQ(id_of(key->key), "12D3KooWDxyuJKSsVEwNR13UVwf4PEfs4yHkk3ecZipBPv3Y3Sac");
    ::setenv(key_password_variable, "another", 1);
    auto const refused = load_key(path);
    ::unsetenv(key_password_variable);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), path + ": wrong password in MINA_LIBP2P_PASS");
}

}  // namespace
}  // namespace runtime::testing
