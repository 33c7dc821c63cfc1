/** Whether a password is known from a data breach: asked by range, so that nobody learns the password or its hash (k-anonymity). */
import { hash } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Outbound, OutboundError } from '../../net/outbound.ts'
import type { BreachSource } from '../../values/breach_source.ts'
import type { Log } from '../app.ts'

/** How long a login or sign-up waits for the answer, in milliseconds. */
const patience = 1000
const prefix_digits = 5

/**
 * Returns the check. When nobody can be asked, or whoever is asked cannot answer, the password counts as not breached, and
 * a line in the log says so: a service that is down must not keep everybody from logging in.
 */
export function breachCheck(
  source: BreachSource,
  { outbound, log }: { outbound: Outbound; log: Log },
): (password: string) => Promise<boolean> {
  let isSaid = false
  return async (password) => {
    const digest = hash('sha1', password, 'hex').toUpperCase()
    try {
      if (source.kind === 'url') return await isInRange(outbound, source.url, digest)
      if (source.kind === 'file') return await isInFile(source.path, digest)
      if (!isSaid) log.info({}, 'Passwords are not compared with data breaches: SELVAGE_BREACH_CHECK names no source.')
      isSaid = true
    } catch (error) {
      // Nothing of the digest may be said, not even its first digits.
      const reason =
        error instanceof OutboundError ? error.reason : ((error as NodeJS.ErrnoException).code ?? 'unreadable')
      log.warn({ reason }, 'A password could not be compared with data breaches; it counts as not breached.')
    }
    return false
  }
}

async function isInRange(outbound: Outbound, url: string, digest: string): Promise<boolean> {
  const { status, body } = await outbound.request(url + digest.slice(0, prefix_digits), {
    headers: { 'add-padding': 'true', 'user-agent': 'selvage', accept: 'text/plain' },
    timeout_ms: patience,
    total_ms: patience,
    max_bytes: 512 * 1024,
  })
  if (status !== 200) throw new OutboundError('network', `The breach service answered ${status}.`)
  return isListed(body.toString('latin1'), digest.slice(prefix_digits))
}

/** Lines with a count of 0 are padding. */
function isListed(lines: string, rest: string): boolean {
  const line = lines.split('\n').find((one) => one.slice(0, rest.length).toUpperCase() === rest)
  return line !== undefined && Number(line.slice(rest.length + 1)) > 0
}

async function isInFile(path: string, digest: string): Promise<boolean> {
  if (!(await stat(path)).isDirectory()) return isInSortedFile(path, digest)
  const name = join(path, digest.slice(0, prefix_digits))
  const lines = await readFile(`${name}.txt`, 'latin1').catch(() => readFile(name, 'latin1'))
  return isListed(lines, digest.slice(prefix_digits))
}

/** More than a line takes: 40 digits, a colon, a count. */
const window_bytes = 128

/** Halves the file until the line is found; some 35 reads for a billion lines. */
async function isInSortedFile(path: string, digest: string): Promise<boolean> {
  const file = await open(path)
  try {
    let [low, high] = [0, (await file.stat()).size]
    const window = Buffer.alloc(window_bytes)
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      // One byte earlier, so that a line that begins in the middle is seen to begin there.
      const from = Math.max(0, middle - 1)
      const { bytesRead } = await file.read(window, 0, window_bytes, from)
      const text = window.toString('latin1', 0, bytesRead)
      const begin = from === 0 && middle === 0 ? 0 : text.indexOf('\n') + 1
      const line = text.slice(begin, begin + digest.length).toUpperCase()
      const isPast = (begin === 0 && middle > 0) || from + begin >= high || line > digest
      if (!isPast && line === digest) return Number(/^:(\d+)/.exec(text.slice(begin + digest.length))?.[1] ?? 1) > 0
      if (isPast) high = middle
      else low = from + begin + 1
    }
    return false
  } finally {
    await file.close()
  }
}
