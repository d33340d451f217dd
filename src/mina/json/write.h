// Messages as JSON.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "mina/binprot/error.h"
#include "mina/schema/schema.h"

#include <string>

namespace mina::json {

/// Where the text goes, a piece at a time.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void put(std::string_view text) = 0;
};

struct WriteOptions {
    unsigned indent = 0;             // spaces a level; 0 for one line without white space
    bool structural_proofs = false;  // each proof as an object by field, also where a string is usual
};

/// Writes a message of a type, the bytes and nothing else, as one JSON value, without a line's end. One pass:
/// what is kept is a few kilobytes, and the text of the proof at hand. On an error, the text before it was put
/// already.
base::Result<void, binprot::Error> write_json(schema::Type const& type, base::ByteView message, Sink& sink,
                                              WriteOptions const& options = {});
/// The same in a string.
base::Result<std::string, binprot::Error> to_json(schema::Type const& type, base::ByteView message,
                                                  WriteOptions const& options = {});

}  // namespace mina::json
