/** What Linux says about running processes: processor time and memory of a process and everything it has started. */
import { readdirSync, readFileSync } from 'node:fs'

// Linux shows times to programs in hundredths of a second, whatever the kernel counts in.
const tick = 10_000

type Stat = { pid: number; parent: number; cpu: number }

/** Processor time, user and system, of the process, its threads and its descendants, in microseconds; undefined without /proc. */
export function cpuMicroseconds(root: number): number | undefined {
  const all = tree(root)
  return all?.reduce((sum, { cpu }) => sum + cpu, 0)
}

/** Resident memory of the process and its descendants; undefined without /proc. */
export function residentBytes(root: number): number | undefined {
  return tree(root)?.reduce((sum, { pid }) => sum + resident(pid), 0)
}

/** The parent of a process; undefined when it does not run on this machine. */
export function parentOf(pid: number): number | undefined {
  return stat(pid)?.parent
}

function tree(root: number): Stat[] | undefined {
  const first = stat(root)
  if (!first) return undefined
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (stat(Number(name)) ?? []) : []))
  const found = [first]
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid))
  return found
}

/** Children that have ended and been waited for count as time of their parent, so the sum over a tree never falls. */
function stat(pid: number): Stat | undefined {
  const text = read(pid, 'stat')
  if (text === undefined) return undefined
  // The name of the program may contain anything, so fields are counted from its closing parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [utime, stime, cutime, cstime] = fields.slice(11, 15).map(Number) as [number, number, number, number]
  return { pid, parent: Number(fields[1]), cpu: (utime + stime + cutime + cstime) * tick }
}

function resident(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(read(pid, 'status') ?? '') ?? []
  return Number(kilobytes ?? 0) * 1024
}

function read(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return undefined
  }
}
