// RpcCalls: questions to peers on a Host. It collects the parts of each answer, or streams them to a file, and ends
// each call with its answer or with why there is none, in words for people. Calls may be under way side by side.
#pragma once

#include "apps/answer_store.h"
#include "apps/host.h"

namespace apps {

struct RpcAsk {
    libp2p::PeerId peer;
    std::string method;                   // its tag
    std::optional<std::int64_t> version;  // none: the best that the peer offers
    base::ByteString query;
    std::string out;                      // a file for the value
    std::uint64_t bytes_max = 1024 * 1024;  // a longer value is not kept, unless in a file
};

struct RpcAnswer {
    std::string method;
    std::int64_t version = 0;
    std::uint64_t size = 0;
    bool is_kept = false;                 // `value` is there; else its hash
    base::ByteString value;
    std::string sha256;                   // hex
    base::Duration time{};                // from the order to the last byte
};

/// "what; what to do" is the text of both together.
struct RpcFailure {
    std::optional<libp2p::CallFailure> reason;  // none: our own affair, such as a full disk
    std::string what;
    std::string advice;
    bool has_begun = false;                     // part of the answer had come

    std::string text() const { return advice.empty() ? what : what + "; " + advice; }
};

class RpcCalls {
public:
    static constexpr std::size_t calls_max = 64;      // at a time; beyond, a call fails at once
    static constexpr std::size_t menus_max = 1024;    // of connected peers; beyond, one is forgotten

    using Result = base::Result<RpcAnswer, RpcFailure>;
    using OnEnd = std::move_only_function<void(Result)>;
    using OnProgress = std::move_only_function<void(std::uint64_t taken, std::uint64_t size)>;

    /// `host` must outlive this object, and give it its events.
    explicit RpcCalls(Host& host) : host_(host) {}
    RpcCalls(RpcCalls const&) = delete;
    RpcCalls& operator=(RpcCalls const&) = delete;

    /// `on_end` is called once: at once when the call cannot be begun. Returns its number, for CancelCall; none then.
    libp2p::RequestId begin(RpcAsk ask, OnEnd on_end, OnProgress on_progress = {});
    void on_event(libp2p::Event const& event);

    std::size_t under_way() const { return calls_.size(); }

private:
    struct Call {
        RpcAsk ask;
        OnEnd on_end;
        OnProgress on_progress;
        std::unique_ptr<AnswerStore> store;
        base::Instant begun_at;
        RpcAnswer answer;
        std::optional<std::string> fault;  // of ours; the call is cancelled for it
    };
    using Menu = std::vector<std::pair<std::string, std::int64_t>>;

    void on_part(libp2p::event::AnswerPart const& part);
    void on_reply(libp2p::RequestId id, Host::Answer const& reply);
    Result result_of(Call& call, Host::Answer const& reply) const;
    RpcFailure failure_of(Call const& call, libp2p::CallFailure reason) const;

    Host& host_;
    std::map<libp2p::RequestId, Call> calls_;
    std::map<libp2p::PeerId, Menu> menus_;
};

/// As programs know it: "not_served", "timed_out".
std::string_view failure_name(libp2p::CallFailure reason);

/// What somebody can do about it. `offers`: the versions in which the peer has the method, when its menu is known.
std::string advice_of(libp2p::CallFailure reason, std::string const& method,
                      std::optional<std::vector<std::int64_t>> const& offers);

}  // namespace apps
