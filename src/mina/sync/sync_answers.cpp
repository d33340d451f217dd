#include "mina/sync/sync_answers.h"

#include "mina/binprot/writer.h"
#include "mina/hashes/state_hash.h"
#include "mina/messages/berkeley/block.h"
#include "mina/messages/mesa/block.h"
#include "mina/messages/mesa_array_inputs/block.h"

#include <algorithm>

namespace mina::sync {

namespace {

using binprot::Reader;
using hashes::StateHash;

constexpr std::size_t hash_bytes = 32;
constexpr std::size_t block_bytes_min = 512;  // far less than any block

std::string text_of(Reader const& reader) {
    return "offset " + std::to_string(reader.error().offset) + ": " + std::string(to_string(reader.error().reason));
}

bool skip_block(messages::Format format, Reader& reader) {
    switch (format) {
        case messages::Format::berkeley: return berkeley::Block::validate(reader);
        case messages::Format::mesa: return mesa::Block::validate(reader);
        case messages::Format::mesa_array_inputs: return mesa_array_inputs::Block::validate(reader);
    }
    return false;
}

/// The next block, as a view of `bytes`, which the reader reads.
bool take_block(messages::Format format, Reader& reader, base::ByteView bytes, base::ByteView& block) {
    auto const begin = bytes.size() - reader.remaining();
    if (!skip_block(format, reader)) return false;
    block = bytes.subspan(begin, bytes.size() - reader.remaining() - begin);
    return true;
}

base::Result<FetchedBlock, std::string> hashed(base::ByteView block) {
    // A block begins with its protocol state, which is the same in all formats.
    Reader reader(block);
    berkeley::ProtocolState state;
    if (!state.decode(reader)) return base::fail(text_of(reader));
    auto const hashes = hashes::state_hashes(state);
    if (!hashes) return base::fail(to_string(hashes.error()));
    return FetchedBlock{hashes->state, {state.previous_state_hash->bytes}, block};
}

}  // namespace

base::Result<std::optional<BestTip>, std::string> read_best_tip(messages::Format format, base::ByteView answer,
                                                                ChainRule const& rule) {
    Reader reader(answer);
    std::uint8_t is_some = 0;
    if (!reader.tag(is_some, 2)) return base::fail(text_of(reader));
    if (is_some == 0) return reader.finish() ? base::Result<std::optional<BestTip>, std::string>(std::nullopt)
                                             : base::fail(text_of(reader));
    BestTip best;
    std::size_t count = 0;
    if (!take_block(format, reader, answer, best.tip) || !reader.count(count, hash_bytes)) {
        return base::fail(text_of(reader));
    }
    if (count > rule.length) return base::fail(std::string("a chain of too many blocks"));
    auto const* const first_body = reader.take(count * hash_bytes);
    if (first_body == nullptr || !take_block(format, reader, answer, best.root) || !reader.check_fields() ||
        !reader.finish()) {
        return base::fail(text_of(reader));
    }
    base::ByteView const bodies(first_body, count * hash_bytes);
    TRY(auto const root, hashed(best.root));
    // mina: so says OCaml's node (Best_tip_prover.verify). A short chain would be made up, or found old, for nothing.
    auto const may_be_short = rule.is_any_length || rule.genesis == root.state;
    if (count < rule.length && !may_be_short) return base::fail(std::string("a chain of too few blocks"));
    TRY(auto const tip, hashed(best.tip));
    best.chain.push_back(root.state);
    for (std::size_t i = 0; i < count; ++i) {
        hashes::BodyHash body;
        std::ranges::copy(bodies.subspan(i * hash_bytes, hash_bytes), body.bytes.begin());
        auto const next = hashes::state_hash_after(best.chain.back(), body);
        if (!next) return base::fail(to_string(next.error()));
        best.chain.push_back(*next);
    }
    if (best.chain.back() != tip.state) {
        return base::fail(std::string("the chain does not lead from its root to its tip"));
    }
    return best;
}

base::Result<std::vector<FetchedBlock>, std::string> read_blocks(messages::Format format, base::ByteView answer,
                                                                 std::size_t blocks_max) {
    Reader reader(answer);
    std::uint8_t is_some = 0;
    std::vector<FetchedBlock> blocks;
    if (!reader.tag(is_some, 2)) return base::fail(text_of(reader));
    std::size_t count = 0;
    if (is_some != 0 && !reader.count(count, block_bytes_min)) return base::fail(text_of(reader));
    if (count > blocks_max) return base::fail(std::string("more blocks than were asked for"));
    for (std::size_t i = 0; i < count; ++i) {
        base::ByteView bytes;
        if (!take_block(format, reader, answer, bytes)) return base::fail(text_of(reader));
        TRY(auto const block, hashed(bytes));
        blocks.push_back(block);
    }
    if (!reader.check_fields() || !reader.finish()) return base::fail(text_of(reader));
    return blocks;
}

bool is_nothing(StateHash const& hash) { return hash == StateHash{}; }

base::ByteString transition_chain_query(std::vector<StateHash> const& blocks) {
    auto const write = [&](binprot::Writer& writer) {
        writer.put_count(blocks.size());
        for (auto const& block : blocks) writer.put(block.bytes);
    };
    binprot::Writer counting({});
    write(counting);
    base::ByteString bytes(counting.size());
    binprot::Writer writer(bytes);
    write(writer);
    return bytes;
}

}  // namespace mina::sync
