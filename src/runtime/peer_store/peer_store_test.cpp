// Goal: what was remembered comes back after any end of the process; no state of the file or the disk stops a node,
// loses the identity key beside it or lets a wrong record in; each is said once.
// Method: real files in a temporary directory; files damaged by hand; children that are killed, that hold the lock, and
// that may write no large file.
#include "runtime/peer_store/peer_store.h"

#include "base/rng.h"
#include "runtime/files.h"
#include "runtime/peer_store/open_store.h"
#include "runtime/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace libp2p {

void PrintTo(StoredPeer const& peer, std::ostream* out) {
    *out << peer.agent << ", connected " << peer.last_connected.nanoseconds << ", failed "
         << peer.last_failed.nanoseconds << ", failures " << peer.failures;
}

}  // namespace libp2p

namespace runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

libp2p::PeerId peer(std::uint32_t number) {
    base::ByteArray<32> raw{};
    for (std::size_t i = 0; i < 4; ++i) raw[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    return libp2p::PeerId::of(crypto::PublicKey::ed25519(raw));
}

libp2p::StoredPeer record(std::uint32_t number) {
    libp2p::StoredPeer stored;
    stored.id = peer(number);
    for (std::uint8_t i = 0; i < 3; ++i) {
        auto const host = libp2p::IpAddress::v4(50, static_cast<std::uint8_t>(number / 256),
                                                static_cast<std::uint8_t>(number % 256), i);
        stored.addresses.push_back(libp2p::Multiaddr::tcp_at({host, 8302}));
    }
    stored.agent = "agent " + std::to_string(number);
    stored.last_connected = base::Instant{} - std::chrono::hours(number + 1);
    stored.last_failed = base::Instant{} - std::chrono::minutes(number + 1);
    stored.failures = number;
    stored.is_anchor = number % 2 == 0;
    return stored;
}

libp2p::Rule ban(libp2p::RuleSubject subject, base::Duration lasts) {
    return {.subject = std::move(subject),
            .kind = libp2p::RuleKind::ban,
            .until = base::Instant{} + lasts,
            .offences = 2,
            .reason = "spam"};
}

class PeerStoreTest : public ::testing::Test {
protected:
    PeerStoreTest() {
        path_ = directory_.path("peers.db");
        key_path_ = directory_.path("identity.key");
        EXPECT_TRUE(atomic_write(key_path_, base::as_bytes("the identity key"), 0600));
        options_.batch_delay = 0s;
        options_.unix_time = [this] { return calendar_; };
        options_.monotonic_time = [] { return base::Duration(0); };
    }
    ~PeerStoreTest() override {
        auto const key = read_file(key_path_, 1000);
        EXPECT_TRUE(key && base::as_text(*key) == "the identity key");
    }

    /// Opens, writes, closes.
    void write(std::vector<libp2p::StoreOrder> const& orders) {
        PeerStore store(path_, options_);
        EXPECT_TRUE(store.is_open());
        store.load({});
        for (auto const& order : orders) store.apply(order);
        EXPECT_TRUE(store.flush(10s));
        EXPECT_THAT(store.take_warnings(), IsEmpty());
    }
    struct Reading {
        libp2p::Stored stored;
        std::vector<std::string> warnings;
        bool was_open = false;
    };
    Reading read() {
        PeerStore store(path_, options_);
        auto stored = store.load({});
        return {std::move(stored), store.take_warnings(), store.is_open()};
    }
    void write_bytes(std::size_t at, std::string const& bytes) {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(at));
        file << bytes;
    }
    std::size_t files_like(std::string const& part) const {
        std::size_t count = 0;
        for (auto const& entry : std::filesystem::directory_iterator(directory_.path(""))) {
            count += entry.path().filename().string().contains(part) ? 1 : 0;
        }
        return count;
    }
    /// Runs in a child; its exit code.
    template <class Body>
    static int in_child(Body body) {
        auto const child = ::fork();
        if (child == 0) ::_exit(body());
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    void sql(char const* text, std::string const& path = {}) {
        Sqlite database;
        ASSERT_EQ(database.open(path.empty() ? path_ : path), SQLITE_OK);
        ASSERT_EQ(database.run(text), SQLITE_OK) << database.why();
    }

    testing::TemporaryDirectory directory_;
    std::string path_;
    std::string key_path_;
    PeerStoreOptions options_;
    base::Duration calendar_ = std::chrono::hours(500'000);  // 2027
};

// ---- What is kept ----

TEST_F(PeerStoreTest, remembers_peers_and_rules) {
    auto const range = libp2p::IpRange::parse("2001:db8::/32").value();
    libp2p::Rule const trust{.subject = peer(9), .kind = libp2p::RuleKind::trust, .reason = {}};
    libp2p::Rule const deny{
        .subject = range, .kind = libp2p::RuleKind::deny, .reason = "a \"reason\"; DROP TABLE peers"};
    write({libp2p::PutPeer{record(1)}, libp2p::PutPeer{record(2)}, libp2p::PutPeer{record(3)},
           libp2p::PutRule{ban(range, 1h)}, libp2p::PutRule{trust}, libp2p::PutRule{deny}});
    auto const [stored, warnings, was_open] = read();
    EXPECT_THAT(stored.peers, ElementsAre(record(2), record(1), record(3))) << "anchors, then those connected last";
    EXPECT_THAT(stored.rules, ElementsAre(ban(range, 1h), deny, trust));
    EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(PeerStoreTest, remembers_what_never_was) {
    libp2p::StoredPeer nothing;
    nothing.id = peer(1);
    nothing.agent = std::string("\0\xff\n'", 4);
    libp2p::Rule forever = ban(peer(2), 0s);
    forever.until = base::Instant::never();
    write({libp2p::PutPeer{nothing}, libp2p::PutRule{forever}});
    auto const stored = read().stored;
    EXPECT_THAT(stored.peers, ElementsAre(nothing));
    EXPECT_THAT(stored.rules, ElementsAre(forever));
}

TEST_F(PeerStoreTest, the_last_order_for_a_subject_counts) {
    auto changed = record(1);
    changed.failures = 77;
    write({libp2p::PutPeer{record(1)}, libp2p::ErasePeer{peer(1)}, libp2p::PutPeer{changed}, libp2p::PutPeer{record(2)},
           libp2p::ErasePeer{peer(2)}, libp2p::PutRule{ban(peer(3), 1h)},
           libp2p::EraseRule{peer(3), libp2p::RuleKind::ban}, libp2p::EraseRule{peer(4), libp2p::RuleKind::deny}});
    auto const stored = read().stored;
    EXPECT_THAT(stored.peers, ElementsAre(changed));
    EXPECT_THAT(stored.rules, IsEmpty());
}

TEST_F(PeerStoreTest, closing_writes_what_is_queued) {
    options_.batch_delay = 1h;
    {
        PeerStore store(path_, options_);
        for (std::uint32_t i = 0; i < 4096; ++i) store.apply(libp2p::PutPeer{record(i)});
    }
    EXPECT_EQ(read().stored.peers.size(), 4096U);
    EXPECT_EQ(files_like("-wal"), 0U) << "the log is merged";
}

TEST_F(PeerStoreTest, its_file_is_private) {
    write({libp2p::PutPeer{record(1)}});
    ::chmod(path_.c_str(), 0644);
    PeerStore store(path_, options_);
    store.apply(libp2p::PutPeer{record(2)});
    EXPECT_TRUE(store.flush(10s));
    for (auto const* const suffix : {"", "-wal"}) {
        struct stat about {};
        ASSERT_EQ(::stat((path_ + suffix).c_str(), &about), 0) << suffix;
        EXPECT_EQ(about.st_mode & 0777, 0600U) << suffix;
    }
}

TEST_F(PeerStoreTest, drops_orders_beyond_the_bound_and_says_so_once) {
    options_.batch_delay = 1h;
    options_.pending_max = 10;
    PeerStore store(path_, options_);
    for (std::uint32_t i = 0; i < 100; ++i) store.apply(libp2p::PutPeer{record(i)});
    store.apply(libp2p::PutPeer{record(5)});  // is queued already
    EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("more than 10 changes wait to be written")));
    EXPECT_TRUE(store.flush(10s));
    store.apply(libp2p::PutPeer{record(200)});
    EXPECT_TRUE(store.flush(10s));
}

TEST_F(PeerStoreTest, reads_no_more_rows_than_it_may) {
    write({libp2p::PutPeer{record(1)}, libp2p::PutPeer{record(2)}, libp2p::PutPeer{record(3)}});
    options_.rows_max = 2;
    EXPECT_THAT(read().stored.peers, ElementsAre(record(2), record(1)));
}

// ---- Time ----

TEST_F(PeerStoreTest, times_go_on_while_the_node_does_not_run) {
    write({libp2p::PutPeer{record(1)}, libp2p::PutRule{ban(peer(1), 3h)}});
    calendar_ += 2h;
    PeerStore store(path_, options_);
    auto const now = base::Instant{} + 1000s;
    auto const stored = store.load(now);
    ASSERT_EQ(stored.peers.size(), 1U);
    EXPECT_EQ(stored.peers[0].last_connected, now - 4h);
    EXPECT_EQ(stored.rules[0].until, now + 1h);
}

TEST_F(PeerStoreTest, a_clock_that_went_back_makes_no_ban_longer_and_nothing_future) {
    write({libp2p::PutPeer{record(1)}, libp2p::PutRule{ban(peer(1), 3h)}});
    calendar_ -= 24h * 365;
    auto const stored = read().stored;
    ASSERT_EQ(stored.peers.size(), 1U);
    EXPECT_EQ(stored.peers[0].last_connected, base::Instant{});
    EXPECT_EQ(stored.rules[0].until, base::Instant{} + 3h);
}

TEST_F(PeerStoreTest, a_clock_before_1970_or_far_ahead_is_survived) {
    for (auto const clock : {base::Duration(0), base::Duration(-1h), base::Duration::max() - 1h}) {
        calendar_ = clock;
        write({libp2p::PutPeer{record(1)}, libp2p::PutRule{ban(peer(1), 3h)}});
        auto const stored = read().stored;
        EXPECT_EQ(stored.peers.size(), 1U);
        EXPECT_EQ(stored.rules.size(), 1U);
    }
}

// ---- Ends of the process ----

TEST_F(PeerStoreTest, survives_a_kill_at_any_moment) {
    write({});
    auto seed = base::Rng::Seed{};
    seed[0] = 5;
    base::Rng rng(seed);
    std::uint32_t most = 0;
    for (int round = 0; round < 120; ++round) {
        auto const child = ::fork();
        if (child == 0) {
            PeerStore store(path_, options_);
            store.load({});
            for (std::uint32_t i = 0;; ++i) {
                auto one = record(i % 50);
                one.failures = i;
                store.apply(libp2p::PutPeer{one});
                if (i % 3 == 0) store.apply(libp2p::ErasePeer{peer((i + 25) % 50)});
                if (i % 10 == 0) store.flush(1s);
            }
        }
        std::this_thread::sleep_for(std::chrono::microseconds(rng.below(25'000)));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        auto const [stored, warnings, was_open] = read();
        ASSERT_TRUE(was_open) << round;
        ASSERT_THAT(warnings, IsEmpty()) << round;
        for (auto const& one : stored.peers) {
            ASSERT_EQ(one.id, peer(one.failures % 50)) << "the record is whole";
            most = std::max(most, one.failures);
        }
    }
    EXPECT_GT(most, 0U) << "something was written at all";
    EXPECT_EQ(files_like("damaged"), 0U);
}

TEST_F(PeerStoreTest, survives_a_kill_while_it_is_made) {
    for (int round = 0; round < 60; ++round) {
        for (auto const* const suffix : {"", "-wal", "-journal", "-shm"}) ::unlink((path_ + suffix).c_str());
        auto const child = ::fork();
        if (child == 0) {
            PeerStore store(path_, options_);
            ::pause();
        }
        std::this_thread::sleep_for(std::chrono::microseconds(round * 150));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        auto const [stored, warnings, was_open] = read();
        ASSERT_TRUE(was_open) << round;
        ASSERT_THAT(warnings, IsEmpty()) << round;
    }
}

// ---- Damage ----

TEST_F(PeerStoreTest, begins_anew_when_the_header_is_damaged) {
    write({libp2p::PutPeer{record(1)}});
    write_bytes(0, "no database at all");
    auto const [stored, warnings, was_open] = read();
    EXPECT_TRUE(was_open);
    EXPECT_THAT(stored.peers, IsEmpty());
    auto const name = path_ + ".damaged-1800000000";
    ASSERT_THAT(warnings, ElementsAre(HasSubstr("is damaged (is no database); it is now " + name)));
    EXPECT_EQ(files_like("damaged"), 1U);
    write({libp2p::PutPeer{record(2)}});
    EXPECT_THAT(read().stored.peers, ElementsAre(record(2)));
}

TEST_F(PeerStoreTest, survives_any_byte_of_the_header) {
    write({libp2p::PutPeer{record(1)}});
    auto const whole = read_file(path_, 1 << 20).value();
    for (std::size_t at = 0; at < 100; ++at) {
        auto bytes = whole;
        bytes[at] ^= at % 2 == 0 ? 0x01 : 0xff;
        ASSERT_TRUE(atomic_write(path_, bytes, 0600));
        auto const [stored, warnings, was_open] = read();
        if (stored.peers.empty()) {
            EXPECT_EQ(warnings.size(), 1U) << at;
        } else {
            EXPECT_THAT(stored.peers, ElementsAre(record(1))) << at;
        }
    }
}

TEST_F(PeerStoreTest, begins_anew_when_the_file_is_cut) {
    std::vector<libp2p::StoreOrder> orders;
    for (std::uint32_t i = 0; i < 500; ++i) orders.emplace_back(libp2p::PutPeer{record(i)});
    write(orders);
    auto const size = std::filesystem::file_size(path_);
    for (auto const left : {size - 1, size - 4096, size / 2, std::uintmax_t{4096}, std::uintmax_t{50}}) {
        write(orders);
        std::filesystem::resize_file(path_, left);
        auto const [stored, warnings, was_open] = read();
        EXPECT_TRUE(was_open) << left;
        for (auto const& one : stored.peers) EXPECT_EQ(one, record(one.failures)) << left;
        EXPECT_THAT(warnings, ElementsAre(HasSubstr("damaged"))) << left;
        EXPECT_TRUE(stored.peers.empty() || left > size / 2) << left;
        calendar_ += 1s;
        ::unlink(path_.c_str());
    }
}

TEST_F(PeerStoreTest, an_empty_file_is_a_new_store) {
    std::ofstream(path_).close();
    auto const [stored, warnings, was_open] = read();
    EXPECT_TRUE(was_open);
    EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(PeerStoreTest, never_lets_a_damaged_record_in) {
    std::vector<libp2p::StoreOrder> orders;
    std::map<libp2p::PeerId, libp2p::StoredPeer> expected;
    for (std::uint32_t i = 0; i < 300; ++i) {
        orders.emplace_back(libp2p::PutPeer{record(i)});
        expected[peer(i)] = record(i);
    }
    write(orders);
    auto const whole = read_file(path_, 1 << 24).value();
    auto seed = base::Rng::Seed{};
    base::Rng rng(seed);
    int partly = 0;
    for (int round = 0; round < 200; ++round) {
        auto bytes = whole;
        auto const flips = 1 + rng.below(8);
        for (std::uint64_t i = 0; i < flips; ++i) {
            auto& byte = bytes[100 + static_cast<std::size_t>(rng.below(bytes.size() - 100))];
            byte = static_cast<std::uint8_t>(byte ^ (1U << rng.below(8)));
        }
        ASSERT_TRUE(atomic_write(path_, bytes, 0600));
        auto const [stored, warnings, was_open] = read();
        ASSERT_TRUE(was_open);
        for (auto const& one : stored.peers) ASSERT_EQ(one, expected.at(one.id)) << "round " << round;
        EXPECT_EQ(warnings.size(), stored.peers.size() < 300 ? 1U : 0U);
        if (!stored.peers.empty() && stored.peers.size() < 300) ++partly;
    }
    EXPECT_GT(partly, 10) << "a checksum has found something";
    EXPECT_LE(files_like("damaged"), 3U);
}

TEST_F(PeerStoreTest, rows_that_make_no_sense_are_counted) {
    write({libp2p::PutPeer{record(1)}, libp2p::PutPeer{record(2)}, libp2p::PutRule{ban(peer(1), 1h)}});
    sql("UPDATE peers SET failures = -1 WHERE failures = 1");
    sql("UPDATE rules SET kind = 'king'");
    auto const [stored, warnings, was_open] = read();
    EXPECT_THAT(stored.peers, ElementsAre(record(2)));
    EXPECT_THAT(stored.rules, IsEmpty());
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("2 damaged records are ignored")));
}

TEST_F(PeerStoreTest, begins_anew_when_a_table_is_missing) {
    write({libp2p::PutPeer{record(1)}});
    sql("DROP TABLE rules");
    EXPECT_THAT(read().warnings, ElementsAre(HasSubstr("is damaged")));
    EXPECT_EQ(files_like("damaged"), 1U);
}

TEST_F(PeerStoreTest, keeps_the_last_three_of_what_was_damaged) {
    ASSERT_TRUE(atomic_write(path_ + ".damaged-by-me", base::as_bytes("mine"), 0600));
    for (int i = 0; i < 6; ++i) {
        write({libp2p::PutPeer{record(1)}});
        write_bytes(0, "no database at all");
        read();
        if (i != 2) calendar_ += 1s;  // twice in one second
    }
    EXPECT_EQ(files_like(".damaged-18"), 3U);
    EXPECT_EQ(files_like(".damaged-by-me"), 1U);
    EXPECT_EQ(files_like(".damaged-1800000004"), 1U);
}

// ---- What is not ours ----

TEST_F(PeerStoreTest, leaves_a_key_file_alone) {
    path_ = key_path_;
    auto const [stored, warnings, was_open] = read();
    EXPECT_FALSE(was_open);
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("is no peer store: it is left alone; nothing is remembered")));
    EXPECT_EQ(directory_.files(), 1U);
}

TEST_F(PeerStoreTest, leaves_the_database_of_another_program_alone) {
    std::ofstream(path_).close();
    sql("CREATE TABLE theirs(x); PRAGMA application_id = 1234");
    auto const before = read_file(path_, 1 << 20).value();
    auto reading = read();
    EXPECT_FALSE(reading.was_open);
    EXPECT_THAT(reading.warnings, ElementsAre(HasSubstr("is the database of another program")));
    EXPECT_EQ(read_file(path_, 1 << 20).value(), before);
    std::filesystem::resize_file(path_, 4096 + 17);
    EXPECT_FALSE(read().was_open) << "even if it is damaged";
    EXPECT_EQ(files_like("damaged"), 0U);
    sql("PRAGMA application_id = 0");
    EXPECT_FALSE(read().was_open) << "one without a name too";
}

TEST_F(PeerStoreTest, leaves_a_newer_version_alone) {
    options_.more_steps = {{2, "ALTER TABLE peers ADD COLUMN note TEXT"}};
    write({libp2p::PutPeer{record(1)}});
    options_.more_steps.clear();
    auto const [stored, warnings, was_open] = read();
    EXPECT_FALSE(was_open);
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("is of version 2, and this program knows 1: it is left alone")));
    options_.more_steps = {{2, "ALTER TABLE peers ADD COLUMN note TEXT"}};
    EXPECT_THAT(read().stored.peers, ElementsAre(record(1)));
}

