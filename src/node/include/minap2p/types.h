// The words of the interface: ids, hashes as texts, methods, formats, reasons.
#pragma once

#include <minap2p/bytes.h>
#include <minap2p/result.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mina::p2p {

// ---- Names of things --------------------------------------------------------------------------------------------

/// Who a peer is: "12D3KooW…".
struct PeerId {
    std::string text;
    auto operator<=>(PeerId const&) const = default;
};
/// Of a block and its protocol state: "3N…".
struct StateHash {
    std::string text;
    auto operator<=>(StateHash const&) const = default;
};
/// The root of a ledger: "j…".
struct LedgerHash {
    std::string text;
    auto operator<=>(LedgerHash const&) const = default;
};
/// A gossip message that this node has received, within one run.
struct MessageId {
    std::uint64_t value = 0;
    auto operator<=>(MessageId const&) const = default;
};
/// A question that this node asks.
struct CallId {
    std::uint64_t value = 0;
    auto operator<=>(CallId const&) const = default;
};
/// A question that a peer asks this node.
struct QuestionId {
    std::uint64_t value = 0;
    auto operator<=>(QuestionId const&) const = default;
};

// ---- Messages ---------------------------------------------------------------------------------------------------

/// Which wire format a network's messages have.
enum class Format : std::uint8_t { berkeley, mesa, mesa_array_inputs };
/// "berkeley", "mesa", "mesa-array-inputs".
std::string_view to_string(Format format);

enum class MessageKind : std::uint8_t { block, snark_work, transactions };
/// "block", "snark-work", "transactions".
std::string_view to_string(MessageKind kind);

/// accept: it goes on to other peers. reject: it does not, and who sent it is to blame. ignore: it does not.
enum class Verdict : std::uint8_t { accept, reject, ignore };

// ---- Calls ------------------------------------------------------------------------------------------------------

/// Mina's RPCs, by the names that they have on the wire.
enum class Method : std::uint8_t {
    menu,                        // __Versioned_rpc.Menu
    get_some_initial_peers,
    get_staged_ledger,           // get_staged_ledger_aux_and_pending_coinbases_at_hash
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
/// The name on the wire.
std::string_view to_string(Method method);
std::optional<Method> method_named(std::string_view name);

/// Why a call has no answer, or not the rest of it.
enum class CallFailure : std::uint8_t {
    not_ready,            // the peer is not connected, or has not yet said who it is
    not_supported,        // the peer does not speak the protocol
    not_served,           // the peer's implementation, or its menu, does not have the method
    version_not_offered,  // it has, in other versions only
    query_unfit,          // the query is too long for the method or the peer, or cannot be one
    budget,               // would exceed what the peer lets us ask, for longer than the call's patience
    queue_full,           // too many calls to this peer wait
    no_menu,              // the peer's menu could not be had
    not_answering,        // the peer has left too many queries unanswered on this connection
    timed_out,
    closed,               // the stream or the connection ended first
    unimplemented,        // the peer says that it does not know method and version
    remote_error,         // the peer says that answering failed
    misbehaved,           // the peer broke the protocol
    cancelled,            // by Node::cancel
    invalid,              // an argument is not what it should be: a hash, a peer id
    too_large,            // the answer has more bytes than were to be collected
    stopped,              // the node has stopped
};
/// A few words for people.
std::string_view to_string(CallFailure failure);

struct CallError {
    CallFailure failure = CallFailure::not_ready;
    std::string text;  // for people
    bool operator==(CallError const&) const = default;
};

/// What one asks of a ledger: a node of its Merkle tree is named by the way from the root, one bit a level, the first
/// bit highest in the first byte.
struct LedgerQuery {
    enum class Kind : std::uint8_t { child_hashes, contents, account_count };
    Kind kind = Kind::account_count;
    std::uint32_t depth = 0;         // of the node: so many bits of the path count
    std::vector<std::uint8_t> path{};  // at least depth / 8 bytes, rounded up
    std::uint32_t levels = 1;        // of child_hashes, from Mesa on: so far below
    bool operator==(LedgerQuery const&) const = default;
};

/// A method that a peer serves, in one version.
struct MenuEntry {
    std::string method;  // also those that are unknown here
    std::int64_t version = 0;
    auto operator<=>(MenuEntry const&) const = default;
};

enum class Direction : std::uint8_t { inbound, outbound };

}  // namespace mina::p2p
