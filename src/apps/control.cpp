#include "apps/control.h"

#include "base/nearest.h"
#include "base/text.h"
#include "runtime/files.h"

#include <charconv>
#include <stdexcept>

namespace apps {

namespace {

using libp2p::CommandBody;
namespace command = libp2p::command;

[[noreturn]] void refuse(std::string const& text) { throw std::invalid_argument(text); }

Json answer(Json const& id, base::Result<Json, std::string> const& result) {
    if (result) return Json{{"id", id}, {"ok", true}, {"value", *result}};
    return Json{{"id", id}, {"ok", false}, {"error", result.error()}};
}

// {peer} or {ip} or {cidr}
libp2p::RuleSubject subject_of(Json const& arguments) {
    if (arguments.contains("peer")) return peer_argument(arguments);
    auto const text = text_argument(arguments, arguments.contains("cidr") ? "cidr" : "ip");
    auto const range = libp2p::IpRange::parse(text);
    if (!range) refuse(range.error());
    return *range;
}

base::ByteString hex_argument(Json const& arguments, char const* name) {
    auto bytes = base::from_hex(text_argument(arguments, name));
    if (!bytes) refuse("'" + std::string(name) + "' must be an even number of hex digits");
    return std::move(*bytes);
}

// {cid}: the SHA-256 digest of the content, in hex; in the DHT it is a multihash.
base::ByteString content_key(Json const& arguments) {
    auto const digest = hex_argument(arguments, "cid");
    if (digest.size() != 32) refuse("'cid' must be a SHA-256 digest: 64 hex digits");
    base::ByteString key{0x12, 0x20};
    base::append(key, digest);
    return key;
}

constexpr base::Duration ban_time_default = std::chrono::hours(24);
constexpr std::size_t name_bytes_max = 64;  // of a command: looking for the nearest takes as long as it is

// The bound counts while it is parsed: what is deeper is never there to be destroyed, which takes stack, too.
Json parse_request(std::string_view line) {
    using Event = Json::parse_event_t;
    auto const bound = [](int depth, Event event, Json&) {
        auto const opens = event == Event::object_start || event == Event::array_start;
        if (opens && depth >= Control::nesting_max) {
            refuse("a command is nested at most " + std::to_string(Control::nesting_max) + " deep");
        }
        return true;
    };
    auto request = Json::parse(line, bound);
    if (!request.is_object()) refuse("a command is a JSON object");
    return request;
}

// null when there is none.
Json id_of(Json const& request) {
    auto const found = request.find("id");
    if (found == request.end() || found->is_null()) return nullptr;
    auto const is_text = found->is_string() && found->get_ref<std::string const&>().size() <= Control::id_bytes_max;
    if (!found->is_number() && !is_text) {
        refuse("'id' must be a number or a text of at most " + std::to_string(Control::id_bytes_max) + " bytes");
    }
    return *found;
}

}  // namespace

std::string text_argument(Json const& arguments, char const* name) {
    auto const found = arguments.find(name);
    if (found == arguments.end() || !found->is_string()) refuse(std::string("'") + name + "' must be a text");
    return found->get<std::string>();
}

std::uint64_t number_argument(Json const& arguments, char const* name) {
    auto const found = arguments.find(name);
    if (found == arguments.end() || !found->is_number_unsigned()) {
        refuse(std::string("'") + name + "' must be a whole number, not below 0");
    }
    return found->get<std::uint64_t>();
}

std::uint64_t number_argument(Json const& arguments, char const* name, std::uint64_t otherwise) {
    return arguments.contains(name) ? number_argument(arguments, name) : otherwise;
}

libp2p::PeerId peer_argument(Json const& arguments) {
    auto const text = text_argument(arguments, "peer");
    auto const id = libp2p::PeerId::from_text(text);
    if (!id) refuse("'" + text + "' is not a peer id: " + std::string(to_string(id.error())));
    return *id;
}

libp2p::Multiaddr address_argument(Json const& arguments) {
    auto const text = text_argument(arguments, "addr");
    auto const address = libp2p::Multiaddr::from_text(text);
    if (!address) refuse("'" + text + "' is not a multiaddr: " + std::string(to_string(address.error())));
    return *address;
}

base::ByteString bytes_argument(Json const& arguments) {
    if (arguments.contains("file")) {
        auto bytes = runtime::read_file(text_argument(arguments, "file"), 64 * 1024 * 1024);
        if (!bytes) refuse(bytes.error());
        return std::move(*bytes);
    }
    auto bytes = base::from_hex(text_argument(arguments, "hex"));
    if (!bytes) refuse("'hex' must be an even number of hex digits");
    return std::move(*bytes);
}

base::Duration duration_of(std::string_view text) {
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    auto const unit = text.substr(static_cast<std::size_t>(end - text.data()));
    auto const seconds = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
    if (error != std::errc{} || number <= 0 || seconds == 0 || number > 100LL * 365 * 86400 / seconds) {
        refuse("'" + std::string(text) + "' is not a time such as 90s, 15m, 24h or 7d");
    }
    return std::chrono::seconds(number * seconds);
}

Control::Control(Host& host, mina::p2p::P2pComponent const& node, std::function<void()> stop)
    : host_(host), node_(node), stop_(std::move(stop)), started_(host.loop().now()) {
    add_queries();
    add_orders();
    add_rules();
    add_lookups();
}

void Control::add(std::string name, Command command) {
    add_for(std::move(name), [command = std::move(command)](Json const& arguments, Origin const&, Finish finish) {
        command(arguments, std::move(finish));
    });
}

void Control::add_for(std::string name, OriginCommand command) { commands_[std::move(name)] = std::move(command); }

void Control::order(std::string name, std::function<CommandBody(Json const&)> make) {
    add(std::move(name), [this, make = std::move(make)](Json const& arguments, Finish finish) {
        host_.ask(make(arguments), [finish = std::move(finish)](Host::Answer const& result) mutable {
            if (result) {
                finish(to_json(*result));
            } else {
                finish(base::fail(result.error()));
            }
        });
    });
}

void Control::add_queries() {
    auto const query = [this](std::string name, std::function<Json(Json const&)> make) {
        add(std::move(name), [make = std::move(make)](Json const& arguments, Finish finish) { finish(make(arguments)); });
    };
    query("status", [this](Json const&) {
        return status_json(node_, milliseconds(host_.loop().now() - started_) / 1e3);
    });
    query("peers", [this](Json const& arguments) {
        auto all = Json::array();
        if (arguments.value("why", false)) {
            for (auto const& why : node_.why()) all.push_back(to_json(why));
        } else {
            for (auto const& peer : node_.swarm().peers()) all.push_back(to_json(peer));
        }
        return all;
    });
    query("rules", [this](Json const&) {
        auto all = Json::array();
        for (auto const& rule : node_.swarm().gate().rules()) all.push_back(to_json(rule, host_.loop().now()));
        return all;
    });
    query("rtable", [this](Json const&) {
        auto all = Json::array();
        for (auto const& member : libp2p::kademlia::members(node_.swarm().kademlia())) {
            all.push_back({{"peer", member.id.text()}, {"bucket", member.bucket}, {"connected", member.connected}});
        }
        return Json{{"size", all.size()}, {"peers", all}};
    });
    query("conns", [this](Json const&) {
        auto all = Json::array();
        for (auto const& connection : node_.swarm().connections()) all.push_back(to_json(connection));
        return all;
    });
    query("protocols", [this](Json const& arguments) -> Json {
        auto const peer = peer_argument(arguments);
        auto const protocols = node_.swarm().protocols_of(peer);
        if (!protocols) refuse("nothing is known of " + peer.text());
        return *protocols;
    });
    query("mesh", [this](Json const& arguments) {
        auto members = Json::array();
        for (auto const& peer : node_.swarm().mesh(text_argument(arguments, "topic"))) members.push_back(peer.text());
        return members;
    });
    add("stop", [this](Json const&, Finish finish) {
        finish(Json(nullptr));
        stop_();
    });
}

void Control::add_orders() {
    auto const dial = [](Json const& a) { return CommandBody(command::Connect{address_argument(a)}); };
    order("dial", dial);
    order("connect", dial);
    auto const hang_up = [](Json const& a) { return CommandBody(command::HangUp{peer_argument(a)}); };
    order("hangup", hang_up);
    order("disconnect", hang_up);
    order("ping", [](Json const& a) { return CommandBody(command::Ping{peer_argument(a)}); });
    order("subscribe", [](Json const& a) { return CommandBody(command::Subscribe{text_argument(a, "topic")}); });
    order("unsubscribe", [](Json const& a) { return CommandBody(command::Unsubscribe{text_argument(a, "topic")}); });
    order("publish", [](Json const& a) {
        return CommandBody(command::Publish{text_argument(a, "topic"), base::SharedBytes::take(bytes_argument(a))});
    });
}

void Control::add_rules() {
    using libp2p::RuleKind;
    order("ban", [](Json const& a) {
        auto const time = a.contains("for") ? duration_of(text_argument(a, "for")) : ban_time_default;
        return CommandBody(command::SetRule{subject_of(a), RuleKind::ban, time, a.value("reason", "by command")});
    });
    auto const pair = [this](std::string set, std::string drop, RuleKind kind) {
        order(std::move(set), [kind](Json const& a) {
            return CommandBody(command::SetRule{subject_of(a), kind, std::nullopt, a.value("reason", "by command")});
        });
        order(std::move(drop), [kind](Json const& a) { return CommandBody(command::DropRule{subject_of(a), kind}); });
    };
    order("unban", [](Json const& a) { return CommandBody(command::DropRule{subject_of(a), RuleKind::ban}); });
    pair("trust", "untrust", RuleKind::trust);
    pair("allow", "unallow", RuleKind::allow);
    pair("deny", "undeny", RuleKind::deny);
}

// The DHT, in the words of the test peers.
void Control::add_lookups() {
    auto const ask = [this](std::string name, std::function<CommandBody(Json const&)> make, Json (*show)(Json const&)) {
        add(std::move(name), [this, make = std::move(make), show](Json const& arguments, Finish finish) {
            host_.ask(make(arguments), [finish = std::move(finish), show](Host::Answer const& result) mutable {
                if (result) {
                    finish(show(to_json(*result)));
                } else {
                    finish(base::fail(result.error()));
                }
            });
        });
    };
    auto const ids = [](Json const& found) {
        auto all = Json::array();
        for (auto const& peer : found) all.push_back(peer["peer"]);
        return all;
    };
    ask("findpeer", [](Json const& a) { return CommandBody(command::FindPeer{peer_argument(a)}); },
        [](Json const& found) { return found.empty() ? Json::array() : found[0]["addrs"]; });
    ask("closest", [](Json const& a) { return CommandBody(command::FindClosest{hex_argument(a, "key")}); }, ids);
    ask("findprovs", [](Json const& a) { return CommandBody(command::FindProviders{content_key(a), 20}); }, ids);
    order("provide", [](Json const& a) { return CommandBody(command::Provide{content_key(a)}); });
    order("unprovide", [](Json const& a) { return CommandBody(command::StopProviding{content_key(a)}); });
    order("put", [](Json const& a) {
        return CommandBody(command::PutValue{hex_argument(a, "key"), hex_argument(a, "hex")});
    });
    order("get", [](Json const& a) { return CommandBody(command::GetValue{hex_argument(a, "key")}); });
}

Json Control::too_long() {
    return answer(nullptr, base::fail("the line is longer than " + std::to_string(line_bytes_max) +
                                      " bytes, or there is no room for it beside the lines of others"));
}

Json Control::answer_too_long(Json const& id) {
    std::string why = "the answer is too long for this connection; ask for less, or for a file";
    return answer(id, base::fail(std::move(why)));
}

void Control::run(std::string_view line, Say say, std::shared_ptr<bool const> listening, Output* output) {
    Json id = nullptr;
    try {
        auto const request = parse_request(line);
        id = id_of(request);
        auto const name = text_argument(request, "cmd");
        if (name.size() > name_bytes_max) refuse("unknown command of " + std::to_string(name.size()) + " bytes");
        auto const found = commands_.find(name);
        if (found == commands_.end()) {
            std::vector<std::string_view> names;
            for (auto const& [known, command] : commands_) names.push_back(known);
            refuse("unknown command '" + name + "'; the nearest is '" + std::string(base::nearest(name, names)) + "'");
        }
        Origin const origin{output, listening};
        found->second(request, origin, [id, say, listening](base::Result<Json, std::string> result) {
            if (*listening) say(answer(id, result));
        });
    } catch (nlohmann::json::exception const& error) {
        say(answer(id, base::fail("not JSON: " + std::string(error.what()))));
    } catch (std::invalid_argument const& error) {
        say(answer(id, base::fail(std::string(error.what()))));
    }
}

}  // namespace apps
