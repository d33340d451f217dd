// Watching. Goal: each connection gets the events of its kinds, a slow one never holds up the node and learns what it
// missed. Method: commands and events over socket pairs, one of which is not read for a while.
#include "apps/watchers.h"

#include "apps/event_text.h"
#include "apps/node_setup.h"
#include "runtime/fake_core.h"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <unistd.h>

namespace apps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Json message(char const* kind, std::size_t filler = 0) {
    return Json{{"event", "message"}, {"kind", kind}, {"hex", std::string(filler, 'a')}};
}

// A client of the control protocol, as the Unix socket has them.
class Client {
public:
    Client(runtime::EventLoop& loop, Control& control) : control_(control) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        theirs_ = runtime::Fd(ends[0]);
        ours_ = runtime::Fd(ends[1]);
        output_.emplace(loop, ours_.get());
    }
    ~Client() {
        *listening_ = false;
        (void)read();  // so that the end is quick
    }

    void say(std::string const& line) {
        control_.run(line, [this](Json const& answer) { output_->line(dump(answer)); }, listening_, &*output_);
    }
    std::vector<Json> read() {
        std::array<char, 65536> buffer{};
        for (;;) {
            auto const count = ::read(theirs_.get(), buffer.data(), buffer.size());
            if (count <= 0) break;
            text_.append(buffer.data(), static_cast<std::size_t>(count));
        }
        std::vector<Json> lines;
        for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
            lines.push_back(Json::parse(text_.substr(0, end)));
            text_.erase(0, end + 1);
        }
        return lines;
    }
    Output& output() { return *output_; }

private:
    Control& control_;
    runtime::Fd theirs_;
    runtime::Fd ours_;
    std::shared_ptr<bool> listening_ = std::make_shared<bool>(true);
    std::optional<Output> output_;
    std::string text_;
};

class WatchersTest : public ::testing::Test {
protected:
    WatchersTest()
        : component_(make_component(errand_setup(*mina::builtin("local")), trace_)),
          host_(loop_, *component_, {}, nullptr),
          control_(host_, *component_, [] {}) {
        watchers_.serve(control_);
    }

    runtime::EventLoop loop_;
    base::NoTrace trace_;
    std::unique_ptr<mina::p2p::P2pComponent> component_;
    Watchers watchers_;
    Host host_;
    Control control_;
};

TEST_F(WatchersTest, tell_events_of_the_kinds_that_are_wanted) {
    Client blocks(loop_, control_);
    Client all(loop_, control_);
    blocks.say(R"({"id":1,"cmd":"watch","kinds":["block"]})");
    all.say(R"({"id":2,"cmd":"watch"})");
    EXPECT_EQ(dump(blocks.read().at(0)), R"({"id":1,"ok":true,"value":null})");
    EXPECT_EQ(all.read().size(), 1U);
    watchers_.tell(message("block"));
    watchers_.tell(message("transactions"));
    watchers_.tell(Json{{"event", "connect"}});
    watchers_.tell(Json{{"event", "stopped"}});
    auto const told = blocks.read();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0]["kind"], "block");
    EXPECT_EQ(told[1]["event"], "stopped");
    EXPECT_EQ(all.read().size(), 4U);
}

TEST_F(WatchersTest, end_with_unwatch_and_with_the_connection) {
    Client stays(loop_, control_);
    stays.say(R"({"cmd":"watch"})");
    stays.say(R"({"cmd":"unwatch"})");
    EXPECT_TRUE(watchers_.empty());
    {
        Client goes(loop_, control_);
        goes.say(R"({"cmd":"watch"})");
        EXPECT_FALSE(watchers_.empty());
    }
    watchers_.tell(message("block"));
    EXPECT_TRUE(watchers_.empty());
    EXPECT_EQ(stays.read().size(), 2U);
}

TEST_F(WatchersTest, refuse_wrong_kinds_and_standard_output) {
    Client client(loop_, control_);
    client.say(R"({"cmd":"watch","kinds":["blok"]})");
    EXPECT_EQ(client.read().at(0)["error"], "unknown kind 'blok'; the nearest is 'block'");
    client.say(R"({"cmd":"watch","kinds":7})");
    EXPECT_EQ(client.read().at(0)["error"], "'kinds' must be a list of texts");
    Json said;
    control_.run(R"({"cmd":"watch"})", [&](Json const& answer) { said = answer; }, std::make_shared<bool>(true));
    EXPECT_THAT(said["error"].get<std::string>(), HasSubstr("on standard output already"));
}

