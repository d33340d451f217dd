#include "apps/sync_server.h"

#include "apps/version.h"
#include "mina/messages/gossip.h"
#include "mina/sync/sync_answers.h"
#include "runtime/clock.h"

#include <algorithm>

namespace apps {

namespace {

std::uint64_t now_ms() {
    using std::chrono::milliseconds;
    return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(runtime::unix_time()).count());
}

runtime::RecentStoreConfig config_of(mina::p2p::P2pConfig const& node, bool tells_unverified) {
    auto const& network = node.network;
    runtime::RecentStoreConfig config;
    if (!network.formats.empty()) config.formats = network.formats;
    config.network = network.chain_id;
    config.blocks.k = static_cast<std::uint32_t>(network.frontier_length);
    config.blocks.any_length = network.any_frontier_length;
    config.blocks.slot_ms = network.slot_ms;
    config.blocks.gaps_allowed = true;  // mina: as OCaml's node, since its "super catchup"
    config.answers_best_tip =
        tells_unverified || network.any_frontier_length || node.verdicts == mina::p2p::Verdicts::application;
    return config;
}

using mina::sync::is_nothing;

std::uint64_t bytes_of(libp2p::AnswerBody const& body) {
    std::uint64_t bytes = 0;
    auto const* const payload = std::get_if<libp2p::Payload>(&body);
    if (payload == nullptr) return bytes;
    for (auto const& piece : payload->pieces) bytes += piece.size();
    return bytes;
}

std::string best_address(mina::p2p::P2pComponent const& node) {
    for (auto const& address : node.swarm().announced_addresses()) {
        if (auto const at = address.socket_address()) return at->ip.text();
    }
    return "";
}

}  // namespace

SyncServer::SyncServer(std::string const& path, mina::p2p::P2pComponent const& node, bool tells_unverified)
    : node_(node),
      store_(path == "memory" ? ":memory:" : path, config_of(node.state().config, tells_unverified), now_ms()),
      started_(runtime::monotonic_time()) {}

SyncServer::~SyncServer() {
    if (loop_ != nullptr) loop_->cancel(next_turn_);
}

void SyncServer::on_event(libp2p::Event const& event, Host& host) {
    if (auto const* const message = std::get_if<libp2p::event::MessageReceived>(&event)) {
        if (node_.state().config.verdicts == mina::p2p::Verdicts::automatic) {
            keep(message->topic, message->data, message->via, runtime::Verified::no);
        } else {
            wait(*message);
        }
    } else if (auto const* const question = std::get_if<libp2p::event::QuestionReceived>(&event)) {
        ask(*question, host);
    } else if (auto const* const dropped = std::get_if<libp2p::event::QuestionDropped>(&event)) {
        std::erase_if(questions_, [&](auto const& waiting) { return waiting.question == dropped->question; });
    }
}

void SyncServer::wait(libp2p::event::MessageReceived const& message) {
    waiting_.push_back({message.key, message.topic, message.data, message.via});
    waiting_bytes_ += message.data.size();
    while (waiting_.size() > waiting_max || waiting_bytes_ > waiting_bytes_max) {
        waiting_bytes_ -= waiting_.front().data.size();
        waiting_.pop_front();
    }
}

void SyncServer::on_verdict(libp2p::gossipsub::MessageKey key, libp2p::gossipsub::Acceptance acceptance) {
    auto const found = std::ranges::find(waiting_, key, &Waiting::key);
    if (found == waiting_.end()) return;
    auto const message = std::move(*found);
    waiting_bytes_ -= message.data.size();
    waiting_.erase(found);
    if (acceptance != libp2p::gossipsub::Acceptance::accept) return;
    keep(message.topic, message.data, message.via, runtime::Verified::yes);
}

void SyncServer::on_published(std::string_view topic, base::SharedBytes const& data) {
    keep(topic, data, {}, runtime::Verified::yes);
}

void SyncServer::keep(std::string_view topic, base::SharedBytes const& data, libp2p::PeerId const& via,
                      runtime::Verified verified) {
    auto const& state = node_.state();
    if (!state.formats.are_checked() || topic != state.config.network.checked_topic) return;
    for (auto const format : state.formats.candidates()) {
        if (!mina::messages::validate_gossip(format, data.view())) continue;
        // A refusal, of what is too old or known, is no news to anybody.
        if (store_.on_gossip(format, data, now_ms(), verified)) look_for_parent(data.view(), via);
        return;
    }
}

