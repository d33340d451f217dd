#include "apps/message_summary.h"

#include "apps/failure.h"
#include "apps/summary_json.h"
#include "mina/hashes/transaction_hash.h"
#include "mina/hashes/transaction_id.h"
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/mesa/roots.h"
#include "mina/messages/mesa_array_inputs/roots.h"

namespace apps {

namespace {

namespace m = mina::messages;
using mina::berkeley::ProtocolState;

// The types of one format, for templates.
struct Berkeley {
    using UserCommand = mina::berkeley::UserCommand;
    using Gossip = mina::berkeley::Gossip;
};
struct Mesa {
    using UserCommand = mina::mesa::UserCommand;
    using Gossip = mina::mesa::Gossip;
};
struct MesaArrayInputs {
    using UserCommand = mina::mesa_array_inputs::UserCommand;
    using Gossip = mina::mesa_array_inputs::Gossip;
};

template <class Visitor>
Json with_types(m::Format format, Visitor&& visitor) {
    switch (format) {
        case m::Format::berkeley: return visitor(Berkeley{});
        case m::Format::mesa: return visitor(Mesa{});
        case m::Format::mesa_array_inputs: break;
    }
    return visitor(MesaArrayInputs{});
}

base::ByteString joined(std::initializer_list<base::ByteView> parts) {
    base::ByteString all;
    for (auto const part : parts) base::append(all, part);
    return all;
}

// The gossip message that would carry this value; nullopt for a type that none carries.
std::optional<base::ByteString> as_gossip(MessageType const& type, base::ByteView value) {
    constexpr std::uint8_t block_tag[] = {0}, work_tag[] = {1}, commands_tag[] = {2}, one[] = {1}, none[] = {0};
    constexpr std::uint8_t signed_tag[] = {0}, zkapp_tag[] = {1};
    if (type.name == "gossip") return base::to_byte_string(value);
    if (type.name == "block") return joined({block_tag, value});
    if (type.name == "snark-pool-diff") return joined({work_tag, value, none});
    if (type.name == "transaction-pool-diff") return joined({commands_tag, value, none});
    if (type.name == "user-command") return joined({commands_tag, one, value, none});
    if (type.name == "signed-command") return joined({commands_tag, one, signed_tag, value, none});
    if (type.name == "zkapp-command") return joined({commands_tag, one, zkapp_tag, value, none});
    return std::nullopt;
}

Json head(MessageType const& type) { return Json{{"type", type.name}, {"format", to_string(type.format)}}; }

// A state stands at the beginning of its header, and that at the beginning of its block.
Json state_hashes(base::ByteView bytes) {
    mina::binprot::Reader reader(bytes);
    ProtocolState state;
    if (!state.decode(reader)) throw Failure("no protocol state: " + std::string(to_string(reader.error().reason)));
    auto const hashes = mina::hashes::state_hashes(state);
    if (!hashes) throw Failure("no state hash: " + to_string(hashes.error()));
    return Json{{"stateHash", to_string(hashes->state)},
                {"bodyHash", to_string(hashes->body)},
                {"previousStateHash", to_string(mina::hashes::StateHash{state.previous_state_hash->bytes})}};
}

template <class UserCommand>
Json command_hashes(UserCommand const& command) {
    auto const id = mina::hashes::transaction_id(command);
    return Json{{"transactionHash", to_string(mina::hashes::transaction_hash(command))},
                {"transactionId", id ? Json(*id) : Json(nullptr)}};
}

template <class Gossip>
Json gossip_hashes(Gossip const& gossip, base::ByteView value) {
    if (gossip.kind == Gossip::Kind::new_state) return state_hashes(value.subspan(1));
    if (gossip.kind == Gossip::Kind::snark_pool_diff) {
        auto const key = mina::hashes::snark_work_key(gossip.snark_pool_diff.diff);
        return Json{{"snarkWorkKey", key ? Json(to_string(*key)) : Json(nullptr)}};
    }
    auto const& commands = gossip.transaction_pool_diff.diff;
    if (commands.size() == 1) return command_hashes(commands[0]);
    auto all = Json::array();
    for (auto const& command : commands) all.push_back(command_hashes(command));
    return Json{{"transactions", std::move(all)}};
}

}  // namespace

Json message_summary(MessageType const& type, base::ByteView bytes) {
    auto json = head(type);
    json["bytes"] = bytes.size();
    auto const payload = type.root == nullptr ? std::nullopt : as_gossip(type, value_of(type, bytes));
    if (payload) {
        auto const summary = mina::summary::summarize(type.format, m::framed(*payload));
        if (!summary) throw Failure(summary.error());
        json["kind"] = to_string(kind_of(*summary));
        json.update(to_json(*summary));
    } else if (type.name == "protocol-state" || type.name == "block-header") {
        json.update(state_hashes(value_of(type, bytes)));
    }
    return json;
}

Json message_hashes(MessageType const& type, base::ByteView bytes) {
    auto json = head(type);
    auto const value = type.root == nullptr ? bytes : value_of(type, bytes);
    if (type.name == "protocol-state" || type.name == "block-header") {
        json.update(state_hashes(value));
        return json;
    }
    auto const payload = type.root == nullptr ? std::nullopt : as_gossip(type, value);
    if (!payload) {
        throw Failure("a " + type.name +
                      " has no hash of its own; blocks, headers, states, transactions and gossip have");
    }
    json.update(with_types(type.format, [&]<class Types>(Types) {
        mina::binprot::Arena arena;
        auto const gossip = m::decode<typename Types::Gossip>(*payload, arena);
        if (!gossip) throw Failure(std::string(to_string(gossip.error().reason)));
        return gossip_hashes(**gossip, *payload);
    }));
    return json;
}

}  // namespace apps
