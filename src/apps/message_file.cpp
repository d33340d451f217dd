#include "apps/message_file.h"

#include "apps/command_line.h"
#include "apps/failure.h"
#include "mina/messages/rpc_message.h"
#include "runtime/files.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace apps {

namespace {

using mina::messages::Format;

constexpr std::string_view rpc_message_name = "rpc-message";
constexpr std::string_view rpc_frame_name = "rpc-frame";

base::ByteString standard_input(std::size_t bytes_max) {
    base::ByteString all;
    std::array<std::uint8_t, 65536> buffer;
    for (;;) {
        auto const count = ::read(0, buffer.data(), buffer.size());
        if (count == 0) return all;
        if (count < 0 && errno != EINTR) throw Failure("standard input: " + std::string(std::strerror(errno)));
        if (count > 0) base::append(all, {buffer.data(), static_cast<std::size_t>(count)});
        if (all.size() > bytes_max) {
            throw Failure("standard input has more than the " + std::to_string(bytes_max) +
                          " bytes that a message may have");
        }
    }
}

std::string text_of(mina::binprot::Error const& error, std::size_t before = 0) {
    return "offset " + std::to_string(before + error.offset) + ": " + std::string(to_string(error.reason));
}

std::optional<std::string> rpc_fault(base::ByteView bytes, std::size_t before) {
    if (base::equal(bytes, mina::messages::rpc_handshake)) return "this is the handshake of a stream, and no message";
    auto const message = mina::messages::read_rpc_message(bytes);
    return message ? std::nullopt : std::optional(text_of(message.error(), before));
}

std::optional<std::string> value_fault(MessageType const& type, base::ByteView value, std::size_t before) {
    // The generated codec is quick; the walk that finds the words is only for what it refuses.
    auto const* const codec = mina::messages::codec_of(type.format, *type.root);
    if (codec != nullptr && mina::messages::validate_structure(*codec, value)) return std::nullopt;
    auto const explanation = mina::schema::explain(*type.root->type, value);
    if (!explanation) return std::nullopt;
    return (before == 0 ? "" : "behind the length of " + std::to_string(before) + " bytes, ") + explanation->text;
}

// Types that nearly anything of a few bytes has, or any 32 bytes.
bool says_little(mina::schema::Type const& type) {
    using mina::schema::Kind;
    return type.kind == Kind::unit || type.kind == Kind::float64 || type.kind == Kind::field_p ||
           type.kind == Kind::option || type.kind == Kind::list;
}

std::vector<MessageType> guesses(Format format) {
    std::vector<MessageType> all = {message_type(format, "gossip"), message_type(format, std::string(rpc_frame_name))};
    std::vector<MessageType> last;
    for (auto const& root : mina::messages::schema_of(format).roots) {
        if (root.alias.empty() || root.alias == "gossip") continue;
        (says_little(*root.type) ? last : all).push_back({std::string(root.alias), Envelope::none, format, &root});
    }
    all.push_back(message_type(format, std::string(rpc_message_name)));
    all.insert(all.end(), last.begin(), last.end());
    return all;
}

MessageType guess(std::vector<Format> const& formats, base::ByteView bytes, std::string const& where) {
    for (auto const format : formats) {
        for (auto const& type : guesses(format)) {
            if (!fault_of(type, bytes)) return type;
        }
    }
    throw Failure(where + ": no message of any type; say which with --type, then the error says where it is none");
}

}  // namespace

base::ByteString file_content(std::string const& file, std::size_t bytes_max) {
    if (file == "-") return standard_input(bytes_max);
    auto bytes = runtime::read_file(file, bytes_max);
    if (!bytes) throw Failure(bytes.error());
    return std::move(*bytes);
}

std::vector<Format> formats_to_try(Settings const& settings) {
    auto const is_default = [&](char const* name) {
        auto const& origin = settings.value(name).origin;
        return origin == "default" || origin.starts_with("network");
    };
    if (is_default("formats") && is_default("network")) {
        return {Format::mesa, Format::berkeley, Format::mesa_array_inputs};
    }
    auto const formats = mina::parse_formats(settings.list("formats"));
    if (!formats) throw UsageError("--formats: " + formats.error());
    if (formats->empty()) throw Failure("the network's messages have no format; give --formats");
    return *formats;
}

std::vector<std::string> type_names(Format format) {
    std::vector<std::string> names{std::string(rpc_message_name), std::string(rpc_frame_name)};
    for (auto const& root : mina::messages::schema_of(format).roots) {
        names.emplace_back(root.alias.empty() ? root.name : root.alias);
    }
    return names;
}

bool has_type(Format format, std::string const& name) {
    return name == rpc_message_name || name == rpc_frame_name ||
           mina::schema::find_root(mina::messages::schema_of(format), name) != nullptr;
}

MessageType message_type(Format format, std::string const& name) {
    if (name == rpc_message_name) return {name, Envelope::rpc_message, format, nullptr};
    if (name == rpc_frame_name) return {name, Envelope::rpc_frame, format, nullptr};
    auto const* const root = mina::schema::find_root(mina::messages::schema_of(format), name);
    if (root == nullptr) throw UsageError("--type: " + unknown("type", name, type_names(format)));
    auto const envelope = root->alias == "gossip" ? Envelope::frame : Envelope::none;
    return {std::string(root->alias.empty() ? root->name : root->alias), envelope, format, root};
}

std::optional<std::string> fault_of(MessageType const& type, base::ByteView bytes) {
    auto const has_length = type.envelope == Envelope::frame || type.envelope == Envelope::rpc_frame;
    auto const value = has_length ? mina::messages::unframed(bytes) : bytes;
    if (!value) return text_of(value.error());
    auto const before = bytes.size() - value->size();
    return type.root == nullptr ? rpc_fault(*value, before) : value_fault(type, *value, before);
}

base::ByteView value_of(MessageType const& type, base::ByteView bytes) {
    return type.envelope == Envelope::frame ? bytes.subspan(mina::messages::frame_header_bytes) : bytes;
}

MessageType find_type(std::vector<Format> const& formats, std::string const& name, base::ByteView bytes,
                      std::string const& where) {
    if (name == "guess") return guess(formats, bytes, where);
    std::string faults;
    for (auto const format : formats) {
        // Some types are in some formats only; that one is in none is said by message_type().
        if (format != formats.back() && !has_type(format, name)) continue;
        if (!faults.empty() && !has_type(format, name)) break;
        auto type = message_type(format, name);
        auto const fault = fault_of(type, bytes);
        if (!fault) return type;
        faults += "\n  as " + std::string(to_string(format)) + ": " + *fault;
    }
    throw Failure(where + ": not a whole " + name + faults);
}

}  // namespace apps
