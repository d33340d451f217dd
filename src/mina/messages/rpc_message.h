// The messages of Async-RPC, which carry Mina's queries and answers. On a stream each stands in a frame of its own
// (gossip.h: framed, unframed). spec: Async_rpc_kernel, protocol version 1
//
//   0                                  heartbeat
//   1 tag version id count value       query
//   2 id 0 count value                 response
//   2 id 1 error                       response: the query failed
//
// mina: the first message of each side is the handshake, the list of the numbers 4411474 ("RPC") and 1.
#pragma once

#include "base/result.h"
#include "mina/binprot/writer.h"

#include <optional>
#include <variant>

namespace mina::messages {

struct RpcHeartbeat {
    bool operator==(RpcHeartbeat const&) const = default;
};

struct RpcQuery {
    std::string_view tag;
    std::int64_t version = 0;
    std::int64_t id = 0;
    base::ByteView data;  // the value
};

enum class RpcErrorKind : std::uint8_t {
    bin_io_exn, connection_closed, write_error, uncaught_exn, unimplemented_rpc, unknown_query_id,
};

/// The constructor's name: "Bin_io_exn", "Unknown_query_id" …
std::string_view to_string(RpcErrorKind kind);

struct RpcError {
    RpcErrorKind kind = RpcErrorKind::bin_io_exn;
    std::string_view tag;       // of unimplemented_rpc
    std::int64_t version = 0;   // of unimplemented_rpc
    std::int64_t query_id = 0;  // of unknown_query_id
    base::ByteView details;     // of the others: an S-expression in bin_prot
};

struct RpcResponse {
    std::int64_t id = 0;
    base::ByteView data;            // the value, when there is no error
    std::optional<RpcError> error;
};

using RpcMessage = std::variant<RpcHeartbeat, RpcQuery, RpcResponse>;

/// The whole of `bytes`, which must outlive the message.
base::Result<RpcMessage, binprot::Error> read_rpc_message(base::ByteView bytes);

void write_rpc_message(RpcMessage const& message, binprot::Writer& writer);
base::ByteString encode_rpc_message(RpcMessage const& message);

/// The handshake without its frame.
inline constexpr base::ByteArray<7> rpc_handshake = {0x02, 0xfd, 0x52, 0x50, 0x43, 0x00, 0x01};

}  // namespace mina::messages
