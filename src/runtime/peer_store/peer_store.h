// PeerStore: keeps libp2p::Stored in an SQLite file, so that a node that starts again knows its peers and its bans.
//
// It never stops a node, and never makes it wait: what goes wrong is a warning, and the node runs from memory. Orders
// are put in a queue and written by one thread, a batch in one transaction (WAL, synchronous=NORMAL: a killed process
// loses at most what was not yet written, a failing power supply at most the last transactions; neither damages the
// file).
//
//   what happens                                 what is done
//   the file is damaged                          moved aside as NAME.damaged-UNIXTIME (3 are kept), and begun anew
//   it is too small to have been a store         left alone: no store in this run
//   it is the database of another program        left alone: no store in this run
//   its schema is of a newer version             left alone: no store in this run
//   another process has it                       no store in this run
//   it cannot be opened, made or written         no store in this run
//   a write fails (full disk, I/O)               the orders stay queued, and are tried again: after 1 s, then after
//                                                twice as long each time, up to 5 min
//   it turns out damaged while the node runs     nothing more is written in this run; the next start moves it aside
//   a row makes no sense, by its checksum, say   skipped, and counted in a warning
//
// A store that could not be opened is not tried again in the same run: what it held would be missing in memory, and be
// overwritten.
//
// The file is locked while it is open; two nodes in one directory do not write to one store. Its mode is 0600. Only the
// file itself, its companions (-wal, -shm, -journal) and what was moved aside are ever touched.
//
// Times are kept as those of the calendar, and handed out as instants of this run. A time in the future becomes now; a
// ban lasts no longer than it had left when it was written, even if the clock has gone back since.
//
// Bounds: one order per subject is queued, for at most pending_max subjects (beyond it orders are dropped, with a
// warning); at most rows_max rows are read of each table; closing waits for close_wait at most. A warning that was
// given is not repeated for an hour.
#pragma once

#include "base/time.h"
#include "libp2p/peerstore/stored.h"
#include "runtime/runtime.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace runtime {

/// From one version of the schema to the next.
struct MigrationStep {
    int version = 0;  // that the file has after it
    char const* sql = "";
};

struct PeerStoreOptions {
    base::Duration batch_delay = std::chrono::milliseconds(500);  // from the first order to the write
    base::Duration close_wait = std::chrono::seconds(3);
    std::size_t pending_max = 16384;
    std::size_t rows_max = 16384;
    // For tests.
    std::function<base::Duration()> unix_time;       // in place of the clocks of these names
    std::function<base::Duration()> monotonic_time;
    int pages_max = 0;                          // a file of so many pages is a full disk; 0: no bound
    std::vector<MigrationStep> more_steps;      // after this program's own
};

class PeerStore final : public Keeper {
public:
    /// Opens the file, or makes it. Never fails: without a file the store takes orders and does nothing with them.
    explicit PeerStore(std::string path, PeerStoreOptions options = {});
    /// Writes what is queued, and waits for that, but not for ever.
    ~PeerStore() override;
    PeerStore(PeerStore const&) = delete;
    PeerStore& operator=(PeerStore const&) = delete;

    /// Whether there is a file.
    bool is_open() const;
    /// What the file held when it was opened. `now`: the time of this run; call it once, before the first order.
    libp2p::Stored load(base::Instant now) override;
    /// Takes the order, and returns at once.
    void apply(libp2p::StoreOrder order) override;
    /// Waits until all orders so far are written; false when that has not come about in time.
    bool flush(base::Duration wait_max);
    /// For the log; each once.
    std::vector<std::string> take_warnings();

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;  // with the writing thread, which may outlive this object when a disk hangs
    std::thread thread_;
};

}  // namespace runtime
