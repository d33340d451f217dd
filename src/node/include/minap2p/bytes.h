// Bytes: an immutable byte string that is cheap to copy: copies and slices share one storage, whose count is atomic. So
// what a Node hands out may be kept, and given to other threads, without copying.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace mina::p2p {

class Bytes {
public:
    Bytes() = default;
    /// Takes the vector over; no byte is copied when it is moved in.
    Bytes(std::vector<std::uint8_t> bytes)
        : owner_(std::make_shared<std::vector<std::uint8_t>>(std::move(bytes))), view_(*owner_) {}
    static Bytes copy_of(std::span<std::uint8_t const> bytes) {
        return Bytes(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
    }
    static Bytes copy_of(std::string_view text) {
        return Bytes(std::vector<std::uint8_t>(text.begin(), text.end()));
    }

    // A contiguous range: what takes a std::span<std::uint8_t const> takes it.
    std::uint8_t const* data() const { return view_.data(); }
    std::size_t size() const { return view_.size(); }
    bool empty() const { return view_.empty(); }
    auto begin() const { return view_.begin(); }
    auto end() const { return view_.end(); }
    std::uint8_t operator[](std::size_t index) const { return view_[index]; }
    std::span<std::uint8_t const> view() const { return view_; }

    /// A part of the same bytes. Requires offset + count <= size(). The whole storage lives as long as it.
    Bytes slice(std::size_t offset, std::size_t count) const {
        Bytes part(*this);
        part.view_ = view_.subspan(offset, count);
        return part;
    }

    /// The bytes as a vector: without copying when nobody else shares them and this is all of them. Empty afterwards.
    std::vector<std::uint8_t> take() {
        auto const owner = std::move(owner_);
        auto const view = std::exchange(view_, {});
        if (owner != nullptr && owner.use_count() == 1 && owner->size() == view.size()) return std::move(*owner);
        return {view.begin(), view.end()};
    }

    friend bool operator==(Bytes const& a, Bytes const& b) {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (a[i] != b[i]) return false;
        }
        return true;
    }

private:
    std::shared_ptr<std::vector<std::uint8_t>> owner_;
    std::span<std::uint8_t const> view_;
};

}  // namespace mina::p2p
