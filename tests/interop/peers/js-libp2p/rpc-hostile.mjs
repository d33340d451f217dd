// What no honest node does on coda/rpcs/0.0.1, and a report of what came of it.
import { Buffer } from 'node:buffer'
import { MENU, RpcLink, openStream, orTimeout } from './rpc-link.mjs'
import * as wire from './rpc-frames.mjs'

const UNIT = Buffer.of(0)
const NOT_FOUND = Buffer.concat([Buffer.of(1), wire.string('"not found"')]) // of answer_sync_ledger_query
const SHAKE = wire.frame(wire.handshake())
const framedQuery = (tag, version, id, value = UNIT) => wire.frame(wire.query(tag, version, id, value))
const menuOf = (entries) => wire.list(entries.map(([tag, version]) => Buffer.concat([wire.string(tag), wire.int(version)])))
const framedAnswer = (id, value = UNIT) => wire.frame(wire.answer(id, value))
const many = (count, bytes) => Buffer.concat(Array.from({ length: count }, () => bytes))

/** A frame whose length says more than what follows. */
function lying (length, bytes) {
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(length)
  return Buffer.concat([head, bytes])
}

/** An error answer that holds S-expressions, one in the other. */
function nested (id, depth) {
  const list_of_one = Buffer.of(1, 1)
  const head = [Buffer.of(2), wire.int(id), Buffer.of(1, wire.ERRORS.indexOf('Uncaught_exn'))]
  return wire.frame(Buffer.concat([...head, many(depth, list_of_one), Buffer.of(1, 0)]))
}

// Moves of who asks: what is sent on a stream of its own. `count` of the command sizes those that have a size.
const asking = {
  'unasked-answer': () => [SHAKE, framedAnswer(77)],
  'length-2^62': () => [SHAKE, lying(1n << 62n, Buffer.concat([Buffer.of(1), wire.string('get_best_tip')]))],
  'length-2^62-answer': () => [SHAKE, lying(1n << 62n, Buffer.concat([Buffer.of(2, 1, 0, 0xfc), Buffer.alloc(8, 0x3f)]))],
  'length-0': () => [SHAKE, Buffer.alloc(8)],
  'heartbeat-flood': (c) => [SHAKE, many(c.count ?? 10_000, wire.frame(wire.HEARTBEAT))],
  'duplicate-id': () => [SHAKE, Buffer.concat([framedQuery(MENU, 1, 5), framedQuery('get_best_tip', 2, 6), framedQuery('get_best_tip', 2, 6)])],
  'unknown-method': () => [SHAKE, framedQuery('no_such_method', 1, 1)],
  'unknown-version': () => [SHAKE, framedQuery('get_best_tip', 999, 1)],
  'bad-handshake': () => [wire.frame(wire.handshake(0x123456)), framedQuery(MENU, 1, 1)],
  'bad-handshake-version': () => [wire.frame(wire.handshake(wire.MAGIC, [9])), framedQuery(MENU, 1, 1)],
  'no-handshake': () => [framedQuery(MENU, 1, 1)],
  silent: () => [],
  'stop-mid-query': () => [SHAKE, framedQuery('get_best_tip', 2, 1).subarray(0, 17)],
  'bad-query': () => [SHAKE, framedQuery('get_transition_chain', 2, 1, Buffer.from('03ffff', 'hex'))],
  'trailing-bytes': () => [SHAKE, wire.frame(Buffer.concat([wire.query(MENU, 1, 1, UNIT), Buffer.alloc(3)]))],
  'nested-bomb': (c) => [SHAKE, nested(1, c.count ?? 4000)],
  'over-budget': (c) => [SHAKE, ...Array.from({ length: c.count ?? 12 }, (_, i) => framedQuery('get_some_initial_peers', 1, i + 1))]
}

// Moves of who is asked: what is sent when a query `q` comes. The menu is answered as it should be.
const asked = {
  'answer-twice': (q) => [framedAnswer(q.id, NOT_FOUND), framedAnswer(q.id, NOT_FOUND)],
  'wrong-id': (q) => [framedAnswer(Number(q.id) + 1, NOT_FOUND)],
  'nested-bomb-answer': (q, c) => [nested(q.id, c.count ?? 4000)],
  'length-2^62-answered': (q) => [lying(1n << 62n, Buffer.concat([Buffer.of(2), wire.int(q.id), Buffer.of(0, 0xfc), Buffer.alloc(8, 0x3f)]))],
  'huge-answer': (q, c) => { // a head that promises more than anybody takes
    const head = wire.answerHead(q.id, c.count ?? 1e12)
    return [lying(BigInt(head.length) + BigInt(c.count ?? 1e12), head)]
  },
  'lying-menu': (q) => [wire.frame(wire.unimplemented(q.id, q.tag, q.version, 'ocaml'))],
  'reset-mid-answer': (q) => [wire.frame(wire.answer(q.id, Buffer.alloc(5000))).subarray(0, 2000), null],
  'finish-mid-answer': (q) => [wire.frame(wire.answer(q.id, Buffer.alloc(5000))).subarray(0, 2000), undefined]
}

