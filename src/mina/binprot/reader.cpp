#include "mina/binprot/reader.h"

#include <algorithm>

namespace mina::binprot {

namespace {

// How many bytes an integer or a count with this lead byte takes; 0 when it is none.
std::size_t integer_bytes(std::uint8_t lead) {
    if (lead < 0x80) return 1;
    switch (lead) {
        case lead_int8: return 2;
        case lead_int16: return 3;
        case lead_int32: return 5;
        case lead_int64: return 9;
        default: return 0;
    }
}

// Whether 32 bytes, little-endian, are a number below this one.
bool is_below(std::array<std::uint64_t, 4> const& limit, std::uint8_t const* element) {
    for (std::size_t i = limit.size(); i-- > 0;) {
        auto const limb = load_little_endian<std::uint64_t>(element + 8 * i);
        if (limb != limit[i]) return limb < limit[i];
    }
    return false;
}

}  // namespace

bool Reader::fail(Reason reason, std::uint8_t const* at) {
    error_ = {static_cast<std::size_t>(at - begin_), reason};
    return false;
}

bool Reader::integer_near_end(Width width, std::int64_t& value) {
    if (at_ == end_) return fail(Reason::truncated);
    auto const bytes = integer_bytes(*at_);
    if (bytes == 0) return fail(Reason::bad_integer);
    if (bytes > remaining()) return fail(Reason::truncated);
    // The same rules on a copy that is long enough.
    base::ByteArray<9> copy{};
    std::copy_n(at_, bytes, copy.begin());
    Reader padded(copy);
    auto const read = width == Width::int32   ? padded.integer<Width::int32>(value)
                      : width == Width::int63 ? padded.integer<Width::int63>(value)
                                              : padded.integer<Width::int64>(value);
    if (!read) return fail(padded.error().reason);
    at_ += bytes;
    return true;
}

// mina: OCaml's Nat0. Unlike an integer it has no sign, and no form of two bytes.
bool Reader::long_count(std::size_t& value, std::size_t bytes_min) {
    if (at_ == end_) return fail(Reason::truncated);
    auto const bytes = *at_ == lead_int8 ? 0 : integer_bytes(*at_);
    if (bytes == 0) return fail(Reason::bad_integer);
    if (bytes > remaining()) return fail(Reason::truncated);
    base::ByteArray<8> raw{};
    std::copy_n(at_ + (bytes > 1 ? 1 : 0), std::max<std::size_t>(bytes - 1, 1), raw.begin());
    auto const number = load_little_endian<std::uint64_t>(raw.data());
    if (bytes > 1 && number < (bytes == 3 ? 0x80U : bytes == 5 ? 0x10000U : 0x100000000U)) {
        return fail(Reason::not_canonical);
    }
    if (number > (remaining() - bytes) / bytes_min) return fail(Reason::count_too_large);
    value = number;
    at_ += bytes;
    return true;
}

// A hostile message may be full of elements that come here, and should not cost much more for that.
void Reader::note_large_fields(Modulus modulus, std::uint8_t const* first, std::size_t count) {
    if (unreduced_ != nullptr) return;
    auto const limit = limbs_of(modulus);
    for (std::size_t i = 0; i < count; ++i) {
        if (is_below(limit, first + 32 * i)) continue;
        unreduced_ = first + 32 * i;
        return;
    }
}

}  // namespace mina::binprot
