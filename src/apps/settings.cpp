#include "apps/settings.h"

#include "apps/control.h"
#include "apps/failure.h"
#include "base/nearest.h"
#include "runtime/files.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace apps {

namespace {

using enum SettingKind;

constexpr SettingSpec specs[] = {
    {"network", text, "mainnet", "NAME|FILE", "mainnet, devnet, local, or a TOML file"},
    {"data-dir", text, "", "DIR", "where the key and the configuration are"},
    {"config", text, "", "FILE", "the configuration file"},
    {"key", text, "", "FILE", "the identity; made when absent"},
    {"listen", list, "/ip4/0.0.0.0/tcp/8302", "ADDR", "address to listen on; may be repeated"},
    {"external", list, "", "ADDR", "address to announce beside those; may be repeated"},
    {"peer", list, "", "ADDR", "peer to connect to and keep; may be repeated"},
    {"seeds", text, "", "FILE", "seed addresses, one a line, in place of the network's"},
    {"dht", text, "server", "server|client|off", "whether this node answers others in the DHT, only asks, or neither"},
    {"private-addresses", boolean, "", "", "announce private addresses, and dial them when others tell of them"},
    {"peer-store", text, "", "FILE", "what is remembered of peers, and bans; none: nothing is"},
    {"block-store", text, "", "FILE", "recent blocks, to answer others from; memory: no file; none: no answers"},
    {"unverified-best-tip", boolean, "false", "", "tell other nodes the best tip, though nobody here has verified it"},
    {"trust", list, "", "PEER|IP|CIDR", "never banned nor trimmed; may be repeated"},
    {"allow", list, "", "PEER|IP|CIDR", "with any of these, nobody else is let in; may be repeated"},
    {"deny", list, "", "PEER|IP|CIDR", "never let in, never dialed; may be repeated"},
    {"topic", list, "", "TOPIC", "topic to subscribe to, in place of the network's; may be repeated"},
    {"formats", list, "", "FORMAT", "what gossip has to be, in place of the network's: berkeley, mesa …, or none"},
    {"control", text, "", "stdio|unix:PATH", "where commands are taken"},
    {"record", text, "", "DIR", "record every input, for replay"},
    {"metrics", text, "", "HOST:PORT", "not in this version"},
    {"payload", boolean, "false", "", "messages carry their bytes as hex"},
    {"rpc-events", boolean, "false", "", "an event for each question of a peer"},
    {"verdicts", text, "auto", "auto|application", "who decides whether a message is forwarded"},
    {"agent", text, "", "TEXT", "what identify calls this node"},
    {"peers-min", number, "20", "N", "below, discovery runs every 5 s"},
    {"peers-target", number, "50", "N", "from here on no peer is looked for; 0: none is"},
    {"peers-max", number, "100", "N", "above, connections are trimmed to the target"},
    {"outbound-min", number, "8", "N", "of the peers, so many are dialed by this node"},
    {"connecting-max", number, "16", "N", "attempts that discovery has under way at once"},
    {"attempts-max", number, "8", "N", "failures before a peer that only others told of is forgotten"},
    {"discovery-interval", duration, "30s", "TIME", "between two rounds of discovery"},
    {"max-connections", number, "200", "N", "of all connections"},
    {"max-inbound", number, "150", "N", "of inbound connections"},
    {"max-connections-per-ip", number, "32", "N", "of connections from an address; loopback is exempt"},
    {"dial-timeout", duration, "5s", "TIME", "for a TCP connection"},
    {"keep-alive", duration, "30s", "TIME", "between two keep-alive pings of a connection"},
    {"retry-first", duration, "1s", "TIME", "before a peer of the operator is tried again; doubles"},
    {"retry-max", duration, "300s", "TIME", "the longest such time"},
    {"timeout", duration, "", "TIME", "how long a command may take"},
    {"json", boolean, "false", "", "a JSON object a line on standard output"},
    {"no-progress", boolean, "false", "", "no progress on standard error"},
};

// The file may not say where it is itself.
bool allowed_in_file(SettingSpec const& spec) { return spec.name != "config" && spec.name != "data-dir"; }

std::string variable_of(std::string_view name) {
    std::string variable = "MINAP2P_";
    for (auto const c : name) variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return variable;
}

Values split(std::string_view text) {
    Values parts;
    while (!text.empty()) {
        auto const end = std::min(text.find(','), text.size());
        if (end > 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > 1'000'000'000) {
        throw std::invalid_argument("'" + std::string(text) + "' is not a whole number of at most 1000000000");
    }
    return value;
}

bool boolean_of(std::string_view text) {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0" || text.empty()) return false;
    throw std::invalid_argument("'" + std::string(text) + "' is neither true nor false");
}

void check_value(SettingSpec const& spec, std::string const& value) {
    switch (spec.kind) {
        case number: number_of(value); break;
        case duration: duration_of(value); break;
        case boolean: boolean_of(value); break;
        case text:
        case list: break;
    }
    if (spec.name == "dht" && value != "server" && value != "client" && value != "off") {
        throw std::invalid_argument("'" + value + "' is neither server, client nor off");
    }
    if (spec.name == "verdicts" && value != "auto" && value != "application") {
        throw std::invalid_argument("'" + value + "' is neither auto nor application");
    }
}

Values values_of(toml::node const& node) {
    if (auto const* array = node.as_array()) {
        Values all;
        for (auto const& element : *array) {
            auto const value = element.value_exact<std::string>();
            if (!value) throw std::invalid_argument("a list of texts is wanted");
            all.push_back(*value);
        }
        return all;
    }
    if (auto const value = node.value_exact<std::string>()) return {*value};
    if (auto const value = node.value_exact<std::int64_t>()) return {std::to_string(*value)};
    if (auto const value = node.value_exact<bool>()) return {*value ? "true" : "false"};
    throw std::invalid_argument("a text, a number, true, false or a list of texts is wanted");
}

[[noreturn]] void refuse_key(std::string const& where, std::string_view key) {
    std::vector<std::string_view> names;
    for (auto const& spec : specs) {
        if (allowed_in_file(spec)) names.push_back(spec.name);
    }
    throw Failure(where + ": unknown key '" + std::string(key) + "'; the nearest is '" +
                  std::string(base::nearest(key, names)) + "'");
}

}  // namespace

std::span<SettingSpec const> setting_specs() { return specs; }

SettingSpec const& setting_spec(std::string_view name) {
    auto const found = std::ranges::find(specs, name, &SettingSpec::name);
    if (found == std::end(specs)) throw std::logic_error("no setting " + std::string(name));
    return *found;
}

std::string joined(Values const& values) {
    std::string all;
    for (auto const& value : values) all += (all.empty() ? "" : ",") + value;
    return all;
}

mina::Network network_named(std::string const& name) {
    if (auto network = mina::builtin(name)) return std::move(*network);
    auto const names = mina::builtin_names();
    if (name.find('/') == std::string::npos && name.find('.') == std::string::npos) {
        std::vector<std::string_view> views(names.begin(), names.end());
        throw Failure("no network '" + name + "'; the nearest is '" + std::string(base::nearest(name, views)) +
                      "'; a file is given with a '/' or a '.' in its name");
    }
    auto const bytes = runtime::read_file(name, 1024 * 1024);
    if (!bytes) throw Failure("the network's file cannot be used: " + bytes.error());
    auto network = mina::parse(base::as_text(*bytes));
    if (!network) throw Failure(name + ": " + network.error());
    return std::move(*network);
}

Settings Settings::resolve(std::map<std::string, Values, std::less<>> const& flags,
                           std::map<std::string, std::string, std::less<>> const& fallbacks) {
    Settings settings;
    for (auto const& [name, values] : flags) {
        auto const& spec = setting_spec(name);
        try {
            settings.put(spec, values, "flag");
        } catch (std::invalid_argument const& error) {
            throw UsageError("--" + name + ": " + error.what());
        }
    }
    settings.take_environment();
    if (!settings.values_.contains("data-dir")) {
        auto const directory = runtime::data_directory();
        if (!directory) throw Failure(directory.error() + "; give --data-dir");
        settings.values_["data-dir"] = {{*directory}, "default"};
    }
    settings.take_file();
    auto const network = fallbacks.find("network");
    settings.take_network(network != fallbacks.end() ? network->second : std::string(setting_spec("network").fallback));
    settings.take_defaults(fallbacks);
    return settings;
}

void Settings::put(SettingSpec const& spec, Values values, std::string origin) {
    auto const [at, added] = values_.try_emplace(std::string(spec.name));
    if (!added) return;
    try {
        if (spec.kind != SettingKind::list && values.size() != 1) throw std::invalid_argument("one value is wanted");
        for (auto const& value : values) check_value(spec, value);
    } catch (std::invalid_argument const&) {
        values_.erase(at);
        throw;
    }
    at->second = {std::move(values), std::move(origin)};
}

void Settings::take_environment() {
    for (auto const& spec : specs) {
        auto const variable = variable_of(spec.name);
        auto const* const value = std::getenv(variable.c_str());
        if (value == nullptr || *value == '\0') continue;
        try {
            put(spec, spec.kind == SettingKind::list ? split(value) : Values{value}, "environment " + variable);
        } catch (std::invalid_argument const& error) {
            throw Failure(variable + ": " + error.what());
        }
    }
}

void Settings::take_file() {
    auto const given = values_.contains("config");
    auto const path = given ? text("config") : text("data-dir") + "/minap2p.toml";
    auto const bytes = runtime::read_file_if_present(path, 1024 * 1024);
    if (!bytes) throw Failure("the configuration cannot be read: " + bytes.error());
    if (!*bytes && given) throw Failure("the configuration cannot be read: " + path + ": there is no such file");
    if (*bytes) take_file_text(path, base::as_text(**bytes));
}

void Settings::take_file_text(std::string const& path, std::string_view text) {
    try {
        auto const table = toml::parse(text, path);
        for (auto const& [key, node] : table) {
            auto const where = path + ", line " + std::to_string(node.source().begin.line);
            auto const found = std::ranges::find(specs, key.str(), &SettingSpec::name);
            if (found == std::end(specs) || !allowed_in_file(*found)) refuse_key(where, key.str());
            try {
                put(*found, values_of(node), "file " + path);
            } catch (std::invalid_argument const& error) {
                throw Failure(where + ": " + std::string(key.str()) + ": " + error.what());
            }
        }
    } catch (toml::parse_error const& error) {
        throw Failure(path + ", line " + std::to_string(error.source().begin.line) + ": not TOML: " +
                      std::string(error.description()));
    }
}

void Settings::take_network(std::string const& fallback) {
    put(setting_spec("network"), {fallback}, "default");
    network_ = network_named(text("network"));
    put(setting_spec("topic"), network_.topics, "network " + network_.name);
    put(setting_spec("formats"), mina::format_names(network_), "network " + network_.name);
    put(setting_spec("agent"), {network_.agent}, "network " + network_.name);
    put(setting_spec("private-addresses"), {network_.private_addresses ? "true" : "false"}, "network " + network_.name);
}

void Settings::take_defaults(std::map<std::string, std::string, std::less<>> const& fallbacks) {
    put(setting_spec("key"), {text("data-dir") + "/key"}, "default");
    put(setting_spec("peer-store"), {text("data-dir") + "/peers.sqlite"}, "default");
    put(setting_spec("block-store"), {text("data-dir") + "/blocks.sqlite"}, "default");
    for (auto const& [name, fallback] : fallbacks) put(setting_spec(name), {fallback}, "default");
    for (auto const& spec : specs) {
        if (values_.contains(spec.name)) continue;
        auto& value = values_[std::string(spec.name)];
        value.origin = "default";
        if (spec.kind == SettingKind::list) {
            value.values = split(spec.fallback);
        } else if (!spec.fallback.empty()) {
            value.values = {std::string(spec.fallback)};
        }
    }
}

SettingValue const& Settings::value(std::string_view name) const {
    auto const found = values_.find(name);
    if (found == values_.end()) throw std::logic_error("no setting " + std::string(name));
    return found->second;
}

std::string Settings::text(std::string_view name) const {
    auto const& values = value(name).values;
    return values.empty() ? std::string() : values.front();
}

std::uint64_t Settings::number(std::string_view name) const { return number_of(text(name)); }

base::Duration Settings::duration(std::string_view name) const { return duration_of(text(name)); }

bool Settings::is_set(std::string_view name) const { return boolean_of(text(name)); }

}  // namespace apps
