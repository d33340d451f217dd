// Opens the store's file, brings its schema up to date, and reads it.
#pragma once

#include "runtime/peer_store/peer_store.h"
#include "runtime/peer_store/records.h"
#include "runtime/sqlite/own_database.h"

namespace runtime {

/// Says that a database is ours.
inline constexpr std::int64_t store_application_id = 0x6d503250;  // "mP2P"

struct OpenedStore {
    bool is_open = false;
    Sqlite database;
    RecordWriter writer;
    libp2p::Stored content;  // times of the calendar
    std::vector<std::string> warnings;
};
/// `unix_time`: now.
OpenedStore open_store(std::string const& path, PeerStoreOptions const& options, base::Duration unix_time);

}  // namespace runtime
