// Goal: no bytes of a peer, and no order of the application's actions among them, break a session:
// no crash, no failing check, no memory error; a refusal is final; budgets come back; what is
// gathered is whole frames within the limit.
// Method: the input is a list of commands: one byte of choice, then its arguments; most commands
// lend peer bytes, raw or as a header made of small numbers so that legal frames are frequent.
#include "libp2p/yamux/yamux_frame.h"

#include "base/check.h"
#include "base/reader.h"

#include <algorithm>
#include <map>

namespace {

using namespace libp2p::yamux;

class Run {
public:
    explicit Run(base::ByteView input)
        : input_(input), session_(config(), input.size() % 2 == 0 ? Role::client : Role::server) {}

    void run() {
        while (!input_.rest().empty()) command();
        gather(100'000);
    }
    ~Run() {
        {
            auto const gone = std::move(session_);
        }
        base::check(budget_.used() == 0, "budget left");
    }

private:
    Config config() {
        return {.frame_bytes_max = 5000,
                .shared_frame_bytes_max = 1000,
                .window_bytes_max = 3'000'000,
                .connection_window_growth_max = 4'000'000,
                .window_growth = &budget_,
                .inbound_streams_max = 6,
                .outbound_streams_max = 6,
                .unacknowledged_max = 4,
                .control_frames_max = 20};
    }

    void command() {
        auto const id = [this] { return StreamId{input_.u8() % 14u}; };
        switch (input_.u8() % 14) {
            case 0:
                receive(input_.bytes(std::min<std::size_t>(input_.u8(), input_.rest().size())));
                break;
            case 1:
            case 2:
            case 3: receive_frame(); break;
            case 4: (void)session_.open(); break;
            case 5:
                session_.write(id(), base::SharedBytes::take(base::ByteString(input_.u16_be())));
                break;
            case 6: session_.finish(id()); break;
            case 7: session_.reset(id()); break;
            case 8: session_.consume(id(), input_.u16_be() * std::size_t{64}, now_); break;
            case 9: session_.ping(now_); break;
            case 10: session_.go_away(static_cast<GoAwayCode>(input_.u8() % 3)); break;
            case 11: now_ = now_ + base::Duration(std::int64_t{1000} * input_.u16_be()); break;
            case 12: drain_some(input_.u8()); break;
            default: gather(input_.u16_be()); break;
        }
    }

    /// A frame of small numbers, with a body of as many bytes as it says, up to some, unless it
    /// shall be cut off.
    void receive_frame() {
        auto const form = input_.u8();
        Header header{.type = static_cast<FrameType>(form & 3),
                      .flags = static_cast<std::uint16_t>(form >> 2 & 15),
                      .stream = input_.u8() % 14u,
                      .length = input_.u16_be()};
        if ((form & 64) != 0)
            header.length *= 70'000;  // wraps, and so becomes all kinds of numbers
        if ((form & 128) != 0 && header.stream != 0 && header.type != FrameType::go_away)
            header.flags &= 3;
        auto const head = encode(header);
        receive(head);
        if (header.type != FrameType::data) return;
        base::ByteString const body(std::min<std::size_t>(header.length, 300'000));
        receive(body);
    }

    void receive(base::ByteView bytes) {
        drain_some(1'000'000);
        chunk_ = base::to_byte_string(bytes);
        session_.feed(chunk_, now_);
    }

    void drain_some(std::size_t most) {
        for (std::size_t i = 0; i < most; ++i) {
            auto const step = session_.next();
            base::check(!(failed_ && step), "a refusal was not final");
            if (!step) failed_ = true;
            if (!step || !*step) return;
            note(**step);
        }
    }
    void note(Event const& event) {
        if (auto const* data = std::get_if<Data>(&event)) {
            base::check(session_.is_open(data->stream), "data of a stream that is gone");
            base::check(!data->bytes.empty(), "empty data");
            for (auto const byte : data->bytes) sum_ += byte;
        }
        if (auto const* closed = std::get_if<Closed>(&event)) {
            // Gone, or its id already taken again by a SYN whose Opened comes next.
            base::check(closed->stream != 0, "closed nothing");
        }
    }

    void gather(std::size_t most) {
        Gather gathered;
        base::check(session_.gather(most, gathered) == !gathered.empty(), "moved and not moved");
        base::check(gathered.size_bytes() <= most, "gathered too much");
        base::ByteString bytes;
        for (auto const piece : gathered.pieces()) base::append(bytes, piece);
        base::check(bytes.size() == gathered.size_bytes(), "wrong size");
        for (base::ByteView rest = bytes; !rest.empty();) {
            base::check(rest.size() >= header_bytes, "half a header");
            auto const header = decode(rest.first<header_bytes>());
            base::check(header.has_value(), "an impossible header");
            auto const body = header->type == FrameType::data ? header->length : 0;
            base::check(body <= 5000 && body <= rest.size() - header_bytes, "half a body");
            rest = rest.subspan(header_bytes + body);
        }
        for (auto const id : session_.take_writable())
            base::check(session_.is_open(id), "writable and gone");
        base::check(budget_.used() <= 4'000'000, "budget exceeded");
    }

    base::Reader input_;
    base::MemoryBudget budget_{5'000'000};
    Session session_;
    base::Instant now_;
    base::ByteString chunk_;
    bool failed_ = false;
    std::uint64_t sum_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    Run({bytes, size}).run();
    return 0;
}
