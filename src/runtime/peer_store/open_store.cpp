#include "runtime/peer_store/open_store.h"

#include "runtime/peer_store/store_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runtime {

namespace {

constexpr MigrationStep own_steps[] = {
    {1, schema_sql},
};

/// What an attempt to open came to.
struct Attempt {
    enum class End : std::uint8_t { opened, damaged, unusable } end = End::unusable;
    std::string why;  // unless opened

    static Attempt opened() { return {End::opened, {}}; }
    static Attempt damaged(std::string why) { return {End::damaged, std::move(why)}; }
    static Attempt unusable(std::string why) { return {End::unusable, std::move(why)}; }
};

class Opening {
public:
    Opening(std::string const& path, PeerStoreOptions const& options, base::Duration unix_time, OpenedStore& out)
        : path_(path), options_(options), unix_time_(unix_time), out_(out),
          steps_(std::begin(own_steps), std::end(own_steps)) {
        steps_.insert(steps_.end(), options.more_steps.begin(), options.more_steps.end());
    }

    Attempt attempt() {
        auto const look = look_at(path_);
        if (look.kind == FileKind::unusable) return Attempt::unusable(look.why);
        if (look.kind == FileKind::not_ours) return Attempt::unusable(look.why + ": it is left alone");
        if (look.kind == FileKind::garbage) return Attempt::damaged("is no database");
        if (look.kind == FileKind::absent) {
            if (auto const made = make_private_file(path_); !made) return Attempt::unusable(made.error());
        }
        auto result = open();
        // Whose it was is still to be read: somebody else's is left alone even if it is damaged.
        auto const is_foreign = look.application_id != 0 && look.application_id != store_application_id;
        if (result.end == Attempt::End::damaged && is_foreign) return foreign();
        return result;
    }

private:
    static Attempt foreign() { return Attempt::unusable("is the database of another program: it is left alone"); }

    Attempt failed(int code) const {
        auto const why = out_.database.why();
        if (says_damaged(code)) return Attempt::damaged(why);
        if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
            return Attempt::unusable("is in use by another process");
        }
        // A header that says "written by a later SQLite" where nothing else forbids to write.
        if (code == SQLITE_READONLY && ::access(path_.c_str(), W_OK) == 0) return Attempt::damaged(why);
        return Attempt::unusable("cannot be used: " + why);
    }

    Attempt open() {
        auto& database = out_.database;
        if (auto const code = database.open(path_); code != SQLITE_OK) return failed(code);
        // Before the first access: then nothing is shared, and there is no -shm file.
        if (auto const code = database.run("PRAGMA locking_mode = EXCLUSIVE"); code != SQLITE_OK) return failed(code);
        auto const id = database.number("PRAGMA application_id");
        if (id.code != SQLITE_OK) return failed(id.code);
        auto const version = database.number("PRAGMA user_version");
        if (version.code != SQLITE_OK) return failed(version.code);
        auto const tables = database.number("SELECT count(*) FROM sqlite_schema");
        if (tables.code != SQLITE_OK) return failed(tables.code);
        auto const is_new = id.value == 0 && tables.value == 0;
        if (!is_new && id.value != store_application_id) return foreign();
        if (!is_new && version.value > steps_.back().version) {
            return Attempt::unusable(fmt::format("is of version {}, and this program knows {}: it is left alone",
                                                 version.value, steps_.back().version));
        }
        ::chmod(path_.c_str(), 0600);
        ::chmod((path_ + "-wal").c_str(), 0600);
        if (auto checked = check(); checked.end != Attempt::End::opened) return checked;
        if (auto migrated = migrate(is_new ? 0 : version.value); migrated.end != Attempt::End::opened) return migrated;
        return read();
    }

    Attempt check() {
        if (::sqlite3_db_readonly(out_.database.get(), "main") == 1) return Attempt::unusable("cannot be written");
        auto const verdict = out_.database.text("PRAGMA quick_check(1)");
        if (verdict.code != SQLITE_OK) return failed(verdict.code);
        return verdict.value == "ok" ? Attempt::opened() : Attempt::damaged(verdict.value);
    }

    /// A new file gets its schema in one transaction with its name and version, so that there is none or all of it.
    Attempt migrate(std::int64_t version) {
        auto& database = out_.database;
        auto const set_id = fmt::format("PRAGMA application_id = {}", store_application_id);
        for (auto const& step : steps_) {
            if (step.version <= version) continue;
            auto const set_version = fmt::format("PRAGMA user_version = {}", step.version);
            for (auto const* const sql : {"BEGIN IMMEDIATE", step.sql, set_id.c_str(), set_version.c_str(), "COMMIT"}) {
                auto const code = database.run(sql);
                if (code == SQLITE_OK) continue;
                auto result = failed(code);
                database.run("ROLLBACK");
                return result;
            }
        }
        // The first write of this run, when nothing was migrated, shows here whether there can be one.
        auto const mode = database.text("PRAGMA journal_mode = WAL");
        if (mode.code != SQLITE_OK) return failed(mode.code);
        if (mode.value != "wal") return Attempt::unusable("cannot be used: it has no write-ahead log");
        auto pragmas = std::string("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 1048576;");
        if (options_.pages_max > 0) pragmas += fmt::format("PRAGMA max_page_count = {};", options_.pages_max);
        auto const code = database.run(pragmas.c_str());
        return code == SQLITE_OK ? Attempt::opened() : failed(code);
    }

    Attempt read() {
        auto& database = out_.database;
        // The exclusive lock, now: a second process learns of the first at once.
        for (auto const* const sql : {"BEGIN IMMEDIATE", "COMMIT"}) {
            if (auto const code = database.run(sql); code != SQLITE_OK) return failed(code);
        }
        // Tables that are not as they should be, under our name and version.
        if (auto const code = out_.writer.prepare(database); code != SQLITE_OK) {
            return code == SQLITE_ERROR ? Attempt::damaged(database.why()) : failed(code);
        }
        auto records = read_records(database, options_.rows_max, unix_time_);
        if (records.code != SQLITE_OK) return failed(records.code);
        out_.content = std::move(records.stored);
        if (records.skipped > 0) {
            out_.warnings.push_back(fmt::format("{}: {} damaged records are ignored", path_, records.skipped));
        }
        return Attempt::opened();
    }

    std::string const& path_;
    PeerStoreOptions const& options_;
    base::Duration unix_time_;
    OpenedStore& out_;
    std::vector<MigrationStep> steps_;
};

}  // namespace

bool says_damaged(int code) {
    auto const primary = code & 0xff;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_FORMAT;
}

OpenedStore open_store(std::string const& path, PeerStoreOptions const& options, base::Duration unix_time) {
    OpenedStore out;
    for (int i = 0; i < 2; ++i) {
        auto const result = Opening(path, options, unix_time, out).attempt();
        if (result.end == Attempt::End::opened) {
            out.is_open = true;
            return out;
        }
        auto warnings = std::move(out.warnings);
        out = {};  // closes the file
        out.warnings = std::move(warnings);
        if (result.end == Attempt::End::unusable || i > 0) {
            out.warnings.push_back(fmt::format("{}: {}; nothing is remembered of this run", path, result.why));
            return out;
        }
        auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(unix_time).count();
        auto const name = move_aside(path, seconds, damaged_kept);
        if (!name) {
            out.warnings.push_back(fmt::format("{}: is damaged ({}) and {}; nothing is remembered of this run", path,
                                               result.why, name.error()));
            return out;
        }
        out.warnings.push_back(
            fmt::format("{}: is damaged ({}); it is now {}, and a new one is begun", path, result.why, *name));
    }
    return out;
}

}  // namespace runtime
