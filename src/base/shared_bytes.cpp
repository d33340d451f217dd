#include "base/shared_bytes.h"

#include "base/check.h"

namespace base {

SharedBytes SharedBytes::copy_of(ByteView bytes) { return take(to_byte_string(bytes)); }

SharedBytes SharedBytes::take(ByteString&& bytes) {
    if (bytes.empty()) return {};
    auto* owner = new Owner{1, std::move(bytes)};
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
    if (owner_ != nullptr && --owner_->references == 0) delete owner_;
    owner_ = nullptr;
}

}  // namespace base
