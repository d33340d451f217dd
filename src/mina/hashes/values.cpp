#include "mina/hashes/values.h"

#include "base/text.h"
#include "mina/text/base58check.h"

namespace mina::hashes {

namespace {

std::string_view words(HashError::Reason reason) {
    switch (reason) {
        case HashError::Reason::not_reduced: return "not below the modulus of its field";
        case HashError::Reason::wrong_size: return "not 32 bytes";
        case HashError::Reason::too_many: return "too many elements";
        case HashError::Reason::leads_elsewhere: return "leads to another hash";
        case HashError::Reason::unknown_version: return "its version byte is not known for this format";
    }
    return "";
}

}  // namespace

std::string to_string(StateHash const& hash) { return text::to_base58check(text::Base58Kind::state_hash, hash.bytes); }

std::string to_string(BodyHash const& hash) {
    return text::to_base58check(text::Base58Kind::state_body_hash, hash.bytes);
}

std::string to_string(TransactionHash const& hash) {
    return text::to_base58check(text::Base58Kind::transaction_hash, hash.bytes);
}

std::string to_string(SnarkWorkKey const& key) { return base::to_hex(key.bytes); }

std::string to_string(HashError const& error) {
    return std::string(error.within).append(error.name).append(": ").append(words(error.reason));
}

}  // namespace mina::hashes
