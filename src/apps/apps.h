// apps: the program minap2p, and what it shares with the test peer minap2p-peer.
//
//   host.h        Host: a core on an event loop, with its requests and their answers
//   output.h      Output: lines to standard output that never block the loop
//   events_json.h events, replies and status as JSON
//   control.h     Control: the control protocol, a JSON object a line
//   watchers.h    connections that are told a node's events
//   rpc_call.h    RpcCalls: questions to peers; rpc_query.h from words, rpc_answer.h for people and programs
//   line_input.h  lines from a descriptor, bounded
//   settings.h    Settings: flag, environment, file, network, default
//   *_command.cpp one sub-command each; main.cpp is the table of them
#pragma once
