// Inputs of every kind, drawn from a seed; and their equality.
#pragma once

#include "base/rng.h"
#include "libp2p/swarm/core.h"

#include <algorithm>

namespace replay::test {

/// Draws inputs of all kinds; what their views show lives here.
class InputSource {
public:
    explicit InputSource(std::uint8_t seed) : rng_(base::Rng::Seed{seed}) {}

    static constexpr std::size_t kinds = std::variant_size_v<libp2p::Input>;
    static constexpr std::size_t command_kinds = std::variant_size_v<libp2p::CommandBody>;

    libp2p::Input input(std::size_t kind) {
        switch (kind) {
            case 0:
                return libp2p::Start{list<libp2p::SocketAddress>([&] { return socket(); }),
                                     list<libp2p::IpAddress>([&] { return ip(); }),
                                     {list<libp2p::StoredPeer>([&] { return stored_peer(); }),
                                      list<libp2p::Rule>([&] { return rule(); })}};
            case 1: return libp2p::Accepted{{number()}, socket(), socket()};
            case 2: return libp2p::Dialed{{number()}, socket()};
            case 3: return libp2p::DialFailed{{number()}, link_error()};
            case 4: bytes_ = bytes(); return libp2p::Received{{number()}, bytes_};
            case 5: return libp2p::Written{{number()}, number()};
            case 6: {
                libp2p::Closed closed{{number()}, std::nullopt};
                if (coin()) closed.error = link_error();
                return closed;
            }
            case 7:
                return libp2p::Resolved{{number()}, list<libp2p::IpAddress>([&] { return ip(); }),
                                        list<std::string>([&] { return text(); }), coin()};
            case 8: return libp2p::Tick{};
            default: return libp2p::Command{{number()}, command(rng_.below(command_kinds))};
        }
    }

    libp2p::CommandBody command(std::size_t kind) {
        namespace command = libp2p::command;
        switch (kind) {
            case 0: return command::Connect{address(), coin(), addresses(), coin()};
            case 1: return command::HangUp{peer(), coin()};
            case 2: return command::Ping{peer()};
            case 3: return command::Subscribe{text()};
            case 4: return command::Unsubscribe{text()};
            case 5: return command::Publish{text(), base::SharedBytes::take(bytes())};
            case 6: return command::GiveVerdict{{number()}, static_cast<libp2p::gossipsub::Acceptance>(rng_.below(3))};
            case 7: return command::Perf{peer(), number(), number()};
            case 8: return command::Echo{peer(), text(), number()};
            case 9: return command::RoundTrips{peer(), text(), number(), number()};
            case 10: return command::Rate{peer(), text(), number(), number(), number(), number(), coin()};
            case 11: return command::SetRule{subject(), rule_kind(), maybe_duration(), text()};
            case 12: return command::DropRule{subject(), rule_kind()};
            case 13: return command::LearnPeers{list<libp2p::kademlia::PeerAddresses>([&] {
                return libp2p::kademlia::PeerAddresses{peer(), addresses()};
            })};
            case 14: return command::FindPeer{peer()};
            case 15: return command::FindClosest{bytes()};
            case 16: return command::AskClosest{peer(), bytes()};
            case 17: return command::Provide{bytes()};
            case 18: return command::StopProviding{bytes()};
            case 19: return command::FindProviders{bytes(), number()};
            case 20: return command::PutValue{bytes(), bytes()};
            case 21: return command::GetValue{bytes()};
            case 22:
                return command::Call{peer(), text(), maybe_version(), base::SharedBytes::take(bytes()), duration()};
            case 23: return command::CancelCall{{number()}};
            case 24: return command::PauseCall{{number()}, coin()};
            case 25: return command::AnswerQuestion{{number()}, answer()};
            case 26:
                return command::ReportOffence{peer(), static_cast<libp2p::peerstore::Severity>(rng_.below(3)), text()};
            default: return command::Shutdown{};
        }
    }

