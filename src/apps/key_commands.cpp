// keygen and key show.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/failure.h"
#include "libp2p/wire/peer_id.h"
#include "runtime/key_file.h"

namespace apps {

namespace {

void show(crypto::PrivateKey const& key, Settings const& settings) {
    auto const id = libp2p::PeerId::of(key.public_key()).text();
    auto const type = std::string(crypto::to_string(key.type()));
    if (settings.is_set("json")) {
        print_json({{"peerId", id}, {"type", type}});
    } else {
        print_line(id + "  " + type);
    }
}

}  // namespace

int keygen_command(Arguments const& arguments) {
    CommandLine line("keygen", "Makes a new Ed25519 identity in a file of mode 0600, and prints its peer id.",
                     {"keygen --out node.key", "keygen --data-dir /var/lib/minap2p --json"});
    std::string out;
    line.option("out", "FILE", "the file to make (<data-dir>/key)", out);
    line.take({"data-dir", "json"});
    auto const settings = line.settings(arguments);
    if (out.empty()) out = settings.text("key");
    auto const key = runtime::load_or_create_key(out);
    if (key && !key->created) {
        throw Failure("there is a key already, " + out + ", and it is kept; give another --out, or 'minap2p key show' it");
    }
    if (!key) throw Failure("no key was made, " + key.error() + "; give another --out");
    if (!settings.is_set("json")) say("the key is in " + out);
    show(key->key, settings);
    return 0;
}

int key_command(Arguments const& arguments) {
    CommandLine line("key", "Shows the peer id and the type of a key: libp2p's binary form, Mina's text, or Mina's\n"
                            "encrypted JSON (password in MINA_LIBP2P_PASS).",
                     {"key show node.key", "key show ~/.mina-config/keys/libp2p --json"});
    std::vector<std::string> words;
    line.arguments("show", "the key's file", words);
    line.take({"json"});
    auto const settings = line.settings(arguments);
    if (words.empty() || words.front() != "show") {
        throw UsageError(words.empty() ? "give 'show FILE'" : unknown("word", words.front(), {"show"}));
    }
    if (words.size() != 2) throw UsageError("key show takes one FILE");
    auto const key = runtime::load_key(words[1]);
    if (!key) throw Failure(key.error());
    if (!key->warning.empty()) say("warning: " + key->warning);
    show(key->key, settings);
    return 0;
}

}  // namespace apps
