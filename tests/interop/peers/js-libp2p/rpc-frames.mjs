// Async-RPC as bytes: what of bin_prot its messages need, the messages themselves, and a reader of frames that never
// holds a long answer. A frame is 8 bytes of length, little-endian, and a message; the first message of each side is
// the handshake.
import { Buffer } from 'node:buffer'

export class RpcFault extends Error {
  constructor (kind, what = '') {
    super(what === '' ? kind : `${kind}: ${what}`)
    this.name = 'RpcFault'
    this.kind = kind
  }
}

// Writing

const tagged = (tag, size, put) => { const b = Buffer.alloc(1 + size); b[0] = tag; put(b); return b }

/** Lengths and counts. */
export function nat0 (n) {
  if (n < 0x80) return Buffer.of(n)
  if (n < 0x10000) return tagged(0xfe, 2, (b) => b.writeUInt16LE(n, 1))
  if (n < 0x100000000) return tagged(0xfd, 4, (b) => b.writeUInt32LE(n, 1))
  return tagged(0xfc, 8, (b) => b.writeBigUInt64LE(BigInt(n), 1))
}

/** Signed integers: versions, ids. */
export function int (n) {
  if (n >= 0 && n < 0x80) return Buffer.of(n)
  if (n < 0 && n >= -0x80) return tagged(0xff, 1, (b) => b.writeInt8(Number(n), 1))
  if (n >= -0x8000 && n < 0x8000) return tagged(0xfe, 2, (b) => b.writeInt16LE(Number(n), 1))
  if (n >= -0x80000000 && n < 0x80000000) return tagged(0xfd, 4, (b) => b.writeInt32LE(Number(n), 1))
  return tagged(0xfc, 8, (b) => b.writeBigInt64LE(BigInt(n), 1))
}

export const string = (s) => { const b = Buffer.from(s); return Buffer.concat([nat0(b.length), b]) }
export const list = (items) => Buffer.concat([nat0(items.length), ...items])

/** An S-expression: a string is an atom, an array a list. */
export const sexp = (s) => Array.isArray(s)
  ? Buffer.concat([Buffer.of(1), list(s.map(sexp))])
  : Buffer.concat([Buffer.of(0), string(s)])

/** OCaml's number of a polymorphic variant, as bin_prot writes it. */
export function variant (name) {
  let hash = 0
  for (const c of Buffer.from(name)) hash = Number((223n * BigInt(hash) + BigInt(c)) & 0x7fffffffn)
  const b = Buffer.alloc(4)
  b.writeUInt32LE(((hash * 2 + 1) & 0xffffffff) >>> 0) // the sign bit of 31 bits is the top one of 32
  return b
}

export function frame (message) {
  const b = Buffer.alloc(8)
  b.writeBigUInt64LE(BigInt(message.length))
  return Buffer.concat([b, message])
}

export const MAGIC = 0x435052 // "RPC"
export const handshake = (magic = MAGIC, versions = [1]) => list([magic, ...versions].map(int))
export const HEARTBEAT = Buffer.of(0)
export const query = (tag, version, id, value) => Buffer.concat([Buffer.of(1), string(tag), int(version), int(id), nat0(value.length), value])
const responseTo = (id, dialect) => Buffer.concat([Buffer.of(2), dialect === 'rust' ? nat0(id) : int(id)]) // the Rust node's spelling
export const answerHead = (id, size, dialect) => Buffer.concat([responseTo(id, dialect), Buffer.of(0), nat0(size)])
export const answer = (id, value, dialect) => Buffer.concat([answerHead(id, value.length, dialect), value])

export const ERRORS = ['Bin_io_exn', 'Connection_closed', 'Write_error', 'Uncaught_exn', 'Unimplemented_rpc', 'Unknown_query_id']
const errorHead = (id, kind, dialect) => Buffer.concat([responseTo(id, dialect), Buffer.of(1, ERRORS.indexOf(kind))])
export const failure = (id, kind, what, dialect) => Buffer.concat([errorHead(id, kind, dialect), sexp(what)])
export const unimplemented = (id, tag, version, dialect) =>
  Buffer.concat([errorHead(id, 'Unimplemented_rpc', dialect), string(tag), ...(dialect === 'rust' ? [] : [variant('Version')]), int(version)])

