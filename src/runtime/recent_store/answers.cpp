#include "runtime/recent_store/answers.h"

#include "mina/messages/berkeley/rpc.h"
#include "mina/messages/messages.h"

#include <fmt/format.h>

#include <chrono>

namespace runtime {

namespace {

namespace berkeley = mina::berkeley;
using mina::binprot::Field;
using mina::binprot::Reader;
using mina::binprot::Writer;
using mina::rpc::Payload;

constexpr std::uint8_t some = 1;
constexpr std::size_t hash_bytes = 32;

/// What is written twice: to see how large it is, then into a buffer of that size.
template <class Write>
base::SharedBytes written(Write write) {
    Writer counter({});
    write(counter);
    base::ByteString bytes(counter.size());
    Writer writer(bytes);
    write(writer);
    return base::SharedBytes::take(std::move(bytes));
}

template <class Hashes>
void put_hashes(Writer& writer, Hashes const& hashes) {
    writer.put_count(hashes.size());
    for (auto const& hash : hashes) writer.put(hash.bytes);
}

std::optional<base::ByteArray<hash_bytes>> read_hash(Reader& reader) {
    auto const* const from = reader.take(hash_bytes);
    if (from == nullptr) return std::nullopt;
    base::ByteArray<hash_bytes> hash{};
    std::copy_n(from, hash_bytes, hash.begin());
    return hash;
}

}  // namespace

Payload best_tip_answer(base::SharedBytes tip, std::vector<mina::hashes::BodyHash> const& bodies,
                        base::SharedBytes root) {
    Payload payload;
    payload.pieces.push_back(written([](Writer& writer) { writer.put_byte(some); }));
    payload.pieces.push_back(std::move(tip));
    payload.pieces.push_back(written([&](Writer& writer) { put_hashes(writer, bodies); }));
    payload.pieces.push_back(std::move(root));
    return payload;
}

Payload list_answer(std::vector<base::SharedBytes> elements) {
    auto head = written([&](Writer& writer) {
        writer.put_byte(some);
        writer.put_count(elements.size());
    });
    Payload payload{.pieces = std::move(elements)};
    payload.pieces.insert(payload.pieces.begin(), std::move(head));
    return payload;
}

Payload knowledge_answer(std::vector<mina::hashes::StateHash> const& states) {
    return {.pieces = {written([&](Writer& writer) { put_hashes(writer, states); })}};
}

Payload chain_proof_answer(mina::block_tree::ChainProof const& proof) {
    return {.pieces = {written([&](Writer& writer) {
                writer.put_byte(some);
                writer.put(proof.start.bytes);
                put_hashes(writer, proof.bodies);
            })}};
}

Payload node_status_answer(NodeStatusFacts const& facts, std::vector<mina::block_tree::Entry const*> const& chain) {
    auto const peer_count = std::min(facts.peers.size(), node_status_peers_max);
    auto const peers = written([&](Writer& writer) {
        for (auto const& peer : std::span(facts.peers).first(peer_count)) {
            berkeley::Peer const on_wire{base::as_bytes(peer.host), peer.port, base::as_bytes(peer.peer_id)};
            on_wire.encode(writer);
        }
    });
    std::vector<std::string> times;
    std::vector<Field> hashes;
    for (auto const* const entry : chain) {
        times.push_back(iso_time(entry->received_ms));
        hashes.push_back({entry->header.state.bytes});
    }
    std::vector<berkeley::NodeStatusKBlockHashesAndTimestampsItem> blocks;
    for (std::size_t i = 0; i < chain.size(); ++i) blocks.push_back({&hashes[i], base::as_bytes(times[i])});
    berkeley::NodeStatus const status{
        .node_ip_addr = base::as_bytes(facts.ip_address),
        .node_peer_id = base::as_bytes(facts.peer_id),
        // It never syncs: there is no ledger.
        .sync_status = facts.peers.empty() ? berkeley::SyncStatus::offline : berkeley::SyncStatus::listening,
        .peers = {peers.view(), peer_count},
        .block_producers = {},
        .protocol_state_hash = &hashes.back(),
        .ban_statuses = {},
        .k_block_hashes_and_timestamps = {blocks.data(), blocks.size()},
        .git_commit = base::as_bytes(facts.git_commit),
        .uptime_minutes = static_cast<std::int64_t>(facts.uptime_minutes),
        .block_height_opt = std::int64_t{chain.back()->header.height},
    };
    berkeley::NodeStatusResult const result{.kind = berkeley::NodeStatusResult::Kind::ok, .ok = &status, .error = {}};
    return {.pieces = {base::SharedBytes::take(mina::messages::encode(result))}};
}

std::optional<std::vector<mina::hashes::StateHash>> hashes_in(base::ByteView query) {
    Reader reader(query);
    std::size_t count = 0;
    if (!reader.count(count, hash_bytes)) return std::nullopt;
    std::vector<mina::hashes::StateHash> hashes;
    for (std::size_t i = 0; i < count; ++i) {
        auto const hash = read_hash(reader);
        if (!hash) return std::nullopt;
        hashes.push_back({*hash});
    }
    if (!reader.finish()) return std::nullopt;
    return hashes;
}

std::optional<mina::hashes::StateHash> hash_in(base::ByteView query) {
    Reader reader(query);
    auto const hash = read_hash(reader);
    if (!hash || !reader.finish()) return std::nullopt;
    return mina::hashes::StateHash{*hash};
}

std::optional<mina::block_tree::Rank> rank_in(base::ByteView query) {
    Reader reader(query);
    berkeley::ConsensusStateWithHash seen;
    if (!seen.decode(reader) || !reader.finish()) return std::nullopt;
    return mina::block_tree::rank_of(seen.data.blockchain_length, seen.data.last_vrf_output, {seen.hash->bytes});
}

std::string iso_time(std::uint64_t unix_ms) {
    // Of a time that no calendar has, the last that one has.
    constexpr std::uint64_t latest = 253'402'300'799'999;  // the end of 9999
    auto const time = std::chrono::sys_time<std::chrono::milliseconds>(
        std::chrono::milliseconds(static_cast<std::int64_t>(std::min(unix_ms, latest))));
    auto const day = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count() * 1000);
}

}  // namespace runtime
