// For tests of RecentStore: made chains, answers put together, and what the codecs and the chain proofs say of them.
#pragma once

#include "mina/made_chain/made_chain.h"
#include "mina/messages/every_root.h"
#include "runtime/recent_store/recent_store.h"
#include "runtime/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runtime::testing {

namespace m = mina::messages;
using mina::block_tree::Header;
using mina::rpc::Method;

inline constexpr std::uint64_t start_ms = 1'800'000'000'000;
inline constexpr std::uint64_t now_ms = start_ms + 1'000'000'000;

inline RecentStoreConfig small_config(std::vector<m::Format> formats = {m::Format::berkeley}) {
    RecentStoreConfig config;
    config.formats = std::move(formats);
    config.network = "test";
    config.blocks.k = 5;
    return config;
}

inline Header header_of(base::ByteView block, m::Format format = m::Format::berkeley) {
    return mina::block_tree::header_of(format, block).value();
}

inline std::vector<base::ByteString> small_chain(std::size_t count, m::Format format = m::Format::berkeley) {
    return mina::made_chain::made_chain(format, 11, count, start_ms, 500);
}

inline void add_all(RecentStore& store, std::vector<base::ByteString> const& blocks,
                    m::Format format = m::Format::berkeley) {
    for (auto const& block : blocks) {
        auto const added = store.on_block(format, base::SharedBytes::copy_of(block), now_ms);
        EXPECT_TRUE(added) << added.error().why;
    }
}

inline std::string_view response_root(Method method) {
    switch (method) {
        case Method::get_best_tip: return "get_best_tip.response";
        case Method::get_ancestry: return "get_ancestry.response";
        case Method::get_transition_knowledge: return "Get_transition_knowledge.response";
        case Method::get_transition_chain: return "get_transition_chain.response";
        case Method::get_transition_chain_proof: return "get_transition_chain_proof.response";
        case Method::get_completed_snarks: return "get_completed_snarks.response";
        case Method::get_node_status: return "get_node_status.response";
        default: return "";
    }
}

/// The newest version of the format's.
inline std::int64_t version_of(Method method, m::Format format) {
    std::int64_t newest = 0;
    for (auto const version : mina::rpc::versions_of(mina::rpc::info_of(method), format)) {
        newest = std::max(newest, version);
    }
    return newest;
}

/// The bytes of the answer, which are valid; nullopt when there is none.
inline std::optional<base::ByteString> ask(RecentStore& store, Method method, base::ByteView query,
                                           m::Format format = m::Format::berkeley,
                                           NodeStatusFacts const& facts = {}) {
    auto const answer = store.answer(method, version_of(method, format), format, query, facts);
    EXPECT_FALSE(std::holds_alternative<mina::rpc::FailedAnswer>(answer));
    auto const* const payload = std::get_if<mina::rpc::Payload>(&answer);
    if (payload == nullptr) return std::nullopt;
    base::ByteString bytes;
    for (auto const& piece : payload->pieces) base::append(bytes, piece.view());
    // Berkeley's schema does not have this one, and its SNARK work is that of Mesa.
    auto const has_root = method != Method::get_completed_snarks || format != m::Format::berkeley;
    auto const root = m::root_named(response_root(method), has_root ? format : m::Format::mesa);
    auto const valid = m::validate(*root.codec, bytes);
    EXPECT_TRUE(valid) << root.name() << " at " << valid.error().offset << ": " << to_string(valid.error().reason);
    return bytes;
}

inline base::ByteString hashes_query(std::vector<mina::hashes::StateHash> const& hashes) {
    base::ByteString query(hashes.size() * 32 + 9);
    mina::binprot::Writer writer(query);
    writer.put_count(hashes.size());
    for (auto const& hash : hashes) writer.put(hash.bytes);
    query.resize(writer.size());
    return query;
}

inline base::ByteString unit_query() { return {0}; }

}  // namespace runtime::testing
