// The file of blocks: a row for each, with its header and a checksum over it, and the bytes of the block with their
// hash. Private.
#pragma once

#include "mina/block_tree/header.h"
#include "runtime/sqlite/sqlite.h"
#include "runtime/recent_store/recent_store.h"

namespace runtime {

/// Says that a database is ours.
inline constexpr std::int64_t block_file_application_id = 0x6d505242;  // "mPRB"
inline constexpr int block_file_version = 2;

struct BlockRow {
    mina::block_tree::Header header;
    std::uint64_t received_ms = 0;
    Verified verified = Verified::no;
    base::ByteArray<32> bytes_hash{};  // BLAKE2b-256 of the block's bytes
    std::int64_t row = 0;
};

class BlockFile {
public:
    /// SQLITE_OK, or why the table is not as it should be.
    int prepare(Sqlite database);
    /// Sets `row.row`.
    int put(BlockRow& row, base::ByteView bytes);
    int erase(mina::hashes::StateHash const& state);
    /// Whole transactions: put and erase within one are kept together or not at all.
    int begin() { return database_.run("BEGIN IMMEDIATE"); }
    int commit();
    void roll_back();
    struct Bytes {
        int code = SQLITE_OK;
        bool is_other = false;   // not what was written: the row is bad, and the file may be good
        base::ByteString bytes;  // unless one of these
    };
    Bytes read(BlockRow const& row);
    /// All rows, the lowest first.
    struct Rows {
        int code = SQLITE_OK;
        std::vector<BlockRow> rows;
        std::vector<std::int64_t> senseless;  // numbers of rows that make no sense
    };
    Rows rows(std::size_t rows_max);
    int erase_rows(std::vector<std::int64_t> const& numbers);
    std::string why() const { return database_.why(); }

private:
    // The statements go before their database.
    Sqlite database_;
    Statement put_;
    Statement erase_;
    Statement erase_row_;
};

struct OpenedBlockFile {
    std::unique_ptr<BlockFile> file;  // none: the store goes on without
    std::vector<BlockRow> rows;
    std::vector<std::string> warnings;
};
OpenedBlockFile open_block_file(std::string const& path, RecentStoreConfig const& config, std::uint64_t now_ms);

}  // namespace runtime
