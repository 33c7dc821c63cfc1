/** What a run has found, and how people read it. */

import type { Comparison, Verdict } from './bars.ts'
import type { Share } from './profile.ts'
import { median, spread } from './statistics.ts'

/** One measurement of a scenario. */
export type Turn = {
  /** How often a second the thing was done that the row is about. */
  rate: number
  /** Milliseconds of one request. */
  latency: { p50: number; p90: number; p99: number; max: number }
  /** Microseconds of processor time for each time; undefined where it cannot be told. */
  cpu: { server: number | undefined; database: number | undefined }
  /** Resident memory of the server's processes at the end; undefined without a server, and where it cannot be read. */
  rss_bytes: number | undefined
  /** Mean size of an answer, head included. */
  answer_bytes: number
}

export type Row = { name: string; what: string; turns: Turn[]; profile?: Share[] }
/** From the start of the process until it is ready, and its memory when it then has nothing to do. */
export type Starts = { name: string; turns: { ready_milliseconds: number; rss_bytes: number | undefined }[] }
export type Slice = { requests: number; p50: number; p99: number; max: number; rss_bytes: number | undefined }
export type Soak = { name: string; seconds: number; slices: Slice[]; errors: number; first_errors: string[] }

export type Report = {
  date: string
  commit: string | undefined
  machine: { cpu: string; memory_bytes: number; system: string; file_system: string | undefined }
  versions: Record<string, string | undefined>
  generator: string
  quick: boolean
  connections: number
  warmup_seconds: number
  seconds: number
  rounds: number
  /** Each with one session; and the sessions of the large database. */
  users: number
  large_sessions: number
  /** Of the last minute before the run and after it: what else the machine was doing. */
  load_averages: number[]
  rows: Row[]
  starts: Starts[]
  soaks: Soak[]
  /** For each server of ours that was asked: whether a revoked session was refused by the next call. */
  revocations: Record<string, boolean>
  /** Sentences about what went wrong. */
  failures: string[]
}

/** The whole report as text. */
export function print(report: Report, comparisons: Comparison[], verdicts: Verdict[]): string {
  const sections = [
    head(report),
    report.rows.length > 0 && rates(report),
    comparisons.length > 0 && ratios(comparisons),
    revocations(report),
    report.starts.length > 0 && starts(report.starts),
    ...report.soaks.map(soak),
    ...report.rows.map(profile),
    bars(verdicts),
    report.failures.length > 0 && ['What went wrong:', ...report.failures],
  ]
  return `${sections.flatMap((lines) => (lines ? [lines.join('\n')] : [])).join('\n\n')}\n`
}

function head(report: Report): string[] {
  const { date, commit, machine, versions, generator, connections, warmup_seconds, seconds, rounds } = report
  const { cpu, memory_bytes, system, file_system } = machine
  const known = Object.entries(versions).flatMap(([name, version]) => (version ? [`${name} ${version}`] : []))
  return [
    `${date.slice(0, 16).replace('T', ' ')} UTC, commit ${commit ?? 'unknown'}`,
    `${cpu}, ${(memory_bytes / 2 ** 30).toFixed(0)} GiB, ${system}, data on ${file_system ?? 'an unknown file system'}`,
    known.join(', '),
    `load by ${generator}: ${connections} connections, ${rounds} rounds of ${warmup_seconds} s warm-up and ${seconds} s measured`,
    `${whole(report.users)} users with a session each, in the large database ${whole(report.large_sessions)} sessions`,
    `load average before and after: ${report.load_averages.map((load) => load.toFixed(2)).join(' and ')}`,
    ...(report.quick ? ['A quick run: it shows that everything works. Its figures are too short to be believed.'] : []),
  ]
}

function rates({ rows }: Report): string[] {
  const floor = rows.find(({ name }) => name === 'bare')
  const bare = floor && median(floor.turns.map(({ cpu }) => cpu.server ?? Number.NaN))
  const lines = rows.map(({ name, turns, what }) => {
    const middle = (of: (turn: Turn) => number | undefined) => median(turns.flatMap((turn) => of(turn) ?? []))
    const cpu = middle((turn) => turn.cpu.server)
    return [
      name,
      whole(middle(({ rate }) => rate)),
      percent(spread(turns.map(({ rate }) => rate))),
      tenths(middle(({ latency }) => latency.p50)),
      tenths(middle(({ latency }) => latency.p99)),
      whole(cpu),
      tenths(bare && cpu && cpu / bare),
      whole(middle((turn) => turn.cpu.server && (turn.cpu.server * turn.rate) / 10_000)),
      whole(middle((turn) => turn.cpu.database)),
      megabytes(middle(({ rss_bytes }) => rss_bytes)),
      what,
    ]
  })
  const titles = ['scenario', 'req/s', '±', 'p50 ms', 'p99 ms', 'cpu µs', '× bare', 'busy %', 'db µs', 'rss MB', 'what']
  return aligned([titles, ...lines])
}

