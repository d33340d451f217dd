#include "crypto/salsa20.h"

#include "crypto/libraries.h"
#include "crypto/salsa20_wide.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace crypto {

namespace {
constexpr std::size_t block_bytes = 64;
}

XSalsa20Stream::XSalsa20Stream(base::ByteArray<32> const& key, base::ByteArray<24> const& nonce) {
    prepare_sodium();
    // crypto_stream_xsalsa20_xor_ic would derive the subkey again at every call.
    crypto_core_hsalsa20(subkey_.data(), nonce.data(), key.data(), nullptr);
    std::memcpy(nonce_.data(), nonce.data() + 16, nonce_.size());
}

void XSalsa20Stream::apply(base::MutableBytes data) {
    auto const begun = std::min(data.size(), block_bytes - leftover_used_);
    for (std::size_t i = 0; i < begun; ++i) data[i] ^= leftover_[leftover_used_ + i];
    leftover_used_ = static_cast<std::uint8_t>(leftover_used_ + begun);
    data = data.subspan(begun);
    if (data.empty()) return;

    auto const wide = data.size() / wide_salsa20_bytes * wide_salsa20_bytes;
    if (wide > 0 && has_wide_salsa20()) {  // docs/decisions/0001-xsalsa20-kernel.md
        xor_wide_salsa20(data.first(wide), subkey_, nonce_, block_);
        block_ += wide / block_bytes;
        data = data.subspan(wide);
    }
    auto const whole = data.size() / block_bytes * block_bytes;
    if (whole > 0) {
        crypto_stream_salsa20_xor_ic(data.data(), data.data(), whole, nonce_.data(), block_,
                                     subkey_.data());
        block_ += whole / block_bytes;
        data = data.subspan(whole);
    }
    if (data.empty()) return;

    leftover_.fill(0);
    crypto_stream_salsa20_xor_ic(leftover_.data(), leftover_.data(), block_bytes, nonce_.data(),
                                 block_, subkey_.data());
    ++block_;
    for (std::size_t i = 0; i < data.size(); ++i) data[i] ^= leftover_[i];
    leftover_used_ = static_cast<std::uint8_t>(data.size());
}

}  // namespace crypto
