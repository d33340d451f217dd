#include "libp2p/gossipsub/rust_ids.h"

#include "base/writer.h"
#include "libp2p/wire/peer_id.h"

#include <charconv>

namespace libp2p::gossipsub {

std::optional<MessageId> origin_of_rust_id(base::ByteView id) {
    // The text of an Ed25519 id, the only kind of Mina's nodes, has always the same length: it needs no separator.
    constexpr std::string_view ed25519_text_prefix = "12D3KooW";
    constexpr std::size_t ed25519_text_bytes = 52;
    constexpr std::size_t decimal_digits_max = 20;
    auto const text = base::as_text(id);
    if (!text.starts_with(ed25519_text_prefix) || text.size() <= ed25519_text_bytes) return std::nullopt;
    auto const digits = text.substr(ed25519_text_bytes);
    if (digits.size() > decimal_digits_max) return std::nullopt;

    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    auto const author = PeerId::from_text(text.substr(0, ed25519_text_bytes));
    if (!author) return std::nullopt;

    auto origin = base::to_byte_string(author->bytes());
    base::append_u64_be(origin, number);
    return origin;
}

}  // namespace libp2p::gossipsub
