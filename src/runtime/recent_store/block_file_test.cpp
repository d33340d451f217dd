// Goal: after a restart the answers are the same; no state of the file or the disk stops a node, or makes it tell what
// was never received. Method: real files in a temporary directory, damaged by hand; a child that is killed.
#include "runtime/recent_store/recent_fixture.h"

#include "base/rng.h"
#include "mina/messages/berkeley/block.h"
#include "mina/messages/messages.h"
#include "runtime/files.h"
#include "runtime/sqlite/own_database.h"
#include "runtime/recent_store/block_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace runtime::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BlockFileTest : public ::testing::Test {
protected:
    RecentStore open() { return RecentStore(path_, config_, now_ms); }
    /// The store may hold blocks in memory; a second one reads them from the file.
    void write(std::vector<base::ByteString> const& blocks) {
        auto store = open();
        EXPECT_TRUE(store.status().is_open);
        add_all(store, blocks);
        EXPECT_THAT(store.take_warnings(), IsEmpty());
    }
    /// Of each block there, its bytes are those that were written.
    static std::size_t intact(RecentStore& store, std::vector<base::ByteString> const& blocks) {
        std::size_t count = 0;
        for (auto const& block : blocks) {
            auto const bytes = store.block(header_of(block).state);
            if (!bytes) continue;
            EXPECT_TRUE(base::equal(bytes->view(), block));
            ++count;
        }
        EXPECT_EQ(store.status().blocks, count);
        return count;
    }
    void sql(char const* text) {
        Sqlite database;
        ASSERT_EQ(database.open(path_), SQLITE_OK);
        ASSERT_EQ(database.run(text), SQLITE_OK) << database.why();
    }
    std::size_t files_like(std::string const& part) const {
        std::size_t count = 0;
        for (auto const& entry : std::filesystem::directory_iterator(directory_.path(""))) {
            count += entry.path().filename().string().contains(part) ? 1 : 0;
        }
        return count;
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.path("blocks.db");
    RecentStoreConfig config_ = small_config();
    std::vector<base::ByteString> blocks_ = small_chain(12);
};

// ---- Restart ----