TEST_F(PeerStoreTest, brings_an_older_version_up_to_date) {
    write({libp2p::PutPeer{record(1)}, libp2p::PutRule{ban(peer(1), 1h)}});
    options_.more_steps = {{2, "ALTER TABLE peers ADD COLUMN note TEXT NOT NULL DEFAULT 'old'"},
                           {3, "CREATE TABLE more(x)"}};
    auto const [stored, warnings, was_open] = read();
    EXPECT_TRUE(was_open);
    EXPECT_THAT(warnings, IsEmpty());
    EXPECT_THAT(stored.peers, ElementsAre(record(1)));
    EXPECT_THAT(stored.rules, ElementsAre(ban(peer(1), 1h)));
    sql("UPDATE peers SET note = 'new'; SELECT x FROM more");
    EXPECT_TRUE(read().was_open) << "and not again";
}

TEST_F(PeerStoreTest, a_step_that_fails_changes_nothing) {
    write({libp2p::PutPeer{record(1)}});
    options_.more_steps = {{2, "CREATE TABLE more(x); ALTER TABLE nothing ADD COLUMN y"}};
    EXPECT_FALSE(read().was_open);
    options_.more_steps.clear();
    EXPECT_THAT(read().stored.peers, ElementsAre(record(1)));
}

// ---- No file to be had ----

