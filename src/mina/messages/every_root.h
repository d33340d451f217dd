// For tests and fuzzing: every root of every format, what its codec says of some bytes, and what the walker does.
#pragma once

#include "mina/messages/messages.h"
#include "mina/schema/fields.h"
#include "mina/schema/walker.h"

#include <string>
#include <vector>

namespace mina::messages {

struct CodedRoot {
    Format format = Format::berkeley;
    schema::Root const* root = nullptr;
    RootCodec const* codec = nullptr;

    schema::Type const& type() const { return *root->type; }
    std::string name() const { return std::string(to_string(format)) + " " + std::string(root->alias); }
};

inline std::vector<CodedRoot> every_root() {
    std::vector<CodedRoot> all;
    for (auto const format : formats) {
        for (auto const& root : schema_of(format).roots) {
            if (auto const* codec = codec_of(format, root)) all.push_back({format, &root, codec});
        }
    }
    return all;
}

/// Requires that there is one with a codec.
inline CodedRoot root_named(std::string_view name, Format format = Format::berkeley) {
    auto const* root = schema::find_root(schema_of(format), name);
    return {format, root, codec_of(format, *root)};
}

/// The first root whose type this is; without a codec when there is none.
inline CodedRoot root_of(schema::Type const& type, Format format = Format::berkeley) {
    for (auto const& root : schema_of(format).roots) {
        if (root.type == &type) return {format, &root, codec_of(format, root)};
    }
    return {};
}

using Said = base::Result<void, binprot::Error>;

/// What the walker says, field elements included.
inline Said said_by_walker(schema::Type const& type, base::ByteView bytes) {
    TRY_VOID(schema::walk_all(type, bytes));
    if (auto const fault = schema::first_unreduced_field(type, bytes))
        return base::fail(binprot::Error{fault->offset, binprot::Reason::field_not_reduced});
    return {};
}

struct Recoded {
    base::ByteString bytes;       // encoded again, as far as they have the size of what was decoded
    std::size_t size = 0;         // of the encoding
    std::size_t arena_bytes = 0;
};

/// Decodes all of `bytes` in an arena of the size that a node allows, and encodes what came of it.
inline base::Result<Recoded, binprot::Error> recode(CodedRoot const& root, base::ByteView bytes) {
    binprot::Reader reader(bytes);
    binprot::Arena arena(arena_bytes_max(bytes.size()));
    Recoded recoded{.bytes = base::ByteString(bytes.size())};
    binprot::Writer writer(recoded.bytes);
    if (!root.codec->recode(reader, arena, writer) || !reader.finish()) return base::fail(reader.error());
    recoded.size = writer.size();
    recoded.arena_bytes = arena.used_bytes();
    return recoded;
}

/// A copy that is as long as its content, so that the address sanitizer sees a read past the end.
inline base::ByteString cut(base::ByteView bytes, std::size_t size) { return base::to_byte_string(bytes.first(size)); }

}  // namespace mina::messages
