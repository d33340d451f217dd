#include "runtime/peer_store/peer_store.h"

#include "runtime/clock.h"
#include "runtime/peer_store/open_store.h"

#include <fmt/format.h>
#include <signal.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>

namespace runtime {

using namespace std::chrono_literals;

namespace {

constexpr base::Duration retry_first = 1s;
constexpr base::Duration retry_max = 5min;
constexpr base::Duration warning_again = 1h;
constexpr std::size_t warnings_max = 64;

using Lock = std::unique_lock<std::mutex>;
using Key = std::variant<libp2p::PeerId, std::pair<libp2p::RuleSubject, libp2p::RuleKind>>;

struct Queued {
    libp2p::StoreOrder order;  // times of the calendar
    base::Duration made{};
};
using Queue = std::map<Key, Queued>;

Key key_of(libp2p::StoreOrder const& order) {
    if (auto const* const put = std::get_if<libp2p::PutPeer>(&order)) return put->peer.id;
    if (auto const* const erase = std::get_if<libp2p::ErasePeer>(&order)) return erase->id;
    if (auto const* const rule = std::get_if<libp2p::PutRule>(&order)) {
        return std::pair(rule->rule.subject, rule->rule.kind);
    }
    auto const& erase = *std::get_if<libp2p::EraseRule>(&order);
    return std::pair(erase.subject, erase.kind);
}

void shift(base::Instant& at, base::Duration by) {
    if (at != libp2p::long_ago && at != base::Instant::never()) at = at + by;
}

void shift(libp2p::StoredPeer& peer, base::Duration by) {
    shift(peer.last_connected, by);
    shift(peer.last_failed, by);
}

void shift(libp2p::StoreOrder& order, base::Duration by) {
    if (auto* const put_peer = std::get_if<libp2p::PutPeer>(&order)) shift(put_peer->peer, by);
    if (auto* const put_rule = std::get_if<libp2p::PutRule>(&order)) shift(put_rule->rule.until, by);
}

}  // namespace

struct PeerStore::Shared {
    // Set before the thread begins, constant from then on.
    std::string path;
    PeerStoreOptions options;

    // Of the writing thread, once it runs.
    OpenedStore store;

    // Under the mutex, from here on.
    std::mutex mutex;
    std::condition_variable changed;
    Queue pending;
    bool is_hurried = false;   // somebody waits
    bool is_closing = false;
    bool is_writing = false;
    bool takes_orders = false; // there is a file, as far as is known
    bool is_running = false;   // the thread
    bool is_failing = false;   // the last write failed
    libp2p::Stored content;    // until it is loaded; times of the calendar
    base::Instant run_time;    // of this run, at `monotonic`
    base::Duration monotonic{};
    std::vector<std::string> warnings;
    std::map<std::string, base::Duration> warned_at;

