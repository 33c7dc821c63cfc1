/** The load generator, a process of its own: keep-alive sockets, one request at a time on each, for a fixed time. */
import { connect } from 'node:net'
import { createHistogram, performance } from 'node:perf_hooks'
import { cpuMicroseconds, residentBytes } from './processes.ts'

export type Plan = {
  port: number
  server_pid: number
  /** The process whose descendants are the database, where there is one on this machine. */
  database_pid: number | undefined
  connections: number
  warmup_seconds: number
  seconds: number
  /** Whole HTTP requests, sent in turn. */
  requests: string[]
}

export type Measured = {
  requests: number
  requests_per_second: number
  /** Milliseconds from the first byte sent to the last byte received. */
  latency: { p50: number; p90: number; p99: number; max: number }
  /** Microseconds of processor time a request; undefined where it cannot be read. */
  cpu: { server: number | undefined; database: number | undefined; client: number }
  /** Resident memory of the server at the end. */
  rss_bytes: number | undefined
  /** Mean size of an answer, headers included. */
  answer_bytes: number
}

export type Outcome = { measured: Measured } | { failed: string }

const patience = 10_000
const endOfHead = Buffer.from('\r\n\r\n')

process.once('message', (plan: Plan) => measure(plan, finish))
// Whoever started this process is gone.
process.once('disconnect', () => process.exit())

function finish(outcome: Outcome): void {
  process.send?.(outcome, () => process.exit())
}

function measure(plan: Plan, finish: (outcome: Outcome) => void): void {
  const requests = plan.requests.map((text) => Buffer.from(text))
  const warm_at = performance.now() + plan.warmup_seconds * 1000
  const latencies = createHistogram()
  let phase: 'warming up' | 'measuring' | 'over' = 'warming up'
  let sent = 0
  let answered = 0
  let bytes = 0

  function begin(): void {
    phase = 'measuring'
    answered = 0
    bytes = 0
    const before = readings(plan)
    setTimeout(() => end(before), plan.seconds * 1000)
  }

  function end(before: Readings): void {
    if (phase === 'over') return
    phase = 'over'
    const after = readings(plan)
    const each = (name: 'server' | 'database' | 'client') => {
      const [from, to] = [before[name], after[name]]
      return from === undefined || to === undefined ? undefined : (to - from) / answered
    }
    const at = (percentile: number) => latencies.percentile(percentile) / 1000
    finish({
      measured: {
        requests: answered,
        requests_per_second: answered / ((after.time - before.time) / 1000),
        latency: { p50: at(50), p90: at(90), p99: at(99), max: latencies.max / 1000 },
        cpu: { server: each('server'), database: each('database'), client: each('client') as number },
        rss_bytes: residentBytes(plan.server_pid),
        answer_bytes: bytes / answered,
      },
    })
  }

  function fail(sentence: string): void {
    if (phase === 'over') return
    phase = 'over'
    finish({ failed: sentence })
  }

  function open(): void {
    let sent_at = 0
    let held: Buffer | undefined
    const send = () => {
      sent_at = performance.now()
      socket.write(requests[sent++ % requests.length] as Buffer)
    }
    const take = (length: number, buffer: Uint8Array) => {
      if (phase === 'over') return false
      const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length)
      const received = held ? Buffer.concat([held, chunk]) : chunk
      const size = answerSize(received, fail)
      if (size === undefined || received.length < size) {
        // The chunk's memory is written over by the next one.
        held = Buffer.from(received)
        return true
      }
      if (received.length > size) fail('The server sent more than one answer to one request.')
      held = undefined
      const now = performance.now()
      answered++
      bytes += size
      if (phase === 'measuring') latencies.record(Math.max(1, Math.round((now - sent_at) * 1000)))
      // Every request has been made once before the measurement begins, so none of them is the first of its kind.
      else if (phase === 'warming up' && now >= warm_at && answered >= requests.length) begin()
      send()
      return true
    }
    const socket = connect({
      host: '127.0.0.1',
      port: plan.port,
      noDelay: true,
      onread: { buffer: Buffer.alloc(64 * 1024), callback: take },
    })
    socket.setTimeout(patience, () => fail(`The server has been silent for ${patience / 1000} seconds.`))
    socket.on('connect', send)
    socket.on('error', (error) => fail(`A connection failed: ${error.message}.`))
    socket.on('close', () => fail('The server closed a connection.'))
  }

  for (let connection = 0; connection < plan.connections; connection++) open()
}

/** Bytes of the answer that begins here, once its head is complete. Anything but a 200 with a length ends the run. */
function answerSize(received: Buffer, fail: (sentence: string) => void): number | undefined {
  const end = received.indexOf(endOfHead)
  if (end < 0) return undefined
  const head = received.toString('latin1', 0, end)
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? []
  if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) {
    fail(`The server answered: ${received.toString('utf8', 0, 1000)}`)
    return undefined
  }
  return end + endOfHead.length + Number(length)
}

type Readings = { time: number; server: number | undefined; database: number | undefined; client: number }

function readings({ server_pid, database_pid }: Plan): Readings {
  const { user, system } = process.cpuUsage()
  return {
    time: performance.now(),
    server: cpuMicroseconds(server_pid),
    database: database_pid === undefined ? undefined : cpuMicroseconds(database_pid),
    client: user + system,
  }
}
