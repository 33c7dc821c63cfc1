/** What sends the load: `wrk` when the machine has it, else autocannon, else the generator of our own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Place } from './place.ts'
import { installedVersion } from './servers.ts'

/** Requests of a file (requests.ts), sent at random for a while, one under way on each connection. */
export type Load = { port: number; connections: number; seconds: number; file: string }

/** Latencies are milliseconds, from sending a request to having the whole answer; `bytes` are those of all answers. */
export type Loaded =
  | {
      requests: number
      seconds: number
      latency: { p50: number; p90: number; p99: number; max: number }
      bytes: number
    }
  | { failed: string }

/** Wrk and autocannon load for whole seconds only; parts of one are rounded up. */
export type Generator = { name: string; put: (place: Place, load: Load) => Promise<Loaded> }

export type GeneratorName = 'wrk' | 'autocannon' | 'own'

/** The generator of our own: it takes fractions of seconds, tells microseconds, and refuses every answer that is no 200. */
export const own: Generator = {
  name: 'the generator of this directory',
  put: (place, load) => place.ask('load.ts', load),
}

/** The one that was asked for, or the first that there is. Throws an Error with one plain sentence when that one is missing. */
export async function chooseGenerator(asked: GeneratorName | undefined): Promise<Generator> {
  const version = await wrkVersion()
  if (version !== undefined && (asked === undefined || asked === 'wrk')) return { name: version, put: wrk }
  if (asked === 'wrk') throw new Error('--generator: there is no wrk in the PATH.')
  const autocannon = installedVersion('autocannon')
  if (autocannon !== undefined && asked !== 'own') {
    return { name: `autocannon ${autocannon}`, put: (place, load) => place.ask('peers/autocannon.mjs', load) }
  }
  if (asked === 'autocannon') throw new Error('--generator: autocannon is not installed: npm ci --prefix bench')
  return own
}

async function wrkVersion(): Promise<string | undefined> {
  const child = spawn('wrk', ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const output = text(child.stdout)
  // It ends with status 1 and its usage; `once` rejects when there is none.
  const started = await once(child, 'exit').then(
    () => true,
    () => false,
  )
  if (!started) return undefined
  const [, version] = /^wrk \S*?(\d[\d.]*)/.exec(await output) ?? []
  return `wrk ${version ?? ''}`.trim()
}

/** What wrk.lua prints; times are microseconds. */
type WrkResult = Record<
  'requests' | 'bytes' | 'duration' | 'p50' | 'p90' | 'p99' | 'max' | 'failed' | 'refused',
  number
>

/** Has one thread, so that it leaves the other cores to the server, and takes whole seconds. */
async function wrk(place: Place, { port, connections, seconds, file }: Load): Promise<Loaded> {
  const script = join(import.meta.dirname, 'wrk.lua')
  const seed = String(Math.floor(Math.random() * 2 ** 31))
  const args = ['-t1', `-c${connections}`, `-d${Math.ceil(seconds)}s`, '--timeout', '10s', '-s', script]
  const child = place.keep(
    spawn('wrk', [...args, `http://127.0.0.1:${port}`, '--', file, seed], { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const [json] = /^\{"requests".*\}$/m.exec(output) ?? []
  if (json === undefined) return { failed: `wrk ended with: ${output}` }
  const { requests, bytes, duration, p50, p90, p99, max, failed, refused } = JSON.parse(json) as WrkResult
  if (failed || refused) return { failed: `${refused} requests were refused and ${failed} failed.` }
  const latency = { p50: ms(p50), p90: ms(p90), p99: ms(p99), max: ms(max) }
  return { requests, seconds: duration / 1e6, latency, bytes }
}

function ms(microseconds: number): number {
  return microseconds / 1000
}
