#include "sim/hostile.h"

#include "sim/swarm_node.h"
#include "sim/world.h"

namespace sim {

namespace {

constexpr std::size_t frame_header_bytes = 12;
constexpr std::uint32_t change_one_in = 15;  // records or transmits
constexpr std::uint64_t honest_seals = 12;   // of each node: so that some connections open

base::Rng::Seed seed_of(std::uint64_t number) {
    base::Rng::Seed seed{};
    for (std::size_t i = 0; i < 8; ++i) seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
    seed[30] = 3;
    return seed;
}

/// Changes a few bytes: flips a bit, sets an edge value, repeats a neighbour.
void change(base::Rng& rng, base::MutableBytes bytes) {
    if (bytes.empty()) return;
    for (auto count = 1 + rng.below(3); count > 0; --count) {
        auto& byte = bytes[static_cast<std::size_t>(rng.below(bytes.size()))];
        switch (rng.below(4)) {
            case 0: byte ^= static_cast<std::uint8_t>(1U << rng.below(8)); break;
            case 1: byte = 0xFF; break;
            case 2: byte = 0; break;
            default: byte = bytes[static_cast<std::size_t>(rng.below(bytes.size()))];
        }
    }
}

/// Seals something else than it was given, now and then.
class LyingSuite final : public crypto::Suite {
public:
    LyingSuite(crypto::Suite const& inner, Malice malice, std::uint64_t seed)
        : inner_(inner), malice_(malice), rng_(seed_of(seed)) {}

    crypto::X25519Key x25519_public(crypto::X25519Key const& secret) const override { return inner_.x25519_public(secret); }
    std::optional<crypto::X25519Key> x25519_shared(crypto::X25519Key const& secret,
                                                   crypto::X25519Key const& peer) const override {
        return inner_.x25519_shared(secret, peer);
    }
    base::ByteString sign(crypto::PrivateKey const& key, base::ByteView message) const override {
        return inner_.sign(key, message);
    }
    bool verify(crypto::PublicKey const& key, base::ByteView message, base::ByteView signature) const override {
        return inner_.verify(key, message, signature);
    }
    void seal(crypto::AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              std::span<base::ByteView const> pieces, base::MutableBytes out) const override {
        if (++seals_ < honest_seals || rng_.below(change_one_in) != 0) {
            return inner_.seal(key, counter, associated_data, pieces, out);
        }
        base::ByteString changed;
        for (auto const& piece : pieces) {
            auto const start = changed.size();
            base::append(changed, piece);
            bool const is_spared = malice_ == Malice::payloads && piece.size() == frame_header_bytes;
            if (!is_spared && rng_.below(2) == 0) change(rng_, base::MutableBytes(changed).subspan(start));
        }
        base::ByteView const view = changed;
        inner_.seal(key, counter, associated_data, {&view, 1}, out);
    }
    bool open(crypto::AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              base::MutableBytes record) const override {
        return inner_.open(key, counter, associated_data, record);
    }

private:
    crypto::Suite const& inner_;
    Malice malice_;
    mutable base::Rng rng_;
    mutable std::uint64_t seals_ = 0;
};

/// A swarm of which some words come out wrong. It has no invariants to hold: what its victims say of it may surprise it.
class LyingNode final : public Node, private libp2p::Core {
public:
    LyingNode(Malice malice, NodeSpec const& spec)
        : malice_(malice),
          rng_(seed_of(spec.seed + 1)),
          suite_(spec.real_crypto ? crypto::real_suite() : crypto::stand_in_suite(), malice, spec.seed),
          swarm_(config(spec), trace_) {}

    libp2p::Core& core() override { return *this; }
    libp2p::Core const& core() const override { return *this; }
    libp2p::PeerId const& id() const override { return swarm_.self(); }

