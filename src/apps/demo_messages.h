// The messages that the demonstration publishes: valid gossip of every kind, of many sizes.
#pragma once

#include "base/bytes.h"

#include <string>
#include <vector>

namespace apps {

struct DemoMessage {
    std::string what;  // "block", "transactions", "SNARK work"
    base::ByteString bytes;
};

/// `count` messages, different from each other; every third is a block, and these follow one another up to about
/// `now_ms` (Unix time). They are made here: valid encodings whose signatures and proofs are not.
std::vector<DemoMessage> demo_messages(std::size_t count, std::uint64_t now_ms);

}  // namespace apps