TEST_F(BlockFileTest, gives_the_same_answers_after_a_restart) {
    std::vector<mina::hashes::StateHash> states;
    for (auto const& block : blocks_) states.push_back(header_of(block).state);
    auto const answers = [&](RecentStore& store) {
        return std::vector{ask(store, Method::get_best_tip, unit_query()),
                           ask(store, Method::get_transition_knowledge, unit_query()),
                           ask(store, Method::get_transition_chain, hashes_query(states)),
                           ask(store, Method::get_transition_chain_proof, states[9].bytes),
                           ask(store, Method::get_node_status, unit_query())};
    };
    std::vector<std::optional<base::ByteString>> before;
    {
        auto store = open();
        add_all(store, blocks_);
        before = answers(store);
    }
    auto store = open();
    EXPECT_EQ(store.status().held_blocks, 0U);
    EXPECT_EQ(store.status().blocks, 12U);
    EXPECT_EQ(store.recent(1)[0].received_ms, now_ms);
    EXPECT_EQ(answers(store), before);
    for (auto const& answer : before) EXPECT_TRUE(answer);
    EXPECT_EQ(store.status().held_blocks, 12U);
    EXPECT_EQ(files_like("-wal"), 1U);
    struct stat about{};
    ASSERT_EQ(::stat(path_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(BlockFileTest, memory_holds_no_more_than_it_may) {
    config_.held_bytes_max = blocks_[0].size() * 7 / 2;
    auto store = open();
    add_all(store, blocks_);
    EXPECT_LE(store.status().held_bytes, config_.held_bytes_max);
    EXPECT_EQ(intact(store, blocks_), 12U);
    EXPECT_LE(store.status().held_bytes, config_.held_bytes_max);
}

TEST_F(BlockFileTest, what_is_forgotten_leaves_the_file) {
    config_.blocks.blocks_max = 8;
    write(blocks_);
    {
        auto store = open();
        EXPECT_EQ(intact(store, blocks_), 8U);
    }
    config_.blocks.blocks_max = 6;
    open();  // tighter bounds count at once
    config_.blocks.blocks_max = 100;
    auto store = open();
    EXPECT_EQ(intact(store, blocks_), 6U);
    EXPECT_TRUE(ask(store, Method::get_best_tip, unit_query()));
    EXPECT_THAT(store.take_warnings(), IsEmpty());
}

TEST_F(BlockFileTest, blocks_of_formats_that_do_not_count_any_more_are_dropped) {
    write(blocks_);
    config_.formats = {m::Format::mesa};
    EXPECT_EQ(open().status().blocks, 0U);
    config_ = small_config();
    EXPECT_EQ(open().status().blocks, 0U);
}

TEST_F(BlockFileTest, a_verified_block_stays_in_the_place_of_another) {
    auto const other = mina::made_chain::made_chain(m::Format::berkeley, 99, 1, start_ms, 4'000)[0];
    mina::binprot::Arena arena;
    auto changed = **m::decode<mina::berkeley::Block>(blocks_[11], arena);
    changed.header.protocol_state_proof =
        (*m::decode<mina::berkeley::Block>(other, arena))->header.protocol_state_proof;
    auto const forged = base::SharedBytes::take(m::encode(changed));
    auto const good = base::SharedBytes::copy_of(blocks_[11]);
    write({blocks_.begin(), blocks_.end() - 1});
    ASSERT_TRUE(open().on_block(m::Format::berkeley, forged, now_ms));
    {
        auto store = open();
        EXPECT_FALSE(store.on_block(m::Format::berkeley, good, now_ms));
        EXPECT_TRUE(store.on_block(m::Format::berkeley, good, now_ms, Verified::yes)->is_replaced);
    }
    auto store = open();
    EXPECT_EQ(intact(store, blocks_), 12U);
    for (auto const verified : {Verified::no, Verified::yes}) {
        EXPECT_FALSE(store.on_block(m::Format::berkeley, forged, now_ms, verified)) << "it is known as verified";
    }
}

TEST_F(BlockFileTest, of_an_older_version_is_begun_anew) {
    write(blocks_);
    sql("PRAGMA user_version = 1; ALTER TABLE blocks DROP COLUMN verified");
    {
        auto store = open();
        EXPECT_TRUE(store.status().is_open);
        EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("is of an older version, and begun anew")));
        add_all(store, blocks_);
    }
    auto store = open();
    EXPECT_THAT(store.take_warnings(), IsEmpty());
    EXPECT_EQ(intact(store, blocks_), 12U);
}

TEST_F(BlockFileTest, survives_a_kill_at_any_moment) {
    base::Rng rng(base::Rng::Seed{5});
    auto const many = small_chain(60);
    std::size_t most = 0;
    for (int round = 0; round < 20; ++round) {
        auto const child = ::fork();
        if (child == 0) {
            config_.blocks.blocks_max = 30;
            auto store = open();
            for (std::size_t i = 0; store.status().blocks < 1'000; ++i) {
                auto const& block = many[i % many.size()];
                static_cast<void>(store.on_block(m::Format::berkeley, base::SharedBytes::copy_of(block), now_ms));
            }
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(rng.below(100'000)));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        auto store = open();
        ASSERT_TRUE(store.status().is_open) << round;
        ASSERT_THAT(store.take_warnings(), IsEmpty()) << round;
        most = std::max(most, intact(store, many));
    }
    EXPECT_GT(most, 0U) << "something was written at all";
    EXPECT_EQ(files_like("damaged"), 0U);
}

// ---- Damage ----

TEST_F(BlockFileTest, begins_anew_when_the_header_is_damaged) {
    write(blocks_);
    std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary) << "no database at all";
    {
        auto store = open();
        EXPECT_TRUE(store.status().is_open);
        EXPECT_EQ(store.status().blocks, 0U);
        auto const name = path_ + ".damaged-" + std::to_string(now_ms / 1000);
        EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("is damaged (is no database); it is now " + name)));
        add_all(store, blocks_);
    }
    auto store = open();
    EXPECT_EQ(intact(store, blocks_), 12U);
}

TEST_F(BlockFileTest, begins_anew_when_the_file_is_cut) {
    write(blocks_);
    std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
    auto store = open();
    EXPECT_TRUE(store.status().is_open);
    EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("damaged")));
    intact(store, blocks_);
}