// Reading

const SEXP_DEPTH_MAX = 64

export class Reader {
  constructor (bytes) {
    this.bytes = bytes
    this.at = 0
  }

  get left () { return this.bytes.length - this.at }

  take (n) {
    if (n > this.left) throw new RpcFault('malformed', `${n} bytes wanted, ${this.left} left`)
    this.at += n
    return this.bytes.subarray(this.at - n, this.at)
  }

  byte () { return this.take(1)[0] }

  nat0 () {
    const first = this.byte()
    if (first < 0x80) return first
    if (first === 0xfe) return this.take(2).readUInt16LE()
    if (first === 0xfd) return this.take(4).readUInt32LE()
    if (first !== 0xfc) throw new RpcFault('malformed', `a count that begins with ${first}`)
    const n = this.take(8).readBigUInt64LE()
    if (n > BigInt(Number.MAX_SAFE_INTEGER)) throw new RpcFault('malformed', `a count of ${n}`)
    return Number(n)
  }

  int () {
    const first = this.byte()
    if (first < 0x80) return first
    if (first === 0xff) return this.take(1).readInt8()
    if (first === 0xfe) return this.take(2).readInt16LE()
    if (first === 0xfd) return this.take(4).readInt32LE()
    if (first !== 0xfc) throw new RpcFault('malformed', `an integer that begins with ${first}`)
    const n = this.take(8).readBigInt64LE()
    const safe = n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER)
    return safe ? Number(n) : n
  }

  string () { return this.take(this.nat0()).toString() }

  sexp (depth = 0) {
    if (depth > SEXP_DEPTH_MAX) throw new RpcFault('malformed', 'an S-expression too deep')
    const kind = this.byte()
    if (kind === 0) return this.string()
    if (kind !== 1) throw new RpcFault('malformed', `S-expression of kind ${kind}`)
    const count = this.nat0()
    if (count > this.left) throw new RpcFault('malformed', `a list of ${count}`)
    return `(${Array.from({ length: count }, () => this.sexp(depth + 1)).join(' ')})`
  }

  end () { if (this.left !== 0) throw new RpcFault('malformed', `${this.left} bytes too many`) }
}

function readError (r) {
  const kind = ERRORS[r.byte()]
  switch (kind) {
    case 'Connection_closed': return { kind }
    case 'Unknown_query_id': return { kind, id: r.int() }
    case 'Unimplemented_rpc': {
      // OCaml's has the variant `Version before the number, Mina's Rust node knows the number alone
      const tag = r.string()
      const is_variant = r.left >= 5 && r.bytes.subarray(r.at, r.at + 4).equals(variant('Version'))
      if (is_variant) r.take(4)
      return { kind, tag, version: r.int(), form: is_variant ? 'ocaml' : 'rust' }
    }
    case undefined: throw new RpcFault('malformed', 'unknown kind of error')
    default: return { kind, what: r.sexp() }
  }
}

/** {heartbeat} | {query: {tag, version, id, value}} | {id, value} | {id, error} */
export function readMessage (bytes) {
  const r = new Reader(bytes)
  let message
  switch (r.byte()) {
    case 0: message = { heartbeat: true }; break
    case 1: message = { query: { tag: r.string(), version: r.int(), id: r.int(), value: r.take(r.nat0()) } }; break
    case 2: {
      const id = r.int()
      const status = r.byte()
      if (status > 1) throw new RpcFault('malformed', `a response of status ${status}`)
      message = status === 0 ? { id, value: r.take(r.nat0()) } : { id, error: readError(r) }
      break
    }
    default: throw new RpcFault('malformed', `a message that begins with ${bytes[0]}`)
  }
  r.end()
  return message
}

