#include "runtime/recent_store/recent_store.h"

#include "mina/hashes/body_reference.h"
#include "mina/hashes/snark_work_key.h"
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/gossip.h"
#include "mina/messages/mesa/roots.h"
#include "mina/messages/mesa_array_inputs/roots.h"
#include "runtime/recent_store/answers.h"
#include "runtime/recent_store/held_blocks.h"
#include "runtime/recent_store/pool.h"

#include <algorithm>

namespace runtime {

namespace {

namespace m = mina::messages;
namespace tree = mina::block_tree;
using base::SharedBytes;
using mina::hashes::SnarkWorkKey;
using mina::hashes::StateHash;
using mina::hashes::TransactionHash;
using mina::rpc::FailedAnswer;
using mina::rpc::Method;
using mina::rpc::NoAnswer;

// mina: Get_completed_snarks "let limit = 32"
constexpr std::size_t completed_snarks_max = 32;

struct Bytes {
    SharedBytes bytes;
    m::Format format{};
    // Of SNARK work.
    std::uint64_t fee = 0;
    Verified verified = Verified::no;
};

std::string text_of(mina::binprot::Error const& error) {
    return "offset " + std::to_string(error.offset) + ": " + std::string(to_string(error.reason));
}

template <class T>
SharedBytes encoded(T const& value) {
    return SharedBytes::take(m::encode(value));
}

// What the generated types of a format are called here.
struct Berkeley {
    using Block = mina::berkeley::Block;
    using BlockHeader = mina::berkeley::BlockHeader;
    using Diff = mina::berkeley::TransactionPoolDiff;
    using WorkDiff = mina::berkeley::SnarkPoolDiff;
    using Work = mina::berkeley::SnarkWork;
};
struct Mesa {
    using Block = mina::mesa::Block;
    using BlockHeader = mina::mesa::BlockHeader;
    using Diff = mina::mesa::TransactionPoolDiff;
    using WorkDiff = mina::mesa::SnarkPoolDiff;
    using Work = mina::mesa::SnarkWork;
};
struct MesaArrayInputs {
    using Block = mina::mesa_array_inputs::Block;
    using BlockHeader = mina::mesa_array_inputs::BlockHeader;
    using Diff = mina::mesa_array_inputs::TransactionPoolDiff;
    using WorkDiff = mina::mesa_array_inputs::SnarkPoolDiff;
    using Work = mina::mesa_array_inputs::SnarkWork;
};

template <class Call>
auto with_types(m::Format format, Call call) {
    switch (format) {
        case m::Format::berkeley: return call(Berkeley{});
        case m::Format::mesa: return call(Mesa{});
        case m::Format::mesa_array_inputs: break;
    }
    return call(MesaArrayInputs{});
}

m::RootCodec const& codec(m::Format format, std::string_view root) {
    return *m::codec_of(format, *mina::schema::find_root(m::schema_of(format), root));
}

base::Result<void, std::string> check_value(m::Format format, std::string_view root, base::ByteView value) {
    if (auto const valid = m::validate(codec(format, root), value); !valid) return base::fail(text_of(valid.error()));
    return {};
}

/// The bytes in front of a nonce: all of `value` that is of this root.
std::size_t size_without_nonce(m::Format format, std::string_view root, base::ByteView value) {
    mina::binprot::Reader reader(value);
    return codec(format, root).validate(reader) ? reader.offset() : value.size();
}

/// Of a valid block.
template <class Types>
bool names_its_body(base::ByteView block) {
    mina::binprot::Reader reader(block);
    mina::binprot::Reader of_header(block);
    mina::berkeley::ProtocolState state;
    if (!state.decode(reader) || !Types::BlockHeader::validate(of_header)) return false;
    auto const reference = mina::hashes::body_reference(block.subspan(of_header.offset()));
    return base::equal(reference, state.body.blockchain_state.body_reference);
}

}  // namespace

class RecentStore::Impl {
public:
    Impl(std::string path, RecentStoreConfig config, std::uint64_t now_ms)
        : config_(std::move(config)), blocks_(std::move(path), config_, now_ms), transactions_(config_.transactions),
          works_(config_.works) {}