    std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override {
        auto const effects = swarm_.step(now, input);
        if (malice_ != Malice::raw) return effects;
        effects_.assign(effects.begin(), effects.end());
        for (auto& effect : effects_) {
            auto* transmit = std::get_if<libp2p::Transmit>(&effect);
            if (transmit == nullptr || rng_.below(change_one_in) != 0) continue;
            auto bytes = base::to_byte_string(transmit->bytes.view());
            change(rng_, bytes);
            transmit->bytes = base::SharedBytes::take(std::move(bytes));
        }
        return effects_;
    }
    std::optional<libp2p::Deadline> next_deadline() const override { return swarm_.next_deadline(); }
    void describe(base::Describer& describer) const override { swarm_.describe(describer); }

private:
    libp2p::Config config(NodeSpec const& spec) {
        auto made = config_of(spec);
        if (malice_ == Malice::frames || malice_ == Malice::payloads) made.suite = &suite_;
        return made;
    }

    Malice malice_;
    base::Rng rng_;
    LyingSuite suite_;
    base::NoTrace trace_;
    libp2p::Swarm swarm_;
    std::vector<libp2p::Effect> effects_;
};

/// No protocol stack at all.
class GarbageNode final : public Node, private libp2p::Core {
public:
    GarbageNode(NodeSpec const& spec, NodeIndex victims)
        : id_(libp2p::PeerId::of(key_of(spec.index).public_key())), victims_(victims), rng_(seed_of(spec.seed)) {}

    libp2p::Core& core() override { return *this; }
    libp2p::Core const& core() const override { return *this; }
    libp2p::PeerId const& id() const override { return id_; }

    std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override {
        effects_.clear();
        if (std::holds_alternative<libp2p::Start>(input)) {
            dial_at_ = now;
        } else if (std::holds_alternative<libp2p::Tick>(input)) {
            last_link_ += 2;
            auto const victim = static_cast<NodeIndex>(rng_.below(victims_));
            effects_.emplace_back(libp2p::Dial{{last_link_}, address_of(victim), false});
            dial_at_ = now + rng_.between(std::chrono::milliseconds(20), std::chrono::seconds(1));
        } else if (auto const* dialed = std::get_if<libp2p::Dialed>(&input)) {
            speak(dialed->link);
        } else if (auto const* accepted = std::get_if<libp2p::Accepted>(&input)) {
            speak(accepted->link);
        } else if (auto const* received = std::get_if<libp2p::Received>(&input)) {
            speak(received->link);
        }
        return effects_;
    }
    std::optional<libp2p::Deadline> next_deadline() const override { return libp2p::Deadline{dial_at_, "garbage"}; }
    void describe(base::Describer& describer) const override { describer.field("dialed", last_link_); }

private:
    void speak(libp2p::LinkId link) {
        base::ByteString bytes;
        switch (rng_.below(6)) {
            case 0: return;  // says nothing, and keeps the link
            case 1: return void(effects_.emplace_back(libp2p::Close{link, rng_.below(2) == 0}));
            case 2: base::append(bytes, base::as_bytes("\x13/multistream/1.0.0\n\x07/noise\n")); break;
            case 3: base::append(bytes, base::as_bytes("\x13/multistream/1.0.0\n")); break;
            case 4: base::append(bytes, base::as_bytes("GET / HTTP/1.1\r\n\r\n")); break;
            default: break;
        }
        auto const start = bytes.size();
        bytes.resize(start + 1 + rng_.below(rng_.below(20) == 0 ? 100'000 : 200));
        rng_.fill_public(base::MutableBytes(bytes).subspan(start));
        effects_.emplace_back(libp2p::Transmit{link, base::SharedBytes::take(std::move(bytes))});
    }

    libp2p::PeerId id_;
    NodeIndex victims_;
    base::Rng rng_;
    base::Instant dial_at_ = base::Instant::never();
    std::uint64_t last_link_ = 0;
    std::vector<libp2p::Effect> effects_;
};

}  // namespace

std::string_view to_string(Malice malice) {
    switch (malice) {
        case Malice::garbage: return "garbage";
        case Malice::raw: return "raw";
        case Malice::frames: return "frames";
        case Malice::payloads: return "payloads";
        case Malice::content: return "content";
    }
    return "?";
}

std::unique_ptr<Node> make_hostile_node(Malice malice, NodeSpec const& spec, NodeIndex victims) {
    if (malice == Malice::garbage) return std::make_unique<GarbageNode>(spec, victims);
    return std::make_unique<LyingNode>(malice, spec);
}

}  // namespace sim