    std::uint64_t number() { return rng_.next() >> rng_.below(64); }
    base::Rng& rng() { return rng_; }

private:
    bool coin() { return rng_.below(2) == 1; }
    base::Duration duration() {
        auto const count = static_cast<std::int64_t>(number());
        return base::Duration(coin() ? count : ~count);
    }
    base::ByteString bytes() {
        base::ByteString bytes(rng_.below(300));
        rng_.fill_public(bytes);
        return bytes;
    }
    std::string text() { return std::string(base::as_text(bytes())); }
    libp2p::LinkError link_error() { return static_cast<libp2p::LinkError>(rng_.below(7)); }
    libp2p::IpAddress ip() {
        libp2p::IpAddress ip;
        ip.v6 = coin();
        rng_.fill_public({ip.bytes.data(), ip.v6 ? std::size_t{16} : std::size_t{4}});
        return ip;
    }
    std::optional<base::Duration> maybe_duration() {
        if (coin()) return std::nullopt;
        return duration();
    }
    std::optional<std::int64_t> maybe_version() {
        if (coin()) return std::nullopt;
        return static_cast<std::int64_t>(number());
    }
    libp2p::AnswerBody answer() {
        if (coin()) return libp2p::NoAnswer{};
        if (coin()) return libp2p::FailedAnswer{text()};
        return libp2p::Payload{list<base::SharedBytes>([&] { return base::SharedBytes::take(bytes()); })};
    }
    base::Instant instant() { return base::Instant{} + duration(); }
    libp2p::RuleKind rule_kind() { return static_cast<libp2p::RuleKind>(rng_.below(libp2p::rule_kind_count)); }
    libp2p::RuleSubject subject() {
        if (coin()) return peer();
        return libp2p::IpRange{ip(), static_cast<std::uint8_t>(rng_.below(129))};
    }
    libp2p::Rule rule() {
        return {subject(), rule_kind(), instant(), static_cast<std::uint32_t>(rng_.next()), text()};
    }
    libp2p::StoredPeer stored_peer() {
        return {peer(), addresses(), text(), instant(), instant(), static_cast<std::uint32_t>(rng_.next()), coin()};
    }
    std::vector<libp2p::Multiaddr> addresses() {
        return list<libp2p::Multiaddr>([&] { return address(); });
    }
    libp2p::SocketAddress socket() {
        libp2p::SocketAddress address;
        address.ip = ip();
        address.port = static_cast<std::uint16_t>(rng_.next());
        return address;
    }
    libp2p::PeerId peer() {
        if (rng_.below(4) == 0) return {};
        base::ByteArray<32> raw{};
        rng_.fill_public(raw);
        return libp2p::PeerId::of(crypto::PublicKey::ed25519(raw));
    }
    libp2p::Multiaddr address() {
        if (rng_.below(4) == 0) return {};
        auto made = libp2p::Multiaddr::tcp_at(socket());
        auto const id = peer();
        return id.empty() ? made : made.with_peer_id(id);
    }
    template <class T, class Make>
    std::vector<T> list(Make const& make) {
        std::vector<T> made;
        for (auto count = rng_.below(4); count > 0; --count) made.push_back(make());
        return made;
    }

    base::Rng rng_;
    base::ByteString bytes_;
};

inline bool same(libp2p::Start const& a, libp2p::Start const& b) {
    return a.listening == b.listening && a.interfaces == b.interfaces && a.stored == b.stored;
}
inline bool same(libp2p::Accepted const& a, libp2p::Accepted const& b) {
    return a.link == b.link && a.local == b.local && a.remote == b.remote;
}
inline bool same(libp2p::Dialed const& a, libp2p::Dialed const& b) { return a.link == b.link && a.local == b.local; }
inline bool same(libp2p::DialFailed const& a, libp2p::DialFailed const& b) { return a.link == b.link && a.error == b.error; }
inline bool same(libp2p::Received const& a, libp2p::Received const& b) {
    return a.link == b.link && base::equal(a.bytes, b.bytes);
}
inline bool same(libp2p::Written const& a, libp2p::Written const& b) { return a.link == b.link && a.bytes == b.bytes; }
inline bool same(libp2p::Closed const& a, libp2p::Closed const& b) { return a.link == b.link && a.error == b.error; }
inline bool same(libp2p::Resolved const& a, libp2p::Resolved const& b) {
    return a.id == b.id && a.addresses == b.addresses && a.texts == b.texts && a.failed == b.failed;
}
inline bool same(libp2p::Tick const&, libp2p::Tick const&) { return true; }
inline bool same(libp2p::Command const& a, libp2p::Command const& b) { return a.request == b.request && a.body == b.body; }
inline bool same(libp2p::Input const& a, libp2p::Input const& b) {
    if (a.index() != b.index()) return false;
    return std::visit([&](auto const& x) { return same(x, *std::get_if<std::remove_cvref_t<decltype(x)>>(&b)); }, a);
}

}  // namespace replay::test
