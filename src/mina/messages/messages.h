// messages: every message of Mina's gossip and RPCs, read and written.
//
//   schema/*.types, *.edits   the wire grammar: Berkeley's, and what later formats changed of it
//   generator/                turns it into C++ at build time: a struct with its codec for each type, one header a
//                             group (mina/messages/FORMAT/GROUP.h), and the tables of mina/schema
//   format.h                  which format a network speaks
//   messages.h                validate, decode and encode whole messages
//   gossip.h                  the payload of a gossip message: its frame, its kind, what a node checks before it
//                             forwards
//   rpc_message.h             queries and answers inside their envelope
//   summary.h                 a block, transactions or SNARK work in a few words
//   scan_tree.h               the one type that is not generated
//
// Three ways to read, from one description:
//   validate   the structure, and that field elements are below their moduli; allocates nothing. What a relay needs.
//   decode     fields by name. What has one size is pointed at where it lies, so `bytes` must outlive the result; the
//              rest lives in the arena, in blocks of 64 KiB.
//   encode     byte for byte what was decoded. All pointers of a struct have to be set, but those that may be absent.
//
// Bounds: no count is believed that does not fit the bytes that follow; 256 levels of a recursive type; an arena
// holds at most `arena_bytes_max`. An encoding is accepted in its one canonical form only. spec: bin_prot
// (docs/PROTOCOLS.md)
#pragma once

#include "base/result.h"
#include "mina/messages/format.h"
#include "mina/messages/tables.h"

namespace mina::messages {

/// What a message of so many bytes may take decoded. Real ones take less than their own size.
constexpr std::size_t arena_bytes_max(std::size_t message_bytes) { return 2 * message_bytes + 1024 * 1024; }

/// The codec of a root; nullptr for a type that is no root of the format (walk along it with mina/schema).
RootCodec const* codec_of(Format format, schema::Root const& root);

/// The length in front of a message that has one (gossip, RPC frames): 8 bytes, little-endian.
inline constexpr std::size_t frame_header_bytes = 8;

/// Whether `bytes` are a message of this codec, whole, and each field element is below its modulus. An error of the
/// structure is told before one of a field element, wherever they stand.
base::Result<void, binprot::Error> validate(RootCodec const& codec, base::ByteView bytes);

/// The same, but any 32 bytes pass for a field element, as they do when a message is decoded.
base::Result<void, binprot::Error> validate_structure(RootCodec const& codec, base::ByteView bytes);

template <class T>
base::Result<T const*, binprot::Error> decode(base::ByteView bytes, binprot::Arena& arena) {
    binprot::Reader reader(bytes);
    auto const* const value = decode_value<T>(reader, arena);
    if (value == nullptr || !reader.finish()) return base::fail(reader.error());
    return value;
}

/// The size that `value` takes on the wire.
template <class T>
std::size_t encoded_size(T const& value) {
    binprot::Writer writer({});
    encode_value(value, writer);
    return writer.size();
}

template <class T>
base::ByteString encode(T const& value) {
    base::ByteString bytes(encoded_size(value));
    binprot::Writer writer(bytes);
    encode_value(value, writer);
    return bytes;
}

}  // namespace mina::messages
