#include "apps/event_text.h"

#include "apps/console.h"

namespace apps {

namespace {

std::string word(Json const& of, char const* name) {
    auto const found = of.find(name);
    if (found == of.end() || found->is_null()) return "-";
    return found->is_string() ? found->get<std::string>() : dump(*found);
}

std::string size_of(Json const& event) { return byte_count(event.value("size", 0.0)); }

std::string block_text(Json const& summary) {
    return word(summary, "height") + "  " + word(summary, "stateHash") + "  creator " + word(summary, "creator") +
           "  " + word(summary, "transactions") + " transactions, fees " + word(summary, "fees") + " MINA, " +
           word(summary, "snarkWorks") + " SNARK works";
}

std::string transactions_text(Json const& summary) {
    auto text = word(summary, "transactions") + " transactions, fees " + word(summary, "fees") + " MINA";
    auto const hashes = summary.find("hashes");
    if (hashes == summary.end() || !hashes->is_array() || hashes->empty()) return text;
    text += "  " + (hashes->front().is_string() ? hashes->front().get<std::string>() : dump(hashes->front()));
    return hashes->size() > 1 ? text + " …" : text;
}

std::string work_text(Json const& summary) {
    if (summary.value("proofs", 0) == 0) return "none";
    return word(summary, "proofs") + " proofs, fee " + word(summary, "fee") + " MINA  prover " +
           word(summary, "prover");
}

std::string message_text(Json const& event) {
    auto const kind = word(event, "kind");
    auto const summary = event.find("summary");
    auto const tail = "  " + size_of(event) + "  via " + word(event, "via");
    if (summary == event.end() || !summary->is_object()) return word(event, "topic") + tail;
    if (kind == "block") return block_text(*summary) + tail;
    if (kind == "transactions") return transactions_text(*summary) + tail;
    return work_text(*summary) + tail;
}

std::string other_text(Json const& event) {
    auto const name = word(event, "event");
    if (name == "connect") return word(event, "peer") + "  " + word(event, "direction") + "  " + word(event, "addr");
    if (name == "disconnect") return word(event, "peer") + "  " + word(event, "reason");
    if (name == "dialFailed") return word(event, "addr") + "  " + word(event, "reason");
    if (name == "identify") return word(event, "peer") + "  " + word(event, "agent");
    if (name == "question") {
        return word(event, "method") + " version " + word(event, "version") + "  " + word(event, "peer");
    }
    if (name == "messageRefused") return word(event, "reason") + "  " + size_of(event) + "  via " + word(event, "via");
    if (name == "misbehaved") return word(event, "peer") + "  " + word(event, "what");
    if (name == "banned") return word(event, "subject") + "  " + word(event, "reason");
    if (name == "dropped") return word(event, "count") + " events, since this reader was slow";
    if (name == "warning") return word(event, "text");
    if (name == "stopped") return word(event, "reason");
    std::string text;
    for (auto const& [member, value] : event.items()) {
        if (member == "event" || member == "t") continue;
        text += (text.empty() ? "" : "  ") + member + "=" + word(event, member.c_str());
    }
    return text;
}

}  // namespace

std::string event_text(Json const& event) {
    auto name = word(event, "event");
    auto const is_message = name == "message";
    if (is_message && word(event, "kind") != "-") name = word(event, "kind");
    constexpr std::size_t column = 14;
    if (name.size() < column) name.append(column - name.size(), ' ');
    return name + "  " + (is_message ? message_text(event) : other_text(event));
}

}  // namespace apps
