#include "replay/input_codec.h"

#include "base/varint.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace replay {

namespace {

namespace command = libp2p::command;

// Both directions share one list of fields for each type (the overloads of fields() below), so that they cannot differ.

class Encoder {
public:
    static constexpr bool reads = false;
    explicit Encoder(base::ByteString& to) : to_(to) {}

    void number(std::uint64_t value) { base::append_varint(to_, value); }
    void counted(base::ByteView bytes) {
        number(bytes.size());
        base::append(to_, bytes);
    }
    void raw(base::ByteView bytes) { base::append(to_, bytes); }

private:
    base::ByteString& to_;
};

class Decoder {
public:
    static constexpr bool reads = true;
    explicit Decoder(base::MutableBytes from) : from_(from) {}

    std::uint64_t number() {
        auto const read = base::read_varint(from_);
        if (!read.varint) {
            fail(read.error == base::VarintError::overlong ? InputError::number_too_large : InputError::truncated);
            return 0;
        }
        from_ = from_.subspan(read.varint->size);
        return read.varint->value;
    }
    base::MutableBytes raw(std::uint64_t count) {
        if (count > from_.size()) {
            fail(InputError::truncated);
            return {};
        }
        auto const taken = from_.first(static_cast<std::size_t>(count));
        from_ = from_.subspan(taken.size());
        return taken;
    }
    base::MutableBytes counted() { return raw(number()); }
    base::MutableBytes rest() { return std::exchange(from_, {}); }
    /// The first failure stays; nothing more is read.
    void fail(InputError error) {
        if (!error_) error_ = error;
        from_ = {};
    }
    bool failed() const { return error_.has_value(); }
    std::optional<InputError> finish() {
        if (!error_ && !from_.empty()) error_ = InputError::trailing_bytes;
        return error_;
    }

private:
    base::MutableBytes from_;
    std::optional<InputError> error_;
};

/// A reference to T for the Decoder, to const T for the Encoder.
template <class Io, class T>
using Ref = std::conditional_t<Io::reads, T, T const>&;

// ---- Plain values ---------------------------------------------------------------------------------------------------

template <class Io, class T>
    requires std::unsigned_integral<T>
void field(Io& io, Ref<Io, T> value, T max) {
    if constexpr (Io::reads) {
        auto const read = io.number();
        if (read > max) return io.fail(InputError::number_too_large);
        value = static_cast<T>(read);
    } else {
        io.number(value);
    }
}
template <class Io>
void one(Io& io, Ref<Io, std::uint64_t> value) {
    field<Io, std::uint64_t>(io, value, ~std::uint64_t{0});
}
template <class Io>
void one(Io& io, Ref<Io, std::uint32_t> value) {
    field<Io, std::uint32_t>(io, value, ~std::uint32_t{0});
}
template <class Io>
void one(Io& io, Ref<Io, std::uint16_t> value) {
    field<Io, std::uint16_t>(io, value, 0xFFFF);
}
template <class Io>
void one(Io& io, Ref<Io, std::uint8_t> value) {
    field<Io, std::uint8_t>(io, value, 0xFF);
}
template <class Io>
void one(Io& io, Ref<Io, bool> value) {
    auto number = static_cast<std::uint8_t>(value);
    field<Io, std::uint8_t>(io, number, 1);
    if constexpr (Io::reads) value = number != 0;
}
template <class Io, class E>
void enumerator(Io& io, E& value, std::remove_const_t<E> last) {
    if constexpr (Io::reads) {
        auto const read = io.number();
        if (read > static_cast<std::uint64_t>(last)) return io.fail(InputError::unknown_kind);
        value = static_cast<E>(read);
    } else {
        io.number(static_cast<std::uint64_t>(value));
    }
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::LinkError> value) {
    enumerator(io, value, libp2p::LinkError::other);
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::gossipsub::Acceptance> value) {
    enumerator(io, value, libp2p::gossipsub::Acceptance::ignore);
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::RuleKind> value) {
    enumerator(io, value, libp2p::RuleKind::ban);
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::peerstore::Severity> value) {
    enumerator(io, value, libp2p::peerstore::Severity::grave);
}
template <class Io>
void one(Io& io, Ref<Io, base::Duration> value) {
    // Zigzag: small negative numbers stay small.
    if constexpr (Io::reads) {
        auto const read = io.number();
        value = base::Duration(static_cast<std::int64_t>(read >> 1 ^ (~(read & 1) + 1)));
    } else {
        auto const count = static_cast<std::uint64_t>(value.count());
        io.number(count << 1 ^ (value.count() < 0 ? ~std::uint64_t{0} : 0));
    }
}
template <class Io>
void one(Io& io, Ref<Io, base::Instant> value) {
    base::Duration since(value.nanoseconds);
    one(io, Ref<Io, base::Duration>(since));
    if constexpr (Io::reads) value.nanoseconds = since.count();
}
template <class Io>
void one(Io& io, Ref<Io, base::ByteString> value) {
    if constexpr (Io::reads) {
        value = base::to_byte_string(io.counted());
    } else {
        io.counted(value);
    }
}
template <class Io>
void one(Io& io, Ref<Io, std::string> value) {
    if constexpr (Io::reads) {
        value = std::string(base::as_text(io.counted()));
    } else {
        io.counted(base::as_bytes(value));
    }
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::IpAddress> value) {
    one(io, value.v6);
    if constexpr (Io::reads) {
        value.bytes = {};
        std::ranges::copy(io.raw(value.v6 ? 16 : 4), value.bytes.begin());
    } else {
        io.raw(value.view());
    }
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::SocketAddress> value) {
    one(io, value.ip);
    one(io, value.port);
}
/// A PeerId or a Multiaddr: both have an empty value, which from_bytes() refuses.
template <class Io, class T>
void checked(Io& io, T& value) {
    if constexpr (Io::reads) {
        auto const bytes = io.counted();
        if (bytes.empty()) return;
        auto made = T::from_bytes(bytes);
        if (!made) return io.fail(InputError::bad_address);
        value = std::move(*made);
    } else {
        io.counted(value.bytes());
    }
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::PeerId> value) {
    checked(io, value);
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::Multiaddr> value) {
    checked(io, value);
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::RuleSubject> value) {
    bool is_peer = std::holds_alternative<libp2p::PeerId>(value);
    if constexpr (Io::reads) {
        libp2p::IpRange range;
        one(io, is_peer);
        if (is_peer) return one(io, value.template emplace<libp2p::PeerId>());
        one(io, range.ip);
        one(io, range.prefix_bits);
        value = range;
    } else {
        one(io, is_peer);
        if (is_peer) return one(io, *std::get_if<libp2p::PeerId>(&value));
        one(io, std::get_if<libp2p::IpRange>(&value)->ip);
        one(io, std::get_if<libp2p::IpRange>(&value)->prefix_bits);
    }
}
template <class Io>
void one(Io& io, Ref<Io, base::MutableBytes> value) {
    if constexpr (Io::reads) {
        value = io.rest();
    } else {
        io.raw(value);
    }
}
template <class Io>
void one(Io& io, Ref<Io, base::SharedBytes> value) {
    if constexpr (Io::reads) {
        value = base::SharedBytes::copy_of(io.rest());
    } else {
        io.raw(value.view());
    }
}
/// Pieces of an answer: counted, unlike a SharedBytes that comes last.
template <class Io>
void one(Io& io, Ref<Io, libp2p::Payload> value) {
    if constexpr (Io::reads) {
        for (auto count = io.number(); count > 0 && !io.failed(); --count) {
            value.pieces.push_back(base::SharedBytes::copy_of(io.counted()));
        }
    } else {
        io.number(value.pieces.size());
        for (auto const& piece : value.pieces) io.counted(piece.view());
    }
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::AnswerBody> value) {
    auto kind = static_cast<std::uint8_t>(value.index());
    if constexpr (Io::reads) {
        one(io, kind);
        if (kind > 2) return io.fail(InputError::unknown_kind);
        if (kind == 1) one(io, value.template emplace<libp2p::FailedAnswer>().what);
        if (kind == 2) one(io, value.template emplace<libp2p::Payload>());
    } else {
        one(io, kind);
        if (auto const* failed = std::get_if<libp2p::FailedAnswer>(&value)) one(io, failed->what);
        if (auto const* payload = std::get_if<libp2p::Payload>(&value)) one(io, *payload);
    }
}
/// A version: negative ones are few, and as good as others.
template <class Io>
void one(Io& io, Ref<Io, std::int64_t> value) {
    base::Duration as(value);
    one(io, Ref<Io, base::Duration>(as));
    if constexpr (Io::reads) value = as.count();
}
template <class Io, class Tag>
void one_id(Io& io, base::Id<Tag>& id) {
    one(io, id.value);
}
template <class Io, class Tag>
void one_id(Io& io, base::Id<Tag> const& id) {
    one(io, id.value);
}

// ---- Wholes ---------------------------------------------------------------------------------------------------------

template <class T>
constexpr bool is_id = false;
template <class Tag>
constexpr bool is_id<base::Id<Tag>> = true;
template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;
template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;

template <class Io, class T>
void any(Io& io, T& value);

template <class Io, class T>
void elements(Io& io, T& values) {
    if constexpr (Io::reads) {
        // Nothing is reserved: each element has at least one byte, so the bytes bound the count.
        for (auto count = io.number(); count > 0 && !io.failed(); --count) any(io, values.emplace_back());
    } else {
        io.number(values.size());
        for (auto const& value : values) any(io, value);
    }
}

template <class Io, class... Fields>
void all(Io& io, Fields&... fields) {
    (any(io, fields), ...);
}

template <class Io>
void one(Io& io, Ref<Io, libp2p::kademlia::PeerAddresses> x) {
    all(io, x.id, x.addresses);
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::StoredPeer> x) {
    all(io, x.id, x.addresses, x.agent, x.last_connected, x.last_failed, x.failures, x.is_anchor);
}
template <class Io>
void one(Io& io, Ref<Io, libp2p::Rule> x) {
    all(io, x.subject, x.kind, x.until, x.offences, x.reason);
}

template <class Io, class T>
void any(Io& io, T& value) {
    using Plain = std::remove_const_t<T>;
    if constexpr (is_id<Plain>) {
        one_id(io, value);
    } else if constexpr (is_vector<Plain>) {
        elements(io, value);
    } else if constexpr (is_optional<Plain>) {
        bool present = value.has_value();
        if constexpr (Io::reads) {
            one(io, present);
            if (present) any(io, value.emplace());
        } else {
            one(io, present);
            if (present) any(io, *value);
        }
    } else {
        one(io, value);
    }
}

// A SharedBytes or a MutableBytes takes what is left, so it comes last.

template <class Io> void fields(Io& io, Ref<Io, libp2p::Start> x) {
    all(io, x.listening, x.interfaces, x.stored.peers, x.stored.rules);
}
template <class Io> void fields(Io& io, Ref<Io, libp2p::Accepted> x) { all(io, x.link, x.local, x.remote); }
template <class Io> void fields(Io& io, Ref<Io, libp2p::Dialed> x) { all(io, x.link, x.local); }
template <class Io> void fields(Io& io, Ref<Io, libp2p::DialFailed> x) { all(io, x.link, x.error); }
template <class Io> void fields(Io& io, Ref<Io, libp2p::Received> x) { all(io, x.link, x.bytes); }
template <class Io> void fields(Io& io, Ref<Io, libp2p::Written> x) { all(io, x.link, x.bytes); }
template <class Io> void fields(Io& io, Ref<Io, libp2p::Closed> x) { all(io, x.link, x.error); }
template <class Io> void fields(Io& io, Ref<Io, libp2p::Resolved> x) { all(io, x.id, x.failed, x.addresses, x.texts); }
template <class Io> void fields(Io&, Ref<Io, libp2p::Tick>) {}

template <class Io> void fields(Io& io, Ref<Io, command::Connect> x) {
    all(io, x.address, x.keep, x.others, x.is_hearsay);
}
template <class Io> void fields(Io& io, Ref<Io, command::HangUp> x) { all(io, x.peer, x.trim); }
template <class Io> void fields(Io& io, Ref<Io, command::Ping> x) { all(io, x.peer); }
template <class Io> void fields(Io& io, Ref<Io, command::Subscribe> x) { all(io, x.topic); }
template <class Io> void fields(Io& io, Ref<Io, command::Unsubscribe> x) { all(io, x.topic); }
template <class Io> void fields(Io& io, Ref<Io, command::Publish> x) { all(io, x.topic, x.data); }
template <class Io> void fields(Io& io, Ref<Io, command::GiveVerdict> x) { all(io, x.message, x.acceptance); }
template <class Io> void fields(Io& io, Ref<Io, command::Perf> x) { all(io, x.peer, x.up_bytes, x.down_bytes); }
template <class Io> void fields(Io& io, Ref<Io, command::Echo> x) { all(io, x.peer, x.protocol, x.bytes); }
template <class Io> void fields(Io& io, Ref<Io, command::RoundTrips> x) {
    all(io, x.peer, x.protocol, x.bytes, x.rounds);
}
template <class Io> void fields(Io& io, Ref<Io, command::Rate> x) {
    all(io, x.peer, x.protocol, x.bytes, x.requests, x.outstanding, x.streams, x.new_stream_each);
}
template <class Io> void fields(Io& io, Ref<Io, command::SetRule> x) { all(io, x.subject, x.kind, x.time, x.reason); }
template <class Io> void fields(Io& io, Ref<Io, command::DropRule> x) { all(io, x.subject, x.kind); }
template <class Io> void fields(Io& io, Ref<Io, command::LearnPeers> x) { all(io, x.peers); }
template <class Io> void fields(Io& io, Ref<Io, command::FindPeer> x) { all(io, x.peer); }
template <class Io> void fields(Io& io, Ref<Io, command::FindClosest> x) { all(io, x.key); }
template <class Io> void fields(Io& io, Ref<Io, command::AskClosest> x) { all(io, x.peer, x.key); }
template <class Io> void fields(Io& io, Ref<Io, command::Provide> x) { all(io, x.key); }
template <class Io> void fields(Io& io, Ref<Io, command::StopProviding> x) { all(io, x.key); }
template <class Io> void fields(Io& io, Ref<Io, command::FindProviders> x) { all(io, x.key, x.wanted); }
template <class Io> void fields(Io& io, Ref<Io, command::PutValue> x) { all(io, x.key, x.value); }
template <class Io> void fields(Io& io, Ref<Io, command::GetValue> x) { all(io, x.key); }
template <class Io> void fields(Io& io, Ref<Io, command::Call> x) {
    all(io, x.peer, x.method, x.version, x.patience, x.query);
}
template <class Io> void fields(Io& io, Ref<Io, command::CancelCall> x) { all(io, x.call); }
template <class Io> void fields(Io& io, Ref<Io, command::PauseCall> x) { all(io, x.call, x.is_paused); }
template <class Io> void fields(Io& io, Ref<Io, command::AnswerQuestion> x) { all(io, x.question, x.answer); }
template <class Io> void fields(Io& io, Ref<Io, command::ReportOffence> x) { all(io, x.peer, x.severity, x.reason); }
template <class Io> void fields(Io&, Ref<Io, command::Shutdown>) {}

template <class Io, class V>
void alternative(Io& io, V& variant);

template <class Io> void fields(Io& io, Ref<Io, libp2p::Command> x) {
    all(io, x.request);
    alternative(io, x.body);
}

/// The index, then the fields of that alternative.
template <class Io, class V>
void alternative(Io& io, V& variant) {
    using Plain = std::remove_const_t<V>;
    std::uint64_t index = variant.index();
    one(io, index);
    auto const found = [&]<std::size_t... I>(std::index_sequence<I...>) {
        return ([&] {
            if (index != I) return false;
            if constexpr (Io::reads) variant.template emplace<I>();
            fields(io, *std::get_if<I>(&variant));
            return true;
        }() || ...);
    }(std::make_index_sequence<std::variant_size_v<Plain>>());
    if constexpr (Io::reads) {
        if (!found) io.fail(InputError::unknown_kind);
    }
}

}  // namespace

std::string_view to_string(InputError error) {
    switch (error) {
        case InputError::truncated: return "truncated input";
        case InputError::unknown_kind: return "unknown kind of input";
        case InputError::number_too_large: return "number too large";
        case InputError::bad_address: return "impossible address or peer id";
        case InputError::trailing_bytes: return "bytes behind the input";
    }
    return "?";
}

void encode_input(base::ByteString& out, libp2p::Input const& input) {
    Encoder encoder(out);
    alternative(encoder, input);
}

base::Result<libp2p::Input, InputError> decode_input(base::MutableBytes bytes) {
    Decoder decoder(bytes);
    libp2p::Input input;
    alternative(decoder, input);
    if (auto const error = decoder.finish()) return base::fail(*error);
    return input;
}

}  // namespace replay
