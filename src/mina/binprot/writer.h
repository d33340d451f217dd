// Writer: bin_prot into a buffer of the caller's.
//
// When the buffer is too small nothing more is written, but all is counted: size() is then what is needed.
#pragma once

#include "mina/binprot/reader.h"

namespace mina::binprot {

class Writer {
public:
    explicit Writer(base::MutableBytes buffer) : begin_(buffer.data()), capacity_(buffer.size()) {}

    /// What was written, or would have been.
    std::size_t size() const { return size_; }
    bool fits() const { return size_ <= capacity_; }

    void put(void const* bytes, std::size_t count) {
        if (count <= capacity_ - size_ && size_ <= capacity_) [[likely]] {
            if (count != 0) std::memcpy(begin_ + size_, bytes, count);
        }
        size_ += count;
    }
    void put(base::ByteView bytes) { put(bytes.data(), bytes.size()); }
    void put_byte(std::uint8_t byte) {
        if (size_ < capacity_) [[likely]] begin_[size_] = byte;
        ++size_;
    }
    void put_integer(std::int64_t value) {
        if (value >= 0 && value < 0x80) [[likely]] return put_byte(static_cast<std::uint8_t>(value));
        put_long_integer(value);
    }
    /// A number of elements or bytes.
    void put_count(std::size_t value) {
        if (value < 0x80) [[likely]] return put_byte(static_cast<std::uint8_t>(value));
        put_long_count(value);
    }
    void put_string(base::ByteView bytes) {
        put_count(bytes.size());
        put(bytes);
    }
    void put_float(double value) { put_little_endian(std::bit_cast<std::uint64_t>(value), 8); }
    void put_little_endian(std::uint64_t value, std::size_t bytes) {
        if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
        put(&value, bytes);
    }

private:
    void put_long_integer(std::int64_t value) {
        auto const raw = static_cast<std::uint64_t>(value);
        auto const [lead, bytes] = value == static_cast<std::int8_t>(raw) && value < 0 ? Form{lead_int8, 1}
                                   : value == static_cast<std::int16_t>(raw)           ? Form{lead_int16, 2}
                                   : value == static_cast<std::int32_t>(raw)           ? Form{lead_int32, 4}
                                                                                       : Form{lead_int64, 8};
        put_form(lead, raw, bytes);
    }
    void put_long_count(std::size_t value) {
        auto const [lead, bytes] = value < 0x10000       ? Form{lead_int16, 2}
                                   : value < 0x100000000 ? Form{lead_int32, 4}
                                                         : Form{lead_int64, 8};
        put_form(lead, value, bytes);
    }
    struct Form {
        std::uint8_t lead;
        std::size_t bytes;
    };
    void put_form(std::uint8_t lead, std::uint64_t raw, std::size_t bytes) {
        // Nine bytes are one store; those behind the number are written over by what follows.
        if (capacity_ >= 9 && size_ <= capacity_ - 9) [[likely]] {
            if constexpr (std::endian::native == std::endian::big) raw = std::byteswap(raw);
            begin_[size_] = lead;
            std::memcpy(begin_ + size_ + 1, &raw, 8);
            size_ += 1 + bytes;
            return;
        }
        put_byte(lead);
        put_little_endian(raw, bytes);
    }

    std::uint8_t* begin_;
    std::size_t capacity_;
    std::size_t size_ = 0;
};

}  // namespace mina::binprot
