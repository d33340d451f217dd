// Node: the P2P component of a Mina node, for the rest of that node. docs/LIBRARY.md shows it at work.
//
//   auto node = Node::create({.network = "devnet", .data_dir = "/var/lib/x"}, [&](Event const& event) { … });
//   if (!node) fail(node.error().text());
//   node->run();                                  // or poll(node->poll_fd()), node->turn()
//
// Rules
// - One thread: all functions of a node but stop() are called by the thread that turns it. Several nodes may be on
//   several threads, or share one.
// - Events and answers come from turn() and run() alone, never from within an order. A callback may give orders; it may
//   not call turn() or run(), nor destroy the node. What it throws comes out of turn(), or run(), and harms nothing:
//   the rest of what that turn has brought comes with the next turns, in its order. Until all of it is delivered, these
//   bring in nothing new, and peers wait: who throws at each event hears them one a turn.
// - An order does not fail at once. What became of it comes to its callback, exactly once, in a later turn, unless the
//   node is destroyed before; after Stopped, orders fail.
// - The library installs no signals, reads no flags and no environment but $MINA_LIBP2P_PASS, and writes no text. It
//   raises the process's soft limit of open descriptors. With a peer store, one thread of its own writes it.
//
// Stability: sources that use these headers as documented compile and mean the same with every 0.MINOR.x of one
// MINOR. A new MINOR may change them, and says so in CHANGELOG.md. There is no stable binary interface: the library is
// static. Texts are for people, and change.
#pragma once

#include <minap2p/config.h>
#include <minap2p/events.h>

#include <functional>
#include <memory>

namespace mina::p2p {

/// "0.1.0".
std::string_view version();

/// What a broadcast has come to.
struct Broadcast {
    std::string gossip_id;      // hexadecimal
    std::vector<PeerId> peers;  // it was sent to these; they send it on
};
struct BroadcastOptions {
    /// Wait so long for a first peer that takes such messages. 0: it goes to those that there are.
    std::chrono::milliseconds wait_for_peer{0};
    /// Of transactions and SNARK work: the same content goes out again only under another nonce.
    std::int64_t nonce = 0;
};
struct CallOptions {
    std::optional<std::int64_t> version{};        // none: the best that the peer offers
    std::chrono::milliseconds patience{60'000};   // for its turn: a stream, the peer's budget
    std::size_t answer_bytes_max = 32u << 20;     // that are collected for a callback
};
struct ConnectOptions {
    bool keep = false;  // dial again after a failure or a loss, with back-off; the address has to have /p2p/ID
};

struct PeerInfo {
    PeerId peer;
    bool is_connected = false;
    std::string state;          // "Connected", "Dialing", "Backoff" …
    std::string address;
    Direction direction = Direction::inbound;
    std::string agent;
    bool is_kept = false;
    bool is_trusted = false;
    bool takes_gossip = false;  // has subscribed to the network's topic
    std::chrono::milliseconds connected_for{0};
    std::optional<std::chrono::microseconds> round_trip;
    std::uint32_t failures = 0;
};
struct Status {
    PeerId peer;                         // this node
    std::vector<std::string> addresses;  // where it can be dialed from here, with /p2p/ID
    std::vector<std::string> announced;  // what others are told
    std::string network;
    std::string chain_id;
    Format format = Format::berkeley;    // of the network, as far as it is known
    std::size_t peers = 0;               // connected
    std::size_t connections = 0;
    std::size_t known_peers = 0;
    std::uint64_t messages = 0;          // received, each counted once
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
};

class Node {
public:
    using OnEvent = std::function<void(Event const&)>;
    using OnDone = std::function<void(Result<void> const&)>;
    using OnConnect = std::function<void(Result<PeerId> const&)>;
    using OnBroadcast = std::function<void(Result<Broadcast> const&)>;
    using OnAnswer = std::function<void(Result<Bytes, CallError> const&)>;
    using OnMenu = std::function<void(Result<std::vector<MenuEntry>, CallError> const&)>;

    /// Listens already when it returns; nothing else has happened. `on_event` is not empty.
    static Result<Node> create(Config const& config, OnEvent on_event);
    Node(Node&& other) noexcept;
    Node& operator=(Node&& other) noexcept;
    /// Closes everything at once. To part politely: stop(), and turn until Stopped.
    ~Node();

    // ---- The loop

