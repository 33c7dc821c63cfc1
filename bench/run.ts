/** `npm run bench`: measures every scenario, or those asked for, and prints a table. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { Outcome, Plan } from './load.ts'
import { type Report, type Row, table } from './report.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import { openBench, type Server, type Target } from './servers.ts'

const usage = `npm run bench -- [options]

  --seconds NUMBER      how long each scenario is measured [3]
  --warmup NUMBER       seconds of the same load before; at least until every request was made once [1]
  --connections NUMBER  sockets, each with one request under way [32]
  --only NAME           only the scenarios with NAME in their name; may be repeated
  --profile DIR         leave a CPU profile of each server in DIR (slows it down by some percent)
  --json                print one JSON document instead of the table
  --help                print this

Scenarios:
${scenarios.map(({ name }) => `  ${name}`).join('\n')}

PostgreSQL is the one of TEST_DATABASE_URL, or one that is started for the run. See docs/benchmarks.md.
`

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    warmup: { type: 'string', default: '1' },
    connections: { type: 'string', default: '32' },
    only: { type: 'string', multiple: true },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) process.stdout.write(usage)
else await run(chosen(options.only))

async function run(chosen: Scenario[]): Promise<void> {
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
  let current: { target: Target; server: Server } | undefined
  try {
    for (const { name, target, requests } of chosen) {
      if (current?.target !== target) {
        await current?.server.stop()
        process.stderr.write(`starting ${target.name} …\n`)
        current = { target, server: await bench.start(target, options.profile) }
      }
      process.stderr.write(`measuring ${name} …\n`)
      const { port, pid, database_pid, seeded } = current.server
      const plan: Plan = {
        port,
        server_pid: pid,
        database_pid,
        connections: report.connections,
        warmup_seconds: report.warmup_seconds,
        seconds: report.seconds,
        requests: requests(seeded),
      }
      const outcome = await bench.ask<Outcome>('load.ts', plan)
      if ('failed' in outcome) throw new Error(`${name}: ${outcome.failed}`)
      report.rows.push({ name, ...outcome.measured } satisfies Row)
    }
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : table(report))
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
  } finally {
    await current?.server.stop()
    await bench.stop()
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
