// For tests: messages that are always there, and how to come by others.
#pragma once

#include "base/check.h"
#include "base/text.h"
#include "mina/hashes/dummies.h"
#include "mina/messages/berkeley/block.h"
#include "mina/messages/messages.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

namespace mina::hashes::vectors {

/// Block 357,934 of devnet, of which this is the protocol state. From the test data of mina-rust (Apache-2.0).
inline constexpr std::string_view devnet_state =
    "CqGbwbTQFr7Bd3wT1QNBWpwRqW0Hg8fTvlaMU9AiCgORqOqyFMDp7OKnewzlXL6QP2tM7zs6epXS7dkYp5MmFPKVavLFlRVVMLSd8eUp5UwJqEFO"
    "krh3s6KVbbh4tdwZIBLxgXwrSiHCkIKQkYkMMGQ3LQ2d3g+0jf2SQ4QIoeWMIOmSxd5oPf9vnuwM3G+d7iZy906E06iUo3bGEZESMJ68xw2OSMn2"
    "g321PNGPZO6QJ3V8ROjRCT3ewsB9bo3ZLy/8z/iAFE53BVmimy9wpn3wslLsKwIMw7loZp+4zV7kOeQj6T4tNnrAnFIG1vANWMbhGd0vaokwwC8M"
    "L9Zm1p8/TP3aeDDpdxIIEMAxN6KKQf/i6AGD4v+Wnq1PWcUEWgQ1udUeXXx0FFb4ZyBzEkGoKAJzz8bCFmj9e8bFh9DMHWoNogYdlDBSwqRXl4aG"
    "3MkQOEGC57nWAXXGIlTwUpQ0ag2iBh2UMFLCpFeXhobcyRA4QYLnudYBdcYiVPBSlDRsxnDlJh772cxIxYjNovS7KSfQWcCv0HDJjtaULmZBBgAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAE2HRsRa27GNiZ55nu03/NYXfUy8ewDBnp2PCn9WCGJEeum"
    "w60Tzkn8249lK2WWs441MCvaGoNvuul+Rro8ta0aBGNNwED3kWnV7tp1pGAeCHrCaU6ZNm6k/f+jIYH8CRdqDaIGHZQwUsKkV5eGhtzJEDhBgue5"
    "1gF1xiJU8FKUNAzjkZYwwQy1/PVkpq1AnTEmH3V+ZFzES0pJWNpJa/kjbMZw5SYe+9nMSMWIzaL0uykn0FnAr9BwyY7WlC5mQQYAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAABvGvo9JZ2tuuzUI2Ye7ksMcdPXUI/H7czvbU/svpslBs2HRsRa27GNiZ5"
    "5nu03/NYXfUy8ewDBnp2PCn9WCGJEfwAPga8FQ0AAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAD8IKLRm5IBAAAgkY2lNHdHiNJApl8CFhSmuF69pzBsooBcqWqZgh8ORIv9LnYFAAwDCwYBBQcDAwMCBgMFIBBc42j4"
    "Hcy3d0JwF6CVcXqG35VtW2p4959MSiYzIwAA/OjZ1eAPaDIUAP31ZQEA/uQbAP2ZMwgA9a+7rvG33W23x0HQ1b96N1hrLUZZlUqPqIu3N7SGsAj8"
    "6LfzhyjwGxT2IBYhMcNAhgmOuwCbbxB094xqt1VaO6BCssvwSxoNMUyr4C6QT5C+NOjp38ge0kD/wOI5BrPjQ8EF2rsPsokMsD06dU4PGPnJWSHx"
    "LK1GbMfKePqXsaT//fuKLSVk2z/+XxK0AS9qbTx1BVlg5UCLwwW9TDcTvwy3jwcBROdGogeIIfzon3QCxdcnFGCwvfuV2Xd8pxwzZSIeuA++tlnw"
    "9YL036DPQR0ZDckFrq6yqEcOWeCCXWZatXNiSxruRmAMre6NlKQopibgqT+jaK7sCe45+EHVp1W5R+VXa8M7qD5kwzu8BHCX16fLBf6+DwEGh+fi"
    "9ZsRrlxOsypkUYi7EAcI8m52z3XCf2xQqzn+IQFjquvwkE+AVs3thQyGHwBGXJX+61QRTaVvZIP7s73RGgFjquvwkE+AVs3thQyGHwBGXJX+61QR"
    "TaVvZIP7s73RGgEB/iIB/uQbB/5wCAD8gBipxI4BAAA=";

/// Ids of a payment and a delegation on mainnet.
inline constexpr std::string_view payment_id =
    "Av3gyBAAu5Shw9EGvWzNCsa+lvVwzAQpMIEknzctxt5O/tlVdRoB/v0CAP//IgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAu5Sh"
    "w9EGvWzNCsa+lvVwzAQpMIEknzctxt5O/tlVdRoB/QDKmju7lKHD0Qa9bM0Kxr6W9XDMBCkwgSSfNy3G3k7+2VV1GgEy5jjpRdVpkiOKLUWwOs0G"
    "VG5BvSLS3/pQpScCoaHqFwMmNh8t2OoFFulzgOXoadjxKZL46HlUfs3kqyWTgyU8";
inline constexpr std::string_view delegation_id =
    "Av0gHZoAhRNFFhzkRKZ8/8IV1ivvaVrlUxokCudmKJTx5BwWCRgACgD//yIBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQDElSEu"
    "isUheSIHzvzWGRaHUtFuzT9IvpdvqkPC0+GPIQCFE0UWHOREpnz/whXWK+9pWuVTGiQK52YolPHkHBYJGADWdsoUpSQdUqjDrTue3RE0t8QN+hvt"
    "pDcKG1io2dkOIvXhlllhRyfCZJZvacwU4KiifYjus7mDbo5HpWFY++Us";

inline std::string const berkeley_folder = MINAP2P_SHARED_DIR "/data/berkeley/";

inline std::optional<base::ByteString> read(std::string const& name) {
    std::ifstream file(berkeley_folder + name, std::ios::binary);
    if (!file) return std::nullopt;
    return base::ByteString(std::istreambuf_iterator<char>(file), {});
}

inline std::optional<nlohmann::json> read_json(std::string const& name) {
    std::ifstream file(berkeley_folder + name);
    if (!file) return std::nullopt;
    return nlohmann::json::parse(file);
}

/// A message with the memory it lies in. What a test changes, it changes in the value, or in the bytes before.
template <class T>
class Decoded {
public:
    explicit Decoded(base::ByteString bytes) : bytes_(std::make_unique<base::ByteString>(std::move(bytes))) {
        binprot::Reader reader(*bytes_);
        auto const* const value = messages::decode_value<T>(reader, *arena_);
        base::check(value != nullptr && reader.finish(), "a test's message decodes");
        value_ = const_cast<T*>(value);
    }

