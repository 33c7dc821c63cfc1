/** The bare work without a server: passwords hashed, or JWTs signed, in a process of its own, as the server would do it. */
import { generateKeyPairSync } from 'node:crypto'
import { createHistogram, performance } from 'node:perf_hooks'
import { readConfig } from '../src/config.ts'
import { hashPassword } from '../src/crypto/passwords/hash.ts'
import { signJwt } from '../src/crypto/signing.ts'
import type { Loaded } from './generators.ts'

export type Loop = { work: 'hashes' | 'signatures'; warmup_seconds: number; seconds: number }
/** `cpu`: microseconds of all threads for one time. */
export type Looped = { loaded: Loaded; cpu: number }

/** Node.js's pool has four threads unless it is told otherwise; a busy server has something for all of them. */
const pool = 4

process.once('message', async ({ work, warmup_seconds, seconds }: Loop) => {
  const { once, at_once } = work === 'hashes' ? hashes() : signatures()
  await repeat(once, at_once, warmup_seconds)
  const before = process.cpuUsage()
  const loaded = await repeat(once, at_once, seconds)
  const { user, system } = process.cpuUsage(before)
  const looped: Looped = { loaded, cpu: (user + system) / loaded.requests }
  process.send?.(looped, () => process.exit())
})
// Whoever started this process is gone.
process.once('disconnect', () => process.exit())

/** As many at once as the server hashes by default. */
function hashes() {
  return { once: () => hashPassword('correct horse battery staple'), at_once: readConfig({}).password_hash_concurrency }
}

/** RS256 with 2048 bits over claims as long as those of the seeded sessions. */
function signatures() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const claims = JSON.stringify({ filler: 'x'.repeat(775) })
  const kid = 'jwk-test-00000000-0000-4000-8000-000000000000'
  const key = { kid, algorithm: 'RS256', private_key: privateKey } as const
  return { once: () => signJwt(key, claims), at_once: pool }
}

async function repeat(once: () => Promise<unknown>, at_once: number, seconds: number) {
  const latencies = createHistogram()
  const began = performance.now()
  let requests = 0
  const lane = async () => {
    for (let from = began; from < began + seconds * 1000; from = performance.now()) {
      await once()
      latencies.record(Math.max(1, Math.round((performance.now() - from) * 1000)))
      requests++
    }
  }
  await Promise.all(Array.from({ length: at_once }, lane))
  const at = (percentile: number) => latencies.percentile(percentile) / 1000
  return {
    requests,
    seconds: (performance.now() - began) / 1000,
    latency: { p50: at(50), p90: at(90), p99: at(99), max: latencies.max / 1000 },
    bytes: 0,
  }
}
