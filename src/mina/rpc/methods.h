// The methods of Mina's RPCs as data: tags, versions of each format, budgets, deadlines and sizes. A new version is a
// number in methods.cpp.
#pragma once

#include "base/bytes.h"
#include "base/time.h"
#include "mina/messages/format.h"

#include <array>
#include <optional>

namespace mina::rpc {

enum class Method : std::uint8_t {
    menu,
    get_some_initial_peers,
    get_staged_ledger,  // get_staged_ledger_aux_and_pending_coinbases_at_hash
    answer_sync_ledger_query,
    get_best_tip,
    get_ancestry,
    get_transition_knowledge,
    get_transition_chain,
    get_transition_chain_proof,
    ban_notify,
    get_completed_snarks,
    get_node_status,
    get_epoch_ledger,
};
inline constexpr std::size_t method_count = 13;

/// Ascending; 0 fills up.
using Versions = std::array<std::int64_t, 2>;

struct MethodInfo {
    Method method = Method::menu;
    std::string_view tag;            // on the wire
    Versions berkeley{};
    Versions mesa{};                 // what a peer takes of them is in its menu
    std::int64_t rust_version = 0;   // the one that Mina's Rust node serves; 0: it does not
    std::uint32_t cost_per_window = 0;   // what a node may ask of another in `budget_window`
    base::Duration deadline{};       // of an answer's first byte, for each unit of cost
    std::size_t query_bytes_max = 0;
    std::uint64_t answer_bytes_max = 0;  // that we take
    std::uint64_t rust_answer_bytes_max = 0;  // that a Rust node takes
    bool is_bulk = false;            // its answers may be long: on a stream of their own
    bool is_registered = true;       // OCaml's node has it in its menu
    std::string_view none;           // the value that says "nothing found"
};

// mina: L/network_pool/rate_limiter.ml: capacity = ceil(rate * window)
inline constexpr base::Duration budget_window = std::chrono::minutes(5);

MethodInfo const& info_of(Method method);
std::optional<Method> method_of(std::string_view tag);
/// In the order of OCaml's menu.
std::array<MethodInfo, method_count> const& methods();

Versions const& versions_of(MethodInfo const& info, messages::Format format);
bool has_version(Versions const& versions, std::int64_t version);

/// Whether a query of the method has the structure of one; of a method that the format has no type for, any has.
bool is_query(Method method, messages::Format format, base::ByteView query);

/// What a query is charged: the number of hashes for a transition chain, else 1; nullopt when the query cannot be one.
std::optional<std::uint32_t> cost_of(Method method, base::ByteView query);

}  // namespace mina::rpc
