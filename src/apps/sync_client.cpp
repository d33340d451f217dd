#include "apps/sync_client.h"

#include "mina/sync/sync_answers.h"

#include <algorithm>

namespace apps {

namespace {

constexpr std::uint64_t answer_bytes_max = 128 * 1024 * 1024;
constexpr std::uint8_t unit[] = {0};

}  // namespace

SyncClient::SyncClient(RpcCalls& calls, SyncServer& server, mina::p2p::P2pComponent const& node)
    : calls_(calls), server_(server), node_(node) {
    // No more than what the store keeps behind a best tip, and some for a fork.
    state_.config.chain_max = std::max<std::size_t>(node.state().config.network.frontier_length + 1, 512);
}

mina::messages::Format SyncClient::format() const {
    auto const& formats = node_.state().formats;
    return formats.are_checked() ? formats.current() : node_.rpc().config.format;
}

// mina: the Rust node takes one hash a query.
mina::sync::Candidate SyncClient::candidate(libp2p::PeerId const& peer) const {
    auto const protocols = node_.swarm().protocols_of(peer);
    auto const found = node_.state().peers.find(peer);
    auto const agent = found == node_.state().peers.end() ? std::string() : found->second.agent;
    auto const names = protocols.value_or(std::vector<std::string>{});
    return {peer, mina::rpc::dialect_of(agent, names) == mina::rpc::Dialect::ocaml};
}

void SyncClient::on_event(libp2p::Event const& event) {
    if (auto const* const identified = std::get_if<libp2p::event::Identified>(&event)) {
        auto const& rpc = node_.state().config.network.rpc;
        if (std::ranges::count(identified->protocols, rpc) == 0) return;
        act(mina::sync::PeerReady{candidate(identified->peer)});
    } else if (auto const* const gone = std::get_if<libp2p::event::Disconnected>(&event)) {
        act(mina::sync::PeerGone{gone->peer});
    } else if (auto const* const message = std::get_if<libp2p::event::MessageReceived>(&event)) {
        if (auto const parent = server_.take_missing_parent()) {
            act(mina::sync::BlockMissing{*parent, candidate(message->via)});
        }
    }
}

void SyncClient::act(mina::sync::Action const& action) {
    mina::sync::Out out;
    mina::sync::reduce(state_, action, out);
    for (auto const& effect : out.effects) {
        if (auto const* const tip = std::get_if<mina::sync::AskBestTip>(&effect)) {
            ask_best_tip(tip->peer);
        } else if (auto const* const blocks = std::get_if<mina::sync::AskBlocks>(&effect)) {
            ask_blocks(*blocks);
        }
    }
}

void SyncClient::ask_best_tip(libp2p::PeerId const& peer) {
    RpcAsk ask{peer, "get_best_tip", std::nullopt, base::ByteString(unit, unit + 1), "", answer_bytes_max};
    calls_.begin(std::move(ask), [this](RpcCalls::Result const& result) {
        if (result && result->is_kept) {
            on_best_tip(*result);
        } else {
            act(mina::sync::AnswerFailed{});
        }
    });
}

void SyncClient::on_best_tip(RpcAnswer const& answer) {
    auto const best = mina::sync::read_best_tip(format(), answer.value, state_.config.chain_max);
    if (!best || !*best) return act(mina::sync::AnswerFailed{});
    // Oldest first: what follows is then never an orphan.
    server_.keep_block(format(), base::SharedBytes::copy_of((*best)->root));
    server_.keep_block(format(), base::SharedBytes::copy_of((*best)->tip));
    std::vector<mina::hashes::StateHash> missing;
    for (auto const& state : (*best)->chain) {
        if (!server_.has_block(state)) missing.push_back(state);
    }
    act(mina::sync::BestTipAnswered{std::move(missing)});
}

void SyncClient::ask_blocks(mina::sync::AskBlocks const& order) {
    RpcAsk ask{order.peer, "get_transition_chain", std::nullopt, mina::sync::transition_chain_query(order.blocks), "",
               answer_bytes_max};
    calls_.begin(std::move(ask), [this, asked = order.blocks](RpcCalls::Result const& result) {
        if (result && result->is_kept) {
            on_blocks(*result, asked);
        } else {
            act(mina::sync::AnswerFailed{});
        }
    });
}

void SyncClient::on_blocks(RpcAnswer const& answer, std::vector<mina::hashes::StateHash> const& asked) {
    auto const blocks = mina::sync::read_blocks(format(), answer.value);
    if (!blocks) return act(mina::sync::AnswerFailed{});
    mina::sync::BlocksAnswered taken;
    for (auto const& block : *blocks) {
        if (std::ranges::find(asked, block.state) == asked.end()) continue;
        server_.keep_block(format(), base::SharedBytes::copy_of(block.bytes));
        taken.blocks.push_back(block.state);
        taken.parent_missing.reset();
        if (!server_.has_block(block.previous)) taken.parent_missing = block.previous;
    }
    // A chain that was believed names its blocks; only a block of gossip is followed to its ancestors.
    if (state_.gap == 0) taken.parent_missing.reset();
    act(taken);
}

Json SyncClient::status() const {
    return Json{{"phase", to_string(state_.phase)},
                {"fetched", state_.fetched},
                {"missing", state_.missing.size() + state_.fetching.size()}};
}

}  // namespace apps
