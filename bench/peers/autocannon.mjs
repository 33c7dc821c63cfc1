/** Runs autocannon, a process of its own: sends the whole requests of a file at random and reports what it measured. */
import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'

process.once('message', async ({ port, connections, seconds, file }) => {
  const requests = read(file).map((requestBuffer) => ({ requestBuffer }))
  const {
    requests: answers,
    non2xx,
    errors,
    latency,
    throughput,
    duration,
  } = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    // Whole seconds; it counts in steps of this many milliseconds.
    duration: Math.max(1, Math.ceil(seconds)),
    sampleInt: 100,
    setupClient({ requestIterator }) {
      // Requests that are ready to send: building thousands anew for every connection would take longer than the run.
      requestIterator.nextRequest = () => {
        requestIterator.currentRequest = requests[Math.floor(Math.random() * requests.length)]
        return requestIterator.currentRequest
      }
      requestIterator.nextRequest()
    },
  })
  const { p50, p90, p99, max } = latency
  const failed = non2xx + errors > 0 && `${non2xx} requests were refused and ${errors} failed.`
  process.send(
    failed
      ? { failed }
      : { requests: answers.total, seconds: duration, latency: { p50, p90, p99, max }, bytes: throughput.total },
    () => process.exit(),
  )
})
// Whoever started this process is gone.
process.once('disconnect', () => process.exit())

/** The requests of a file, each behind a line with its length (see requests.ts). */
function read(path) {
  const all = readFileSync(path)
  const requests = []
  for (let at = 0; at < all.length; ) {
    const line = all.indexOf('\n', at)
    const length = Number(all.toString('latin1', at, line))
    requests.push(all.subarray(line + 1, line + 1 + length))
    at = line + 1 + length
  }
  return requests
}
