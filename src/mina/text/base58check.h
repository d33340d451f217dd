// base58check: version byte, content, and the first four bytes of the double SHA-256 of both; all in base58.
//
// The content stands as on the wire (field elements little-endian, without the length in front of strings). Some kinds
// have constant bytes before it, which once were versions of its parts: they belong to the kind.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace mina::text {

enum class Base58Kind : std::uint8_t {
    ledger_hash, epoch_seed, state_hash, state_body_hash, pending_coinbase_hash,
    coinbase_stack_data, coinbase_stack_hash,
    token_id,
    aux_hash, pending_coinbase_aux,  // of a staged ledger
    public_key,                      // x, then whether y is odd
    signature,                       // rx, s
    memo,
    transaction_hash,                // BLAKE2b-256, in base58 as a string of 32 bytes
};

struct Base58Form {
    Base58Kind kind = Base58Kind::ledger_hash;
    std::string_view name;     // "a ledger hash"
    std::uint8_t version = 0;
    std::string_view prefix;   // what stands between version and content
    std::size_t content_bytes = 0;
};

Base58Form const& form_of(Base58Kind kind);

/// Requires as many bytes of content as the kind has.
std::string to_base58check(Base58Kind kind, base::ByteView content);

struct Base58Error {
    enum class Reason : std::uint8_t {
        not_base58, too_short, wrong_checksum, wrong_version, wrong_prefix, wrong_length
    };
    Reason reason = Reason::not_base58;
    std::uint8_t version = 0;  // the one that was found, when the checksum was right
    bool operator==(Base58Error const&) const = default;
};

/// "its checksum is wrong", "its version byte is 0x05, that of a ledger hash".
std::string to_string(Base58Error const& error);

/// The content.
base::Result<base::ByteString, Base58Error> from_base58check(Base58Kind kind, std::string_view text);

}  // namespace mina::text
