#include "apps/rpc_call.h"

#include <algorithm>

namespace apps {

namespace {

constexpr base::Duration patience = std::chrono::seconds(60);  // as long as a node may take for its menu
constexpr std::string_view other_place = "give another place for the answer";
constexpr std::string_view see_menu = "see 'minap2p rpc ADDR menu'";

std::string numbers(std::vector<std::int64_t> const& all) {
    std::string text;
    for (auto const number : all) text += (text.empty() ? "" : ", ") + std::to_string(number);
    return text;
}

}  // namespace

std::string_view failure_name(libp2p::CallFailure reason) {
    using enum libp2p::CallFailure;
    switch (reason) {
        case not_ready: return "not_ready";
        case not_supported: return "not_supported";
        case not_served: return "not_served";
        case version_not_offered: return "version_not_offered";
        case query_unfit: return "query_unfit";
        case budget: return "budget";
        case queue_full: return "queue_full";
        case no_menu: return "no_menu";
        case not_answering: return "not_answering";
        case timed_out: return "timed_out";
        case closed: return "closed";
        case unimplemented: return "unimplemented";
        case remote_error: return "remote_error";
        case misbehaved: return "misbehaved";
        case cancelled: return "cancelled";
    }
    return "?";
}

std::string advice_of(libp2p::CallFailure reason, std::string const& method,
                      std::optional<std::vector<std::int64_t>> const& offers) {
    using enum libp2p::CallFailure;
    std::string const menu(see_menu);
    switch (reason) {
        case not_ready: return "connect to the peer first, and let it identify itself";
        case not_supported: return "it is no node of Mina, or of another network; see 'minap2p dial ADDR'";
        case not_served:
            if (!offers) return "a node in Rust has few methods, and no menu";
            return "the peer does not offer " + method + "; " + menu;
        case version_not_offered:
        case unimplemented:
            if (!offers) return "give another --version; " + menu;
            if (offers->empty()) return "the peer does not offer " + method + "; " + menu;
            return "the peer offers version" + std::string(offers->size() == 1 ? " " : "s ") + numbers(*offers) + "; " +
                   menu;
        case query_unfit: return "ask for less at a time; a node in Rust takes one hash a query";
        case budget: return "the peer answers only so many of these in five minutes; wait, or ask another";
        case queue_full: return "wait for the answers to those";
        case no_menu: return "try again, or give --version";
        case not_answering:
            return "it may have nothing to say: a node in Rust answers 'none' with silence; connect anew";
        case timed_out:
            return "the peer may be slow, or have nothing to say: a node in Rust answers 'none' with silence";
        case closed: return "try again, or ask another peer";
        case remote_error: return "the peer could not answer; ask another";
        case misbehaved: return "ask another peer";
        case cancelled: return "";
    }
    return "";
}

libp2p::RequestId RpcCalls::begin(RpcAsk ask, OnEnd on_end, OnProgress on_progress) {
    if (calls_.size() >= calls_max) {
        auto what = std::to_string(calls_max) + " calls are under way";
        on_end(base::fail(RpcFailure{{}, std::move(what), "wait for their ends", false}));
        return {};
    }
    auto store = AnswerStore::open(ask.out, ask.bytes_max);
    if (!store) {
        on_end(base::fail(RpcFailure{{}, store.error(), std::string(other_place), false}));
        return {};
    }
    libp2p::command::Call order{ask.peer, ask.method, ask.version, base::SharedBytes::copy_of(ask.query),
                                patience};
    Call call{std::move(ask), std::move(on_end), std::move(on_progress), std::move(*store), host_.loop().now(), {}, {}};
    call.answer.method = call.ask.method;
    // The answer comes in a later turn, so the number is known before it.
    auto const number = std::make_shared<libp2p::RequestId>();
    *number = host_.ask(std::move(order), [this, number](Host::Answer const& reply) { on_reply(*number, reply); });
    calls_.emplace(*number, std::move(call));
    return *number;
}

void RpcCalls::on_event(libp2p::Event const& event) {
    namespace e = libp2p::event;
    if (auto const* const begun = std::get_if<e::AnswerBegun>(&event)) {
        auto const found = calls_.find(begun->call);
        if (found == calls_.end()) return;
        auto& call = found->second;
        call.answer.version = begun->version;
        call.answer.size = begun->size;
        call.store->begin(begun->size);
        if (call.on_progress) call.on_progress(0, begun->size);
    } else if (auto const* const part = std::get_if<e::AnswerPart>(&event)) {
        on_part(*part);
    } else if (auto const* const menu = std::get_if<e::MenuReceived>(&event)) {
        if (menus_.size() >= menus_max && !menus_.contains(menu->peer)) menus_.erase(menus_.begin());
        menus_[menu->peer] = menu->entries;
    } else if (auto const* const lost = std::get_if<e::Disconnected>(&event)) {
        menus_.erase(lost->peer);
    }
}

void RpcCalls::on_part(libp2p::event::AnswerPart const& part) {
    auto const found = calls_.find(part.call);
    if (found == calls_.end() || found->second.fault) return;
    auto& call = found->second;
    if (auto const taken = call.store->take(part.bytes.view()); !taken) {
        call.fault = taken.error();
        host_.tell(libp2p::command::CancelCall{part.call});
        return;
    }
    if (call.on_progress) call.on_progress(call.store->taken(), call.answer.size);
}

void RpcCalls::on_reply(libp2p::RequestId id, Host::Answer const& reply) {
    auto call = std::move(calls_.extract(id).mapped());
    auto result = result_of(call, reply);
    call.store.reset();
    call.on_end(std::move(result));  // which may begin another
}

RpcCalls::Result RpcCalls::result_of(Call& call, Host::Answer const& reply) const {
    if (call.fault) return base::fail(RpcFailure{{}, *call.fault, std::string(other_place), false});
    if (!reply) return base::fail(RpcFailure{{}, reply.error(), {}, false});
    auto const* const ended = std::get_if<libp2p::reply::CallEnded>(&*reply);
    if (ended != nullptr && ended->failure) return base::fail(failure_of(call, *ended->failure));
    if (auto const finished = call.store->finish(); !finished) {
        return base::fail(RpcFailure{{}, finished.error(), std::string(other_place), false});
    }
    auto& answer = call.answer;
    answer.sha256 = call.store->sha256();
    answer.is_kept = call.store->is_kept();
    answer.value = std::move(call.store->value());
    answer.time = host_.loop().now() - call.begun_at;
    return std::move(answer);
}

RpcFailure RpcCalls::failure_of(Call const& call, libp2p::CallFailure reason) const {
    std::optional<std::vector<std::int64_t>> offers;
    if (auto const menu = menus_.find(call.ask.peer); menu != menus_.end()) {
        offers.emplace();
        for (auto const& [method, version] : menu->second) {
            if (method == call.ask.method) offers->push_back(version);
        }
        std::ranges::sort(*offers);
    }
    auto what = call.ask.method;
    if (call.ask.version) what += " version " + std::to_string(*call.ask.version);
    what += ": " + std::string(to_string(reason));
    auto const has_begun = call.answer.version != 0;
    return {reason, std::move(what), advice_of(reason, call.ask.method, offers), has_begun};
}

}  // namespace apps
