#include "libp2p/wire/length_prefixed.h"

#include "base/check.h"
#include "base/varint.h"

#include <algorithm>
#include <utility>

namespace libp2p {

std::string_view to_string(LengthPrefixError error) {
    switch (error) {
        case LengthPrefixError::malformed_length: return "malformed length prefix";
        case LengthPrefixError::too_long: return "message longer than allowed";
        case LengthPrefixError::over_budget: return "no memory for a message";
    }
    return "?";
}

LengthPrefixed::LengthPrefixed(LengthPrefixed&& other) noexcept
    : message_bytes_max_(other.message_bytes_max_), budget_(other.budget_),
      chunk_(std::exchange(other.chunk_, {})), partial_(std::exchange(other.partial_, {})),
      charged_(std::exchange(other.charged_, 0)),
      expected_(std::exchange(other.expected_, std::nullopt)), length_bytes_(other.length_bytes_),
      length_size_(std::exchange(other.length_size_, std::uint8_t{0})),
      delivered_(std::exchange(other.delivered_, false)), failure_(other.failure_) {}

LengthPrefixed& LengthPrefixed::operator=(LengthPrefixed&& other) noexcept {
    if (this == &other) return *this;
    drop_partial();
    message_bytes_max_ = other.message_bytes_max_;
    budget_ = other.budget_;
    chunk_ = std::exchange(other.chunk_, {});
    partial_ = std::exchange(other.partial_, {});
    charged_ = std::exchange(other.charged_, 0);
    expected_ = std::exchange(other.expected_, std::nullopt);
    length_bytes_ = other.length_bytes_;
    length_size_ = std::exchange(other.length_size_, std::uint8_t{0});
    delivered_ = std::exchange(other.delivered_, false);
    failure_ = other.failure_;
    return *this;
}

LengthPrefixed::~LengthPrefixed() { drop_partial(); }

void LengthPrefixed::feed(base::ByteView chunk) {
    base::check(chunk_.empty(), "the previous chunk is not drained");
    if (delivered_) drop_partial();
    if (!failure_) chunk_ = chunk;
}

base::Result<std::optional<base::ByteView>, LengthPrefixError> LengthPrefixed::next() {
    if (delivered_) drop_partial();
    if (failure_) return base::fail(*failure_);
    auto step = take_length();
    if (step && *step && (!partial_.empty() || chunk_.size() < *expected_)) step = take_body();
    if (!step) {
        failure_ = step.error();
        chunk_ = {};
        drop_partial();
        return base::fail(*failure_);
    }
    if (!*step) return std::nullopt;
    if (delivered_) return base::ByteView(partial_);
    auto const message = chunk_.first(*expected_);
    chunk_ = chunk_.subspan(message.size());
    expected_.reset();
    return message;
}

LengthPrefixed::Step LengthPrefixed::take_length() {
    if (expected_) return true;
    // A length that lies whole in the chunk, nearly every one, is read where it lies.
    auto read = base::read_varint(length_size_ == 0 ? chunk_ : base::ByteView());
    if (read.varint) {
        chunk_ = chunk_.subspan(read.varint->size);
    } else {
        while (!read.varint && !chunk_.empty() && length_size_ < length_bytes_.size()) {
            length_bytes_[length_size_++] = chunk_.front();
            chunk_ = chunk_.subspan(1);
            read = base::read_varint(base::ByteView(length_bytes_).first(length_size_));
        }
        if (!read.varint && read.error == base::VarintError::overlong) {
            return base::fail(LengthPrefixError::malformed_length);
        }
        if (!read.varint) return false;
    }
    length_size_ = 0;
    if (read.varint->value > message_bytes_max_) return base::fail(LengthPrefixError::too_long);
    expected_ = static_cast<std::size_t>(read.varint->value);
    return true;
}

LengthPrefixed::Step LengthPrefixed::take_body() {
    auto const taken = chunk_.first(std::min(chunk_.size(), *expected_ - partial_.size()));
    if (taken.empty()) return false;
    if (!grow_to_hold(partial_.size() + taken.size()))
        return base::fail(LengthPrefixError::over_budget);
    base::append(partial_, taken);
    chunk_ = chunk_.subspan(taken.size());
    if (partial_.size() < *expected_) return false;
    expected_.reset();
    delivered_ = true;
    return true;
}

// Doubling, so that assembly costs amortised one copy, but never past the message's end. The
// announced length alone reserves nothing: a peer pays for memory with bytes.
bool LengthPrefixed::grow_to_hold(std::size_t bytes) {
    if (bytes <= partial_.capacity()) return true;
    auto const capacity = std::min(*expected_, std::max(bytes, 2 * partial_.capacity()));
    if (budget_ != nullptr) {
        if (!budget_->try_reserve(capacity - charged_)) return false;
        charged_ = capacity;
    }
    partial_.reserve(capacity);
    return true;
}

void LengthPrefixed::drop_partial() {
    if (budget_ != nullptr) budget_->release(charged_);
    charged_ = 0;
    partial_ =
        base::ByteString();  // not `= {}`, which would keep the storage: an idle stream holds none
    delivered_ = false;
}

}  // namespace libp2p
