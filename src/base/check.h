// check(): an invariant of our own code. It stays on in every build; a recording makes the failure reproducible.
// Nothing that arrives from the network may reach a failing check.
#pragma once

#include <source_location>

namespace base {

/// Prints the place and ends the process.
[[noreturn]] void check_failed(char const* what, std::source_location where);

constexpr void check(bool condition, char const* what = "invariant",
                     std::source_location where = std::source_location::current()) {
    if (!condition) [[unlikely]] check_failed(what, where);
}

/// Like check(), but only in debug builds: for paths that run per frame.
constexpr void assume([[maybe_unused]] bool condition, [[maybe_unused]] char const* what = "assumption",
                      [[maybe_unused]] std::source_location where = std::source_location::current()) {
#ifndef NDEBUG
    check(condition, what, where);
#endif
}

}  // namespace base