// Of a valid message. A block begins with the hash of its parent's state.
void SyncServer::look_for_parent(base::ByteView message, libp2p::PeerId const& via) {
    auto const value = message.subspan(mina::messages::frame_header_bytes);
    if (!on_missing_ || via.empty()) return;
    if (value.front() != static_cast<std::uint8_t>(mina::messages::GossipKind::block)) return;
    mina::hashes::StateHash parent;
    std::ranges::copy(value.subspan(1, parent.bytes.size()), parent.bytes.begin());
    if (!is_nothing(parent) && !store_.has_block(parent)) on_missing_(parent, via);
}

void SyncServer::keep_block(mina::messages::Format format, base::SharedBytes block) {
    static_cast<void>(store_.on_block(format, std::move(block), now_ms()));
}

// Not at once: what bounds the answers that wait to be sent sees them only when they have been made.
void SyncServer::ask(libp2p::event::QuestionReceived const& question, Host& host) {
    auto const of_peer = std::ranges::count(questions_, question.peer, &libp2p::event::QuestionReceived::peer);
    if (questions_.size() >= questions_max || of_peer >= questions_of_peer_max) {
        libp2p::FailedAnswer const failed{"too many answers at once"};
        return host.tell(libp2p::command::AnswerQuestion{question.question, failed});
    }
    questions_.push_back(question);
    if (questions_.size() == 1) answer_next_turn(host);
}

void SyncServer::answer_next_turn(Host& host) {
    if (loop_ != nullptr) loop_->cancel(next_turn_);  // of questions that were dropped
    loop_ = &host.loop();
    next_turn_ = loop_->after(base::Duration::zero(), [this, &host] { answer_some(host); });
}

void SyncServer::answer_some(Host& host) {
    loop_ = nullptr;
    std::uint64_t bytes = 0;
    while (!questions_.empty() && bytes < answered_bytes_max) {
        auto body = answer(questions_.front());
        bytes += bytes_of(body);
        host.tell(libp2p::command::AnswerQuestion{questions_.front().question, std::move(body)});
        questions_.pop_front();
    }
    if (!questions_.empty()) answer_next_turn(host);
}

libp2p::AnswerBody SyncServer::answer(libp2p::event::QuestionReceived const& question) {
    auto const method = mina::rpc::method_of(question.method);
    if (!method) return libp2p::NoAnswer{};
    auto const format = node_.state().formats.are_checked() ? node_.state().formats.current()
                                                            : node_.rpc().config.format;
    auto const is_status = *method == mina::rpc::Method::get_node_status;
    return store_.answer(*method, question.version, format, question.query.view(),
                         is_status ? facts() : runtime::NodeStatusFacts{});
}

runtime::NodeStatusFacts SyncServer::facts() const {
    runtime::NodeStatusFacts facts;
    facts.ip_address = best_address(node_);
    facts.peer_id = node_.swarm().self().text();
    facts.git_commit = build_id();
    facts.uptime_minutes = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::minutes>(runtime::monotonic_time() - started_).count());
    for (auto const& [id, peer] : node_.state().peers) {
        auto const at = peer.address.socket_address();
        if (!at || (at->ip.is_private() && !node_.state().config.network.private_addresses)) continue;
        facts.peers.push_back({at->ip.text(), at->port, id.text()});
    }
    return facts;
}

Json SyncServer::status() const {
    auto const status = store_.status();
    Json json{{"blocks", status.blocks},
              {"blockBytes", status.block_bytes},
              {"transactions", status.transactions},
              {"snarkWorks", status.works},
              {"isOnDisk", status.is_open},
              {"bestTip", nullptr}};
    if (status.best_tip) {
        json["bestTip"] = Json{{"height", status.best_tip->header.height},
                               {"stateHash", to_string(status.best_tip->header.state)},
                               {"receivedMs", status.best_tip->received_ms}};
    }
    return json;
}

Json SyncServer::recent(std::size_t count) const {
    auto all = Json::array();
    for (auto const& entry : store_.recent(count)) {
        all.push_back({{"height", entry.header.height},
                       {"stateHash", to_string(entry.header.state)},
                       {"previousStateHash", to_string(entry.header.previous)},
                       {"slot", entry.header.global_slot},
                       {"bytes", entry.header.bytes}});
    }
    return all;
}

}  // namespace apps
