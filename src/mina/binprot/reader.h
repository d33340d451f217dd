// Reader: bounded, strict reading of bin_prot.
//
// Each function reads one value and returns false, or nullptr, when it cannot; the first failure is kept with its
// offset (error()), and after it nothing may be read. Nothing is allocated and nothing recurses. Integers must be in
// their shortest form, since Mina's nodes write no other and a message has one encoding.
#pragma once

#include "mina/binprot/error.h"
#include "mina/binprot/field.h"

#include <utility>

namespace mina::binprot {

/// Lead bytes of integers that take more than one byte.
inline constexpr std::uint8_t lead_int8 = 0xff;   // of signed integers only
inline constexpr std::uint8_t lead_int16 = 0xfe;
inline constexpr std::uint8_t lead_int32 = 0xfd;
inline constexpr std::uint8_t lead_int64 = 0xfc;

/// How far ahead of the reader bytes are asked for. What is behind the end of the message is never looked at.
inline constexpr std::size_t prefetched_bytes = 1024;

/// How large an integer may be: OCaml's int32, int (63 bits) and int64.
enum class Width : std::uint8_t { int32, int63, int64 };

template <class T>
T load_little_endian(std::uint8_t const* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
    return value;
}

class Reader {
public:
    /// The bytes must outlive the reader and all that is read.
    explicit Reader(base::ByteView bytes)
        : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
    std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
    std::uint8_t const* position() const { return at_; }
    Error const& error() const { return error_; }

    /// Always false.
    bool fail(Reason reason) { return fail(reason, at_); }
    bool fail(Reason reason, std::uint8_t const* at);

    /// The next `count` bytes; nullptr when there are fewer.
    std::uint8_t const* take(std::size_t count) {
        if (remaining() < count) [[unlikely]] {
            fail(Reason::truncated);
            return nullptr;
        }
        return take_counted(count);
    }

    /// The same, when count() has said that there are as many.
    std::uint8_t const* take_counted(std::size_t count) {
        // Large messages come from memory, and the processor looks ahead to the end of a page only.
        __builtin_prefetch(reinterpret_cast<void const*>(reinterpret_cast<std::uintptr_t>(at_) + prefetched_bytes));
        return std::exchange(at_, at_ + count);
    }

    /// Takes `count` bytes if they are those at `pattern`.
    bool skip_if(std::uint8_t const* pattern, std::size_t count) {
        if (remaining() < count || std::memcmp(at_, pattern, count) != 0) return false;
        at_ += count;
        return true;
    }

    template <Width W>
    bool integer(std::int64_t& value) {
        if (remaining() < 9) [[unlikely]] return integer_near_end(W, value);
        if (*at_ < 0x80) [[likely]] {
            value = *at_++;
            return true;
        }
        return long_integer<W>(value);
    }

    /// The number of elements, or bytes, that follow, each of `bytes_min` bytes at least.
    bool count(std::size_t& value, std::size_t bytes_min) {
        if (remaining() != 0 && *at_ < 0x80) [[likely]] {
            value = *at_;
            if (value * bytes_min >= remaining()) [[unlikely]] return fail(Reason::count_too_large);
            ++at_;
            return true;
        }
        return long_count(value, bytes_min);
    }

    bool string(base::ByteView& value) {
        std::size_t size = 0;
        if (!count(size, 1)) return false;
        value = {at_, size};
        at_ += size;
        return true;
    }

    /// The tag of a variant with so many constructors, or of an option (two).
    bool tag(std::uint8_t& value, std::uint8_t constructors, Reason otherwise = Reason::unknown_variant) {
        if (at_ == end_) [[unlikely]] return fail(Reason::truncated);
        if (*at_ >= constructors) [[unlikely]] return fail(otherwise);
        value = *at_++;
        return true;
    }

    /// The byte at `at`, which was taken, is below `limit`.
    bool check_below(std::uint8_t const* at, std::uint8_t limit, Reason otherwise) {
        if (*at >= limit) [[unlikely]] return fail(otherwise, at);
        return true;
    }

    /// Remembers these elements, side by side, for check_fields(). To be called in the order of the bytes.
    template <Modulus M>
    void note_fields(std::uint8_t const* first, std::size_t count) {
        unsigned tops = 0;
        for (std::size_t i = 0; i < count; ++i) tops |= first[32 * i + 31];
        // Below 2^254 all are reduced, and of honest elements only small negative numbers are not below.
        if (tops > 0x3f) [[unlikely]] note_large_fields(M, first, count);
    }
    /// Whether all elements noted so far are below their modulus; fails at the first that is not.
    bool check_fields() { return unreduced_ == nullptr || fail(Reason::field_not_reduced, unreduced_); }

    /// The message ends here.
    bool finish() { return at_ == end_ || fail(Reason::trailing_bytes); }

private:
    template <Width W>
    bool long_integer(std::int64_t& value);
    bool integer_near_end(Width width, std::int64_t& value);
    bool long_count(std::size_t& value, std::size_t bytes_min);
    void note_large_fields(Modulus modulus, std::uint8_t const* first, std::size_t count);

    std::uint8_t const* begin_;
    std::uint8_t const* at_;
    std::uint8_t const* end_;
    std::uint8_t const* unreduced_ = nullptr;  // the first such element
    Error error_;
};

// Requires nine bytes, the first of which is not below 80.
template <Width W>
bool Reader::long_integer(std::int64_t& value) {
    auto const raw = load_little_endian<std::uint64_t>(at_ + 1);
    switch (*at_) {
        case lead_int64: {
            if constexpr (W == Width::int32) return fail(Reason::out_of_range);
            value = static_cast<std::int64_t>(raw);
            if (value == static_cast<std::int32_t>(raw)) [[unlikely]] return fail(Reason::not_canonical);
            if (W == Width::int63 && (value >> 62) != (value >> 63)) [[unlikely]] return fail(Reason::out_of_range);
            at_ += 9;
            return true;
        }
        case lead_int32:
            value = static_cast<std::int32_t>(raw);
            if (value == static_cast<std::int16_t>(raw)) [[unlikely]] return fail(Reason::not_canonical);
            at_ += 5;
            return true;
        case lead_int16:
            value = static_cast<std::int16_t>(raw);
            if (value >= -128 && value < 128) [[unlikely]] return fail(Reason::not_canonical);
            at_ += 3;
            return true;
        case lead_int8:
            value = static_cast<std::int8_t>(raw);
            if (value >= 0) [[unlikely]] return fail(Reason::not_canonical);
            at_ += 2;
            return true;
        default: return fail(Reason::bad_integer);
    }
}

}  // namespace mina::binprot
