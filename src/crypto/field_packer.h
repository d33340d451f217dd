// FieldPacker: how Mina lays a structure out as elements for Poseidon, in one walk over it. Whole
// elements come first, in their order; then numbers of few bits, items, which share elements of up
// to 254 bits.
//
// mina: the first item of an element is the most significant, and an item is never split.
// (Signatures pack otherwise.)
#pragma once

#include "base/check.h"
#include "crypto/fp.h"

#include <algorithm>
#include <span>

namespace crypto {

/// Any number of so many bits is below p.
inline constexpr std::size_t packed_bits_max = 254;

/// A value without heap memory. Fields and packed elements together are at most `ElementsMax`; more
/// fails a check, so what comes from a peer is to be counted before.
template <std::size_t ElementsMax>
class FieldPacker {
public:
    void append_field(Fp const& field) {
        base::check(field_count_ < ElementsMax, "too many elements");
        elements_[field_count_++] = field;
    }

    /// Requires 1 to 64 bits, and a value of no more.
    void append_item(std::uint64_t value, std::size_t bits) {
        base::check(bits >= 1 && bits <= 64, "bits of an item");
        base::check(bits == 64 || value >> bits == 0, "an item that is wider than said");
        if (used_bits_ + bits > packed_bits_max) close_element();
        // In two steps, since no shift may be by 64.
        for (std::size_t i = open_.size(); i-- > 1;)
            open_[i] = open_[i] << (bits - 1) << 1 | open_[i - 1] >> (64 - bits);
        open_[0] = open_[0] << (bits - 1) << 1 | value;
        used_bits_ += bits;
    }

    /// The first bits of a byte string, an item each: bytes in order, of a byte the least
    /// significant bit first.
    void append_bits(base::ByteView bytes, std::size_t count) {
        base::check(count <= 8 * bytes.size(), "more bits than there are");
        for (std::size_t i = 0; i < count; ++i) append_item(bytes[i / 8] >> (i % 8) & 1, 1);
    }

    /// The elements, which live as long as this does. Nothing may be appended afterwards.
    std::span<Fp const> finish() {
        if (used_bits_ > 0) close_element();
        base::check(packed_count_ <= ElementsMax - field_count_, "too many elements");
        std::ranges::copy(std::span(packed_).first(packed_count_),
                          elements_.begin() + field_count_);
        return std::span(elements_).first(field_count_ + packed_count_);
    }

private:
    void close_element() {
        base::check(packed_count_ < ElementsMax, "too many elements");
        auto const element = Fp::from_limbs(open_);
        base::check(element.has_value(), "254 bits are below p");
        packed_[packed_count_++] = *element;
        open_ = {};
        used_bits_ = 0;
    }

    std::array<Fp, ElementsMax> elements_{};
    std::array<Fp, ElementsMax> packed_{};
    std::size_t field_count_ = 0;
    std::size_t packed_count_ = 0;
    FpLimbs open_{};  // the packed element that items still go to
    std::size_t used_bits_ = 0;
};

}  // namespace crypto
