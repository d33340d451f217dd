#include "runtime/encrypted_key.h"

#include "base/check.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "runtime/key_file.h"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>

namespace runtime {

namespace {

using Json = nlohmann::json;
template <class T>
using Parsed = base::Result<T, std::string>;

constexpr std::uint8_t base58check_version = 2;  // mina: of byte strings in key files
constexpr std::size_t checksum_bytes = 4;
// Of what the file may ask for: the OCaml node writes 128 MiB and 6 passes.
constexpr std::uint64_t memory_bytes_max = std::uint64_t{1} << 30;
constexpr std::uint64_t passes_max = 32;

struct EncryptedKey {
    base::ByteString nonce;
    base::ByteString salt;
    base::ByteString ciphertext;
    std::uint64_t memory_bytes = 0;
    std::uint64_t passes = 0;
};

std::unexpected<std::string> damaged(std::string_view what) {
    return base::fail("the key file is damaged: " + std::string(what));
}

Parsed<std::string> text_field(Json const& json, char const* name) {
    auto const field = json.find(name);
    if (field == json.end() || !field->is_string()) {
        return damaged(std::string("it has no text \"") + name + '"');
    }
    return field->get<std::string>();
}

/// Version byte, content, and the first four bytes of a double SHA-256.
Parsed<base::ByteString> base58check_field(Json const& json, char const* name) {
    TRY(auto const text, text_field(json, name));
    auto const decoded = base::from_base58(text);
    auto const wrong = [&] {
        return damaged(std::string("the checksum of \"") + name + "\" is wrong");
    };
    if (!decoded || decoded->size() <= checksum_bytes || decoded->front() != base58check_version) {
        return wrong();
    }
    auto const content = base::ByteView(*decoded).first(decoded->size() - checksum_bytes);
    auto const sum = crypto::sha256(crypto::sha256(content));
    if (!base::equal(base::ByteView(sum).first(checksum_bytes),
                     base::ByteView(*decoded).last(checksum_bytes))) {
        return wrong();
    }
    return base::to_byte_string(content.subspan(1));
}

Parsed<EncryptedKey> parse(std::string_view text) {
    auto const json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object()) return damaged("it is not a whole JSON object");
    TRY(auto const box, text_field(json, "box_primitive"));
    TRY(auto const derivation, text_field(json, "pw_primitive"));
    if (box != "xsalsa20poly1305" || derivation != "argon2i") {
        return base::fail(
            std::string("the key file is encrypted in a way not known here: only xsalsa20poly1305 "
                        "with argon2i is"));
    }
    EncryptedKey key;
    TRY(key.nonce, base58check_field(json, "nonce"));
    TRY(key.salt, base58check_field(json, "pwsalt"));
    TRY(key.ciphertext, base58check_field(json, "ciphertext"));
    if (key.nonce.size() != crypto_secretbox_NONCEBYTES) {
        return damaged("the nonce has a wrong size");
    }
    if (key.salt.size() != crypto_pwhash_SALTBYTES) return damaged("the salt has a wrong size");
    if (key.ciphertext.size() < crypto_secretbox_MACBYTES) {
        return damaged("the ciphertext is too short");
    }
    auto const cost = json.find("pwdiff");
    if (cost == json.end() || !cost->is_array() || cost->size() != 2 ||
        !(*cost)[0].is_number_unsigned() || !(*cost)[1].is_number_unsigned()) {
        return damaged("it has no two numbers \"pwdiff\"");
    }
    key.memory_bytes = (*cost)[0].get<std::uint64_t>();
    key.passes = (*cost)[1].get<std::uint64_t>();
    if (key.memory_bytes < crypto_pwhash_argon2i_MEMLIMIT_MIN ||
        key.memory_bytes > memory_bytes_max || key.passes < crypto_pwhash_argon2i_OPSLIMIT_MIN ||
        key.passes > passes_max) {
        return damaged("the numbers of \"pwdiff\" are out of range");
    }
    return key;
}

}  // namespace

base::Result<std::string, std::string> decrypt_key(std::string_view json,
                                                   std::optional<std::string> const& password) {
    base::check(sodium_init() >= 0, "libsodium starts");
    TRY(auto const file, parse(json));
    if (!password) {
        return base::fail(std::string("the key is encrypted: set ") + key_password_variable +
                          " to its password");
    }
    base::ByteArray<crypto_secretbox_KEYBYTES> key{};
    if (crypto_pwhash(key.data(), key.size(), password->data(), password->size(), file.salt.data(),
                      file.passes, file.memory_bytes, crypto_pwhash_ALG_ARGON2I13) != 0) {
        return base::fail("the key cannot be decrypted: it takes " +
                          std::to_string(file.memory_bytes >> 20) +
                          " MiB of memory, which are not free");
    }
    std::string plain(file.ciphertext.size() - crypto_secretbox_MACBYTES, '\0');
    auto const opened = crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()),
                                                   file.ciphertext.data(), file.ciphertext.size(),
                                                   file.nonce.data(), key.data());
    sodium_memzero(key.data(), key.size());
    if (opened != 0) return base::fail(std::string("wrong password in ") + key_password_variable);
    return plain;
}

}  // namespace runtime
