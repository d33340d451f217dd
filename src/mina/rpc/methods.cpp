#include "mina/rpc/methods.h"

#include "mina/binprot/reader.h"
#include "mina/messages/messages.h"

#include <algorithm>

namespace mina::rpc {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::string_view none = "\0"sv;  // None, an empty list, or unit
constexpr std::string_view none_as_error = "\1\13\"not found\""sv;  // an S-expression: OCaml reads no other

// Budgets: mina: L/mina_networking/mina_networking.ml:1328-1383, "n per minute" is 5n in any five minutes. The menu is
// free there, and asked for on each of OCaml's streams; ours is a bound against floods. get_node_status and
// get_epoch_ledger are registered nowhere, so their budgets are ours.
// Deadlines: mina: what OCaml's node gives an answer (super_catchup.ml, transition_router.ml); 120 s where it waits for
// the connection's heartbeats only, 180 s for the staged ledger as the Rust node.
constexpr std::array<MethodInfo, method_count> table = {{
    {Method::menu, "__Versioned_rpc.Menu", {1}, {1}, 0, 6000, 60s, 1, 16 * kib, 0, false, false, none},
    {Method::get_some_initial_peers, "get_some_initial_peers", {1}, {1}, 1, 5, 10s, 1, mib, 32 * kib, false, true,
     none},
    {Method::get_staged_ledger, "get_staged_ledger_aux_and_pending_coinbases_at_hash", {2}, {3}, 2, 20, 180s, 32,
     400 * mib, 400'000'000, true, true, none},
    {Method::answer_sync_ledger_query, "answer_sync_ledger_query", {3}, {5}, 3, 5U << 17, 10s, 128, 4 * mib, 200'000,
     false, true, none_as_error},
    {Method::get_best_tip, "get_best_tip", {2}, {3}, 2, 15, 60s, 1, 32 * mib, 3'500'000, true, true, none},
    {Method::get_ancestry, "get_ancestry", {2}, {3}, 0, 25, 120s, 3072, 32 * mib, 0, true, true, none},
    {Method::get_transition_knowledge, "Get_transition_knowledge", {1}, {1}, 0, 5, 10s, 1, 256 * kib, 0, false, true,
     none},
    {Method::get_transition_chain, "get_transition_chain", {2}, {2}, 2, 300, 15s, 1024, 128 * mib, 3'500'000, true,
     true, none},
    {Method::get_transition_chain_proof, "get_transition_chain_proof", {1}, {1}, 0, 15, 30s, 32, 256 * kib, 0, false,
     true, none},
    {Method::ban_notify, "ban_notify", {1}, {1}, 0, 5, 10s, 8, 16, 0, false, true, none},
    {Method::get_completed_snarks, "get_completed_snarks", {1}, {1}, 0, 5, 30s, 1, 8 * mib, 0, true, true, none},
    {Method::get_node_status, "get_node_status", {2}, {2}, 0, 5, 30s, 1, 4 * mib, 0, false, false, none_as_error},
    {Method::get_epoch_ledger, "get_epoch_ledger", {2}, {2}, 0, 5, 180s, 32, 400 * mib, 0, true, false, none_as_error},
}};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].method != static_cast<Method>(i)) return false;
    }
    return true;
}
static_assert(is_in_order());

constexpr std::size_t hash_bytes = 32;

}  // namespace

std::array<MethodInfo, method_count> const& methods() { return table; }

MethodInfo const& info_of(Method method) { return table.at(static_cast<std::size_t>(method)); }

std::optional<Method> method_of(std::string_view tag) {
    auto const* const found = std::ranges::find(table, tag, &MethodInfo::tag);
    return found == table.end() ? std::nullopt : std::optional(found->method);
}

Versions const& versions_of(MethodInfo const& info, messages::Format format) {
    return format == messages::Format::berkeley ? info.berkeley : info.mesa;
}

bool has_version(Versions const& versions, std::int64_t version) {
    return version != 0 && std::ranges::find(versions, version) != versions.end();
}

bool is_query(Method method, messages::Format format, base::ByteView query) {
    auto const name = std::string(info_of(method).tag) + ".query";
    auto const* const root = schema::find_root(messages::schema_of(format), name);
    auto const* const codec = root != nullptr ? messages::codec_of(format, *root) : nullptr;
    return codec == nullptr || messages::validate_structure(*codec, query).has_value();
}

std::optional<std::uint32_t> cost_of(Method method, base::ByteView query) {
    if (query.size() > info_of(method).query_bytes_max) return std::nullopt;
    if (method != Method::get_transition_chain) return 1;
    binprot::Reader reader(query);
    std::size_t hashes = 0;
    if (!reader.count(hashes, hash_bytes) || reader.remaining() != hashes * hash_bytes) return std::nullopt;
    return std::max(1U, static_cast<std::uint32_t>(hashes));
}

}  // namespace mina::rpc
