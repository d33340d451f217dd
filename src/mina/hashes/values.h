// The hashes as values, their texts, and why there may be none.
#pragma once

#include "base/bytes.h"

#include <compare>

namespace mina::hashes {

/// Of a protocol state, and so of its block. Little-endian, as on the wire.
struct StateHash {
    base::ByteArray<32> bytes{};
    auto operator<=>(StateHash const&) const = default;
};

/// Of the body of a protocol state. Little-endian, as on the wire.
struct BodyHash {
    base::ByteArray<32> bytes{};
    auto operator<=>(BodyHash const&) const = default;
};

/// Of a command, or of a fee transfer or coinbase.
struct TransactionHash {
    base::ByteArray<32> bytes{};
    auto operator<=>(TransactionHash const&) const = default;
};

/// Of the statements of SNARK work. Known to us alone; never to be sent.
struct SnarkWorkKey {
    base::ByteArray<32> bytes{};
    auto operator<=>(SnarkWorkKey const&) const = default;
};

/// "3N…".
std::string to_string(StateHash const& hash);
/// "3W…".
std::string to_string(BodyHash const& hash);
/// "5J…".
std::string to_string(TransactionHash const& hash);
/// Hexadecimal: there is no text form of others.
std::string to_string(SnarkWorkKey const& key);

struct HashError {
    enum class Reason : std::uint8_t {
        not_reduced,       // a field element not below its modulus
        wrong_size,        // a string of another size than is hashed
        too_many,          // a list that is longer than its limit
        leads_elsewhere,   // a chain proof that ends at another hash than it should
        unknown_version,   // the format does not say how the id begins
    };
    Reason reason = Reason::not_reduced;
    std::string_view within;  // "blockchain_state.ledger_proof_statement.source."; empty at the top
    std::string_view name;    // "local_state.ledger"
    bool operator==(HashError const&) const = default;
};

/// "blockchain_state.body_reference: not 32 bytes".
std::string to_string(HashError const& error);

}  // namespace mina::hashes