    base::Result<tree::Added, BlockRefused> on_block(m::Format format, SharedBytes block, std::uint64_t now_ms,
                                                     Verified verified) {
        expire(now_ms);
        if (auto const fits = check_format(format); !fits) return base::fail(BlockRefused{fits.error()});
        auto const header = tree::header_of(format, block.view());
        if (!header) return base::fail(BlockRefused{header.error()});
        auto const names_body = [&](auto types) { return names_its_body<decltype(types)>(block.view()); };
        if (config_.checks_bodies && !with_types(format, names_body)) {
            return base::fail(BlockRefused{"its body is not the one that its state names"});
        }
        TRY(auto const added, blocks_.add(*header, block, now_ms, verified));
        if (added.is_best) with_types(format, [&](auto types) { drop_used<decltype(types)>(block.view()); });
        return added;
    }

    base::Result<std::size_t, std::string> on_transactions(m::Format format, base::ByteView diff,
                                                           std::uint64_t now_ms) {
        expire(now_ms);
        TRY_VOID(check_format(format));
        TRY_VOID(check_value(format, "transaction-pool-diff", diff));
        return with_types(format, [&](auto types) { return add_transactions<decltype(types)>(format, diff, now_ms); });
    }

    base::Result<bool, std::string> on_snark_work(m::Format format, base::ByteView diff, std::uint64_t now_ms,
                                                  Verified verified) {
        expire(now_ms);
        TRY_VOID(check_format(format));
        TRY_VOID(check_value(format, "snark-pool-diff", diff));
        return with_types(format, [&](auto types) {
            return add_work<decltype(types)>(format, diff, now_ms, verified);
        });
    }

    RecentAnswer answer(Method method, std::int64_t version, m::Format format, base::ByteView query,
                        NodeStatusFacts const& facts);

    bool has_block(mina::hashes::StateHash const& state) const { return blocks_.tree().find(state) != nullptr; }

    RecentStoreStatus status() const {
        RecentStoreStatus status{.is_open = blocks_.is_open(),
                                 .blocks = blocks_.tree().size(),
                                 .block_bytes = blocks_.tree().bytes(),
                                 .held_blocks = blocks_.held_count(),
                                 .held_bytes = blocks_.held_bytes(),
                                 .transactions = transactions_.size(),
                                 .transaction_bytes = transactions_.bytes(),
                                 .works = works_.size(),
                                 .work_bytes = works_.bytes(),
                                 .best_tip = {}};
        if (auto const* const best = blocks_.tree().best_tip()) status.best_tip = *best;
        return status;
    }

    void expire(std::uint64_t now_ms) {
        transactions_.expire(now_ms);
        works_.expire(now_ms);
    }

    HeldBlocks& blocks() { return blocks_; }
    HeldBlocks const& blocks() const { return blocks_; }
    Pool<TransactionHash, Bytes> const& transactions() const { return transactions_; }

private:
    base::Result<void, std::string> check_format(m::Format format) const {
        if (std::ranges::find(config_.formats, format) != config_.formats.end()) return {};
        return base::fail("is of the format " + std::string(to_string(format)) + ", which the network does not have");
    }

    template <class Types>
    std::size_t add_transactions(m::Format format, base::ByteView diff, std::uint64_t now_ms) {
        mina::binprot::Arena arena(m::arena_bytes_max(diff.size()));
        auto const decoded = m::decode<typename Types::Diff>(diff, arena);
        if (!decoded) return 0;  // of more memory than any may take
        std::size_t added = 0;
        for (auto const& command : (*decoded)->value) {
            auto const hash = mina::hashes::transaction_hash(command);
            if (transactions_.find(hash) != nullptr) continue;
            transactions_.put(hash, {.bytes = encoded(command), .format = format}, now_ms);
            ++added;
        }
        return added;
    }

    template <class Types>
    bool add_work(m::Format format, base::ByteView diff, std::uint64_t now_ms, Verified verified) {
        mina::binprot::Arena arena(m::arena_bytes_max(diff.size()));
        auto const decoded = m::decode<typename Types::WorkDiff>(diff, arena);
        if (!decoded || (*decoded)->add_solved_work == nullptr) return false;
        auto const& priced = (*decoded)->add_solved_work->second;
        // By what its proofs prove, which is what it will be used for; gossip may say something else.
        auto const key = mina::hashes::snark_work_key(priced.proof);
        auto const* const known = works_.find(key);
        // A fee is a claim: only work that is verified takes the place of other.
        if (known != nullptr && verified == Verified::no) return false;
        if (known != nullptr && known->verified == Verified::yes && known->fee <= priced.fee.fee) return false;
        typename Types::Work const work{
            .fee = priced.fee.fee, .proofs = priced.proof, .prover = priced.fee.prover};
        works_.put(key, {encoded(work), format, priced.fee.fee, verified}, now_ms);
        return true;
    }