TEST_F(PeerStoreTest, runs_without_when_another_process_has_it) {
    write({libp2p::PutPeer{record(1)}});
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    auto const child = ::fork();
    if (child == 0) {
        PeerStore store(path_, options_);
        char const byte = store.is_open() ? 'y' : 'n';
        if (::write(pipe_ends[1], &byte, 1) != 1) ::_exit(1);
        while (true) ::pause();
    }
    char byte = 0;
    ASSERT_EQ(::read(pipe_ends[0], &byte, 1), 1);
    EXPECT_EQ(byte, 'y');
    auto const [stored, warnings, was_open] = read();
    EXPECT_FALSE(was_open);
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("is in use by another process")));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_THAT(read().stored.peers, ElementsAre(record(1)));
    ::close(pipe_ends[0]);
    ::close(pipe_ends[1]);
}

TEST_F(PeerStoreTest, runs_without_when_the_path_is_no_file) {
    ASSERT_TRUE(make_directory(path_));
    {
        PeerStore store(path_, options_);
        EXPECT_FALSE(store.is_open());
        EXPECT_THAT(store.load({}).peers, IsEmpty());
        store.apply(libp2p::PutPeer{record(1)});
        EXPECT_FALSE(store.flush(1s));
        EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("is no plain file")));
        EXPECT_THAT(store.take_warnings(), IsEmpty());
    }
    path_ = directory_.path("missing/peers.db");
    EXPECT_THAT(read().warnings, ElementsAre(HasSubstr("cannot be created: No such file or directory")));
    path_ = key_path_ + "/peers.db";
    EXPECT_THAT(read().warnings, ElementsAre(HasSubstr("cannot be opened: Not a directory")));
    path_ = directory_.path("link");
    ASSERT_EQ(::symlink(key_path_.c_str(), path_.c_str()), 0);
    EXPECT_THAT(read().warnings, ElementsAre(HasSubstr("is no plain file")));
}

