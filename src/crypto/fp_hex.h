// Test support: elements of Fp as the data files and fact sheets write them, most significant digit
// first.
#pragma once

#include "base/check.h"
#include "base/text.h"
#include "crypto/fp.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>

namespace crypto {

/// With or without "0x"; leading zeros may be missing.
inline Fp fp(std::string_view hex) {
    if (hex.starts_with("0x")) hex.remove_prefix(2);
    base::check(hex.size() <= 2 * fp_bytes, "too many digits");
    auto bytes = base::from_hex(std::string(2 * fp_bytes - hex.size(), '0').append(hex));
    base::check(bytes.has_value(), "not hexadecimal");
    std::ranges::reverse(*bytes);
    auto const element = Fp::from_bytes(*bytes);
    base::check(element.has_value(), "not below p");
    return *element;
}

/// 64 digits.
inline std::string to_hex(Fp const& element) {
    auto bytes = element.to_bytes();
    std::ranges::reverse(bytes);
    return base::to_hex(bytes);
}

inline void PrintTo(Fp const& element, std::ostream* out) { *out << to_hex(element); }

}  // namespace crypto
