#include "libp2p/noise/payload.h"

#include "libp2p/noise/noise.h"
#include "libp2p/wire/protobuf.h"

namespace libp2p::noise {

namespace {

constexpr std::uint32_t identity_key_field = 1;
constexpr std::uint32_t signature_field = 2;
constexpr std::uint32_t extensions_field = 4;
constexpr std::uint32_t stream_muxers_field = 2;  // of the extensions

base::Result<std::vector<std::string_view>, Error> decode_muxers(base::ByteView extensions) {
    std::vector<std::string_view> muxers;
    std::size_t count = 0;
    protobuf::Reader reader(extensions);
    while (auto const* field = reader.next()) {
        if (field->number != stream_muxers_field || field->type != protobuf::WireType::bytes) continue;
        if (++count <= muxers_max) muxers.push_back(base::as_text(field->bytes));
    }
    if (!reader.ok()) return base::fail(Error::bad_payload);
    if (count > muxers_max) muxers.clear();
    return muxers;
}

}  // namespace

base::ByteString encode(Payload const& payload) {
    base::ByteString out;
    protobuf::append_bytes_field(out, identity_key_field, payload.identity_key);
    protobuf::append_bytes_field(out, signature_field, payload.signature);
    if (!payload.muxers.empty()) {
        base::ByteString extensions;
        for (auto const muxer : payload.muxers) {
            protobuf::append_bytes_field(extensions, stream_muxers_field, base::as_bytes(muxer));
        }
        protobuf::append_bytes_field(out, extensions_field, extensions);
    }
    return out;
}

base::Result<Payload, Error> decode_payload(base::ByteView bytes) {
    Payload payload;
    protobuf::Reader reader(bytes);
    while (auto const* field = reader.next()) {
        if (field->type != protobuf::WireType::bytes) continue;
        if (field->number == identity_key_field) payload.identity_key = field->bytes;
        if (field->number == signature_field) payload.signature = field->bytes;
        if (field->number == extensions_field) {
            TRY(payload.muxers, decode_muxers(field->bytes));
        }
    }
    if (!reader.ok() || payload.identity_key.empty() || payload.signature.empty())
        return base::fail(Error::bad_payload);
    return payload;
}

base::ByteString signed_bytes(base::ByteView static_public_key) {
    auto bytes = base::to_byte_string(base::as_bytes("noise-libp2p-static-key:"));
    base::append(bytes, static_public_key);
    return bytes;
}

}  // namespace libp2p::noise
