// Drives Kademlia with arbitrary facts and orders, legal or not, and with bytes on its streams, and checks its bounds
// and that its tables agree.
#include "libp2p/kademlia/test_node.h"

namespace {

using namespace libp2p;
using namespace libp2p::kademlia;
using namespace libp2p::kademlia::test;

class Choices {
public:
    explicit Choices(base::ByteView input) : rest_(input) {}
    bool done() const { return rest_.empty(); }
    std::uint8_t below(std::uint8_t bound) {
        if (rest_.empty()) return 0;
        auto const value = rest_[0];
        rest_ = rest_.subspan(1);
        return static_cast<std::uint8_t>(value % bound);
    }
    base::ByteView bytes() {
        auto const size = std::min<std::size_t>(below(255), rest_.size());
        auto const result = rest_.first(size);
        rest_ = rest_.subspan(size);
        return result;
    }

private:
    base::ByteView rest_;
};

Config fuzz_config(Choices& choices) {
    auto config = test_config();
    auto const how = choices.below(16);
    config.upkeep = (how & 1) != 0;
    config.server = (how & 2) == 0;
    config.private_addresses = (how & 4) != 0;
    config.bucket_size = 2;
    config.replacements_max = 1;
    config.table_max = 4;
    config.disjoint_paths = 2;
    config.candidates_max = 6;
    config.asked_max = 5;
    config.under_way_max = 4;
    config.queries_max = 3;
    config.streams_max = 2;
    config.dials_max = 2;
    config.dials_a_minute_max = 3;
    config.dial_groups_max = 3;
    config.backoffs_max = 2;
    config.known_max = 3;
    config.inbound_streams_max = 2;
    config.requests_burst = 3;
    config.provided_keys_max = 2;
    config.providers_per_key_max = 2;
    config.providers_max = 3;
    config.providers_per_peer_max = 2;
    config.own_keys_max = 2;
    config.probes_max = 2;
    return config;
}

void check_requests(State const& state) {
    std::map<PeerId, std::pair<std::size_t, std::size_t>> counted;  // waiting, streams
    std::size_t probes = 0;
    for (auto const& [id, request] : state.requests) {
        auto& count = counted[request.id];
        ++(request.phase == Phase::waiting ? count.first : count.second);
        if (!request.query && request.phase != Phase::abandoned) ++probes;
        if (request.query && request.phase != Phase::abandoned)
            base::check(state.queries.contains(request.query), "its query");
        base::check(!request.channel || state.asking.at(request.channel) == id, "its channel");
        base::check(request.answer.held_bytes() <= providers_answer_bytes_in_max, "an answer");
        base::check(state.outgoing.contains(request.id), "its place");
    }
    base::check(probes == state.probes && probes <= state.config.probes_max, "probes");
    std::size_t dials = 0;
    for (auto const& [id, outgoing] : state.outgoing) {
        base::check(outgoing.waiting.size() == counted[id].first, "waiting");
        base::check(outgoing.streams == counted[id].second && outgoing.streams <= state.config.streams_max + 1,
                    "streams");
        if (outgoing.is_dialing) ++dials;
    }
    base::check(dials == state.dials && dials <= state.config.dials_max, "dials");
    for (auto const& [channel, request] : state.asking) base::check(state.requests.contains(request), "a request");
}

void check_bounds(State const& state) {
    auto const& config = state.config;
    check_requests(state);
    base::check(state.table.size() <= config.table_max, "table");
    for (auto const& bucket : state.table.buckets()) {
        base::check(bucket.members.size() <= config.bucket_size, "bucket");
        base::check(bucket.replacements.size() <= config.replacements_max, "replacements");
    }
    base::check(state.backoffs.size() <= config.backoffs_max, "backoffs");
    base::check(state.known.size() <= config.known_max && state.known_order.size() <= config.known_max, "known");
    base::check(state.dial_counts.size() <= config.dial_groups_max, "groups");
    base::check(state.providers.size() <= config.providers_max, "providers");
    base::check(state.providers.keys().size() <= config.provided_keys_max, "provided keys");
    base::check(state.own_keys.size() <= config.own_keys_max, "own keys");
    std::size_t outside = 0;
    for (auto const& [id, query] : state.queries) {
        outside += query.is_from_outside ? 1 : 0;
        base::check(query.lookup.candidates().size() <= config.candidates_max, "candidates");
        base::check(query.lookup.asked() <= config.asked_max, "asked");
    }
    base::check(outside == state.queries_from_outside && outside <= config.queries_max, "queries");
    std::map<PeerKey, std::uint32_t> streams;
    for (auto const& [channel, inbound] : state.inbound) ++streams[inbound.peer];
    for (auto const& [key, peer] : state.peers) {
        base::check(streams[key] == peer.inbound_streams && peer.inbound_streams <= config.inbound_streams_max,
                    "inbound");
        base::check(state.keys.contains(peer.id), "its key");
    }
}

std::vector<PeerAddresses> some_peers(Choices& choices) {
    std::vector<PeerAddresses> result;
    for (auto i = choices.below(4); i > 0; --i) {
        std::uint64_t const number = choices.below(12);
        result.push_back(
            {id_number(number), {number % 3 == 0 ? address("/ip4/127.0.0.1/tcp/1") : address_number(number)}});
    }
    return result;
}

base::ByteString some_message(Choices& choices, base::ByteView key) {
    Message message;
    message.type = static_cast<MessageType>(choices.below(6));
    message.key = key;
    message.closer = some_peers(choices);
    message.providers = some_peers(choices);
    if (choices.below(2) == 1) message.record = Record{key, key};
    return encode(message);
}

class Run {
public:
    Run(Choices& choices, Config const& config) : choices_(choices), node_(config) {}

