// Lists of a decoded message.
//
//   List<T>      elements side by side: in the arena, or in the message itself when they have one size
//   Sequence<T>  elements that are read when they are looked at: of types that are larger in memory than on the wire
#pragma once

#include "mina/binprot/reader.h"

#include <cstddef>
#include <iterator>

namespace mina::binprot {

template <class T>
class List {
public:
    List() = default;
    List(T const* first, std::size_t size) : first_(first), size_(size) {}

    T const* begin() const { return first_; }
    T const* end() const { return first_ + size_; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T const& operator[](std::size_t index) const { return first_[index]; }

private:
    T const* first_ = nullptr;
    std::size_t size_ = 0;
};

inline bool read(Reader& reader, std::uint32_t& value) {
    std::int64_t integer = 0;
    if (!reader.integer<Width::int32>(integer)) return false;
    value = static_cast<std::uint32_t>(integer);
    return true;
}
inline bool read(Reader& reader, std::int64_t& value) { return reader.integer<Width::int63>(value); }
inline bool read(Reader& reader, std::uint64_t& value) {
    std::int64_t integer = 0;
    if (!reader.integer<Width::int64>(integer)) return false;
    value = static_cast<std::uint64_t>(integer);
    return true;
}
inline bool read(Reader& reader, base::ByteView& value) { return reader.string(value); }
template <class T>
    requires requires(T& value, Reader& reader) { value.decode(reader); }
bool read(Reader& reader, T& value) {
    return value.decode(reader);
}
/// Elements of one size, in place.
template <class T>
bool read(Reader& reader, List<T>& value) {
    std::size_t count = 0;
    if (!reader.count(count, sizeof(T))) return false;
    auto const* const first = reader.take(count * sizeof(T));
    if (first == nullptr) return false;
    value = List<T>(reinterpret_cast<T const*>(first), count);
    return true;
}

template <class T>
class Sequence;
template <class T>
bool read(Reader& reader, Sequence<T>& value);

template <class T>
class Sequence {
public:
    Sequence() = default;
    /// `bytes`: the elements, which have been validated.
    Sequence(base::ByteView bytes, std::size_t size) : bytes_(bytes), size_(size) {}

    class Iterator {
    public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;

        Iterator() : reader_(base::ByteView{}) {}
        Iterator(base::ByteView bytes, std::size_t left) : reader_(bytes), left_(left) { load(); }
        T const& operator*() const { return value_; }
        T const* operator->() const { return &value_; }
        Iterator& operator++() {
            --left_;
            load();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return left_ == 0; }

    private:
        void load() {
            if (left_ != 0 && !read(reader_, value_)) left_ = 0;
        }
        Reader reader_;
        std::size_t left_ = 0;
        T value_{};
    };

    Iterator begin() const { return Iterator(bytes_, size_); }
    std::default_sentinel_t end() const { return {}; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// The elements as they stand on the wire.
    base::ByteView bytes() const { return bytes_; }

private:
    base::ByteView bytes_;
    std::size_t size_ = 0;
};

// Elements that are sequences themselves: their end is found by going through them.
template <class T>
bool read(Reader& reader, Sequence<T>& value) {
    std::size_t count = 0;
    if (!reader.count(count, 1)) return false;
    auto const* const first = reader.position();
    for (std::size_t i = 0; i < count; ++i) {
        T element{};
        if (!read(reader, element)) return false;
    }
    value = Sequence<T>({first, static_cast<std::size_t>(reader.position() - first)}, count);
    return true;
}

}  // namespace mina::binprot