function ratios(comparisons: Comparison[]): string[] {
  const lines = comparisons.map(({ name, other, ratios }) => [
    hundredths(median(ratios)),
    percent(spread(ratios)),
    `${name} : ${other}`,
  ])
  return aligned([['ratio', '±', 'what'], ...lines])
}

function revocations({ revocations }: Report): string[] | undefined {
  const asked = Object.entries(revocations).map(([name, revoked]) => `${name} ${revoked ? 'yes' : 'NO'}`)
  return asked.length > 0
    ? [`A revoked session is refused by the next call, whoever answers it: ${asked.join(', ')}`]
    : undefined
}

function starts(starts: Starts[]): string[] {
  const lines = starts.map(({ name, turns }) => [
    name,
    whole(median(turns.map(({ ready_milliseconds }) => ready_milliseconds))),
    percent(spread(turns.map(({ ready_milliseconds }) => ready_milliseconds))),
    megabytes(median(turns.flatMap(({ rss_bytes }) => rss_bytes ?? []))),
    'from the start of the process on existing data; then with nothing to do',
  ])
  return aligned([['start', 'ready ms', '±', 'idle MB', 'what'], ...lines])
}

/** At most ten lines: slices of a long one are taken together. */
function soak({ name, seconds, slices, errors, first_errors }: Soak): string[] {
  const step = Math.ceil(slices.length / 10)
  const lines = Array.from({ length: Math.ceil(slices.length / step) }, (_, index) => {
    const some = slices.slice(index * step, (index + 1) * step)
    const middle = (of: (slice: Slice) => number | undefined) => median(some.flatMap((slice) => of(slice) ?? []))
    const length = seconds / slices.length
    return [
      `${Math.round(index * step * length)} s`,
      whole(some.reduce((sum, { requests }) => sum + requests, 0) / (some.length * length)),
      tenths(middle(({ p50 }) => p50)),
      tenths(middle(({ p99 }) => p99)),
      tenths(Math.max(...some.map(({ max }) => max))),
      megabytes(middle(({ rss_bytes }) => rss_bytes)),
    ]
  })
  return [
    `${name}: ${seconds} s of mixed load, ${errors} errors${errors > 0 ? `, for example: ${first_errors[0]}` : ''}`,
    ...aligned([['from', 'req/s', 'p50 ms', 'p99 ms', 'max ms', 'rss MB'], ...lines]),
  ]
}

function profile({ name, profile }: Row): string[] | undefined {
  return (
    profile && [
      `${name}, self time:`,
      ...profile.map(({ name, percent }) => `${percent.toFixed(1).padStart(5)} %  ${name}`),
    ]
  )
}

function bars(verdicts: Verdict[]): string[] | undefined {
  const measured = verdicts.filter(({ verdict }) => verdict !== 'not measured')
  if (measured.length === 0) return undefined
  const lines = measured.map(({ bar, what, wanted, found, verdict }) => [bar, wanted, found, verdict, what])
  const missing = verdicts.length - measured.length
  return [
    ...aligned([['bar', 'wanted', 'found', 'verdict', 'what'], ...lines], ['what', 'verdict']),
    ...(missing > 0
      ? [`${missing} of ${verdicts.length} bars could not be judged: their rows were not measured.`]
      : []),
  ]
}

function whole(number: number | undefined): string {
  return number === undefined || Number.isNaN(number) ? '–' : number.toFixed(0)
}

function tenths(number: number | undefined): string {
  return number === undefined || Number.isNaN(number) ? '–' : number.toFixed(1)
}

function hundredths(number: number | undefined): string {
  return number === undefined || !Number.isFinite(number) ? '–' : number.toFixed(2)
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(share * 100).toFixed(0)} %`
}

function megabytes(bytes: number | undefined): string {
  return whole(bytes && bytes / 1e6)
}

/** The first column, and those with these titles, to the left; the others to the right. */
function aligned(rows: string[][], left = ['what']): string[] {
  const [titles = []] = rows
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 || left.includes(titles[column] ?? '') ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd(),
  )
}
