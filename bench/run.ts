/** `npm run bench`: measures Selvage and its peers in rounds, and prints a table and the bars. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { bars, compare, judge } from './bars.ts'
import { askOnce } from './connection.ts'
import { chooseGenerator, type Generator, own } from './generators.ts'
import type { Loop, Looped } from './loops.ts'
import { readOptions, refuse } from './options.ts'
import { openPlace } from './place.ts'
import { cpuMicroseconds, residentBytes } from './processes.ts'
import { topFunctions } from './profile.ts'
import { print, type Report, type Row, type Turn } from './report.ts'
import { writeRequests } from './requests.ts'
import { type Load, type Scenario, scenarios } from './scenarios.ts'
import type { Seeded } from './seed.ts'
import { type Bench, installedVersion, openBench, type Prepared, type Server, type Target, targets } from './servers.ts'
import { measureSoak, measureStart, revokesAtOnce } from './stages.ts'

const peers = ['better-auth', 'oidc-provider']
/** Servers of ours that are asked whether revoking counts at once. */
const revoking: Target<unknown>[] = [targets.sqlite, targets.postgres, targets.postgres_workers] as Target<unknown>[]

const options = readOptions(new Set(bars.flatMap(({ rows }) => rows)), (name) =>
  scenarios.some((scenario) => scenario.name === name && isPeer(scenario)),
)
// Said outright: a hook of the package that runs PostgreSQL ends a process that has nothing left to do with status 0.
process.exit(await run())

