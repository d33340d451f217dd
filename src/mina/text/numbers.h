// Numbers as Mina writes them.
#pragma once

#include "base/bytes.h"

#include <optional>

namespace mina::text {

/// "0x" and 64 digits, the highest first, of an element in the 32 little-endian bytes of the wire. Lower case.
std::string field_to_hex(base::ByteView element);
/// Digits of either case.
std::optional<base::ByteArray<32>> field_from_hex(std::string_view text);

/// An amount as decimal MINA: "0.1" is 100,000,000 nanomina. At most nine decimals, no zeros at their end.
std::string nanomina_to_mina(std::uint64_t nanomina);
/// Digits, and behind a point one to nine decimals: "1", "0.1", "1.000000000". No sign, nothing over 2^64 - 1 nanomina.
std::optional<std::uint64_t> nanomina_from_mina(std::string_view text);

/// The fewest digits that give the same number again: "-0.5", "1735689600.25", "1e+300", "inf", "-inf". The
/// usual NaN is "nan", and others have their bits behind it: "nan:fff8000000000001".
std::string float_to_text(double value);
std::optional<double> float_from_text(std::string_view text);

}  // namespace mina::text
