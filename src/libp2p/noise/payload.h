// Payload: what libp2p says in the second and the third message of a handshake.
// spec: noise#the-libp2p-handshake-payload
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "libp2p/noise/error.h"

namespace libp2p::noise {

struct Payload {
    base::ByteView identity_key;
    base::ByteView signature;
    std::vector<std::string_view> muxers;  // in order of preference
};

/// Written as key, signature and, if there are muxers, extensions.
base::ByteString encode(Payload const& payload);
/// Views into `bytes`. Fields in any order; unknown ones are skipped; of a repeated one the last counts. Fails with
/// bad_payload when it is no protobuf or lacks the key or the signature.
base::Result<Payload, Error> decode_payload(base::ByteView bytes);

/// What the identity key signs. spec: noise#libp2p-data-in-handshake-messages
base::ByteString signed_bytes(base::ByteView static_public_key);

}  // namespace libp2p::noise
