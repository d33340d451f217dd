#include "mina/block_tree/header.h"

#include "base/check.h"
#include "mina/messages/messages.h"
#include "mina/schema/schema.h"

#include <algorithm>
#include <compare>

namespace mina::block_tree {

namespace {

std::string text_of(binprot::Error const& error) {
    return "offset " + std::to_string(error.offset) + ": " + std::string(to_string(error.reason));
}

messages::RootCodec const& block_codec(messages::Format format) {
    return *messages::codec_of(format, *schema::find_root(messages::schema_of(format), "block"));
}

}  // namespace

base::Result<Header, std::string> header_of(messages::Format format, base::ByteView block) {
    if (auto const valid = messages::validate(block_codec(format), block); !valid) {
        return base::fail(text_of(valid.error()));
    }
    // A block begins with its protocol state, which is the same in all formats.
    binprot::Reader reader(block);
    berkeley::ProtocolState state;
    if (!state.decode(reader)) return base::fail(text_of(reader.error()));
    auto const hashes = hashes::state_hashes(state);
    if (!hashes) return base::fail(to_string(hashes.error()));
    auto const& consensus = state.body.consensus_state;
    Header header{
        .state = hashes->state,
        .previous = {state.previous_state_hash->bytes},
        .genesis = {state.body.genesis_state_hash->bytes},
        .body = hashes->body,
        .height = consensus.blockchain_length,
        .global_slot = consensus.global_slot_since_genesis.since_genesis,
        .timestamp_ms = state.body.blockchain_state.timestamp,
        .bytes = block.size(),
        .format = format,
    };
    // There is no state hash of a VRF output of another size.
    base::check(consensus.last_vrf_output.size() == header.vrf_output.size(), "block_tree: a VRF output of 32 bytes");
    std::ranges::copy(consensus.last_vrf_output, header.vrf_output.begin());
    return header;
}

std::strong_ordering Rank::operator<=>(Rank const& other) const {
    if (auto const order = height <=> other.height; order != 0) return order;
    // mina: String.compare of the raw digests.
    if (auto const order = vrf <=> other.vrf; order != 0) return order;
    // mina: as numbers, which are little-endian.
    return std::lexicographical_compare_three_way(state.bytes.rbegin(), state.bytes.rend(), other.state.bytes.rbegin(),
                                                  other.state.bytes.rend());
}

Rank rank_of(Header const& header) { return rank_of(header.height, header.vrf_output, header.state); }

Rank rank_of(std::uint32_t height, base::ByteView vrf_output, StateHash const& state) {
    return {height, crypto::blake2b_256(vrf_output), state};
}

}  // namespace mina::block_tree
