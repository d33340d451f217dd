// Which of Mina's implementations a peer is, as far as its RPCs are concerned.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mina::rpc {

/// `unknown` is asked as `rust`, which takes least, until the peer asks for a menu; it is answered as `ocaml`, which is
/// the protocol's own way.
enum class Dialect : std::uint8_t { unknown, ocaml, rust };

constexpr std::string_view to_string(Dialect dialect) {
    switch (dialect) {
        case Dialect::unknown: return "unknown";
        case Dialect::ocaml: return "ocaml";
        case Dialect::rust: return "rust";
    }
    return "?";
}

/// From what a peer says in identify.
Dialect dialect_of(std::string_view agent, std::span<std::string const> protocols);

}  // namespace mina::rpc