TEST_F(WatchersTest, drop_and_count_what_a_slow_reader_has_no_room_for) {
    Client slow(loop_, control_);
    Client quick(loop_, control_);
    slow.say(R"({"cmd":"watch"})");
    quick.say(R"({"cmd":"watch"})");
    constexpr std::size_t events = 100, bytes = 100'000;  // 10 MB
    std::size_t quick_lines = 0;
    for (std::size_t i = 0; i < events; ++i) {
        watchers_.tell(message("block", bytes));
        EXPECT_TRUE(runtime::testing::turn_until(loop_, [&] {
            quick_lines += quick.read().size();
            return quick_lines == i + 2;  // the answer to the command came first
        }));
    }
    EXPECT_LE(slow.output().queued_bytes(), Watchers::queued_bytes_max);
    std::vector<Json> told;
    EXPECT_TRUE(runtime::testing::turn_until(loop_, [&] {
        for (auto& line : slow.read()) told.push_back(std::move(line));
        return told.back().value("event", "") == "dropped";
    }));
    auto const got = told.size() - 2;  // the answer, and what is told last
    EXPECT_EQ(got + told.back()["count"].get<std::size_t>(), events);
    EXPECT_GT(got, 20U);
    watchers_.tell(message("block"));
    EXPECT_EQ(slow.read().size(), 1U);
}

TEST_F(WatchersTest, tell_an_event_that_is_longer_than_the_queue_to_who_waits_for_nothing) {
    Client client(loop_, control_);
    client.say(R"({"cmd":"watch"})");
    watchers_.tell(message("block", Watchers::queued_bytes_max + 1));
    std::vector<Json> told;
    EXPECT_TRUE(runtime::testing::turn_until(loop_, [&] {
        for (auto& line : client.read()) told.push_back(std::move(line));
        return told.size() == 2;
    }));
}

TEST(EventKinds, sort_events) {
    auto const kind = [](Json const& event) { return std::string(kind_of_event(event)); };
    EXPECT_EQ(kind({{"event", "message"}, {"kind", nullptr}}), "message");
    EXPECT_EQ(kind({{"event", "messageRefused"}}), "message");
    EXPECT_EQ(kind({{"event", "message"}, {"kind", "snark-work"}}), "snark-work");
    EXPECT_EQ(kind({{"event", "dialFailed"}}), "peer");
    EXPECT_EQ(kind({{"event", "question"}}), "rpc");
    EXPECT_EQ(kind({{"event", "misbehaved"}, {"what", "rpc: malformed"}}), "rpc");
    EXPECT_EQ(kind({{"event", "warning"}}), "warning");
    EXPECT_EQ(kind({{"event", "stopped"}}), "");
    EXPECT_THAT(*parse_kinds({"block,peer", "rpc"}), ElementsAre("block", "peer", "rpc"));
}

TEST(EventText, is_a_line_for_people) {
    Json const block{{"event", "message"},
                     {"size", 2048},
                     {"via", "12D3"},
                     {"kind", "block"},
                     {"summary", {{"height", 7}, {"stateHash", "3NK"}, {"creator", "B62q"}, {"transactions", 3},
                                  {"fees", "0.4"}, {"snarkWorks", 1}}}};
    EXPECT_EQ(event_text(block),
              "block           7  3NK  creator B62q  3 transactions, fees 0.4 MINA, 1 SNARK works  2.0 KiB  via 12D3");
    EXPECT_EQ(event_text({{"event", "question"}, {"peer", "12D3"}, {"method", "get_best_tip"}, {"version", 2}}),
              "question        get_best_tip version 2  12D3");
    EXPECT_EQ(event_text({{"event", "disconnect"}, {"peer", "12D3"}}), "disconnect      12D3  -");
    EXPECT_EQ(event_text({{"event", "later"}, {"x", 1}}), "later           x=1");
}

}  // namespace
}  // namespace apps
