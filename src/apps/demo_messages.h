// The messages that the demonstration publishes: valid gossip of every kind, of many sizes.
#pragma once

#include "base/bytes.h"

#include <string>
#include <vector>

namespace apps {

struct DemoMessage {
    std::string what;  // "devnet block", "block", "transactions", "SNARK work"
    base::ByteString bytes;
};

/// `count` messages, the same in every run, and different from each other. The first is a real block when the project's
/// shared data is at hand; the others are made here: valid encodings whose signatures and proofs are not.
std::vector<DemoMessage> demo_messages(std::size_t count);

}  // namespace apps
