#include "mina/messages/messages.h"

namespace mina::messages {

namespace {

std::span<RootCodec const> codecs_of(Format format) {
    switch (format) {
        case Format::berkeley: return berkeley_codecs();
        case Format::mesa: return mesa_codecs();
        case Format::mesa_array_inputs: break;
    }
    return mesa_array_inputs_codecs();
}

}  // namespace

RootCodec const* codec_of(Format format, schema::Root const& root) {
    auto const codecs = codecs_of(format);
    auto const index = static_cast<std::size_t>(&root - schema_of(format).roots.data());
    return index < codecs.size() ? &codecs[index] : nullptr;
}

base::Result<void, binprot::Error> validate(RootCodec const& codec, base::ByteView bytes) {
    binprot::Reader reader(bytes);
    if (!codec.validate(reader) || !reader.finish() || !reader.check_fields()) return base::fail(reader.error());
    return {};
}

base::Result<void, binprot::Error> validate_structure(RootCodec const& codec, base::ByteView bytes) {
    binprot::Reader reader(bytes);
    if (!codec.validate(reader) || !reader.finish()) return base::fail(reader.error());
    return {};
}

}  // namespace mina::messages
