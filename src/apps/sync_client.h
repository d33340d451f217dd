// SyncClient: a node that starts fetches the recent chain from its peers (mina/sync decides), by the calls that an
// application has (RpcCalls), and gives it to the SyncServer, from where others get it. Not beside an application that
// gives verdicts: nothing fetched here has had one.
#pragma once

#include "apps/rpc_call.h"
#include "apps/sync_server.h"
#include "mina/sync/sync.h"
#include "mina/sync/sync_answers.h"

namespace apps {

class SyncClient {
public:
    /// All must outlive this object.
    SyncClient(Host& host, RpcCalls& calls, SyncServer& server, mina::p2p::P2pComponent const& node);

    void on_event(libp2p::Event const& event);
    /// {"phase","fetched","missing","givenUp"}
    Json status() const;

private:
    using QuestionId = mina::sync::QuestionId;

    void act(mina::sync::Action const& action);
    void perform(mina::sync::Effect const& effect);
    void set_timer();
    void ask_best_tip(mina::sync::AskBestTip const& order);
    void ask_blocks(mina::sync::AskBlocks const& order);
    void cancel();
    void fail(QuestionId question);
    void on_best_tip(RpcAnswer const& answer, QuestionId question);
    void on_blocks(RpcAnswer const& answer, mina::sync::AskBlocks const& order);
    mina::sync::ChainRule chain_rule() const;
    mina::sync::Candidate candidate(libp2p::PeerId const& peer) const;
    mina::messages::Format format() const;

    Host& host_;
    RpcCalls& calls_;
    SyncServer& server_;
    mina::p2p::P2pComponent const& node_;
    mina::sync::State state_;
    libp2p::RequestId call_;             // of the question, once it is under way
    runtime::EventLoop::TimerId timer_;  // for the next Tick
};

}  // namespace apps