/** Returns the exit status. */
async function run(): Promise<0 | 1> {
  const chosen = scenarios.filter(({ name }) => options.chosen.has(name))
  if (chosen.some(isPeer) && peers.some((name) => installedVersion(name) === undefined)) {
    refuse(
      `${peers.join(' and ')} are not installed. Install them by "npm ci --prefix bench", or measure Selvage alone with --selvage.`,
    )
  }
  const generator = await chooseGenerator(options.generator).catch((error: Error) => refuse(error.message))
  const report = newReport(generator)
  const place = openPlace()
  const bench = openBench(place, { users: options.users, large_sessions: options.sessions })
  try {
    await measureRounds(bench, chosen, generator, report)
    await measureStages(bench, report)
    report.versions.PostgreSQL = (await bench.startedPostgres())?.version
  } catch (error) {
    report.failures.push(error instanceof Error ? error.message : String(error))
  } finally {
    await bench.stop()
  }
  report.load_averages.push(loadavg()[0] as number)
  const [comparisons, verdicts] = [compare(report), judge(report)]
  const everything = { ...report, comparisons, bars: verdicts }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(everything, null, 2)}\n`)
  process.stdout.write(print(report, comparisons, verdicts))
  return report.failures.length > 0 ? 1 : 0
}

/** All servers run at once and are measured in turn, A-B-A-B, so that a bad minute of the machine is everybody's. */
async function measureRounds(bench: Bench, chosen: Scenario[], generator: Generator, report: Report): Promise<void> {
  const prepared = new Map<Target<unknown>, Prepared<unknown>>()
  for (const { subject } of chosen) {
    if ('loop' in subject || prepared.has(subject.target)) continue
    tell(`preparing ${subject.target.name} …`)
    prepared.set(subject.target, await subject.target.prepare(bench))
  }
  const running = new Map<Target<unknown>, Server>()
  const warmed = new Set<Target<unknown>>()
  const failed = new Set<Scenario>()

  async function measure({ name, subject }: Scenario): Promise<Pick<Row, 'profile'> & { turn: Turn }> {
    if ('loop' in subject) return { turn: await measureLoop(bench, subject.loop) }
    const { target } = subject
    const { data, start } = prepared.get(target) as Prepared<unknown>
    const isOurs = !target.peer && target !== targets.bare
    const profile = options.profile && isOurs ? resolve(options.profile, `${name}.cpuprofile`) : undefined
    const server = running.get(target) ?? (await start(profile))
    running.set(target, server)
    if (revoking.includes(target) && report.revocations[target.name] === undefined) {
      report.revocations[target.name] = await revokesAtOnce(server.port, data as Seeded)
    }
    const warmup = warmed.has(target) ? options.warmup : 3 * options.warmup
    warmed.add(target)
    const turn = await measureLoad(bench, name, subject, data, server, generator, warmup)
    if (!options.profile) return { turn }
    // A profile is of one scenario.
    running.delete(target)
    warmed.delete(target)
    await server.stop()
    return { turn, ...(profile ? { profile: topFunctions(profile, 15) } : {}) }
  }

  for (let round = 1; round <= options.rounds; round++) {
    for (const scenario of chosen) {
      if (failed.has(scenario)) continue
      const { name, what } = scenario
      tell(`round ${round} of ${options.rounds}: ${name} …`)
      try {
        const { turn, ...rest } = await measure(scenario)
        const row = report.rows.find((row) => row.name === name)
        if (row) row.turns.push(turn)
        else report.rows.push({ name, what, turns: [turn], ...rest })
      } catch (error) {
        // One row less is no reason to lose an hour of the others.
        failed.add(scenario)
        report.failures.push(`${name}: ${(error as Error).message}`)
        tell(report.failures.at(-1) as string)
      }
    }
  }
  for (const server of running.values()) await server.stop()
}

async function measureLoad(
  { place }: Bench,
  name: string,
  { target, requests, answer, requests_each, precise, slow, flood }: Load,
  data: unknown,
  server: Server,
  generator: Generator,
  warmup: number,
): Promise<Turn> {
  const { port, pid, database_pid } = server
  const { connections, seconds } = options
  const fileOf = (which: string, texts: string[]) => {
    const file = join(place.directory, `requests of ${which}`)
    writeRequests(file, texts)
    return file
  }
  const texts = requests(data)
  const load = { port, connections, file: fileOf(name, texts) }
  await probe(port, texts, answer)
  const flooding =
    flood && own.put(place, { ...load, seconds: warmup + seconds + 2, file: fileOf(`${name}: flood`, flood(data)) })
  await loaded(own.put(place, { ...load, seconds: warmup }))
  // Logins of the warm-up that nobody waits for any more would be in the way of those that are measured.
  if (slow) await settled(target, pid)
  const readings = () => ({ server: cpuMicroseconds(pid), database: database_pid && cpuMicroseconds(database_pid) })
  const before = readings()
  const {
    requests: answered,
    bytes,
    ...found
  } = await loaded((precise ? own : generator).put(place, { ...load, seconds }))
  const after = readings()
  const rss_bytes = residentBytes(pid)
  if (flooding) await loaded(flooding)
  // Answers nobody waits for any more belong to no other row.
  await settled(target, pid)
  const times = answered / requests_each
  const each = (which: 'server' | 'database') => {
    const [from, to] = [before[which], after[which]]
    // Under a flood it would be counted for the wrong requests.
    return from === undefined || to === undefined || flood || times === 0 ? undefined : (to - from) / times
  }
  return {
    rate: times / found.seconds,
    latency: found.latency,
    cpu: { server: each('server'), database: each('database') },
    rss_bytes,
    answer_bytes: answered === 0 ? 0 : bytes / answered,
  }
}

async function measureLoop({ place }: Bench, work: Loop['work']): Promise<Turn> {
  const plan: Loop = { work, warmup_seconds: options.warmup, seconds: options.seconds }
  const looped = await place.ask<Looped>('loops.ts', plan)
  const { requests, seconds, latency } = await loaded(Promise.resolve(looped.loaded))
  const cpu = { server: looped.cpu, database: undefined }
  return { rate: requests / seconds, latency, cpu, rss_bytes: undefined, answer_bytes: 0 }
}

async function loaded(loading: ReturnType<Generator['put']>) {
  const outcome = await loading
  if ('failed' in outcome) throw new Error(outcome.failed)
  return outcome
}

/** The first and the last of the requests get the answer that the row is about. */
async function probe(port: number, texts: string[], answer: RegExp): Promise<void> {
  for (const text of [texts[0], texts.at(-1)] as string[]) {
    const { status, body } = await askOnce(port, text)
    if (status !== 200 || !answer.test(body)) throw new Error(`the server answered ${status}: ${body.slice(0, 1000)}`)
  }
}

/** Waits until the server does nothing more, for five seconds at most. */
async function settled({ name }: Target<unknown>, pid: number): Promise<void> {
  for (let look = 0; look < 50; look++) {
    const before = cpuMicroseconds(pid)
    await delay(100)
    const after = cpuMicroseconds(pid)
    if (before === undefined || after === undefined || after - before <= 20_000) return
  }
  tell(`${name} goes on working although nobody asks it.`)
}

async function measureStages(bench: Bench, report: Report): Promise<void> {
  const engines = (['sqlite', 'postgres'] as const).map((engine) => ({
    engine,
    start: `${engine}-start`,
    soak: `${engine}-soak`,
  }))
  const starting = engines.filter(({ start }) => options.chosen.has(start))
  // The first start after the rounds is like any other: what Node.js compiles is kept from those before.
  report.starts = starting.map(({ start }) => ({ name: start, turns: [] }))
  for (let round = 1; round <= options.rounds; round++) {
    for (const [index, { engine, start }] of starting.entries()) {
      tell(`round ${round} of ${options.rounds}: ${start} …`)
      report.starts[index]?.turns.push(await measureStart(bench, engine, options.idle))
    }
  }
  for (const { engine, soak: name } of engines.filter(({ soak }) => options.chosen.has(soak))) {
    tell(`${name}, ${options.soak} s …`)
    const { connections, soak: seconds } = options
    report.soaks.push(await measureSoak(bench, name, await targets[engine].prepare(bench), { connections, seconds }))
  }
}

function newReport(generator: Generator): Report {
  const { quick, connections, warmup, seconds, rounds, users, sessions } = options
  return {
    date: new Date().toISOString(),
    commit: output('git', ['describe', '--always', '--dirty', '--exclude', '*']),
    machine: {
      cpu: `${cpus().length} × ${cpus()[0]?.model}`,
      memory_bytes: totalmem(),
      system: `${distribution()}, Linux ${release().replace(/-.*/, '')}`,
      file_system: output('stat', ['--file-system', '--format=%T', tmpdir()]),
    },
    versions: {
      'Node.js': process.version,
      SQLite: process.versions.sqlite,
      ...Object.fromEntries(peers.map((name) => [name, installedVersion(name)])),
    },
    generator: generator.name,
    quick,
    connections,
    warmup_seconds: warmup,
    seconds,
    rounds,
    users,
    large_sessions: sessions,
    load_averages: [loadavg()[0] as number],
    rows: [],
    starts: [],
    soaks: [],
    revocations: {},
    failures: [],
  }
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform
  } catch {
    return process.platform
  }
}

function isPeer({ subject }: Scenario): boolean {
  return 'target' in subject && subject.target.peer
}

function output(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return undefined
  }
}

function tell(sentence: string): void {
  process.stderr.write(`${Math.round(performance.now() / 1000)} s: ${sentence}\n`)
}
