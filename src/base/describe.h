// Describer: a walk over a state tree. Each state names its fields once; the digest of a recording, the printed tree and
// the tests all come from that one description. Order matters and is fixed: describe ordered containers only.
#pragma once

#include "base/bytes.h"
#include "base/id.h"
#include "base/time.h"

#include <concepts>
#include <string>
#include <string_view>

namespace base {

class Describer {
public:
    virtual ~Describer() = default;
    /// Opens a node; `key` tells apart several nodes of one name (a peer id, a number), or is empty.
    virtual void enter(std::string_view name, std::string_view key = {}) = 0;
    virtual void leave() = 0;
    virtual void field(std::string_view name, std::string_view value) = 0;
    virtual void field(std::string_view name, std::uint64_t value) = 0;
    virtual void bytes(std::string_view name, ByteView value) = 0;

    template <std::integral T>
        requires(!std::same_as<T, std::uint64_t>)
    void field(std::string_view name, T value) {
        field(name, static_cast<std::uint64_t>(value));
    }
    template <class Tag>
    void field(std::string_view name, Id<Tag> id) {
        field(name, id.value);
    }
    void field(std::string_view name, char const* value) { field(name, std::string_view(value)); }
    void field(std::string_view name, Instant at) { field(name, static_cast<std::uint64_t>(at.nanoseconds)); }
    void field(std::string_view name, Duration span) { field(name, static_cast<std::uint64_t>(span.count())); }
};

/// Enters a node for the life of a scope.
class DescribeScope {
public:
    DescribeScope(Describer& to, std::string_view name, std::string_view key = {}) : to_(to) { to_.enter(name, key); }
    ~DescribeScope() { to_.leave(); }
    DescribeScope(DescribeScope const&) = delete;
    DescribeScope& operator=(DescribeScope const&) = delete;

private:
    Describer& to_;
};

using Digest = ByteArray<32>;

/// Folds a state tree into 32 bytes (BLAKE2b-256 of an unambiguous encoding of the walk).
class DigestDescriber final : public Describer {
public:
    DigestDescriber();
    using Describer::field;
    void enter(std::string_view name, std::string_view key) override;
    void leave() override;
    void field(std::string_view name, std::string_view value) override;
    void field(std::string_view name, std::uint64_t value) override;
    void bytes(std::string_view name, ByteView value) override;
    Digest finish();

private:
    void put(std::uint8_t tag, std::string_view name, ByteView value);
    void put_number(std::uint64_t value);
    void flush();
    alignas(64) ByteArray<384> state_{};  // crypto_generichash_state
    ByteString pending_;
};

/// Prints a state tree as indented text.
class TextDescriber final : public Describer {
public:
    using Describer::field;
    void enter(std::string_view name, std::string_view key) override;
    void leave() override;
    void field(std::string_view name, std::string_view value) override;
    void field(std::string_view name, std::uint64_t value) override;
    void bytes(std::string_view name, ByteView value) override;
    std::string const& text() const { return text_; }

private:
    void line(std::string_view name, std::string_view value);
    std::string text_;
    int depth_ = 0;
};

}  // namespace base
