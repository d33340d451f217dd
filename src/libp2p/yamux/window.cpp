#include "libp2p/yamux/window.h"

#include "base/check.h"

#include <algorithm>
#include <limits>

namespace libp2p::yamux {

bool ReceiveWindow::receive(std::uint32_t bytes) {
    if (bytes > credit_) return false;
    credit_ -= bytes;
    held_ += bytes;
    return true;
}

std::uint32_t ReceiveWindow::consume(std::size_t bytes) {
    auto const counted = static_cast<std::uint32_t>(std::min<std::size_t>(bytes, held_));
    held_ -= counted;
    return counted;
}

bool ReceiveWindow::should_grow(std::uint32_t consumed, base::Instant now,
                                std::optional<base::Duration> round_trip) {
    if (!round_trip) return false;
    auto const elapsed = now - measured_since_;
    if (elapsed <= base::Duration::zero()) return false;
    if (elapsed - *round_trip / 2 > *round_trip) {
        measured_since_ = now;
        measured_bytes_ = 0;
        return false;
    }
    measured_bytes_ +=
        std::min(consumed, std::numeric_limits<std::uint32_t>::max() - measured_bytes_);
    if (measured_bytes_ < size_ - size_ / 4) return false;
    measured_since_ = now;
    measured_bytes_ = 0;
    return true;
}

void ReceiveWindow::grow(std::uint32_t bytes) {
    base::check(bytes <= std::numeric_limits<std::uint32_t>::max() - size_,
                "receive window beyond 32 bits");
    size_ += bytes;
}

bool ReceiveWindow::update_due() const {
    // An update for each read would be a flood of tiny frames. Half of the initial window keeps the
    // sender busy with the other half; of a larger window an eighth is enough to be worth a frame,
    // and with halves a sender whose path the window just fills would stand still for a third of
    // the time.
    if (owed() >= std::max(initial_window_bytes / 2, size_ / 8)) return true;
    // When the application holds most of the window, that may never be owed: then a sixteenth will
    // do, once the peer is about to stop.
    return credit_ < size_ / 8 && owed() >= size_ / 16;
}

std::uint32_t ReceiveWindow::grant() {
    auto const granted = owed();
    credit_ += granted;
    return granted;
}

void RoundTrips::add(base::Duration sample) {
    sample = std::max(sample, base::Duration::zero());
    if (!smoothed_) {
        smoothed_ = sample;
        shortest_ = sample;
        return;
    }
    // Differences of non-negative durations cannot overflow.
    *smoothed_ += (sample - *smoothed_) / 8;
    shortest_ = sample < shortest_ ? sample : shortest_ + (sample - shortest_) / 8;
}

}  // namespace libp2p::yamux
