/** The report of a run, and its table for people. */
import type { Measured } from './load.ts'
import type { Share } from './profile.ts'

export type Row = Measured & { name: string; profile?: Share[] }

export type Report = {
  date: string
  commit: string | undefined
  node: string
  cpu: string
  /** Of the last minute before the run: what else the machine was doing. */
  load_average: number
  connections: number
  warmup_seconds: number
  seconds: number
  rows: Row[]
}

/** The report as text: what it was measured on, and a line a scenario. */
export function table(report: Report): string {
  const bare = report.rows.find(({ name }) => name === 'bare')?.cpu.server
  const head = [
    'scenario',
    'req/s',
    'p50 ms',
    'p90 ms',
    'p99 ms',
    'max ms',
    'cpu µs',
    '× bare',
    'busy %',
    'db µs',
    'load µs',
    'rss MiB',
  ]
  const rows = report.rows.map(({ name, requests_per_second, latency, cpu, rss_bytes }) => [
    name,
    requests_per_second.toFixed(0),
    ...[latency.p50, latency.p90, latency.p99, latency.max].map((milliseconds) => milliseconds.toFixed(1)),
    whole(cpu.server),
    bare && cpu.server ? (cpu.server / bare).toFixed(1) : '–',
    whole(cpu.server && (cpu.server * requests_per_second) / 10_000),
    whole(cpu.database),
    whole(cpu.client),
    whole(rss_bytes && rss_bytes / 1024 / 1024),
  ])
  const { date, commit, node, cpu, load_average, connections, warmup_seconds, seconds } = report
  return [
    `${date.slice(0, 16).replace('T', ' ')} UTC, commit ${commit ?? 'unknown'}, Node.js ${node}, ${cpu}`,
    `${connections} connections, ${warmup_seconds} s warm-up, ${seconds} s measured; load average before: ${load_average.toFixed(2)}`,
    '',
    ...aligned([head, ...rows]),
    ...report.rows.flatMap(({ name, profile }) => (profile ? ['', `${name}, self time:`, ...profile.map(share)] : [])),
    '',
  ].join('\n')
}

function share({ name, percent }: Share): string {
  return `${percent.toFixed(1).padStart(5)} %  ${name}`
}

function whole(number: number | undefined): string {
  return number === undefined ? '–' : number.toFixed(0)
}

/** The first column to the left, the others to the right. */
function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
}
