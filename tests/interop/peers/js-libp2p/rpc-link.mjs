// One stream of Async-RPC, either side of which may ask; what an answer is made of; and what was seen of the others.
import { Buffer } from 'node:buffer'
import crypto from 'node:crypto'
import { drained, RPC } from './node.mjs'
import * as wire from './rpc-frames.mjs'

export const MENU = '__Versioned_rpc.Menu'
const HEARTBEAT_MS = 10_000
const SHAKE_MS = 15_000
export const RUST_QUERY_FRAME_MAX = 256
export const RUST_IDLE_FRAME_MAX = 7

export const openStream = (node, peer) => node.dialProtocol(peer, RPC, { maxOutboundStreams: 4096, signal: AbortSignal.timeout(SHAKE_MS) })

/** The bytes of an answer: {hex, times?}, {size, seed?} or {pieces: [of these]}. A generator of its parts. */
function * partsOf (spec) {
  for (const piece of spec.pieces ?? [spec]) {
    if (piece.hex == null) {
      yield * wire.pattern(piece.size, piece.seed)
      continue
    }
    const bytes = Buffer.from(piece.hex, 'hex')
    for (let i = 0; i < (piece.times ?? 1); i++) yield bytes
  }
}
const sizeOf = (spec) => (spec.pieces ?? [spec]).reduce((sum, p) => sum + (p.hex != null ? p.hex.length / 2 * (p.times ?? 1) : p.size), 0)

export function digestOf (spec) {
  const hash = crypto.createHash('sha256')
  for (const part of partsOf(spec)) hash.update(part)
  return { size: sizeOf(spec), sha256: hash.digest('hex') }
}

/** {"method/version": {size, sha256}} of those answers that are bytes. */
export const digestsOf = (answers = {}) => Object.fromEntries(Object.entries(answers)
  .filter(([, spec]) => spec.hex != null || spec.size != null || spec.pieces != null)
  .map(([name, spec]) => [name, digestOf(spec)]))

/**
 * Async-RPC on one stream, either side of which may ask. `on.query(query, link)` answers the other's; without it they
 * are only logged. `log` has what came, in order: {t, what, id?}. With `raw` nothing is sent but by send().
 */
export class RpcLink {
  constructor (stream, { dialect = 'ocaml', raw = false, on = {}, limit } = {}) {
    this.stream = stream
    this.dialect = dialect
    this.on = on
    this.log = []
    this.heartbeats = 0
    this.pending = new Map() // id -> {done, hash, parts, size, got}
    this.nextId = 0
    this.queue = Promise.resolve() // frames are written one after another
    this.begun = performance.now()
    this.how = null // how it ended
    this.fault = null // what the other did wrong
    this.shaken = new Promise((resolve) => { this.onShaken = resolve }) // true, or false when it ended before
    this.ended = new Promise((resolve) => { this.onEnded = resolve })
    this.reader = new wire.FrameReader({
      handshake: (bytes) => this.onHandshake(bytes),
      message: (m) => this.onMessage(m),
      begin: (id, size) => this.onBegin(id, size),
      bytes: (part) => this.onBytes(part),
      end: (id) => this.onAnswerEnd(id)
    }, limit)
    stream.addEventListener('message', (e) => this.onData(e.data))
    stream.addEventListener('remoteCloseWrite', () => this.endSoon())
    stream.addEventListener('close', () => this.endSoon())
    if (stream.status !== 'open' || stream.remoteWriteStatus === 'closed') this.endSoon()
    if (!raw) {
      this.send(wire.frame(wire.handshake()))
      if (dialect === 'rust') this.heartbeat()
      this.timer = setInterval(() => this.heartbeat(), HEARTBEAT_MS)
    }
  }

  note (what, more = {}) {
    if (typeof more.id === 'bigint') more.id = String(more.id) // JSON has none
    if (this.log.length < 1000) this.log.push({ t: Math.round(performance.now() - this.begun) / 1000, what, ...more })
  }

  // Writing. The parts of one frame stay together; a writer that is held up holds up all behind it.

  send (...parts) {
    return this.enqueue(async () => { for (const part of parts) await this.write(part) })
  }

  enqueue (work) {
    const done = this.queue.then(work)
    this.queue = done.catch(() => {})
    done.catch(() => {}) // that the stream is gone is seen by its end
    return done
  }

  async write (bytes) {
    if (!this.stream.send(bytes)) await drained(this.stream)
  }

  heartbeat () {
    if (this.beating || this.how != null) return
    this.beating = true
    this.send(wire.frame(wire.HEARTBEAT)).catch(() => {}).finally(() => { this.beating = false })
  }

