#include "apps/command_line.h"

#include "apps/failure.h"
#include "base/nearest.h"

#include <CLI/CLI.hpp>

#include <list>

namespace apps {

struct CommandLine::Parser {
    CLI::App app;
    struct Taken {
        SettingSpec const* spec = nullptr;
        CLI::Option* option = nullptr;
        Values values;
        bool is_given = false;
    };
    std::list<Taken> taken;  // CLI11 keeps references to the values
    bool takes_arguments = false;
};

namespace {

[[noreturn]] void refuse_extra(CLI::App const& app, std::string const& extra) {
    if (extra.size() < 2 || extra.front() != '-') throw UsageError("unexpected argument '" + extra + "'");
    std::vector<std::string> known;
    for (auto const* option : app.get_options()) {
        for (auto const& name : option->get_lnames()) known.push_back("--" + name);
    }
    throw UsageError(unknown("flag", extra.substr(0, extra.find('=')), known));
}

}  // namespace

std::string unknown(std::string const& what, std::string_view typed, std::vector<std::string> const& known) {
    std::vector<std::string_view> const views(known.begin(), known.end());
    return "unknown " + what + " '" + std::string(typed) + "'; the nearest is '" +
           std::string(base::nearest(typed, views)) + "'";
}

CommandLine::CommandLine(std::string name, std::string what, std::initializer_list<std::string_view> examples)
    : parser_(std::make_unique<Parser>()) {
    parser_->app.name("minap2p " + name);
    parser_->app.description(std::move(what));
    parser_->app.allow_extras();
    parser_->app.get_formatter()->column_width(38);
    std::string footer = "Examples:";
    for (auto const& example : examples) footer += "\n  minap2p " + std::string(example);
    parser_->app.footer(footer);
}

CommandLine::~CommandLine() = default;

void CommandLine::take(std::initializer_list<std::string_view> settings) {
    auto& app = parser_->app;
    for (auto const name : settings) {
        auto const& spec = setting_spec(name);
        auto& taken = parser_->taken.emplace_back();
        taken.spec = &spec;
        auto help = std::string(spec.help);
        if (!spec.fallback.empty() && spec.kind != SettingKind::boolean) help += " (" + std::string(spec.fallback) + ")";
        auto const flag = "--" + std::string(name);
        if (spec.kind == SettingKind::boolean) {
            taken.option = app.add_flag(flag, taken.is_given, help);
        } else {
            taken.option = app.add_option(flag, taken.values, help)->expected(1)->allow_extra_args(false);
            taken.option->option_text(std::string(spec.metavar));
            auto const policy = spec.kind == SettingKind::list ? CLI::MultiOptionPolicy::TakeAll
                                                               : CLI::MultiOptionPolicy::Throw;
            taken.option->multi_option_policy(policy);
        }
    }
}

void CommandLine::option(std::string const& name, std::string const& metavar, std::string const& help,
                         std::string& value) {
    parser_->app.add_option("--" + name, value, help)->option_text(metavar);
}

void CommandLine::option(std::string const& name, std::string const& metavar, std::string const& help,
                         std::uint64_t& value) {
    parser_->app.add_option("--" + name, value, help)->option_text(metavar);
}

void CommandLine::options(std::string const& name, std::string const& metavar, std::string const& help,
                          std::vector<std::string>& values) {
    auto* const option = parser_->app.add_option("--" + name, values, help)->expected(1)->allow_extra_args(false);
    option->option_text(metavar);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void CommandLine::flag(std::string const& name, std::string const& help, bool& value) {
    parser_->app.add_flag("--" + name, value, help);
}

void CommandLine::argument(std::string const& name, std::string const& help, std::string& value) {
    parser_->app.add_option(name, value, help)->required()->option_text(" ");
}

void CommandLine::arguments(std::string const& name, std::string const& help, std::vector<std::string>& values) {
    parser_->app.add_option(name, values, help)->option_text(" ");
}

void CommandLine::parse(std::vector<std::string> const& arguments) {
    auto& app = parser_->app;
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (CLI::CallForHelp const&) {
        throw HelpText{app.help()};
    } catch (CLI::ParseError const& error) {
        // A mistyped flag is the better explanation of what is then missing.
        for (auto const& extra : app.remaining()) {
            if (extra.starts_with("-")) refuse_extra(app, extra);
        }
        throw UsageError(error.what());
    }
    if (auto const extras = app.remaining(); !extras.empty()) refuse_extra(app, extras.front());
}

Settings CommandLine::settings(std::vector<std::string> const& arguments,
                               std::map<std::string, std::string, std::less<>> const& fallbacks) {
    parse(arguments);
    std::map<std::string, Values, std::less<>> flags;
    for (auto const& taken : parser_->taken) {
        if (taken.option->count() == 0) continue;
        auto const is_flag = taken.spec->kind == SettingKind::boolean;
        flags.emplace(taken.spec->name, is_flag ? Values{taken.is_given ? "true" : "false"} : taken.values);
    }
    return Settings::resolve(flags, fallbacks);
}

}  // namespace apps
