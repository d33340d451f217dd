#include "mina/binprot/arena.h"

#include <new>

namespace mina::binprot {

std::byte* Arena::allocate_in_new_block(std::size_t bytes) {
    used_ += bytes;
    // A block of its own; the one that is being filled goes on.
    if (bytes > block_bytes / 4) return add_block(bytes);
    add_block(block_bytes - sizeof(Block));
    begin_block(blocks_);
    auto* const place = at_;
    at_ += bytes;
    left_ -= bytes;
    return place;
}

// The place of so many bytes.
std::byte* Arena::add_block(std::size_t bytes) {
    auto* const place = ::operator new(sizeof(Block) + bytes);
    blocks_ = new (place) Block{.previous = blocks_};
    ++block_count_;
    return static_cast<std::byte*>(place) + sizeof(Block);
}

void Arena::begin_block(Block* block) {
    filled_ = block;
    at_ = reinterpret_cast<std::byte*>(block) + sizeof(Block);
    left_ = block_bytes - sizeof(Block);
}

void Arena::free_blocks(Block* kept) {
    while (blocks_ != nullptr) {
        auto* const block = blocks_;
        blocks_ = block->previous;
        if (block != kept) ::operator delete(block);
    }
}

void Arena::clear() {
    free_blocks(filled_);
    used_ = 0;
    block_count_ = 0;
    if (filled_ == nullptr) return;
    filled_->previous = nullptr;
    blocks_ = filled_;
    block_count_ = 1;
    begin_block(filled_);
}

}  // namespace mina::binprot
