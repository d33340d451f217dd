#include "mina/rpc/dialect.h"

#include <algorithm>

namespace mina::rpc {

// mina: the Go helper announces the node status and Bitswap, the Rust node neither; both leave the agent to others.
Dialect dialect_of(std::string_view agent, std::span<std::string const> protocols) {
    auto const is_of_ocaml = [](std::string const& name) { return name.starts_with("/mina/"); };
    if (std::ranges::any_of(protocols, is_of_ocaml) || agent.starts_with("minap2p")) return Dialect::ocaml;
    return agent == "mina" ? Dialect::rust : Dialect::unknown;
}

}  // namespace mina::rpc
