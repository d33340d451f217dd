// Result<T, E>: a value, or why there is none. Nothing in this library throws on purpose, and nothing that a peer or a
// file says ends in an exception: std::bad_alloc is the only one that may come out.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace mina::p2p {

/// What went wrong, where, and what to do about it. All three are texts for people, without a line's end.
struct Error {
    std::string where;   // "Config::listen"; empty when there is nothing to point at
    std::string what;    // "'/ip4/x' is not a multiaddr: malformed"
    std::string advice;  // "one looks like /ip4/127.0.0.1/tcp/8302"; may be empty

    /// In one line: "where: what; advice".
    std::string text() const {
        return (where.empty() ? "" : where + ": ") + what + (advice.empty() ? "" : "; " + advice);
    }
    bool operator==(Error const&) const = default;
};

/// Asked first (`if (result)`), then taken (`*result`, `result->…`) or read (`result.error()`). To take what is not
/// there is undefined.
template <class T, class E = Error>
class [[nodiscard]] Result {
public:
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    Result(E error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return content_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    T& operator*() & { return *std::get_if<0>(&content_); }
    T const& operator*() const& { return *std::get_if<0>(&content_); }
    T&& operator*() && { return std::move(*std::get_if<0>(&content_)); }
    T* operator->() { return std::get_if<0>(&content_); }
    T const* operator->() const { return std::get_if<0>(&content_); }
    E const& error() const { return *std::get_if<1>(&content_); }

private:
    std::variant<T, E> content_;
};

/// Done, or why not.
template <class E>
class [[nodiscard]] Result<void, E> {
public:
    Result() = default;
    Result(E error) : error_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return error_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    E const& error() const { return *std::get_if<1>(&error_); }

private:
    std::variant<std::monostate, E> error_;
};

}  // namespace mina::p2p
