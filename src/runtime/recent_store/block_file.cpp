#include "runtime/recent_store/block_file.h"

#include "runtime/sqlite/own_database.h"

#include <fmt/format.h>

#include <algorithm>

namespace runtime {

namespace {

// The bytes last: what is read of all rows when the file is opened then stands on their first pages.
constexpr char const* schema_sql =
    "CREATE TABLE blocks(number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, previous BLOB NOT NULL,"
    " genesis BLOB NOT NULL, body_hash BLOB NOT NULL, vrf_output BLOB NOT NULL, height INTEGER NOT NULL,"
    " slot INTEGER NOT NULL, timestamp_ms INTEGER NOT NULL, size INTEGER NOT NULL, format INTEGER NOT NULL,"
    " received_ms INTEGER NOT NULL, verified INTEGER NOT NULL, bytes_hash BLOB NOT NULL,"
    " checksum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE about(name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;";

constexpr std::size_t rows_max = 65'536;  // no file of ours has more

class Opening {
public:
    Opening(std::string const& path, RecentStoreConfig const& config, OpenedBlockFile& out)
        : path_(path), config_(config), out_(out) {}

    Attempt migrate(Sqlite& database, std::int64_t version) {
        if (version == 0) {
            if (auto made = make_tables(database, "BEGIN IMMEDIATE"); !made.is_opened()) return made;
        }
        if (auto network = check_network(database); !network.is_opened()) return network;
        if (version == 0 || version == block_file_version) return Attempt::opened();
        // What is in it can be fetched again.
        out_.warnings.push_back(path_ + ": is of an older version, and begun anew");
        return make_tables(database, "BEGIN IMMEDIATE; DROP TABLE IF EXISTS blocks; DROP TABLE about");
    }

    Attempt read(Sqlite& database) {
        out_.file = std::make_unique<BlockFile>();
        // Tables that are not as they should be, under our name and version.
        if (auto const code = out_.file->prepare(std::move(database)); code != SQLITE_OK) {
            return code == SQLITE_ERROR ? Attempt::damaged(out_.file->why()) : failed(path_, code, out_.file->why());
        }
        auto rows = out_.file->rows(rows_max);
        if (rows.code != SQLITE_OK) return failed(path_, rows.code, out_.file->why());
        if (!rows.senseless.empty()) {
            out_.warnings.push_back(fmt::format("{}: {} damaged records are ignored", path_, rows.senseless.size()));
            if (auto const code = out_.file->erase_rows(rows.senseless); says_damaged(code)) {
                return failed(path_, code, out_.file->why());
            }
        }
        out_.rows = std::move(rows.rows);
        return Attempt::opened();
    }

private:
    /// In one transaction with its name and version, so that there is none or all of it.
    Attempt make_tables(Sqlite& database, char const* begin) {
        auto const name = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT",
                                      block_file_application_id, block_file_version);
        for (auto const* const sql : {begin, schema_sql}) {
            if (auto const code = database.run(sql); code != SQLITE_OK) return failed(path_, code, database.why());
        }
        Statement about;
        auto code = about.prepare(database, "INSERT INTO about(name, value) VALUES('network', ?)");
        if (code == SQLITE_OK) code = about.bind(std::string_view(config_.network)).step();
        about.reset();
        if (code == SQLITE_DONE) code = database.run(name.c_str());
        return code == SQLITE_OK ? Attempt::opened() : failed(path_, code, database.why());
    }

    Attempt check_network(Sqlite& database) {
        auto const network = database.text("SELECT value FROM about WHERE name = 'network'");
        if (network.code == SQLITE_ERROR) return Attempt::damaged(database.why());
        if (network.code != SQLITE_OK) return failed(path_, network.code, database.why());
        if (network.value != config_.network) return Attempt::unusable("is of another network: it is left alone");
        return Attempt::opened();
    }

    std::string const& path_;
    RecentStoreConfig const& config_;
    OpenedBlockFile& out_;
};

/// A row's greatest value; SQLite has a limit of its own above.
int value_bytes_max(RecentStoreConfig const& config) {
    return static_cast<int>(std::min<std::uint64_t>(config.blocks.block_bytes_max, INT32_MAX / 2) + 64 * 1024);
}

}  // namespace

OpenedBlockFile open_block_file(std::string const& path, RecentStoreConfig const& config, std::uint64_t now_ms) {
    OpenedBlockFile out;
    Opening opening(path, config, out);
    OwnDatabase const own{
        .path = path,
        .kind = "block store",
        .without = "blocks are kept in memory only",
        .application_id = block_file_application_id,
        .version = block_file_version,
        .value_bytes_max = value_bytes_max(config),
        .journal_bytes_max = 4 << 20,
        .pages_max = config.pages_max,
        .migrate = [&](Sqlite& database, std::int64_t version) { return opening.migrate(database, version); },
        .read = [&](Sqlite& database) { return opening.read(database); },
        .forget =
            [&] {
                out.file.reset();
                out.rows.clear();
            },
    };
    open_own_database(own, static_cast<std::int64_t>(now_ms / 1000), out.warnings);
    return out;
}

}  // namespace runtime
