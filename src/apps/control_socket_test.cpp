// The control protocol and its socket. Goal: nothing that a client sends, and no client that does not read, ends the
// node or holds it up; what is kept for clients is bounded. Method: hostile lines, and clients of a real socket that
// read late or never.
#include "apps/control_socket.h"

#include "apps/node_setup.h"
#include "apps/rpc_control.h"
#include "runtime/fake_core.h"
#include "runtime/temporary_directory.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace apps {
namespace {

using ::testing::HasSubstr;
using runtime::testing::turn_for;
using runtime::testing::turn_until;

constexpr std::size_t mib = 1024 * 1024;

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

class ControlTest : public ::testing::Test {
protected:
    ControlTest()
        : component_(make_component(errand_setup(*mina::builtin("local")), trace_)),
          host_(loop_, *component_, {}, nullptr),
          control_(host_, *component_, [] {}),
          calls_(host_),
          socket_(loop_, directory_.path("control.sock")) {
        serve_rpc(control_, calls_, *component_);
        control_.add("big", [](Json const& arguments, Control::Finish finish) {
            finish(std::string(number_argument(arguments, "bytes"), 'a'));
        });
        socket_.on_overflow([this](std::string const& text) { overflows_.push_back(text); });
        socket_.serve(control_);
    }