    void step() {
        PeerKey const peer{1U + choices_.below(5)};
        auto const id = id_number(1 + peer.value);
        switch (choices_.below(12)) {
            case 0:
                apply(PeerConnected{peer, id, address_number(peer.value), static_cast<Direction>(choices_.below(2))});
                return;
            case 1:
                apply(
                    PeerIdentified{peer, choices_.below(4) != 0, choices_.below(3) == 0, {address_number(peer.value)}});
                return;
            case 2: apply(PeerDisconnected{peer}); return;
            case 3: apply(ConnectFailed{id_number(choices_.below(12))}); return;
            case 4: other(id); return;
            case 5: order(peer, id); return;
            case 6: open(peer); return;
            case 7:
            case 8: data(); return;
            case 9: apply(stream::Finished{ChannelId{1U + choices_.below(20)}}); return;
            case 10: {
                ChannelId const channel{choices_.below(20)};
                RequestId const request{choices_.below(2) == 0 ? 0U : choices_.below(20)};
                apply(stream::Closed{channel, peer, request, static_cast<stream::CloseReason>(choices_.below(5))});
                return;
            }
            default:
                node_.now = node_.now + std::chrono::milliseconds(200) * choices_.below(255) * choices_.below(255);
                apply(Tick{});
                return;
        }
    }

    State const& state() const { return node_.state; }

private:
    void apply(Action const& action) {
        node_.act(action);
        for (auto const& effect : node_.out.effects) {
            if (auto const* order = std::get_if<stream::Open>(&effect)) opens_.push_back(*order);
            if (opens_.size() > 20) opens_.erase(opens_.begin());
        }
        check_bounds(node_.state);
    }
    base::ByteString key() { return base::to_byte_string(id_number(choices_.below(12)).bytes()); }

    void other(PeerId const& id) {
        switch (choices_.below(5)) {
            case 0: apply(OwnAddresses{{address_number(1)}}); return;
            case 1: apply(Learn{some_peers(choices_)}); return;
            case 2: apply(Forget{id}); return;
            case 3: apply(StopProviding{key()}); return;
            default: apply(stream::Writable{ChannelId{1}}); return;
        }
    }
    void order(PeerKey peer, PeerId const& id) {
        RequestId const request{choices_.below(3)};
        switch (choices_.below(7)) {
            case 0: apply(FindPeer{id, request}); return;
            case 1: apply(FindClosest{key(), request}); return;
            case 2:
                apply(AskClosest{peer, choices_.below(2) == 0 ? key() : base::ByteString(choices_.below(90), 1),
                                 request});
                return;
            case 3: apply(Provide{key(), request}); return;
            case 4: apply(FindProviders{key(), choices_.below(4), request}); return;
            case 5: apply(PutValue{key(), key(), request}); return;
            default: apply(GetValue{key(), request}); return;
        }
    }
    /// Mostly what was ordered, sometimes anything.
    void open(PeerKey peer) {
        ChannelId const channel{1U + choices_.below(20)};
        auto const protocol = node_.state.config.protocol;
        if (choices_.below(4) == 0 || opens_.empty()) {
            apply(stream::Opened{channel, peer, Direction::inbound, {}, protocol});
            return;
        }
        auto const ordered = opens_.front();
        opens_.erase(opens_.begin());
        apply(stream::Opened{channel, ordered.peer, Direction::outbound, ordered.request, protocol});
    }
    void data() {
        ChannelId const channel{1U + choices_.below(20)};
        auto const bytes =
            choices_.below(3) == 0 ? base::to_byte_string(choices_.bytes()) : some_message(choices_, key());
        apply(stream::Data{channel, bytes});
    }

    Choices& choices_;
    Node node_;
    std::vector<stream::Open> opens_;
};

bool accept_all(base::ByteView, base::ByteView) { return true; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    Choices choices({data, size});
    auto config = fuzz_config(choices);
    config.validate = accept_all;
    Run run(choices, config);
    while (!choices.done()) run.step();
    base::DigestDescriber describer;
    describe(run.state(), describer);
    describer.finish();
    return 0;
}
