// Reader: bounded reading of fixed-size integers. A read past the end fails and stays failed; check ok() at the end.
#pragma once

#include "base/bytes.h"

namespace base {

class Reader {
public:
    explicit Reader(ByteView bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
    std::uint16_t u16_be() { return static_cast<std::uint16_t>(big_endian(2)); }
    std::uint32_t u32_be() { return static_cast<std::uint32_t>(big_endian(4)); }
    std::uint64_t u64_be() { return big_endian(8); }
    std::uint64_t u64_le() { return __builtin_bswap64(big_endian(8)); }
    std::uint64_t varint();
    ByteView bytes(std::uint64_t count);
    /// A varint length, then that many bytes.
    ByteView counted() { return bytes(varint()); }

    ByteView rest() const { return rest_; }
    bool ok() const { return ok_; }
    bool done() const { return ok_ && rest_.empty(); }
    void set_failed() { ok_ = false; rest_ = {}; }

private:
    std::uint64_t big_endian(std::size_t count);
    ByteView rest_;
    bool ok_ = true;
};

}  // namespace base
