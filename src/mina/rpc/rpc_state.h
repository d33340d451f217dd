// What the RPCs remember.
#pragma once

#include "base/flat_map.h"
#include "base/timers.h"
#include "mina/rate_limit/budget.h"
#include "mina/rpc/frame.h"
#include "mina/rpc/rpc_effects.h"

#include <deque>
#include <map>

namespace mina::rpc {

struct Config {
    std::string protocol = "coda/rpcs/0.0.1";
    messages::Format format = messages::Format::berkeley;
    std::vector<Method> served = {
        Method::get_some_initial_peers, Method::get_staged_ledger, Method::answer_sync_ledger_query,
        Method::get_best_tip, Method::get_ancestry, Method::get_transition_knowledge, Method::get_transition_chain,
        Method::get_transition_chain_proof, Method::ban_notify, Method::get_completed_snarks};
    FrameLimits frames;

    // mina: heartbeats every 10 s; OCaml's client gives up after 120 s (L/gossip_net/libp2p.ml:753-760), its server
    // after the kernel's 30 s. Its node may compute for longer than that, so ours waits 60 s.
    base::Duration heartbeat_interval = std::chrono::seconds(10);
    base::Duration silence_max_outbound = std::chrono::seconds(120);
    base::Duration silence_max_inbound = std::chrono::seconds(60);
    base::Duration handshake_timeout = std::chrono::seconds(30);
    base::Duration stall_time = std::chrono::seconds(30);       // without a byte in the middle of an answer
    base::Duration write_stall_time = std::chrono::seconds(120);  // in which a peer takes nothing of ours
    base::Duration idle_time = std::chrono::seconds(10);        // for which a stream to an OCaml node is kept unused
    base::Duration answer_time = std::chrono::seconds(120);     // that the application has for a question
    base::Duration reopen_delay = std::chrono::seconds(1);      // after an opening that failed
    std::uint64_t answer_bytes_per_second_min = 32 * 1024;      // a long answer may take its deadline, and this
    base::Duration budget_margin = std::chrono::seconds(10);    // our asks are counted for longer than the peer's count
    std::uint32_t heartbeats_max = 32;                          // of a stream, in each `heartbeat_interval`

