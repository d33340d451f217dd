#include "apps/sync_client.h"

#include <algorithm>

namespace apps {

namespace {

constexpr std::uint64_t answer_bytes_max = 128 * 1024 * 1024;
constexpr std::uint64_t block_bytes_max = 32 * 1024 * 1024;
constexpr base::Duration retry_delay = std::chrono::milliseconds(200);
constexpr std::uint8_t unit[] = {0};

// mina: the Rust node answers "none" with silence, so that from it silence says that it lacks the block.
bool is_silence(RpcFailure const& failure) {
    return failure.reason == libp2p::CallFailure::timed_out && !failure.has_begun;
}

}  // namespace

SyncClient::SyncClient(Host& host, RpcCalls& calls, SyncServer& server, mina::p2p::P2pComponent const& node)
    : host_(host), calls_(calls), server_(server), node_(node) {
    state_.config.chain_max = node.state().config.network.frontier_length + 1;
    server_.on_missing([this](mina::hashes::StateHash const& parent, libp2p::PeerId const& via) {
        act(mina::sync::BlockMissing{parent, candidate(via)});
    });
}

// A moment later, so that a question that cannot even be asked is not asked of everybody at once.
void SyncClient::fail(QuestionId question) {
    host_.loop().after(retry_delay, [this, question] { act(mina::sync::AnswerFailed{question}); });
}

// No network's genesis block is known here: the first blocks of one come by gossip.
mina::sync::ChainRule SyncClient::chain_rule() const {
    auto const& network = node_.state().config.network;
    return {network.frontier_length, network.any_frontier_length, {}};
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
    mina::sync::reduce(state_, action, host_.loop().now(), out);
    set_timer();
    for (auto const& effect : out.effects) perform(effect);
}

void SyncClient::perform(mina::sync::Effect const& effect) {
    if (auto const* const tip = std::get_if<mina::sync::AskBestTip>(&effect)) {
        ask_best_tip(*tip);
    } else if (auto const* const blocks = std::get_if<mina::sync::AskBlocks>(&effect)) {
        ask_blocks(*blocks);
    } else if (std::holds_alternative<mina::sync::Cancel>(effect)) {
        cancel();
    }
}

void SyncClient::set_timer() {
    host_.loop().cancel(timer_);
    timer_ = {};
    if (state_.deadline == base::Instant::never()) return;
    auto const delay = std::max(state_.deadline - host_.loop().now(), base::Duration::zero());
    timer_ = host_.loop().after(delay, [this] { act(mina::sync::Tick{}); });
}

void SyncClient::ask_best_tip(mina::sync::AskBestTip const& order) {
    RpcAsk ask{order.peer, "get_best_tip", std::nullopt, base::ByteString(unit, unit + 1), "", answer_bytes_max};
    call_ = calls_.begin(std::move(ask), [this, question = order.question](RpcCalls::Result const& result) {
        if (result && result->is_kept) {
            on_best_tip(*result, question);
        } else {
            fail(question);
        }
    });
}

// It has one question at a time. A call that has ended is not there to be cancelled any more.
void SyncClient::cancel() {
    if (call_) host_.tell(libp2p::command::CancelCall{call_});
    call_ = {};
}

void SyncClient::on_best_tip(RpcAnswer const& answer, QuestionId question) {
    auto const best = mina::sync::read_best_tip(format(), answer.value, chain_rule());
    if (!best || !*best) return fail(question);
    // Oldest first: what follows is then never an orphan.
    server_.keep_block(format(), base::SharedBytes::copy_of((*best)->root));
    server_.keep_block(format(), base::SharedBytes::copy_of((*best)->tip));
    auto const& chain = (*best)->chain;
    if (!server_.has_block(chain.front()) || !server_.has_block(chain.back())) return fail(question);
    std::vector<mina::hashes::StateHash> missing;
    for (auto const& state : chain) {
        if (!server_.has_block(state)) missing.push_back(state);
    }
    act(mina::sync::BestTipAnswered{std::move(missing), question});
}

void SyncClient::ask_blocks(mina::sync::AskBlocks const& order) {
    // Gossip may have brought some meanwhile.
    mina::sync::BlocksAnswered there{{}, {}, order.question};
    call_ = {};
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
    call_ = calls_.begin(std::move(ask), [this, order, is_rust = !candidate(order.peer).takes_lists](
                                             RpcCalls::Result const& result) {
        if (result && result->is_kept) {
            on_blocks(*result, order);
        } else if (!result && is_rust && is_silence(result.error())) {
            act(mina::sync::BlocksAnswered{{}, {}, order.question});
        } else {
            fail(order.question);
        }
    });
}

void SyncClient::on_blocks(RpcAnswer const& answer, mina::sync::AskBlocks const& order) {
    auto const blocks = mina::sync::read_blocks(format(), answer.value, order.blocks.size());
    if (!blocks) return fail(order.question);
    mina::sync::BlocksAnswered taken{{}, {}, order.question};
    for (auto const& block : *blocks) {
        if (std::ranges::find(order.blocks, block.state) == order.blocks.end()) continue;
        server_.keep_block(format(), base::SharedBytes::copy_of(block.bytes));
        if (!server_.has_block(block.state)) continue;
        auto const is_orphan = !mina::sync::is_nothing(block.previous) && !server_.has_block(block.previous);
        if (is_orphan) taken.parents_missing.push_back(block.previous);
    }
    // Each once, however often it was given; and what gossip has brought meanwhile is not lacking either.
    for (auto const& block : order.blocks) {
        if (server_.has_block(block)) taken.blocks.push_back(block);
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