export const moves = [...Object.keys(asking), ...Object.keys(asked), 'hundred-streams', 'bad-menu']

/** When the connection to the peer ends: how many seconds after now; null while it lasts. */
function watchConnection (node, peer) {
  const begun = performance.now()
  const watch = { seconds: null }
  const closed = (e) => {
    if (!e.detail.remotePeer.equals(peer) || node.getConnections(peer).some((c) => c.status === 'open' && c !== e.detail)) return
    watch.seconds ??= (performance.now() - begun) / 1000
    watch.onClosed()
  }
  watch.closed = new Promise((resolve) => { watch.onClosed = resolve })
  node.addEventListener('connection:close', closed)
  watch.end = () => node.removeEventListener('connection:close', closed)
  return watch
}

const reportOf = (link) => ({
  shaken: link.log.some((e) => e.what === 'handshake'),
  answers: link.log.filter((e) => e.id != null && !e.what.startsWith('query') && !e.what.startsWith('strange')),
  heartbeats: link.heartbeats,
  stream: link.how ?? 'open',
  stream_s: link.how != null ? link.log.find((e) => e.what === link.how)?.t : null
})

/** Waits until the streams have ended or the connection, and at most so long. */
async function outcome (links, connection, seconds) {
  await orTimeout(Promise.race([Promise.all(links.map((l) => l.ended)), connection.closed]), seconds * 1000)
  await orTimeout(connection.closed, 200) // it may follow
}

async function ask (node, peer, c, seconds, connection) {
  const stream = await openStream(node, peer)
  const link = new RpcLink(stream, { raw: true })
  link.enqueue(async () => { for (const part of asking[c.what](c)) await link.write(part) }).catch(() => {})
  await outcome([link], connection, seconds)
  link.reset()
  return { ...reportOf(link), log: link.log.slice(0, 40) }
}

async function hundredStreams (node, peer, c, seconds, connection) {
  const links = []
  let refused = 0
  await Promise.all(Array.from({ length: c.count ?? 100 }, async () => {
    try {
      const link = new RpcLink(await openStream(node, peer), { raw: true })
      links.push(link)
      const query = framedQuery(MENU, 1, 1)
      link.send(SHAKE, c.half ? query.subarray(0, 12) : query).catch(() => {})
    } catch { refused++ }
  }))
  await outcome(links, connection, seconds)
  const count = (f) => links.filter(f).length
  const result = {
    refused, // while the protocol was agreed
    shaken: count((l) => l.log.some((e) => e.what === 'handshake')),
    answered: count((l) => l.log.some((e) => e.what === 'answer')),
    reset: count((l) => l.how === 'reset'),
    open: count((l) => l.how == null)
  }
  for (const link of links) link.reset()
  return result
}

const badMenus = {
  endless: () => Buffer.concat([Buffer.of(0xfc), Buffer.alloc(8, 0x3f)]), // 4.5e18 entries
  torn: () => Buffer.concat([wire.nat0(2), wire.string('get_best_tip'), wire.int(2), wire.string('get_an')]),
  repeated: () => menuOf(Array.from({ length: 1000 }, () => ['get_best_tip', 2]))
}

/** Serves in place of the honest server until one query has been dealt with. */
async function beAsked (node, peer, c, seconds, connection, takeOver) {
  let release
  const dealt = new Promise((resolve) => {
    release = takeOver((stream) => {
      const link = new RpcLink(stream, {
        on: {
          query: (q) => {
            const bad = c.what === 'bad-menu'
            if (q.tag === MENU && !bad) {
              link.send(framedAnswer(q.id, menuOf([['answer_sync_ledger_query', 3], ['get_best_tip', 2]])))
              return
            }
            const parts = bad ? [framedAnswer(q.id, badMenus[c.menu ?? 'endless']())] : asked[c.what](q, c)
            link.enqueue(async () => {
              for (const part of parts) {
                if (part === null) link.reset()
                else if (part === undefined) await stream.close()
                else await link.write(part)
              }
            }).catch(() => {})
            resolve(link)
          }
        }
      })
    })
  })
  try {
    const link = await orTimeout(dealt, seconds * 1000)
    if (link == null) return { asked: false }
    await outcome([link], connection, c.after ?? 1)
    return { asked: true, ...reportOf(link), log: link.log.slice(0, 40) }
  } finally {
    release()
  }
}

/** `takeOver(handler)` puts another handler in the place of the RPC's, and returns what undoes it. */
export async function hostile (node, peer, c, takeOver) {
  const seconds = c.seconds ?? 3
  const connection = watchConnection(node, peer)
  try {
    let report
    if (c.what === 'hundred-streams') report = await hundredStreams(node, peer, c, seconds, connection)
    else if (asking[c.what] != null) report = await ask(node, peer, c, seconds, connection)
    else if (asked[c.what] != null || c.what === 'bad-menu') report = await beAsked(node, peer, c, seconds, connection, takeOver)
    else throw new Error(`no move ${c.what}; there are ${moves.join(' ')}`)
    return { ...report, connection: connection.seconds == null ? 'open' : 'closed', connection_s: connection.seconds }
  } finally {
    connection.end()
  }
}
