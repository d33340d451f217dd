// What is kept of a block, and which of two is the better.
#pragma once

#include "base/result.h"
#include "crypto/hash.h"
#include "mina/hashes/state_hash.h"
#include "mina/messages/format.h"

#include <string>

namespace mina::block_tree {

using hashes::BodyHash;
using hashes::StateHash;

struct Header {
    StateHash state;
    StateHash previous;
    StateHash genesis;               // of the first block of its chain, as it says
    BodyHash body;
    std::uint32_t height = 0;        // blockchain length: 1 is a genesis block
    std::uint32_t global_slot = 0;   // since genesis
    std::uint64_t timestamp_ms = 0;  // Unix time
    base::ByteArray<32> vrf_output{};  // as received; not verified
    std::uint64_t bytes = 0;         // of the whole block
    messages::Format format = messages::Format::berkeley;

    bool operator==(Header const&) const = default;
};

/// Of a block that is a message of the format, with reduced field elements and all that its state hash takes. Half a
/// millisecond, and what it takes to validate so many bytes. The error is for people.
base::Result<Header, std::string> header_of(messages::Format format, base::ByteView block);

/// A block's place in Mina's order of blocks: the greatest is the best.
struct Rank {
    std::uint32_t height = 0;
    crypto::Hash256 vrf{};  // BLAKE2b-256 of the VRF output
    StateHash state;

    /// The first of the differences that counts.
    std::strong_ordering operator<=>(Rank const& other) const;
    bool operator==(Rank const&) const = default;
};

Rank rank_of(Header const& header);
/// `vrf_output`: as it stands in a consensus state.
Rank rank_of(std::uint32_t height, base::ByteView vrf_output, StateHash const& state);

}  // namespace mina::block_tree
