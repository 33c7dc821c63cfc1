/** The bare hash rate, measured in a process of its own: passwords hashed as the server does, as many at once as it would. */
import { createHistogram, performance } from 'node:perf_hooks'
import { readConfig } from '../src/config.ts'
import { hashPassword } from '../src/crypto/passwords/hash.ts'
import type { Outcome, Plan } from './load.ts'
import { residentBytes } from './processes.ts'

process.once('message', async ({ warmup_seconds, seconds }: Plan) => {
  const { password_hash_concurrency } = readConfig({})
  await hashFor(warmup_seconds, password_hash_concurrency)
  const outcome: Outcome = { measured: await hashFor(seconds, password_hash_concurrency) }
  process.send?.(outcome, () => process.exit())
})
// Whoever started this process is gone.
process.once('disconnect', () => process.exit())

async function hashFor(seconds: number, at_once: number) {
  const latencies = createHistogram()
  const before = process.cpuUsage()
  const began = performance.now()
  let requests = 0
  const hashing = async () => {
    for (let from = began; from < began + seconds * 1000; from = performance.now()) {
      await hashPassword('correct horse battery staple')
      latencies.record(Math.max(1, Math.round((performance.now() - from) * 1000)))
      requests++
    }
  }
  await Promise.all(Array.from({ length: at_once }, hashing))
  const { user, system } = process.cpuUsage(before)
  const at = (percentile: number) => latencies.percentile(percentile) / 1000
  return {
    requests,
    requests_per_second: requests / ((performance.now() - began) / 1000),
    latency: { p50: at(50), p90: at(90), p99: at(99), max: latencies.max / 1000 },
    cpu: { server: (user + system) / requests, database: undefined, client: 0 },
    rss_bytes: residentBytes(process.pid),
    answer_bytes: 0,
  }
}
