// Nodes that do what no honest node does, at each layer.
#pragma once

#include "sim/node.h"

namespace sim {

enum class Malice : std::uint8_t {
    garbage,   // dials everybody and says anything, or nothing
    raw,       // an honest node whose sent bytes are changed on their way: below the encryption
    frames,    // whose plaintext is changed before it is sealed: multiplexer frames and all above
    payloads,  // as frames, but for the headers of the frames: streams hold, what they carry does not
    content,   // an honest protocol stack whose messages its peers' applications reject
};
inline constexpr std::size_t malice_count = 5;
std::string_view to_string(Malice malice);

/// `victims`: how many nodes there are to dial.
std::unique_ptr<Node> make_hostile_node(Malice malice, NodeSpec const& spec, NodeIndex victims);

}  // namespace sim
