#include "libp2p/gossipsub/message_signing.h"

#include "base/check.h"
#include "libp2p/wire/protobuf.h"

#include <algorithm>

namespace libp2p::gossipsub {
namespace {

constexpr std::string_view signature_prefix = "libp2p-pubsub:";
constexpr std::size_t sequence_number_bytes = 8;

crypto::Suite const& suite_of(Config const& config) {
    return config.suite != nullptr ? *config.suite : crypto::real_suite();
}

base::ByteString with_prefix(base::ByteView message) {
    base::ByteString out;
    out.reserve(signature_prefix.size() + message.size());
    base::append(out, base::as_bytes(signature_prefix));
    base::append(out, message);
    return out;
}

/// The key that `author` signs with: beside the message or inside the id.
base::Result<crypto::PublicKey, Misbehaviour> signing_key(MessagePart const& message, PeerId const& author) {
    auto const inlined = author.inlined_key();
    if (!message.key && inlined) return *inlined;
    auto const key = message.key ? crypto::PublicKey::decode(*message.key) : inlined;
    if (!key) return base::fail(Misbehaviour::unverifiable_signature);
    if (PeerId::of(*key) == author) return *key;
    // Of every key type: else a forged author passes (js-libp2p #3569). spec: "When present, it must match the peer ID"
    // A hash is of one encoding of the key, and others may write another than we do.
    return base::fail(inlined ? Misbehaviour::bad_signature : Misbehaviour::unverifiable_signature);
}

/// Whether this encodes a point of Ed25519 that libsodium refuses and Go takes: one of small order, or one whose y is
/// not below the field's prime.
bool is_contested_point(base::ByteView encoded) {
    using Y = base::ByteArray<32>;
    static constexpr Y small_order[] = {
        {0},
        {1},
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
         0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
         0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    };
    Y y{};
    std::ranges::copy(encoded.first(y.size()), y.begin());
    y.back() &= 0x7f;  // the sign of x
    if (std::ranges::find(small_order, y) != std::end(small_order)) return true;
    // From the prime less one, which is of small order too.
    auto const middle = base::ByteView(y).subspan(1, y.size() - 2);
    return y.back() == 0x7f && y.front() >= 0xec && std::ranges::all_of(middle, [](auto byte) { return byte == 0xff; });
}

/// An author can sign so that Go's nodes relay what we refuse: that must not be held against them.
bool is_contested(crypto::PublicKey const& key, base::ByteView signature) {
    constexpr std::size_t ed25519_signature_bytes = 64;  // a point, then a scalar
    if (key.type() != crypto::KeyType::ed25519 || signature.size() != ed25519_signature_bytes) return false;
    return is_contested_point(key.raw()) || is_contested_point(signature);
}

}  // namespace

std::optional<Misbehaviour> check_fields(Config const& config, MessagePart const& message, PeerId& author) {
    auto const data_bytes = message.data ? message.data->size() : 0;
    if (data_bytes > config.message_bytes_max) return Misbehaviour::message_too_large;
    if (message.encoding.size() > data_bytes + message_overhead_bytes_max) return Misbehaviour::padded_message;
    if (config.signing == SigningPolicy::strict_no_sign) {
        // spec: StrictNoSign "Enforce the fields to be absent, reject otherwise"
        if (message.signature || message.key || message.from || message.sequence_number) {
            return Misbehaviour::unexpected_signature;
        }
        return std::nullopt;
    }
    // spec: StrictSign "Enforce the fields to be present, reject otherwise"
    if (!message.signature || !message.from) return Misbehaviour::missing_signature;
    if (!message.sequence_number || message.sequence_number->size() != sequence_number_bytes) {
        return Misbehaviour::bad_sequence_number;
    }
    if (message.signature->size() > crypto::signature_bytes_max) return Misbehaviour::unverifiable_signature;
    if (message.key && message.key->size() > crypto::encoded_key_bytes_max) return Misbehaviour::unverifiable_signature;
    auto id = PeerId::from_bytes(*message.from);
    if (!id) return Misbehaviour::unverifiable_signature;
    author = *id;
    return std::nullopt;
}

std::optional<Misbehaviour> check_signature(Config const& config, MessagePart const& message, PeerId const& author) {
    auto const key = signing_key(message, author);
    if (!key) return key.error();
    if (is_contested(*key, *message.signature)) return Misbehaviour::unverifiable_signature;
    auto const is_good = suite_of(config).verify(*key, with_prefix(signed_part(message)), *message.signature);
    return is_good ? std::nullopt : std::optional(Misbehaviour::bad_signature);
}

base::ByteString write_message(State const& state, std::string_view topic, base::ByteView data,
                               base::ByteView sequence_number) {
    auto const& config = state.config;
    MessagePart message;
    message.data = data;
    message.topic = base::as_bytes(topic);
    if (config.signing == SigningPolicy::strict_no_sign) return encode_message(message);
    base::check(config.key.has_value(), "signing needs a key");
    message.from = state.self.bytes();
    message.sequence_number = sequence_number;
    auto out = encode_message(message);
    auto const signature = suite_of(config).sign(*config.key, with_prefix(out));
    protobuf::append_bytes_field(out, 5, signature);
    // spec: "The key field contains the signing key when it cannot be inlined in the source peer ID"
    if (!state.self.inlined_key()) protobuf::append_bytes_field(out, 6, config.key->public_key().encode());
    return out;
}

}  // namespace libp2p::gossipsub
