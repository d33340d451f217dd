// Mina's Async-RPC on coda/rpcs/0.0.1 as the two kinds of Mina's nodes speak it: client and server, in both dialects.
// Written from what those nodes were seen to do; the commands are in ../README.md.
//
//   ocaml   a stream for every query: handshake, the menu, the query, then a reset. The server offers a menu, answers
//           in any order, and says Unimplemented_rpc or Uncaught_exn.
//   rust    one stream each way, kept; no menu, no reset; one query at a time; "none" is silence. Frames that come in
//           are at most 256 bytes where the other asks, and 7 where nothing is asked: a longer one makes the stream
//           deaf without a word. An unknown method or a value it cannot read ends the connection.
//
// This is the client; rpc-server.mjs has the server, rpc-link.mjs a stream, rpc-frames.mjs the bytes.
import { Buffer } from 'node:buffer'
import { MENU, RUST_IDLE_FRAME_MAX, RUST_QUERY_FRAME_MAX, RpcLink, openStream, orTimeout, strange } from './rpc-link.mjs'
import * as wire from './rpc-frames.mjs'

const secondsOf = (c) => c.timeout ?? c.seconds ?? 15

/** A stream of OCaml's client, its handshake done. */
async function ocamlLink (node, peer, timeout) {
  const link = new RpcLink(await openStream(node, peer))
  if (await orTimeout(link.shaken, timeout) !== true) {
    const error = link.how != null || link.fault != null ? link.endError() : { kind: 'no-handshake' }
    link.reset()
    return { error }
  }
  return { link }
}

async function menuOn (link, timeout) {
  const got = await link.ask(MENU, 1, Buffer.of(0), { timeout })
  if (!got.ok) return { error: { ...got.error, of: 'menu' } }
  try {
    return { menu: wire.readMenu(Buffer.from(got.hex, 'hex')) }
  } catch (err) {
    return { error: { kind: 'bad-menu', what: err.message } }
  }
}

/** What the peer serves: [[tag, version], …]. */
export async function menu (node, peer, c) {
  const seconds = secondsOf(c)
  const { link, error } = await ocamlLink(node, peer, seconds * 1000)
  if (error != null) throw new Error(JSON.stringify(error))
  const got = await menuOn(link, seconds * 1000)
  link.reset()
  if (got.error != null) throw new Error(JSON.stringify(got.error))
  return got.menu
}

/** As OCaml's client asks: not what the menu does not have, unless `menu` is false; the highest version if none is given. */
async function askAsOcaml (node, peer, c, timeout) {
  const { link, error } = await ocamlLink(node, peer, timeout)
  if (error != null) return { error }
  try {
    let { version } = c
    if (c.menu !== false) {
      const got = await menuOn(link, timeout)
      if (got.error != null) return got
      const offered = got.menu.filter(([tag]) => tag === c.method).map(([, v]) => v)
      version ??= Math.max(...offered)
      if (!offered.includes(version)) return { error: { kind: 'not-in-menu', offered } }
    }
    return { ...await link.ask(c.method, version, Buffer.from(c.hex ?? '00', 'hex'), { digest: c.digest, timeout }), version, heartbeats: link.heartbeats }
  } finally {
    link.reset()
  }
}

// one link to each peer, and one query at a time on it
const rustLinks = new Map()
const rustTurns = new Map()

async function rustLink (node, peer) {
  const key = peer.toString()
  const before = rustLinks.get(key)
  if (before != null && before.how == null) return before
  const link = new RpcLink(await openStream(node, peer), {
    dialect: 'rust',
    limit: () => link.pending.size > 0 ? 2 ** 30 : link.reader.shaken ? RUST_IDLE_FRAME_MAX : RUST_QUERY_FRAME_MAX,
    on: { query: (q) => link.strange('query-on-our-stream', q.id), strange: (kind) => strange(key, kind) }
  })
  rustLinks.set(key, link)
  return link
}

function askAsRust (node, peer, c, timeout) {
  const key = peer.toString()
  const turn = rustTurns.get(key) ?? Promise.resolve()
  const result = turn.then(async () => {
    const link = await rustLink(node, peer)
    if (await orTimeout(link.shaken, timeout) !== true) return { error: link.how != null ? link.endError() : { kind: 'no-handshake' } }
    const got = await link.ask(c.method, c.version, Buffer.from(c.hex ?? '00', 'hex'), { digest: c.digest, timeout })
    return { ...got, version: c.version, heartbeats: link.heartbeats }
  })
  rustTurns.set(key, result.catch(() => {}))
  return result
}

export async function ask (node, peer, c) {
  const t = performance.now()
  const result = await (c.dialect === 'rust' ? askAsRust : askAsOcaml)(node, peer, c, secondsOf(c) * 1000)
  return { ...result, seconds: (performance.now() - t) / 1000 }
}

/** `count` of the same query on one stream, `inFlight` at once: how many ended how, and how many answers differ. */
export async function askMany (node, peer, c) {
  const timeout = secondsOf(c) * 1000
  const { link, error } = await ocamlLink(node, peer, timeout)
  if (error != null) return { error }
  const ended = {}
  const answers = new Set()
  const t = performance.now()
  let next = 0
  await Promise.all(Array.from({ length: c.inFlight ?? 16 }, async () => {
    while (next++ < c.count) {
      const got = await link.ask(c.method, c.version, Buffer.from(c.hex ?? '00', 'hex'), { digest: true, timeout })
      const kind = got.ok ? 'ok' : got.error.kind
      ended[kind] = (ended[kind] ?? 0) + 1
      if (got.ok) answers.add(got.sha256)
    }
  }))
  link.reset()
  return { ended, different: answers.size, stream: link.how ?? 'open', seconds: (performance.now() - t) / 1000 }
}
