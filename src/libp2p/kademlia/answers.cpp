#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/steps.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

/// What an asker is told of peers.
class Telling {
public:
    Telling(State const& state, Peer const& asker) : state_(state), asker_(asker) {}

    std::vector<Multiaddr> tellable(std::vector<Multiaddr> const& addresses) const {
        std::vector<Multiaddr> result;
        for (auto const& address : addresses) {
            if (is_tellable(address, asker_.address, state_.config.private_addresses)) result.push_back(address);
        }
        return result;
    }

    /// The closest members to a key, but neither the asker nor the key itself.
    void add_closest(base::ByteView key, std::vector<PeerAddresses>& to) const {
        constexpr std::size_t spare = 4;  // for the asker, the key, and members without an address for the asker
        auto const count = state_.config.bucket_size;
        for (auto const* member : state_.table.closest(key_of(key), count + spare)) {
            if (to.size() >= peers_out_max) return;
            if (member->id == asker_.id || base::equal(member->id.bytes(), key)) continue;
            auto addresses = tellable(member->addresses);
            if (!addresses.empty()) to.push_back({member->id, std::move(addresses)});
        }
    }

    /// Whom the key names, if we know: ourselves, a connected peer, a member.
    void add_target(base::ByteView key, std::vector<PeerAddresses>& to) const {
        // mina: the Go node asks for our own id, and admits us only if the answer holds a peer.
        if (base::equal(key, state_.config.self.bytes())) {
            to.push_back({state_.config.self, tellable(state_.own_addresses)});
            return;
        }
        auto const id = PeerId::from_bytes(key);
        if (!id) return;
        std::vector<Multiaddr> addresses;
        if (auto const connected = state_.keys.find(*id); connected != state_.keys.end()) {
            addresses = tellable(addresses_of(state_, state_.peers.at(connected->second)));
        } else if (auto const* const member = state_.table.find(*id)) {
            addresses = tellable(member->addresses);
        }
        if (!addresses.empty()) to.push_back({*id, std::move(addresses)});
    }

    void add_providers(Step const& step, base::ByteView key, std::vector<PeerAddresses>& to) const {
        if (state_.own_keys.contains(base::to_byte_string(key)) && !state_.own_addresses.empty()) {
            to.push_back({state_.config.self, tellable(state_.own_addresses)});
        }
        for (auto& provider : state_.providers.providers(key, peers_out_max, step.env, state_.config)) {
            if (to.size() >= peers_out_max) return;
            auto const* const member = state_.table.find(provider.id);
            if (provider.addresses.empty() && member != nullptr) provider.addresses = member->addresses;
            auto addresses = tellable(provider.addresses);
            if (!addresses.empty()) to.push_back({provider.id, std::move(addresses)});
        }
    }

private:
    State const& state_;
    Peer const& asker_;
};

/// spec: kad-dht#rpc-messages: a provider may only speak for itself.
void keep_provider(Step& step, PeerKey from, Message const& request) {
    auto& state = step.state;
    auto const& peer = state.peers.at(from);
    auto const own = std::ranges::find(request.providers, peer.id, &PeerAddresses::id);
    if (own == request.providers.end()) {
        step.report(from, Misbehaviour::invalid_record);
        return;
    }
    auto addresses = accepted(own->addresses, peer.id, state.config.private_addresses, peer_addresses_max);
    if (addresses.empty()) return;
    auto const added = state.providers.add(request.key, peer.id, std::move(addresses), group_of(peer.address),
                                           step.env.now, state.config);
    if (added == ProviderStore::Added::yes) {
        ++state.counters.records_added;
        return on_table_changed(step);
    }
    ++state.counters.records_refused;
    step.report(from, Misbehaviour::provider_flood);
}

bool keep_value(Step& step, PeerKey from, Message const& request) {
    auto& state = step.state;
    auto const& record = request.record;
    auto const is_valid =
        record && base::equal(record->key, request.key) && state.config.validate(record->key, record->value);
    if (!is_valid) {
        step.report(from, Misbehaviour::invalid_record);
        return false;
    }
    if (!state.values.put(record->key, record->value, state.peers.at(from).id, step.env.now, state.config)) {
        ++state.counters.values_refused;
        return false;
    }
    ++state.counters.values_stored;
    on_table_changed(step);
    return true;
}

}  // namespace

std::optional<base::ByteString> answer_to(Step& step, PeerKey from, Message const& request) {
    auto& state = step.state;
    Telling const telling(state, state.peers.at(from));
    Message answer;
    answer.type = request.type;
    answer.key = request.key;
    switch (request.type) {
        case MessageType::find_node:
            telling.add_target(request.key, answer.closer);
            telling.add_closest(request.key, answer.closer);
            break;
        case MessageType::get_providers:
            telling.add_providers(step, request.key, answer.providers);
            telling.add_closest(request.key, answer.closer);
            break;
        case MessageType::get_value:
            if (auto const* const stored = state.values.find(request.key, step.env.now)) {
                answer.record = Record{request.key, stored->value};
            }
            telling.add_closest(request.key, answer.closer);
            break;
        case MessageType::add_provider: keep_provider(step, from, request); return std::nullopt;
        case MessageType::put_value:
            if (!keep_value(step, from, request)) return std::nullopt;
            answer.record = request.record;
            break;
        case MessageType::ping: break;
    }
    return encode(answer);
}

}  // namespace libp2p::kademlia
