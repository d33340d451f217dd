// RPC messages as JSON: the envelope, and the value inside it by its type.
//
//   "Heartbeat"
//   {"Query": {"tag": "get_best_tip", "version": 2, "id": 16, "data": …}}
//   {"Response": {"id": 16, "data": {"Ok": …}}}   {"Response": {"id": 7, "data": {"Err": {"Unknown_query_id": 7}}}}
//
// A response does not say what it answers: the method is given, or the first is taken whose answers look like this one.
#pragma once

#include "apps/events_json.h"
#include "mina/messages/format.h"
#include "mina/messages/rpc_message.h"

namespace apps {

/// The value is of the first of these formats in which it is one; a value that is one in none stands as {"hex": "…"}.
/// `method`: of a response; may be empty.
Json rpc_to_json(std::vector<mina::messages::Format> const& formats, mina::messages::RpcMessage const& message,
                 std::string const& method);

/// The bytes of a message. Throws Failure.
base::ByteString rpc_from_json(mina::messages::Format format, Json const& json, std::string const& method);

}  // namespace apps
