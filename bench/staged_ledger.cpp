#include "staged_ledger.h"

#include "mina/messages/berkeley/roots.h"
#include "mina/messages/messages.h"

#include <algorithm>
#include <vector>

namespace mina::bench {

namespace {

using binprot::Arena;
using binprot::List;
using Answer = berkeley::GetStagedLedgerAuxAndPendingCoinbasesAtHashResponse;

constexpr std::size_t levels = 7;          // of a scan tree, above its leaves
constexpr std::size_t ledger_depth = 35;
constexpr std::size_t levels_apart = 20;   // of the two accounts of a transaction, above the leaves
constexpr std::size_t pool_size = 512;     // of hashes
constexpr std::size_t protocol_states = 10;

class Composer {
public:
    explicit Composer(Answer const& golden) : golden_(*golden.value) {
        take_parts(golden_.scan_state.scan_state.trees.first);
        for (auto const& tree : golden_.scan_state.scan_state.trees.rest) take_parts(tree);
        hashes_ = arena_.make<berkeley::Field>(pool_size);
        for (std::size_t i = 0; i < pool_size; ++i) {
            for (auto& byte : hashes_[i].bytes) byte = static_cast<std::uint8_t>(next());
            hashes_[i].bytes[31] &= 0x3f;
        }
    }

    base::ByteString compose(std::size_t bytes) {
        auto const first = tree();
        auto const count = std::max<std::size_t>(bytes / messages::encoded_size(first), 1);
        auto* const rest = arena_.make<berkeley::ScanTree>(count - 1);
        for (std::size_t i = 0; i + 1 < count; ++i) rest[i] = tree();
        auto value = golden_;
        value.scan_state.scan_state.trees = {.first = first, .rest = {rest, count - 1}};
        value.scan_state.scan_state.max_base_jobs = std::int64_t{1} << levels;
        auto* const states = arena_.make<berkeley::ProtocolState>(protocol_states);
        auto const& states_there = golden_.protocol_states;
        for (std::size_t i = 0; i < protocol_states; ++i) states[i] = states_there[i % states_there.size()];
        value.protocol_states = {states, protocol_states};
        return messages::encode(Answer{.value = &value});
    }

private:
    // A small generator: the same numbers each time.
    std::uint64_t next() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return state_ >> 33;
    }
    template <class T>
    T const& any(std::vector<T const*> const& from) {
        return *from[next() % from.size()];
    }

    void take_parts(berkeley::ScanTree const& tree) {
        for (auto const& level : tree.levels) {
            for (auto const& node : level.nodes) {
                if (node.job.full != nullptr) merges_.push_back(node.job.full);
            }
        }
        for (auto const& leaf : tree.leaves) {
            if (leaf.job.full == nullptr) continue;
            jobs_.push_back(leaf.job.full);
            take_accounts(leaf.job.full->job.first_pass_ledger_witness.tree);
        }
    }

    void take_accounts(berkeley::AccountTree const& tree) {
        std::vector waiting{&tree};
        while (!waiting.empty()) {
            auto const* const node = waiting.back();
            waiting.pop_back();
            if (node->account != nullptr) accounts_.push_back(node->account);
            if (node->left == nullptr) continue;
            waiting.push_back(node->left);
            waiting.push_back(node->right);
        }
    }

    berkeley::AccountTree* node(berkeley::AccountTree const& node) {
        auto* const made = arena_.make<berkeley::AccountTree>();
        *made = node;
        return made;
    }
    berkeley::Field const* hash() { return &hashes_[next() % pool_size]; }

    // So many levels above `below`, of which all that is not on the way is a hash.
    berkeley::AccountTree* way(berkeley::AccountTree* below, std::size_t count) {
        using Kind = berkeley::AccountTree::Kind;
        for (std::size_t i = 0; i < count; ++i) {
            auto* const other = node({.kind = Kind::hash, .hash = hash()});
            auto const is_left = next() % 2 == 0;
            below = node({.kind = Kind::node, .hash = hash(), .left = is_left ? below : other,
                          .right = is_left ? other : below});
        }
        return below;
    }

    berkeley::SparseLedger witness(berkeley::SparseLedger const& golden) {
        using Kind = berkeley::AccountTree::Kind;
        berkeley::AccountTree* ways[2];
        for (auto& one : ways) one = way(node({.kind = Kind::account, .account = &any(accounts_)}), levels_apart);
        auto* const both = node({.kind = Kind::node, .hash = hash(), .left = ways[0], .right = ways[1]});
        return {.indexes = golden.indexes, .depth = ledger_depth, .tree = *way(both, ledger_depth - levels_apart - 1)};
    }

    berkeley::MergeJob merge_job() {
        using Kind = berkeley::MergeJob::Kind;
        auto const kind = next() % 8;
        if (kind == 0) return {};
        auto const& full = any(merges_);
        if (kind <= 2) return {.kind = Kind::part, .part = &full.left};
        return {.kind = Kind::full, .full = &full};
    }

    berkeley::BaseNode leaf() {
        auto* const full = arena_.make<berkeley::BaseJobFull>();
        *full = any(jobs_);
        full->job.first_pass_ledger_witness = witness(full->job.first_pass_ledger_witness);
        full->job.second_pass_ledger_witness = witness(full->job.second_pass_ledger_witness);
        return {.weight = {}, .job = {.full = full}};
    }

    berkeley::ScanTree tree() {
        using Level = messages::ScanLevel<berkeley::MergeNode>;
        auto* const made = arena_.make<Level>(levels);
        for (std::size_t level = 0; level < levels; ++level) {
            auto const count = std::size_t{1} << level;
            auto* const nodes = arena_.make<berkeley::MergeNode>(count);
            for (std::size_t i = 0; i < count; ++i) nodes[i] = {.weights = {}, .job = merge_job()};
            made[level] = {.depth = static_cast<std::int64_t>(level), .nodes = {nodes, count}};
        }
        auto const count = std::size_t{1} << levels;
        auto* const leaves = arena_.make<berkeley::BaseNode>(count);
        std::generate_n(leaves, count, [&] { return leaf(); });
        return {.levels = {made, levels}, .leaves = {leaves, count}};
    }

    berkeley::GetStagedLedgerAuxAndPendingCoinbasesAtHashResponseValue const& golden_;
    Arena arena_;
    std::uint64_t state_ = 1;
    berkeley::Field* hashes_ = nullptr;
    std::vector<berkeley::MergeJobFull const*> merges_;
    std::vector<berkeley::BaseJobFull const*> jobs_;
    std::vector<berkeley::Account const*> accounts_;
};

}  // namespace

base::ByteString staged_ledger(base::ByteView golden, std::size_t bytes) {
    Arena arena;
    auto const answer = messages::decode<Answer>(golden, arena);
    if (!answer || (*answer)->value == nullptr) return {};
    return Composer(**answer).compose(bytes);
}

}  // namespace mina::bench
