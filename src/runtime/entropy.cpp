#include "runtime/entropy.h"

#include "base/check.h"

#include <sys/random.h>

#include <cerrno>

namespace runtime {

base::Rng::Seed random_seed() {
    base::Rng::Seed seed{};
    std::size_t filled = 0;
    while (filled < seed.size()) {
        auto const got = ::getrandom(seed.data() + filled, seed.size() - filled, 0);
        base::check(got > 0 || errno == EINTR, "getrandom: the system gives no entropy");
        if (got > 0) filled += static_cast<std::size_t>(got);
    }
    return seed;
}

}  // namespace runtime
