#include "node/convert.h"

namespace mina::p2p {

namespace {

// The enumerations are the same, in the same order; what was added outside stands at the end.
template <class To, class From>
To same(From value) {
    return static_cast<To>(value);
}

static_assert(static_cast<int>(Format::mesa_array_inputs) == static_cast<int>(messages::Format::mesa_array_inputs));
static_assert(std::size(messages::formats) == 3);
static_assert(static_cast<int>(MessageKind::transactions) == static_cast<int>(messages::GossipKind::transactions));
static_assert(static_cast<int>(Method::answer_sync_ledger_query) ==
              static_cast<int>(rpc::Method::answer_sync_ledger_query));
static_assert(static_cast<int>(Method::get_epoch_ledger) == static_cast<int>(rpc::Method::get_epoch_ledger));
static_assert(static_cast<int>(Method::get_epoch_ledger) + 1 == static_cast<int>(rpc::method_count));
static_assert(static_cast<int>(CallFailure::budget) == static_cast<int>(libp2p::CallFailure::budget));
static_assert(static_cast<int>(CallFailure::cancelled) == static_cast<int>(libp2p::CallFailure::cancelled));

}  // namespace

messages::Format inner(Format format) { return same<messages::Format>(format); }
Format outer(messages::Format format) { return same<Format>(format); }
messages::GossipKind inner(MessageKind kind) { return same<messages::GossipKind>(kind); }
rpc::Method inner(Method method) { return same<rpc::Method>(method); }
Method outer(rpc::Method method) { return same<Method>(method); }
CallFailure outer(libp2p::CallFailure failure) { return same<CallFailure>(failure); }
Direction outer(libp2p::Direction direction) {
    return direction == libp2p::Direction::inbound ? Direction::inbound : Direction::outbound;
}

std::vector<std::string> texts(std::vector<libp2p::Multiaddr> const& addresses) {
    std::vector<std::string> all;
    for (auto const& address : addresses) all.push_back(address.text());
    return all;
}

TransactionCounts outer(summary::CommandCounts const& counts) {
    return {counts.payments, counts.delegations, counts.zkapp_commands, counts.fees_nanomina};
}

BlockSummary outer(summary::Block const& block) {
    BlockSummary to;
    if (block.state_hash) to.state_hash = {hashes::to_string(*block.state_hash)};
    to.previous_state_hash = {hashes::to_string(block.previous_state_hash)};
    to.height = block.height;
    to.global_slot = block.global_slot;
    to.slot = block.slot;
    to.epoch = block.epoch;
    to.timestamp = std::chrono::milliseconds(block.timestamp_ms);
    to.creator = block.creator;
    to.coinbase_receiver = block.coinbase_receiver;
    to.transactions = outer(block.commands);
    to.failed_transactions = block.failed_commands;
    to.snark_works = block.snark_works;
    to.snark_fees_nanomina = block.snark_fees_nanomina;
    to.protocol_version = block.protocol_version;
    return to;
}

std::string_view to_string(Format format) { return messages::to_string(inner(format)); }
std::string_view to_string(MessageKind kind) { return messages::to_string(inner(kind)); }
std::string_view to_string(Method method) { return rpc::info_of(inner(method)).tag; }

std::optional<Method> method_named(std::string_view name) {
    auto const method = rpc::method_of(name);
    return method ? std::optional(outer(*method)) : std::nullopt;
}

std::string_view to_string(CallFailure failure) {
    switch (failure) {
        case CallFailure::invalid: return "an argument is wrong";
        case CallFailure::too_large: return "the answer is larger than was to be collected";
        case CallFailure::stopped: return "the node has stopped";
        case CallFailure::not_ready:
        case CallFailure::not_supported:
        case CallFailure::not_served:
        case CallFailure::version_not_offered:
        case CallFailure::query_unfit:
        case CallFailure::budget:
        case CallFailure::queue_full:
        case CallFailure::no_menu:
        case CallFailure::not_answering:
        case CallFailure::timed_out:
        case CallFailure::closed:
        case CallFailure::unimplemented:
        case CallFailure::remote_error:
        case CallFailure::misbehaved:
        case CallFailure::cancelled: break;
    }
    return libp2p::to_string(same<libp2p::CallFailure>(failure));
}

}  // namespace mina::p2p
