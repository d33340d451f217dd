#include "runtime/recent_store/block_file.h"

#include "runtime/peer_store/open_store.h"
#include "runtime/peer_store/store_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

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

/// What an attempt to open came to.
struct Attempt {
    enum class End : std::uint8_t { opened, damaged, unusable } end = End::unusable;
    std::string why;  // unless opened

    static Attempt opened() { return {End::opened, {}}; }
    static Attempt damaged(std::string why) { return {End::damaged, std::move(why)}; }
    static Attempt unusable(std::string why) { return {End::unusable, std::move(why)}; }
    bool is_opened() const { return end == End::opened; }
};

class Opening {
public:
    Opening(std::string const& path, RecentStoreConfig const& config, OpenedBlockFile& out)
        : path_(path), config_(config), out_(out) {}

    Attempt attempt() {
        auto const look = look_at(path_);
        if (look.kind == FileKind::unusable) return Attempt::unusable(look.why);
        if (look.kind == FileKind::not_ours) return Attempt::unusable("is no block store: it is left alone");
        if (look.kind == FileKind::garbage) return Attempt::damaged("is no database");
        if (look.kind == FileKind::absent) {
            if (auto const made = make_private_file(path_); !made) return Attempt::unusable(made.error());
        }
        auto result = open();
        auto const is_foreign = look.application_id != 0 && look.application_id != block_file_application_id;
        if (result.end == Attempt::End::damaged && is_foreign) return foreign();
        return result;
    }

private:
    static Attempt foreign() { return Attempt::unusable("is the database of another program: it is left alone"); }

