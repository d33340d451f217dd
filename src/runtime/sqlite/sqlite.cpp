#include "runtime/sqlite/sqlite.h"

#include <utility>

namespace runtime {

namespace {

constexpr int value_bytes_max = 1 << 20;  // of what a row may hold
constexpr int busy_wait_ms = 200;

}  // namespace

Sqlite::Sqlite(Sqlite&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}

Sqlite& Sqlite::operator=(Sqlite&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
}

int Sqlite::open(std::string const& path) {
    close();
    constexpr int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    auto const code = ::sqlite3_open_v2(path.c_str(), &raw_, flags, nullptr);
    if (code != SQLITE_OK) return code;
    // The file may hold anything: no code of its own runs.
    ::sqlite3_db_config(raw_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    ::sqlite3_db_config(raw_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    ::sqlite3_db_config(raw_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    ::sqlite3_db_config(raw_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    ::sqlite3_limit(raw_, SQLITE_LIMIT_LENGTH, value_bytes_max);
    ::sqlite3_limit(raw_, SQLITE_LIMIT_ATTACHED, 0);
    ::sqlite3_busy_timeout(raw_, busy_wait_ms);
    return SQLITE_OK;
}

void Sqlite::close() { ::sqlite3_close_v2(std::exchange(raw_, nullptr)); }

int Sqlite::run(char const* sql) { return ::sqlite3_exec(raw_, sql, nullptr, nullptr, nullptr); }

Sqlite::Number Sqlite::number(char const* sql) {
    Statement statement;
    auto code = statement.prepare(*this, sql);
    if (code == SQLITE_OK) code = statement.step();
    if (code != SQLITE_ROW) return {code == SQLITE_DONE ? SQLITE_CORRUPT : code, 0};
    auto const value = statement.number(0);
    return value ? Number{SQLITE_OK, *value} : Number{SQLITE_CORRUPT, 0};
}

Sqlite::Text Sqlite::text(char const* sql) {
    Statement statement;
    auto code = statement.prepare(*this, sql);
    if (code == SQLITE_OK) code = statement.step();
    if (code != SQLITE_ROW) return {code == SQLITE_DONE ? SQLITE_CORRUPT : code, {}};
    auto value = statement.text(0);
    return value ? Text{SQLITE_OK, std::move(*value)} : Text{SQLITE_CORRUPT, {}};
}

std::string Sqlite::why() const { return raw_ != nullptr ? ::sqlite3_errmsg(raw_) : "out of memory"; }

Statement::Statement(Statement&& other) noexcept
    : raw_(std::exchange(other.raw_, nullptr)), place_(other.place_), error_(other.error_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(raw_, other.raw_);
    std::swap(place_, other.place_);
    std::swap(error_, other.error_);
    return *this;
}

Statement::~Statement() { ::sqlite3_finalize(raw_); }

int Statement::prepare(Sqlite& database, char const* sql) {
    return ::sqlite3_prepare_v3(database.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw_, nullptr);
}

void Statement::reset() {
    ::sqlite3_reset(raw_);  // says again what the last step said
    ::sqlite3_clear_bindings(raw_);
    place_ = 0;
    error_ = SQLITE_OK;
}

void Statement::note(int code) {
    if (error_ == SQLITE_OK) error_ = code;
}

Statement& Statement::bind(std::int64_t value) {
    note(::sqlite3_bind_int64(raw_, ++place_, value));
    return *this;
}

Statement& Statement::bind(std::optional<std::int64_t> value) {
    if (value) return bind(*value);
    note(::sqlite3_bind_null(raw_, ++place_));
    return *this;
}

Statement& Statement::bind(std::string_view text) {
    note(::sqlite3_bind_text64(raw_, ++place_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
    // A null pointer would bind NULL.
    auto const* const data = bytes.empty() ? "" : bytes.data();
    note(::sqlite3_bind_blob64(raw_, ++place_, data, bytes.size(), SQLITE_TRANSIENT));
    return *this;
}

int Statement::step() { return error_ != SQLITE_OK ? error_ : ::sqlite3_step(raw_); }

bool Statement::is_null(int column) const { return ::sqlite3_column_type(raw_, column) == SQLITE_NULL; }

std::optional<std::int64_t> Statement::number(int column) const {
    if (::sqlite3_column_type(raw_, column) != SQLITE_INTEGER) return std::nullopt;
    return ::sqlite3_column_int64(raw_, column);
}

std::optional<std::string> Statement::content(int column, int type) const {
    if (::sqlite3_column_type(raw_, column) != type) return std::nullopt;
    auto const* const bytes = static_cast<char const*>(::sqlite3_column_blob(raw_, column));
    auto const size = ::sqlite3_column_bytes(raw_, column);
    if (bytes == nullptr || size <= 0) return std::string();
    return std::string(bytes, static_cast<std::size_t>(size));
}

std::optional<std::string> Statement::text(int column) const { return content(column, SQLITE_TEXT); }

std::optional<std::string> Statement::blob(int column) const { return content(column, SQLITE_BLOB); }

bool says_damaged(int code) {
    auto const primary = code & 0xff;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_FORMAT;
}

}  // namespace runtime
