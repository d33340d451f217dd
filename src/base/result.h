// Result<T, E>: a value, or why there is none. Peer faults and bad input travel this way; nothing in the core throws.
#pragma once

#include <expected>
#include <utility>

namespace base {

template <class T, class E>
using Result = std::expected<T, E>;

template <class E>
constexpr std::unexpected<std::decay_t<E>> fail(E&& error) {
    return std::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace base

#define BASE_JOIN_(a, b) a##b
#define BASE_JOIN(a, b) BASE_JOIN_(a, b)
#define BASE_TRY_(temporary, declaration, expression)                      \
    auto temporary = (expression);                                         \
    if (!temporary) return std::unexpected(std::move(temporary).error());  \
    declaration = std::move(*temporary)

/// TRY(auto x, f()): x becomes the value of f(), or the enclosing function returns f()'s error.
#define TRY(declaration, expression) BASE_TRY_(BASE_JOIN(try_result_, __LINE__), declaration, expression)

/// TRY_VOID(f()): returns f()'s error, if it has one.
#define TRY_VOID(expression)                                                                                   \
    if (auto BASE_JOIN(try_result_, __LINE__) = (expression); !BASE_JOIN(try_result_, __LINE__)) \
    return std::unexpected(std::move(BASE_JOIN(try_result_, __LINE__)).error())
