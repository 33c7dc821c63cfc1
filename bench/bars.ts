/** The bars that the server has to clear, and whether a run has cleared them. */
import type { Report, Row, Soak, Turn } from './report.ts'
import { growth, median, ratio, ratios } from './statistics.ts'

export type Verdict = {
  bar: string
  what: string
  wanted: string
  found: string
  verdict:
    | 'reached'
    | 'not reached'
    | 'not measured'
    | 'reached, at less than full size'
    | 'not reached, at less than full size'
}

type Bar = {
  bar: string
  what: string
  /** The scenarios and stages that must have been measured. */
  rows: string[]
  /** What was found; undefined without a measurement. */
  of: (report: Report) => number | undefined
  unit?: string
  /** Whether the run was as large as the bar asks for. */
  full?: (report: Report) => boolean
} & ({ at_least: number } | { at_most: number })

export type Comparison = { name: string; other: string; ratios: number[] }

/** Rows that are worth comparing, each with the one it is held against. */
const pairs = [
  ['sqlite-token', 'bare'],
  ['sqlite-token', 'oidc-introspection'],
  ['sqlite-token', 'better-auth-sqlite-session'],
  ['sqlite-token', 'better-auth-sqlite-cached'],
  ['sqlite-check', 'sqlite-token'],
  ['sqlite-check', 'better-auth-sqlite-permission'],
  ['sqlite-check', 'better-auth-sqlite-both'],
  ['sqlite-check', 'better-auth-sqlite-cached-both'],
  ['sqlite-password', 'hashes'],
  ['sqlite-password', 'better-auth-sqlite-password'],
  ['postgres-token', 'bare'],
  ['postgres-token', 'better-auth-postgres-session'],
  ['postgres-token', 'better-auth-postgres-cached'],
  ['postgres-check', 'better-auth-postgres-both'],
  ['postgres-check', 'better-auth-postgres-cached-both'],
  ['postgres-2-token', 'postgres-token'],
  ['postgres-password', 'better-auth-postgres-password'],
  ['large-token', 'postgres-token'],
  ['large-sign', 'postgres-sign'],
] as const

/** The rates of those that were measured, as ratios round by round. */
export function compare(report: Report): Comparison[] {
  const rates = (name: string) => valuesOf(report, name, ({ rate }) => rate)
  return pairs
    .map(([name, other]) => ({ name, other, ratios: ratios(rates(name), rates(other)) }))
    .filter(({ ratios }) => ratios.length > 0)
}

/** Sessions of the large database, and seconds of the soak, that the bars ask for. */
export const full = { sessions: 5_000_000, soak_seconds: 300 }

const isLarge = ({ large_sessions }: Report) => large_sessions >= full.sessions

