// Any content of a key file is a key or one line of error. Without a password, so that no time goes
// into argon2.
#include "runtime/key_file.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const key = runtime::parse_key({data, size}, std::nullopt);
    base::check(key || (!key.error().empty() && key.error().find('\n') == std::string::npos),
                "one line of error");
    return 0;
}
