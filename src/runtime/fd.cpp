#include "runtime/fd.h"

#include <unistd.h>

namespace runtime {

void Fd::reset() {
    // Not repeated after EINTR: Linux has released the number by then.
    if (number_ >= 0) ::close(std::exchange(number_, -1));
}

}  // namespace runtime
