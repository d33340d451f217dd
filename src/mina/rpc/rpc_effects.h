// What the RPCs order, and what they report.
#pragma once

#include "mina/rpc/menu.h"
#include "mina/rpc/rpc_actions.h"

namespace mina::rpc {

// Effects: orders to the streams.
using Effect = stream::Order;

// Events. Of our asks:

struct AnswerBegun {
    PeerKey peer;
    RequestId request;
    Method method = Method::menu;
    std::int64_t version = 0;
    std::uint64_t size = 0;  // of the value
};
/// The next bytes of the value: a view of the Data that brought them.
struct AnswerChunk {
    RequestId request;
    base::ByteView bytes;
};
struct AnswerEnded {
    RequestId request;
};

using Reason = libp2p::CallFailure;

/// Also after AnswerBegun, when the rest does not come.
struct AskFailed {
    PeerKey peer;
    RequestId request;
    Reason reason = Reason::timed_out;
};

/// What the peer serves, asked for once a connection.
struct MenuReceived {
    PeerKey peer;
    std::vector<MenuEntry> entries;
};

// Of the peers' questions:

/// To be answered within `Config::answer_time`, in any order.
struct QuestionReceived {
    QuestionId question;
    PeerKey peer;
    Method method = Method::menu;
    std::int64_t version = 0;
    base::SharedBytes query;
};
/// The question needs no answer any more: its stream is gone, or its time is over.
struct QuestionDropped {
    QuestionId question;
};

/// What peers do wrong.
enum class Fault : std::uint8_t {
    bad_handshake,
    empty_frame,
    frame_too_long,
    malformed,
    unasked_answer,      // to a question never asked, asked elsewhere, or answered before
    answer_too_long,
    bad_menu,
    lying_menu,          // does not implement what its menu offers
    duplicate_query,     // an id that is in use
    too_many_questions,
    query_on_our_stream,
    bad_query,
    unknown_method,
    unserved_method,     // or version, of a method that there is
    over_budget,
    over_budget_of_host, // what other peers at its address have spent
    heartbeat_flood,
    too_many_streams,
    silent,              // nothing came for too long
    stalled,             // stopped in the middle of an answer, or of reading ours
};
inline constexpr std::size_t fault_count = 20;
std::string_view to_string(Fault fault);

struct Misbehaved {
    PeerKey peer;
    Fault what = Fault::malformed;
    std::uint32_t count = 0;      // of this kind, of this peer, in the last minutes
    bool is_ban_wanted = false;   // it persists
};

using Event = std::variant<AnswerBegun, AnswerChunk, AnswerEnded, AskFailed, MenuReceived, QuestionReceived,
                           QuestionDropped, Misbehaved>;

struct Out {
    std::vector<Effect> effects;
    std::vector<Event> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace mina::rpc
