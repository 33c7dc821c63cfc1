/** What the benchmark says about its bars. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bars, compare, judge } from '../../bench/bars.ts'
import { stages } from '../../bench/options.ts'
import { print, type Report, type Turn } from '../../bench/report.ts'
import { scenarios } from '../../bench/scenarios.ts'
import { growth, median, ratio, spread } from '../../bench/statistics.ts'

const empty: Report = {
  date: '2026-01-01T00:00:00.000Z',
  commit: undefined,
  machine: { cpu: '2 × a core', memory_bytes: 2 ** 33, system: 'a system', file_system: undefined },
  versions: {},
  generator: 'a generator',
  quick: false,
  connections: 32,
  warmup_seconds: 1,
  seconds: 1,
  rounds: 2,
  users: 5000,
  large_sessions: 5_000_000,
  load_averages: [0, 0],
  rows: [],
  starts: [],
  soaks: [],
  revocations: {},
  failures: [],
}

function turn(rate: number, p99 = 1): Turn {
  return {
    rate,
    latency: { p50: 1, p90: 1, p99, max: p99 },
    cpu: { server: 10, database: undefined },
    rss_bytes: 1e8,
    answer_bytes: 3000,
  }
}

test('every bar from S1 to S9 is there, and measured by rows that there are', () => {
  const names = [...scenarios.map(({ name }) => name), ...stages]
  assert.equal(new Set(names).size, names.length)
  assert.deepEqual(
    bars.flatMap(({ rows }) => rows).filter((name) => !names.includes(name)),
    [],
  )
  assert.deepEqual([...new Set(bars.map(({ bar }) => bar))], ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8', 'S9'])
})

test('a bar is reached, not reached, or not measured, and says when the run was too small for it', () => {
  const rows = [
    { name: 'sqlite-token', what: '', turns: [turn(17_000), turn(15_500)] },
    { name: 'bare', what: '', turns: [turn(50_000), turn(50_000)] },
    { name: 'postgres-token', what: '', turns: [turn(10_000)] },
    { name: 'large-token', what: '', turns: [turn(9000)] },
  ]
  const find = (report: Report, bar: string, what: RegExp) =>
    judge(report).find((verdict) => verdict.bar === bar && what.test(verdict.what))
  const report = { ...empty, rows }
  assert.deepEqual(find(report, 'S1', /calls a second/), {
    bar: 'S1',
    what: 'embedded, by token, calls a second',
    wanted: '≥ 16,000',
    found: '16,250',
    verdict: 'reached',
  })
  assert.equal(find(report, 'S1', /bare/)?.verdict, 'not reached')
  assert.equal(find(report, 'S1', /oidc/)?.verdict, 'not measured')
  assert.equal(find(report, 'S8', /against S2/)?.verdict, 'reached')
  assert.equal(find({ ...report, large_sessions: 50 }, 'S8', /against S2/)?.verdict, 'reached, at less than full size')
  const text = print(report, compare(report), judge(report))
  assert.match(text, /^S1 .*≥ 16,000 +16,250 +reached/m)
  assert.match(text, /^0\.33 +5 % +sqlite-token : bare$/m)
})

test('errors, growing memory and growing latency of a soak are seen', () => {
  const slice = (p50: number, rss_bytes: number) => ({ requests: 1, p50, p99: 2 * p50, max: 9, rss_bytes })
  const slices = [9, 9, 1, 1, 2, 2].map((p50, index) => slice(p50, index < 4 ? 100 : 200))
  const soaks = [{ name: 'sqlite-soak', seconds: 300, slices, errors: 1, first_errors: ['one'] }]
  const verdicts = judge({ ...empty, soaks }).filter(({ bar, what }) => bar === 'S9' && what.startsWith('sqlite'))
  assert.deepEqual(
    verdicts.map(({ found, verdict }) => `${found} ${verdict}`),
    ['1 not reached', '2 not reached', '2 not reached', '2 not reached'],
  )
})

test('medians, spreads and ratios are those of the rounds', () => {
  assert.equal(median([]), undefined)
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 3, 2]), 2.5)
  assert.equal(spread([90, 100, 120]), 0.15)
  // Both were slow in the second round: the ratio stays what it is.
  assert.equal(ratio([100, 50, 104], [50, 25, 52]), 2)
  assert.equal(ratio([], [1]), undefined)
  assert.equal(growth([5, 5, 1, 1, 2, 2]), 2)
})
