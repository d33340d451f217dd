// rpc: asks a peer one question.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/errand.h"
#include "apps/failure.h"
#include "apps/message_file.h"
#include "apps/rpc_answer.h"
#include "apps/rpc_call.h"
#include "apps/rpc_query.h"
#include "base/text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdio>

namespace apps {

namespace {

using mina::rpc::Method;

constexpr std::uint64_t small_value_bytes = 16 * 1024;  // shown to people whole
constexpr std::uint64_t progress_bytes_min = 256 * 1024;
constexpr base::Duration progress_interval = std::chrono::milliseconds(100);
constexpr std::size_t query_text_bytes_max = 1024 * 1024;

struct Options {
    std::string address;
    std::string method;
    std::vector<std::string> words;
    std::string query;
    std::string query_hex;
    std::string version;
    std::string out;
};

class StandardOutput final : public mina::json::Sink {
public:
    void put(std::string_view text) override { std::fwrite(text.data(), 1, text.size(), stdout); }
};

// One question over one connection.
class Question {
public:
    Question(NodeSetup const& setup, libp2p::Multiaddr address, RpcAsk ask, Settings const& settings)
        : address_(std::move(address)),
          ask_(std::move(ask)),
          progress_(settings),
          errand_(setup, {}, [this](libp2p::Event const& event) { on_event(event); }),
          calls_(errand_.host()) {}

    /// nullopt when a signal ended it.
    std::optional<RpcAnswer> run(base::Duration time_max) {
        errand_.host().ask(libp2p::command::Connect{address_, false}, [this](Host::Answer const& answer) {
            if (!answer) return errand_.fail(answer.error());
            peer_ = std::get<libp2p::PeerId>(*answer);
            go_on();
        });
        auto const whole = errand_.run(time_max, [this] { on_late(); });
        return whole ? std::move(answer_) : std::nullopt;
    }

private:
    void on_event(libp2p::Event const& event) {
        namespace e = libp2p::event;
        calls_.on_event(event);
        if (auto const* identified = std::get_if<e::Identified>(&event)) {
            identified_ = identified->peer;
            go_on();
        }
        auto const* const lost = std::get_if<e::Disconnected>(&event);
        if (lost != nullptr && !is_asked_) {
            errand_.fail("the connection to " + address_.text() + " ended before the peer identified itself: " +
                         std::string(to_string(lost->reason)));
        }
    }

    void go_on() {
        if (!peer_ || identified_ != peer_ || std::exchange(is_asked_, true)) return;
        ask_.peer = *peer_;
        calls_.begin(
            ask_, [this](RpcCalls::Result result) { on_answer(std::move(result)); },
            [this](std::uint64_t taken, std::uint64_t size) { show_progress(taken, size); });
    }

    void on_answer(RpcCalls::Result result) {
        if (!result) {
            auto const& failure = result.error();
            auto text = failure.what;
            if (failure.reason) text += ", at " + address_.text();
            errand_.fail(failure.advice.empty() ? text : text + "; " + failure.advice);
            return;
        }
        answer_ = std::move(*result);
        errand_.done();
    }

    void on_late() {
        auto const stage = is_asked_ ? " has not answered " + ask_.method + " in time"
                           : peer_   ? " is connected, but has not identified itself in time"
                                     : " has not answered in time: cannot connect";
        errand_.fail(address_.text() + stage + "; give a longer --timeout");
    }

    void show_progress(std::uint64_t taken, std::uint64_t size) {
        auto const now = errand_.loop().now();
        if (size < progress_bytes_min || now - shown_at_ < progress_interval) return;
        shown_at_ = now;
        progress_.show(ask_.method + ": " + byte_count(static_cast<double>(taken)) + " of " +
                       byte_count(static_cast<double>(size)) + ", " + std::to_string(100 * taken / size) + " %");
    }

