// How the parts of a value stand in JSON: what the schema's forms come to. Writer and reader both go by it.
#pragma once

#include "mina/schema/schema.h"
#include "mina/text/base58check.h"

#include <optional>
#include <string>

namespace mina::json {

/// What JSON's forms of one value have in common is the order of its parts; they differ in what stands around them.
enum class Layout : std::uint8_t {
    object,             // {"member": part, …}
    array,              // [part, …]
    single,             // part, nothing around it: an option with something in it, a bare variant
    spread,             // part, …: in the array of the variant whose argument it is
    named_array,        // ["Name", part, …]
    named_value,        // {"Name": part}
    named_parts,        // {"Name": [part, …]}
    fee_excess,         // [{"token": part, "amount": part}, {…}]
    message,            // {"type": "name", "message": part}
    message_and_nonce,  // {"type": "name", "message": {"message": part, "nonce": part}}
    scan_tree,          // {"Node": {"depth": …, "value": [part, …], "sub_tree": …}} or {"Leaf": [part, …]}
    text,               // one string, of all its bytes on the wire: public keys, signatures
    proof,              // one string, of an S-expression
};

/// The layout of a value with parts; `constructor` is that of a variant.
Layout layout_of(schema::Type const& type, schema::Constructor const* constructor);

/// Whether a constructor's one argument has its parts spread: ["Two", a, b] and not ["Two", [a, b]].
bool is_spread(schema::Type const& type, schema::Constructor const& constructor);

/// Whether a type is that of proofs, which stand as a string or as an object.
bool is_proof(schema::Type const& type);

/// The kind of base58check in which all values of a type stand, if they do.
std::optional<text::Base58Kind> base58_kind(schema::Type const& type);

/// A constructor's name in JSON: as it is, or "WhatChildHashes", or "Err", or "snark_pool_diff".
std::string json_name(schema::Type const& type, schema::Constructor const& constructor);
bool is_json_name(std::string_view name, schema::Type const& type, schema::Constructor const& constructor);

/// Whether a constructor without arguments is a string; else it is an array of its name.
bool is_string_when_constant(schema::Type const& type);

}  // namespace mina::json