    // mina: OCaml's node opens a stream for each query, and neither finishes nor resets it: at the bound, the one
    // longest silent of those that nothing is asked on makes room.
    std::size_t inbound_max = 64;               // streams of a peer
    std::size_t outbound_max = 8;               // streams to an OCaml node
    std::size_t rust_streams_max = 4;           // ever opened on a connection to a Rust node, one at a time
    std::size_t in_flight_max = 64;             // queries on a stream to an OCaml node
    std::size_t waiting_max = 256;              // asks to a peer that wait for their turn
    // mina: OCaml's node asks for ledgers in batches of up to 100 at once.
    std::size_t questions_max = 256;            // of a stream: unanswered, or answers not yet written
    std::size_t peer_questions_max = 1024;      // of a peer: unanswered
    std::size_t queue_bytes_max = 512 * 1024;   // written to a stream before it is Writable again
    std::uint64_t answer_bytes_held_max = 64ULL * 1024 * 1024;   // answers to a peer not yet written, unless it is one
    std::uint64_t answers_held_max = 512ULL * 1024 * 1024;       // to all peers, unless it is one
    std::uint32_t budget_factor = 1;            // of all budgets, both ways; more than 1 to measure with
    std::size_t accounts_max = 2048;            // mina: as many as OCaml's limiter keeps
};

/// What stays queued of a stream when it is Writable (yamux).
inline constexpr std::size_t low_water_bytes = 128 * 1024;

// mina: the Rust node reads frames of at most 256 bytes, and writes ids of 2^15 and more in a form of its own.
inline constexpr std::size_t rust_query_message_bytes_max = 256;
inline constexpr std::int64_t query_id_max = 0x7fff;

/// An ask that waits for its turn. Request 0: our own question for the menu.
struct WaitingAsk {
    RequestId request;
    Method method = Method::menu;
    std::optional<std::int64_t> version;
    base::ByteString query;
    std::uint32_t cost = 1;
    base::Instant until;
    bool is_paused = false;   // by its consumer, before it could begin
};

/// An ask on its stream.
struct SentAsk {
    RequestId request;
    Method method = Method::menu;
    std::int64_t version = 0;
    std::uint32_t cost = 1;
    bool is_wanted = true;    // else cancelled or too late: its answer is passed over
    bool has_begun = false;
    bool is_paused = false;   // by its consumer
    base::Instant deadline;
};

/// A message of ours that waits to be written.
struct OutgoingFrame {
    base::SharedBytes head;
    std::vector<base::SharedBytes> pieces;
    std::size_t next = 0;     // 0: the head, else pieces[next - 1]
    std::size_t offset = 0;   // of what is next, written
    std::uint64_t bytes = 0;  // not yet written
};

struct Stream {
    PeerKey peer;
    Direction direction = Direction::inbound;
    bool is_shaken = false;       // the peer's handshake has come
    bool has_finished = false;    // the peer writes no more
    FrameReader reader;
    base::Instant opened_at;
    base::Instant heard_at;
    base::Instant wrote_at;       // a frame other than a heartbeat
    base::Instant next_heartbeat;
    base::Instant idle_since;     // outbound: nothing is asked since
    base::Instant heartbeats_since;
    std::uint32_t heartbeats = 0; // of the peer, since
    // Writing.
    std::deque<OutgoingFrame> frames;
    std::size_t queued_bytes = 0;  // since it was writable, and what may have been left then
    bool is_blocked = false;       // a Writable will come
    bool owes_heartbeat = false;
    base::Instant blocked_at;
    // Ours to ask.
    std::map<std::int64_t, SentAsk> asked;
    std::int64_t last_id = 0;
    std::optional<std::int64_t> answering;  // whose answer is coming in
    base::ByteString menu;                  // bytes of a menu that is coming in
    bool is_held = false;                   // nothing is read: the answer that comes in is paused
    base::Instant held_at;
    // The peer's to ask: by its ids.
    std::map<std::int64_t, QuestionId> questions;
};

enum class MenuState : std::uint8_t { unknown, asked, known };
constexpr std::string_view to_string(MenuState state) {
    switch (state) {
        case MenuState::unknown: return "unknown";
        case MenuState::asked: return "asked";
        case MenuState::known: return "known";
    }
    return "?";
}

struct Peer {
    Dialect dialect = Dialect::unknown;
    HostId host;
    bool is_seen = false;           // stays until it is gone; else until its last stream is
    bool is_ready = false;
    bool speaks_rpc = false;
    MenuState menu = MenuState::unknown;
    std::vector<std::pair<Method, std::int64_t>> offers;  // the menu, of the methods we know
    std::deque<WaitingAsk> waiting;
    std::vector<ChannelId> outbound;
    std::vector<ChannelId> inbound;
    std::size_t questions = 0;      // unanswered
    std::size_t openings = 0;       // outbound streams that are not yet open
    std::size_t opened = 0;         // outbound streams so far
    base::Instant open_not_before;
    std::uint64_t held_bytes = 0;   // of answers not yet written
};

struct Question {
    PeerKey peer;
    ChannelId channel;
    std::int64_t id = 0;  // the peer's
    Method method = Method::menu;
};

struct FaultCount {
    base::Instant since;
    std::uint32_t count = 0;
};

/// What a peer or a host has spent and done wrong. Outlives its connections.
struct Account {
    std::size_t users = 0;  // connected peers
    base::Instant used_at;
    base::FlatMap<Method, Budget> incoming;
    base::FlatMap<Method, Budget> outgoing;
    base::FlatMap<Fault, FaultCount> faults;
};

/// A deadline. That of a stream is not moved at each byte, only looked at again when it comes.
struct Timer {
    enum class Kind : std::uint8_t { stream, peer, question };
    Kind kind = Kind::stream;
    std::uint64_t id = 0;
    auto operator<=>(Timer const&) const = default;
};

struct State {
    Config config;
    std::map<PeerKey, Peer> peers;
    std::map<ChannelId, Stream> streams;
    std::map<RequestId, PeerKey> openings;
    std::map<QuestionId, Question> questions;
    std::map<PeerKey, Account> peer_accounts;
    std::map<HostId, Account> host_accounts;
    base::Timers<Timer> timers;
    RequestId last_opening;
    QuestionId last_question;
    std::uint64_t held_bytes = 0;  // of answers not yet written, to all peers
    std::array<std::uint64_t, fault_count> faults{};
};

}  // namespace mina::rpc