TEST_F(PeerStoreTest, runs_without_when_it_cannot_write) {
    write({libp2p::PutPeer{record(1)}});
    ::chmod(directory_.path("").c_str(), 0755);
    ::chmod(path_.c_str(), 0444);
    auto const code = in_child([&] {
        // The superuser can write everywhere.
        if (::geteuid() == 0 && ::setuid(65534) != 0) return 1;
        PeerStore store(path_, options_);
        auto const warnings = store.take_warnings();
        return store.is_open() || warnings.size() != 1 || !warnings[0].contains("cannot be written") ? 2 : 0;
    });
    EXPECT_EQ(code, 0);
    EXPECT_EQ(files_like("damaged"), 0U);
    ::chmod(path_.c_str(), 0600);
    EXPECT_THAT(read().stored.peers, ElementsAre(record(1)));
}

// ---- A full disk ----

TEST_F(PeerStoreTest, tries_again_when_the_disk_is_full) {
    write({});
    options_.pages_max = static_cast<int>(std::filesystem::file_size(path_) / 4096) + 3;
    {
        PeerStore store(path_, options_);
        store.load({});
        for (std::uint32_t i = 0; i < 200; ++i) store.apply(libp2p::PutPeer{record(i)});
        EXPECT_FALSE(store.flush(10s));
        EXPECT_TRUE(store.is_open());
        EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("cannot be written: database or disk is full")));
        EXPECT_FALSE(store.flush(10s));
        EXPECT_THAT(store.take_warnings(), IsEmpty()) << "said once";
        for (std::uint32_t i = 0; i < 200; ++i) store.apply(libp2p::ErasePeer{peer(i)});
        store.apply(libp2p::PutPeer{record(1)});
        EXPECT_TRUE(store.flush(10s)) << "there is room again";
        EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("can be written again")));
    }
    options_.pages_max = 0;
    EXPECT_THAT(read().stored.peers, ElementsAre(record(1)));
}

TEST_F(PeerStoreTest, survives_a_limit_on_the_size_of_files) {
    write({libp2p::PutPeer{record(1)}});
    auto const code = in_child([&] {
        rlimit const limit{60'000, 60'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        options_.batch_delay = 1h;
        PeerStore store(path_, options_);
        if (!store.is_open()) return 1;
        store.load({});
        for (std::uint32_t i = 0; i < 1000; ++i) store.apply(libp2p::PutPeer{record(i)});
        if (store.flush(10s)) return 2;
        return store.take_warnings().size() == 1 ? 0 : 3;
    });
    EXPECT_EQ(code, 0);
    auto const [stored, warnings, was_open] = read();
    EXPECT_TRUE(was_open);
    EXPECT_THAT(stored.peers, ElementsAre(record(1))) << "all of a batch or nothing";
    EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(PeerStoreTest, making_it_on_a_full_disk_is_survived) {
    auto const code = in_child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit const limit{1000, 1000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        PeerStore store(path_, options_);
        return store.is_open() || store.take_warnings().size() != 1 ? 1 : 0;
    });
    EXPECT_EQ(code, 0);
    EXPECT_TRUE(read().was_open) << "when there is room";
}

}  // namespace
}  // namespace runtime
