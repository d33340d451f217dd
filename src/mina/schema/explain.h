// Why a message is not of its type, for a person: where in the bytes, where in the type, what was found.
#pragma once

#include "mina/schema/walker.h"

#include <optional>
#include <string>

namespace mina::schema {

struct Explanation {
    binprot::Error error;
    std::string path;  // "header.protocol_state.previous_state_hash"; empty for the whole message
    std::string type;  // what was to be read there: "F"
    std::string text;  // all of it: "offset 1234 (0x4d2): header.protocol_state…: the bytes end inside the value (…)"
};

/// nullopt when the bytes are a value of this type and nothing else.
std::optional<Explanation> explain(Type const& type, base::ByteView bytes);

/// Of an error that this walker has just met, or of the bytes that follow what it has walked.
Explanation explain(Walker const& walker, base::ByteView bytes, binprot::Error const& error);

/// The type's name. One that has none is called by its grammar, and is cut when that is long.
std::string short_name(Type const& type);

}  // namespace mina::schema
