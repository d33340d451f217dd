#include "runtime/key_file.h"

#include "base/text.h"
#include "libp2p/wire/peer_id.h"
#include "runtime/encrypted_key.h"
#include "runtime/entropy.h"
#include "runtime/files.h"

#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

namespace runtime {

namespace {

constexpr std::size_t file_bytes_max = 64 * 1024;

using KeyResult = base::Result<crypto::PrivateKey, std::string>;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    auto const first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

KeyResult decode_binary(base::ByteView bytes) {
    auto key = crypto::PrivateKey::decode(bytes);
    if (key) return std::move(*key);
    return base::fail("the private key is damaged: " + std::string(crypto::to_string(key.error())));
}

/// mina: base64(private key),base64(public key),peer id. The last two can be computed, and must
/// agree.
KeyResult parse_text(std::string_view text) {
    auto const first = text.find(',');
    auto const second = text.find(',', first + 1);
    if (second == std::string_view::npos) {
        return base::fail(std::string("the key is damaged: it has not three parts"));
    }
    auto secret = base::from_base64(text.substr(0, first));
    auto const shared = base::from_base64(text.substr(first + 1, second - first - 1));
    if (!secret || !shared) return base::fail(std::string("the key is damaged: it is not base64"));
    auto key = decode_binary(*secret);
    sodium_memzero(secret->data(), secret->size());
    if (!key) return key;
    auto const id = libp2p::PeerId::from_text(text.substr(second + 1));
    if (!base::equal(key->public_key().encode(), *shared) || !id ||
        *id != libp2p::PeerId::of(key->public_key())) {
        return base::fail(std::string(
            "the key is damaged: private key, public key and peer id do not belong together"));
    }
    return key;
}

bool is_text(std::string_view content) {
    return std::ranges::all_of(
        content, [](char c) { return c >= ' ' || c == '\n' || c == '\r' || c == '\t'; });
}

/// Others can read it: worth a word, but a node in a container often has no choice.
std::string warning_about(std::string const& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || (status.st_mode & 077) == 0) return {};
    return path + ": other users may read this key; run: chmod 600 " + path;
}

base::Result<LoadedKey, std::string> parse_file(std::string const& path, base::ByteString content) {
    char const* const password = std::getenv(key_password_variable);
    auto key = parse_key(content,
                         password != nullptr ? std::optional<std::string>(password) : std::nullopt);
    sodium_memzero(content.data(), content.size());
    if (!key) return base::fail(path + ": " + key.error());
    return LoadedKey{.key = std::move(*key), .created = false, .warning = warning_about(path)};
}

}  // namespace

KeyResult parse_key(base::ByteView content, std::optional<std::string> const& password) {
    auto const text = trimmed(base::as_text(content));
    if (text.empty()) return base::fail(std::string("the file is empty"));
    if (!is_text(text)) return decode_binary(content);
    if (text.front() != '{') return parse_text(text);
    TRY(auto plain, decrypt_key(text, password));
    auto key = parse_text(trimmed(plain));
    sodium_memzero(plain.data(), plain.size());
    return key;
}

base::Result<LoadedKey, std::string> load_key(std::string const& path) {
    TRY(auto content, read_file(path, file_bytes_max));
    return parse_file(path, std::move(content));
}

base::Result<LoadedKey, std::string> load_or_create_key(std::string const& path) {
    TRY(auto present, read_file_if_present(path, file_bytes_max));
    if (present) return parse_file(path, std::move(*present));
    if (auto const slash = path.find_last_of('/'); slash != std::string::npos && slash != 0) {
        TRY_VOID(make_directory(path.substr(0, slash)));
    }
    auto seed = random_seed();
    auto key = crypto::PrivateKey::ed25519_from_seed(seed);
    sodium_memzero(seed.data(), seed.size());
    auto encoded = key.encode();
    auto const created = atomic_create(path, encoded, 0600);
    sodium_memzero(encoded.data(), encoded.size());
    if (!created) return base::fail(created.error());
    if (!*created) return load_key(path);  // another program was first
    return LoadedKey{.key = std::move(key), .created = true, .warning = {}};
}

}  // namespace runtime
