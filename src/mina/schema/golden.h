// For tests: the golden messages of the shared folder, each with its type. None when the folder is not there.
#pragma once

#include "base/bytes.h"
#include "mina/messages/format.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace mina::schema::golden {

inline std::string const folder = MINAP2P_SHARED_DIR "/data/berkeley/golden/";

struct Message {
    std::string name;
    Type const* type = nullptr;
    base::ByteString bytes;
};

inline std::optional<base::ByteString> read(std::string const& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return base::ByteString(std::istreambuf_iterator<char>(file), {});
}

inline nlohmann::json read_json(std::string const& name) {
    std::ifstream file(folder + name);
    return file ? nlohmann::json::parse(file) : nlohmann::json::array();
}

// Where the bytes of a message are: beside its JSON, or where its note says.
inline std::optional<base::ByteString> bytes_of(nlohmann::json const& row) {
    auto const name = row["name"].get<std::string>();
    auto const note = row["note"].get<std::string>();
    if (auto own = read(folder + name + ".bin")) return own;
    std::string const mark = "bytes: ";
    if (!note.starts_with(mark)) return std::nullopt;
    return read(folder + note.substr(mark.size(), note.find(';') - mark.size()));
}

// The type a row of index.json names, and how many bytes stand before the value: the length of a gossip message.
inline std::pair<Root const*, std::size_t> root_of(std::string const& text) {
    auto const& schema = messages::schema_of(messages::Format::berkeley);
    if (text.starts_with("Message.data")) return {find_root(schema, "gossip"), 8};
    if (text.starts_with("unit")) return {find_root(schema, "get_best_tip.query"), 0};
    return {find_root(schema, text), 0};
}

/// All messages that are a value of a type in the schema: not those inside an RPC's header, and not breadcrumbs.
inline std::vector<Message> messages() {
    std::vector<Message> all;
    std::pair<Root const*, std::size_t> root;
    for (auto const& row : read_json("index.json")) {
        auto const text = row["root"].get<std::string>();
        if (text != "as above") root = root_of(text);
        auto bytes = bytes_of(row);
        if (root.first == nullptr || !bytes || bytes->size() < root.second) continue;
        bytes->erase(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(root.second));
        all.push_back({row["name"].get<std::string>(), root.first->type, std::move(*bytes)});
    }
    return all;
}

/// The message of this name; one without a type when it is not there.
inline Message message(std::string const& name) {
    for (auto& one : messages())
        if (one.name == name) return one;
    return {};
}

}  // namespace mina::schema::golden
