// Settings: everything that a flag, an environment variable, a file or the network may set. One table holds them all; the
// name of a setting is its flag and its key in the file, and MINAP2P_NAME its variable.
//
// Order: flag, environment, file (--config FILE, or <data-dir>/minap2p.toml when there is one), network, default.
#pragma once

#include "base/time.h"
#include "mina/networks/networks.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

enum class SettingKind : std::uint8_t { text, list, number, duration, boolean };

struct SettingSpec {
    std::string_view name;
    SettingKind kind = SettingKind::text;
    std::string_view fallback;  // the default; of a list, with commas; empty: none
    std::string_view metavar;
    std::string_view help;
};

/// All settings, in the order in which they are shown.
std::span<SettingSpec const> setting_specs();
SettingSpec const& setting_spec(std::string_view name);

using Values = std::vector<std::string>;

struct SettingValue {
    Values values;
    std::string origin;  // "flag", "environment MINAP2P_PEER", "file PATH", "network devnet", "default"
};

class Settings {
public:
    /// Settles every setting. `fallbacks` stand in place of defaults. Throws UsageError for a flag, Failure for a variable, a file or a network that cannot be used.
    static Settings resolve(std::map<std::string, Values, std::less<>> const& flags,
                            std::map<std::string, std::string, std::less<>> const& fallbacks = {});

    SettingValue const& value(std::string_view name) const;
    /// Empty when there is none.
    std::string text(std::string_view name) const;
    Values const& list(std::string_view name) const { return value(name).values; }
    std::uint64_t number(std::string_view name) const;
    base::Duration duration(std::string_view name) const;
    bool is_set(std::string_view name) const;  // of a boolean

    mina::Network const& network() const { return network_; }

private:
    void take_environment();
    void take_file();
    void take_file_text(std::string const& path, std::string_view text);
    void take_network(std::string const& fallback);
    void take_defaults(std::map<std::string, std::string, std::less<>> const& fallbacks);
    void put(SettingSpec const& spec, Values values, std::string origin);

    std::map<std::string, SettingValue, std::less<>> values_;
    mina::Network network_;
};

/// A value as it is shown: a list with commas.
std::string joined(Values const& values);

/// A built-in network, or that of a file. Throws Failure.
mina::Network network_named(std::string const& name);

}  // namespace apps
