// For tests: small types, one of each kind, and the real ones by name.
#pragma once

#include "base/text.h"
#include "mina/messages/format.h"
#include "mina/schema/walker.h"

namespace mina::schema::sample {

inline constexpr Type unit{.kind = Kind::unit, .bytes_min = 1, .name = "unit"};
inline constexpr Type boolean{.kind = Kind::boolean, .bytes_min = 1, .name = "bool"};
inline constexpr Type character{.kind = Kind::character, .bytes_min = 1, .name = "char"};
inline constexpr Type float64{.kind = Kind::float64, .bytes_min = 8, .name = "f64"};
inline constexpr Type field_p{.kind = Kind::field_p, .bytes_min = 32, .name = "F"};
inline constexpr Type field_q{.kind = Kind::field_q, .bytes_min = 32, .name = "Fq"};
inline constexpr Type int32{.kind = Kind::int32, .bytes_min = 1, .name = "i32"};
inline constexpr Type int64{.kind = Kind::int64, .bytes_min = 1, .name = "i64"};
inline constexpr Type int63{.kind = Kind::int63, .bytes_min = 1, .name = "int"};
inline constexpr Type string{.kind = Kind::string, .bytes_min = 1, .name = "str"};
inline constexpr Type option{.kind = Kind::option, .bytes_min = 1, .name = "opt<i32>", .element = &int32};
inline constexpr Type list{.kind = Kind::list, .bytes_min = 1, .name = "list<i32>", .element = &int32};
inline constexpr Type fields{.kind = Kind::list, .bytes_min = 1, .name = "list<F>", .element = &field_p};
inline constexpr Type vector{.kind = Kind::vector, .length = 2, .bytes_min = 3, .name = "vec2<i64>", .element = &int64};

inline constexpr Member record_members[] = {
    {"name", &string}, {"numbers", &list}, {"maybe", &option}, {"two", &vector}};
inline constexpr Type record{.kind = Kind::record, .bytes_min = 6, .name = "@record", .members = record_members};
inline constexpr Member tuple_members[] = {{"", &boolean}, {"named", &int63}};
inline constexpr Type tuple{.kind = Kind::tuple, .bytes_min = 2, .name = "(bool, int)", .members = tuple_members};

inline constexpr Member one[] = {{"", &record}};
inline constexpr Member two[] = {{"", &int32}, {"second", &tuple}};
inline constexpr Constructor constructors[] = {{"None", 0}, {"One", 1, one}, {"Two", 2, two}};
inline constexpr Type variant{.kind = Kind::variant, .bytes_min = 1, .name = "@variant", .constructors = constructors};
inline constexpr Constructor polymorphic[] = {{"Near", 0x11223345}, {"Far", 0xf1e2d3c5, one}};
inline constexpr Type polymorphic_variant{
    .kind = Kind::polymorphic_variant, .bytes_min = 4, .name = "[`Near | `Far]", .constructors = polymorphic};

inline constexpr Member scan_members[] = {{"value", &field_p}, {"leaf", &int32}};
inline constexpr Type scan_tree{.kind = Kind::scan_tree, .bytes_min = 2, .name = "@scan", .members = scan_members};

inline Type const& named(std::string_view name, messages::Format format = messages::Format::berkeley) {
    return *find_root(messages::schema_of(format), name)->type;
}

/// Bytes of hexadecimal text; spaces are for the reader.
inline base::ByteString hex(std::string_view text) {
    std::string digits(text);
    std::erase(digits, ' ');
    return base::from_hex(digits).value();
}

}  // namespace mina::schema::sample
