// What the core must never do, a line each: purity.py has to refuse every one of them.
#include <chrono>
#include <cstdio>
#include <ctime>

#include <sys/random.h>
#include <sys/socket.h>

namespace canary {

long long impure(char* bytes, std::size_t size);

long long impure(char* bytes, std::size_t size) {
    auto sum = static_cast<long long>(::time(nullptr));
    sum += ::socket(AF_INET, SOCK_STREAM, 0);
    sum += ::getrandom(bytes, size, 0);
    sum += std::fopen(bytes, "r") != nullptr;
    sum += std::chrono::system_clock::now().time_since_epoch().count();
    return sum;
}

}  // namespace canary
