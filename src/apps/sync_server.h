// SyncServer: what a node without a full node beside it tells others. It keeps the blocks, transactions and SNARK work
// that passed by (runtime/recent_store), and answers the questions of peers from that; what it does not have is "not
// found".
//
// Kept is what may be forwarded: with `--verdicts application`, what the application has accepted. Until its verdict a
// message waits here: at most `waiting_max` messages and `waiting_bytes_max` bytes (more than the channels let wait),
// beyond which the oldest is not kept.
//
// Questions wait for the turns of the loop: each answers some, until they make `answered_bytes_max`, so that however
// many come at once, the loop reads no more blocks in one turn than one answer has, and a little. Beyond
// `questions_max`, or `questions_of_peer_max`, they fail ("too many answers at once").
#pragma once

#include "apps/events_json.h"
#include "apps/host.h"
#include "runtime/recent_store/recent_store.h"

#include <deque>
#include <functional>

namespace apps {

class SyncServer {
public:
    static constexpr std::size_t waiting_max = 4096;
    static constexpr std::size_t waiting_bytes_max = 160 * 1024 * 1024;
    static constexpr std::size_t questions_max = 1024;
    static constexpr std::ptrdiff_t questions_of_peer_max = 256;
    static constexpr std::uint64_t answered_bytes_max = 4 * 1024 * 1024;  // of a turn; the last may go beyond
    /// A block has come by gossip whose parent is not there.
    using OnMissing = std::function<void(mina::hashes::StateHash const& parent, libp2p::PeerId const& via)>;

    /// `path`: of the file of blocks, or "memory". `node` must outlive this object. `tells_unverified`: the best tip is
    /// told though nobody has verified it (runtime/recent_store says what that risks); it is told always on networks of
    /// tests, and when an application gives verdicts.
    SyncServer(std::string const& path, mina::p2p::P2pComponent const& node, bool tells_unverified);
    ~SyncServer();
    SyncServer(SyncServer const&) = delete;
    SyncServer& operator=(SyncServer const&) = delete;

    /// Keeps messages, and answers questions by `host`, which outlives this object or its loop's last turn.
    void on_event(libp2p::Event const& event, Host& host);
    void on_verdict(libp2p::gossipsub::MessageKey key, libp2p::gossipsub::Acceptance acceptance);
    /// A message of this node's own: taken for verified.
    void on_published(std::string_view topic, base::SharedBytes const& data);

    void on_missing(OnMissing on_missing) { on_missing_ = std::move(on_missing); }
    /// A block that was fetched. Whether it is kept, has_block() tells.
    void keep_block(mina::messages::Format format, base::SharedBytes block);
    bool has_block(mina::hashes::StateHash const& state) const { return store_.has_block(state); }

    std::vector<std::string> take_warnings() { return store_.take_warnings(); }
    /// {"blocks","blockBytes","transactions","snarkWorks","bestTip":{"height","stateHash","receivedMs"}|null}
    Json status() const;
    /// The best blocks first: [{"height","stateHash","previousStateHash","slot","bytes"}…]
    Json recent(std::size_t count) const;

private:
    struct Waiting {
        libp2p::gossipsub::MessageKey key;
        std::string topic;
        base::SharedBytes data;
        libp2p::PeerId via;
    };

    void keep(std::string_view topic, base::SharedBytes const& data, libp2p::PeerId const& via,
              runtime::Verified verified);
    void look_for_parent(base::ByteView message, libp2p::PeerId const& via);
    void wait(libp2p::event::MessageReceived const& message);
    void ask(libp2p::event::QuestionReceived const& question, Host& host);
    void answer_some(Host& host);
    void answer_next_turn(Host& host);
    libp2p::AnswerBody answer(libp2p::event::QuestionReceived const& question);
    runtime::NodeStatusFacts facts() const;

    mina::p2p::P2pComponent const& node_;
    runtime::RecentStore store_;
    base::Duration started_;
    std::deque<Waiting> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::deque<libp2p::event::QuestionReceived> questions_;
    runtime::EventLoop* loop_ = nullptr;  // on which the next turn is waited for
    runtime::EventLoop::TimerId next_turn_;
    OnMissing on_missing_;
};

}  // namespace apps
