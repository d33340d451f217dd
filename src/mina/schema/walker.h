// Walker: goes through a message beside its type. Each step is one value begun, ended, or read.
//
// A value with parts (option with something in it, list, vector, record, tuple, variant, scan tree) gives `begin`, its
// parts, `end`; any other gives `leaf`. A variant's arguments are its parts; a constructor without arguments and an
// empty option are a `leaf`, an empty list is `begin`, `end`. The scan tree gives its levels as parts: for each a
// `begin`/`end` of the tree's own type with `is_level` set, and "Node" or, at the last one, "Leaf" as its constructor.
//
// It is strict: of each value there is one encoding, and any other is an error at the byte that makes it so. Of a value
// that the bytes do not hold whole, that is the byte where the value begins; of a count or an integer, its first.
//
// The stack is a vector; nothing recurses. Bounds: `depth_max` open values; of a type inside itself,
// `binprot::nesting_max` levels; a list is refused when its count cannot fit in the bytes that remain. The bytes must
// outlive the walker and its steps.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "mina/binprot/error.h"
#include "mina/schema/schema.h"

#include <optional>
#include <string>
#include <vector>

namespace mina::schema {

inline constexpr std::size_t depth_max = 4096;
/// Of a scan tree. Its last level has 2^levels elements, which no message holds.
inline constexpr std::size_t scan_tree_levels_max = 40;

struct Step {
    enum class What : std::uint8_t { begin, end, leaf };
    What what = What::leaf;
    Type const* type = nullptr;
    Member const* member = nullptr;            // of its parent: a record, tuple or constructor; or nullptr
    std::size_t index = 0;                     // which part of its parent it is
    std::size_t depth = 0;                     // 0 for the root
    std::size_t offset = 0;                    // of its first byte; of `end`, of the byte after it
    std::size_t header_bytes = 0;              // of `begin`: of its tag or count; of a string, of its count
    std::size_t count = 0;                     // of `begin` and `end`: its parts; of a scan tree 0: not known before
    Constructor const* constructor = nullptr;  // of a variant and of a level
    std::int64_t integer = 0;                  // of a leaf of up to 64 bits; of a level, its field `depth`
    base::ByteView bytes = {};                 // of a leaf: of a string, its content; else all its bytes
    bool is_level = false;                     // of a scan tree: its level `index`, which has 2^index parts
};

class Walker {
public:
    Walker(Type const& type, base::ByteView bytes);

    /// The next step; nullopt when the value is complete. After an error, none may be asked for.
    base::Result<std::optional<Step>, binprot::Error> next();

    /// Where the walker is: after the last step's header or leaf.
    std::size_t offset() const { return offset_; }
    /// The way to the last step's value, or to the one at which an error was met: "header.protocol_state.body[3]",
    /// with constructors in it: "commands[0].data.Signed_command.payload". Empty for the root.
    std::string path() const;
    /// What was to be read there.
    Type const* expected() const { return expected_; }
    Type const& root() const { return *root_; }

private:
    struct Frame {
        Type const* type = nullptr;
        Member const* member = nullptr;
        Constructor const* constructor = nullptr;
        std::size_t index = 0;       // in its parent
        std::size_t part = 0;        // the next one
        std::size_t count = 0;       // of parts; of a scan tree not known
        std::size_t nested = 0;      // where in open_ its type stands
        bool is_level = false;
        bool is_complete = false;    // of a scan tree: the last level was begun
    };
    struct Open {
        std::string_view name;
        std::size_t levels = 0;
    };
    using Stepped = base::Result<Step, binprot::Error>;

    Stepped part();
    Stepped end();
    Stepped value(Step step);
    Stepped parts(Step step);
    Stepped variant(Step step);
    Stepped list(Step step);
    Stepped level(Frame& tree);
    Stepped option(Step step);
    Stepped leaf(Step step);
    Stepped integer(Step step);
    Stepped string(Step step);
    Stepped take_leaf(Step step, std::size_t bytes);
    Stepped begin(Step step);
    bool may_open(Type const& type) const;
    std::size_t remaining() const { return bytes_.size() - offset_; }

    base::ByteView bytes_;
    std::size_t offset_ = 0;
    Type const* root_;
    Type const* expected_;
    std::vector<Frame> stack_;
    // How often each named type is open. A stack too: what was opened first is closed last.
    std::vector<Open> open_;
    Step last_;
    bool begun_ = false;
};

/// Whether the bytes are a value of this type and nothing else.
base::Result<void, binprot::Error> walk_all(Type const& type, base::ByteView bytes);

}  // namespace mina::schema
