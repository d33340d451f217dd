// Drives the machine with arbitrary facts, legal or not, and peers that say arbitrary or nearly right things; checks
// its bounds, and that each ask ends exactly once.
#include "mina/rpc/rpc.h"

#include "base/check.h"
#include "mina/messages/rpc_message.h"

#include <algorithm>
#include <set>

namespace {

using namespace mina::rpc;
using namespace std::chrono_literals;

class Driver {
public:
    Driver(std::uint8_t const* data, std::size_t size) : data_(data), size_(size) {
        state_.config.accounts_max = 4;
        state_.config.waiting_max = 6;
        state_.config.in_flight_max = 3;
        state_.config.questions_max = 4;
        state_.config.inbound_max = 3;
        state_.config.outbound_max = 3;
        state_.config.answer_bytes_held_max = 600'000;
    }

    void run() {
        while (at_ < size_) {
            step();
            check_bounds();
        }
        for (std::uint64_t key = 1; key <= 3; ++key) apply(PeerGone{PeerKey{key}});
        base::check(asked_.empty(), "an ask without an end");
        base::check(state_.streams.empty() && state_.questions.empty() && state_.openings.empty(), "left behind");
        base::DigestDescriber digest;
        describe(state_, digest);
        digest.finish();
    }

private:
    std::uint8_t take() { return at_ < size_ ? data_[at_++] : std::uint8_t{0}; }
    base::ByteString take_bytes() {
        auto const count = std::min<std::size_t>(take(), size_ - at_);
        base::ByteString bytes(data_ + at_, data_ + at_ + count);
        at_ += count;
        return bytes;
    }

    void apply(Action const& action) {
        Out out;
        base::Env const env{now_, rng_, trace_};
        reduce(state_, action, env, out);
        for (auto const& event : out.events) {
            if (auto const* ended = std::get_if<AnswerEnded>(&event)) {
                base::check(asked_.erase(ended->request) == 1, "an end without an ask");
            } else if (auto const* failed = std::get_if<AskFailed>(&event)) {
                base::check(asked_.erase(failed->request) == 1, "a failure without an ask");
            } else if (auto const* chunk = std::get_if<AnswerChunk>(&event)) {
                base::check(asked_.contains(chunk->request), "a chunk without an ask");
            } else if (auto const* question = std::get_if<QuestionReceived>(&event)) {
                last_question_ = question->question;
            }
        }
        for (auto const& effect : out.effects) {
            if (auto const* open = std::get_if<stream::Open>(&effect)) last_opening_ = {open->peer, open->request};
        }
    }

    void ask() {
        Ask order;
        order.peer = PeerKey{take() % 3U + 1};
        order.method = static_cast<Method>(take() % method_count);
        auto const how = take();
        if (how % 4 == 0) order.version = how / 4;
        base::ByteString query(1);
        if (order.method == Method::get_transition_chain) query.assign(1 + (how % 5U) * 32U, how % 5U);
        if (how % 7 == 0) query = take_bytes();
        order.query = query;
        order.patience = std::chrono::seconds(take());
        order.request = RequestId{++last_request_};
        asked_.insert(order.request);
        apply(order);
    }