    libp2p::Multiaddr address_;
    RpcAsk ask_;
    Progress progress_;
    base::Instant shown_at_;
    std::optional<libp2p::PeerId> peer_;
    std::optional<libp2p::PeerId> identified_;
    bool is_asked_ = false;
    std::optional<RpcAnswer> answer_;
    Errand errand_;
    RpcCalls calls_;
};

std::optional<std::int64_t> version_of(std::string const& text) {
    if (text.empty()) return std::nullopt;
    std::int32_t version = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc{} || end != text.data() + text.size() || version < 0) {
        throw UsageError("--version: '" + text + "' is not a whole number, not below 0");
    }
    return version;
}

base::ByteString query_of(Options const& options, Method method, mina::messages::Format format) {
    auto const is_by_words = !options.words.empty(), is_by_json = !options.query.empty();
    auto const is_by_hex = !options.query_hex.empty();
    if (is_by_words + is_by_json + is_by_hex > 1) throw UsageError("ARGS, --query and --query-hex exclude one another");
    if (is_by_hex) {
        auto bytes = base::from_hex(options.query_hex);
        if (!bytes) throw UsageError("--query-hex: not an even number of hex digits");
        return std::move(*bytes);
    }
    if (!is_by_json) {
        auto bytes = query_from_words(method, format, options.words);
        if (!bytes) throw UsageError(std::string(mina::rpc::info_of(method).tag) + ": " + bytes.error());
        return std::move(*bytes);
    }
    auto text = options.query;
    if (text.starts_with('@')) text = base::as_text(file_content(text.substr(1), query_text_bytes_max));
    auto bytes = query_from_json(method, format, text);
    if (!bytes) throw UsageError("--query: " + bytes.error());
    return std::move(*bytes);
}

double seconds_of(RpcAnswer const& answer) { return std::round(milliseconds(answer.time) * 1e3) / 1e6; }

Json head_of(RpcAnswer const& answer) {
    return Json{{"method", answer.method},
                {"version", answer.version},
                {"size", answer.size},
                {"seconds", seconds_of(answer)}};
}

void show_menu(RpcAnswer const& answer, bool json) {
    auto const menu = menu_json(answer.value);
    if (!menu) throw Failure("the peer's menu cannot be read");
    if (json) return print_json({{"menu", *menu}});
    std::vector<std::vector<std::string>> rows;
    for (auto const& entry : *menu) {
        rows.push_back({entry["method"], dump(entry["version"]), entry["known"] ? "yes" : "no"});
    }
    print_line(table_text({"METHOD", "VERSION", "KNOWN HERE"}, rows));
}

void show_file(RpcAnswer const& answer, std::string const& out, bool json) {
    auto shown = head_of(answer);
    shown["sha256"] = answer.sha256;
    shown["out"] = out;
    print_line(json ? dump(shown) : for_people(shown));
}

// The value is not held as a tree: it may be large.
void print_value(RpcAnswer const& answer, AnswerReading const& reading, bool one_line) {
    StandardOutput output;
    if (one_line) {
        auto head = dump(head_of(answer));
        head.pop_back();
        output.put(head + ",\"value\":");
    }
    write_answer(reading, answer.value, output, one_line ? 0 : 2);
    output.put(one_line ? "}\n" : "\n");
    std::fflush(stdout);
}

void show(RpcAnswer const& answer, NodeSetup const& setup, std::string const& out, bool json) {
    if (!out.empty()) return show_file(answer, out, json);
    auto const reading = read_answer(answer, setup.network.formats);
    if (json || answer.size <= small_value_bytes) return print_value(answer, reading, json);
    print_line(answer_summary(reading, answer));
    std::string decode;
    if (reading.root != nullptr) decode = ", for 'minap2p decode --type " + std::string(reading.root->alias) + "'";
    say("the whole of it: --json prints it, --out FILE writes it in bin_prot" + decode);
}

std::string help_of() {
    return "Asks a peer one question and prints its answer: 'null' when it has found nothing.\n"
           "ADDR is its multiaddr; METHOD the name on the wire, in any case, or a short one; 'menu' tells what the\n"
           "peer serves. A STATE_HASH is 3N…, a LEDGER_HASH j…; either may be 0x and 64 hex digits, the highest\n"
           "first, or the bytes of the wire in hex. An ADDRESS in a ledger is the bits from the root, or 'root'.\n\n"
           "Methods and their ARGS; any takes --query or --query-hex in their place:" +
           method_lines();
}

}  // namespace

int rpc_command(Arguments const& arguments) {
    CommandLine line("rpc", help_of(),
                     {"rpc /dns4/seed-1.devnet.gcp.o1test.net/tcp/10003 menu --network devnet",
                      "rpc /ip4/127.0.0.1/tcp/8302 get_best_tip --network local --out tip.bin"});
    Options options;
    line.argument("ADDR", "the peer's multiaddr, with or without /p2p/ID", options.address);
    line.argument("METHOD", "what to ask", options.method);
    line.arguments("ARGS", "of the question, as listed above", options.words);
    line.option("query", "JSON|@FILE", "the question's value in the form of 'minap2p encode'", options.query);
    line.option("query-hex", "HEX", "the question's value in bin_prot", options.query_hex);
    line.option("version", "N", "of the method (the best that the peer offers)", options.version);
    line.option("out", "FILE", "write the answer's value there as it comes, in bin_prot", options.out);
    line.take({"network", "config", "data-dir", "timeout", "json", "no-progress"});
    auto const settings = line.settings(arguments, {{"timeout", "300s"}});
    auto const method = find_method(options.method);
    if (!method) throw UsageError("METHOD: " + method.error());

    auto setup = errand_setup(settings.network());
    setup.has_gossip = false;
    RpcAsk ask;
    auto const& info = mina::rpc::info_of(*method);
    ask.method = info.tag;
    ask.version = version_of(options.version);
    auto const formats = formats_of(*method, ask.version, setup.network.formats);
    if (formats.empty() && !(options.words.empty() && options.query.empty())) {
        throw UsageError(fmt::format("version {} of {} is not known here: give its query as --query-hex", *ask.version,
                                     info.tag));
    }
    ask.query = query_of(options, *method, formats.empty() ? mina::messages::Format::berkeley : formats.front());
    ask.out = options.out;
    ask.bytes_max = info.answer_bytes_max;
    auto const address = parse_address(options.address, "ADDR");
    // The question goes, and its progress with it, before anything is printed.
    auto const answer = Question(setup, address, std::move(ask), settings).run(settings.duration("timeout"));
    if (!answer) return 0;
    auto const is_json = settings.is_set("json");
    if (*method == Method::menu && options.out.empty()) {
        show_menu(*answer, is_json);
    } else {
        show(*answer, setup, options.out, is_json);
    }
    return 0;
}

}  // namespace apps
