#include "runtime/recent_store/held_blocks.h"

#include "base/check.h"
#include "runtime/sqlite/own_database.h"

#include <fmt/format.h>

#include <algorithm>

namespace runtime {

namespace {

using mina::block_tree::Added;
using mina::block_tree::Header;
using mina::block_tree::Refusal;
using mina::messages::Format;

constexpr std::string_view no_file = ":memory:";
constexpr std::size_t warnings_max = 64;
constexpr std::size_t erased_at_once = 64;  // of a transaction, which a full disk may have no room for

}  // namespace

HeldBlocks::HeldBlocks(std::string path, RecentStoreConfig const& config, std::uint64_t now_ms)
    : path_(std::move(path)), held_bytes_max_(config.held_bytes_max), tree_(config.blocks) {
    OpenedBlockFile opened;
    if (path_ != no_file) opened = open_block_file(path_, config, now_ms);
    for (auto& warning : opened.warnings) warn(std::move(warning));
    load(std::move(opened), config.formats, now_ms);
}

void HeldBlocks::load(OpenedBlockFile opened, std::vector<Format> const& formats, std::uint64_t now_ms) {
    file_ = std::move(opened.file);
    if (file_ == nullptr) return close_file();
    for (auto& row : opened.rows) {
        auto const state = row.header.state;
        auto const is_ours = std::ranges::find(formats, row.header.format) != formats.end();
        // As when it came: the clock may have gone back since.
        auto const added = is_ours ? tree_.add(row.header, row.received_ms, row.verified)
                                   : base::fail(Refusal::implausible);
        if (!added) {
            to_erase_.insert(state);
            continue;
        }
        rows_.emplace(state, std::move(row));
        for (auto const& dropped : added->dropped) forget(dropped);
    }
    prune();
    write(now_ms);
}

void HeldBlocks::warn(std::string text) {
    if (warned_.size() < warnings_max && warned_.insert(text).second) warnings_.push_back(std::move(text));
}

// ---- Memory ----

void HeldBlocks::hold(StateHash const& state, base::SharedBytes bytes) {
    let_go(state);
    held_bytes_ += bytes.size();
    by_age_.emplace(next_number_, state);
    held_.emplace(state, Held{std::move(bytes), next_number_++});
}

void HeldBlocks::let_go(StateHash const& state) {
    auto const found = held_.find(state);
    if (found == held_.end()) return;
    held_bytes_ -= found->second.bytes.size();
    by_age_.erase(found->second.number);
    held_.erase(found);
}

void HeldBlocks::shrink() {
    while (held_bytes_ > held_bytes_max_ && unwritten_.size() < held_.size()) {
        auto const oldest =
            std::ranges::find_if(by_age_, [&](auto const& entry) { return !unwritten_.contains(entry.second); });
        let_go(StateHash(oldest->second));
    }
    if (held_bytes_ <= held_bytes_max_) return;
    // The file takes nothing: the least useful go.
    for (auto const& state : tree_.by_usefulness()) {
        if (held_bytes_ <= held_bytes_max_) return;
        if (!unwritten_.contains(state)) continue;
        tree_.remove(state);
        forget(state);
    }
}

// ---- Adding and forgetting ----

base::Result<Added, BlockRefused> HeldBlocks::add(Header const& header, base::SharedBytes bytes, std::uint64_t now_ms,
                                                  Verified verified) {
    auto const refused = [](Refusal why) { return base::fail(BlockRefused{std::string(to_string(why)), why}); };
    auto added = tree_.add(header, now_ms, verified);
    if (!added) return refused(added.error());
    for (auto const& state : added->dropped) forget(state);
    hold(header.state, std::move(bytes));
    unwritten_.insert(header.state);
    prune();
    write(now_ms);
    shrink();
    if (tree_.find(header.state) == nullptr) return refused(Refusal::crowded_out);
    return *added;
}

/// What is in the tree no more.
void HeldBlocks::forget(StateHash const& state) {
    let_go(state);
    unwritten_.erase(state);
    if (rows_.erase(state) != 0) to_erase_.insert(state);
}

void HeldBlocks::prune() {
    for (auto const& state : tree_.prune()) forget(state);
}

std::optional<base::SharedBytes> HeldBlocks::bytes_of(StateHash const& state, std::optional<Format> format) {
    auto const* const entry = tree_.find(state);
    if (entry == nullptr || (format && entry->header.format != *format)) return std::nullopt;
    if (auto const held = held_.find(state); held != held_.end()) return held->second.bytes;
    auto const row = rows_.find(state);
    base::check(row != rows_.end() && file_ != nullptr, "recent_store: a block is in memory or in the file");
    auto read = file_->read(row->second);
    if (read.code == SQLITE_OK && !read.is_other) {
        auto bytes = base::SharedBytes::take(std::move(read.bytes));
        hold(state, bytes);
        shrink();
        return bytes;
    }
    if (read.is_other) {
        warn(path_ + ": blocks are damaged, and forgotten");
        tree_.remove(state);
        forget(state);
    } else {
        on_file_error(read.code);
    }
    return std::nullopt;
}

// ---- The file ----

void HeldBlocks::write(std::uint64_t now_ms) {
    if (file_ == nullptr || (to_erase_.empty() && unwritten_.empty()) || rests(now_ms)) return;
    auto code = erase_all();
    if (code == SQLITE_OK) code = write_blocks();
    if (code != SQLITE_OK) {
        rest(now_ms);
        return on_file_error(code);
    }
    pause_ms_ = 0;
    if (std::exchange(is_failing_, false)) warn(path_ + ": can be written again");
}

int HeldBlocks::erase_all() {
    auto code = SQLITE_OK;
    while (code == SQLITE_OK && !to_erase_.empty()) code = erase_some();
    return code;
}

int HeldBlocks::erase_some() {
    auto const end = std::ranges::next(to_erase_.begin(), erased_at_once, to_erase_.end());
    auto code = file_->begin();
    for (auto at = to_erase_.begin(); at != end && code == SQLITE_OK; ++at) code = file_->erase(*at);
    if (code == SQLITE_OK) code = file_->commit();
    else file_->roll_back();
    if (code == SQLITE_OK) to_erase_.erase(to_erase_.begin(), end);
    return code;
}

int HeldBlocks::write_blocks() {
    std::uint64_t bytes = 0;
    while (!unwritten_.empty() && bytes < written_bytes_max) {
        auto const state = *unwritten_.begin();
        if (auto const code = write_one(state); code != SQLITE_OK) return code;
        bytes += rows_.at(state).header.bytes;
    }
    return SQLITE_OK;
}

int HeldBlocks::write_one(StateHash const& state) {
    auto const& entry = *tree_.find(state);
    BlockRow row{.header = entry.header, .received_ms = entry.received_ms, .verified = entry.verified};
    auto code = file_->begin();
    if (code == SQLITE_OK) code = file_->put(row, held_.at(state).bytes.view());
    if (code == SQLITE_OK) code = file_->commit();
    else file_->roll_back();
    if (code != SQLITE_OK) return code;
    rows_.insert_or_assign(state, row);
    unwritten_.erase(state);
    return code;
}

/// A clock that has gone back does not make it rest for longer than the pause.
bool HeldBlocks::rests(std::uint64_t now_ms) const {
    return pause_ms_ != 0 && now_ms < rests_until_ms_ && rests_until_ms_ - now_ms <= pause_ms_;
}

void HeldBlocks::rest(std::uint64_t now_ms) {
    pause_ms_ = pause_ms_ == 0 ? pause_first_ms : std::min(pause_ms_ * 2, pause_max_ms);
    rests_until_ms_ = now_ms + pause_ms_;
}

void HeldBlocks::on_file_error(int code) {
    auto const why = std::string(::sqlite3_errstr(code));
    if (!says_damaged(code)) {
        is_failing_ = true;
        return warn(fmt::format("{}: cannot be used: {}; blocks wait in memory, and it is tried again", path_, why));
    }
    warn(fmt::format("{}: is damaged ({}); blocks are kept in memory only", path_, why));
    close_file();
}

/// From now on there is none: what is not in memory is lost, and there is room for what fits there.
void HeldBlocks::close_file() {
    file_.reset();
    for (auto const& [state, row] : rows_) {
        if (held_.contains(state)) unwritten_.insert(state);
        else tree_.remove(state);
    }
    rows_.clear();
    to_erase_.clear();
    tree_.set_bytes_max(std::min<std::uint64_t>(tree_.config().bytes_max, held_bytes_max_));
    prune();
}

}  // namespace runtime
