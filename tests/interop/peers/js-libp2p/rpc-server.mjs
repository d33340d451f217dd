// The server of Mina's Async-RPC, in both dialects (rpc.mjs says what they are), with answers that a test sets.
import { Buffer } from 'node:buffer'
import { MENU, RUST_QUERY_FRAME_MAX, RpcLink, SEEN_MAX, seen, strange } from './rpc-link.mjs'
import * as wire from './rpc-frames.mjs'

export class RpcServer {
  /**
   * answers: {"method/version": spec of an answer | {none} | {error: text} | {never} | {unimplemented}};
   * menu: [[tag, version], …] in place of the one that follows; unknown: "close" as Mina's own node does it, in place
   * of an error; limits: {"method/version": how many a peer may ask}.
   */
  constructor (node, { dialect = 'ocaml', answers = {}, menu, unknown, limits = {} }) {
    Object.assign(this, { node, dialect, answers, unknown, limits, used: {} })
    this.menu = menu ?? Object.keys(answers).map((name) => { const i = name.lastIndexOf('/'); return [name.slice(0, i), Number(name.slice(i + 1))] })
  }

  accept (stream, connection) {
    const peer = connection.remotePeer.toString()
    seen.streams++
    const link = new RpcLink(stream, {
      dialect: this.dialect,
      limit: () => this.dialect === 'rust' ? RUST_QUERY_FRAME_MAX : 2 ** 30,
      on: { query: (q) => this.onQuery(q, link, connection), strange: (what) => strange(peer, what) }
    })
    link.ended.then((how) => { seen.ends[how] = (seen.ends[how] ?? 0) + 1 })
  }

  onQuery (q, link, connection) {
    const name = `${q.tag}/${q.version}`
    const peer = connection.remotePeer.toString()
    if (seen.queries.length < SEEN_MAX) seen.queries.push({ peer, name, id: Number(q.id), size: q.value.length, stream: link.stream.id })
    if (this.dialect === 'rust') {
      this.answerAsRust(q, name, link, connection)
      return
    }
    if (link.unanswered?.has(q.id)) {
      strange(peer, 'duplicate-id')
      link.reset()
      return
    }
    link.unanswered ??= new Set()
    link.unanswered.add(q.id)
    const done = () => link.unanswered.delete(q.id)
    this.answerAsOcaml(q, name, link, peer).then(done, done)
  }

  async answerAsOcaml (q, name, link, peer) {
    const send = (message) => link.send(wire.frame(message))
    if (name === `${MENU}/1`) {
      return send(wire.answer(q.id, wire.list(this.menu.map(([tag, version]) => Buffer.concat([wire.string(tag), wire.int(version)])))))
    }
    const spec = this.answers[name]
    if (spec == null || spec.unimplemented) {
      if (this.unknown === 'close') return link.reset()
      return send(wire.unimplemented(q.id, q.tag, q.version, 'ocaml'))
    }
    const used = this.used[`${peer} ${name}`] = (this.used[`${peer} ${name}`] ?? 0) + 1
    if (used > (this.limits[name] ?? Infinity)) return send(wire.failure(q.id, 'Uncaught_exn', ['peer exceeded capacity'], 'ocaml'))
    if (spec.never) return new Promise(() => {})
    if (spec.error != null) return send(wire.failure(q.id, 'Uncaught_exn', [['location', 'server-side rpc computation'], ['exn', spec.error]], 'ocaml'))
    return link.answer(q.id, spec.none ? { hex: '00' } : spec)
  }

  answerAsRust (q, name, link, connection) {
    const peer = connection.remotePeer.toString()
    const spec = this.answers[name]
    if (spec == null || spec.unimplemented) {
      strange(peer, `unknown ${name}`)
      connection.close().catch(() => {})
    } else if (link.busy) {
      strange(peer, 'second query')
    } else if (spec.error != null) {
      link.send(wire.frame(wire.failure(q.id, 'Uncaught_exn', spec.error, 'rust'))).catch(() => {})
    } else {
      link.busy = true // for ever, if there is nothing to say
      if (!spec.none && !spec.never) link.answer(q.id, spec).catch(() => {}).finally(() => { link.busy = false })
    }
  }
}
