// SharedBytes: an immutable byte string with a reference count, and a window on it.
//
// A gossip message is encoded once and queued for many peers; a frame queue holds slices of it. The count is not
// atomic: a node is one thread. Copying costs an increment; slicing copies no bytes.
#pragma once

#include "base/bytes.h"

#include <utility>

namespace base {

struct SharedBytesPool;

class SharedBytes {
public:
    SharedBytes() = default;
    /// Copies `bytes` into one allocation.
    static SharedBytes copy_of(ByteView bytes);
    /// Takes over the storage of `bytes`; no byte is copied.
    static SharedBytes take(ByteString&& bytes);

    SharedBytes(SharedBytes const& other) : owner_(other.owner_), view_(other.view_) { retain(); }
    SharedBytes(SharedBytes&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), view_(std::exchange(other.view_, {})) {}
    SharedBytes& operator=(SharedBytes other) noexcept {
        std::swap(owner_, other.owner_);
        std::swap(view_, other.view_);
        return *this;
    }
    ~SharedBytes() { release(); }

    ByteView view() const { return view_; }
    std::size_t size() const { return view_.size(); }
    bool empty() const { return view_.empty(); }

    /// A window on the same bytes. Requires offset + count <= size().
    SharedBytes slice(std::size_t offset, std::size_t count) const;
    /// Drops the first `count` bytes of this window. Requires count <= size().
    void remove_prefix(std::size_t count);

    bool operator==(SharedBytes const& other) const { return equal(view_, other.view_); }

private:
    friend class BufferPool;
    friend struct SharedBytesPool;
    struct Owner {
        std::size_t references = 1;
        ByteString bytes;
        SharedBytesPool* pool = nullptr;  // where the storage goes back to
    };
    SharedBytes(Owner* owner, ByteView view) : owner_(owner), view_(view) {}
    void retain() {
        if (owner_ != nullptr) ++owner_->references;
    }
    void release();

    Owner* owner_ = nullptr;
    ByteView view_;
};

}  // namespace base
