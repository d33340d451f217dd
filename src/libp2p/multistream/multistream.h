// multistream-select 1.0: both sides agree on a protocol by name.
// spec: multistream-select; connections#multistream-select; connections/simopen
//
// A message is varint(length) name '\n', the length counting the newline. Each side opens with the header
// "/multistream/1.0.0". The dialer proposes names; the listener echoes the first it knows, or answers "na".
//
//   Dialer:   Header ──► Proposed(i) ──name──► Selected            na: ──► Proposed(i+1), or none_supported
//             with simultaneous open: SimOpen ──na──► Proposed(0)
//                                     SimOpen ──the same token──► Tie ──select:N──► Initiator | Responder
//   Listener: Header ──► Proposals ──known name──► Selected        unknown: "na"; ls: the list; header again: echoed
//
// Names are opaque bytes: Mina's RPC protocol has no leading slash. All of the first flight (header,
// simultaneous-connect token, first proposal) goes out at once, and a lazy dialer lets its application bytes follow
// without waiting. A name in a listener's input may lack its newline (Mina's Rust node sends "/coda/yamux/1.0.0" so),
// if it is one the listener knows. The header is compared byte by byte as it comes, so that noise (a wrong network
// key) fails at once.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <optional>

namespace libp2p::multistream {

inline constexpr std::size_t name_bytes_max = 1024;     // as go and js have it, with the newline
inline constexpr int proposals_max = 32;                // a listener's patience, and the messages a dialer will skip
inline constexpr std::size_t negotiation_bytes_max = 4096;  // of one negotiation's input

enum class Error : std::uint8_t {
    malformed,        // not a length, no newline, over-long, not a number
    bad_header,       // the first message is not /multistream/1.0.0
    unexpected,       // an answer that nothing asked for
    none_supported,   // every proposal was refused; to a listener also: no message followed its last refusal
    too_many,         // more proposals or bytes than the bounds
    tie,              // simultaneous open with equal numbers
};
std::string_view to_string(Error error);

/// Who speaks first in what follows: differs from the dialing side only after a simultaneous open.
enum class Role : std::uint8_t { initiator, responder };

struct Selected {
    std::string name;
    Role role = Role::initiator;
    bool operator==(Selected const&) const = default;
};

/// What a push did: `consumed` bytes of the input belong to the negotiation; when `selected` is set, the bytes behind
/// them belong to the protocol.
struct Progress {
    std::size_t consumed = 0;
    std::optional<Selected> selected;
};

/// Appends one message to `out`. Requires name.size() < name_bytes_max.
void append_message(base::ByteString& out, std::string_view name);

/// Cuts an input into messages, however it was fragmented, and keeps the bounds. A part of Dialer and Listener.
class MessageReader {
public:
    struct Message {
        std::string_view text;    // without its newline; valid until the next call
        bool terminated = false;  // it had a newline
    };

    /// Takes the next message off the front of `in`; nullopt when `in` is used up.
    base::Result<std::optional<Message>, Error> next(base::ByteView& in);
    /// Takes header bytes off the front of `in`: whether all of them have been seen.
    base::Result<bool, Error> take_header(base::ByteView& in);

private:
    base::Result<std::size_t, Error> message_size(base::ByteView start) const;
    void collect(base::ByteView& in, std::size_t size);

    std::size_t bytes_ = 0;        // of whole messages, the header among them
    int messages_ = 0;             // without the header
    std::uint8_t header_size_ = 0;
    bool delivered_ = false;       // partial_ was handed out and is to be dropped
    base::ByteString partial_;     // a message that spans inputs
};

class Dialer {
public:
    /// Proposes `names` in order; there must be one, and each shorter than name_bytes_max. `simultaneous_open`: a
    /// random number to offer the simultaneous-open token first and settle a tie with. Appends the first flight to
    /// `out`.
    Dialer(std::vector<std::string> names, std::optional<std::uint64_t> simultaneous_open, base::ByteString& out);

    /// Reads the listener's answers from `in`; appends what is to be sent to `out`. Not to be called again after a
    /// selection or an error.
    base::Result<Progress, Error> push(base::ByteView in, base::ByteString& out);

    /// The name proposed last: what a lazy dialer's application bytes are speaking.
    std::string const& proposed() const { return names_[at_]; }

private:
    enum class Phase : std::uint8_t {
        header, simultaneous, tie_number, tie_initiator, tie_responder, serving, proposed, finished,
    };
    using Answer = base::Result<std::optional<Selected>, Error>;
    Answer on_message(MessageReader::Message const& message, base::ByteString& out);
    Answer on_number(std::string_view text, base::ByteString& out);
    Answer on_answer(std::string_view text, base::ByteString& out);
    void propose(std::size_t at, base::ByteString& out);

    std::vector<std::string> names_;
    std::size_t at_ = 0;
    std::uint64_t number_ = 0;
    bool simultaneous_ = false;
    bool refused_ = false;  // as the serving side of a simultaneous open
    Phase phase_ = Phase::header;
    MessageReader reader_;
};

class Listener {
public:
    /// Appends the header to `out` at once: no peer waits for the other's. Each name must be shorter than
    /// name_bytes_max.
    Listener(std::vector<std::string> names, base::ByteString& out);

    /// Reads proposals from `in`; appends the answers to `out`. Not to be called again after a selection or an error.
    base::Result<Progress, Error> push(base::ByteView in, base::ByteString& out);

private:
    std::vector<std::string> names_;
    bool header_seen_ = false;
    bool refused_ = false;
    bool finished_ = false;
    MessageReader reader_;
};

}  // namespace libp2p::multistream
