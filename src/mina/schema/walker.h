// Walker: goes through a message beside its type. Each step is one value begun, ended, or read.
//
// A value with parts (option with something in it, list, vector, record, tuple, variant, scan tree) gives `begin`, its
// parts, `end`; any other gives `leaf`. The scan tree gives its levels as parts: for each a `begin`/`end` of its own kind
// with `level` set. A variant's arguments are its parts; of an empty option there is one `leaf`.
//
// The stack is a vector; nothing recurses. Bounds: `depth_max` open values; a list is refused when its count cannot fit
// in the bytes that remain. The bytes must outlive the walker and its steps.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "mina/binprot/error.h"
#include "mina/schema/schema.h"

#include <optional>
#include <vector>

namespace mina::schema {

inline constexpr std::size_t depth_max = 4096;

struct Step {
    enum class What : std::uint8_t { begin, end, leaf };
    What what = What::leaf;
    Type const* type = nullptr;
    Member const* member = nullptr;            // the record's, tuple's or constructor's member that this value is; or nullptr
    std::size_t index = 0;                     // which part of its parent it is
    std::size_t depth = 0;                     // 0 for the root
    std::size_t offset = 0;                    // of its first byte; of `end`, of the byte after it
    std::size_t header_bytes = 0;              // of `begin`: of its tag or count
    std::size_t count = 0;                     // of `begin`: how many parts will follow; of a scan tree: levels and leaves
    Constructor const* constructor = nullptr;  // of a variant, at begin, end and leaf (a constructor without arguments is a leaf)
    std::int64_t integer = 0;                  // of an integer, boolean or character leaf; a level's `depth` field
    base::ByteView bytes;                      // of a leaf: a string's content, a field element, a float; else all its bytes
};

class Walker {
public:
    Walker(Type const& type, base::ByteView bytes);

    /// The next step; nullopt when the value is complete. After an error, none may be asked for.
    base::Result<std::optional<Step>, binprot::Error> next();

    /// Where the walker is: after the last step's header or leaf.
    std::size_t offset() const { return offset_; }
    /// The way to the value at which an error was met: "block.header.protocol_state.body[3]".
    std::string path() const;
    /// What was to be read there.
    Type const* expected() const { return expected_; }

private:
    struct Frame {
        Type const* type = nullptr;
        Member const* member = nullptr;
        Constructor const* constructor = nullptr;
        std::size_t index = 0;       // in its parent
        std::size_t part = 0;        // the next one
        std::size_t count = 0;       // of parts
        std::size_t level = 0;       // of a scan tree's level
        bool is_level = false;
    };
    base::ByteView bytes_;
    std::size_t offset_ = 0;
    Type const* root_;
    Type const* expected_;
    std::vector<Frame> stack_;
    bool begun_ = false;
};

}  // namespace mina::schema
