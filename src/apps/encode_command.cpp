// encode: a message of Mina from JSON.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/failure.h"
#include "apps/message_file.h"
#include "apps/rpc_json.h"
#include "base/text.h"
#include "mina/json/read.h"
#include "runtime/files.h"

#include <cstdio>

namespace apps {

namespace {

struct Encoded {
    MessageType type;
    base::ByteString bytes;
};

base::ByteString encode_as(MessageType const& type, std::string_view json, std::string const& method) {
    if (type.root == nullptr) {
        auto const bytes = rpc_from_json(type.format, Json::parse(json), method);
        return type.envelope == Envelope::rpc_frame ? mina::messages::framed(bytes) : bytes;
    }
    auto bytes = mina::json::read_json(*type.root->type, json);
    if (!bytes) throw Failure(to_string(bytes.error()));
    return type.envelope == Envelope::frame ? mina::messages::framed(*bytes) : std::move(*bytes);
}

// In the first format in which the text is a message.
Encoded encode(std::vector<mina::messages::Format> const& formats, std::string const& name, std::string_view json,
               std::string const& method) {
    std::string faults;
    for (auto const format : formats) {
        if (!has_type(format, name) && format != formats.back()) continue;
        if (!has_type(format, name) && !faults.empty()) break;
        auto type = message_type(format, name);
        try {
            auto bytes = encode_as(type, json, method);
            return {std::move(type), std::move(bytes)};
        } catch (UsageError const&) {
            throw;
        } catch (std::runtime_error const& error) {
            faults += "\n  as " + std::string(to_string(format)) + ": " + error.what();
        }
    }
    throw Failure("not a " + name + faults);
}

void put(base::ByteView bytes, std::string const& out, bool hex) {
    if (hex) {
        print_line(base::to_hex(bytes));
    } else if (out == "-") {
        std::fwrite(bytes.data(), 1, bytes.size(), stdout);
        std::fflush(stdout);
    } else if (auto const written = runtime::atomic_write(out, bytes); !written) {
        throw Failure(written.error());
    }
}

}  // namespace

int encode_command(Arguments const& arguments) {
    CommandLine line("encode",
                     "Writes a message of Mina from the JSON that 'decode' prints. --network or --formats say which\n"
                     "format it gets; without, the first that the JSON fits. With --json, what was made is told in\n"
                     "place of its bytes.",
                     {"encode --type block block.json --out block.bin",
                      "encode --type user-command --hex - < command.json"});
    std::string type;
    std::string method;
    std::string out = "-";
    std::string file;
    bool hex = false;
    line.option("type", "TYPE", "what it is: a name of 'decode --list-types', rpc-message or rpc-frame", type);
    line.option("method", "NAME", "of an RPC response: what it answers", method);
    line.option("out", "FILE", "where the bytes go (-)", out);
    line.flag("hex", "print them as hexadecimal", hex);
    line.argument("FILE", "the JSON; - for standard input", file);
    line.take({"network", "formats", "json"});
    auto const settings = line.settings(arguments);
    if (type.empty()) throw UsageError("--type is wanted: JSON does not say what it is");
    auto const json = file_content(file, message_file_bytes_max);
    auto const made = encode(formats_to_try(settings), type, base::as_text(json), method);
    if (settings.is_set("json")) {
        print_json(Json{{"type", made.type.name},
                        {"format", to_string(made.type.format)},
                        {"bytes", made.bytes.size()},
                        {"hex", base::to_hex(made.bytes)}});
        if (out != "-") put(made.bytes, out, false);
        return 0;
    }
    put(made.bytes, out, hex);
    return 0;
}

}  // namespace apps
