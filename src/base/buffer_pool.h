// BufferPool: recycles the storage of transmit buffers, so that a steady bulk transfer allocates nothing.
#pragma once

#include "base/shared_bytes.h"

namespace base {

class BufferPool {
public:
    /// Keeps at most `kept_max` free buffers; what comes back beyond is freed.
    explicit BufferPool(std::size_t kept_max);
    ~BufferPool();
    BufferPool(BufferPool const&) = delete;
    BufferPool& operator=(BufferPool const&) = delete;

    /// An empty buffer, with the capacity it had when it was last used.
    ByteString get();
    /// Shares `bytes`; when the last holder lets go, the storage comes back here. May outlive the pool.
    SharedBytes share(ByteString&& bytes);

private:
    SharedBytesPool* pool_;
};

}  // namespace base
