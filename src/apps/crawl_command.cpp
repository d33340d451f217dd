// crawl: visits every peer of a network that the DHT knows, and writes what it finds.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/crawl_driver.h"
#include "apps/crawl_files.h"
#include "apps/crawl_results.h"
#include "apps/crawl_svg.h"
#include "apps/failure.h"
#include "apps/node_setup.h"
#include "runtime/files.h"
#include "runtime/process.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace apps {

namespace {

struct Options {
    std::string out;
    std::string format;
    std::string svg;
    std::string resume;
    std::uint64_t rate = 50;
    std::uint64_t parallel = 32;
    std::uint64_t peers_max = 100'000;

    bool is_csv() const { return format == "csv"; }
    /// Entries go to standard output only when that was asked for.
    bool prints_entries(bool json) const { return out.empty() && (json || !format.empty()); }
};

void check_range(char const* flag, std::uint64_t value, std::uint64_t most) {
    if (value == 0 || value > most)
        throw UsageError(std::string(flag) + ": 1 to " + std::to_string(most) + " is wanted");
}

void check(Options& options, Settings const& settings) {
    if (!options.format.empty() && options.format != "json" && options.format != "csv") {
        throw UsageError("--format: '" + options.format + "' is neither json nor csv");
    }
    check_range("--rate", options.rate, 10'000);
    check_range("--parallel", options.parallel, 1000);
    check_range("--max-peers", options.peers_max, 1'000'000);
    if (!options.resume.empty()) {
        if (options.is_csv()) throw UsageError("--resume reads JSON lines; leave --format csv out");
        if (!options.out.empty() && options.out != options.resume) {
            throw UsageError("--resume FILE goes on with FILE itself; leave --out out");
        }
        options.out = options.resume;
    }
    if (settings.is_set("json") && options.is_csv() && options.out.empty()) {
        throw UsageError("--json and --format csv cannot share standard output; give --out FILE");
    }
}

// Where entries are written, each at once. Nowhere, without a file and when they are not to be printed.
class EntryFile {
public:
    EntryFile(Options const& options, bool prints, std::uint64_t resumed_bytes)
        : is_csv_(options.is_csv()), name_(options.out.empty() ? "standard output" : options.out) {
        if (prints) file_ = stdout;
        if (!options.out.empty()) open(options, resumed_bytes);
        if (file_ != nullptr && is_csv_) put(csv_header());
    }
    ~EntryFile() {
        if (file_ != nullptr && file_ != stdout) std::fclose(file_);
    }
    EntryFile(EntryFile const&) = delete;
    EntryFile& operator=(EntryFile const&) = delete;

    void write(mina::crawl::Entry const& entry) {
        if (file_ != nullptr && error_.empty()) put(is_csv_ ? csv_line(entry) : dump(to_json(entry)) + "\n");
    }
    /// Why nothing more can be written; empty: all is well.
    std::string const& error() const { return error_; }

private:
    void open(Options const& options, std::uint64_t resumed_bytes) {
        auto const resumes = !options.resume.empty();
        if (resumes && std::filesystem::exists(name_)) {
            // What follows was not written to its end.
            std::error_code error;
            std::filesystem::resize_file(name_, resumed_bytes, error);
            if (error) throw Failure("--resume: " + name_ + ": " + error.message());
        }
        file_ = std::fopen(name_.c_str(), resumes ? "abe" : "wbe");
        if (file_ == nullptr)
            throw Failure(std::string(resumes ? "--resume: " : "--out: ") + name_ + ": " + std::strerror(errno));
    }
    void put(std::string const& text) {
        auto const whole = std::fwrite(text.data(), 1, text.size(), file_) == text.size() && std::fflush(file_) == 0;
        if (!whole) error_ = name_ + ": " + std::strerror(errno);
    }

    bool is_csv_;
    std::string name_;
    std::FILE* file_ = nullptr;
    std::string error_;
};

class Crawl {
public:
    Crawl(Settings const& settings, Options const& options, CrawlSetup const& setup, EarlierCrawl earlier)
        : network_(setup.network.name),
          prints_(options.prints_entries(settings.is_set("json"))),
          progress_(settings),
          file_(options, prints_, earlier.whole_bytes),
          resumed_(std::move(earlier.entries)),
          driver_(setup, [this](mina::crawl::Entry const& entry) { on_entry(entry); }, [this] { show_progress(); }) {
        for (auto const& entry : resumed_) results_.add(entry);
    }

    Json run(base::Duration time_max) {
        auto const ended = driver_.run(std::move(resumed_), time_max);
        auto const seconds = milliseconds(driver_.running()) / 1000;
        auto const& counters = driver_.counters();
        Json summary{{"event", "summary"}, {"network", network_}, {"ended", ended}};
        summary.update(results_.summary());
        summary["leftOut"] = counters.beyond_max + counters.beyond_share;
        summary["visits"] = counters.connects;
        summary["questions"] = counters.questions;
        summary["seconds"] = seconds;
        summary["peersPerSecond"] = seconds > 0 ? static_cast<double>(done_) / seconds : 0.0;
        summary["cpuSeconds"] = runtime::cpu_seconds();
        return summary;
    }

    CrawlResults const& results() const { return results_; }
    std::string const& error() const { return file_.error(); }

private:
    void on_entry(mina::crawl::Entry const& entry) {
        results_.add(entry);
        ++done_;
        file_.write(entry);
        if (!file_.error().empty()) driver_.stop("the file cannot be written");
    }

    void show_progress() {
        auto const& counters = driver_.counters();
        auto const asked = counters.reached + counters.unreachable;
        auto const seconds = milliseconds(driver_.running()) / 1000;
        auto const rate = static_cast<double>(done_) / seconds;
        auto const left = static_cast<double>(driver_.visits() + driver_.waiting());
        progress_.show("found " + std::to_string(counters.found) + ", asked " + std::to_string(asked) +
                       ", unreachable " + std::to_string(counters.unreachable) + ", " + fixed(rate, 1) + "/s, " +
                       (done_ > 0 ? "about " + fixed(left / rate, 0) + " s left" : "time left not known yet"));
    }

    std::string network_;
    bool prints_;
    Progress progress_;
    EntryFile file_;
    std::vector<mina::crawl::Entry> resumed_;
    CrawlResults results_;
    std::uint64_t done_ = 0;
    CrawlDriver driver_;
};

CrawlSetup crawl_setup(Settings const& settings, Options const& options) {
    auto const node = setup_of(settings);
    CrawlSetup setup;
    setup.network = node.network;
    setup.seeds = node.network.seeds;
    setup.seeds.insert(setup.seeds.end(), node.peers.begin(), node.peers.end());
    setup.rate = options.rate;
    setup.parallel = options.parallel;
    setup.peers_max = options.peers_max;
    setup.dial_timeout = node.dial_timeout;
    return setup;
}

void write_picture(std::string const& path, CrawlResults const& results, std::string const& network) {
    if (path.empty()) return;
    auto const svg = crawl_svg(results, "Peers of " + network);
    if (auto const written = runtime::atomic_write(path, base::as_bytes(svg)); !written)
        throw Failure("--svg: " + written.error());
}

int crawl_network(Settings const& settings, Options const& options) {
    auto const json = settings.is_set("json");
    auto setup = crawl_setup(settings, options);
    EarlierCrawl earlier;
    if (!options.resume.empty()) {
        auto read = read_crawl(options.resume);
        if (!read) throw Failure("--resume: " + read.error());
        earlier = std::move(*read);
    }
    if (setup.seeds.empty() && earlier.entries.empty()) {
        throw UsageError("network '" + setup.network.name + "' has no seeds; give --seeds FILE or --peer ADDR");
    }
    Json summary;
    std::string network = setup.network.name;
    std::string failure;
    {
        Crawl crawl(settings, options, setup, std::move(earlier));
        summary = crawl.run(settings.duration("timeout"));
        failure = crawl.error();
        write_picture(options.svg, crawl.results(), network);
    }
    if (json) {
        print_json(summary);
    } else if (options.prints_entries(json)) {
        std::fprintf(stderr, "%s\n", summary_text(summary).c_str());
    } else {
        print_line(summary_text(summary));
    }
    if (!failure.empty()) throw Failure(failure + "; the crawl was stopped");
    auto const is_over = summary["ended"] == "finished" || summary["ended"] == "timeout";
    if (is_over && summary["reached"] == 0) {
        throw Failure("nobody was reached on network '" + network +
                      "'; check --network, the seeds and this machine's way out");
    }
    if (summary["ended"] == "timeout" && !options.out.empty() && !options.is_csv()) {
        say("not all were visited in time; go on with --resume " + options.out);
    }
    return 0;
}

}  // namespace

int crawl_command(Arguments const& arguments) {
    CommandLine line(
        "crawl",
        "Visits every peer of a network that the DHT knows, from its seeds: their addresses, agents, protocols, "
        "round-trip times and neighbours, as JSON lines or CSV, a summary, and a picture.",
        {"crawl --network devnet --out devnet.jsonl --svg devnet.svg",
         "crawl --network devnet --resume devnet.jsonl --rate 20"});
    Options options;
    line.option("out", "FILE", "what is found, a line each peer; without: only the summary, unless --json or --format",
                options.out);
    line.option("format", "json|csv", "of those lines (json)", options.format);
    line.option("svg", "FILE", "draw the topology", options.svg);
    line.option("resume", "FILE", "go on with what an earlier crawl has written, and append", options.resume);
    line.option("rate", "N", "connects in a second, at most (50)", options.rate);
    line.option("parallel", "N", "visits at a time, at most (32)", options.parallel);
    line.option("max-peers", "N", "peers in all; further ones are left out (100000)", options.peers_max);
    line.take({"network", "config", "data-dir", "seeds", "peer", "private-addresses", "dial-timeout", "timeout", "json",
               "no-progress"});
    auto const settings = line.settings(arguments, {{"timeout", "1h"}});
    check(options, settings);
    return crawl_network(settings, options);
}

}  // namespace apps
