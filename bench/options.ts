/** What `npm run bench` can be told. */
import { parseArgs } from 'node:util'
import { full } from './bars.ts'
import type { GeneratorName } from './generators.ts'
import { scenarios } from './scenarios.ts'

/** Stages beside the rounds, by name. */
export const stages = ['sqlite-start', 'postgres-start', 'sqlite-soak', 'postgres-soak'] as const

export type Options = {
  /** Names of scenarios and stages that are measured. */
  chosen: Set<string>
  quick: boolean
  rounds: number
  warmup: number
  seconds: number
  connections: number
  /** How many users the other databases have, each with one session. */
  users: number
  /** How many sessions the large database has. */
  sessions: number
  soak: number
  /** How long a started server is left alone before its memory is read. */
  idle: number
  generator: GeneratorName | undefined
  profile: string | undefined
  json: string | undefined
}

const thorough = {
  rounds: 5,
  warmup: 3,
  seconds: 10,
  users: 5000,
  sessions: full.sessions,
  soak: full.soak_seconds,
  idle: 10,
}
/** Two minutes for all bars. With fewer users, because the JWT of each is signed in every warm-up. */
const quick = { rounds: 2, warmup: 0.3, seconds: 1, users: 1000, sessions: 20_000, soak: 5, idle: 1.5 }

const usage = `npm run bench -- [options]

  --quick               every row that a bar needs, in two minutes: shows that all of it works, and roughly where it stands
  --selvage             only rows of Selvage and bare ones: needs no peers
  --only NAME           only what has NAME in its name; may be repeated
  --rounds NUMBER       how often each row is measured, in turn with the others [${thorough.rounds}]
  --seconds NUMBER      how long each time [${thorough.seconds}]
  --warmup NUMBER       seconds of the same load before, three times that before the first [${thorough.warmup}]
  --connections NUMBER  sockets, each with one request under way [32]
  --sessions NUMBER     how many the large database is grown to [${thorough.sessions}]
  --soak SECONDS        how long the mixed load lasts, on each engine [${thorough.soak}]
  --generator NAME      wrk, autocannon or own [wrk where there is one, else autocannon, else own]
  --profile DIR         leave a CPU profile of each server of ours in DIR and list its top functions (slows it down; one round)
  --json FILE           write the whole report to FILE, every round of it
  --help                print this

What it measures Selvage beside (better-auth, oidc-provider) and autocannon are a package of their own, installed once by

  npm ci --prefix bench

Rows:
${[...scenarios.map(({ name, what }) => `  ${name.padEnd(34)}${what}`), ...stages.map((name) => `  ${name}`)].join('\n')}

PostgreSQL is the one of TEST_DATABASE_URL, or one that is started for the run. A full run takes an hour and ${Math.round(
  (full.sessions * 1.8) / 1e6,
)} GB in TMPDIR.
See docs/benchmarks.md.
`

/** Reads the arguments. Ends the process on those that cannot be used, and after the help. */
export function readOptions(needed: ReadonlySet<string>, isPeer: (name: string) => boolean): Options {
  const values = parse()
  if (values.help) {
    process.stdout.write(usage)
    process.exit(0)
  }
  const defaults = values.quick ? quick : thorough
  const names = [...scenarios.map(({ name }) => name), ...stages]
  const { only } = values
  const wanted = (name: string) => (only ? only.some((part) => name.includes(part)) : !values.quick || needed.has(name))
  const chosen = names.filter((name) => wanted(name) && !(values.selvage && isPeer(name)))
  if (chosen.length === 0) refuse(`--only: nothing has "${only?.join('" or "')}" in its name.`)
  const number = (name: keyof typeof defaults | 'connections', fallback: number, most: number) => {
    const value = name === 'idle' || name === 'users' ? undefined : values[name]
    if (value === undefined) return fallback
    const number = Number(value)
    const isCount = name === 'rounds' || name === 'connections' || name === 'sessions'
    if (!(number > 0 && number <= most) || (isCount && !Number.isInteger(number))) {
      refuse(`--${name}: ${value} is not a usable number.`)
    }
    return number
  }
  const { generator } = values
  if (generator !== undefined && generator !== 'wrk' && generator !== 'autocannon' && generator !== 'own') {
    refuse('--generator: use wrk, autocannon or own.')
  }
  return {
    chosen: new Set(chosen),
    quick: values.quick,
    rounds: values.profile ? 1 : number('rounds', defaults.rounds, 1000),
    warmup: number('warmup', defaults.warmup, 3600),
    seconds: number('seconds', defaults.seconds, 3600),
    connections: number('connections', 32, 10_000),
    users: defaults.users,
    sessions: number('sessions', defaults.sessions, 1e9),
    soak: number('soak', defaults.soak, 86_400),
    idle: defaults.idle,
    generator,
    profile: values.profile,
    json: values.json,
  }
}

/** Ends the process with a sentence. */
export function refuse(sentence: string): never {
  process.stderr.write(`bench: ${sentence} See --help.\n`)
  process.exit(1)
}

function parse() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        selvage: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        warmup: { type: 'string' },
        connections: { type: 'string' },
        sessions: { type: 'string' },
        soak: { type: 'string' },
        generator: { type: 'string' },
        profile: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return refuse((error as Error).message)
  }
}
