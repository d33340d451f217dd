#include "runtime/sqlite/own_database.h"

#include "runtime/sqlite/store_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runtime {

namespace {

class Opening {
public:
    explicit Opening(OwnDatabase const& own) : own_(own) {}

    Attempt attempt() {
        auto const look = look_at(own_.path);
        if (look.kind == FileKind::unusable) return Attempt::unusable(look.why);
        if (look.kind == FileKind::not_ours) {
            auto const why = look.why.empty() ? fmt::format("is no {}", own_.kind) : look.why;
            return Attempt::unusable(why + ": it is left alone");
        }
        if (look.kind == FileKind::garbage) return Attempt::damaged("is no database");
        if (look.kind == FileKind::absent) {
            if (auto const made = make_private_file(own_.path); !made) return Attempt::unusable(made.error());
        }
        auto result = open();
        // Whose it was is still to be read: somebody else's is left alone even if it is damaged.
        auto const is_foreign = look.application_id != 0 && look.application_id != own_.application_id;
        if (result.end == Attempt::End::damaged && is_foreign) return foreign();
        return result;
    }

private:
    static Attempt foreign() { return Attempt::unusable("is the database of another program: it is left alone"); }

    Attempt failed(int code) const { return runtime::failed(own_.path, code, database_.why()); }

    Attempt open() {
        if (auto const code = database_.open(own_.path); code != SQLITE_OK) return failed(code);
        if (own_.value_bytes_max > 0) ::sqlite3_limit(database_.get(), SQLITE_LIMIT_LENGTH, own_.value_bytes_max);
        // Before the first access: then nothing is shared, and there is no -shm file.
        if (auto const code = database_.run("PRAGMA locking_mode = EXCLUSIVE"); code != SQLITE_OK) return failed(code);
        auto const id = database_.number("PRAGMA application_id");
        if (id.code != SQLITE_OK) return failed(id.code);
        auto const version = database_.number("PRAGMA user_version");
        if (version.code != SQLITE_OK) return failed(version.code);
        auto const tables = database_.number("SELECT count(*) FROM sqlite_schema");
        if (tables.code != SQLITE_OK) return failed(tables.code);
        auto const is_new = id.value == 0 && tables.value == 0;
        if (!is_new && id.value != own_.application_id) return foreign();
        if (!is_new && version.value > own_.version) {
            return Attempt::unusable(fmt::format("is of version {}, and this program knows {}: it is left alone",
                                                 version.value, own_.version));
        }
        ::chmod(own_.path.c_str(), 0600);
        ::chmod((own_.path + "-wal").c_str(), 0600);
        if (auto checked = check(); !checked.is_opened()) return checked;
        if (auto ready = own_.migrate(database_, is_new ? 0 : version.value); !ready.is_opened()) return ready;
        if (auto set = set_modes(); !set.is_opened()) return set;
        return own_.read(database_);
    }

    Attempt check() {
        if (::sqlite3_db_readonly(database_.get(), "main") == 1) return Attempt::unusable("cannot be written");
        auto const verdict = database_.text("PRAGMA quick_check(1)");
        if (verdict.code != SQLITE_OK) return failed(verdict.code);
        return verdict.value == "ok" ? Attempt::opened() : Attempt::damaged(verdict.value);
    }

    Attempt set_modes() {
        // The first write of this run, when nothing was migrated, shows here whether there can be one.
        auto const mode = database_.text("PRAGMA journal_mode = WAL");
        if (mode.code != SQLITE_OK) return failed(mode.code);
        if (mode.value != "wal") return Attempt::unusable("cannot be used: it has no write-ahead log");
        auto pragmas = fmt::format("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = {};",
                                   own_.journal_bytes_max);
        if (own_.pages_max > 0) pragmas += fmt::format("PRAGMA max_page_count = {};", own_.pages_max);
        // The exclusive lock, now: a second process learns of the first at once.
        pragmas += "BEGIN IMMEDIATE; COMMIT";
        auto const code = database_.run(pragmas.c_str());
        return code == SQLITE_OK ? Attempt::opened() : failed(code);
    }

    OwnDatabase const& own_;
    Sqlite database_;
};

}  // namespace

Attempt failed(std::string const& path, int code, std::string const& why) {
    if (says_damaged(code)) return Attempt::damaged(why);
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
        return Attempt::unusable("is in use by another process");
    }
    // A header that says "written by a later SQLite" where nothing else forbids to write.
    if (code == SQLITE_READONLY && ::access(path.c_str(), W_OK) == 0) return Attempt::damaged(why);
    return Attempt::unusable("cannot be used: " + why);
}

bool open_own_database(OwnDatabase const& own, std::int64_t unix_seconds, std::vector<std::string>& warnings) {
    auto const give_up = [&](std::string const& why) {
        warnings.push_back(fmt::format("{}: {}; {}", own.path, why, own.without));
        return false;
    };
    for (int i = 0; i < 2; ++i) {
        auto const result = Opening(own).attempt();  // closes the file, unless it was taken over
        if (result.is_opened()) return true;
        own.forget();
        if (result.end == Attempt::End::unusable || i > 0) return give_up(result.why);
        auto const name = move_aside(own.path, unix_seconds, damaged_kept);
        if (!name) return give_up(fmt::format("is damaged ({}) and {}", result.why, name.error()));
        warnings.push_back(
            fmt::format("{}: is damaged ({}); it is now {}, and a new one is begun", own.path, result.why, *name));
    }
    return false;
}

}  // namespace runtime
