// The control command "rpc": a running node asks one of its peers.
//   {"cmd":"rpc","peer":ID,"method":NAME, "args":[…] | "query":JSON | "hex":"…", "version":N, "out":FILE, "maxBytes":N,
//    "digest":true}
#pragma once

#include "apps/control.h"
#include "apps/rpc_call.h"

namespace apps {

inline constexpr std::uint64_t control_answer_bytes_max = 32 * 1024 * 1024;  // of `maxBytes`

/// Adds the command. All must outlive `control`.
void serve_rpc(Control& control, RpcCalls& calls, mina::p2p::P2pComponent const& node);

}  // namespace apps
