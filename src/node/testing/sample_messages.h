// For tests: valid gossip values of Berkeley's format, the same in every run. Signatures and proofs in them are not.
#pragma once

#include "base/rng.h"
#include "mina/hashes/state_hash.h"
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/messages.h"
#include "mina/schema/random.h"

#include <minap2p/messages.h>

namespace mina::p2p::testing {

class SampleMessages {
public:
    Bytes block(std::uint32_t height = 1'000) { return made_block(height, std::nullopt); }
    /// Its successor.
    Bytes block_after(Bytes const& parent) {
        return made_block(summarize_block(Format::berkeley, parent)->height + 1, hash_of(parent));
    }
    Bytes snark_work() { return random("snark-pool-diff", 4'096, 64 * 1024); }
    /// Of at least so many bytes.
    Bytes transactions(std::size_t bytes_min) {
        base::ByteString commands;
        std::size_t count = 0;
        for (; commands.size() < bytes_min; ++count) base::append(commands, random("user-command", 1, 4'096).view());
        base::ByteString list(commands.size() + 9);
        binprot::Writer writer(list);
        writer.put_count(count);
        writer.put(commands);
        list.resize(writer.size());
        return list;
    }

private:
    Bytes random(std::string_view type, std::size_t bytes_min, std::size_t bytes_max) {
        auto const* const root = schema::find_root(messages::schema_of(messages::Format::berkeley), type);
        for (;;) {
            auto bytes = schema::random_value(*root->type, {.bytes_max = bytes_max, .depth_max = 50},
                                              [this] { return rng_.next(); });
            if (bytes.size() >= bytes_min) return bytes;
        }
    }
    // A block at random, but one whose state has a hash.
    Bytes made_block(std::uint32_t height, std::optional<berkeley::Field> previous) {
        constexpr base::ByteArray<32> digest = {7};
        for (;;) {
            auto const drawn = random("block", 4'096, 64 * 1024);
            binprot::Arena arena(messages::arena_bytes_max(drawn.size()));
            auto block = **messages::decode<berkeley::Block>(drawn.view(), arena);
            auto& state = block.header.protocol_state;
            state.body.blockchain_state.body_reference = digest;
            auto& consensus = state.body.consensus_state;
            consensus.last_vrf_output = digest;
            consensus.sub_window_densities = {};
            consensus.blockchain_length = height;
            if (previous) state.previous_state_hash = &*previous;
            if (hashes::state_hash(state)) return messages::encode(block);
        }
    }
    static berkeley::Field hash_of(Bytes const& block) {
        binprot::Arena arena(messages::arena_bytes_max(block.size()));
        auto const decoded = messages::decode<berkeley::Block>(block.view(), arena);
        return {hashes::state_hash((*decoded)->header.protocol_state)->bytes};
    }

    static constexpr base::Rng::Seed seed = {'n', 'o', 'd', 'e'};
    base::Rng rng_{seed};
};

}  // namespace mina::p2p::testing
