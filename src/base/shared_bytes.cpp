#include "base/shared_bytes.h"

#include "base/buffer_pool.h"
#include "base/check.h"

namespace base {

// Lives until the pool is gone and every shared buffer has come back.
struct SharedBytesPool {
    std::size_t kept_max = 0;
    std::size_t lent = 0;
    bool abandoned = false;
    std::vector<SharedBytes::Owner*> free;

    void give_back(SharedBytes::Owner* owner) {
        --lent;
        if (abandoned || free.size() >= kept_max) {
            delete owner;
        } else {
            owner->bytes.clear();
            free.push_back(owner);
        }
        if (abandoned && lent == 0) delete this;
    }
};

SharedBytes SharedBytes::copy_of(ByteView bytes) { return take(to_byte_string(bytes)); }

SharedBytes SharedBytes::take(ByteString&& bytes) {
    if (bytes.empty()) return {};
    auto* owner = new Owner{1, std::move(bytes), nullptr};
    return {owner, owner->bytes};
}

SharedBytes SharedBytes::slice(std::size_t offset, std::size_t count) const {
    check(offset <= size() && count <= size() - offset, "slice outside the bytes");
    SharedBytes part = *this;
    part.view_ = view_.subspan(offset, count);
    return part;
}

void SharedBytes::remove_prefix(std::size_t count) {
    check(count <= size(), "prefix longer than the bytes");
    view_ = view_.subspan(count);
}

void SharedBytes::release() {
    auto* const owner = std::exchange(owner_, nullptr);
    if (owner == nullptr || --owner->references > 0) return;
    if (owner->pool != nullptr) {
        owner->pool->give_back(owner);
    } else {
        delete owner;
    }
}

BufferPool::BufferPool(std::size_t kept_max) : pool_(new SharedBytesPool{kept_max, 0, false, {}}) {}

BufferPool::~BufferPool() {
    for (auto* owner : pool_->free) delete owner;
    pool_->free.clear();
    pool_->abandoned = true;
    if (pool_->lent == 0) delete pool_;
}

ByteString BufferPool::get() {
    if (pool_->free.empty()) return {};
    return std::move(pool_->free.back()->bytes);
}

SharedBytes BufferPool::share(ByteString&& bytes) {
    SharedBytes::Owner* owner = nullptr;
    if (pool_->free.empty()) {
        owner = new SharedBytes::Owner{1, std::move(bytes), pool_};
    } else {
        owner = pool_->free.back();
        pool_->free.pop_back();
        owner->references = 1;
        owner->bytes = std::move(bytes);
    }
    ++pool_->lent;
    return {owner, owner->bytes};
}

}  // namespace base