/** The menu: a list of tags, each with a version. */
export function readMenu (bytes) {
  const r = new Reader(bytes)
  const entries = []
  for (let left = r.nat0(); left > 0; left--) entries.push([r.string(), r.int()])
  r.end()
  return entries
}

const HEAD_MAX = 1 + 9 + 1 + 9 // of an answer: kind, id, status, length
const WHOLE_MAX = 64 * 1024 // of all else

/**
 * Frames, as their bytes come. Calls on.handshake(bytes), on.message(message), and for an answer on.begin(id, size),
 * on.bytes(some of the value)… and on.end(id). `limit()` says how long a frame may be now. Throws RpcFault.
 */
export class FrameReader {
  constructor (on, limit = () => 2 ** 30) {
    this.on = on
    this.limit = limit
    this.shaken = false
    this.held = []
    this.held_bytes = 0
    this.wanted = 8 // bytes to be held until the next step
    this.step = this.onLength
    this.value = null // {id, left} of the answer that is coming in
  }

  push (bytes) {
    while (bytes.length > 0) {
      const n = Math.min(bytes.length, this.value?.left ?? this.wanted - this.held_bytes)
      const part = bytes.subarray(0, n)
      bytes = bytes.subarray(n)
      if (this.value != null) {
        this.onValue(part)
        continue
      }
      this.held.push(part)
      this.held_bytes += n
      if (this.held_bytes === this.wanted) this.step(this.held.length === 1 ? part : Buffer.concat(this.held))
    }
  }

  hold (wanted, step, first = null) {
    this.held = first == null ? [] : [first]
    this.held_bytes = first?.length ?? 0
    this.wanted = wanted
    this.step = step
  }

  onLength (bytes) {
    const length = bytes.readBigUInt64LE()
    if (length === 0n) throw new RpcFault('empty-frame')
    if (length > BigInt(this.limit())) throw new RpcFault('frame-too-long', `${length} bytes, ${this.limit()} allowed`)
    this.length = Number(length)
    this.hold(Math.min(this.length, HEAD_MAX), this.onHead)
  }

  onHead (head) {
    if (this.shaken && head[0] === 2) {
      const r = new Reader(head)
      r.byte()
      const id = r.int()
      if (r.byte() === 0) {
        const size = r.nat0()
        if (r.at + size !== this.length) throw new RpcFault('malformed', `an answer of ${size} bytes in a frame of ${this.length}`)
        this.hold(8, this.onLength)
        this.value = { id, left: size }
        this.on.begin(id, size)
        this.onValue(head.subarray(r.at))
        return
      }
    }
    if (this.length > WHOLE_MAX) throw new RpcFault('frame-too-long', `${this.length} bytes, and no answer`)
    if (this.length === head.length) this.onWhole(head)
    else this.hold(this.length, this.onWhole, head)
  }

  onWhole (bytes) {
    this.hold(8, this.onLength)
    if (this.shaken) {
      this.on.message(readMessage(bytes))
    } else {
      this.shaken = true
      this.on.handshake(bytes)
    }
  }

  onValue (part) {
    const value = this.value
    value.left -= part.length
    if (part.length > 0) this.on.bytes(part)
    if (value.left > 0) return
    this.value = null
    this.on.end(value.id)
  }
}

// Generated values

const BLOCK = 65536

/** `size` bytes that depend on `seed` and place, in blocks: a part lost or in the wrong place shows in the digest. */
export function * pattern (size, seed = 1) {
  for (let at = 0; at < size; at += BLOCK) {
    const words = new Uint32Array(BLOCK / 4)
    let x = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(at / BLOCK + 1, 0x85ebca6b)) | 1
    for (let i = 0; i < words.length; i++) {
      x ^= x << 13
      x ^= x >>> 17
      x ^= x << 5
      words[i] = x
    }
    const bytes = Buffer.from(words.buffer)
    yield size - at < BLOCK ? bytes.subarray(0, size - at) : bytes
  }
}
