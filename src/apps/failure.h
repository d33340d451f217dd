// How a command ends when it does not do what was asked. Thrown by commands, caught by main() alone.
#pragma once

#include <stdexcept>
#include <string>

namespace apps {

/// Could not: exit status 1. "what, where, what to do".
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Wrong usage: exit status 2.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace apps
