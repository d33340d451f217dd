#include "apps/rpc_query.h"

#include "base/nearest.h"
#include "base/text.h"
#include "mina/binprot/writer.h"
#include "mina/json/read.h"
#include "mina/messages/messages.h"
#include "mina/text/base58check.h"
#include "mina/text/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace apps {

namespace {

using mina::messages::Format;
using mina::rpc::Method;
using mina::text::Base58Kind;

/// How the arguments of a method make its query.
enum class Shape : std::uint8_t { nothing, state_hash, state_hashes, ledger_hash, ledger_query, by_value };

struct Usage {
    std::string_view short_name;  // beside the tag; may be empty
    Shape shape = Shape::nothing;
    std::string_view arguments;
};

constexpr std::string_view state_hash_words = "STATE_HASH";

/// In the order of mina::rpc::Method.
constexpr std::array<Usage, mina::rpc::method_count> usages = {{
    {"menu", Shape::nothing, ""},
    {"", Shape::nothing, ""},
    {"get_staged_ledger", Shape::state_hash, state_hash_words},
    {"", Shape::ledger_query, "LEDGER_HASH num-accounts | children ADDRESS [DEPTH] | contents ADDRESS"},
    {"", Shape::nothing, ""},
    {"", Shape::by_value, "--query JSON"},
    {"", Shape::nothing, ""},
    {"", Shape::state_hashes, "STATE_HASH…"},
    {"", Shape::state_hash, state_hash_words},
    {"", Shape::by_value, "--query JSON"},
    {"", Shape::nothing, ""},
    {"", Shape::nothing, ""},
    {"", Shape::ledger_hash, "LEDGER_HASH"},
}};

Usage const& usage_of(Method method) { return usages.at(static_cast<std::size_t>(method)); }

std::string lower(std::string_view text) {
    std::string all(text);
    for (auto& c : all) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return all;
}

using Bytes = base::Result<base::ByteString, std::string>;

// mina: depths of ledgers are 35 at most; an address is no longer.
constexpr std::size_t address_bits_max = 64;
constexpr std::int64_t levels_max = 16;

Bytes hash_of(Base58Kind kind, std::string const& text) {
    if (text.starts_with("0x")) {
        auto const element = mina::text::field_from_hex(text);
        if (element) return base::to_byte_string(*element);
    } else if (text.size() == 64) {
        if (auto bytes = base::from_hex(text)) return std::move(*bytes);
    }
    auto content = mina::text::from_base58check(kind, text);
    if (content) return std::move(*content);
    return base::fail("'" + text + "' is not " + std::string(mina::text::form_of(kind).name) + ": " +
                      to_string(content.error()) +
                      "; other forms are 0x and 64 hex digits, the highest first, or the 64 of the wire's bytes");
}

base::ByteString written(auto const& write) {
    mina::binprot::Writer counting({});
    write(counting);
    base::ByteString bytes(counting.size());
    mina::binprot::Writer writer(bytes);
    write(writer);
    return bytes;
}

Bytes list_of_hashes(std::span<std::string const> words) {
    base::ByteString hashes;
    for (auto const& word : words) {
        TRY(auto const hash, hash_of(Base58Kind::state_hash, word));
        base::append(hashes, hash);
    }
    return written([&](auto& writer) {
        writer.put_count(words.size());
        writer.put(hashes);
    });
}

/// The bits from the root, 0 for the left; the highest bit of a byte comes first. mina: Merkle_address.
struct Address {
    std::int64_t depth = 0;
    base::ByteString path;
};

std::optional<Address> address_of(std::string const& text) {
    if (text == "root") return Address{};
    if (text.empty() || text.size() > address_bits_max || text.find_first_not_of("01") != std::string::npos) {
        return std::nullopt;
    }
    Address address{static_cast<std::int64_t>(text.size()), base::ByteString((text.size() + 7) / 8)};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '1') address.path[i / 8] = static_cast<std::uint8_t>(address.path[i / 8] | (0x80U >> (i % 8)));
    }
    return address;
}

std::optional<std::int64_t> levels_of(std::string const& text) {
    std::int64_t levels = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), levels);
    if (error != std::errc{} || end != text.data() + text.size() || levels < 1 || levels > levels_max) return {};
    return levels;
}

