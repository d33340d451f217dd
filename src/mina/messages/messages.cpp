#include "mina/messages/messages.h"

#include "mina/schema/fields.h"

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

base::Result<void, binprot::Error> validate(RootCodec const& codec, schema::Type const& type, base::ByteView bytes) {
    binprot::Reader reader(bytes);
    if (!codec.validate(reader) || !reader.finish()) return base::fail(reader.error());
    if (reader.has_large_field()) {
        // Hardly any message comes here: -1 as a field element is one that does.
        if (auto const fault = schema::first_unreduced_field(type, bytes)) {
            return base::fail(binprot::Error{fault->offset, binprot::Reason::field_not_reduced});
        }
    }
    return {};
}

base::Result<void, binprot::Error> validate_structure(RootCodec const& codec, base::ByteView bytes) {
    binprot::Reader reader(bytes);
    if (!codec.validate(reader) || !reader.finish()) return base::fail(reader.error());
    return {};
}

}  // namespace mina::messages