TEST_F(BlockFileTest, never_tells_what_was_not_written) {
    write(blocks_);
    auto const whole = read_file(path_, 1 << 24).value();
    base::Rng rng(base::Rng::Seed{});
    int partly = 0;
    for (int round = 0; round < 40; ++round) {
        auto bytes = whole;
        auto const flips = 1 + rng.below(6);
        for (std::uint64_t i = 0; i < flips; ++i) {
            auto& byte = bytes[100 + static_cast<std::size_t>(rng.below(bytes.size() - 100))];
            byte = static_cast<std::uint8_t>(byte ^ (1U << rng.below(8)));
        }
        ASSERT_TRUE(atomic_write(path_, bytes, 0600));
        auto store = open();
        ASSERT_TRUE(store.status().is_open);
        std::vector<mina::hashes::StateHash> states;
        for (auto const& block : blocks_) states.push_back(header_of(block).state);
        ask(store, Method::get_best_tip, unit_query());
        ask(store, Method::get_transition_chain, hashes_query(states));
        auto const count = intact(store, blocks_);
        EXPECT_EQ(store.take_warnings().empty(), count == blocks_.size());
        if (count > 0 && count < blocks_.size()) ++partly;
    }
    EXPECT_GT(partly, 10) << "a hash has found something";
    EXPECT_LE(files_like("damaged"), 3U);
}

TEST_F(BlockFileTest, a_damaged_block_is_forgotten_and_may_come_again) {
    write(blocks_);
    sql("UPDATE blocks SET bytes = zeroblob(size) WHERE height = 12");
    {
        auto store = open();
        EXPECT_FALSE(ask(store, Method::get_best_tip, unit_query()));
        EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("blocks are damaged, and forgotten")));
        EXPECT_TRUE(ask(store, Method::get_best_tip, unit_query())) << "from the tip before it";
        EXPECT_EQ(store.status().blocks, 11U);
        add_all(store, {blocks_[11]});
    }
    auto store = open();
    EXPECT_EQ(intact(store, blocks_), 12U);
}

TEST_F(BlockFileTest, survives_a_file_that_is_damaged_while_it_is_used) {
    // More than SQLite keeps in memory.
    blocks_ = mina::made_chain::made_chain(m::Format::berkeley, 11, 10, start_ms, 1024 * 1024);
    write(blocks_);
    for (auto const from : {0, 4, 20, 40}) {
        auto const whole = read_file(path_, 1 << 24).value();
        {
            auto store = open();
            auto bytes = whole;
            ASSERT_GT(bytes.size(), 4'000'000U);
            std::fill(bytes.begin() + from * 4096, bytes.end(), std::uint8_t{0xee});
            std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).write(
                reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
            ask(store, Method::get_best_tip, unit_query());
            EXPECT_LT(intact(store, blocks_), blocks_.size()) << from;
            EXPECT_FALSE(store.take_warnings().empty());
            auto const more = mina::made_chain::made_branch(m::Format::berkeley, 3, blocks_.back(), 7, 0, 500);
            add_all(store, more);
            EXPECT_TRUE(ask(store, Method::get_best_tip, unit_query()));
        }
        for (auto const* const suffix : {"", "-wal"}) ::unlink((path_ + suffix).c_str());
        ASSERT_TRUE(atomic_write(path_, whole, 0600));
    }
}

TEST_F(BlockFileTest, rows_that_make_no_sense_are_counted_and_deleted) {
    write(blocks_);
    sql("UPDATE blocks SET height = height + 1000 WHERE height = 12");
    sql("UPDATE blocks SET body_hash = previous WHERE height = 3");
    {
        auto store = open();
        EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("2 damaged records are ignored")));
        EXPECT_EQ(intact(store, blocks_), 10U);
    }
    EXPECT_THAT(open().take_warnings(), IsEmpty());
}

// ---- Files that are not to be used ----

TEST_F(BlockFileTest, what_is_not_its_own_is_left_alone) {
    struct Case {
        char const* sql;
        std::string why;
    };
    for (auto const& [text, why] :
         {Case{"PRAGMA user_version = 99", "is of version 99, and this program knows 2"},
          Case{"PRAGMA application_id = 77", "is the database of another program"},
          Case{"UPDATE about SET value = 'other'", "is of another network"}}) {
        ::unlink(path_.c_str());
        write(blocks_);
        sql(text);
        auto const bytes = read_file(path_, 1 << 24).value();
        {
            auto store = open();
            EXPECT_FALSE(store.status().is_open) << why;
            EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr(why)));
            add_all(store, blocks_);
            EXPECT_EQ(intact(store, blocks_), 12U) << "from memory";
            EXPECT_TRUE(ask(store, Method::get_best_tip, unit_query()));
        }
        EXPECT_EQ(read_file(path_, 1 << 24).value(), bytes);
    }
    EXPECT_EQ(files_like("damaged"), 0U);
}

