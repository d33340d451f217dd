// Fd: owns one file descriptor.
#pragma once

#include <utility>

namespace runtime {

class Fd {
public:
    Fd() = default;
    explicit Fd(int number) : number_(number) {}
    Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Fd() { reset(); }

    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    /// Closes it now.
    void reset();

private:
    int number_ = -1;
};

}  // namespace runtime
