#include "crypto/hash.h"
#include "mina/hashes/state_hash.h"
#include "runtime/recent_store/block_file.h"

#include <algorithm>
#include <limits>

namespace runtime {

namespace {

using mina::block_tree::Header;
using mina::messages::Format;

std::string_view blob(base::ByteView bytes) { return base::as_text(bytes); }

/// Over all of a row but the bytes, which have a hash of their own in it.
std::int64_t checksum_of(BlockRow const& row) {
    base::ByteString bytes;
    auto const add = [&bytes](std::uint64_t number) {
        for (unsigned shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<std::uint8_t>(number >> shift));
    };
    auto const& header = row.header;
    for (auto const* const hash : {&header.state.bytes, &header.previous.bytes, &header.genesis.bytes,
                                   &header.body.bytes, &header.vrf_output, &row.bytes_hash}) {
        base::append(bytes, *hash);
    }
    for (auto const number : {std::uint64_t{header.height}, std::uint64_t{header.global_slot}, header.timestamp_ms,
                              header.bytes, static_cast<std::uint64_t>(header.format), row.received_ms,
                              static_cast<std::uint64_t>(row.verified)}) {
        add(number);
    }
    auto const hash = crypto::blake2b_256(bytes);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = number << 8 | hash[i];
    return static_cast<std::int64_t>(number);
}

/// Reads a row column by column; once something is not there, nothing is.
class RowReader {
public:
    explicit RowReader(Statement const& row) : row_(row) {}

