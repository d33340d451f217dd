// AeadKey: the state of ChaCha20-Poly1305 (RFC 8439) under one key.
//
// Records below `aead_small_bytes` go through libsodium, which needs no context; larger ones through OpenSSL, whose
// context is made at the first large record and kept (measured: docs/decisions). So an idle connection holds 32 bytes.
#pragma once

#include "base/bytes.h"

#include <span>
#include <utility>

namespace crypto {

inline constexpr std::size_t aead_tag_bytes = 16;
inline constexpr std::size_t aead_small_bytes = 1024;

using AeadSecret = base::ByteArray<32>;

class AeadKey {
public:
    explicit AeadKey(AeadSecret const& secret) : secret_(secret) {}
    AeadKey(AeadKey&& other) noexcept
        : secret_(other.secret_), context_(std::exchange(other.context_, nullptr)),
          direction_(std::exchange(other.direction_, Direction::none)) {}
    AeadKey& operator=(AeadKey&& other) noexcept;
    ~AeadKey();

    AeadSecret const& secret() const { return secret_; }

    /// Encrypts the concatenation of `pieces` under nonce `counter` (64 bits little-endian after 4 zero bytes, as Noise
    /// has it) into `out`, which must have room for exactly all pieces and the tag. `out` may not overlap a piece,
    /// unless there is one piece and it starts where `out` starts.
    void seal(std::uint64_t counter, base::ByteView associated_data, std::span<base::ByteView const> pieces,
              base::MutableBytes out);

    /// Decrypts in place. Returns false, and leaves the content undefined, if the tag is wrong or `record` is too
    /// short; else the plaintext is record.first(record.size() - aead_tag_bytes).
    bool open(std::uint64_t counter, base::ByteView associated_data, base::MutableBytes record);

private:
    AeadSecret secret_;
    void* context_ = nullptr;   // EVP_CIPHER_CTX, keyed
    enum class Direction : std::uint8_t { none, sealing, opening } direction_ = Direction::none;
};

}  // namespace crypto