  /** An answer as `spec` describes it; only so many bytes of it if it says stallAfter, and then nothing ever again. */
  answer (id, spec) {
    const size = sizeOf(spec)
    const head = wire.answerHead(id, size, this.dialect)
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(head.length + size))
    return this.enqueue(async () => {
      let left = spec.stallAfter ?? Infinity
      await this.write(Buffer.concat([length, head]))
      for (const part of partsOf(spec)) {
        if (left < part.length) {
          if (left > 0) await this.write(part.subarray(0, left))
          await new Promise(() => {})
        }
        left -= part.length
        await this.write(part)
      }
    })
  }

  // Asking

  /** {ok, hex, size} | {ok, size, sha256} | {error: {kind}}. */
  async ask (tag, version, value, { digest = false, timeout = 15_000, id = this.nextId } = {}) {
    this.nextId = Math.max(this.nextId, id + 1)
    const answer = new Promise((done) => {
      if (this.how != null) return done({ error: this.endError() })
      this.pending.set(id, { done, hash: digest ? crypto.createHash('sha256') : null, parts: [], size: 0, got: 0 })
    })
    this.send(wire.frame(wire.query(tag, version, id, value))).catch(() => {})
    const got = await orTimeout(answer, timeout)
    if (got !== null) return got
    const { got: received = 0, size = 0 } = this.pending.get(id) ?? {}
    this.pending.delete(id)
    return { error: { kind: 'timeout', received, size } }
  }

  settle (id, result) {
    const asked = this.pending.get(id)
    this.pending.delete(id)
    asked?.done(result)
  }

  // Reading

  onData (data) {
    if (this.fault != null) return
    try {
      const bytes = data.subarray() // one piece of what may be a list of them
      this.reader.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    } catch (err) {
      this.onFault(err instanceof wire.RpcFault ? err : new wire.RpcFault('malformed', `${err.name}: ${err.message}`))
    }
  }

  onHandshake (bytes) {
    this.note('handshake')
    const r = new wire.Reader(bytes)
    const numbers = Array.from({ length: r.nat0() }, () => r.int())
    r.end()
    if (numbers[0] !== wire.MAGIC || !numbers.slice(1).includes(1)) throw new wire.RpcFault('bad-handshake', bytes.toString('hex'))
    this.onShaken(true)
  }

  onMessage (m) {
    if (m.heartbeat) {
      this.heartbeats++
    } else if (m.query != null) {
      this.note(`query ${m.query.tag}/${m.query.version}`, { id: m.query.id })
      this.on.query?.(m.query, this)
    } else {
      this.note(m.error.kind, { id: m.id, text: m.error.what })
      if (!this.pending.has(m.id)) this.strange('unasked-answer', m.id)
      this.settle(m.id, { error: m.error })
    }
  }

  onBegin (id, size) {
    this.note('answer', { id, size })
    this.answering = this.pending.get(id)
    if (this.answering == null) this.strange('unasked-answer', id)
    else this.answering.size = size
  }

  onBytes (part) {
    const a = this.answering
    if (a == null) return
    a.got += part.length
    if (a.hash != null) a.hash.update(part)
    else a.parts.push(Buffer.from(part))
  }

  onAnswerEnd (id) {
    const a = this.answering
    this.answering = null
    if (a == null) return
    this.settle(id, { ok: true, size: a.got, ...(a.hash != null ? { sha256: a.hash.digest('hex') } : { hex: Buffer.concat(a.parts).toString('hex') }) })
  }

  strange (kind, id) {
    this.note(`strange: ${kind}`, { id })
    this.on.strange?.(kind, this)
  }

  onFault (fault) {
    this.fault = fault
    this.note(`fault: ${fault.message}`)
    this.on.strange?.(fault.message, this)
    for (const id of [...this.pending.keys()]) this.settle(id, { error: { kind: fault.kind, what: fault.message } })
    this.onShaken(false)
    if (this.dialect === 'ocaml') this.reset() // the Rust node goes deaf instead
  }

  // The end

  reset () { this.stream.abort(new Error('done with it')) }

  endError () { return { kind: this.how, ...(this.fault != null ? { what: this.fault.message } : {}) } }

  endSoon () { setImmediate(() => this.onEnd()) } // the library reports an end before the data that came with it

  onEnd () {
    if (this.how != null) return
    const { status } = this.stream
    this.how = status === 'reset' ? 'reset' : status === 'aborted' ? 'aborted' : status === 'closed' ? 'closed' : 'finished'
    clearInterval(this.timer)
    this.note(this.how)
    for (const id of [...this.pending.keys()]) this.settle(id, { error: this.endError() })
    this.onShaken(false)
    this.onEnded(this.how)
    if (this.how === 'finished') this.stream.close({ signal: AbortSignal.timeout(5000) }).catch(() => {})
  }
}

/** What the promise gives, or null after so many milliseconds. */
export async function orTimeout (promise, ms) {
  let timer
  const late = new Promise((resolve) => { timer = setTimeout(resolve, ms, null) })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What the server, and the Rust client, have seen of the others. */
export const seen = { streams: 0, ends: {}, queries: [], strange: [] }
export const SEEN_MAX = 10_000
export const strange = (peer, what) => { if (seen.strange.length < SEEN_MAX) seen.strange.push({ peer, what }) }
export function takeSeen () {
  const taken = structuredClone(seen)
  Object.assign(seen, { streams: 0, ends: {}, queries: [], strange: [] })
  return taken
}
