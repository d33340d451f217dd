#include "runtime/peer_store/open_store.h"

#include <fmt/format.h>

namespace runtime {

namespace {

constexpr MigrationStep own_steps[] = {
    {1, schema_sql},
};

std::vector<MigrationStep> steps_of(PeerStoreOptions const& options) {
    std::vector<MigrationStep> steps(std::begin(own_steps), std::end(own_steps));
    steps.insert(steps.end(), options.more_steps.begin(), options.more_steps.end());
    return steps;
}

/// A new file gets its schema in one transaction with its name and version, so that there is none or all of it.
int run_step(Sqlite& database, MigrationStep const& step) {
    auto const set_id = fmt::format("PRAGMA application_id = {}", store_application_id);
    auto const set_version = fmt::format("PRAGMA user_version = {}", step.version);
    for (auto const* const sql : {"BEGIN IMMEDIATE", step.sql, set_id.c_str(), set_version.c_str(), "COMMIT"}) {
        if (auto const code = database.run(sql); code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

/// The statements and the records of an open file.
Attempt read_into(OpenedStore& out, std::string const& path, std::size_t rows_max, base::Duration unix_time) {
    auto& database = out.database;
    // Tables that are not as they should be, under our name and version.
    if (auto const code = out.writer.prepare(database); code != SQLITE_OK) {
        return code == SQLITE_ERROR ? Attempt::damaged(database.why()) : failed(path, code, database.why());
    }
    auto records = read_records(database, rows_max, unix_time);
    if (records.code != SQLITE_OK) return failed(path, records.code, database.why());
    out.content = std::move(records.stored);
    if (records.skipped > 0) {
        out.warnings.push_back(fmt::format("{}: {} damaged records are ignored", path, records.skipped));
    }
    return Attempt::opened();
}

}  // namespace

OpenedStore open_store(std::string const& path, PeerStoreOptions const& options, base::Duration unix_time) {
    OpenedStore out;
    auto const steps = steps_of(options);
    OwnDatabase own{
        .path = path,
        .kind = "peer store",
        .without = "nothing is remembered of this run",
        .application_id = store_application_id,
        .version = steps.back().version,
        .journal_bytes_max = 1 << 20,
        .pages_max = options.pages_max,
        .migrate = {},
        .read = {},
        .forget = {},
    };
    own.migrate = [&](Sqlite& database, std::int64_t version) {
        for (auto const& step : steps) {
            if (step.version <= version) continue;
            if (auto const code = run_step(database, step); code != SQLITE_OK) {
                return failed(path, code, database.why());
            }
        }
        return Attempt::opened();
    };
    own.read = [&](Sqlite& database) {
        out.database = std::move(database);
        return read_into(out, path, options.rows_max, unix_time);
    };
    own.forget = [&] {
        out.content = {};
        out.writer = {};  // before its database
        out.database = {};
    };
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(unix_time).count();
    out.is_open = open_own_database(own, seconds, out.warnings);
    return out;
}

}  // namespace runtime
