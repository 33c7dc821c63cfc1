/** `selvage import` and `selvage export` as an operator runs them, beside a server on the same database. */
import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ask, begin, credentialsIn, newDirectory, run, runJson, type Served, serve } from '../support/program.ts'
import { examplePassword } from '../support/transfer.ts'

const env = { SELVAGE_DATA_DIR: newDirectory() }
const files = newDirectory()
const examples = join(import.meta.dirname, '../../examples')
let server: Served
let consumer: { project_id: string; secret: string }
let b2b: { project_id: string; secret: string }

before(async () => {
  server = await serve(env)
  const credentials = credentialsIn(env.SELVAGE_DATA_DIR)
  consumer = credentials.consumer
  b2b = credentials.b2b
})

after(() => server.stop())

const counts = { lines: 11, problems: 0, refused: 0 }
const none = { added: 0, there: 0 }

test('the example is rehearsed, imported and imported again, and a running server lets its users in', async () => {
  const command = ['import', join(examples, 'import_users.jsonl'), '--project', consumer.project_id]
  const some = { users: { added: 11, there: 0 }, organizations: none, members: none }
  const { seconds: _, ...rehearsed } = await runJson([...command, '--dry-run'], env)
  assert.deepEqual(rehearsed, { dry_run: true, ...counts, ...some })
  const login = { email: 'ada@example.com', password: examplePassword }
  const log_in = () => ask(server.url, consumer, 'POST /v1/passwords/authenticate', login)
  assert.equal((await log_in()).body.error_type, 'email_not_found')
  const { status, stdout, stderr } = await run(command, env)
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(stdout, /^Imported 11 users \([\d.]+ s\)\. No problems\.\n$/)
  assert.equal((await log_in()).status, 200)
  const { seconds: __, ...again } = await runJson(command, env)
  assert.deepEqual(again, { dry_run: false, ...counts, ...some, users: { added: 0, there: 11 } })
})

test('standard input is read, problems are told by line, and the status says that there were some', async () => {
  const child = begin(['import', '-', '--project', b2b.project_id], env)
  child.process.stdin?.end(
    [
      '{"type":"organization","organization_name":"Acme","organization_slug":"acme"}',
      '{"type":"member","organization_id":"acme","email_address":"nobody"}',
      '{"type":"member","organization_id":"acme","email_address":"a@acme.example","external_id":"member-live-1"}',
      '{"type":"member","organization_id":"acme","email_address":"b@acme.example"}',
    ].join('\n'),
  )
  const { status, stdout, stderr } = await child.ended
  assert.equal(status, 1)
  assert.equal(
    stderr,
    'line 2, email_address: Email format is invalid.\n' +
      'line 3: external_id must be 1 to 128 characters of letters, digits, ".", "_", "-" and "|", and not begin like an id of this API.\n',
  )
  assert.match(
    stdout,
    /^Imported 1 organization and 1 member \([\d.]+ s\)\. 2 problems: mend 2 lines and run the import again\.\n$/,
  )
})

test('an export is a file of its owner’s alone, which the import reads', async () => {
  const { project_id } = consumer
  const output = join(files, 'users.jsonl')
  const result = await runJson(['export', '--project', project_id, '--output', output], env)
  assert.deepEqual(result, { users: 11, organizations: 0, members: 0, credentials: true, output })
  assert.equal((statSync(output).mode & 0o777).toString(8), '600')
  assert.deepEqual(readdirSync(files), ['users.jsonl'])
  const written = readFileSync(output, 'utf8')
  assert.equal(written.trim().split('\n').length, 11)
  const piped = await run(['export', '--project', project_id], env)
  assert.deepEqual(piped, { status: 0, signal: null, stdout: written, stderr: 'Exported 11 users.\n' })
  const { live } = await runJson(['project', 'create', 'Elsewhere'], env)
  assert.equal((await runJson(['import', output, '--project', live], env)).users.added, 11)
  // It is replaced as a whole, whoever could read the one before.
  chmodSync(output, 0o644)
  const bare = await run(['export', '--project', project_id, '--output', output, '--without-credentials'], env)
  assert.deepEqual([bare.status, bare.stdout, bare.stderr], [0, 'Exported 11 users.\n', ''])
  assert.equal((statSync(output).mode & 0o777).toString(8), '600')
  assert.doesNotMatch(readFileSync(output, 'utf8'), /hash/)
})

test('what cannot be done is told in one sentence', async () => {
  const { project_id } = consumer
  writeFileSync(join(files, 'empty.jsonl'), '')
  const refused: [string[], RegExp][] = [
    [
      ['import', join(files, 'none.jsonl'), '--project', project_id],
      /^The file .*none\.jsonl cannot be read \(ENOENT\)\.$/,
    ],
    [['import', files, '--project', project_id], /^.* is a directory, not a file of JSON lines\.$/],
    [['import', join(files, 'empty.jsonl'), '--project', 'nobody'], /^There is no environment nobody\.$/],
    [['export', '--project', 'nobody'], /^There is no environment nobody\.$/],
    [['export', '--project', project_id, '--json'], /^--json needs --output: /],
    [['export', '--project', project_id, '--output', files], /is not a file that can be written\.$/],
    [['export', '--project', project_id, '--output', join(files, 'no/such/file')], /cannot be written \(ENOENT\)\.$/],
  ]
  for (const [args, says] of refused) {
    const { status, stdout, stderr } = await run(args, env)
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' }, stderr)
    assert.match(stderr, /^selvage: [^\n]+\n$/)
    assert.match(stderr.slice('selvage: '.length, -1), says)
  }
  const nothing = await run(['import', join(files, 'empty.jsonl'), '--project', project_id], env)
  assert.equal(nothing.status, 0)
  assert.match(nothing.stdout, /^Nothing was imported \([\d.]+ s\)\. No problems\.\n$/)
  const unnamed = await run(['import', join(files, 'empty.jsonl')], env)
  assert.equal(unnamed.status, 1)
  assert.match(unnamed.stderr, /required option '--project <project_id>' not specified/)
})
