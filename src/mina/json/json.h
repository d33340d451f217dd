// json: Mina's messages as JSON and back, in the form of Mina's Rust node, after the forms that the schema
// gives to types.
//
//   write.h     write_json: a message into a sink; one pass along schema::Walker, nothing kept but the proof at hand
//   read.h      read_json: a message from a text, or a JsonError that says where and what was expected
//   error.h     JsonError
//
// Inside: layout.h says how the parts of a value stand, leaf.h how values without parts do; both directions go
// by these. tree.h is a parsed text (json_tree.cpp parses JSON by RapidJSON, sexp_tree.cpp S-expressions),
// reader.h goes through it beside the type. sexp_writer.h and sexp_reader.h are the S-expressions of proofs.
//
// The rules are those of docs/MESSAGES.md. Reading takes members in any order, each exactly once; both forms of a proof
// wherever one stands; {"hex": "…"} for any string. What it gives is canonical and passes schema::Walker: so
// read(write(x)) is x for every message x.
//
// Limits: a text of 1 GiB (json_bytes_max), arrays and objects inside one another 16,384 times (json_depth_max), a
// message's values as in schema/walker.h. Nothing recurses.
#pragma once
