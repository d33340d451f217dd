#include "mina/messages/rpc_message.h"

namespace mina::messages {

namespace {

using binprot::Reader;
using binprot::Reason;
using binprot::Width;

enum Tag : std::uint8_t { heartbeat = 0, query = 1, response = 2 };

// mina: OCaml's node writes the version of Unimplemented_rpc as the polymorphic variant `Version, the Rust node as a
// number.
constexpr base::ByteArray<4> version_variant = {0xf1, 0x1d, 0x86, 0x94};

bool read_text(Reader& reader, std::string_view& text) {
    base::ByteView bytes;
    if (!reader.string(bytes)) return false;
    text = base::as_text(bytes);
    return true;
}

bool read_query(Reader& reader, RpcQuery& into) {
    return read_text(reader, into.tag) && reader.integer<Width::int63>(into.version) &&
           reader.integer<Width::int64>(into.id) && reader.string(into.data);
}

bool read_error(Reader& reader, RpcError& into) {
    std::uint8_t kind = 0;
    if (!reader.tag(kind, 6)) return false;
    into.kind = static_cast<RpcErrorKind>(kind);
    switch (into.kind) {
        case RpcErrorKind::connection_closed: return true;
        case RpcErrorKind::unknown_query_id: return reader.integer<Width::int64>(into.query_id);
        case RpcErrorKind::unimplemented_rpc:
            if (!read_text(reader, into.tag)) return false;
            reader.skip_if(version_variant.data(), version_variant.size());
            return reader.integer<Width::int63>(into.version);
        case RpcErrorKind::bin_io_exn:
        case RpcErrorKind::write_error:
        case RpcErrorKind::uncaught_exn: break;
    }
    into.details = {reader.position(), reader.remaining()};
    return reader.take(reader.remaining()) != nullptr;
}

bool read_response(Reader& reader, RpcResponse& into) {
    std::uint8_t is_error = 0;
    if (!reader.integer<Width::int64>(into.id) || !reader.tag(is_error, 2)) return false;
    return is_error == 0 ? reader.string(into.data) : read_error(reader, into.error.emplace());
}

void write_error(RpcError const& error, binprot::Writer& writer) {
    writer.put_byte(static_cast<std::uint8_t>(error.kind));
    switch (error.kind) {
        case RpcErrorKind::connection_closed: return;
        case RpcErrorKind::unknown_query_id: writer.put_integer(error.query_id); return;
        case RpcErrorKind::unimplemented_rpc:
            writer.put_string(base::as_bytes(error.tag));
            writer.put(version_variant);
            writer.put_integer(error.version);
            return;
        case RpcErrorKind::bin_io_exn:
        case RpcErrorKind::write_error:
        case RpcErrorKind::uncaught_exn: writer.put(error.details); return;
    }
}

}  // namespace

std::string_view to_string(RpcErrorKind kind) {
    switch (kind) {
        case RpcErrorKind::bin_io_exn: return "Bin_io_exn";
        case RpcErrorKind::connection_closed: return "Connection_closed";
        case RpcErrorKind::write_error: return "Write_error";
        case RpcErrorKind::uncaught_exn: return "Uncaught_exn";
        case RpcErrorKind::unimplemented_rpc: return "Unimplemented_rpc";
        case RpcErrorKind::unknown_query_id: return "Unknown_query_id";
    }
    return "";
}

base::Result<RpcMessage, binprot::Error> read_rpc_message(base::ByteView bytes) {
    Reader reader(bytes);
    RpcMessage message;
    std::uint8_t tag = 0;
    auto read = reader.tag(tag, 3);
    if (read && tag == query) read = read_query(reader, message.emplace<RpcQuery>());
    if (read && tag == response) read = read_response(reader, message.emplace<RpcResponse>());
    if (!read || !reader.finish()) return base::fail(reader.error());
    return message;
}

void write_rpc_message(RpcMessage const& message, binprot::Writer& writer) {
    writer.put_byte(static_cast<std::uint8_t>(message.index()));
    if (auto const* asked = std::get_if<RpcQuery>(&message)) {
        writer.put_string(base::as_bytes(asked->tag));
        writer.put_integer(asked->version);
        writer.put_integer(asked->id);
        writer.put_string(asked->data);
    } else if (auto const* answer = std::get_if<RpcResponse>(&message)) {
        writer.put_integer(answer->id);
        writer.put_byte(answer->error ? 1 : 0);
        if (answer->error) write_error(*answer->error, writer);
        else writer.put_string(answer->data);
    }
}

base::ByteString encode_rpc_message(RpcMessage const& message) {
    binprot::Writer counting({});
    write_rpc_message(message, counting);
    base::ByteString bytes(counting.size());
    binprot::Writer writer(bytes);
    write_rpc_message(message, writer);
    return bytes;
}

}  // namespace mina::messages
