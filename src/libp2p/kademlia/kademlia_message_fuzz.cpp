// Arbitrary bytes as a message: what is read stays within its bounds, and is read again from what we write of it.
#include "libp2p/kademlia/message.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace libp2p;
    using namespace libp2p::kademlia;
    auto const message = decode({data, size});
    if (!message) return 0;
    base::check(message->key.size() <= key_bytes_max, "key");
    base::check(message->closer.size() <= closer_in_max, "closer peers");
    base::check(message->providers.size() <= providers_in_max, "providers");
    for (auto const* peers : {&message->closer, &message->providers}) {
        for (auto const& peer : *peers) {
            base::check(!peer.id.empty(), "an id");
            base::check(peer.addresses.size() <= peer_addresses_max, "addresses");
            for (auto const& address : peer.addresses)
                base::check(address.bytes().size() <= address_bytes_max, "an address");
        }
    }
    if (message->record && message->record->value.size() + message->record->key.size() > 8'000) return 0;
    auto const written = encode(*message);
    base::check(written.size() <= message_bytes_out_max + 3, "what rust-libp2p reads");
    auto const again = decode(base::ByteView(written).subspan(written.size() > 16'385 ? 3
                                                              : written.size() > 128  ? 2
                                                                                      : 1));
    base::check(again.has_value(), "what we write is a message");
    base::check(again->type == message->type && base::equal(again->key, message->key), "type and key");
    base::check(again->closer.size() <= message->closer.size(), "no peers of our own");
    return 0;
}
