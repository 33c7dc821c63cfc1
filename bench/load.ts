/** The load generator of our own, a process: keep-alive connections, one request at a time on each, for a fixed time. */
import { createHistogram, performance } from 'node:perf_hooks'
import { openConnection } from './connection.ts'
import type { Load, Loaded } from './generators.ts'
import { readRequests } from './requests.ts'

process.once('message', (load: Load) => run(load, (loaded) => process.send?.(loaded, () => process.exit())))
// Whoever started this process is gone.
process.once('disconnect', () => process.exit())

function run({ port, connections, seconds, file }: Load, finish: (loaded: Loaded) => void): void {
  const requests = readRequests(file)
  const latencies = createHistogram()
  let opened = 0
  let began = 0
  let answered = 0
  let bytes = 0
  let over = false

  function begin(): void {
    began = performance.now()
    for (const send of senders) send()
    setTimeout(end, seconds * 1000)
  }

  function end(): void {
    if (over) return
    over = true
    const at = (percentile: number) => latencies.percentile(percentile) / 1000
    finish({
      requests: answered,
      seconds: (performance.now() - began) / 1000,
      latency: { p50: at(50), p90: at(90), p99: at(99), max: latencies.max / 1000 },
      bytes,
    })
  }

  function fail(sentence: string): void {
    if (over) return
    over = true
    finish({ failed: sentence })
  }

  const senders = Array.from({ length: connections }, () => {
    let sent_at = 0
    const send = () => {
      sent_at = performance.now()
      connection.send(requests[Math.floor(Math.random() * requests.length)] as Buffer)
    }
    const connection = openConnection(port, {
      onOpen() {
        opened++
        if (opened === connections) begin()
      },
      onAnswer({ status, size, body }) {
        if (over) return
        if (status !== 200) return fail(`The server answered ${status}: ${body().slice(0, 1000)}`)
        answered++
        bytes += size
        latencies.record(Math.max(1, Math.round((performance.now() - sent_at) * 1000)))
        send()
      },
      onFailure: fail,
    })
    return send
  })
}
