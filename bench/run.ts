/** `npm run bench`: measures every scenario, or those asked for, and prints a table. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Outcome, Plan } from './load.ts'
import { topFunctions } from './profile.ts'
import { type Report, type Row, table } from './report.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import { type Bench, openBench, type Prepared, type Target } from './servers.ts'

const usage = `npm run bench -- [options]

  --seconds NUMBER      how long each scenario is measured [3]
  --warmup NUMBER       seconds of the same load before; at least until every request was made once [2]
  --connections NUMBER  sockets, each with one request under way [32]
  --only NAME           only the scenarios with NAME in their name; may be repeated
  --profile DIR         leave a CPU profile of each server in DIR and list its top functions (slows it down)
  --json                print one JSON document instead of the table
  --help                print this

Scenarios:
${scenarios.map(({ name }) => `  ${name}`).join('\n')}

PostgreSQL is the one of TEST_DATABASE_URL, or one that is started for the run. See docs/benchmarks.md.
`

const options = readOptions()

if (options.help) process.stdout.write(usage)
// Said outright: a hook of the package that runs PostgreSQL ends a process that has nothing left to do with status 0.
else process.exit(await run(chosen(options.only)))

/** Returns the exit status. */
async function run(chosen: Scenario[]): Promise<0 | 1> {
  const report: Report = {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model}`,
    load_average: loadavg()[0] as number,
    connections: positive('connections'),
    warmup_seconds: positive('warmup'),
    seconds: positive('seconds'),
    rows: [],
  }
  const bench = openBench()
  let current: { target: Target; prepared: Prepared } | undefined
  try {
    for (const scenario of chosen) {
      const { name, target } = scenario
      if (current?.target !== target) {
        await current?.prepared.remove()
        process.stderr.write(`preparing ${target.name} …\n`)
        current = { target, prepared: await bench.prepare(target) }
      }
      process.stderr.write(`measuring ${name} …\n`)
      report.rows.push(...(await measure(bench, scenario, current.prepared, report)))
    }
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : table(report))
    return 0
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`)
    return 1
  } finally {
    await current?.prepared.remove()
    await bench.stop()
  }
}

/** A server process of its own for each scenario: what an earlier one has left in its caches changes nothing. */
async function measure(bench: Bench, scenario: Scenario, prepared: Prepared, report: Report): Promise<Row[]> {
  const { name, requests, flood, measurer = 'load.ts' } = scenario
  const profile = options.profile && scenario.target.engine && resolve(options.profile, `${name}.cpuprofile`)
  const server = await prepared.start(profile)
  const plan: Plan = {
    port: server.port,
    server_pid: server.pid,
    database_pid: server.database_pid,
    connections: report.connections,
    warmup_seconds: report.warmup_seconds,
    seconds: report.seconds,
    requests: requests(prepared.seeded),
  }
  const measurements = [bench.ask<Outcome>(measurer, plan)]
  if (flood) measurements.push(bench.ask<Outcome>('load.ts', { ...plan, requests: flood(prepared.seeded) }))
  const outcomes = await Promise.all(measurements).finally(server.stop)
  return outcomes.map((outcome, index) => {
    if ('failed' in outcome) throw new Error(`${name}: ${outcome.failed}`)
    const isFlood = index > 0
    const shares = profile && !isFlood ? { profile: topFunctions(profile, 15) } : {}
    return { name: isFlood ? `${name}: flood` : name, ...outcome.measured, ...shares }
  })
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        seconds: { type: 'string', default: '3' },
        warmup: { type: 'string', default: '2' },
        connections: { type: 'string', default: '32' },
        only: { type: 'string', multiple: true },
        profile: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    refuse((error as Error).message)
  }
}

function chosen(names: string[] | undefined): Scenario[] {
  const found = scenarios.filter(({ name }) => !names || names.some((part) => name.includes(part)))
  if (found.length === 0) refuse(`--only: no scenario has "${names?.join('" or "')}" in its name.`)
  return found
}

function positive(name: 'seconds' | 'warmup' | 'connections'): number {
  const number = Number(options[name])
  const fits = name === 'connections' ? Number.isInteger(number) && number <= 10_000 : number <= 3600
  if (!(number > 0) || !fits) refuse(`--${name}: ${options[name]} is not a usable number.`)
  return number
}

function refuse(sentence: string): never {
  process.stderr.write(`bench: ${sentence} See --help.\n`)
  process.exit(1)
}

function commit(): string | undefined {
  try {
    const describe = ['describe', '--always', '--dirty', '--exclude', '*']
    return execFileSync('git', describe, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return undefined
  }
}
