#include "mina/schema/fields.h"

#include "mina/binprot/field.h"
#include "mina/schema/walker.h"

#include <algorithm>

namespace mina::schema {

namespace {

constexpr base::ByteArray<32> little_endian(std::array<std::uint64_t, 4> const& limbs) {
    base::ByteArray<32> bytes{};
    for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(limbs[i / 8] >> (8 * (i % 8)));
    return bytes;
}

}  // namespace

constexpr base::ByteArray<32> modulus_p = little_endian(limbs_of(binprot::Modulus::p));
constexpr base::ByteArray<32> modulus_q = little_endian(limbs_of(binprot::Modulus::q));

bool is_reduced(Kind field, base::ByteView element) {
    auto const& modulus = field == Kind::field_p ? modulus_p : modulus_q;
    return std::lexicographical_compare(element.rbegin(), element.rend(), modulus.rbegin(), modulus.rend());
}

std::optional<FieldFault> first_unreduced_field(Type const& type, base::ByteView bytes) {
    Walker walker(type, bytes);
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const& step = **next;
        auto const kind = step.type->kind;
        if (kind != Kind::field_p && kind != Kind::field_q) continue;
        if (is_reduced(kind, step.bytes)) continue;
        return FieldFault{step.offset, walker.path()};
    }
    return std::nullopt;
}

}  // namespace mina::schema
