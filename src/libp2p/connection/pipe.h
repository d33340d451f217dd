// Pipe: the codecs of one link, stacked. Raw bytes go in at feed(); next() yields what they mean; bytes to transmit are
// appended by begin(), next() and seal_output().
//
//   link ─► pnet (XOR in place) ─► select /noise ─► Noise handshake ─┐
//                                                                    ▼
//   events ◄─ yamux frames ◄─ select muxer (unless agreed early) ◄─ Noise records (opened in place)
//
// The dialer never waits where it need not: its Noise message rides behind its proposal, and its first Yamux frames
// behind its last Noise message. No bytes are held between chunks but parts of a frame.
// spec: connections#upgrading-connections
#pragma once

#include "libp2p/connection/reason.h"
#include "libp2p/pnet/pnet.h"
#include "libp2p/wire/stream.h"

#include <memory>
#include <optional>
#include <variant>

namespace libp2p::connection {

struct PipeConfig {
    crypto::Suite const* suite = nullptr;
    noise::StaticKey const* static_key = nullptr;
    std::optional<pnet::Key> private_network;
    std::string security_name = "/noise";
    std::string muxer_name = "/yamux/1.0.0";
    yamux::Config yamux;
};

class Pipe {
public:
    struct Secrets {
        pnet::Nonce nonce{};                                // public
        crypto::X25519Key ephemeral{};                      // secret
        std::optional<std::uint64_t> simultaneous_number;   // offer simultaneous open with this number
    };
    Pipe(PipeConfig const& config, Direction direction, std::optional<PeerId> expected, Secrets const& secrets);
    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;
    ~Pipe();

    /// Appends the first flight to `out`: the nonce, and what may follow it unasked.
    void begin(base::ByteString& out);

    struct Secured {
        PeerId remote;
        crypto::PublicKey key;
    };
    struct Muxed {
        bool early = false;  // agreed inside the Noise handshake
    };
    using Event = std::variant<Secured, Muxed, yamux::Event>;

    /// Lends `chunk` until the next feed(); the previous chunk must have been drained with next().
    void feed(base::MutableBytes chunk, base::Instant now);
    /// The next event, nullopt when more bytes are needed, or why the connection must end.
    base::Result<std::optional<Event>, DisconnectReason> next(base::ByteString& out);

    /// Seals queued frames into `out` (appending) as one record; false when nothing was queued.
    /// Fails only when the Noise counter is used up.
    base::Result<bool, DisconnectReason> seal_output(base::ByteString& out, yamux::Gather& scratch);

    /// Null until the keys are agreed.
    yamux::Session* session() { return session_ ? &*session_ : nullptr; }
    yamux::Session const* session() const { return session_ ? &*session_ : nullptr; }

private:
    enum class Stage : std::uint8_t { select_security, handshake, select_muxer, muxed };
    struct Upgrade;  // what is needed only until Muxed
    using Step = base::Result<std::optional<Event>, DisconnectReason>;

    Step step_select_security(base::ByteString& out);
    Step step_handshake(base::ByteString& out);
    Step step_select_muxer(base::ByteString& out);
    Step step_muxed();
    void begin_handshake(noise::Role role, base::ByteString& out);
    void begin_muxer(std::optional<std::string> const& early, base::ByteString& out);
    void send_plain(base::ByteString& bytes, base::ByteString& out);
    base::Result<bool, DisconnectReason> send_sealed(base::ByteView plaintext, base::ByteString& out);

    PipeConfig const* config_;
    Direction direction_;
    Stage stage_ = Stage::select_security;
    base::Instant now_;
    std::optional<pnet::Codec> pnet_;
    base::MutableBytes raw_;                 // not yet consumed by select or handshake
    std::unique_ptr<Upgrade> upgrade_;
    std::optional<noise::CipherState> sealer_;
    std::optional<noise::Opener> opener_;
    std::optional<yamux::Session> session_;
};

}  // namespace libp2p::connection
