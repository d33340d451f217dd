// decode: a message of Mina as JSON, a summary or a tree.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/failure.h"
#include "apps/message_file.h"
#include "apps/message_summary.h"
#include "apps/rpc_json.h"
#include "base/text.h"
#include "mina/json/write.h"
#include "mina/schema/fields.h"
#include "mina/schema/tree.h"

#include <algorithm>
#include <cstdio>

namespace apps {

namespace {

struct Options {
    std::string type = "guess";
    std::string method;
    std::string input = "binary";
    bool summary = false;
    bool hex_tree = false;
    bool structural_proofs = false;
    bool list_types = false;
    std::uint64_t elements_max = 0;
    std::vector<std::string> files;
};

class StandardOutput final : public mina::json::Sink {
public:
    void put(std::string_view text) override { std::fwrite(text.data(), 1, text.size(), stdout); }
};

base::ByteString content_of(Options const& options) {
    auto content = file_content(options.files.front(), message_file_bytes_max);
    if (options.input == "binary") return content;
    std::string text(base::as_text(content));
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; });
    auto bytes = options.input == "hex" ? base::from_hex(text) : base::from_base64(text);
    if (!bytes) throw Failure(options.files.front() + ": not " + options.input);
    return std::move(*bytes);
}

void list_types(std::vector<mina::messages::Format> const& formats, bool json) {
    for (auto const format : formats) {
        std::vector<std::vector<std::string>> rows;
        for (auto const& root : mina::messages::schema_of(format).roots) {
            if (json) {
                print_json(Json{{"format", to_string(format)}, {"name", root.name}, {"alias", root.alias}});
            } else {
                rows.push_back({std::string(root.alias.empty() ? "-" : root.alias), std::string(root.name)});
            }
        }
        if (!json) print_line(table_text({"ALIAS", std::string(to_string(format)) + " TYPE"}, rows));
    }
}

// A message may hold 32 bytes that no field has; Mina's nodes refuse it.
void warn_of_fields(MessageType const& type, base::ByteView bytes) {
    if (type.root == nullptr) return;
    auto const fault = mina::schema::first_unreduced_field(*type.root->type, value_of(type, bytes));
    if (fault) {
        say("warning: offset " + std::to_string(fault->offset + bytes.size() - value_of(type, bytes).size()) + ": " +
            fault->path + ": the field element is not below its modulus; Mina's nodes refuse this message");
    }
}

void print_tree_of(MessageType const& type, base::ByteView bytes, Options const& options) {
    if (type.root == nullptr) throw Failure("--hex-tree: an RPC message has no type of its own; decode its value");
    auto const value = value_of(type, bytes);
    if (value.size() != bytes.size()) {
        print_line("00000000  " + base::to_hex(bytes.first(bytes.size() - value.size())) +
                   "  length of what follows: " + std::to_string(value.size()) + "; offsets count from there");
    }
    mina::schema::TreeOptions tree;
    if (options.elements_max != 0) tree.elements_max = options.elements_max;
    StandardOutput output;
    auto const fault = mina::schema::print_tree(*type.root->type, value, tree, [&](std::string_view line) {
        output.put(line);
        output.put("\n");
    });
    std::fflush(stdout);
    if (fault) throw Failure(options.files.front() + ": " + fault->text);
}

void print_rpc_json(MessageType const& type, base::ByteView bytes, std::vector<mina::messages::Format> const& formats,
                    Options const& options, bool one_line) {
    auto const framed = type.envelope == Envelope::rpc_frame;
    auto const message = mina::messages::read_rpc_message(framed ? *mina::messages::unframed(bytes) : bytes);
    auto const json = rpc_to_json(formats, *message, options.method);
    print_line(one_line ? dump(json) : json.dump(2));
}

void print_json_of(MessageType const& type, base::ByteView bytes, Options const& options, bool one_line) {
    StandardOutput output;
    mina::json::WriteOptions const form{.indent = one_line ? 0U : 2U, .structural_proofs = options.structural_proofs};
    auto const written = mina::json::write_json(*type.root->type, value_of(type, bytes), output, form);
    if (!written) throw Failure(options.files.front() + ": " + std::string(to_string(written.error().reason)));
    output.put("\n");
    std::fflush(stdout);
}

void declare(CommandLine& line, Options& options) {
    line.option("type", "TYPE", "what it is: a name of --list-types, rpc-message, rpc-frame, or guess (guess)",
                options.type);
    line.option("method", "NAME", "of an RPC response: what it answers", options.method);
    line.option("input", "FORM", "of the file: binary, hex or base64 (binary)", options.input);
    line.flag("summary", "print what one wants to know at a glance", options.summary);
    line.flag("hex-tree", "print each value with its offset, bytes, name and type", options.hex_tree);
    line.flag("structural-proofs", "print each proof by field", options.structural_proofs);
    line.option("elements", "N", "of each list in the tree (all)", options.elements_max);
    line.flag("list-types", "print the types that there are", options.list_types);
    line.arguments("FILE", "the message; - for standard input", options.files);
    line.take({"network", "formats", "json"});
}

void check(Options const& options) {
    if (options.files.size() != 1) throw UsageError("one FILE is wanted, or - for standard input");
    if (options.summary && options.hex_tree) throw UsageError("--summary and --hex-tree exclude each other");
    auto const forms = {"binary", "hex", "base64"};
    if (std::ranges::find(forms, options.input) == forms.end()) {
        throw UsageError("--input: '" + options.input + "' is neither binary, hex nor base64");
    }
}

}  // namespace

int decode_command(Arguments const& arguments) {
    CommandLine line("decode",
                     "Shows a message of Mina: as JSON, or as a summary or a tree. --network or --formats say which\n"
                     "format it has; without, all are tried. With --json, JSON is one line.",
                     {"decode --type block block.bin", "decode --hex-tree - < message.bin"});
    Options options;
    declare(line, options);
    auto const settings = line.settings(arguments);
    auto const formats = formats_to_try(settings);
    if (options.list_types) {
        list_types(formats, settings.is_set("json"));
        return 0;
    }
    check(options);
    auto const bytes = content_of(options);
    if (options.hex_tree && options.type != "guess") {
        // The tree shows where a message stops being what it should be.
        print_tree_of(message_type(formats.front(), options.type), bytes, options);
        return 0;
    }
    auto const type = find_type(formats, options.type, bytes, options.files.front());
    if (options.type == "guess") {
        say("type " + type.name + (type.root == nullptr ? "" : ", format " + std::string(to_string(type.format))));
    }
    warn_of_fields(type, bytes);
    if (options.hex_tree) {
        print_tree_of(type, bytes, options);
    } else if (options.summary) {
        auto const summary = message_summary(type, bytes);
        print_line(settings.is_set("json") ? dump(summary) : for_people(summary));
    } else if (type.root == nullptr) {
        print_rpc_json(type, bytes, formats, options, settings.is_set("json"));
    } else {
        print_json_of(type, bytes, options, settings.is_set("json"));
    }
    return 0;
}

}  // namespace apps
