// Control: the control protocol of a running node. One JSON object a line, {"id":…,"cmd":…,…}, is answered by one line,
// {"id":…,"ok":true,"value":…} or {"id":…,"ok":false,"error":"…"}. Over-long lines, bad JSON, unknown commands and wrong
// arguments get an error answer. An id is a number or a text of at most `id_bytes_max`, or it is not repeated (null). A
// line is nested at most `nesting_max` deep: what JSON is copied, printed and destroyed with calls itself.
#pragma once

#include "apps/events_json.h"
#include "apps/host.h"

#include <functional>

namespace apps {

class Output;

class Control {
public:
    using Say = std::function<void(Json const&)>;
    /// What a command does: answers at once, or later by the function it is given.
    using Finish = std::move_only_function<void(base::Result<Json, std::string>)>;
    using Command = std::function<void(Json const& arguments, Finish finish)>;
    /// The connection that a command came on.
    struct Origin {
        Output* output = nullptr;  // null: standard output, which the events go to as well
        std::shared_ptr<bool const> listening = {};  // false: the connection, and the output, is gone
    };
    using OriginCommand = std::function<void(Json const& arguments, Origin const& origin, Finish finish)>;

    /// The commands that every node has. All references must outlive this object.
    Control(Host& host, mina::p2p::P2pComponent const& node, std::function<void()> stop);

    /// Adds a command, or replaces one.
    void add(std::string name, Command command);
    /// The same, for one that concerns the connection it comes on.
    void add_for(std::string name, OriginCommand command);
    /// Runs a line; `say` is called once with its answer, perhaps later, unless `*listening` has become false.
    void run(std::string_view line, Say say, std::shared_ptr<bool const> listening, Output* output = nullptr);
    /// The answer to a line that was too long to be read.
    static Json too_long();
    /// In the place of an answer that is longer than the connection takes.
    static Json answer_too_long(Json const& id);

    static constexpr std::size_t line_bytes_max = 80 * 1024 * 1024;  // a gossip message of 32 MiB as hex, and room
    static constexpr std::size_t id_bytes_max = 1024;
    static constexpr int nesting_max = 64;

private:
    void add_queries();
    void add_orders();
    void add_rules();
    void add_lookups();
    void order(std::string name, std::function<libp2p::CommandBody(Json const&)> make);

    Host& host_;
    mina::p2p::P2pComponent const& node_;
    std::function<void()> stop_;
    std::map<std::string, OriginCommand, std::less<>> commands_;
    base::Instant started_;
};

/// A required argument; throws std::invalid_argument with a text for the user.
std::string text_argument(Json const& arguments, char const* name);
std::uint64_t number_argument(Json const& arguments, char const* name);
std::uint64_t number_argument(Json const& arguments, char const* name, std::uint64_t otherwise);
libp2p::PeerId peer_argument(Json const& arguments);
libp2p::Multiaddr address_argument(Json const& arguments);
/// From `hex` or from the file named by `file`.
base::ByteString bytes_argument(Json const& arguments);
/// "90s", "15m", "24h", "7d", or a number of seconds.
base::Duration duration_of(std::string_view text);

}  // namespace apps
