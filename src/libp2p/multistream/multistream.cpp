#include "libp2p/multistream/multistream.h"

#include "base/check.h"
#include "base/varint.h"
#include "base/writer.h"

#include <algorithm>
#include <charconv>

namespace libp2p::multistream {

namespace {

constexpr std::string_view header = "/multistream/1.0.0";
constexpr std::string_view not_available = "na";
constexpr std::string_view list = "ls";
// spec: connections/simopen#the-protocol
constexpr std::string_view simultaneous_connect = "/libp2p/simultaneous-connect";
constexpr std::string_view number_prefix = "select:";
constexpr std::string_view initiator = "initiator";
constexpr std::string_view responder = "responder";

/// spec: multistream-select#listing "Each protocol is an embedded multistream message"
void append_list(base::ByteString& out, std::vector<std::string> const& names) {
    base::ByteString body;
    for (auto const& name : names) append_message(body, name);
    body.push_back('\n');
    base::append_counted(out, body);
}

/// Answers one proposal: the name if it is known, which is echoed; else what the listener says to it.
base::Result<std::optional<std::string>, Error> answer(std::vector<std::string> const& names,
                                                       MessageReader::Message const& message, bool& refused,
                                                       base::ByteString& out) {
    if (std::ranges::find(names, message.text) != names.end()) {
        append_message(out, message.text);
        return std::string(message.text);
    }
    if (!message.terminated) return base::fail(Error::malformed);
    if (message.text == list) {
        append_list(out, names);
    } else if (message.text == header) {
        append_message(out, header);
    } else {
        append_message(out, not_available);
        refused = true;
    }
    return std::nullopt;
}

/// A lazy dialer's application bytes follow its proposal. Once that was refused they are no messages: the negotiation
/// has failed, and the peer has done nothing wrong.
Error after_refusal(Error error, bool refused) {
    return refused && error == Error::malformed ? Error::none_supported : error;
}

}  // namespace

Dialer::Dialer(std::vector<std::string> names, std::optional<std::uint64_t> simultaneous_open, base::ByteString& out)
    : names_(std::move(names)), number_(simultaneous_open.value_or(0)), simultaneous_(simultaneous_open.has_value()) {
    base::check(!names_.empty(), "multistream: nothing to propose");
    append_message(out, header);
    if (simultaneous_) append_message(out, simultaneous_connect);
    append_message(out, proposed());
}

void Dialer::propose(std::size_t at, base::ByteString& out) {
    at_ = at;
    phase_ = Phase::proposed;
    append_message(out, proposed());
}

base::Result<Progress, Error> Dialer::push(base::ByteView in, base::ByteString& out) {
    base::check(phase_ != Phase::finished, "multistream: dialer pushed after its end");
    auto const given = in.size();
    if (phase_ == Phase::header) {
        TRY(bool const complete, reader_.take_header(in));
        if (complete) phase_ = simultaneous_ ? Phase::simultaneous : Phase::proposed;
    }
    while (phase_ != Phase::header) {
        auto const message = reader_.next(in);
        if (!message) return base::fail(after_refusal(message.error(), refused_));
        if (!*message) break;
        auto selected = on_message(**message, out);
        if (!selected) return base::fail(after_refusal(selected.error(), refused_));
        if (*selected) {
            phase_ = Phase::finished;
            return Progress{given - in.size(), std::move(*selected)};
        }
    }
    return Progress{given, std::nullopt};
}

Dialer::Answer Dialer::on_message(MessageReader::Message const& message, base::ByteString& out) {
    auto const text = message.text;
    if (phase_ == Phase::serving) {
        TRY(auto name, answer(names_, message, refused_, out));
        if (!name) return std::nullopt;
        return Selected{std::move(*name), Role::responder};
    }
    if (!message.terminated) return base::fail(Error::malformed);
    if (text == header) return std::nullopt;  // a listener that has sent its own and echoes ours as well
    switch (phase_) {
        case Phase::simultaneous:
            if (text == not_available) {
                phase_ = Phase::proposed;
                return std::nullopt;
            }
            if (text != simultaneous_connect) return base::fail(Error::unexpected);
            phase_ = Phase::tie_number;
            append_message(out, std::string(number_prefix) + std::to_string(number_));
            return std::nullopt;
        case Phase::tie_number: return on_number(text, out);
        case Phase::tie_initiator:
            if (text != responder) return base::fail(Error::unexpected);
            propose(0, out);
            return std::nullopt;
        case Phase::tie_responder:
            if (text != initiator) return base::fail(Error::unexpected);
            append_message(out, responder);
            phase_ = Phase::serving;
            return std::nullopt;
        case Phase::proposed: return on_answer(text, out);
        case Phase::header:
        case Phase::serving:
        case Phase::finished: break;
    }
    base::check(false, "multistream: a message in no phase for one");
    return std::nullopt;
}

/// spec: connections/simopen#implementation-considerations "ignore the `secproto` in the original packet"
Dialer::Answer Dialer::on_number(std::string_view text, base::ByteString& out) {
    if (!text.starts_with(number_prefix)) return std::nullopt;
    text.remove_prefix(number_prefix.size());
    std::uint64_t theirs = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), theirs);
    if (error != std::errc{} || end != text.data() + text.size()) return base::fail(Error::malformed);
    if (theirs == number_) return base::fail(Error::tie);
    phase_ = theirs < number_ ? Phase::tie_initiator : Phase::tie_responder;
    if (phase_ == Phase::tie_initiator) append_message(out, initiator);
    return std::nullopt;
}

Dialer::Answer Dialer::on_answer(std::string_view text, base::ByteString& out) {
    if (text == proposed()) return Selected{proposed(), Role::initiator};
    if (text != not_available) return base::fail(Error::unexpected);
    if (at_ + 1 == names_.size()) return base::fail(Error::none_supported);
    propose(at_ + 1, out);
    return std::nullopt;
}

Listener::Listener(std::vector<std::string> names, base::ByteString& out) : names_(std::move(names)) {
    append_message(out, header);
}

base::Result<Progress, Error> Listener::push(base::ByteView in, base::ByteString& out) {
    base::check(!finished_, "multistream: listener pushed after its end");
    auto const given = in.size();
    if (!header_seen_) {
        TRY(header_seen_, reader_.take_header(in));
    }
    while (header_seen_) {
        auto const message = reader_.next(in);
        if (!message) return base::fail(after_refusal(message.error(), refused_));
        if (!*message) break;
        auto name = answer(names_, **message, refused_, out);
        if (!name) return base::fail(after_refusal(name.error(), refused_));
        if (*name) {
            finished_ = true;
            return Progress{given - in.size(), Selected{std::move(**name), Role::responder}};
        }
    }
    return Progress{given, std::nullopt};
}

}  // namespace libp2p::multistream
