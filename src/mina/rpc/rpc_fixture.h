// For the tests of the machine: one of it, what a peer says, and what came of it as text.
#pragma once

#include "mina/rpc/rpc.h"

#include "base/writer.h"
#include "libp2p/ping/stream_pair.h"
#include "mina/messages/rpc_message.h"

#include <map>

namespace mina::rpc {

namespace test {

constexpr PeerKey peer{1};
constexpr auto name = "coda/rpcs/0.0.1";

inline std::string number(auto id) { return std::to_string(id.value); }

inline std::string event_text(Event const& event) {
    auto const method = [](Method asked, std::int64_t version) {
        return std::string(info_of(asked).tag) + " v" + std::to_string(version);
    };
    if (auto const* begun = std::get_if<AnswerBegun>(&event)) {
        return "begun " + number(begun->request) + " " + method(begun->method, begun->version) + " " +
               std::to_string(begun->size);
    }
    if (auto const* chunk = std::get_if<AnswerChunk>(&event)) {
        return "chunk " + number(chunk->request) + " " + std::to_string(chunk->bytes.size());
    }
    if (auto const* ended = std::get_if<AnswerEnded>(&event)) return "ended " + number(ended->request);
    if (auto const* failed = std::get_if<AskFailed>(&event)) {
        return "failed " + number(failed->request) + " " + std::string(to_string(failed->reason));
    }
    if (auto const* menu = std::get_if<MenuReceived>(&event)) return "menu " + std::to_string(menu->entries.size());
    if (auto const* question = std::get_if<QuestionReceived>(&event)) {
        return "question " + number(question->question) + " " + method(question->method, question->version) + " " +
               std::to_string(question->query.size());
    }
    if (auto const* dropped = std::get_if<QuestionDropped>(&event)) return "dropped " + number(dropped->question);
    auto const& misbehaved = std::get<Misbehaved>(event);
    return "misbehaved " + std::string(to_string(misbehaved.what)) + " " + std::to_string(misbehaved.count) +
           (misbehaved.is_ban_wanted ? " ban" : "");
}

struct Node : libp2p::test::Node<State, Action, Out> {
    using Base = libp2p::test::Node<State, Action, Out>;

    std::map<RequestId, std::string> received;  // values of answers

    /// Like the base's, and keeps what chunks say before their bytes go.
    std::string data(std::uint64_t channel, base::ByteView bytes) {
        std::unique_ptr<std::uint8_t[]> const copy(new std::uint8_t[bytes.size()]);
        std::ranges::copy(bytes, copy.get());
        auto const orders = act(stream::Data{ChannelId{channel}, {copy.get(), bytes.size()}});
        for (auto const& event : out.events) {
            if (auto const* chunk = std::get_if<AnswerChunk>(&event)) {
                received[chunk->request] += base::as_text(chunk->bytes);
            }
        }
        return orders;
    }
    std::string data(std::uint64_t channel, base::SharedBytes const& bytes) { return data(channel, bytes.view()); }
    std::string tick(base::Duration later) {
        now = now + later;
        return act(Tick{});
    }
    std::string events() const {
        std::string text;
        for (auto const& event : out.events) {
            if (!text.empty()) text += ", ";
            text += event_text(event);
        }
        return text;
    }
    /// All that was ordered to be written to a channel in the last action.
    base::ByteString written_to(std::uint64_t channel) const {
        base::ByteString bytes;
        for (auto const& effect : out.effects) {
            auto const* const write = std::get_if<stream::Write>(&effect);
            if (write != nullptr && write->channel.value == channel) base::append(bytes, write->bytes.view());
        }
        return bytes;
    }
    std::string orders_of_last() const { return libp2p::test::orders_text(out.effects); }
    std::uint64_t faults(Fault fault) const { return state.faults.at(static_cast<std::size_t>(fault)); }
};

inline stream::Opened outbound(std::uint64_t channel, std::uint64_t request, PeerKey from = peer) {
    return {ChannelId{channel}, from, Direction::outbound, RequestId{request}, name};
}
inline stream::Opened inbound(std::uint64_t channel, PeerKey from = peer) {
    return {ChannelId{channel}, from, Direction::inbound, {}, name};
}
inline stream::Closed closed(std::uint64_t channel, std::uint64_t request,
                             stream::CloseReason reason = stream::CloseReason::reset) {
    return {ChannelId{channel}, peer, RequestId{request}, reason};
}

inline std::vector<std::string> const protocols = {name};

inline PeerReady ready(Dialect dialect, PeerKey key = peer, HostId host = {}) {
    return {key, host, "", protocols, dialect};
}

inline base::ByteView const unit = [] {
    static constexpr std::uint8_t zero = 0;
    return base::ByteView(&zero, 1);
}();

inline Ask ask(std::uint64_t request, Method method = Method::get_best_tip, base::ByteView query = unit) {
    Ask order;
    order.peer = peer;
    order.method = method;
    order.query = query;
    order.request = RequestId{request};
    return order;
}

/// How many accounts a ledger has.
inline base::ByteView const num_accounts = [] {
    static constexpr auto query = [] {
        base::ByteArray<33> bytes{};
        bytes.back() = 2;
        return bytes;
    }();
    return base::ByteView(query);
}();

/// A list of so many hashes.
inline base::ByteString hashes(std::uint8_t count) {
    base::ByteString bytes(1 + std::size_t{count} * 32, 7);
    bytes.front() = count;
    return bytes;
}

// What a peer says.

inline base::ByteString framed(base::ByteView message) {
    base::ByteString bytes;
    base::append_u64_le(bytes, message.size());
    base::append(bytes, message);
    return bytes;
}
inline base::ByteString query(std::string_view tag, std::int64_t version, std::int64_t id,
                              base::ByteView value = unit) {
    return base::to_byte_string(query_frame(tag, version, id, value).view());
}
inline base::ByteString answer(std::int64_t id, base::ByteView value) {
    auto bytes = base::to_byte_string(answer_head(id, value.size()).view());
    base::append(bytes, value);
    return bytes;
}
inline base::ByteString answer(std::int64_t id, std::string_view value) { return answer(id, base::as_bytes(value)); }
inline base::ByteString menu_value(std::vector<MenuEntry> const& entries = {{"get_best_tip", 2},
                                                                            {"get_transition_chain", 2},
                                                                            {"answer_sync_ledger_query", 3},
                                                                            {"get_some_initial_peers", 1}}) {
    return encode_menu(entries);
}

/// An OCaml node whose stream 5 is open and whose menu is known; id 1 was the menu's.
inline Node with_ocaml() {
    Node node;
    node.act(ready(Dialect::ocaml));
    Ask order = ask(1000, Method::menu);
    node.act(order);
    node.act(outbound(5, 1));
    node.data(5, handshake_frame());
    node.data(5, answer(1, menu_value()));
    return node;
}
/// A Rust node whose stream 5 is open.
inline Node with_rust() {
    Node node;
    node.act(ready(Dialect::rust));
    node.act(ask(1000));
    node.act(outbound(5, 1));
    node.data(5, handshake_frame());
    node.data(5, answer(1, "x"));
    return node;
}
/// An OCaml node that has opened stream 6 to us.
inline Node asked_by(Dialect dialect) {
    Node node;
    node.act(ready(dialect));
    node.act(inbound(6));
    node.data(6, handshake_frame());
    return node;
}

}  // namespace test
}  // namespace mina::rpc
