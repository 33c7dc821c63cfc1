/** The README, taken at its word: its examples run as they are written, and its table names every variable. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { variables } from '../../src/config.ts'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const run = promisify(execFile)

test('the configuration table is the one in the code', () => {
  const rows = variables.map(
    ([name, fallback, meaning]) => `| \`${name}\` | ${fallback && `\`${fallback}\``} | ${meaning} |`,
  )
  const [, table = ''] = /\| Variable \| Default \| Meaning \|\n\|---\|---\|---\|\n([\s\S]*?)\n\n/.exec(readme) ?? []
  assert.deepEqual(table.split('\n'), rows)
})

describe('the examples', () => {
  const directory = mkdtempSync(join(tmpdir(), 'selvage-readme-'))
  // Beside the other examples, from where the packages are found.
  const file = join(root, 'examples', `readme-${process.pid}.mjs`)
  let url = ''
  let stop = async () => {}

  before(async () => {
    const server = spawn(process.execPath, ['bin/selvage.mjs', 'start'], {
      cwd: root,
      env: { ...process.env, PORT: '0', SELVAGE_DATA_DIR: join(directory, 'data'), DATABASE_URL: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    stop = () =>
      new Promise((resolve) => {
        server.on('exit', () => resolve())
        server.kill('SIGTERM')
      })
    url = await new Promise<string>((resolve, reject) => {
      let text = ''
      server.on('exit', () => reject(new Error(`The server ended: ${text}`)))
      server.stdout.on('data', (chunk) => {
        text += chunk
        const [, ready] = /"url":"(http[^"]+)"/.exec(text) ?? []
        if (ready) resolve(ready)
      })
    })
  })
  after(async () => {
    rmSync(file, { force: true })
    await stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('the ten lines of the README, twice', async () => {
    const [, code = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? []
    assert.ok(code.split('\n').filter(Boolean).length <= 10)
    writeFileSync(file, code.replace('http://127.0.0.1:3000', url))
    for (let time = 0; time < 2; time++) {
      const { stdout } = await run(process.execPath, [file], { cwd: directory })
      assert.match(stdout, /^ada\+\d+@example\.com \{ plan: 'pro' \} 0\n$/)
    }
  })

  test('a whole session', async () => {
    const env = { ...process.env, SELVAGE_URL: url }
    const { stdout } = await run(process.execPath, [join(root, 'examples/session.mjs')], { cwd: directory, env })
    assert.match(stdout, /ada@example\.com has session-test-\S+, which verifies locally: true\n/)
    assert.match(stdout, /After revoking it: session_not_found\n/)
  })
})