    /// Turns until Stopped.
    void run();
    /// Says goodbye to all peers, then comes Stopped, after a second at most. May be called by any thread and by a
    /// signal's handler, as long as the node is neither moved nor destroyed meanwhile.
    void stop() noexcept;
    bool has_stopped() const;
    /// One descriptor, the same for the node's life, that is readable when turn() has something to do: for poll(2),
    /// epoll and every loop above them (level-triggered). It stays the node's; nothing is to be read from it.
    int poll_fd();
    /// Does what there is to do, delivers events, and never waits.
    void turn();

    // ---- What there is

    Status status() const;
    /// Those that are connected, dialed or waited for.
    std::vector<PeerInfo> peers() const;
    /// Of the network's messages, as far as it is known.
    Format format() const;

    // ---- Peers. `subject`: a peer id, an IP address, or a range such as "10.0.0.0/8".

    void connect(std::string const& address, OnConnect on_done = {}, ConnectOptions const& options = {});
    /// Stops keeping it, too.
    void disconnect(PeerId const& peer, OnDone on_done = {});
    /// Without a time, until unban().
    void ban(std::string const& subject, std::optional<std::chrono::seconds> time, std::string const& reason,
             OnDone on_done = {});
    void unban(std::string const& subject, OnDone on_done = {});
    void trust(std::string const& subject, OnDone on_done = {});
    void untrust(std::string const& subject, OnDone on_done = {});

    // ---- Gossip. Values in bin_prot, without frame, tag and nonce; refused when not of the network's format.

    void broadcast_block(Bytes const& block, OnBroadcast on_done = {}, BroadcastOptions const& options = {});
    void broadcast_transactions(Bytes const& list, OnBroadcast on_done = {}, BroadcastOptions const& options = {});
    void broadcast_snark_work(Bytes const& diff, OnBroadcast on_done = {}, BroadcastOptions const& options = {});
    /// One that comes too late, or a second time, is ignored.
    void give_verdict(MessageId message, Verdict verdict);

    // ---- Calls. With a callback the answer is collected and comes whole; without one it comes as events, and is never
    //      held whole. A call always ends: in one callback, or in one AnswerEnded or CallFailed.

    CallId request_best_tip(PeerId const& peer, OnAnswer on_answer = {}, CallOptions const& options = {});
    /// `consensus_state`: of the block whose ancestry is asked for, in bin_prot.
    CallId request_ancestry(PeerId const& peer, Bytes const& consensus_state, StateHash const& block,
                            OnAnswer on_answer = {}, CallOptions const& options = {});
    CallId request_transition_chain(PeerId const& peer, std::vector<StateHash> const& blocks, OnAnswer on_answer = {},
                                    CallOptions const& options = {});
    CallId request_transition_chain_proof(PeerId const& peer, StateHash const& block, OnAnswer on_answer = {},
                                          CallOptions const& options = {});
    CallId request_transition_knowledge(PeerId const& peer, OnAnswer on_answer = {}, CallOptions const& options = {});
    CallId query_ledger(PeerId const& peer, LedgerHash const& ledger, LedgerQuery const& query, OnAnswer on_answer = {},
                        CallOptions const& options = {});
    /// Up to 400 MB: better without a callback.
    CallId request_staged_ledger(PeerId const& peer, StateHash const& block, OnAnswer on_answer = {},
                                 CallOptions const& options = {});
    CallId request_completed_snarks(PeerId const& peer, OnAnswer on_answer = {}, CallOptions const& options = {});
    CallId request_initial_peers(PeerId const& peer, OnAnswer on_answer = {}, CallOptions const& options = {});
    CallId request_node_status(PeerId const& peer, OnAnswer on_answer = {}, CallOptions const& options = {});
    CallId request_menu(PeerId const& peer, OnMenu on_menu, CallOptions const& options = {});
    /// Any method, its query in bin_prot.
    CallId call(PeerId const& peer, Method method, Bytes const& query, OnAnswer on_answer = {},
                CallOptions const& options = {});
    /// Ends the call with CallFailure::cancelled; one that has ended is ignored.
    void cancel(CallId call);
    /// While paused, at most what is under way still comes (the stream's window), and the peer waits, for minutes at
    /// most. A call that has ended is ignored.
    void pause(CallId call);
    void resume(CallId call);

    // ---- Answers, one a question. A question that was dropped, or answered before, is ignored.

    /// In bin_prot. Pieces that nobody else shares are not copied.
    void answer(QuestionId question, Bytes value);
    void answer(QuestionId question, std::vector<Bytes> pieces);
    /// What the method says when it has nothing: None, an empty list, "not found".
    void answer_nothing(QuestionId question);
    /// At most 100 bytes of the text go to the peer.
    void answer_failure(QuestionId question, std::string const& text);

private:
    class Impl;
    explicit Node(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace mina::p2p
