/** `npm run where`. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { operationFiles, pageFiles } from '../../scripts/api_index.ts'
import { where } from '../../scripts/where.ts'
import { root } from './source.ts'

const authenticate =
  /^POST \/v1\/sessions\/authenticate\n {2}operation {2}src\/api\/consumer\/sessions\/authenticate\.ts\n/m

const found: [string[], RegExp][] = [
  [['POST /v1/sessions/authenticate'], authenticate],
  [['POST', '/v1/sessions/authenticate'], authenticate],
  [['post /v1/sessions/authenticate/'], authenticate],
  [['/v1/sessions/authenticate'], authenticate],
  [['http://127.0.0.1:3000/v1/sessions/authenticate?a=b'], authenticate],
  [['sessions.authenticate'], authenticate],
  [['client.sessions.authenticate(…)'], authenticate],
  [['api_session_v1_Authenticate'], authenticate],
  [['GET /v1/users/user-test-16d9ba61-97a1-4ba4-9720-b03761dc50c6'], /^GET \/v1\/users\/\{user_id\}\n/],
  [['GET /v1/users/{user_id}'], /consumer\/users\/get\.ts/],
  [['GET /v1/users/:user_id'], /consumer\/users\/get\.ts/],
  [['DELETE /v1/users/emails/email-test-1'], /consumer\/users\/delete_email\.ts/],
  [['sessions.getJWKS'], /consumer\/sessions\/get_jwks\.ts/],
  [['/v1/public/p/.well-known/jwks.json'], /none in the client library/],
]
for (const [args, expected] of found) {
  test(`finds ${args.join(' ')}`, () => {
    const { text, status } = where(args)
    assert.match(text, expected)
    assert.equal(status, 0)
  })
}

test('tells file, test, call and contract name', () => {
  const { text } = where(['POST /v1/users'])
  assert.equal(
    text,
    [
      'POST /v1/users',
      '  operation  src/api/consumer/users/create.ts',
      '  test       test/api/consumer/users/create.test.ts',
      '  call       client.users.create(…)',
      '  contract   api_user_v1_Create',
      '',
    ].join('\n'),
  )
})

test('a path alone shows all of its methods', () => {
  const { text } = where(['/v1/users/u'])
  for (const method of ['GET', 'PUT', 'DELETE'])
    assert.match(text, new RegExp(`^${method} /v1/users/\\{user_id\\}$`, 'm'))
})

test('every operation is found by its route, its call and its name', () => {
  for (const { file, method, path, sdk, name } of operationFiles()) {
    for (const asked of [`${method} ${path}`, sdk || name, name]) {
      const { text, status } = where([asked])
      assert.equal(status, 0)
      assert.ok(text.includes(`operation  ${file}\n`), asked)
    }
  }
})

test('every page is found by its route', () => {
  for (const { file, method, path } of pageFiles()) {
    assert.ok(where([`${method} ${path}`]).text.includes(`operation  ${file}\n`), path)
  }
})

const unknown: [string, RegExp][] = [
  ['POST /v1/sessions/authentikate', /sessions\.authenticate\n/],
  ['GET /v1/sessions/authenticate', /POST \/v1\/sessions\/authenticate/],
  ['sessions.authorize', /sessions\.\w+\n/],
  ['users.delete_emails', /users\.deleteEmail\n/],
  ['xyz', /Did you mean/],
]
for (const [asked, near] of unknown) {
  test(`${asked} is unknown, and near ones are named`, () => {
    const { text, status } = where([asked])
    assert.equal(status, 1)
    assert.match(text, /^No operation is /)
    assert.match(text, near)
  })
}

test('the command prints, and its exit status tells whether it found something', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'scripts/where.ts'), ...args], { encoding: 'utf8' })
  const good = run('sessions.authenticate')
  assert.equal(good.status, 0)
  assert.match(good.stdout, authenticate)
  const bad = run('nothing.like.it')
  assert.equal(bad.status, 1)
  assert.equal(bad.stdout, '')
  assert.match(bad.stderr, /Did you mean/)
  assert.match(where(['--help']).text, /npm run where/)
  assert.deepEqual([where(['--help']).status, where([]).status], [0, 1])
})