    std::string answer_to(std::string const& line) {
        std::string said;
        control_.run(line, [&](Json const& answer) { said = dump(answer); }, std::make_shared<bool>(true));
        return said;
    }
    runtime::Fd client() {
        auto fd = connect_unix(directory_.path("control.sock"));
        ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
        auto const before = socket_.clients();
        EXPECT_TRUE(turn_until(loop_, [&] { return socket_.clients() == before + 1; }));
        return fd;
    }
    static void send(runtime::Fd const& client, std::string const& text) {
        EXPECT_EQ(::write(client.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    /// Reads what there is; false at the end.
    static bool read(runtime::Fd const& client, std::string& text) {
        std::string buffer(mib, '\0');
        for (;;) {
            auto const count = ::read(client.get(), buffer.data(), buffer.size());
            if (count <= 0) return count != 0;
            text.append(buffer, 0, static_cast<std::size_t>(count));
        }
    }
    /// Of the turn in which the last client went; of no other, for answering takes its time, too.
    base::Duration turn_that_ends_all(base::Duration longest) {
        for (auto const end = loop_.now() + longest; loop_.now() < end;) {
            auto const begun = loop_.now();
            loop_.turn(std::chrono::milliseconds(20));
            if (socket_.clients() == 0) return loop_.now() - begun;
        }
        return longest;
    }

    runtime::testing::TemporaryDirectory directory_;
    runtime::EventLoop loop_;
    base::NoTrace trace_;
    std::unique_ptr<mina::p2p::P2pComponent> component_;
    Host host_;
    Control control_;
    RpcCalls calls_;
    std::vector<std::string> overflows_;
    ControlSocket socket_;
};

TEST_F(ControlTest, refuses_what_is_nested_too_deep) {
    auto const why = R"({"id":null,"ok":false,"error":"a command is nested at most 64 deep"})";
    constexpr std::size_t deep = 200'000;
    EXPECT_EQ(answer_to(R"({"id":)" + nested(deep) + R"(,"cmd":"conns"})"), why);
    EXPECT_EQ(answer_to(R"({"cmd":"rpc","query":)" + nested(deep) + "}"), why);
    EXPECT_EQ(answer_to(nested(deep)), why);
    EXPECT_EQ(answer_to(std::string(deep, '[')), why);
    EXPECT_EQ(answer_to(R"({"cmd":"conns","x":)" + nested(64) + "}"), why);
    EXPECT_EQ(answer_to(R"({"cmd":"conns","x":)" + nested(63) + "}"), R"({"id":null,"ok":true,"value":[]})");
}

TEST_F(ControlTest, takes_a_number_or_a_text_for_an_id_and_repeats_nothing_else) {
    for (std::string const id : {"7", "-1.5", R"("a text")", "null"}) {
        EXPECT_EQ(answer_to(R"({"id":)" + id + R"(,"cmd":"conns"})"), R"({"id":)" + id + R"(,"ok":true,"value":[]})");
    }
    for (std::string const id : {"[1]", "{}", "true", std::string(2'000, '7').insert(0, "\"").append("\"").c_str()}) {
        auto const said = answer_to(R"({"id":)" + id + R"(,"cmd":"conns"})");
        EXPECT_THAT(said, HasSubstr(R"({"id":null,"ok":false,"error":"'id' must be a number or a text)"));
    }
    EXPECT_THAT(answer_to(R"({"cmd":")" + std::string(mib, 'x') + R"("})"), HasSubstr("unknown command of"));
}

TEST_F(ControlTest, a_client_that_goes_without_reading_holds_nobody_up) {
    auto const slow = client();
    send(slow, R"({"cmd":"big","bytes":12000000})" "\n");
    ASSERT_TRUE(turn_until(loop_, [&] { return socket_.clients() == 1; }));
    ::shutdown(slow.get(), SHUT_WR);
    EXPECT_LT(turn_that_ends_all(std::chrono::seconds(30)), std::chrono::milliseconds(900));  // a flush has a second
    EXPECT_EQ(socket_.clients(), 0U);
}

TEST_F(ControlTest, a_client_for_which_too_much_waits_is_closed_and_counted) {
    auto const slow = client();
    auto const other = client();
    for (int i = 0; i < 7; ++i) send(slow, R"({"cmd":"big","bytes":10000000})" "\n");
    ASSERT_TRUE(turn_until(loop_, [&] { return socket_.clients() == 1; }));
    EXPECT_EQ(socket_.overflows(), 1U);
    ASSERT_EQ(overflows_.size(), 1U);
    EXPECT_THAT(overflows_[0], HasSubstr("a client was closed that did not read its answers"));
    std::string text;
    EXPECT_FALSE(read(slow, text)) << "it is told by the end";
    send(other, R"({"id":1,"cmd":"conns"})" "\n");
    turn_for(loop_, std::chrono::milliseconds(50));
    EXPECT_TRUE(read(other, text = {}));
    EXPECT_EQ(text, R"({"id":1,"ok":true,"value":[]})" "\n");
}

TEST_F(ControlTest, an_answer_that_is_longer_than_all_that_may_wait_is_an_error) {
    auto const one = client();
    send(one, R"({"id":3,"cmd":"big","bytes":67108864})" "\n");
    std::string text;
    EXPECT_TRUE(turn_until(loop_, [&] { return read(one, text) && text.ends_with('\n'); }));
    EXPECT_THAT(text, HasSubstr(R"({"id":3,"ok":false,"error":"the answer is too long)"));
    EXPECT_EQ(socket_.overflows(), 0U);
}

TEST_F(ControlTest, a_slow_reader_gets_all_answers_in_their_order) {
    auto const slow = client();
    std::string expected;
    for (auto const bytes : {3'000'000UL, 1UL, 70'000UL, 0UL, 5'000'000UL, 200UL}) {
        send(slow, R"({"cmd":"big","bytes":)" + std::to_string(bytes) + "}\n");
        expected += R"({"id":null,"ok":true,"value":")" + std::string(bytes, 'a') + "\"}\n";
    }
    turn_for(loop_, std::chrono::milliseconds(50));
    std::string text;
    EXPECT_TRUE(turn_until(loop_, [&] { return read(slow, text) && text.size() >= expected.size(); }));
    EXPECT_TRUE(text == expected);
}

TEST(LineInputs, long_lines_share_a_budget_and_short_ones_pass) {
    runtime::EventLoop loop;
    LineBudget budget{.bytes_max = 3 * mib};
    struct Reader {
        std::array<int, 2> ends{};
        std::size_t lines = 0;
        std::size_t too_long = 0;
        std::optional<LineInput> input;
    };
    std::array<Reader, 2> readers;
    for (auto& reader : readers) {
        ASSERT_EQ(::pipe2(reader.ends.data(), O_CLOEXEC), 0);
        reader.input.emplace(
            loop, reader.ends[0], LineInput::Limits{.line_bytes_max = 80 * mib, .budget = &budget},
            [&](std::string_view) { ++reader.lines; }, [&] { ++reader.too_long; }, [] {});
    }
    auto const send = [&](Reader const& reader, std::size_t bytes, std::string const& end) {
        std::string const part(32 * 1024, 'x');
        for (std::size_t sent = 0; sent < bytes; sent += part.size()) {
            EXPECT_GT(::write(reader.ends[1], part.data(), part.size()), 0);
            loop.turn(base::Duration::zero());
        }
        EXPECT_EQ(::write(reader.ends[1], end.data(), end.size()), static_cast<ssize_t>(end.size()));
        turn_for(loop, std::chrono::milliseconds(10));
    };
    send(readers[0], 2 * mib, "x");
    EXPECT_GT(budget.bytes, 2 * mib);
    send(readers[1], 2 * mib, "\nshort\n");
    EXPECT_EQ(readers[1].too_long, 1U);
    EXPECT_EQ(readers[1].lines, 1U);
    send(readers[0], 0, "\n");
    EXPECT_EQ(readers[0].lines, 1U);
    EXPECT_EQ(budget.bytes, 0U);
    send(readers[1], 2 * mib, "\n");
    EXPECT_EQ(readers[1].lines, 2U);
    for (auto& reader : readers) {
        reader.input.reset();
        for (auto const end : reader.ends) ::close(end);
    }
}

}  // namespace
}  // namespace apps
