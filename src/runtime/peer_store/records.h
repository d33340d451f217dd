// The rows of the store, and what they mean. Times are of the calendar here: Instant counts from 1970 in these values.
//
// Each row has a checksum over all its values, for SQLite has none: a bit that tips on the disk makes another peer id
// or port, and not necessarily a malformed one.
#pragma once

#include "libp2p/peerstore/stored.h"
#include "runtime/sqlite/sqlite.h"

namespace runtime {

inline constexpr char const* schema_sql =
    "CREATE TABLE peers(id TEXT PRIMARY KEY NOT NULL, agent BLOB NOT NULL, addresses TEXT NOT NULL,"
    " last_connected_ms INTEGER, last_failed_ms INTEGER, failures INTEGER NOT NULL, is_anchor INTEGER NOT NULL,"
    " checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE rules(subject TEXT NOT NULL, kind TEXT NOT NULL, until_ms INTEGER, offences INTEGER NOT NULL,"
    " reason BLOB NOT NULL, made_ms INTEGER NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY(subject, kind))"
    " STRICT, WITHOUT ROWID;";

/// A moment of the calendar that makes sense: 1970 to 2200.
inline constexpr base::Duration calendar_max = std::chrono::hours(24) * 84'000;

class RecordWriter {
public:
    /// SQLITE_OK, or why the tables are not as they should be.
    int prepare(Sqlite& database);
    /// `made`: now, of the calendar. SQLITE_OK or an error.
    int write(libp2p::StoreOrder const& order, base::Duration made);

private:
    int write(libp2p::StoredPeer const& peer);
    int write(libp2p::Rule const& rule, base::Duration made);

    Statement put_peer_;
    Statement erase_peer_;
    Statement put_rule_;
    Statement erase_rule_;
};

struct ReadRecords {
    int code = SQLITE_OK;
    libp2p::Stored stored;
    std::size_t skipped = 0;  // rows that make no sense
};
/// At most `rows_max` of each table: anchors first, then those connected last. `now` is of the calendar: no time is
/// after it; a ban has left what it had when it was made, at most.
ReadRecords read_records(Sqlite& database, std::size_t rows_max, base::Duration now);

}  // namespace runtime
