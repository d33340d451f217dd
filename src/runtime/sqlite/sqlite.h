// Small owners of SQLite's objects. Nothing here throws: calls return SQLite's codes.
#pragma once

#include "base/bytes.h"

#include <sqlite3.h>

#include <optional>
#include <string>
#include <string_view>

namespace runtime {

/// An open file.
class Sqlite {
public:
    Sqlite() = default;
    Sqlite(Sqlite&& other) noexcept;
    Sqlite& operator=(Sqlite&& other) noexcept;
    ~Sqlite() { close(); }

    /// The file must exist.
    int open(std::string const& path);
    void close();
    sqlite3* get() const { return raw_; }
    /// Statements without values and results.
    int run(char const* sql);
    /// The first column of the first row.
    struct Number {
        int code = SQLITE_OK;
        std::int64_t value = 0;
    };
    Number number(char const* sql);
    struct Text {
        int code = SQLITE_OK;
        std::string value;
    };
    Text text(char const* sql);
    /// What the last call that failed says.
    std::string why() const;

private:
    sqlite3* raw_ = nullptr;
};

/// A prepared statement; must go before its Sqlite.
class Statement {
public:
    Statement() = default;
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    int prepare(Sqlite& database, char const* sql);

    // Values: bound in order, from the first place after reset(). They are copied.
    void reset();
    Statement& bind(std::int64_t value);
    Statement& bind(std::optional<std::int64_t> value);
    Statement& bind(std::string_view text);
    Statement& bind_blob(std::string_view bytes);
    /// SQLITE_ROW, SQLITE_DONE or an error; an error of a bind counts too.
    int step();

    // The row, columns from 0. Nothing when the value is of another type.
    bool is_null(int column) const;
    std::optional<std::int64_t> number(int column) const;
    std::optional<std::string> text(int column) const;
    std::optional<std::string> blob(int column) const;

private:
    void note(int code);
    std::optional<std::string> content(int column, int type) const;

    sqlite3_stmt* raw_ = nullptr;
    int place_ = 0;
    int error_ = SQLITE_OK;
};

/// Whether a code of SQLite says that the file is not as it should be.
bool says_damaged(int code);

}  // namespace runtime
