// LengthPrefixed: a stream of varint-length-prefixed messages. A message that lies whole in one fed chunk comes out
// as a view of that chunk; one that spans chunks is assembled once, in a buffer that grows with what has arrived (never by
// the announced length) and is charged to a shared budget.
#pragma once

#include "base/bytes.h"
#include "base/memory_budget.h"
#include "base/result.h"

#include <optional>

namespace libp2p {

enum class LengthPrefixError : std::uint8_t { malformed_length, too_long, over_budget };
std::string_view to_string(LengthPrefixError error);

class LengthPrefixed {
public:
    /// Messages of at most `message_bytes_max`. `budget` (may be null) must outlive this object.
    LengthPrefixed(std::size_t message_bytes_max, base::MemoryBudget* budget = nullptr)
        : message_bytes_max_(message_bytes_max), budget_(budget) {}
    LengthPrefixed(LengthPrefixed&& other) noexcept;
    LengthPrefixed& operator=(LengthPrefixed&& other) noexcept;
    ~LengthPrefixed();

    /// Lends `chunk` until the next feed(); the previous chunk must have been drained with next().
    void feed(base::ByteView chunk);
    /// The next whole message, nullopt when more bytes are needed, or an error, after which the stream is dead.
    /// The view is valid until the next call of next() or feed().
    base::Result<std::optional<base::ByteView>, LengthPrefixError> next();

    /// Bytes of an unfinished message held.
    std::size_t held_bytes() const { return delivered_ ? 0 : partial_.size(); }

private:
    using Step = base::Result<bool, LengthPrefixError>;  // false: more bytes are needed
    Step take_length();
    Step take_body();
    bool grow_to_hold(std::size_t bytes);
    void drop_partial();

    std::size_t message_bytes_max_;
    base::MemoryBudget* budget_;
    base::ByteView chunk_;                      // what next() has not yet consumed
    base::ByteString partial_;                  // body bytes of a message that spans chunks
    std::size_t charged_ = 0;                   // to the budget, for partial_
    std::optional<std::size_t> expected_;       // body length, once known
    base::ByteArray<10> length_bytes_{};        // a length that spans chunks
    std::uint8_t length_size_ = 0;
    bool delivered_ = false;                    // partial_ was handed out and is to be dropped
    std::optional<LengthPrefixError> failure_;  // what ended the stream
};

}  // namespace libp2p
