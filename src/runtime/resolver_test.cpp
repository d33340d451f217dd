// Goal: names are looked up without ever holding the loop, and every lookup ends. Method: a fake
// DNS server on a UDP socket of the same loop (so a lookup that waited would never be answered),
// /etc/hosts, and numeric names.
#include "runtime/resolver.h"

#include "base/reader.h"
#include "base/writer.h"
#include "runtime/fake_core.h"
#include "runtime/sockets.h"

#include <algorithm>

namespace runtime::testing {
namespace {

using libp2p::RecordKind;

constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_txt = 16;
constexpr std::uint16_t type_aaaa = 28;

/// Answers what it was told to; other names do not exist; "silent…" is never answered.
class FakeDns {
public:
    explicit FakeDns(EventLoop& loop)
        : loop_(loop), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        KernelAddress const kernel(loopback());
        EXPECT_EQ(::bind(socket_.get(), kernel.get(), kernel.size), 0);
        watch_ = loop.watch(socket_.get(), {.read = true}, [this](Ready) { answer(); });
    }
    ~FakeDns() { loop_.unwatch(watch_); }
    FakeDns(FakeDns const&) = delete;
    FakeDns& operator=(FakeDns const&) = delete;

    std::string servers() const { return local_address(socket_.get())->text(); }

    std::map<std::pair<std::string, std::uint16_t>, std::vector<base::ByteString>> records;
    int queries = 0;

private:
    void answer() {
        base::ByteString packet(2048);
        KernelAddress from;
        auto const got =
            ::recvfrom(socket_.get(), packet.data(), packet.size(), 0, from.get(), &from.size);
        if (got < 17) return;
        packet.resize(static_cast<std::size_t>(got));
        ++queries;
        base::Reader reader(packet);
        reader.bytes(12);
        std::string name;
        for (auto size = reader.u8(); size != 0 && reader.ok(); size = reader.u8()) {
            if (!name.empty()) name += '.';
            name += base::as_text(reader.bytes(size));
        }
        auto const type = reader.u16_be();
        reader.u16_be();
        if (!reader.ok() || name.starts_with("silent")) return;
        auto const found = records.find({name, type});
        bool const exists = std::ranges::any_of(
            records, [&](auto const& record) { return record.first.first == name; });
        auto const question_end = packet.size() - reader.rest().size();
        auto const count = found == records.end() ? std::size_t{0} : found->second.size();

        base::ByteString reply(packet.begin(), packet.begin() + 2);
        base::append_u16_be(reply, exists ? 0x8180 : 0x8183);
        base::append_u16_be(reply, 1);
        base::append_u16_be(reply, static_cast<std::uint16_t>(count));
        base::append_u32_be(reply, 0);
        base::append(reply, base::ByteView(packet).subspan(12, question_end - 12));
        for (std::size_t i = 0; i < count; ++i) {
            base::append_u16_be(reply, 0xc00c);
            base::append_u16_be(reply, type);
            base::append_u16_be(reply, 1);
            base::append_u32_be(reply, 60);
            base::append_u16_be(reply, static_cast<std::uint16_t>(found->second[i].size()));
            base::append(reply, found->second[i]);
        }
        ::sendto(socket_.get(), reply.data(), reply.size(), 0, from.get(), from.size);
    }

