#include "apps/console.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace apps {

namespace {

std::string cell(Json const& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return "-";
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_number_float()) return fixed(value.get<double>(), 3);
    if (value.is_array()) {
        std::string all;
        for (auto const& element : value) all += (all.empty() ? "" : " ") + cell(element);
        return all;
    }
    return dump(value);
}

// In characters, of UTF-8.
std::size_t width_of(std::string const& text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string list_text(Json const& list) {
    if (list.empty()) return "none";
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> header;
    for (auto const& element : list) {
        auto& row = rows.emplace_back();
        if (!element.is_object()) {
            row.push_back(cell(element));
            continue;
        }
        if (header.empty()) {
            for (auto const& [name, value] : element.items()) header.push_back(name);
        }
        for (auto const& [name, value] : element.items()) row.push_back(cell(value));
    }
    return table_text(header, rows);
}

}  // namespace

void print_line(std::string const& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

void print_json(Json const& json) { print_line(dump(json)); }

void say(std::string const& text) { std::fprintf(stderr, "minap2p: %s\n", text.c_str()); }

std::string fixed(double value, int decimals) {
    std::array<char, 64> buffer{};
    auto const length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
    return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string byte_count(double bytes) {
    constexpr std::array<char const*, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    for (; bytes >= 1024 && unit + 1 < units.size(); ++unit) bytes /= 1024;
    return fixed(bytes, unit == 0 ? 0 : 1) + " " + units[unit];
}

std::string table_text(std::vector<std::string> const& header, std::vector<std::vector<std::string>> const& rows) {
    auto lines = rows;
    if (!header.empty()) lines.insert(lines.begin(), header);
    std::vector<std::size_t> widths;
    for (auto const& line : lines) {
        widths.resize(std::max(widths.size(), line.size()));
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
    }
    std::string text;
    for (auto const& line : lines) {
        if (!text.empty()) text += '\n';
        for (std::size_t i = 0; i < line.size(); ++i) {
            text += line[i];
            if (i + 1 < line.size()) text += std::string(widths[i] - width_of(line[i]) + 2, ' ');
        }
        text.erase(text.find_last_not_of(' ') + 1);
    }
    return text;
}

std::string for_people(Json const& value) {
    if (value.is_null()) return "done";
    if (value.is_array()) return list_text(value);
    if (!value.is_object()) return cell(value);
    std::vector<std::vector<std::string>> rows;
    for (auto const& [name, field] : value.items()) rows.push_back({name, cell(field)});
    return table_text({}, rows);
}

Progress::Progress(Settings const& settings) : enabled_(::isatty(2) == 1 && !settings.is_set("no-progress")) {
    // Without colour and control sequences each state is a line of its own.
    auto const* const plain = std::getenv("NO_COLOR");
    clear_ = plain != nullptr && *plain != '\0' ? "" : "\r\x1b[K";
}

Progress::~Progress() {
    if (shown_ && !clear_.empty()) std::fprintf(stderr, "%s", clear_.c_str());
}

void Progress::show(std::string const& text) {
    if (!enabled_) return;
    shown_ = true;
    std::fprintf(stderr, clear_.empty() ? "%s%s\n" : "%s%s", clear_.c_str(), text.c_str());
}

}  // namespace apps
