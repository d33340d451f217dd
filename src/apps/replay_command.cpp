// replay: runs a recording again, compares, and names the first difference.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/failure.h"
#include "apps/node_setup.h"
#include "base/text.h"
#include "replay/files/log_directory.h"
#include "replay/input_text.h"
#include "replay/player.h"

namespace apps {

namespace {

// A component with the trace it refers to.
class OwnedCore final : public libp2p::Core {
public:
    explicit OwnedCore(NodeSetup const& setup) : component_(make_component(setup, trace_)) {}
    std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override {
        return component_->step(now, input);
    }
    std::optional<libp2p::Deadline> next_deadline() const override { return component_->next_deadline(); }
    void describe(base::Describer& describer) const override { component_->describe(describer); }

private:
    base::NoTrace trace_;
    std::unique_ptr<mina::p2p::P2pComponent> component_;
};

base::Result<std::unique_ptr<libp2p::Core>, std::string> make_core(base::ByteView setup) {
    TRY(auto const parsed, setup_from_text(base::as_text(setup)));
    return std::make_unique<OwnedCore>(parsed);
}

}  // namespace

int replay_command(Arguments const& arguments) {
    CommandLine line("replay", "Runs a recording (node --record DIR) again, compares every step, and names the first\n"
                               "difference. Exit status 1 when there is one.",
                     {"replay recording", "replay recording --to 4711 --print"});
    std::string directory;
    std::uint64_t to = 0;
    bool print = false;
    line.argument("DIR", "the recording", directory);
    line.option("to", "STEP", "stop after this step", to);
    line.flag("print", "every input, and the state at the end, on standard error", print);
    line.take({"json"});
    auto const settings = line.settings(arguments);

    replay::DirectorySource source(directory);
    if (source.last_segment() == 0) throw Failure(directory + ": there is no recording here; give the DIR of node --record");
    replay::PlayOptions options;
    options.stop_after = to;
    options.print_state = print;
    if (print) {
        options.on_step = [](std::uint64_t step, base::Instant now, libp2p::Input const& input) {
            auto const seconds = fixed(milliseconds(base::Duration(now.nanoseconds)) / 1e3, 6);
            say(std::to_string(step) + "  " + seconds + "  " + replay::to_text(input));
        };
    }
    auto const played = replay::play(source, make_core, options);
    if (!played) throw Failure(played.error().text());
    if (print) say("state:\n" + played->state);
    auto const digest = base::to_hex(played->digest);
    Json result{{"steps", played->steps}, {"digest", digest}, {"same", played->same()}};
    if (played->divergence) result["difference"] = played->divergence->text();
    if (settings.is_set("json")) {
        print_json(result);
    } else {
        result["seconds"] = milliseconds(played->time) / 1e3;
        result["digests"] = played->digests;
        result["build"] = played->build_id;
        print_line(for_people(result));
    }
    return played->same() ? 0 : 1;
}

}  // namespace apps
