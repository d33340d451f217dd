#include "apps/sync_client.h"

#include "mina/sync/sync_answers.h"

#include <algorithm>

namespace apps {

namespace {

constexpr std::uint64_t answer_bytes_max = 128 * 1024 * 1024;
constexpr std::uint64_t block_bytes_max = 32 * 1024 * 1024;
constexpr base::Duration retry_delay = std::chrono::milliseconds(200);
constexpr std::uint8_t unit[] = {0};

}  // namespace

SyncClient::SyncClient(Host& host, RpcCalls& calls, SyncServer& server, mina::p2p::P2pComponent const& node)
    : host_(host), calls_(calls), server_(server), node_(node) {
    state_.config.chain_max = node.state().config.network.frontier_length + 1;
    server_.on_missing([this](mina::hashes::StateHash const& parent, libp2p::PeerId const& via) {
        act(mina::sync::BlockMissing{parent, candidate(via)});
    });
}

// A moment later, so that a question that cannot even be asked is not asked of everybody at once.
void SyncClient::fail() {
    host_.loop().after(retry_delay, [this] { act(mina::sync::AnswerFailed{}); });
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
            fail();
        }
    });
}

void SyncClient::on_best_tip(RpcAnswer const& answer) {
    // No network's genesis block is known here: the first blocks of one come by gossip.
    auto const& network = node_.state().config.network;
    mina::sync::ChainRule const rule{network.frontier_length, network.any_frontier_length, {}};
    auto const best = mina::sync::read_best_tip(format(), answer.value, rule);
    if (!best || !*best) return fail();
    // Oldest first: what follows is then never an orphan.
    server_.keep_block(format(), base::SharedBytes::copy_of((*best)->root));
    server_.keep_block(format(), base::SharedBytes::copy_of((*best)->tip));
    auto const& chain = (*best)->chain;
    if (!server_.has_block(chain.front()) || !server_.has_block(chain.back())) return fail();
    std::vector<mina::hashes::StateHash> missing;
    for (auto const& state : chain) {
        if (!server_.has_block(state)) missing.push_back(state);
    }
    act(mina::sync::BestTipAnswered{std::move(missing)});
}

void SyncClient::ask_blocks(mina::sync::AskBlocks const& order) {
    // Gossip may have brought some meanwhile.
    mina::sync::BlocksAnswered there;
    for (auto const& block : order.blocks) {
        if (server_.has_block(block)) there.blocks.push_back(block);
    }
    if (there.blocks.size() == order.blocks.size()) {
        host_.loop().after({}, [this, there] { act(there); });
        return;
    }
    auto const bytes_max = std::min<std::uint64_t>(answer_bytes_max, order.blocks.size() * block_bytes_max);
    RpcAsk ask{order.peer, "get_transition_chain", std::nullopt, mina::sync::transition_chain_query(order.blocks), "",
               bytes_max};
    calls_.begin(std::move(ask), [this, asked = order.blocks](RpcCalls::Result const& result) {
        if (result && result->is_kept) {
            on_blocks(*result, asked);
        } else {
            fail();
        }
    });
}

void SyncClient::on_blocks(RpcAnswer const& answer, std::vector<mina::hashes::StateHash> const& asked) {
    auto const blocks = mina::sync::read_blocks(format(), answer.value, asked.size());
    if (!blocks) return fail();
    mina::sync::BlocksAnswered taken;
    for (auto const& block : *blocks) {
        if (std::ranges::find(asked, block.state) == asked.end()) continue;
        server_.keep_block(format(), base::SharedBytes::copy_of(block.bytes));
        if (!server_.has_block(block.state)) continue;
        taken.blocks.push_back(block.state);
        auto const is_orphan = !mina::sync::is_nothing(block.previous) && !server_.has_block(block.previous);
        if (is_orphan) taken.parents_missing.push_back(block.previous);
    }
    act(taken);
}

Json SyncClient::status() const {
    return Json{{"phase", to_string(state_.phase)},
                {"fetched", state_.fetched},
                {"missing", state_.missing.size() + state_.fetching.size()},
                {"givenUp", state_.given_up}};
}

}  // namespace apps
