// Arena: where decoded messages live. Blocks of 64 KiB, all freed at once; nothing in it has a destructor.
#pragma once

#include "base/bytes.h"

#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace mina::binprot {

class Arena {
public:
    static constexpr std::size_t block_bytes = 64 * 1024;

    /// At most `bytes_max` are handed out.
    explicit Arena(std::size_t bytes_max = std::numeric_limits<std::size_t>::max()) : bytes_max_(bytes_max) {}
    Arena(Arena const&) = delete;
    Arena& operator=(Arena const&) = delete;

    /// `count` values, initialised; nullptr when `bytes_max` is reached. They live until clear() or the arena's end.
    template <class T>
    T* make(std::size_t count = 1) {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(std::max_align_t));
        if (count > bytes_max_ / sizeof(T)) return nullptr;
        auto* const place = allocate(count * sizeof(T), alignof(T));
        if (place == nullptr) return nullptr;
        auto* const first = reinterpret_cast<T*>(place);
        std::uninitialized_value_construct_n(first, count);
        return first;
    }

    /// Forgets all values, keeps one block.
    void clear();
    void set_bytes_max(std::size_t bytes_max) { bytes_max_ = bytes_max; }

    /// Handed out since the last clear().
    std::size_t used_bytes() const { return used_; }
    /// Asked of the system since the last clear(), the kept block counted.
    std::size_t blocks() const { return blocks_.size(); }

private:
    std::byte* allocate(std::size_t bytes, std::size_t alignment) {
        auto const padding = (alignment - at_ % alignment) % alignment;
        if (bytes > bytes_max_ - used_) [[unlikely]] return nullptr;
        if (bytes + padding > size_ - at_) [[unlikely]] return allocate_in_new_block(bytes);
        auto* const place = block_ + at_ + padding;
        at_ += bytes + padding;
        used_ += bytes;
        return place;
    }
    std::byte* allocate_in_new_block(std::size_t bytes);

    std::vector<std::unique_ptr<std::byte[]>> blocks_;
    std::byte* block_ = nullptr;  // the one that is being filled
    std::size_t at_ = 0;
    std::size_t size_ = 0;
    std::size_t used_ = 0;
    std::size_t bytes_max_;
};

}  // namespace mina::binprot