    template <std::size_t N>
    void read(base::ByteArray<N>& out) {
        auto const content = row_.blob(column_++);
        is_good_ = is_good_ && content && content->size() == N;
        if (is_good_) std::ranges::copy(base::as_bytes(*content), out.begin());
    }
    template <class Number>
    void read_number(Number& out, std::uint64_t most = std::numeric_limits<Number>::max()) {
        auto const content = row_.number(column_++);
        is_good_ = is_good_ && content && static_cast<std::uint64_t>(*content) <= most;
        if (is_good_) out = static_cast<Number>(*content);
    }
    bool is_good() const { return is_good_; }

private:
    Statement const& row_;
    int column_ = 0;
    bool is_good_ = true;
};

std::optional<BlockRow> row_in(Statement const& statement) {
    BlockRow row;
    auto& header = row.header;
    std::uint8_t format = 0;
    std::uint8_t verified = 0;
    std::int64_t checksum = 0;
    RowReader reader(statement);
    reader.read_number(row.row);
    reader.read(header.state.bytes);
    reader.read(header.previous.bytes);
    reader.read(header.genesis.bytes);
    reader.read(header.body.bytes);
    reader.read(header.vrf_output);
    reader.read_number(header.height);
    reader.read_number(header.global_slot);
    reader.read_number(header.timestamp_ms);
    reader.read_number(header.bytes);
    reader.read_number(format, std::size(mina::messages::formats) - 1);
    reader.read_number(row.received_ms);
    reader.read_number(verified, 1);
    reader.read(row.bytes_hash);
    reader.read_number(checksum, std::numeric_limits<std::uint64_t>::max());
    header.format = static_cast<Format>(format);
    row.verified = static_cast<Verified>(verified);
    if (!reader.is_good() || checksum_of(row) != checksum) return std::nullopt;
    // What is said of a block is what its state hash is made of.
    auto const state = mina::hashes::state_hash_after(header.previous, header.body);
    if (!state || *state != header.state) return std::nullopt;
    return row;
}

/// Of an INSERT, a DELETE: SQLITE_OK.
int finish(Statement& statement, int code) {
    statement.reset();
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

}  // namespace

int BlockFile::prepare(Sqlite database) {
    database_ = std::move(database);
    struct Wanted {
        Statement& statement;
        char const* sql;
    };
    std::array const all{
        Wanted{put_, "INSERT OR REPLACE INTO blocks(hash, previous, genesis, body_hash, vrf_output, height, slot,"
                     " timestamp_ms, size, format, received_ms, verified, bytes_hash, checksum, bytes)"
                     " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
        Wanted{erase_, "DELETE FROM blocks WHERE hash = ?"},
        Wanted{erase_row_, "DELETE FROM blocks WHERE number = ?"},
    };
    for (auto const& [statement, sql] : all) {
        if (auto const code = statement.prepare(database_, sql); code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

int BlockFile::put(BlockRow& row, base::ByteView bytes) {
    auto const& header = row.header;
    row.bytes_hash = crypto::blake2b_256(bytes);
    put_.reset();
    put_.bind_blob(blob(header.state.bytes)).bind_blob(blob(header.previous.bytes));
    put_.bind_blob(blob(header.genesis.bytes)).bind_blob(blob(header.body.bytes)).bind_blob(blob(header.vrf_output));
    put_.bind(std::int64_t{header.height}).bind(std::int64_t{header.global_slot});
    put_.bind(static_cast<std::int64_t>(header.timestamp_ms)).bind(static_cast<std::int64_t>(header.bytes));
    put_.bind(static_cast<std::int64_t>(header.format)).bind(static_cast<std::int64_t>(row.received_ms));
    put_.bind(static_cast<std::int64_t>(row.verified));
    put_.bind_blob(blob(row.bytes_hash)).bind(checksum_of(row)).bind_blob(blob(bytes));
    auto const code = finish(put_, put_.step());
    row.row = ::sqlite3_last_insert_rowid(database_.get());
    return code;
}

int BlockFile::erase(mina::hashes::StateHash const& state) {
    erase_.reset();
    return finish(erase_, erase_.bind_blob(blob(state.bytes)).step());
}

int BlockFile::erase_rows(std::vector<std::int64_t> const& numbers) {
    for (auto const number : numbers) {
        erase_row_.reset();
        if (auto const code = finish(erase_row_, erase_row_.bind(number).step()); code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

int BlockFile::commit() {
    auto const code = database_.run("COMMIT");
    if (code != SQLITE_OK) roll_back();
    return code;
}

void BlockFile::roll_back() {
    if (::sqlite3_get_autocommit(database_.get()) == 0) database_.run("ROLLBACK");
}

BlockFile::Bytes BlockFile::read(BlockRow const& row) {
    // Straight into the buffer that is handed on: a result column would be one copy more.
    ::sqlite3_blob* blob = nullptr;
    Bytes read;
    read.code = ::sqlite3_blob_open(database_.get(), "main", "blocks", "bytes", row.row, 0, &blob);
    if (read.code == SQLITE_ERROR) return {.code = SQLITE_OK, .is_other = true, .bytes = {}};  // no such row, no blob
    if (read.code != SQLITE_OK) return read;
    read.is_other = static_cast<std::uint64_t>(::sqlite3_blob_bytes(blob)) != row.header.bytes;
    if (!read.is_other) {
        read.bytes.resize(row.header.bytes);
        read.code = ::sqlite3_blob_read(blob, read.bytes.data(), static_cast<int>(read.bytes.size()), 0);
    }
    ::sqlite3_blob_close(blob);
    if (read.code == SQLITE_OK && !read.is_other) read.is_other = crypto::blake2b_256(read.bytes) != row.bytes_hash;
    return read;
}

BlockFile::Rows BlockFile::rows(std::size_t rows_max) {
    Rows found;
    Statement statement;
    found.code = statement.prepare(
        database_,
        "SELECT number, hash, previous, genesis, body_hash, vrf_output, height, slot, timestamp_ms, size, format,"
        " received_ms, verified, bytes_hash, checksum FROM blocks ORDER BY height DESC, hash LIMIT ?");
    if (found.code != SQLITE_OK) return found;
    statement.bind(static_cast<std::int64_t>(rows_max));
    while ((found.code = statement.step()) == SQLITE_ROW) {
        if (auto row = row_in(statement)) {
            found.rows.push_back(std::move(*row));
        } else if (auto const number = statement.number(0)) {
            found.senseless.push_back(*number);
        }
    }
    if (found.code == SQLITE_DONE) found.code = SQLITE_OK;
    std::ranges::reverse(found.rows);
    return found;
}

}  // namespace runtime