    void answer() {
        auto const id = QuestionId{last_question_.value - std::min<std::uint64_t>(last_question_.value, take() % 3U)};
        Answer order{id, NoAnswer{}};
        auto const how = take();
        if (how % 3 == 1) order.with = FailedAnswer{"no"};
        if (how % 3 == 2) {
            auto const piece = base::SharedBytes::take(base::ByteString(how * 2'000U));
            order.with = Payload{{piece, piece}};
        }
        apply(order);
    }

    /// Something that the peer of a stream might say.
    base::ByteString message(Stream const* of) {
        auto const how = take();
        auto id = static_cast<std::int64_t>(take() % 8U);
        if (of != nullptr && !of->asked.empty() && how >= 64) id = of->asked.begin()->first;
        auto const framed = [](base::SharedBytes const& bytes) { return base::to_byte_string(bytes.view()); };
        switch (how % 8) {
            case 0: return framed(handshake_frame());
            case 1: return framed(heartbeat_frame());
            case 2: {
                auto const& info = methods()[take() % method_count];
                auto const version = take() % 4 == 0 ? 1 : info.berkeley.front();
                base::ByteString const query(1);
                return framed(query_frame(info.tag, version, id, query));
            }
            case 3: {
                auto const value = take_bytes();
                auto bytes = framed(answer_head(id, value.size()));
                base::append(bytes, value);
                return bytes;
            }
            case 4: {
                auto const value = encode_menu({{"get_best_tip", 2}, {"get_transition_chain", take() % 4}});
                auto bytes = framed(answer_head(id, value.size()));
                base::append(bytes, value);
                return bytes;
            }
            case 5: return framed(unimplemented_frame(id, "get_best_tip", 2, Dialect::ocaml));
            case 6: return framed(failure_frame(id, "no", false));
            default: return take_bytes();
        }
    }

    void say() {
        ChannelId const channel{take() % 8U + 1};
        auto const found = state_.streams.find(channel);
        auto bytes = message(found == state_.streams.end() ? nullptr : &found->second);
        auto const cut = std::min<std::size_t>(bytes.size(), take());
        base::ByteString const first(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
        base::ByteString const second(bytes.begin() + static_cast<std::ptrdiff_t>(cut), bytes.end());
        apply(stream::Data{channel, first});
        apply(stream::Data{channel, second});
    }

    void open() {
        auto const how = take();
        ChannelId const channel{take() % 8U + 1};
        if (how % 2 == 0) {
            apply(stream::Opened{channel, PeerKey{how / 2U % 3 + 1}, Direction::inbound, {}, state_.config.protocol});
        } else {
            auto const request = how % 4 == 1 ? last_opening_.second : RequestId{how / 4U};
            apply(stream::Opened{channel, last_opening_.first, Direction::outbound, request, state_.config.protocol});
        }
    }

    void close() {
        ChannelId const channel{take() % 9U};
        auto const found = state_.streams.find(channel);
        auto const peer = found == state_.streams.end() ? last_opening_.first : found->second.peer;
        auto const reason = static_cast<stream::CloseReason>(take() % 5);
        apply(stream::Closed{channel, peer, last_opening_.second, reason});
    }

    void step() {
        now_ = now_ + std::chrono::milliseconds(take() * 10);
        PeerKey const peer{take() % 3U + 1};
        switch (take() % 12) {
            case 0: {
                std::vector<std::string> const protocols = {state_.config.protocol};
                auto const dialect = static_cast<Dialect>(take() % 3);
                return apply(PeerReady{peer, HostId{take() % 3U}, "", protocols, dialect});
            }
            case 1: return apply(PeerGone{peer});
            case 2: return ask();
            case 3: {
                auto const back = std::min<std::uint64_t>(last_request_, take() % 4U);
                return apply(Cancel{RequestId{last_request_ - back}});
            }
            case 4: return answer();
            case 5: return open();
            case 6: return close();
            case 7: return apply(stream::Finished{ChannelId{take() % 8U + 1}});
            case 8: return apply(stream::Writable{ChannelId{take() % 8U + 1}});
            case 9: {
                auto const next = next_deadline(state_);
                if (next != base::Instant::never() && next > now_) now_ = next;
                apply(Tick{});
                base::check(next_deadline(state_) > now_, "a deadline that stays due");
                return;
            }
            default: return say();
        }
    }

    void check_bounds() {
        auto const& config = state_.config;
        std::size_t streams = 0;
        for (auto const& [key, peer] : state_.peers) {
            base::check(peer.inbound.size() <= config.inbound_max, "inbound streams");
            base::check(peer.outbound.size() + peer.openings <= config.outbound_max, "outbound streams");
            base::check(peer.waiting.size() <= config.waiting_max + 1, "waiting asks");
            base::check(state_.peer_accounts.at(key).users == 1, "users of an account");
            streams += peer.inbound.size() + peer.outbound.size();
            std::uint64_t held = 0;
            std::size_t questions = 0;
            for (auto const& [channel, stream] : state_.streams) {
                for (auto const& frame : stream.frames) held += stream.peer == key ? frame.bytes : 0;
            }
            base::check(peer.held_bytes == held, "held bytes");
            for (auto const& [id, question] : state_.questions) questions += question.peer == key ? 1U : 0U;
            base::check(peer.questions == questions, "questions of a peer");
        }
        base::check(streams == state_.streams.size(), "streams are counted");
        std::size_t questions = 0;
        for (auto const& [channel, stream] : state_.streams) {
            base::check(stream.asked.size() <= config.in_flight_max, "asks in flight");
            base::check(stream.questions.size() <= config.questions_max, "questions");
            base::check(stream.queued_bytes <= config.queue_bytes_max + 16, "queued bytes");
            base::check(stream.reader.held_bytes() + stream.menu.size() <= 32 * 1024, "held bytes of a stream");
            questions += stream.questions.size();
        }
        base::check(questions == state_.questions.size(), "questions are counted");
        base::check(state_.peer_accounts.size() <= config.accounts_max + 3, "accounts");
    }

    std::uint8_t const* data_;
    std::size_t size_;
    std::size_t at_ = 0;
    State state_;
    base::Rng rng_{base::Rng::Seed{}};
    base::NoTrace trace_;
    base::Instant now_{1};
    std::set<RequestId> asked_;
    std::uint64_t last_request_ = 0;
    QuestionId last_question_;
    std::pair<PeerKey, RequestId> last_opening_{PeerKey{1}, RequestId{}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    Driver(data, size).run();
    return 0;
}
