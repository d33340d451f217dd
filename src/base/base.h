// base: what every folder may use. Nothing here knows a protocol, and nothing here touches the system.
//
//   bytes.h      views and owned bytes           shared_bytes.h  refcounted, immutable: one encoding, many receivers
//   reader.h     bounded reading of integers     writer.h        appending integers
//   varint.h     unsigned varints of multiformats and protobuf
//   text.h       hex, base58btc, base64, base32
//   result.h     Result<T, E> and TRY            check.h         check() for our own bugs, never for a peer's
//   id.h         strong ids                      time.h          Instant and Duration
//   rng.h        the seeded generator            env.h           Env: everything ambient a reducer may use
//   trace.h      what happened, as values        describe.h      the state tree: digest, text, tests
//   timers.h     deadlines by key                memory_budget.h one process-wide bound, many holders
//   flat_map.h   a sorted vector as a map (small, ordered, deterministic)
//   buffer_pool.h recycled transmit buffers          nearest.h       the word a mistyped one was
#pragma once
