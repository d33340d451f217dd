// The commands. Each gets the words after its name and returns the exit status; it may throw Failure, UsageError and
// HelpText.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace apps {

using Arguments = std::vector<std::string>;

int node_command(Arguments const& arguments);
int demo_command(Arguments const& arguments);
int dial_command(Arguments const& arguments);
int crawl_command(Arguments const& arguments);
int rpc_command(Arguments const& arguments);
int watch_command(Arguments const& arguments);
int perf_command(Arguments const& arguments);
int publish_command(Arguments const& arguments);
int keygen_command(Arguments const& arguments);
int key_command(Arguments const& arguments);
/// `name`: "ctl", whose first argument is the command, or the command itself.
int ctl_command(std::string_view name, Arguments const& arguments);
int decode_command(Arguments const& arguments);
int encode_command(Arguments const& arguments);
int hash_command(Arguments const& arguments);
int config_command(Arguments const& arguments);
int replay_command(Arguments const& arguments);
int sim_command(Arguments const& arguments);

}  // namespace apps
