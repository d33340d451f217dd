// What is generated for each format beside its structs: the schema as data, and the codecs of its roots.
#pragma once

#include "mina/binprot/arena.h"
#include "mina/binprot/writer.h"
#include "mina/schema/schema.h"

#include <span>

namespace mina::messages {

/// A root's codec, for those who know its type only at run time.
struct RootCodec {
    /// Whether a value stands here; moves the reader behind it.
    bool (*validate)(binprot::Reader& reader) = nullptr;
    /// Decodes a value into the arena and encodes it again.
    bool (*recode)(binprot::Reader& reader, binprot::Arena& arena, binprot::Writer& writer) = nullptr;
};

/// Decodes a T, which may be of one size and so lie in the message itself; nullptr when there is none.
template <class T>
T const* decode_value(binprot::Reader& reader, binprot::Arena& arena) {
    if constexpr (requires(T value) { value.decode(reader, arena); } || requires(T value) { value.decode(reader); }) {
        auto* const value = arena.make<T>();
        if (value == nullptr) {
            reader.fail(binprot::Reason::memory_limit);
            return nullptr;
        }
        if constexpr (requires { value->decode(reader, arena); }) return value->decode(reader, arena) ? value : nullptr;
        else return value->decode(reader) ? value : nullptr;
    } else {
        auto const* const first = reader.position();
        return T::validate(reader) ? reinterpret_cast<T const*>(first) : nullptr;
    }
}

template <class T>
void encode_value(T const& value, binprot::Writer& writer) {
    if constexpr (requires { value.encode(writer); }) value.encode(writer);
    else writer.put(&value, sizeof value);
}

template <class T>
constexpr RootCodec codec_of() {
    return {&T::validate, [](binprot::Reader& reader, binprot::Arena& arena, binprot::Writer& writer) {
                auto const* const value = decode_value<T>(reader, arena);
                if (value != nullptr) encode_value(*value, writer);
                return value != nullptr;
            }};
}

schema::Schema const& berkeley_schema();
schema::Schema const& mesa_schema();
schema::Schema const& mesa_array_inputs_schema();

/// Of the first roots of the schema, in their order.
std::span<RootCodec const> berkeley_codecs();
std::span<RootCodec const> mesa_codecs();
std::span<RootCodec const> mesa_array_inputs_codecs();

}  // namespace mina::messages
