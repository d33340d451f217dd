// RapidJSON as the core uses it: its failed assertions are ours, its memory comes from operator new. Of it
// there are the parser and the writer, which give and take events; its documents are left out (clang 19 does
// not compile those of 1.1.0, and they would be walked with recursion).
#pragma once

#include "base/check.h"

#include <cstddef>
#include <cstring>
#include <new>

#define RAPIDJSON_ASSERT(condition) ::base::check(static_cast<bool>(condition), "RapidJSON: " #condition)

#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>

namespace mina::json {

/// RapidJSON's idea of an allocator.
struct HeapAllocator {
    static constexpr bool kNeedFree = true;
    static void* Malloc(std::size_t size) { return size == 0 ? nullptr : ::operator new(size); }
    static void* Realloc(void* old, std::size_t old_size, std::size_t size) {
        auto* const fresh = Malloc(size);
        if (old != nullptr && fresh != nullptr) std::memcpy(fresh, old, old_size < size ? old_size : size);
        Free(old);
        return fresh;
    }
    static void Free(void* memory) { ::operator delete(memory); }
};

}  // namespace mina::json