TEST_F(BlockFileTest, a_key_file_is_not_taken_for_a_store) {
    ASSERT_TRUE(atomic_write(path_, base::as_bytes("the identity key"), 0600));
    EXPECT_THAT(open().take_warnings(), ElementsAre(HasSubstr("is no block store: it is left alone")));
    EXPECT_EQ(base::as_text(read_file(path_, 1000).value()), "the identity key");
}

TEST_F(BlockFileTest, a_second_process_goes_on_from_memory) {
    write(blocks_);
    auto first = open();
    auto second = open();
    EXPECT_FALSE(second.status().is_open);
    EXPECT_THAT(second.take_warnings(), ElementsAre(HasSubstr("is in use by another process")));
    add_all(second, blocks_);
    EXPECT_EQ(intact(first, blocks_), 12U);
}

TEST_F(BlockFileTest, a_directory_that_is_not_there_is_said) {
    path_ = directory_.path("no/such/directory/blocks.db");
    auto store = open();
    EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("blocks are kept in memory only")));
    add_all(store, blocks_);
    EXPECT_EQ(intact(store, blocks_), 12U);
}

TEST_F(BlockFileTest, a_full_disk_is_said_once_and_blocks_wait) {
    config_.pages_max = 20;  // of 4 KiB: a few blocks
    config_.held_bytes_max = blocks_[0].size() * 8;
    auto store = open();
    add_all(store, blocks_);
    EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("cannot be used: database or disk is full")));
    EXPECT_TRUE(store.status().is_open);
    EXPECT_LE(store.status().held_bytes, config_.held_bytes_max);
    auto const kept = intact(store, blocks_);
    EXPECT_GE(kept, 8U);
    EXPECT_TRUE(store.block(header_of(blocks_[11]).state)) << "the newest are there";
}

// A file with less room than the tree has: one block waits, and each that comes later makes another go.
class FullFileTest : public BlockFileTest {
protected:
    FullFileTest() {
        config_.pages_max = 20;
        {
            auto store = open();
            add_all(store, blocks_);
        }
        room_ = open().status().blocks;
        config_.blocks.blocks_max = room_ + 1;
    }
    void SetUp() override {
        ASSERT_GT(room_, 3U);
        ASSERT_LE(room_ + 4, blocks_.size());
    }
    /// As many blocks as are too many at `now_ms`, then one at each of these times after that; their end.
    void fill(std::vector<std::int64_t> const& later_ms) {
        for (auto const* const suffix : {"", "-wal", "-shm"}) ::unlink((path_ + suffix).c_str());
        auto store = open();
        auto next = blocks_.begin() + static_cast<std::ptrdiff_t>(room_) + 1;
        add_all(store, {blocks_.begin(), next});
        EXPECT_THAT(store.take_warnings(), ElementsAre(HasSubstr("database or disk is full")));
        for (auto const later : later_ms) {
            auto const block = base::SharedBytes::copy_of(*next++);
            EXPECT_TRUE(store.on_block(m::Format::berkeley, block, now_ms + static_cast<std::uint64_t>(later)));
        }
    }
    bool has(std::size_t number) { return open().has_block(header_of(blocks_[number]).state); }

    std::size_t room_ = 0;
};

TEST_F(FullFileTest, takes_new_blocks_in_the_room_of_those_that_go) {
    fill({1'000, 3'000, 7'000});
    auto store = open();
    EXPECT_EQ(intact(store, blocks_), room_);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_FALSE(store.has_block(header_of(blocks_[i]).state));
}

TEST_F(FullFileTest, is_tried_again_after_a_pause_that_doubles) {
    // That it was tried is seen by what was erased.
    fill({999});
    EXPECT_TRUE(has(0));
    fill({1'000});
    EXPECT_FALSE(has(0));
    fill({1'000, 2'999});
    EXPECT_TRUE(has(1));
    fill({1'000, 3'000});
    EXPECT_FALSE(has(1));
    fill({1'000, 3'000, 6'999});
    EXPECT_TRUE(has(2));
    fill({1'000, 3'000, 7'000});
    EXPECT_FALSE(has(2));
    fill({-10'000});
    EXPECT_FALSE(has(0)) << "a clock that went back does not stop it";
}

}  // namespace
}  // namespace runtime::testing
