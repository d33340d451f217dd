// For tests: frames from text, and what a session says as text.
#pragma once

#include "libp2p/yamux/yamux_frame.h"

#include <string>

namespace libp2p::yamux::test {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

inline constexpr std::size_t record_bytes = 65'519;  // the plaintext of one Noise record

inline base::ByteString frame(FrameType type, std::uint16_t flags, StreamId stream,
                              std::uint32_t length) {
    auto const bytes = encode({type, flags, stream, length});
    return {bytes.begin(), bytes.end()};
}
inline base::ByteString data(std::uint16_t flags, StreamId stream, std::string_view body = {}) {
    auto bytes = frame(FrameType::data, flags, stream, static_cast<std::uint32_t>(body.size()));
    base::append(bytes, base::as_bytes(body));
    return bytes;
}
inline base::ByteString window(std::uint16_t flags, StreamId stream, std::uint32_t increment = 0) {
    return frame(FrameType::window, flags, stream, increment);
}
inline base::ByteString ping(std::uint32_t value) {
    return frame(FrameType::ping, flag::syn, 0, value);
}
inline base::ByteString pong(std::uint32_t value) {
    return frame(FrameType::ping, flag::ack, 0, value);
}
inline base::ByteString go_away(std::uint32_t code) {
    return frame(FrameType::go_away, 0, 0, code);
}

inline base::ByteString operator+(base::ByteString a, base::ByteString const& b) {
    base::append(a, b);
    return a;
}

inline base::SharedBytes shared(std::string_view text) {
    return base::SharedBytes::copy_of(base::as_bytes(text));
}
inline base::SharedBytes zeros(std::size_t count) {
    return base::SharedBytes::take(base::ByteString(count));
}

inline std::string body_text(base::ByteView bytes) {
    if (bytes.size() > 40) return "(" + std::to_string(bytes.size()) + ")";
    return "\"" + std::string(base::as_text(bytes)) + "\"";
}

inline std::string describe(Event const& event) {
    auto const named = [](char const* name, std::uint64_t id) {
        return name + (" " + std::to_string(id));
    };
    if (auto const* opened = std::get_if<Opened>(&event)) return named("opened", opened->stream);
    if (auto const* acknowledged = std::get_if<Acknowledged>(&event))
        return named("acknowledged", acknowledged->stream);
    if (auto const* bytes = std::get_if<Data>(&event))
        return named("data", bytes->stream) + " " + body_text(bytes->bytes);
    if (auto const* finished = std::get_if<Finished>(&event))
        return named("finished", finished->stream);
    if (auto const* reset = std::get_if<Reset>(&event)) {
        return named("reset", reset->stream) + " code " + std::to_string(reset->code);
    }
    if (auto const* closed = std::get_if<Closed>(&event)) return named("closed", closed->stream);
    if (auto const* ponged = std::get_if<Ponged>(&event)) {
        return named("ponged", static_cast<std::uint64_t>(ponged->round_trip.count()));
    }
    return named("went away", std::get<WentAway>(event).code);
}

/// What the session reports of what it has been lent; ends with "error: ..." if it refuses.
inline Lines drain(Session& session) {
    Lines lines;
    while (true) {
        auto const step = session.next();
        if (!step) {
            lines.push_back("error: " + std::string(to_string(step.error())));
            return lines;
        }
        if (!*step) return lines;
        lines.push_back(describe(**step));
    }
}
inline Lines receive(Session& session, base::ByteString const& bytes, base::Instant now = {}) {
    session.feed(bytes, now);
    return drain(session);
}

inline base::ByteString bytes_of(Gather const& gathered) {
    base::ByteString bytes;
    for (auto const piece : gathered.pieces()) base::append(bytes, piece);
    return bytes;
}

struct Frame {
    Header header;
    base::ByteString body;
};

/// Splits whole frames.
inline std::vector<Frame> split(base::ByteView bytes) {
    std::vector<Frame> frames;
    while (bytes.size() >= header_bytes) {
        auto const header = decode(bytes.first<header_bytes>()).value();
        bytes = bytes.subspan(header_bytes);
        auto const body =
            header.type == FrameType::data ? bytes.first(header.length) : base::ByteView();
        frames.push_back({header, base::to_byte_string(body)});
        bytes = bytes.subspan(body.size());
    }
    return frames;
}

inline std::string describe(Frame const& sent) {
    static constexpr char const* names[] = {"DATA", "WINDOW", "PING", "GOAWAY"};
    std::string line = names[static_cast<std::size_t>(sent.header.type)];
    if (sent.header.has(flag::syn)) line += "|SYN";
    if (sent.header.has(flag::ack)) line += "|ACK";
    if (sent.header.has(flag::fin)) line += "|FIN";
    if (sent.header.has(flag::rst)) line += "|RST";
    if (sent.header.stream != 0) line += " " + std::to_string(sent.header.stream);
    if (sent.header.type == FrameType::data) return line + " " + body_text(sent.body);
    return line + " " + std::to_string(sent.header.length);
}

/// One record's worth of what the session has to send.
inline base::ByteString gather_bytes(Session& session, std::size_t bytes_max = record_bytes) {
    Gather gathered;
    session.gather(bytes_max, gathered);
    return bytes_of(gathered);
}
inline Lines sent_once(Session& session, std::size_t bytes_max = record_bytes) {
    Lines lines;
    for (auto const& each : split(gather_bytes(session, bytes_max)))
        lines.push_back(describe(each));
    return lines;
}
/// All that the session has to send.
inline Lines sent(Session& session, std::size_t bytes_max = record_bytes) {
    Lines lines;
    while (true) {
        auto const more = sent_once(session, bytes_max);
        if (more.empty()) return lines;
        lines.insert(lines.end(), more.begin(), more.end());
    }
}

}  // namespace libp2p::yamux::test
