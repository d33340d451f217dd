#include "apps/rpc_control.h"

#include "apps/rpc_answer.h"
#include "apps/rpc_query.h"
#include "base/text.h"

#include <algorithm>
#include <stdexcept>

namespace apps {

namespace {

using Formats = std::vector<mina::messages::Format>;

std::optional<std::int64_t> version_argument(Json const& arguments) {
    if (!arguments.contains("version")) return std::nullopt;
    auto const version = number_argument(arguments, "version");
    if (version > INT32_MAX) throw std::invalid_argument("'version' is too large");
    return static_cast<std::int64_t>(version);
}

std::vector<std::string> words_argument(Json const& arguments) {
    std::vector<std::string> words;
    auto const found = arguments.find("args");
    if (found == arguments.end()) return words;
    if (!found->is_array()) throw std::invalid_argument("'args' must be a list of texts");
    for (auto const& word : *found) {
        if (!word.is_string()) throw std::invalid_argument("'args' must be a list of texts");
        words.push_back(word.get<std::string>());
    }
    return words;
}

bool flag_argument(Json const& arguments, char const* name) {
    auto const found = arguments.find(name);
    if (found == arguments.end()) return false;
    if (!found->is_boolean()) throw std::invalid_argument("'" + std::string(name) + "' must be true or false");
    return found->get<bool>();
}

// The name of the failure first, for programs.
std::string error_text(RpcFailure const& failure) {
    return failure.reason ? std::string(failure_name(*failure.reason)) + ": " + failure.text() : failure.text();
}

base::ByteString query_argument(Json const& arguments, mina::rpc::Method method, mina::messages::Format format) {
    auto const given = std::ranges::count_if(std::initializer_list<char const*>{"args", "query", "hex"},
                                             [&](char const* name) { return arguments.contains(name); });
    if (given > 1) throw std::invalid_argument("'args', 'query' and 'hex' exclude one another");
    if (arguments.contains("hex")) {
        auto bytes = base::from_hex(text_argument(arguments, "hex"));
        if (!bytes) throw std::invalid_argument("'hex' must be an even number of hex digits");
        return std::move(*bytes);
    }
    auto query = arguments.contains("query") ? query_from_json(method, format, dump(arguments["query"]))
                                             : query_from_words(method, format, words_argument(arguments));
    if (!query) {
        throw std::invalid_argument(std::string(mina::rpc::info_of(method).tag) + ": " + query.error());
    }
    return std::move(*query);
}

Json result_json(RpcAnswer const& answer, std::string const& out, bool is_digest, Formats const& preferred) {
    Json json{{"method", answer.method}, {"version", answer.version}, {"size", answer.size}};
    if (answer.is_kept && !is_digest) {
        json["value"] = answer_json(read_answer(answer, preferred), answer.value);
        return json;
    }
    json["sha256"] = answer.sha256;
    if (!out.empty()) json["out"] = out;
    return json;
}

}  // namespace

void serve_rpc(Control& control, RpcCalls& calls, mina::p2p::P2pComponent const& node) {
    control.add("rpc", [&calls, &node](Json const& arguments, Control::Finish finish) {
        auto const method = find_method(text_argument(arguments, "method"));
        if (!method) throw std::invalid_argument(method.error());
        auto const& preferred = node.state().config.network.formats;
        RpcAsk ask;
        ask.peer = peer_argument(arguments);
        ask.method = mina::rpc::info_of(*method).tag;
        ask.version = version_argument(arguments);
        auto const formats = formats_of(*method, ask.version, preferred);
        auto const format = formats.empty() ? mina::messages::Format::berkeley : formats.front();
        ask.query = query_argument(arguments, *method, format);
        if (arguments.contains("out")) ask.out = text_argument(arguments, "out");
        ask.bytes_max = number_argument(arguments, "maxBytes", ask.bytes_max);
        if (ask.bytes_max > control_answer_bytes_max) {
            throw std::invalid_argument("'maxBytes' is at most " + std::to_string(control_answer_bytes_max) +
                                        "; give 'out', a file, for more");
        }
        auto const is_digest = flag_argument(arguments, "digest");
        if (is_digest) ask.bytes_max = 0;
        auto const is_menu = *method == mina::rpc::Method::menu;
        auto on_end = [out = ask.out, is_menu, is_digest, &node,
                       finish = std::move(finish)](RpcCalls::Result result) mutable {
            if (!result) return finish(base::fail(error_text(result.error())));
            auto json = result_json(*result, out, is_digest, node.state().config.network.formats);
            // The menu is a list of [tag, version] by itself.
            finish(is_menu && json.contains("value") ? std::move(json["value"]) : std::move(json));
        };
        calls.begin(std::move(ask), std::move(on_end));
    });
}

}  // namespace apps
