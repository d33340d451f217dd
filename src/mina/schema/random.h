// Valid values of any type, and spoilt ones, from a stream of numbers: a seeded generator, or a fuzzer's bytes. The
// same numbers give the same value. For tests, fuzzing and benchmarks; nothing here is used by a node.
//
// A value covers what its type allows: each constructor, empty and long lists, integers at the edges of each of their
// forms, field elements up to p - 1. Forms are kept: text is UTF-8, a memo has 34 bytes, a hash in a string 32. So a
// value can be shown in JSON too.
//
// A value has at most the larger of `bytes_max` and its type's shortest encoding, memos and hashes apart, and nests no
// deeper than `depth_max`: beyond, lists and texts are empty, and constructors the shortest.
#pragma once

#include "base/bytes.h"
#include "mina/schema/function_ref.h"
#include "mina/schema/schema.h"

namespace mina::schema {

using Draw = FunctionRef<std::uint64_t()>;

struct RandomShape {
    std::size_t bytes_max = 64 * 1024;
    std::size_t depth_max = 100;  // at most binprot::nesting_max, so that no value is too deep for a walker
};

/// A value of this type.
base::ByteString random_value(Type const& type, RandomShape const& shape, Draw draw);

/// The shortest value of this type: `bytes_min` zeros and tags. Forms are not kept: a memo is empty.
base::ByteString shortest_value(Type const& type);

/// A value of this type with one thing changed at a random step of it: a tag, a count, an integer, a byte; a part cut
/// off, doubled, or exchanged for a random one of its type. It may or may not be valid still. Of invalid bytes, the
/// valid beginning is changed.
base::ByteString mutate(Type const& type, base::ByteView valid, Draw draw);

}  // namespace mina::schema
