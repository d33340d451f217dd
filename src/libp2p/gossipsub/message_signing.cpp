#include "libp2p/gossipsub/message_signing.h"

#include "base/check.h"
#include "libp2p/wire/protobuf.h"

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
base::Result<crypto::PublicKey, crypto::KeyError> signing_key(MessagePart const& message, PeerId const& author) {
    if (!message.key) return author.inlined_key();
    auto key = crypto::PublicKey::decode(*message.key);
    // Of every key type: else a forged author passes (js-libp2p #3569). spec: "When present, it must match the peer ID"
    if (key && PeerId::of(*key) != author) return base::fail(crypto::KeyError::malformed);
    return key;
}

}  // namespace

std::optional<Misbehaviour> check_fields(Config const& config, MessagePart const& message, PeerId& author) {
    if (message.data && message.data->size() > config.message_bytes_max) return Misbehaviour::message_too_large;
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
    if (message.signature->size() > crypto::signature_bytes_max) return Misbehaviour::bad_signature;
    if (message.key && message.key->size() > crypto::encoded_key_bytes_max) return Misbehaviour::bad_signature;
    auto id = PeerId::from_bytes(*message.from);
    if (!id) return Misbehaviour::bad_signature;
    author = *id;
    return std::nullopt;
}

bool is_signed_by(Config const& config, MessagePart const& message, PeerId const& author) {
    auto const key = signing_key(message, author);
    if (!key) return false;
    return suite_of(config).verify(*key, with_prefix(signed_part(message)), *message.signature);
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
