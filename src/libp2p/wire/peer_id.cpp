#include "libp2p/wire/peer_id.h"

#include "base/text.h"
#include "crypto/hash.h"

#include <algorithm>

namespace libp2p {

namespace {

constexpr std::uint8_t identity_hash = 0x00;
constexpr std::uint8_t sha2_256_hash = 0x12;
constexpr std::size_t header_bytes = 2;  // code and size, each a varint below 128
constexpr std::size_t inline_bytes_max = PeerId::bytes_max - header_bytes;
constexpr std::size_t sha2_256_bytes = 32;
constexpr std::size_t text_characters_max =
    128;  // base58 of 46 bytes takes 63; decoding is quadratic

constexpr std::uint8_t cid_version_1 = 0x01;
constexpr std::uint8_t codec_libp2p_key = 0x72;

// spec: peer-ids#decoding "If it starts with 1 or Qm, it's a bare base58btc encoded multihash"
bool is_bare_multihash(std::string_view text) {
    return text.starts_with('1') || text.starts_with("Qm");
}

std::optional<base::ByteString> decode_multibase(std::string_view text) {
    if (text.starts_with('b')) return base::from_base32(text.substr(1));
    if (text.starts_with('z')) return base::from_base58(text.substr(1));
    return std::nullopt;
}

}  // namespace

std::string_view to_string(PeerIdError error) {
    switch (error) {
        case PeerIdError::malformed: return "malformed peer id";
        case PeerIdError::unsupported_hash: return "peer id with a hash that is not supported";
        case PeerIdError::bad_size: return "peer id of a size that is not allowed";
    }
    return "?";
}

PeerId PeerId::of(crypto::PublicKey const& key) {
    auto const encoded = key.encode();
    PeerId id;
    auto const inlined = encoded.size() <= inline_bytes_max;
    auto const digest = inlined ? crypto::Hash256{} : crypto::sha256(encoded);
    auto const body = inlined ? base::ByteView(encoded) : base::ByteView(digest);
    id.bytes_[0] = inlined ? identity_hash : sha2_256_hash;
    id.bytes_[1] = static_cast<std::uint8_t>(body.size());
    std::ranges::copy(body, id.bytes_.begin() + header_bytes);
    id.size_ = static_cast<std::uint8_t>(header_bytes + body.size());
    return id;
}

base::Result<PeerId, PeerIdError> PeerId::from_bytes(base::ByteView multihash) {
    if (multihash.size() < header_bytes) return base::fail(PeerIdError::malformed);
    if (multihash[0] != identity_hash && multihash[0] != sha2_256_hash)
        return base::fail(PeerIdError::unsupported_hash);
    if (multihash[1] >= 0x80)
        return base::fail(PeerIdError::bad_size);  // a varint of two bytes is above both limits
    if (multihash.size() != header_bytes + multihash[1]) return base::fail(PeerIdError::malformed);
    auto const size = multihash[1];
    auto const allowed = multihash[0] == identity_hash ? size >= 1 && size <= inline_bytes_max
                                                       : size == sha2_256_bytes;
    if (!allowed) return base::fail(PeerIdError::bad_size);
    PeerId id;
    std::ranges::copy(multihash, id.bytes_.begin());
    id.size_ = static_cast<std::uint8_t>(multihash.size());
    return id;
}

base::Result<PeerId, PeerIdError> PeerId::from_text(std::string_view text) {
    if (text.size() > text_characters_max) return base::fail(PeerIdError::bad_size);
    if (is_bare_multihash(text)) {
        auto const bytes = base::from_base58(text);
        if (!bytes) return base::fail(PeerIdError::malformed);
        return from_bytes(*bytes);
    }
    auto const cid = decode_multibase(text);
    if (!cid || cid->size() < 2 || (*cid)[0] != cid_version_1 || (*cid)[1] != codec_libp2p_key) {
        return base::fail(PeerIdError::malformed);
    }
    return from_bytes(base::ByteView(*cid).subspan(2));
}

std::string PeerId::text() const { return base::to_base58(bytes()); }

base::Result<crypto::PublicKey, crypto::KeyError> PeerId::inlined_key() const {
    if (empty() || bytes_[0] != identity_hash)
        return base::fail(crypto::KeyError::unsupported_type);
    TRY(auto key, crypto::PublicKey::decode(bytes().subspan(header_bytes)));
    // A key written in another way than the canonical one has another id than this.
    if (of(key) != *this) return base::fail(crypto::KeyError::malformed);
    return key;
}

std::strong_ordering PeerId::operator<=>(PeerId const& other) const {
    return std::lexicographical_compare_three_way(bytes_.begin(), bytes_.begin() + size_,
                                                  other.bytes_.begin(),
                                                  other.bytes_.begin() + other.size_);
}

}  // namespace libp2p
