#include "apps/rpc_json.h"

#include "apps/failure.h"
#include "base/text.h"
#include "mina/json/read.h"
#include "mina/json/write.h"
#include "mina/messages/messages.h"

namespace apps {

namespace {

namespace m = mina::messages;
using mina::schema::Root;

Root const* root_of(m::Format format, std::string const& method, char const* part) {
    return mina::schema::find_root(m::schema_of(format), method + part);
}

bool is_of(Root const& root, m::Format format, base::ByteView data) {
    auto const* const codec = m::codec_of(format, root);
    return codec != nullptr && m::validate_structure(*codec, data).has_value();
}

// The first type that fits: a query's or an answer's by its method, or any answer's. An empty option would be an answer
// to nearly everything, so a single byte is nobody's.
Root const* find_root(std::vector<m::Format> const& formats, std::string const& method, char const* part,
                      base::ByteView data) {
    for (auto const format : formats) {
        if (!method.empty()) {
            auto const* const root = root_of(format, method, part);
            if (root != nullptr && is_of(*root, format, data)) return root;
            continue;
        }
        for (auto const& root : m::schema_of(format).roots) {
            if (root.alias.ends_with(part) && data.size() > 1 && is_of(root, format, data)) return &root;
        }
    }
    return nullptr;
}

Json value_json(Root const* root, base::ByteView data) {
    if (root == nullptr) return Json{{"hex", base::to_hex(data)}};
    return Json::parse(*mina::json::to_json(*root->type, data));
}

Json error_json(m::RpcError const& error) {
    auto const name = std::string(to_string(error.kind));
    switch (error.kind) {
        case m::RpcErrorKind::connection_closed: return name;
        case m::RpcErrorKind::unknown_query_id: return Json{{name, error.query_id}};
        case m::RpcErrorKind::unimplemented_rpc: return Json{{name, Json::array({error.tag, error.version})}};
        case m::RpcErrorKind::bin_io_exn:
        case m::RpcErrorKind::write_error:
        case m::RpcErrorKind::uncaught_exn: break;
    }
    return Json{{name, Json{{"hex", base::to_hex(error.details)}}}};
}

m::RpcErrorKind error_kind(std::string const& name) {
    for (std::uint8_t i = 0; i < 6; ++i) {
        auto const kind = static_cast<m::RpcErrorKind>(i);
        if (to_string(kind) == name) return kind;
    }
    throw Failure("an RPC error: '" + name + "' is not one");
}

base::ByteString hex_bytes(Json const& json) {
    auto bytes = base::from_hex(json.at("hex").get<std::string>());
    if (!bytes) throw Failure("'hex': not hexadecimal");
    return std::move(*bytes);
}

bool is_hex(Json const& json) { return json.is_object() && json.size() == 1 && json.contains("hex"); }

base::ByteString value_bytes(Root const* root, Json const& json, std::string const& method) {
    if (is_hex(json)) return hex_bytes(json);
    if (root == nullptr) throw Failure("'" + method + "' is no method that is known here; give its name with --method");
    auto bytes = mina::json::read_json(*root->type, dump(json));
    if (!bytes) throw Failure("data" + to_string(bytes.error()));
    return std::move(*bytes);
}

// What a message's parts point at, until it is encoded.
struct Parts {
    std::string tag;
    base::ByteString data;
};

m::RpcError error_of(Json const& json, Parts& parts) {
    auto const has_name_alone = json.is_string();
    auto const name = has_name_alone ? json.get<std::string>() : json.begin().key();
    m::RpcError error;
    error.kind = error_kind(name);
    if (has_name_alone) return error;
    auto const& details = json.begin().value();
    if (error.kind == m::RpcErrorKind::unknown_query_id) {
        error.query_id = details.get<std::int64_t>();
    } else if (error.kind == m::RpcErrorKind::unimplemented_rpc) {
        parts.tag = details.at(0).get<std::string>();
        error.tag = parts.tag;
        error.version = details.at(1).get<std::int64_t>();
    } else {
        parts.data = hex_bytes(details);
        error.details = parts.data;
    }
    return error;
}

m::RpcMessage message_of(m::Format format, Json const& json, std::string const& method, Parts& parts) {
    if (json == "Heartbeat") return m::RpcHeartbeat{};
    if (json.contains("Query")) {
        auto const& query = json.at("Query");
        parts.tag = query.at("tag").get<std::string>();
        parts.data = value_bytes(root_of(format, parts.tag, ".query"), query.at("data"), parts.tag);
        return m::RpcQuery{parts.tag, query.at("version").get<std::int64_t>(), query.at("id").get<std::int64_t>(),
                           parts.data};
    }
    auto const& answer = json.at("Response");
    m::RpcResponse response{.id = answer.at("id").get<std::int64_t>(), .data = {}, .error = {}};
    auto const& data = answer.at("data");
    if (data.contains("Ok")) {
        parts.data = value_bytes(root_of(format, method, ".response"), data.at("Ok"), method);
        response.data = parts.data;
    } else {
        response.error = error_of(data.at("Err"), parts);
    }
    return response;
}

}  // namespace

Json rpc_to_json(std::vector<m::Format> const& formats, m::RpcMessage const& message, std::string const& method) {
    if (auto const* query = std::get_if<m::RpcQuery>(&message)) {
        auto const* const root = find_root(formats, std::string(query->tag), ".query", query->data);
        return Json{{"Query", Json{{"tag", query->tag}, {"version", query->version}, {"id", query->id},
                                   {"data", value_json(root, query->data)}}}};
    }
    auto const* const response = std::get_if<m::RpcResponse>(&message);
    if (response == nullptr) return "Heartbeat";
    Json data;
    if (response->error) {
        data["Err"] = error_json(*response->error);
    } else {
        data["Ok"] = value_json(find_root(formats, method, ".response", response->data), response->data);
    }
    return Json{{"Response", Json{{"id", response->id}, {"data", std::move(data)}}}};
}

base::ByteString rpc_from_json(m::Format format, Json const& json, std::string const& method) {
    try {
        Parts parts;
        return m::encode_rpc_message(message_of(format, json, method, parts));
    } catch (Json::exception const& error) {
        throw Failure("not an RPC message: " + std::string(error.what()));
    }
}

}  // namespace apps