    T& operator*() const { return *value_; }
    T* operator->() const { return value_; }
    base::ByteString& bytes() const { return *bytes_; }

private:
    std::unique_ptr<base::ByteString> bytes_;
    std::unique_ptr<binprot::Arena> arena_ = std::make_unique<binprot::Arena>();
    T* value_ = nullptr;
};

inline Decoded<berkeley::ProtocolState> devnet() {
    return Decoded<berkeley::ProtocolState>(*base::from_base64(devnet_state));
}

/// What stands behind the version byte of an id.
inline base::ByteString command_of(std::string_view id) {
    auto bytes = *base::from_base64(id);
    bytes.erase(bytes.begin());
    return bytes;
}

/// The hash that shared/data/berkeley/golden/hashes.json has, by its key, for something.
inline std::optional<std::string> golden_hash(std::string const& of, std::string const& key) {
    auto const rows = read_json("golden/hashes.json");
    if (!rows) return std::nullopt;
    for (auto const& row : *rows) {
        if (row["of"] == of) return row[key].get<std::string>();
    }
    return std::nullopt;
}

/// The dummy proof, in the shape of formats with arrays as public inputs.
inline base::ByteString array_inputs_proof() {
    auto bytes = base::to_byte_string(dummy_proof);
    auto const at = bytes.begin() + dummy_public_inputs_at;
    bytes.insert(bytes.insert(at + 32, 1) - 32, 1);
    return bytes;
}

/// A zkApp command that is all zero or default, but for one update with this proof. Mina's unit tests have its hash.
inline base::ByteString empty_command(std::size_t state_slots, base::ByteView proof) {
    base::ByteString bytes;
    auto const put = [&](std::size_t count, std::uint8_t byte) { bytes.insert(bytes.end(), count, byte); };
    put(36, 0);  // the fee payer
    base::append(bytes, dummy_signature);
    put(1, 1);   // one update
    put(33, 0);  // its key, then its token
    put(1, 1);
    put(31, 0);
    put(state_slots, 1);  // what it sets
    put(1, 0);
    put(7, 1);
    put(2 + 1 + 2 + 32, 0);  // balance_change, increment_nonce, events, actions, call_data
    put(17 + 4 + state_slots, 1);  // preconditions
    put(1, 0);
    put(3 + 1, 1);
    base::append(bytes, base::ByteArray<5>{0, 1, 0, 2, 0});  // implicit_account_creation_fee, None_given, but a proof
    base::append(bytes, proof);
    put(3, 0);  // digest, calls, stack hash
    base::append(bytes, base::ByteArray<2>{34, 1});
    put(33, 0);
    return bytes;
}

}  // namespace mina::hashes::vectors