    /// What a block of the best chain holds, nobody needs any more.
    template <class Types>
    void drop_used(base::ByteView block) {
        if (transactions_.size() == 0 && works_.size() == 0) return;
        mina::binprot::Arena arena(m::arena_bytes_max(block.size()));
        auto const decoded = m::decode<typename Types::Block>(block, arena);
        if (!decoded) return;
        auto const drop = [this](auto const& part) {
            for (auto const& work : part.completed_works) works_.erase(mina::hashes::snark_work_key(work));
            for (auto const& command : part.commands) transactions_.erase(mina::hashes::transaction_hash(command.data));
        };
        auto const& diff = (*decoded)->body.staged_ledger_diff.diff;
        drop(diff.first);
        if (diff.second != nullptr) drop(*diff.second);
    }

    RecentAnswer best_tip(m::Format format, std::optional<tree::BestTipProof> proof);
    RecentAnswer chain(m::Format format, std::vector<StateHash> const& asked);
    RecentAnswer completed_snarks(m::Format format) const;
    RecentAnswer node_status(NodeStatusFacts const& facts) const;

    RecentStoreConfig config_;
    HeldBlocks blocks_;
    Pool<TransactionHash, Bytes> transactions_;
    Pool<SnarkWorkKey, Bytes> works_;
};

// ---- Answers ----

RecentAnswer RecentStore::Impl::best_tip(m::Format format, std::optional<tree::BestTipProof> proof) {
    if (!proof || !config_.answers_best_tip) return NoAnswer{};
    auto tip = blocks_.bytes_of(proof->tip, format);
    if (!tip) return NoAnswer{};
    auto root = blocks_.bytes_of(proof->root, format);
    if (!root) return NoAnswer{};
    return best_tip_answer(std::move(*tip), proof->bodies, std::move(*root));
}

RecentAnswer RecentStore::Impl::chain(m::Format format, std::vector<StateHash> const& asked) {
    auto const found = blocks_.tree().transition_chain(asked);
    if (!found) return NoAnswer{};
    std::vector<SharedBytes> blocks;
    // What is read from the file is a new copy: of no more than this at a time.
    std::uint64_t bytes_left = config_.answer_bytes_max;
    for (auto const& state : *found) {
        auto const size = blocks_.tree().find(state) == nullptr ? 0 : blocks_.tree().find(state)->header.bytes;
        if (size > bytes_left) {
            if (config_.blocks.gaps_allowed) break;
            return NoAnswer{};
        }
        bytes_left -= size;
        auto bytes = blocks_.bytes_of(state, format);
        if (bytes) blocks.push_back(std::move(*bytes));
        else if (!config_.blocks.gaps_allowed) return NoAnswer{};
    }
    if (blocks.empty()) return NoAnswer{};
    return list_answer(std::move(blocks));
}

RecentAnswer RecentStore::Impl::completed_snarks(m::Format format) const {
    std::vector<SharedBytes> works;
    works_.each([&](Bytes const& work) {
        if (work.format == format) works.push_back(work.bytes);
        return works.size() < completed_snarks_max;
    });
    if (works.empty()) return NoAnswer{};
    return list_answer(std::move(works));
}

RecentAnswer RecentStore::Impl::node_status(NodeStatusFacts const& facts) const {
    std::vector<tree::Entry const*> chain;
    for (auto const& state : blocks_.tree().transition_knowledge()) chain.push_back(blocks_.tree().find(state));
    if (chain.empty()) return NoAnswer{};
    return node_status_answer(facts, chain);
}

RecentAnswer RecentStore::Impl::answer(Method method, std::int64_t version, m::Format format, base::ByteView query,
                                       NodeStatusFacts const& facts) {
    FailedAnswer const no_query{"the query cannot be read"};
    auto const& versions = mina::rpc::versions_of(mina::rpc::info_of(method), format);
    if (!mina::rpc::has_version(versions, version)) return NoAnswer{};
    auto const& blocks = blocks_.tree();
    switch (method) {
        case Method::get_best_tip: return best_tip(format, blocks.best_tip_proof());
        case Method::get_ancestry: {
            auto const seen = rank_in(query);
            if (!seen) return no_query;
            return best_tip(format, blocks.ancestry(*seen));
        }
        case Method::get_transition_knowledge: {
            auto const states = blocks.transition_knowledge();
            if (states.empty()) return NoAnswer{};
            return knowledge_answer(states);
        }
        case Method::get_transition_chain: {
            auto const asked = hashes_in(query);
            if (!asked) return no_query;
            return chain(format, *asked);
        }
        case Method::get_transition_chain_proof: {
            auto const asked = hash_in(query);
            if (!asked) return no_query;
            auto const proof = blocks.transition_chain_proof(*asked);
            if (!proof) return NoAnswer{};
            return chain_proof_answer(*proof);
        }
        case Method::get_completed_snarks: return completed_snarks(format);
        case Method::get_node_status: return node_status(facts);
        case Method::menu:
        case Method::get_some_initial_peers:
        case Method::get_staged_ledger:
        case Method::answer_sync_ledger_query:
        case Method::ban_notify:
        case Method::get_epoch_ledger: break;
    }
    return NoAnswer{};
}

// ---- RecentStore ----

RecentStore::RecentStore(std::string path, RecentStoreConfig config, std::uint64_t now_ms)
    : impl_(std::make_unique<Impl>(std::move(path), std::move(config), now_ms)) {}

RecentStore::~RecentStore() = default;

base::Result<tree::Added, BlockRefused> RecentStore::on_block(m::Format format, SharedBytes block, std::uint64_t now_ms,
                                                              Verified verified) {
    return impl_->on_block(format, std::move(block), now_ms, verified);
}

base::Result<std::size_t, std::string> RecentStore::on_transactions(m::Format format, base::ByteView diff,
                                                                    std::uint64_t now_ms) {
    return impl_->on_transactions(format, diff, now_ms);
}

base::Result<bool, std::string> RecentStore::on_snark_work(m::Format format, base::ByteView diff,
                                                           std::uint64_t now_ms, Verified verified) {
    return impl_->on_snark_work(format, diff, now_ms, verified);
}

base::Result<void, std::string> RecentStore::on_gossip(m::Format format, SharedBytes const& payload,
                                                       std::uint64_t now_ms, Verified verified) {
    auto const kind = m::validate_gossip(format, payload.view());
    if (!kind) return base::fail(text_of(kind.error()));
    constexpr auto head = m::frame_header_bytes + 1;
    auto value = payload.slice(head, payload.size() - head);
    switch (*kind) {
        case m::GossipKind::block: {
            auto const added = impl_->on_block(format, std::move(value), now_ms, verified);
            if (!added) return base::fail(added.error().why);
            break;
        }
        case m::GossipKind::snark_work: {
            auto const size = size_without_nonce(format, "snark-pool-diff", value.view());
            TRY_VOID(impl_->on_snark_work(format, value.view().first(size), now_ms, verified));
            break;
        }
        case m::GossipKind::transactions: {
            auto const size = size_without_nonce(format, "transaction-pool-diff", value.view());
            TRY_VOID(impl_->on_transactions(format, value.view().first(size), now_ms));
            break;
        }
    }
    return {};
}

RecentAnswer RecentStore::answer(Method method, std::int64_t version, m::Format format, base::ByteView query,
                                 NodeStatusFacts const& facts) {
    return impl_->answer(method, version, format, query, facts);
}

RecentStoreStatus RecentStore::status() const { return impl_->status(); }
bool RecentStore::has_block(mina::hashes::StateHash const& state) const { return impl_->has_block(state); }

std::vector<tree::Entry> RecentStore::recent(std::size_t count) const { return impl_->blocks().tree().best(count); }

std::optional<SharedBytes> RecentStore::block(StateHash const& state) { return impl_->blocks().bytes_of(state); }

std::optional<SharedBytes> RecentStore::transaction(TransactionHash const& hash) const {
    auto const* const found = impl_->transactions().find(hash);
    return found == nullptr ? std::nullopt : std::optional(found->bytes);
}

void RecentStore::expire(std::uint64_t now_ms) { impl_->expire(now_ms); }

std::vector<std::string> RecentStore::take_warnings() { return impl_->blocks().take_warnings(); }

}  // namespace runtime
