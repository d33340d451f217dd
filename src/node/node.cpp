#include <minap2p/node.h>

#include "base/check.h"
#include "mina/rpc/menu.h"
#include "node/node_impl.h"

namespace mina::p2p {

using libp2p::RuleKind;
using messages::GossipKind;

std::string_view version() { return MINAP2P_VERSION; }

Result<Node> Node::create(Config const& config, OnEvent on_event) {
    base::check(static_cast<bool>(on_event), "Node::create: on_event is not empty");
    auto setup = setup_of(config);
    if (!setup) return setup.error();
    return Node(std::make_unique<Impl>(std::move(*setup), std::move(on_event)));
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Node::Node(Node&& other) noexcept = default;
Node& Node::operator=(Node&& other) noexcept = default;
Node::~Node() = default;

// ---- The loop

void Node::run() {
    while (!impl_->has_stopped()) impl_->turn(base::Duration::max());
}

void Node::stop() noexcept { impl_->stop(); }
bool Node::has_stopped() const { return impl_->has_stopped(); }
int Node::poll_fd() { return impl_->poll_fd(); }
void Node::turn() { impl_->turn(base::Duration::zero()); }

// ---- What there is

Status Node::status() const { return impl_->status(); }
std::vector<PeerInfo> Node::peers() const { return impl_->peers(); }
Format Node::format() const { return outer(impl_->format()); }

// ---- Peers

void Node::connect(std::string const& address, OnConnect on_done, ConnectOptions const& options) {
    impl_->connect(address, std::move(on_done), options);
}

void Node::disconnect(PeerId const& peer, OnDone on_done) { impl_->disconnect(peer, std::move(on_done)); }

void Node::ban(std::string const& subject, std::optional<std::chrono::seconds> time, std::string const& reason,
               OnDone on_done) {
    impl_->put_rule(subject, RuleKind::ban, time, reason, std::move(on_done));
}

void Node::unban(std::string const& subject, OnDone on_done) {
    impl_->drop_rule(subject, RuleKind::ban, std::move(on_done));
}

void Node::trust(std::string const& subject, OnDone on_done) {
    impl_->put_rule(subject, RuleKind::trust, std::nullopt, "by the application", std::move(on_done));
}

void Node::untrust(std::string const& subject, OnDone on_done) {
    impl_->drop_rule(subject, RuleKind::trust, std::move(on_done));
}

// ---- Gossip

void Node::broadcast_block(Bytes const& block, OnBroadcast on_done, BroadcastOptions const& options) {
    impl_->broadcast(GossipKind::block, block, std::move(on_done), options);
}

void Node::broadcast_transactions(Bytes const& list, OnBroadcast on_done, BroadcastOptions const& options) {
    impl_->broadcast(GossipKind::transactions, list, std::move(on_done), options);
}

void Node::broadcast_snark_work(Bytes const& diff, OnBroadcast on_done, BroadcastOptions const& options) {
    impl_->broadcast(GossipKind::snark_work, diff, std::move(on_done), options);
}

void Node::give_verdict(MessageId message, Verdict verdict) { impl_->give_verdict(message, verdict); }

// ---- Calls

CallId Node::request_best_tip(PeerId const& peer, OnAnswer on_answer, CallOptions const& options) {
    return impl_->call(peer, Method::get_best_tip, unit_query(), std::move(on_answer), options);
}

CallId Node::request_ancestry(PeerId const& peer, Bytes const& consensus_state, StateHash const& block,
                              OnAnswer on_answer, CallOptions const& options) {
    return impl_->call(peer, Method::get_ancestry, ancestry_query(consensus_state, block), std::move(on_answer),
                       options);
}

CallId Node::request_transition_chain(PeerId const& peer, std::vector<StateHash> const& blocks, OnAnswer on_answer,
                                      CallOptions const& options) {
    return impl_->call(peer, Method::get_transition_chain, hashes_query(blocks), std::move(on_answer), options);
}

CallId Node::request_transition_chain_proof(PeerId const& peer, StateHash const& block, OnAnswer on_answer,
                                            CallOptions const& options) {
    return impl_->call(peer, Method::get_transition_chain_proof, hash_query(block), std::move(on_answer), options);
}

CallId Node::request_transition_knowledge(PeerId const& peer, OnAnswer on_answer, CallOptions const& options) {
    return impl_->call(peer, Method::get_transition_knowledge, unit_query(), std::move(on_answer), options);
}

CallId Node::query_ledger(PeerId const& peer, LedgerHash const& ledger, LedgerQuery const& query, OnAnswer on_answer,
                          CallOptions const& options) {
    return impl_->call(peer, Method::answer_sync_ledger_query, ledger_query(impl_->call_format(), ledger, query),
                       std::move(on_answer), options);
}

CallId Node::request_staged_ledger(PeerId const& peer, StateHash const& block, OnAnswer on_answer,
                                   CallOptions const& options) {
    return impl_->call(peer, Method::get_staged_ledger, hash_query(block), std::move(on_answer), options);
}

CallId Node::request_completed_snarks(PeerId const& peer, OnAnswer on_answer, CallOptions const& options) {
    return impl_->call(peer, Method::get_completed_snarks, unit_query(), std::move(on_answer), options);
}

CallId Node::request_initial_peers(PeerId const& peer, OnAnswer on_answer, CallOptions const& options) {
    return impl_->call(peer, Method::get_some_initial_peers, unit_query(), std::move(on_answer), options);
}

CallId Node::request_node_status(PeerId const& peer, OnAnswer on_answer, CallOptions const& options) {
    return impl_->call(peer, Method::get_node_status, unit_query(), std::move(on_answer), options);
}

CallId Node::request_menu(PeerId const& peer, OnMenu on_menu, CallOptions const& options) {
    auto const read = [on_menu = std::move(on_menu)](Result<Bytes, CallError> const& answer) {
        if (!answer) return on_menu(answer.error());
        auto const entries = rpc::decode_menu(answer->view());
        if (!entries) return on_menu(CallError{CallFailure::misbehaved, std::string(rpc::to_string(entries.error()))});
        std::vector<MenuEntry> menu;
        for (auto const& entry : *entries) menu.push_back({entry.tag, entry.version});
        on_menu(menu);
    };
    return impl_->call(peer, Method::menu, unit_query(), read, options);
}

CallId Node::call(PeerId const& peer, Method method, Bytes const& query, OnAnswer on_answer,
                  CallOptions const& options) {
    return impl_->call(peer, method, base::to_byte_string(query.view()), std::move(on_answer), options);
}

void Node::cancel(CallId call) { impl_->cancel(call); }
void Node::pause(CallId call) { impl_->pause(call, true); }
void Node::resume(CallId call) { impl_->pause(call, false); }

// ---- Answers

void Node::answer(QuestionId question, Bytes value) {
    libp2p::Payload payload;
    payload.pieces.push_back(inner(std::move(value)));
    impl_->answer(question, std::move(payload));
}

void Node::answer(QuestionId question, std::vector<Bytes> pieces) {
    libp2p::Payload payload;
    for (auto& piece : pieces) payload.pieces.push_back(inner(std::move(piece)));
    impl_->answer(question, std::move(payload));
}

void Node::answer_nothing(QuestionId question) { impl_->answer(question, libp2p::NoAnswer{}); }

void Node::answer_failure(QuestionId question, std::string const& text) {
    impl_->answer(question, libp2p::FailedAnswer{text});
}

}  // namespace mina::p2p