    EventLoop& loop_;
    Fd socket_;
    EventLoop::WatchId watch_;
};

base::ByteString txt(std::vector<std::string> const& strings) {
    base::ByteString data;
    for (auto const& string : strings) {
        base::append_u8(data, static_cast<std::uint8_t>(string.size()));
        base::append(data, base::as_bytes(string));
    }
    return data;
}

class Resolving : public ::testing::Test {
protected:
    libp2p::Resolved resolve(std::string name, RecordKind kind,
                             base::Duration limit = std::chrono::seconds(4)) {
        auto const id = start(std::move(name), kind);
        turn_until(loop, [&] { return find(id) != nullptr; }, limit);
        auto const* const answer = find(id);
        EXPECT_NE(answer, nullptr);
        return answer != nullptr ? *answer : libp2p::Resolved{};
    }
    libp2p::ResolveId start(std::string name, RecordKind kind) {
        libp2p::ResolveId const id{++last};
        resolver.resolve({id, std::move(name), kind});
        return id;
    }
    libp2p::Resolved const* find(libp2p::ResolveId id) const {
        auto const found = std::ranges::find(answers, id, &libp2p::Resolved::id);
        return found == answers.end() ? nullptr : &*found;
    }

    EventLoop loop;
    FakeDns dns{loop};
    std::vector<libp2p::Resolved> answers;
    std::uint64_t last = 0;
    Resolver resolver{loop, dns.servers(),
                      [this](libp2p::Resolved answer) { answers.push_back(std::move(answer)); }};
};

TEST_F(Resolving, addresses_of_both_families_are_found) {
    dns.records[{"seed.example", type_a}] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
    auto const v6 = *libp2p::IpAddress::parse("2001:db8::7");
    dns.records[{"seed.example", type_aaaa}] = {base::to_byte_string(v6.view())};

    auto const a = resolve("seed.example", RecordKind::addresses_v4);
    EXPECT_FALSE(a.failed);
    EXPECT_EQ(a.addresses, (std::vector{libp2p::IpAddress::v4(192, 0, 2, 1),
                                        libp2p::IpAddress::v4(192, 0, 2, 2)}));
    EXPECT_EQ(resolve("seed.example", RecordKind::addresses_v6).addresses, std::vector{v6});
    EXPECT_EQ(resolve("seed.example", RecordKind::addresses).addresses.size(), 3U);
}

TEST_F(Resolving, texts_are_whole_though_they_come_in_pieces) {
    dns.records[{"_dnsaddr.boot.example", type_txt}] = {
        txt({"dnsaddr=/ip4/192.0.2.1/tcp/4001"}),
        txt({std::string(255, 'x'), std::string(10, 'y')})};
    auto const answer = resolve("_dnsaddr.boot.example", RecordKind::text);
    EXPECT_FALSE(answer.failed);
    EXPECT_EQ(answer.texts,
              (std::vector<std::string>{"dnsaddr=/ip4/192.0.2.1/tcp/4001",
                                        std::string(255, 'x') + std::string(10, 'y')}));
}

TEST_F(Resolving, a_name_that_does_not_exist_and_one_without_such_records_fail) {
    dns.records[{"v4only.example", type_a}] = {{192, 0, 2, 1}};
    EXPECT_TRUE(resolve("nowhere.example", RecordKind::addresses).failed);
    EXPECT_TRUE(resolve("nowhere.example", RecordKind::text).failed);
    EXPECT_TRUE(resolve("v4only.example", RecordKind::addresses_v6).failed);
    EXPECT_FALSE(resolve("v4only.example", RecordKind::addresses).failed);
}

TEST_F(Resolving, damaged_records_fail) {
    dns.records[{"bad.example", type_a}] = {{192, 0, 2}};
    dns.records[{"bad.example", type_txt}] = {{200, 'x'}};
    EXPECT_TRUE(resolve("bad.example", RecordKind::addresses_v4).failed);
    EXPECT_TRUE(resolve("bad.example", RecordKind::text).failed);
}

TEST_F(Resolving, localhost_and_numeric_names_need_no_server) {
    EXPECT_EQ(resolve("localhost", RecordKind::addresses_v4).addresses.at(0),
              libp2p::IpAddress::v4(127, 0, 0, 1));
    EXPECT_EQ(resolve("192.0.2.9", RecordKind::addresses).addresses,
              std::vector{libp2p::IpAddress::v4(192, 0, 2, 9)});
    EXPECT_EQ(resolve("2001:db8::1", RecordKind::addresses).addresses,
              std::vector{*libp2p::IpAddress::parse("2001:db8::1")});
    EXPECT_TRUE(resolve("192.0.2.9", RecordKind::addresses_v6).failed);
    EXPECT_TRUE(resolve("2001:db8::1", RecordKind::addresses_v4).failed);
    EXPECT_TRUE(resolve("192.0.2.9", RecordKind::text).failed);
    EXPECT_EQ(dns.queries, 0);
}

TEST_F(Resolving, an_impossible_name_fails_at_once) {
    for (auto const& name :
         {std::string(), std::string(254, 'a'), std::string("a\0b", 3), std::string("..")}) {
        EXPECT_TRUE(resolve(name, RecordKind::addresses, std::chrono::milliseconds(500)).failed);
        EXPECT_TRUE(resolve(name, RecordKind::text, std::chrono::milliseconds(500)).failed);
    }
    EXPECT_EQ(dns.queries, 0);
}

TEST_F(Resolving, a_silent_server_holds_neither_the_loop_nor_the_lookup) {
    dns.records[{"seed.example", type_a}] = {{192, 0, 2, 1}};
    auto const begun = loop.now();
    std::vector<libp2p::ResolveId> silent;
    // One more than there may be at a time.
    for (std::size_t i = 0; i < Resolver::lookups_max; ++i) {
        silent.push_back(start("silent" + std::to_string(i) + ".example",
                               i % 2 == 0 ? RecordKind::text : RecordKind::addresses));
    }
    EXPECT_TRUE(answers.empty());
    auto const too_many = start("seed.example", RecordKind::addresses_v4);
    ASSERT_NE(find(too_many), nullptr);
    EXPECT_TRUE(find(too_many)->failed);

    int timers = 0;
    std::function<void()> tick = [&] {
        ++timers;
        loop.after(std::chrono::milliseconds(20), tick);
    };
    loop.after(std::chrono::milliseconds(20), tick);
    ASSERT_TRUE(turn_until(
        loop, [&] { return answers.size() == silent.size() + 1; }, std::chrono::seconds(20)));
    EXPECT_GE(loop.now() - begun, std::chrono::seconds(1));
    EXPECT_LT(loop.now() - begun, std::chrono::seconds(9));
    EXPECT_GT(timers, 50) << "the loop was held";
    for (auto const id : silent) EXPECT_TRUE(find(id)->failed);
    EXPECT_FALSE(resolve("seed.example", RecordKind::addresses_v4).failed) << "lookups work again";
}

TEST_F(Resolving, going_away_with_lookups_under_way_calls_nobody) {
    int calls = 0;
    {
        Resolver brief(loop, dns.servers(), [&](libp2p::Resolved) { ++calls; });
        brief.resolve({{1}, "silent.example", RecordKind::text});
        brief.resolve({{2}, "silent.example", RecordKind::addresses});
    }
    turn_for(loop, std::chrono::milliseconds(50));
    EXPECT_EQ(calls, 0);
}

TEST(resolver, a_node_resolves_for_its_core) {
    EventLoop loop;
    FakeDns dns(loop);
    dns.records[{"seed.example", type_a}] = {{192, 0, 2, 1}};
    Node node(loop, {}, {.dns_servers = dns.servers(), .socket_buffer_bytes = 0});
    node.order(libp2p::Resolve{{5}, "seed.example", RecordKind::addresses_v4});
    node.order(libp2p::Resolve{{6}, "127.0.0.9", RecordKind::addresses});
    ASSERT_TRUE(turn_until(loop, [&] { return node.resolved.size() == 2; }));
    EXPECT_EQ(node.resolved[0].id.value, 6U);
    EXPECT_EQ(node.resolved[1].addresses, std::vector{libp2p::IpAddress::v4(192, 0, 2, 1)});
}

}  // namespace
}  // namespace runtime::testing
