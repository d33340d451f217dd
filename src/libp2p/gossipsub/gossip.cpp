// IHAVE and IWANT: what the meshes missed. spec: gossipsub-v1.0#control-messages
#include "libp2p/gossipsub/peer_selection.h"
#include "libp2p/gossipsub/rust_ids.h"
#include "libp2p/gossipsub/steps.h"

#include <algorithm>

namespace libp2p::gossipsub {
namespace {

std::optional<MessageId> rust_origin(State const& state, base::ByteView id) {
    if (!state.config.answer_rust_ids) return std::nullopt;
    return origin_of_rust_id(id);
}

struct Wanted {
    SeenKey key;
    base::ByteView id;
};

/// The ids among the first `count_max` advertised in our topics that we lack, each once. Counts those it looked at, seen
/// or not: looking costs. spec: gossipsub-v1.1#spam-protection-measures "aggregate number of message IDs advertised"
std::vector<Wanted> unseen(State const& state, std::vector<IHavePart> const& parts, std::size_t count_max,
                           std::uint32_t& count) {
    std::vector<Wanted> wanted;
    std::size_t looked_at = 0;
    for (auto const& part : parts) {
        auto const topic = state.topics.find(part.topic);
        if (topic == state.topics.end() || !topic->second.is_subscribed) continue;
        for (auto const id : part.ids) {
            if (looked_at == count_max) break;
            ++looked_at;
            if (id.empty() || id.size() > message_id_bytes_max) continue;
            auto const origin = rust_origin(state, id);
            auto const key = state.seen.key_of(origin ? base::ByteView(*origin) : id);
            if (!state.seen.contains(key)) wanted.push_back({key, id});
        }
    }
    count += static_cast<std::uint32_t>(looked_at);
    std::ranges::sort(wanted, {}, &Wanted::key);
    auto const repeated = std::ranges::unique(wanted, {}, &Wanted::key);
    wanted.erase(repeated.begin(), repeated.end());
    return wanted;
}

CachedMessage* find_cached(State& state, base::ByteView id) {
    if (auto* message = state.cache.find(id)) return message;
    auto const origin = rust_origin(state, id);
    return origin ? state.cache.find_origin(*origin) : nullptr;
}

}  // namespace

void on_ihave_parts(Step& step, PeerKey key, std::vector<IHavePart> const& parts, bool is_cut) {
    auto& state = step.state;
    auto& peer = state.peers.at(key);
    if (!peer.is_added || peer.version == Version::floodsub) return;
    ++peer.ihave_rpcs;
    auto const left = ihave_ids_left(state.config, peer);
    if (left == 0 || is_cut) step.report(key, Misbehaviour::ihave_flood);
    if (left == 0) return;

    auto wanted = unseen(state, parts, left, peer.ihave_ids);
    if (wanted.empty()) return;
    step.env.rng.shuffle(wanted);
    std::vector<base::ByteView> ids;
    for (auto const& one : wanted) ids.push_back(one.id);
    step.outbox.add_iwant(key, ids);

    // spec: gossipsub-v1.1#spam-protection-measures "the router tracks a random message ID within the advertised set"
    auto const watched = state.promises.find(wanted.front().key);
    if (watched != state.promises.end() && watched->second.contains(key)) return;
    if (watched == state.promises.end() && state.promises.size() >= promises_max) return;
    state.promises[wanted.front().key][key] = step.env.now + state.config.iwant_follow_up;
}

void on_iwant_ids(Step& step, PeerKey key, std::vector<base::ByteView> const& ids, bool is_cut) {
    auto& state = step.state;
    auto& peer = state.peers.at(key);
    if (!peer.is_added || peer.version == Version::floodsub) return;
    auto const left = iwant_ids_left(state.config, peer);
    if (ids.size() > left || is_cut) step.report(key, Misbehaviour::iwant_flood);
    auto const count = std::min(ids.size(), left);
    peer.iwant_ids += static_cast<std::uint32_t>(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (ids[i].size() > message_id_bytes_max) continue;
        auto* const message = find_cached(state, ids[i]);
        if (message == nullptr) continue;
        auto& answers = message->sent[key];
        if (answers >= state.config.iwant_answers_max) continue;
        ++answers;
        if (step.outbox.add_message(key, message->frame)) ++state.counters.served;
    }
}

void advertise(Step& step, std::string_view name, Topic const& topic) {
    auto ids = step.state.cache.advertised(name);
    if (ids.empty()) return;
    for (auto const peer : choose_for_gossip(step.state, topic, step.env.rng)) {
        // In another order for each, so that when not all fit, together they hear of more.
        step.env.rng.shuffle(ids);
        step.outbox.add_ihave(peer, name, ids);
    }
}

void expire_promises(Step& step) {
    auto& promises = step.state.promises;
    std::vector<PeerKey> broken;
    for (auto at = promises.begin(); at != promises.end();) {
        std::vector<PeerKey> late;
        for (auto const& [peer, deadline] : at->second) {
            if (deadline <= step.env.now) late.push_back(peer);
        }
        for (auto const peer : late) at->second.erase(peer);
        broken.insert(broken.end(), late.begin(), late.end());
        at = at->second.empty() ? promises.erase(at) : std::next(at);
    }
    std::ranges::sort(broken);
    for (auto const peer : broken) step.report(peer, Misbehaviour::broken_promise);
}

}  // namespace libp2p::gossipsub