Bytes ledger_query(Format format, std::span<std::string const> words) {
    constexpr std::uint8_t children_tag = 0, contents_tag = 1, accounts_tag = 2;
    if (words.size() < 2) {
        return base::fail(std::string("wants LEDGER_HASH and what of it: num-accounts, children or contents"));
    }
    TRY(auto const hash, hash_of(Base58Kind::ledger_hash, words[0]));
    auto const& what = words[1];
    if (what == "num-accounts" && words.size() == 2) {
        return written([&](auto& writer) {
            writer.put(hash);
            writer.put_byte(accounts_tag);
        });
    }
    auto const is_children = what == "children";
    auto const words_max = is_children ? 4U : 3U;
    if ((!is_children && what != "contents") || words.size() < 3 || words.size() > words_max) {
        return base::fail("behind LEDGER_HASH, '" + what + "' is none of: " +
                          "num-accounts; children ADDRESS [DEPTH]; contents ADDRESS");
    }
    auto const address = address_of(words[2]);
    if (!address) {
        return base::fail("'" + words[2] + "' is not an ADDRESS: the bits from the root, such as 0110, or 'root'");
    }
    auto const levels = words.size() == 4 ? levels_of(words[3]) : 1;
    if (!levels) return base::fail("'" + words[3] + "' is not a DEPTH of 1 to 16 levels");
    auto const is_wide = format != Format::berkeley;
    if (!is_wide && *levels != 1) return base::fail(std::string("a DEPTH is in Mesa's version of the method only"));
    return written([&](auto& writer) {
        writer.put(hash);
        writer.put_byte(is_children ? children_tag : contents_tag);
        writer.put_integer(address->depth);
        writer.put_string(address->path);
        if (is_children && is_wide) writer.put_integer(*levels);
    });
}

}  // namespace

base::Result<Method, std::string> find_method(std::string_view name) {
    auto const wanted = lower(name);
    std::vector<std::string> names;
    for (auto const& info : mina::rpc::methods()) {
        auto const& usage = usage_of(info.method);
        if (lower(info.tag) == wanted || (!usage.short_name.empty() && usage.short_name == wanted)) return info.method;
        names.emplace_back(usage.short_name.empty() ? info.tag : usage.short_name);
    }
    std::vector<std::string_view> const views(names.begin(), names.end());
    return base::fail("unknown method '" + std::string(name) + "'; the nearest is '" +
                      std::string(base::nearest(wanted, views)) + "'");
}

std::string method_lines() {
    std::string lines;
    for (auto const& info : mina::rpc::methods()) {
        auto const& usage = usage_of(info.method);
        lines += "\n  " + std::string(usage.short_name.empty() ? info.tag : usage.short_name);
        if (!usage.arguments.empty()) lines += " " + std::string(usage.arguments);
    }
    return lines;
}

std::vector<Format> formats_of(Method method, std::optional<std::int64_t> version,
                               std::vector<Format> const& preferred) {
    auto const& info = mina::rpc::info_of(method);
    std::vector<Format> all;
    auto const add = [&](Format format) {
        auto const has_it = !version || mina::rpc::has_version(mina::rpc::versions_of(info, format), *version);
        if (has_it && std::ranges::find(all, format) == all.end()) all.push_back(format);
    };
    for (auto const format : preferred) add(format);
    for (auto const format : mina::messages::formats) add(format);
    return all;
}

mina::schema::Root const* part_of_method(Method method, Format format, std::string_view part) {
    auto const name = std::string(mina::rpc::info_of(method).tag) + "." + std::string(part);
    return mina::schema::find_root(mina::messages::schema_of(format), name);
}

Bytes query_from_words(Method method, Format format, std::span<std::string const> words) {
    auto const& usage = usage_of(method);
    auto const wanted = "wants " + std::string(usage.arguments.empty() ? "no arguments" : usage.arguments);
    switch (usage.shape) {
        case Shape::nothing:
            if (!words.empty()) return base::fail(wanted);
            return base::ByteString{0};
        case Shape::state_hash:
        case Shape::ledger_hash:
            if (words.size() != 1) return base::fail(wanted);
            return hash_of(usage.shape == Shape::state_hash ? Base58Kind::state_hash : Base58Kind::ledger_hash,
                           words[0]);
        case Shape::state_hashes: return words.empty() ? base::fail(wanted) : list_of_hashes(words);
        case Shape::ledger_query: return ledger_query(format, words);
        case Shape::by_value: return base::fail(wanted);
    }
    return base::fail(wanted);
}

Bytes query_from_json(Method method, Format format, std::string_view json) {
    auto const* const root = part_of_method(method, format, "query");
    if (root == nullptr) {
        return base::fail("the query of " + std::string(mina::rpc::info_of(method).tag) +
                          " has no type in the format " + std::string(to_string(format)) + "; give its bytes in hex");
    }
    auto bytes = mina::json::read_json(*root->type, json);
    if (!bytes) return base::fail(to_string(bytes.error()));
    return std::move(*bytes);
}

}  // namespace apps
