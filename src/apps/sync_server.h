// SyncServer: what a node without a full node beside it tells others. It keeps the blocks, transactions and SNARK work
// that passed by (runtime/recent_store), and answers the questions of peers from that; what it does not have is "not
// found".
//
// Kept is what may be forwarded: with `--verdicts application`, what the application has accepted. Until its verdict a
// message waits here: at most `waiting_max` messages and `waiting_bytes_max` bytes, beyond which the oldest is not kept.
#pragma once

#include "apps/events_json.h"
#include "apps/host.h"
#include "runtime/recent_store/recent_store.h"

#include <deque>

namespace apps {

class SyncServer {
public:
    static constexpr std::size_t waiting_max = 1024;
    static constexpr std::size_t waiting_bytes_max = 64 * 1024 * 1024;

    /// `path`: of the file of blocks, or "memory". `node` must outlive this object.
    SyncServer(std::string const& path, mina::p2p::P2pComponent const& node);

    /// Keeps messages, and answers questions by `host`.
    void on_event(libp2p::Event const& event, Host& host);
    void on_accepted(libp2p::gossipsub::MessageKey key);
    /// A message of this node's own.
    void on_published(std::string_view topic, base::SharedBytes const& data);

    /// A block that was fetched.
    void keep_block(mina::messages::Format format, base::SharedBytes block);
    bool has_block(mina::hashes::StateHash const& state) { return store_.has_block(state); }
    /// The parent of the block that came last, when it is not there; once.
    std::optional<mina::hashes::StateHash> take_missing_parent() { return std::exchange(missing_parent_, std::nullopt); }

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
    };

    void look_for_parent(base::ByteView message);
    void wait(libp2p::event::MessageReceived const& message);
    void answer(libp2p::event::QuestionReceived const& question, Host& host);
    runtime::NodeStatusFacts facts() const;

    mina::p2p::P2pComponent const& node_;
    runtime::RecentStore store_;
    base::Duration started_;
    std::deque<Waiting> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::optional<mina::hashes::StateHash> missing_parent_;
};

}  // namespace apps
