// Arena: where decoded messages live. Blocks of 64 KiB, all freed at once; nothing in it has a destructor.
#pragma once

#include "base/bytes.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <type_traits>

namespace mina::binprot {

class Arena {
public:
    /// Asked of the system at once; what is larger than a quarter of it gets a block of its own.
    static constexpr std::size_t block_bytes = 64 * 1024;

    /// At most `bytes_max` are handed out.
    explicit Arena(std::size_t bytes_max = std::numeric_limits<std::size_t>::max()) : bytes_max_(bytes_max) {}
    Arena(Arena const&) = delete;
    Arena& operator=(Arena const&) = delete;
    ~Arena() { free_blocks(nullptr); }

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
    /// Of what is handed out already, nothing is taken back.
    void set_bytes_max(std::size_t bytes_max) { bytes_max_ = bytes_max; }

    /// Handed out since the last clear().
    std::size_t used_bytes() const { return used_; }
    /// Asked of the system since the last clear(), the kept block counted.
    std::size_t blocks() const { return block_count_; }

private:
    // In front of the bytes of a block.
    struct alignas(std::max_align_t) Block {
        Block* previous = nullptr;
    };

    std::byte* allocate(std::size_t bytes, std::size_t alignment) {
        auto const padding = -reinterpret_cast<std::uintptr_t>(at_) & (alignment - 1);
        if (bytes > bytes_max_ - std::min(used_, bytes_max_)) [[unlikely]] return nullptr;
        if (bytes + padding > left_) [[unlikely]] return allocate_in_new_block(bytes);
        auto* const place = at_ + padding;
        at_ = place + bytes;
        left_ -= bytes + padding;
        used_ += bytes;
        return place;
    }
    std::byte* allocate_in_new_block(std::size_t bytes);
    std::byte* add_block(std::size_t bytes);
    void free_blocks(Block* kept);
    void begin_block(Block* block);

    Block* blocks_ = nullptr;   // the newest; each knows the one before
    Block* filled_ = nullptr;   // the one that is being filled
    std::size_t block_count_ = 0;
    std::byte* at_ = nothing_;  // where it is free
    std::size_t left_ = 0;      // so many bytes
    std::size_t used_ = 0;
    std::size_t bytes_max_;
    alignas(std::max_align_t) std::byte nothing_[1]{};  // where no values are, before there is a block
};

}  // namespace mina::binprot
