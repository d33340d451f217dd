// A database file that is a store's own: it looks at the file, checks it, sets its modes, and moves it aside when it is
// damaged. What is somebody else's is left alone.
#pragma once

#include "runtime/sqlite/sqlite.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace runtime {

inline constexpr std::size_t damaged_kept = 3;

/// What a step of opening came to.
struct Attempt {
    enum class End : std::uint8_t { opened, damaged, unusable } end = End::unusable;
    std::string why;  // unless opened

    static Attempt opened() { return {End::opened, {}}; }
    static Attempt damaged(std::string why) { return {End::damaged, std::move(why)}; }
    static Attempt unusable(std::string why) { return {End::unusable, std::move(why)}; }
    bool is_opened() const { return end == End::opened; }
};

/// What a failed call means for the file: `code` and `why` as SQLite says them.
Attempt failed(std::string const& path, int code, std::string const& why);

struct OwnDatabase {
    std::string path;
    std::string_view kind;            // "peer store": the file is one, or is none
    std::string_view without;         // what becomes of it all when the file cannot be used
    std::int64_t application_id = 0;  // says that a database is ours
    std::int64_t version = 0;         // the latest that this program knows
    int value_bytes_max = 0;          // 0: SQLite's own limit
    int journal_bytes_max = 0;        // what the write-ahead log is cut down to
    std::int64_t pages_max = 0;       // 0: no limit
    /// Brings the tables up to date: `version` of the file, 0 of a new one.
    std::function<Attempt(Sqlite& database, std::int64_t version)> migrate;
    /// Reads; the database is locked, and may be taken over.
    std::function<Attempt(Sqlite& database)> read;
    /// Forgets what was read, with the database if it was taken over: the file is about to be moved.
    std::function<void()> forget;
};

/// Opens the file, and makes it when there is none; a damaged one is moved aside and begun anew, once.
/// `unix_seconds`: now. False: it cannot be used, as the last warning says.
bool open_own_database(OwnDatabase const& own, std::int64_t unix_seconds, std::vector<std::string>& warnings);

}  // namespace runtime