    base::Duration monotonic_now() const {
        return options.monotonic_time ? options.monotonic_time() : monotonic_time();
    }
    base::Duration unix_now() const { return options.unix_time ? options.unix_time() : unix_time(); }
    /// From times of this run to the calendar's. With the lock.
    base::Duration to_calendar() const {
        auto const now = run_time + (monotonic_now() - monotonic);
        return unix_now() - base::Duration(now.nanoseconds);
    }
    bool is_idle() const { return pending.empty() && !is_writing; }
    void warn(std::string text);
    void queue(Key const& key, Queued queued);
    void write_batches();
    bool write_one(Lock& lock);
    int write(Queue const& batch);
};

// With the lock.
void PeerStore::Shared::warn(std::string text) {
    auto const now = monotonic_now();
    std::erase_if(warned_at, [&](auto const& entry) { return now - entry.second >= warning_again; });
    if (warned_at.size() >= warnings_max || !warned_at.emplace(text, now).second) return;
    warnings.push_back(std::move(text));
}

// With the lock.
void PeerStore::Shared::queue(Key const& key, Queued queued) {
    if (pending.size() >= options.pending_max && !pending.contains(key)) {
        warn(fmt::format("{}: more than {} changes wait to be written: some are lost", path, options.pending_max));
        return;
    }
    pending.insert_or_assign(key, std::move(queued));
}

int PeerStore::Shared::write(Queue const& batch) {
    auto& database = store.database;
    auto code = database.run("BEGIN IMMEDIATE");
    for (auto const& [key, queued] : batch) {
        if (code == SQLITE_OK) code = store.writer.write(queued.order, queued.made);
    }
    if (code == SQLITE_OK) code = database.run("COMMIT");
    if (code != SQLITE_OK && ::sqlite3_get_autocommit(database.get()) == 0) database.run("ROLLBACK");
    return code;
}

/// Writes what is queued. False when no more can be written in this run.
bool PeerStore::Shared::write_one(Lock& lock) {
    auto const batch = std::exchange(pending, {});
    is_writing = true;
    lock.unlock();
    auto const code = batch.empty() ? SQLITE_OK : write(batch);
    auto const why = code == SQLITE_OK ? std::string() : std::string(::sqlite3_errstr(code));
    lock.lock();
    is_writing = false;
    if (code == SQLITE_OK) {
        if (std::exchange(is_failing, false)) warn(path + ": can be written again");
        return true;
    }
    if (says_damaged(code)) {
        warn(fmt::format("{}: is damaged ({}); nothing more is remembered of this run", path, why));
        pending.clear();
        return false;
    }
    is_failing = true;
    warn(fmt::format("{}: cannot be written: {}; it is tried again", path, why));
    for (auto const& [key, queued] : batch) {
        // Unless there is a newer one.
        if (!pending.contains(key)) queue(key, queued);
    }
    return true;
}

void PeerStore::Shared::write_batches() {
    Lock lock(mutex);
    auto pause = retry_first;
    while (true) {
        changed.wait(lock, [&] { return is_closing || !pending.empty(); });
        // Orders gather for a while; after a failure, longer each time.
        auto const wait = is_failing ? pause : options.batch_delay;
        changed.wait_for(lock, wait, [&] { return is_closing || is_hurried; });
        if (!write_one(lock)) break;
        pause = is_failing ? std::min(pause * 2, retry_max) : retry_first;
        if (is_idle() || is_failing) is_hurried = false;
        changed.notify_all();
        if (is_closing && (is_idle() || is_failing)) break;
    }
    takes_orders = false;
    pending.clear();
    lock.unlock();
    store = {};  // closes the file: its log is merged into it
    lock.lock();
    is_running = false;
    changed.notify_all();
}

PeerStore::PeerStore(std::string path, PeerStoreOptions options) : shared_(std::make_shared<Shared>()) {
    auto& shared = *shared_;
    shared.path = std::move(path);
    shared.options = std::move(options);
    shared.monotonic = shared.monotonic_now();
    shared.store = open_store(shared.path, shared.options, shared.unix_now());
    shared.content = std::move(shared.store.content);
    for (auto const& warning : shared.store.warnings) shared.warn(warning);
    if (!shared.store.is_open) return;
    shared.takes_orders = shared.is_running = true;
    // The program's signals are for its own threads. One for a file that grew too large is not to end it.
    ::sigset_t all;
    ::sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        thread_ = std::thread([kept = shared_] { kept->write_batches(); });
    } catch (std::system_error const& error) {
        shared.takes_orders = shared.is_running = false;
        shared.store = {};
        shared.warn(fmt::format("{}: there is no thread to write it: {}", shared.path, error.what()));
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

PeerStore::~PeerStore() {
    if (!thread_.joinable()) return;
    Lock lock(shared_->mutex);
    shared_->is_closing = true;
    shared_->changed.notify_all();
    auto const is_done =
        shared_->changed.wait_for(lock, shared_->options.close_wait, [&] { return !shared_->is_running; });
    lock.unlock();
    if (is_done) {
        thread_.join();
    } else {
        thread_.detach();  // the disk hangs; what the thread needs it holds
    }
}

bool PeerStore::is_open() const {
    Lock const lock(shared_->mutex);
    return shared_->takes_orders;
}

libp2p::Stored PeerStore::load(base::Instant now) {
    Lock const lock(shared_->mutex);
    shared_->run_time = now;
    shared_->monotonic = shared_->monotonic_now();
    auto content = std::exchange(shared_->content, {});
    auto const by = base::Duration(now.nanoseconds) - shared_->unix_now();
    for (auto& peer : content.peers) shift(peer, by);
    for (auto& rule : content.rules) shift(rule.until, by);
    return content;
}

void PeerStore::apply(libp2p::StoreOrder order) {
    Lock const lock(shared_->mutex);
    if (!shared_->takes_orders) return;
    shift(order, shared_->to_calendar());
    auto const key = key_of(order);
    shared_->queue(key, {std::move(order), shared_->unix_now()});
    if (shared_->pending.size() == 1) shared_->changed.notify_all();
}

bool PeerStore::flush(base::Duration wait_max) {
    Lock lock(shared_->mutex);
    shared_->is_hurried = true;
    shared_->changed.notify_all();
    shared_->changed.wait_for(lock, wait_max, [&] {
        return shared_->is_idle() || !shared_->takes_orders || (shared_->is_failing && !shared_->is_hurried);
    });
    shared_->is_hurried = false;
    return shared_->takes_orders && shared_->is_idle();
}

std::vector<std::string> PeerStore::take_warnings() {
    Lock const lock(shared_->mutex);
    return std::exchange(shared_->warnings, {});
}

}  // namespace runtime
