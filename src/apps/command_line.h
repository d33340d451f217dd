// CommandLine: the flags and arguments of one command.
#pragma once

#include "apps/settings.h"

#include <initializer_list>
#include <memory>

namespace apps {

/// The answer to --help.
struct HelpText {
    std::string text;
};

class CommandLine {
public:
    /// `examples`: two lines, without the program's name, shown at the end of the help.
    CommandLine(std::string name, std::string what, std::initializer_list<std::string_view> examples);
    ~CommandLine();
    CommandLine(CommandLine const&) = delete;
    CommandLine& operator=(CommandLine const&) = delete;

    /// Takes these settings as flags.
    void take(std::initializer_list<std::string_view> settings);
    /// Flags that are no settings: they concern one call only. The variables must outlive this object.
    void option(std::string const& name, std::string const& metavar, std::string const& help, std::string& value);
    void option(std::string const& name, std::string const& metavar, std::string const& help, std::uint64_t& value);
    /// May be repeated.
    void options(std::string const& name, std::string const& metavar, std::string const& help,
                 std::vector<std::string>& values);
    void flag(std::string const& name, std::string const& help, bool& value);
    void argument(std::string const& name, std::string const& help, std::string& value);
    /// Any number of arguments.
    void arguments(std::string const& name, std::string const& help, std::vector<std::string>& values);

    /// Throws UsageError, or HelpText when help was asked for.
    void parse(std::vector<std::string> const& arguments);
    /// The same, and settles all settings. `fallbacks`: this command's own defaults.
    Settings settings(std::vector<std::string> const& arguments,
                      std::map<std::string, std::string, std::less<>> const& fallbacks = {});

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

/// "unknown WHAT 'TYPED'; the nearest is 'X'".
std::string unknown(std::string const& what, std::string_view typed, std::vector<std::string> const& known);

}  // namespace apps
