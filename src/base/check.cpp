#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace base {

void check_failed(char const* what, std::source_location where) {
    std::fprintf(stderr, "minap2p: bug: %s at %s:%u in %s\n", what, where.file_name(), where.line(),
                 where.function_name());
    std::abort();
}

}  // namespace base
