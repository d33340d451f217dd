#include "mina/binprot/arena.h"

namespace mina::binprot {

std::byte* Arena::allocate_in_new_block(std::size_t bytes) {
    used_ += bytes;
    if (bytes > block_bytes / 4) {
        // A block of its own; the one that is being filled goes on.
        blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(bytes));
        return blocks_.back().get();
    }
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(block_bytes));
    block_ = blocks_.back().get();
    size_ = block_bytes;
    at_ = bytes;
    return block_;
}

void Arena::clear() {
    std::unique_ptr<std::byte[]> kept;
    for (auto& block : blocks_) {
        if (block.get() == block_) kept = std::move(block);
    }
    blocks_.clear();
    if (kept) blocks_.push_back(std::move(kept));
    at_ = 0;
    used_ = 0;
}

}  // namespace mina::binprot
