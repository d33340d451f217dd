// schema: the description of Mina's messages as data, and what can be done by walking along it.
//
//   schema.h    Type, Root, Schema: made from the .types file by messages/generator, one constant table per format
//   walker.h    Walker: goes through a message beside its type, a step at a time; never recurses
//   explain.h   where and why a message is not of its type: offset, path, what was expected
//   tree.h      the tree view of a message: offset, type, field and value, a line each
//   fields.h    whether each field element is below its modulus
//   random.h    valid values of any type, and spoilt ones, from a seed (for tests and fuzzing)
//   integers.h  bin_prot's integers and counts, both ways
//
// Nothing here is made for speed: a relay validates with the generated codecs (messages/), and comes here when a person
// wants to see what is inside, or why it was refused.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mina::schema {

enum class Kind : std::uint8_t {
    unit,                 // 00
    boolean,              // 00, 01
    character,            // one byte
    float64,              // 8 bytes, little-endian
    field_p,              // 32 bytes, little-endian, an element of Fp
    field_q,              // of Fq
    int32,                // signed integer form of at most 4 bytes; shown unsigned
    int64,                // of at most 8 bytes; shown unsigned
    int63,                // OCaml's int
    string,               // count, bytes
    option,               // 00, or 01 and the element
    list,                 // count, elements (OCaml's list and array)
    vector,               // `length` elements, then a unit
    record,               // its members, in order
    tuple,                // the same; members have no names on the wire
    variant,              // one byte, then the arguments of that constructor
    polymorphic_variant,  // four bytes, little-endian, then the arguments
    scan_tree,            // a complete tree by levels: members[0] of its nodes, members[1] of its leaves
};

/// How a value stands in JSON (docs/MESSAGES.md).
enum class Form : std::uint8_t {
    plain,
    // of field elements: base58check with its own version byte; plain is hexadecimal
    state_hash, state_body_hash, ledger_hash, epoch_seed, pending_coinbase_hash, coinbase_stack_data,
    coinbase_stack_hash, token_id,
    // of integers: plain is unsigned decimal
    fee,      // of nanomina, shown as decimal MINA; of a signed amount, its magnitude is
    is_signed,
    number,   // a JSON number
    // of strings: plain is UTF-8 text
    bytes, hex, base64url, memo, aux_hash, pending_coinbase_aux,
    // of records
    public_key, signature, fee_excess,
    sexp,     // an S-expression, in base64url
    // of variants
    array,    // ["A", x]
    object,   // "A" or {"B": x}, names in CamelCase
    named,    // the same, names as they are
    result,   // {"Ok": x} or {"Err": x}
    bare,     // the argument alone
    gossip,   // {"type": …, "message": …}
};

struct Type;

struct Member {
    std::string_view name;  // of a tuple: empty, unless the schema names it
    Type const* type = nullptr;
};

struct Constructor {
    std::string_view name;  // as OCaml has it
    std::uint32_t tag = 0;  // index, or the hash of a polymorphic variant's name
    std::span<Member const> arguments = {};
};

struct Type {
    Kind kind = Kind::unit;
    Form form = Form::plain;
    std::uint32_t length = 0;     // of a vector
    std::uint32_t bytes_min = 0;  // the shortest encoding
    std::string_view name;        // "@protocol_state:62"; of a type without a name, its grammar: "list<F>"
    Type const* element = nullptr;
    std::span<Member const> members = {};
    std::span<Constructor const> constructors = {};
};

/// A type that is a whole message, or one that can be asked for by name.
struct Root {
    std::string_view name;   // "Mina_block.Block.V2", "@protocol_state:62"
    std::string_view alias;  // "block"; empty for a type that has none
    Type const* type = nullptr;
};

struct Schema {
    std::string_view name;        // "berkeley"
    std::span<Root const> roots;  // whole messages first, then all named types
};

/// By name or alias, in any case; nullptr when there is none.
Root const* find_root(Schema const& schema, std::string_view name);

}  // namespace mina::schema
