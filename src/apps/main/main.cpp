// minap2p: the table of its commands.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/failure.h"
#include "apps/version.h"

#include <algorithm>
#include <csignal>
#include <exception>

namespace {

using apps::Arguments;

struct Command {
    std::string_view name;
    std::string_view what;
    int (*run)(Arguments const& arguments);
};

template <char const* const& Name>
int control(Arguments const& arguments) {
    return apps::ctl_command(Name, arguments);
}

constexpr char const* ctl = "ctl";
constexpr char const* status = "status";
constexpr char const* peers = "peers";
constexpr char const* connect_to = "connect";
constexpr char const* disconnect = "disconnect";
constexpr char const* ban = "ban";
constexpr char const* unban = "unban";
constexpr char const* trust = "trust";

constexpr Command commands[] = {
    {"node", "run a node until told to stop", apps::node_command},
    {"demo", "a network of real nodes on this machine, with real messages", apps::demo_command},
    {"dial", "connect to a peer and say what it is", apps::dial_command},
    {"crawl", "visit every peer of a network that the DHT knows", apps::crawl_command},
    {"rpc", "ask a peer a question", apps::rpc_command},
    {"watch", "the events of a running node, as they happen", apps::watch_command},
    {"perf", "measure throughput: the libp2p perf test", apps::perf_command},
    {"publish", "publish one message and wait until a peer has it", apps::publish_command},
    {"decode", "show a message of Mina", apps::decode_command},
    {"encode", "make a message of Mina from JSON", apps::encode_command},
    {"hash", "the hash of a block or a transaction", apps::hash_command},
    {"keygen", "make an identity key", apps::keygen_command},
    {"key", "show the peer id of a key", apps::key_command},
    {"ctl", "give a command to a running node", control<ctl>},
    {"status", "ctl status", control<status>},
    {"peers", "ctl peers", control<peers>},
    {"connect", "ctl connect ADDR", control<connect_to>},
    {"disconnect", "ctl disconnect PEER", control<disconnect>},
    {"ban", "ctl ban PEER|IP|CIDR [TIME]", control<ban>},
    {"unban", "ctl unban PEER|IP|CIDR", control<unban>},
    {"trust", "ctl trust PEER", control<trust>},
    {"config", "every setting: its value, and where that came from", apps::config_command},
    {"replay", "run a recording again and compare", apps::replay_command},
    {"sim", "simulate a network", apps::sim_command},
};

std::string help_text() {
    std::vector<std::vector<std::string>> rows;
    for (auto const& command : commands) rows.push_back({"  " + std::string(command.name), std::string(command.what)});
    return "minap2p: the P2P component of the Mina blockchain\n\nUsage: minap2p COMMAND [FLAGS]\n\nCommands:\n" +
           apps::table_text({}, rows) +
           "\n\nminap2p COMMAND --help tells the rest; minap2p --version, what this is.\n\nExamples:\n"
           "  minap2p demo\n"
           "  minap2p node --network devnet --listen /ip4/0.0.0.0/tcp/8302";
}

int run(Arguments words) {
    if (words.empty()) throw apps::UsageError("no command given\n" + help_text());
    auto const name = words.front();
    words.erase(words.begin());
    if (name == "--help" || name == "-h" || name == "help") throw apps::HelpText{help_text()};
    if (name == "--version") {
        apps::print_line(apps::version_text());
        return 0;
    }
    auto const found = std::ranges::find(commands, name, &Command::name);
    if (found != std::end(commands)) return found->run(words);
    std::vector<std::string> known;
    if (name.starts_with("-")) {
        known = {"--help", "--version"};
    } else {
        for (auto const& command : commands) known.emplace_back(command.name);
    }
    throw apps::UsageError(apps::unknown(name.starts_with("-") ? "flag" : "command", name, known));
}

}  // namespace

int main(int count, char** words) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return run({words + std::min(count, 1), words + count});
    } catch (apps::HelpText const& help) {
        apps::print_line(help.text);
        return 0;
    } catch (apps::UsageError const& error) {
        apps::say("error: " + std::string(error.what()));
        return 2;
    } catch (std::exception const& error) {
        apps::say("error: " + std::string(error.what()));
        return 1;
    }
}
