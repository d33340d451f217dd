// What a node tells its application. More members and kinds of event may come with each minor version: use
// std::get_if, or std::visit with a case for all others.
#pragma once

#include <minap2p/types.h>

#include <chrono>
#include <variant>

namespace mina::p2p {

// ---- What is inside a message -----------------------------------------------------------------------------------

struct TransactionCounts {
    std::size_t payments = 0;
    std::size_t delegations = 0;
    std::size_t zkapp_commands = 0;
    std::uint64_t fees_nanomina = 0;

    std::size_t total() const { return payments + delegations + zkapp_commands; }
    bool operator==(TransactionCounts const&) const = default;
};

struct BlockSummary {
    StateHash state_hash;           // empty when a part of the state is of a size that has no hash
    StateHash previous_state_hash;
    std::uint32_t height = 0;
    std::uint32_t global_slot = 0;  // since genesis
    std::uint32_t slot = 0;         // since the hard fork
    std::uint32_t epoch = 0;
    std::chrono::milliseconds timestamp{0};  // since 1970
    std::string creator;            // public keys, "B62q…"
    std::string coinbase_receiver;
    TransactionCounts transactions;
    std::size_t failed_transactions = 0;     // of those: applied with the fee alone
    std::size_t snark_works = 0;
    std::uint64_t snark_fees_nanomina = 0;
    std::string protocol_version;   // "3.0.0"
    bool operator==(BlockSummary const&) const = default;
};

namespace event {

/// The node listens. The first event.
struct Ready {
    PeerId peer;                         // this node
    std::vector<std::string> addresses;  // where it can be dialed from here, with /p2p/ID
    std::string network;
    std::string chain_id;
};
struct PeerConnected {
    PeerId peer;
    std::string address;
    Direction direction = Direction::inbound;
};
/// The last connection to the peer is gone.
struct PeerDisconnected {
    PeerId peer;
    std::string reason;
};
struct ConnectFailed {
    std::optional<PeerId> peer;          // when it is known who should be there
    std::string address;
    std::string reason;
    std::optional<std::chrono::milliseconds> retry_in;
};
struct PeerIdentified {
    PeerId peer;
    std::string agent;
    std::vector<std::string> protocols;
    std::string observed;                // where the peer sees this node
};

// ---- Gossip

/// What all gossip has. With Config::Verdicts::application it waits for Node::give_verdict().
struct ReceivedMessage {
    MessageId message;
    PeerId via;                          // from whom it came
    PeerId from;                         // who has signed it
    std::string gossip_id;               // hexadecimal; the same at all nodes
    Format format = Format::berkeley;
};
struct BlockReceived : ReceivedMessage {
    Bytes block;                         // in bin_prot, as broadcast_block() takes it
    BlockSummary summary;
};
struct TransactionsReceived : ReceivedMessage {
    Bytes transactions;                  // the list
    TransactionCounts counts;
    std::vector<std::string> hashes;     // "5J…", of the first eight
};
struct SnarkWorkReceived : ReceivedMessage {
    Bytes work;                          // the pool's diff
    std::size_t proofs = 0;              // 0: an empty diff
    std::uint64_t fee_nanomina = 0;
    std::string prover;
    std::string key;                     // hexadecimal, of the statements: known to this library alone
};
/// A message of a topic that is not looked into, or of a network without formats.
struct OtherReceived : ReceivedMessage {
    std::string topic;
    Bytes data;
};
/// A gossip message that is not of the network's format: rejected already.
struct MessageRefused {
    PeerId via;
    PeerId from;
    std::string gossip_id;
    std::size_t bytes = 0;
    std::string reason;
};

// ---- Calls: AnswerBegun, any number of AnswerParts, AnswerEnded; or CallFailed, at any place of these

struct AnswerBegun {
    CallId call;
    PeerId peer;
    Method method = Method::menu;
    std::int64_t version = 0;
    std::uint64_t bytes = 0;             // of all parts together
};
struct AnswerPart {
    CallId call;
    Bytes bytes;
};
struct AnswerEnded {
    CallId call;
};
struct CallFailed {
    CallId call;
    CallError error;
};
struct MenuReceived {
    PeerId peer;
    std::vector<MenuEntry> entries;
};

// ---- Questions

/// To be answered by Node::answer() and its like, within two minutes.
struct QuestionReceived {
    QuestionId question;
    PeerId peer;
    Method method = Method::menu;
    std::int64_t version = 0;
    Bytes query;                         // in bin_prot; its structure has been checked
    // What is in it, of methods that ask so:
    std::vector<StateHash> state_hashes; // get_transition_chain and its proof, get_staged_ledger, get_ancestry
    std::optional<LedgerHash> ledger;    // answer_sync_ledger_query
    LedgerQuery ledger_query;            // the same
};
/// The question needs no answer any more.
struct QuestionDropped {
    QuestionId question;
};

// ---- The rest

/// A peer broke the rules of a protocol; not yet enough for a ban, perhaps.
struct PeerMisbehaved {
    PeerId peer;
    std::string what;
    std::uint32_t count = 0;             // of this kind, in the last minutes
};
/// A ban that the component has set by itself.
struct Banned {
    std::string subject;                 // a peer id, an address, a range
    std::string reason;
};
struct Warning {
    std::string text;
};
/// The last event: everything is closed.
struct Stopped {};

}  // namespace event

using Event = std::variant<event::Ready, event::PeerConnected, event::PeerDisconnected, event::ConnectFailed,
                           event::PeerIdentified, event::BlockReceived, event::TransactionsReceived,
                           event::SnarkWorkReceived, event::OtherReceived, event::MessageRefused, event::AnswerBegun,
                           event::AnswerPart, event::AnswerEnded, event::CallFailed, event::MenuReceived,
                           event::QuestionReceived, event::QuestionDropped, event::PeerMisbehaved, event::Banned,
                           event::Warning, event::Stopped>;

}  // namespace mina::p2p
