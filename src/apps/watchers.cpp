#include "apps/watchers.h"

#include "base/nearest.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace apps {

namespace {

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        auto const end = std::min(text.find(','), text.size());
        if (end > 0) words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::vector<std::string> kinds_argument(Json const& arguments) {
    auto const found = arguments.find("kinds");
    if (found == arguments.end() || found->is_null()) return {};
    if (found->is_string()) return words_of(found->get<std::string>());
    std::vector<std::string> words;
    if (!found->is_array()) throw std::invalid_argument("'kinds' must be a list of texts");
    for (auto const& word : *found) {
        if (!word.is_string()) throw std::invalid_argument("'kinds' must be a list of texts");
        words.push_back(word.get<std::string>());
    }
    return words;
}

void refuse_standard_output(Control::Origin const& origin) {
    if (origin.output == nullptr) {
        throw std::invalid_argument("the events are on standard output already; 'watch' is for a Unix socket");
    }
}

}  // namespace

std::string_view kind_of_event(Json const& event) {
    auto const name = event.value("event", std::string());
    if (name == "message") {
        auto const kind = event.find("kind");
        if (kind == event.end() || !kind->is_string()) return "message";
        auto const known = std::ranges::find(event_kinds, kind->get_ref<std::string const&>());
        return known == std::end(event_kinds) ? "message" : *known;
    }
    if (name == "messageRefused") return "message";
    if (name == "question") return "rpc";
    if (name == "misbehaved" && event.value("what", std::string()).starts_with("rpc")) return "rpc";
    if (name == "warning") return "warning";
    if (name == "stopped" || name == "ready") return "";
    return "peer";
}

base::Result<std::set<std::string, std::less<>>, std::string> parse_kinds(std::vector<std::string> const& words) {
    std::set<std::string, std::less<>> kinds;
    for (auto const& word : words) {
        for (auto& kind : words_of(word)) {
            if (std::ranges::find(event_kinds, kind) == std::end(event_kinds)) {
                return base::fail("unknown kind '" + kind + "'; the nearest is '" +
                                  std::string(base::nearest(kind, event_kinds)) + "'");
            }
            kinds.insert(std::move(kind));
        }
    }
    return kinds;
}

void Watchers::serve(Control& control) {
    control.add_for("watch", [this](Json const& arguments, Control::Origin const& origin, Control::Finish finish) {
        refuse_standard_output(origin);
        auto kinds = parse_kinds(kinds_argument(arguments));
        if (!kinds) throw std::invalid_argument(kinds.error());
        finish(Json(nullptr));
        add(origin, std::move(*kinds));
    });
    control.add_for("unwatch", [this](Json const&, Control::Origin const& origin, Control::Finish finish) {
        refuse_standard_output(origin);
        remove(origin.output);
        finish(Json(nullptr));
    });
}

void Watchers::add(Control::Origin const& origin, std::set<std::string, std::less<>> kinds) {
    auto& watcher = watchers_[origin.output];
    // An output at the place of one that is gone is another watcher's.
    if (watcher.listening != origin.listening) watcher = {{}, origin.output, origin.listening, 0};
    watcher.kinds = std::move(kinds);
    origin.output->on_drained([this, output = origin.output] {
        if (auto const found = watchers_.find(output); found != watchers_.end()) catch_up(found->second);
    });
}

void Watchers::remove(Output const* output) {
    auto const found = watchers_.find(output);
    if (found == watchers_.end()) return;
    if (*found->second.listening) found->second.output->on_drained({});
    watchers_.erase(found);
}

void Watchers::tell(Json const& event) {
    std::erase_if(watchers_, [](auto const& each) { return !*each.second.listening; });
    if (watchers_.empty()) return;
    auto const kind = kind_of_event(event);
    std::string text;
    for (auto& [key, watcher] : watchers_) {
        if (!kind.empty() && !watcher.kinds.empty() && !watcher.kinds.contains(kind)) continue;
        if (text.empty()) text = dump(event);
        auto const queued = watcher.output->queued_bytes();
        if (queued == 0) catch_up(watcher);
        auto const is_behind = queued != 0 && (watcher.dropped > 0 || queued + text.size() > queued_bytes_max);
        // An event alone may be longer than all that may wait for a client, whom it would close.
        if (is_behind || !watcher.output->has_room_for(text)) {
            ++watcher.dropped;
        } else {
            watcher.output->line(text);
        }
    }
}

void Watchers::catch_up(Watcher& watcher) {
    auto const dropped = std::exchange(watcher.dropped, 0);
    if (dropped > 0) watcher.output->line(dump(Json{{"event", "dropped"}, {"count", dropped}}));
}

}  // namespace apps