/** All bars, in order. A ratio is the median of the ratios of the rounds. */
export const bars: Bar[] = [
  { bar: 'S1', what: 'embedded, by token, calls a second', ...rate('sqlite-token'), at_least: 16_000 },
  {
    bar: 'S1',
    what: 'embedded, by token, against get-session of better-auth on SQLite',
    ...rates('sqlite-token', 'better-auth-sqlite-session'),
    at_least: 7,
  },
  {
    bar: 'S1',
    what: 'the same against introspection by oidc-provider in memory',
    ...rates('sqlite-token', 'oidc-introspection'),
    at_least: 1,
  },
  { bar: 'S1', what: 'the same against the bare server', ...rates('sqlite-token', 'bare'), at_least: 0.45 },

  { bar: 'S2', what: 'on PostgreSQL, by token, calls a second', ...rate('postgres-token'), at_least: 14_000 },
  {
    bar: 'S2',
    what: 'the same against get-session of better-auth on PostgreSQL',
    ...rates('postgres-token', 'better-auth-postgres-session'),
    at_least: 6,
  },
  {
    bar: 'S2',
    what: 'the same against its cookie cache, which cannot revoke',
    ...rates('postgres-token', 'better-auth-postgres-cached'),
    at_least: 4,
  },
  {
    bar: 'S2',
    what: 'the share of servers (one worker, two workers) that refuse a revoked session at the next call',
    rows: ['postgres-token', 'postgres-2-token'],
    of: ({ revocations }) =>
      mean(
        Object.entries(revocations).flatMap(([name, revoked]) => (name.startsWith('postgres') ? Number(revoked) : [])),
      ),
    at_least: 1,
  },

  ...['sqlite', 'postgres'].flatMap((engine): Bar[] => [
    {
      bar: 'S3',
      what: `${engine}, every call signs: CPU of a call without that of a bare signature`,
      rows: [`${engine}-sign`, 'signatures'],
      of: (report) => difference(cpuOf(report, `${engine}-sign`), cpuOf(report, 'signatures')),
      unit: 'µs',
      at_most: 100,
    },
    { bar: 'S3', what: `${engine}, every call signs: calls a second`, ...rate(`${engine}-sign`), at_least: 4000 },
  ]),

  { bar: 'S4', what: 'with authorization_check, against S1', ...rates('sqlite-check', 'sqlite-token'), at_least: 0.9 },
  {
    bar: 'S4',
    what: 'the same against get-session and has-permission of better-auth on SQLite',
    ...rates('sqlite-check', 'better-auth-sqlite-both'),
    at_least: 10,
  },

  ...['sqlite', 'postgres'].flatMap((engine): Bar[] => [
    {
      bar: 'S5',
      what: `${engine}, logins by password, against the bare hash rate`,
      ...rates(`${engine}-password`, 'hashes'),
      at_least: 0.8,
    },
    {
      bar: 'S5',
      what: `${engine}, p99 by token while logins flood in, against its quiet value`,
      rows: [`${engine}-flooded`, `${engine}-quiet`],
      of: (report) =>
        ratio(
          valuesOf(report, `${engine}-flooded`, ({ latency }) => latency.p99),
          valuesOf(report, `${engine}-quiet`, ({ latency }) => latency.p99),
        ),
      unit: '×',
      at_most: 2,
    },
  ]),

  { bar: 'S6', what: 'JWKS, calls a second', ...rate('sqlite-jwks'), at_least: 25_000 },

  ...['sqlite', 'postgres'].flatMap((engine): Bar[] => [
    {
      bar: 'S7',
      what: `${engine}, start to ready on existing data`,
      rows: [`${engine}-start`],
      of: (report) => median(startsOf(report, `${engine}-start`).map(({ ready_milliseconds }) => ready_milliseconds)),
      unit: 'ms',
      at_most: 500,
    },
    {
      bar: 'S7',
      what: `${engine}, resident memory when idle`,
      rows: [`${engine}-start`],
      of: (report) =>
        median(startsOf(report, `${engine}-start`).flatMap(({ rss_bytes }) => (rss_bytes ? [rss_bytes / 1e6] : []))),
      unit: 'MB',
      at_most: 140,
    },
  ]),

  {
    bar: 'S8',
    what: '5,000 of 5,000,000 sessions, against S2',
    ...rates('large-token', 'postgres-token'),
    at_least: 0.85,
    full: isLarge,
  },
  {
    bar: 'S8',
    what: '50,000 of 5,000,000 sessions and every call signs, against S3 on PostgreSQL',
    ...rates('large-sign', 'postgres-sign'),
    at_least: 0.85,
    full: isLarge,
  },

  ...['sqlite', 'postgres'].flatMap((engine): Bar[] => {
    const name = `${engine}-soak`
    const common = {
      bar: 'S9',
      rows: [name],
      full: (report: Report) => (soakOf(report, name)?.seconds ?? 0) >= full.soak_seconds,
    }
    const grown = (of: (slice: Soak['slices'][number]) => number | undefined) => (report: Report) =>
      growth(soakOf(report, name)?.slices.flatMap((slice) => of(slice) ?? []) ?? [])
    return [
      {
        ...common,
        what: `${engine}, errors under mixed load`,
        of: (report) => soakOf(report, name)?.errors,
        at_most: 0,
      },
      {
        ...common,
        what: `${engine}, memory in the last third, against the middle third`,
        of: grown((slice) => slice.rss_bytes),
        at_most: 1.1,
      },
      {
        ...common,
        what: `${engine}, p50 in the last third, against the middle third`,
        of: grown(({ p50 }) => p50),
        at_most: 1.1,
      },
      {
        ...common,
        what: `${engine}, p99 in the last third, against the middle third`,
        of: grown(({ p99 }) => p99),
        at_most: 1.25,
      },
    ]
  }),
]

/** What the run says about each bar. */
export function judge(report: Report): Verdict[] {
  return bars.map((bar) => {
    const { what, unit = '', of, full } = bar
    const value = of(report)
    const [sign, limit] = 'at_least' in bar ? ['≥', bar.at_least] : ['≤', bar.at_most]
    const words = { bar: bar.bar, what, wanted: `${sign} ${number(limit)} ${unit}`.trim() }
    if (value === undefined || Number.isNaN(value)) return { ...words, found: '–', verdict: 'not measured' }
    const reached = ('at_least' in bar ? value >= limit : value <= limit) ? 'reached' : 'not reached'
    const verdict = full === undefined || full(report) ? reached : (`${reached}, at less than full size` as const)
    return { ...words, found: `${number(value)} ${unit}`.trim(), verdict }
  })
}

function rate(name: string): Pick<Bar, 'rows' | 'of'> {
  return { rows: [name], of: (report) => median(valuesOf(report, name, ({ rate }) => rate)) }
}

function rates(name: string, other: string): Pick<Bar, 'rows' | 'of' | 'unit'> {
  const of = (report: Report) =>
    ratio(
      valuesOf(report, name, ({ rate }) => rate),
      valuesOf(report, other, ({ rate }) => rate),
    )
  return { rows: [name, other], of, unit: '×' }
}

function valuesOf({ rows }: Report, name: string, of: (turn: Turn) => number): number[] {
  return rows.find((row: Row) => row.name === name)?.turns.map(of) ?? []
}

function cpuOf(report: Report, name: string): number | undefined {
  return median(valuesOf(report, name, ({ cpu }) => cpu.server ?? Number.NaN))
}

function startsOf({ starts }: Report, name: string) {
  return starts.find((one) => one.name === name)?.turns ?? []
}

function soakOf({ soaks }: Report, name: string): Soak | undefined {
  return soaks.find((one) => one.name === name)
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b
}

function mean(values: number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Small ones with two digits behind the point, large ones with none. */
function number(value: number): string {
  return Math.abs(value) < 100 && !Number.isInteger(value)
    ? value.toFixed(2)
    : value.toLocaleString('en', { maximumFractionDigits: 0 })
}
