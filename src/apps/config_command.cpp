// config: every setting, its value, and where that came from.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"

namespace apps {

int config_command(Arguments const& arguments) {
    CommandLine line("config", "Prints every setting, its value, and where that came from.",
                     {"config --network devnet", "config --config node.toml --json"});
    for (auto const& spec : setting_specs()) line.take({spec.name});
    auto const settings = line.settings(arguments);
    std::vector<std::vector<std::string>> rows;
    for (auto const& spec : setting_specs()) {
        auto const& value = settings.value(spec.name);
        if (settings.is_set("json")) {
            Json shown = nullptr;
            if (spec.kind == SettingKind::list) {
                shown = value.values;
            } else if (spec.kind == SettingKind::number) {
                shown = settings.number(spec.name);
            } else if (spec.kind == SettingKind::boolean) {
                shown = settings.is_set(spec.name);
            } else if (!value.values.empty()) {
                shown = value.values.front();
            }
            print_json({{"key", spec.name}, {"value", shown}, {"origin", value.origin}});
        } else {
            rows.push_back({std::string(spec.name), joined(value.values), value.origin});
        }
    }
    if (!rows.empty()) print_line(table_text({"setting", "value", "from"}, rows));
    return 0;
}

}  // namespace apps
