#include "replay/input_text.h"

#include "base/text.h"

#include <fmt/format.h>

namespace replay {

namespace {

namespace command = libp2p::command;

std::string text(command::Connect const& x) { return "Connect to " + x.address.text() + (x.keep ? ", keep" : ""); }
std::string text(command::HangUp const& x) { return "HangUp " + x.peer.text(); }
std::string text(command::Ping const& x) { return "Ping " + x.peer.text(); }
std::string text(command::Subscribe const& x) { return "Subscribe to " + x.topic; }
std::string text(command::Unsubscribe const& x) { return "Unsubscribe from " + x.topic; }
std::string text(command::Publish const& x) { return fmt::format("Publish to {}, {} bytes", x.topic, x.data.size()); }
std::string text(command::GiveVerdict const& x) {
    constexpr std::string_view words[] = {"accept", "reject", "ignore"};
    return fmt::format("GiveVerdict on message {}: {}", x.message.value, words[static_cast<std::size_t>(x.acceptance)]);
}
std::string text(command::Perf const& x) {
    return fmt::format("Perf with {}: {} bytes up, {} down", x.peer.text(), x.up_bytes, x.down_bytes);
}
std::string text(command::Echo const& x) { return fmt::format("Echo with {}: {} bytes", x.peer.text(), x.bytes); }
std::string text(command::RoundTrips const& x) {
    return fmt::format("RoundTrips with {}: {} of {} bytes", x.peer.text(), x.rounds, x.bytes);
}
std::string text(command::Rate const& x) {
    return fmt::format("Rate with {}: {} requests of {} bytes", x.peer.text(), x.requests, x.bytes);
}
std::string text(libp2p::RuleSubject const& subject) {
    return std::visit([](auto const& of) { return of.text(); }, subject);
}
std::string text(command::SetRule const& x) {
    return fmt::format("SetRule {} {}", libp2p::to_string(x.kind), text(x.subject));
}
std::string text(command::DropRule const& x) {
    return fmt::format("DropRule {} {}", libp2p::to_string(x.kind), text(x.subject));
}
std::string text(command::LearnPeers const& x) { return fmt::format("LearnPeers: {}", x.peers.size()); }
std::string text(command::FindPeer const& x) { return "FindPeer " + x.peer.text(); }
std::string text(command::FindClosest const& x) { return "FindClosest to " + base::to_hex(x.key); }
std::string text(command::AskClosest const& x) {
    return "AskClosest of " + x.peer.text() + " to " + base::to_hex(x.key);
}
std::string text(command::Provide const& x) { return "Provide " + base::to_hex(x.key); }
std::string text(command::StopProviding const& x) { return "StopProviding " + base::to_hex(x.key); }
std::string text(command::FindProviders const& x) { return "FindProviders of " + base::to_hex(x.key); }
std::string text(command::PutValue const& x) {
    return fmt::format("PutValue of {}: {} bytes", base::to_hex(x.key), x.value.size());
}
std::string text(command::GetValue const& x) { return "GetValue of " + base::to_hex(x.key); }
std::string text(command::Call const& x) {
    return fmt::format("Call {} of {}, {} bytes", x.method, x.peer.text(), x.query.size());
}
std::string text(command::CancelCall const& x) { return fmt::format("CancelCall {}", x.call.value); }
std::string text(command::PauseCall const& x) {
    return fmt::format("{} {}", x.is_paused ? "PauseCall" : "ResumeCall", x.call.value);
}
std::string text(command::AnswerQuestion const& x) { return fmt::format("AnswerQuestion {}", x.question.value); }
std::string text(command::ReportOffence const& x) {
    return fmt::format("ReportOffence of {}: {}", x.peer.text(), x.reason);
}
std::string text(command::Shutdown const&) { return "Shutdown"; }

std::string text(libp2p::Start const& x) {
    std::string out = "Start";
    for (auto const& address : x.listening) out += " " + address.text();
    return out + fmt::format(", {} peers and {} rules stored", x.stored.peers.size(), x.stored.rules.size());
}
std::string text(libp2p::Accepted const& x) { return fmt::format("Accepted link {} from {}", x.link.value, x.remote.text()); }
std::string text(libp2p::Dialed const& x) { return fmt::format("Dialed link {} from {}", x.link.value, x.local.text()); }
std::string text(libp2p::DialFailed const& x) {
    return fmt::format("DialFailed link {}: {}", x.link.value, libp2p::to_string(x.error));
}
std::string text(libp2p::Received const& x) { return fmt::format("Received link {}: {} bytes", x.link.value, x.bytes.size()); }
std::string text(libp2p::Written const& x) { return fmt::format("Written link {}: {} bytes", x.link.value, x.bytes); }
std::string text(libp2p::Closed const& x) {
    return fmt::format("Closed link {}: {}", x.link.value, x.error ? libp2p::to_string(*x.error) : "end of stream");
}
std::string text(libp2p::Resolved const& x) {
    return fmt::format("Resolved {}: {} addresses, {} texts{}", x.id.value, x.addresses.size(), x.texts.size(),
                       x.failed ? ", failed" : "");
}
std::string text(libp2p::Tick const&) { return "Tick"; }
std::string text(libp2p::Command const& x) {
    auto const body = std::visit([](auto const& order) { return text(order); }, x.body);
    return fmt::format("Command {}: {}", x.request.value, body);
}

}  // namespace

std::string to_text(libp2p::Input const& input) {
    return std::visit([](auto const& x) { return text(x); }, input);
}

}  // namespace replay
