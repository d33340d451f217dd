// Opens the store's file: looks at it, checks it, brings its schema up to date, reads it, and moves it aside when it is
// damaged.
#pragma once

#include "runtime/peer_store/peer_store.h"
#include "runtime/peer_store/records.h"
#include "runtime/peer_store/sqlite.h"

namespace runtime {

/// Says that a database is ours.
inline constexpr std::int64_t store_application_id = 0x6d503250;  // "mP2P"
inline constexpr std::size_t damaged_kept = 3;

struct OpenedStore {
    bool is_open = false;
    Sqlite database;
    RecordWriter writer;
    libp2p::Stored content;  // times of the calendar
    std::vector<std::string> warnings;
};
/// `unix_time`: now.
OpenedStore open_store(std::string const& path, PeerStoreOptions const& options, base::Duration unix_time);

/// Whether a code of SQLite says that the file is not as it should be.
bool says_damaged(int code);

}  // namespace runtime
