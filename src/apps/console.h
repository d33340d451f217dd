// What commands print: results on standard output, all else on standard error.
#pragma once

#include "apps/events_json.h"
#include "apps/settings.h"

namespace apps {

/// A line on standard output, flushed.
void print_line(std::string const& text);
void print_json(Json const& json);
/// "minap2p: TEXT" on standard error.
void say(std::string const& text);

/// A table with a header, columns aligned.
std::string table_text(std::vector<std::string> const& header, std::vector<std::vector<std::string>> const& rows);
/// An answer for people: a table for a list of objects, lines for an object.
std::string for_people(Json const& value);
std::string fixed(double value, int decimals);
std::string byte_count(double bytes);

/// Progress of a long command: one line that is overwritten; nothing unless standard error is a terminal.
class Progress {
public:
    explicit Progress(Settings const& settings);
    ~Progress();
    Progress(Progress const&) = delete;
    Progress& operator=(Progress const&) = delete;
    void show(std::string const& text);

private:
    bool enabled_;
    bool shown_ = false;
    std::string clear_;
};

}  // namespace apps
