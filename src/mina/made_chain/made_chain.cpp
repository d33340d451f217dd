#include "mina/made_chain/made_chain.h"

#include "base/check.h"
#include "base/rng.h"
#include "mina/hashes/body_reference.h"
#include "mina/hashes/state_hash.h"
#include "mina/messages/berkeley/block.h"
#include "mina/messages/mesa/block.h"
#include "mina/messages/mesa_array_inputs/block.h"
#include "mina/messages/messages.h"
#include "mina/schema/random.h"

#include <algorithm>

namespace mina::made_chain {

namespace {

using binprot::Field;

constexpr std::uint32_t k = 290;
constexpr std::uint32_t slots_per_epoch = 7140;
constexpr base::ByteArray<11> densities{7, 6, 5, 7, 7, 4, 3, 7, 6, 7, 5};

struct Place {
    hashes::StateHash previous;
    hashes::StateHash genesis;
    std::uint32_t height = 1;
    std::uint32_t slot = 0;
    std::uint64_t timestamp_ms = 0;
};

base::Rng::Seed seed_of(std::uint64_t number) {
    base::Rng::Seed seed{'m', 'a', 'd', 'e'};
    for (std::size_t i = 0; i < 8; ++i) seed[8 + i] = static_cast<std::uint8_t>(number >> (8 * i));
    return seed;
}

class Maker {
public:
    Maker(messages::Format format, std::uint64_t seed, std::size_t bytes_max, Place place)
        : format_(format), bytes_max_(bytes_max), rng_(seed_of(seed)), place_(place) {}

    std::vector<base::ByteString> blocks(std::size_t count) {
        std::vector<base::ByteString> all;
        while (all.size() < count) {
            all.push_back(next());
            ++place_.height;
            ++place_.slot;
            place_.timestamp_ms += slot_ms(format_);
        }
        return all;
    }

private:
    base::ByteString next() {
        switch (format_) {
            case messages::Format::berkeley: return next_of<berkeley::Block>();
            case messages::Format::mesa: return next_of<mesa::Block>();
            case messages::Format::mesa_array_inputs: break;
        }
        return next_of<mesa_array_inputs::Block>();
    }

    template <class Block>
    base::ByteString next_of() {
        auto const& type = *schema::find_root(messages::schema_of(format_), "block")->type;
        schema::RandomShape const shape{.bytes_max = bytes_max_, .depth_max = 50};
        auto const random = schema::random_value(type, shape, [this] { return rng_.next(); });
        binprot::Reader reader(random);
        binprot::Arena arena;
        Block block;
        base::check(block.decode(reader, arena) && reader.finish(), "made_chain: a random block decodes");
        Field const previous{place_.previous.bytes};
        Field const genesis{place_.genesis.bytes};
        base::ByteArray<32> vrf{};
        rng_.fill_public(vrf);
        auto const reference = hashes::body_reference(messages::encode(block.body));
        auto& header = block.header;
        auto& state = header.protocol_state;
        state.previous_state_hash = &previous;
        state.body.genesis_state_hash = &genesis;
        state.body.blockchain_state.body_reference = reference;
        state.body.consensus_state.last_vrf_output = vrf;
        set_place(state);
        header.delta_block_chain_proof = {.start = &previous, .bodies = {}};
        header.current_protocol_version = {format_ == messages::Format::berkeley ? 3 : 4, 0, 0};
        header.proposed_protocol_version_opt = nullptr;
        auto const hash = hashes::state_hash(state);
        base::check(hash.has_value(), "made_chain: a made block has a hash");
        place_.previous = *hash;
        if (place_.height == 1) place_.genesis = *hash;
        return messages::encode(block);
    }

    void set_place(berkeley::ProtocolState& state) const {
        auto& consensus = state.body.consensus_state;
        state.body.blockchain_state.timestamp = place_.timestamp_ms;
        consensus.blockchain_length = place_.height;
        consensus.epoch_count = place_.slot / slots_per_epoch;
        consensus.sub_window_densities = {densities, densities.size()};
        consensus.curr_global_slot_since_hard_fork = {{place_.slot}, slots_per_epoch};
        consensus.global_slot_since_genesis = {place_.slot};
        state.body.constants = {.k = k,
                                .slots_per_epoch = slots_per_epoch,
                                .slots_per_sub_window = 7,
                                .grace_period_slots = 2160,
                                .delta = 0,
                                .genesis_state_timestamp = place_.timestamp_ms - place_.slot * slot_ms(format_)};
    }

    messages::Format format_;
    std::size_t bytes_max_;
    base::Rng rng_;
    Place place_;
};

}  // namespace

std::uint64_t slot_ms(messages::Format format) { return format == messages::Format::berkeley ? 180'000 : 90'000; }

std::vector<base::ByteString> made_chain(messages::Format format, std::uint64_t seed, std::size_t count,
                                         std::uint64_t first_timestamp_ms, std::size_t bytes_max) {
    Place place;
    place.timestamp_ms = first_timestamp_ms;
    return Maker(format, seed, bytes_max, place).blocks(count);
}

std::vector<base::ByteString> made_branch(messages::Format format, std::uint64_t seed, base::ByteView parent,
                                          std::size_t count, std::uint32_t slots_skipped, std::size_t bytes_max) {
    binprot::Reader reader(parent);
    berkeley::ProtocolState state;
    base::check(state.decode(reader), "made_chain: the parent is a block");
    auto const hash = hashes::state_hash(state);
    base::check(hash.has_value(), "made_chain: the parent has a hash");
    auto const& consensus = state.body.consensus_state;
    auto const is_first = consensus.blockchain_length == 1;
    Place const place{
        .previous = *hash,
        .genesis = is_first ? *hash : hashes::StateHash{state.body.genesis_state_hash->bytes},
        .height = consensus.blockchain_length + 1,
        .slot = consensus.global_slot_since_genesis.since_genesis + 1 + slots_skipped,
        .timestamp_ms = state.body.blockchain_state.timestamp + (1 + slots_skipped) * slot_ms(format),
    };
    return Maker(format, seed, bytes_max, place).blocks(count);
}

}  // namespace mina::made_chain
