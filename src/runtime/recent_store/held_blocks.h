// HeldBlocks: the tree of headers, with the bytes of its blocks: in memory, in the file, or in both. Private.
//
//   held, not written   the file has not taken it yet, or there is none
//   held, written       what was added or asked for last; the first to leave memory
//   written alone       read back when it is asked for, and checked then
//
// Writes happen on the caller's thread: it waits for the disk, or for what the system's cache makes of it. What is to
// be erased is committed first and by itself, so that a full disk gets its room back; then block by block, so that what
// went in stays in, and at most `written_bytes_max` in one call; the rest waits for the next. After a failure nothing
// is written for a second, and twice as long each time, up to five minutes.
#pragma once

#include "runtime/recent_store/block_file.h"

#include <map>
#include <set>

namespace runtime {

class HeldBlocks {
public:
    static constexpr std::uint64_t written_bytes_max = 8 * 1024 * 1024;  // or one block
    static constexpr std::uint64_t pause_first_ms = 1'000;
    static constexpr std::uint64_t pause_max_ms = 5 * 60'000;

    HeldBlocks(std::string path, RecentStoreConfig const& config, std::uint64_t now_ms);

    /// `bytes`: of which `header` is.
    base::Result<mina::block_tree::Added, BlockRefused> add(mina::block_tree::Header const& header,
                                                            base::SharedBytes bytes, std::uint64_t now_ms,
                                                            Verified verified);
    /// nullopt when it is not there, or of another format. May find out that it is damaged, and forget it.
    std::optional<base::SharedBytes> bytes_of(mina::hashes::StateHash const& state,
                                              std::optional<mina::messages::Format> format = {});

    mina::block_tree::Tree const& tree() const { return tree_; }
    bool is_open() const { return file_ != nullptr; }
    std::size_t held_count() const { return held_.size(); }
    std::uint64_t held_bytes() const { return held_bytes_; }
    std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }

private:
    using StateHash = mina::hashes::StateHash;
    struct Held {
        base::SharedBytes bytes;
        std::uint64_t number = 0;
    };

    void load(OpenedBlockFile opened, std::vector<mina::messages::Format> const& formats, std::uint64_t now_ms);
    void hold(StateHash const& state, base::SharedBytes bytes);
    void let_go(StateHash const& state);
    void shrink();
    void forget(StateHash const& state);
    void prune();
    void write(std::uint64_t now_ms);
    int erase_all();
    int erase_some();
    int write_blocks();
    int write_one(StateHash const& state);
    bool rests(std::uint64_t now_ms) const;
    void rest(std::uint64_t now_ms);
    void on_file_error(int code);
    void close_file();
    void warn(std::string text);

    std::string path_;
    std::size_t held_bytes_max_;
    mina::block_tree::Tree tree_;
    std::unique_ptr<BlockFile> file_;
    std::map<StateHash, BlockRow> rows_;  // in the file
    std::set<StateHash> to_erase_;        // of it
    std::map<StateHash, Held> held_;
    std::map<std::uint64_t, StateHash> by_age_;  // of what is held
    std::set<StateHash> unwritten_;              // of what is held
    std::uint64_t next_number_ = 0;
    std::uint64_t held_bytes_ = 0;
    bool is_failing_ = false;
    std::uint64_t pause_ms_ = 0;  // 0: the last write did not fail
    std::uint64_t rests_until_ms_ = 0;
    std::set<std::string> warned_;
    std::vector<std::string> warnings_;
};

}  // namespace runtime
