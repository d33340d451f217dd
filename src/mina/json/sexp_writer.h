// SexpWriter: a value as an S-expression, like OCaml's sexplib writes it.
//
//   records ((name value) …)   tuples, lists, vectors (a b …)   options () or (x)   unit ()   booleans true, false
//   variants Name or (Name a b …)   64-bit integers 0x and 16 digits, others decimal   fields 0x and 64 DIGITS
//   characters and strings in quotation marks with OCaml's escapes   floats decimal
//
// Scan trees have none; no proof holds one.
#pragma once

#include "mina/schema/walker.h"

#include <string>
#include <utility>
#include <vector>

namespace mina::json {

class SexpWriter {
public:
    /// Each step of a walk, from the first of the value to its last.
    void put(schema::Step const& step);
    /// The text, which is then gone: another value may follow.
    std::string take() { return std::exchange(text_, {}); }

private:
    void begin(schema::Step const& step);
    void end();
    void leaf(schema::Step const& step);
    void before_part(schema::Step const& step);
    void after_part();
    std::string text_;
    std::vector<schema::Kind> open_;
};

}  // namespace mina::json
