// hash: what a message of Mina is known by.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/message_summary.h"

namespace apps {

int hash_command(Arguments const& arguments) {
    CommandLine line("hash",
                     "Prints the state hash of a block, a header or a protocol state; the hash and the id of a\n"
                     "transaction; of a gossip message, those of what it carries.",
                     {"hash block.bin", "hash --type zkapp-command --json command.bin"});
    std::string type = "guess";
    std::string file;
    line.option("type", "TYPE", "what it is: a name of 'decode --list-types', or guess (guess)", type);
    line.argument("FILE", "the message; - for standard input", file);
    line.take({"network", "formats", "json"});
    auto const settings = line.settings(arguments);
    auto const bytes = file_content(file, message_file_bytes_max);
    auto const found = find_type(formats_to_try(settings), type, bytes, file);
    auto const hashes = message_hashes(found, bytes);
    print_line(settings.is_set("json") ? dump(hashes) : for_people(hashes));
    return 0;
}

}  // namespace apps
