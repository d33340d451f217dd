// Values without parts whose JSON is a string.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "mina/schema/walker.h"

#include <optional>
#include <string>

namespace mina::json {

/// The string that a leaf stands as; nullopt for bytes that its form cannot show, which stand as {"hex": "…"}.
/// Requires a character, a float, a field element, a string, or an integer that is not a number in JSON.
std::optional<std::string> leaf_text(schema::Step const& leaf);

/// The other way: appends the encoding of a value that a string stands for. The error says what was wrong with
/// it, or is empty when it has another form altogether.
base::Result<void, std::string> append_leaf(base::ByteString& out, schema::Type const& type, std::string_view text);
/// Appends an integer, when it is one of the type's.
base::Result<void, std::string> append_integer(base::ByteString& out, schema::Type const& type, std::int64_t value);

/// A string's length, then its bytes.
void append_string(base::ByteString& out, base::ByteView bytes);

/// A variant's tag: one byte, or the four of a polymorphic one.
void append_tag(base::ByteString& out, schema::Type const& type, schema::Constructor const& constructor);

/// What a value of a type looks like in JSON, for a JsonError's `expected`.
std::string expected_leaf(schema::Type const& type);

/// Of a float's eight bytes on the wire.
double float_of(base::ByteView bytes);
void append_float(base::ByteString& out, double value);

}  // namespace mina::json