    Attempt failed(int code) const {
        auto const why = out_.file != nullptr ? out_.file->why() : database_.why();
        if (says_damaged(code)) return Attempt::damaged(why);
        if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
            return Attempt::unusable("is in use by another process");
        }
        // A header that says "written by a later SQLite" where nothing else forbids to write.
        if (code == SQLITE_READONLY && ::access(path_.c_str(), W_OK) == 0) return Attempt::damaged(why);
        return Attempt::unusable("cannot be used: " + why);
    }

    Attempt open() {
        if (auto const code = database_.open(path_); code != SQLITE_OK) return failed(code);
        // SQLite has a limit of its own above.
        auto const value_max = std::min<std::uint64_t>(config_.blocks.block_bytes_max, INT32_MAX / 2) + 64 * 1024;
        ::sqlite3_limit(database_.get(), SQLITE_LIMIT_LENGTH, static_cast<int>(value_max));
        // Before the first access: then nothing is shared, and there is no -shm file.
        if (auto const code = database_.run("PRAGMA locking_mode = EXCLUSIVE"); code != SQLITE_OK) return failed(code);
        auto const id = database_.number("PRAGMA application_id");
        if (id.code != SQLITE_OK) return failed(id.code);
        auto const version = database_.number("PRAGMA user_version");
        if (version.code != SQLITE_OK) return failed(version.code);
        auto const tables = database_.number("SELECT count(*) FROM sqlite_schema");
        if (tables.code != SQLITE_OK) return failed(tables.code);
        auto const is_new = id.value == 0 && tables.value == 0;
        if (!is_new && id.value != block_file_application_id) return foreign();
        if (!is_new && version.value > block_file_version) {
            return Attempt::unusable(fmt::format("is of version {}, and this program knows {}: it is left alone",
                                                 version.value, block_file_version));
        }
        ::chmod(path_.c_str(), 0600);
        ::chmod((path_ + "-wal").c_str(), 0600);
        if (auto checked = check(); !checked.is_opened()) return checked;
        if (is_new) {
            if (auto made = make_tables(); !made.is_opened()) return made;
        }
        if (auto network = check_network(); !network.is_opened()) return network;
        if (!is_new && version.value < block_file_version) {
            // What is in it can be fetched again.
            out_.warnings.push_back(path_ + ": is of an older version, and begun anew");
            if (auto made = make_tables("BEGIN IMMEDIATE; DROP TABLE IF EXISTS blocks; DROP TABLE about");
                !made.is_opened()) {
                return made;
            }
        }
        if (auto set = set_modes(); !set.is_opened()) return set;
        return read();
    }

    Attempt check() {
        if (::sqlite3_db_readonly(database_.get(), "main") == 1) return Attempt::unusable("cannot be written");
        auto const verdict = database_.text("PRAGMA quick_check(1)");
        if (verdict.code != SQLITE_OK) return failed(verdict.code);
        return verdict.value == "ok" ? Attempt::opened() : Attempt::damaged(verdict.value);
    }

    /// In one transaction with its name and version, so that there is none or all of it.
    Attempt make_tables(char const* begin = "BEGIN IMMEDIATE") {
        auto const name = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT",
                                      block_file_application_id, block_file_version);
        for (auto const* const sql : {begin, schema_sql}) {
            if (auto const code = database_.run(sql); code != SQLITE_OK) return failed(code);
        }
        Statement about;
        auto code = about.prepare(database_, "INSERT INTO about(name, value) VALUES('network', ?)");
        if (code == SQLITE_OK) code = about.bind(std::string_view(config_.network)).step();
        about.reset();
        if (code == SQLITE_DONE) code = database_.run(name.c_str());
        return code == SQLITE_OK ? Attempt::opened() : failed(code);
    }

    Attempt check_network() {
        auto const network = database_.text("SELECT value FROM about WHERE name = 'network'");
        if (network.code == SQLITE_ERROR) return Attempt::damaged(database_.why());
        if (network.code != SQLITE_OK) return failed(network.code);
        if (network.value != config_.network) return Attempt::unusable("is of another network: it is left alone");
        return Attempt::opened();
    }

    Attempt set_modes() {
        // The first write of this run shows here whether there can be one.
        auto const mode = database_.text("PRAGMA journal_mode = WAL");
        if (mode.code != SQLITE_OK) return failed(mode.code);
        if (mode.value != "wal") return Attempt::unusable("cannot be used: it has no write-ahead log");
        auto pragmas = std::string("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304;");
        if (config_.pages_max > 0) pragmas += fmt::format("PRAGMA max_page_count = {};", config_.pages_max);
        // The exclusive lock, now: a second process learns of the first at once.
        pragmas += "BEGIN IMMEDIATE; COMMIT";
        auto const code = database_.run(pragmas.c_str());
        return code == SQLITE_OK ? Attempt::opened() : failed(code);
    }

    Attempt read() {
        out_.file = std::make_unique<BlockFile>();
        // Tables that are not as they should be, under our name and version.
        if (auto const code = out_.file->prepare(std::move(database_)); code != SQLITE_OK) {
            return code == SQLITE_ERROR ? Attempt::damaged(out_.file->why()) : failed(code);
        }
        auto rows = out_.file->rows(rows_max);
        if (rows.code != SQLITE_OK) return failed(rows.code);
        if (!rows.senseless.empty()) {
            out_.warnings.push_back(fmt::format("{}: {} damaged records are ignored", path_, rows.senseless.size()));
            if (auto const code = out_.file->erase_rows(rows.senseless); says_damaged(code)) return failed(code);
        }
        out_.rows = std::move(rows.rows);
        return Attempt::opened();
    }

    std::string const& path_;
    RecentStoreConfig const& config_;
    OpenedBlockFile& out_;
    Sqlite database_;
};

}  // namespace

OpenedBlockFile open_block_file(std::string const& path, RecentStoreConfig const& config, std::uint64_t now_ms) {
    OpenedBlockFile out;
    auto const give_up = [&](std::string const& why) {
        out.warnings.push_back(fmt::format("{}: {}; blocks are kept in memory only", path, why));
        return std::move(out);
    };
    for (int i = 0; i < 2; ++i) {
        auto const result = Opening(path, config, out).attempt();  // closes the file, unless it is handed on
        if (result.is_opened()) return out;
        out.file.reset();
        out.rows.clear();
        if (result.end == Attempt::End::unusable || i > 0) return give_up(result.why);
        auto const name = move_aside(path, static_cast<std::int64_t>(now_ms / 1000), damaged_kept);
        if (!name) return give_up(fmt::format("is damaged ({}) and {}", result.why, name.error()));
        out.warnings.push_back(
            fmt::format("{}: is damaged ({}); it is now {}, and a new one is begun", path, result.why, *name));
    }
    return out;
}

}  // namespace runtime
