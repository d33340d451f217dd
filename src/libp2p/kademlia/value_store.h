// The values that others have put here.
#pragma once

#include "base/bytes.h"
#include "base/time.h"
#include "libp2p/wire/peer_id.h"

#include <map>

namespace libp2p::kademlia {

struct Config;

/// Whether a value may be stored under a key.
using Validator = bool (*)(base::ByteView key, base::ByteView value);
/// "/pk/" and the bytes of a peer id, whose value is the peer's public key. All else is refused: a key without a
/// validator was a hole in others (CVE-2026-45783).
bool is_public_key_record(base::ByteView key, base::ByteView value);

struct StoredValue {
    base::ByteString value;
    PeerId by;
    base::Instant expires;
};

class ValueStore {
public:
    /// Stores a validated value; false when its peer has too many, or there is no room.
    bool put(base::ByteView key, base::ByteView value, PeerId const& by, base::Instant now, Config const& config);
    /// Null when there is none, or it has expired.
    StoredValue const* find(base::ByteView key, base::Instant now) const;
    void expire(base::Instant now);

    std::map<base::ByteString, StoredValue> const& values() const { return values_; }
    std::size_t bytes() const { return bytes_; }
    bool empty() const { return values_.empty(); }

private:
    void erase(std::map<base::ByteString, StoredValue>::iterator at);

    std::map<base::ByteString, StoredValue> values_;
    std::map<PeerId, std::size_t> count_of_;
    std::size_t bytes_ = 0;
};

}  // namespace libp2p::kademlia
