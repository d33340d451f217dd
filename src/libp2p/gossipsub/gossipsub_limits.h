// The bounds that no network has a reason to change; those that one may change stand in Config. Each has a test.
#pragma once

#include <chrono>
#include <cstddef>

namespace libp2p::gossipsub {

// What one RPC of a peer may hold. Beyond `rpc_parts_max` it is malformed; further ids are not read.
inline constexpr std::size_t rpc_parts_max = 10'000;     // subscriptions, messages, GRAFT, PRUNE, IHAVE, IWANT
inline constexpr std::size_t rpc_ids_max = 5'000;        // of IHAVE, and again of IWANT
inline constexpr std::size_t message_id_bytes_max = 256; // a longer id is skipped
/// What a Message holds beside its data, which is all that anybody above charges for: room for the topic, an RSA key of
/// 4,096 bits and its signature. Beyond it is refused: unknown fields may be of any size, and are kept and forwarded.
inline constexpr std::size_t message_overhead_bytes_max = 2'048;
/// Forged messages read of one RPC: each costs a verification. Then the rest is not read, and the RPC is malformed.
inline constexpr std::size_t bad_signatures_per_rpc_max = 16;

// What a peer may make us remember.
inline constexpr std::size_t subscriptions_per_rpc_max = 512;  // beyond: skipped, too_many_subscriptions
inline constexpr std::size_t topic_bytes_max = 256;            // a longer name is skipped
inline constexpr std::size_t backoffs_per_topic_max = 4'096;   // beyond: the one that ends first is forgotten
inline constexpr std::size_t promises_max = 4'096;             // beyond: asked for, but not watched
/// A peer's PRUNE asks for at most so much silence. The number on the wire is any u64 (CVE-2026-33040, CVE-2026-34219).
inline constexpr std::chrono::seconds backoff_asked_max{3'600};

// What we send.
/// rust-libp2p refuses an RPC with more than 16,384 bytes of subscriptions and control; the rest is room for headers.
inline constexpr std::size_t control_bytes_max = 16'000;
/// go-libp2p skips the IHAVE of a peer from its 11th RPC with control in one heartbeat; two are left for GRAFT and PRUNE.
inline constexpr std::size_t ihave_rpcs_per_heartbeat_max = 8;

}  // namespace libp2p::gossipsub
