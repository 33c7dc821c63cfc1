/** Maintenance on nodes that share a database: signing keys in time, and purges that spare the living. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { buildApp } from '../../src/app.ts'
import { movableClock } from '../../src/clock.ts'
import { createKeyring, newMasterKey, parseMasterKeys } from '../../src/crypto/keyring.ts'
import type { App } from '../../src/domain/app.ts'
import type { Environment } from '../../src/domain/configuration/environment.ts'
import { recordEvent } from '../../src/domain/events/event.ts'
import { maintain } from '../../src/domain/maintenance/maintenance.ts'
import { insertSpentToken } from '../../src/domain/proofs/table.ts'
import { mintSessionJwt, verifySessionJwt } from '../../src/domain/sessions/jwt.ts'
import { purgeSessions, startSession } from '../../src/domain/sessions/session.ts'
import { currentKey, loadSigningKeys, publishedKeys, rotateKeys } from '../../src/domain/signing_keys/signing_key.ts'
import { createUser } from '../../src/domain/users/user.ts'
import { createProjectWithEnvironments } from '../../src/domain/workspace/installation.ts'
import { createLog } from '../../src/http/log.ts'
import { migrate } from '../../src/store/migrate.ts'
import { keyTable } from '../../src/store/store.ts'
import { DAY, HOUR, MINUTE } from '../../src/values/time.ts'
import { type Engine, emptyDatabase, onBothEngines, openStore, preparedKeyPair, testConfig } from '../support/world.ts'

/** Two nodes on one database of their own, with one clock and one consumer environment. */
async function twoNodes(engine: Engine) {
  const { url, drop } = await emptyDatabase(engine)
  const clock = movableClock()
  const keyring = createKeyring(parseMasterKeys(newMasterKey()))
  const node = async () => {
    const store = await openStore(url)
    await migrate(store, clock.now())
    const running = buildApp({
      config: testConfig(),
      store,
      keyring,
      log: createLog('silent'),
      now: clock.now,
      new_key_pair: preparedKeyPair,
    })
    const close = async () => {
      await running.close()
      await store.close()
    }
    return { app: running.app, close }
  }
  const a = await node()
  const b = await node()
  after(async () => {
    await a.close()
    await b.close()
    await drop()
  })
  const { test } = await createProjectWithEnvironments(a.app, { name: 'Keys', vertical: 'CONSUMER' })
  return { a: a.app, b: b.app, clock, record: test }
}

const now = (app: App) => app.now()
const stay = () => false

async function environmentOf(app: App, project_id: string): Promise<Environment> {
  return (await app.environment(project_id)) ?? assert.fail('The environment is gone.')
}

async function kids(app: App, project_id: string): Promise<string[]> {
  const { signing_keys } = await environmentOf(app, project_id)
  return publishedKeys(signing_keys, now(app)).map(({ kid }) => kid)
}

async function signing(app: App, project_id: string): Promise<string> {
  return currentKey((await environmentOf(app, project_id)).signing_keys, now(app)).kid
}

async function newSession(app: App, project_id: string, duration_minutes: number) {
  const environment = await environmentOf(app, project_id)
  const user = await createUser(app, environment, { email: `${Math.random()}@example.com`, status: 'active' })
  const session = await app.transaction((app) =>
    startSession(
      app,
      environment,
      user.user_id,
      {
        type: 'trusted_auth_token',
        delivery_method: 'trusted_token_exchange',
        trusted_auth_token_factor: { token_id: 'x' },
      },
      { duration_minutes, custom_claims: undefined },
    ),
  )
  const jwt = async () => mintSessionJwt(app, await environmentOf(app, project_id), session, user.roles)
  return { session, jwt }
}

const kidOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()).kid

onBothEngines('maintenance', (engine) => {
  test('a rotated key is published before it signs, and the old one stays while its tokens live', async () => {
    const { a, b, clock, record } = await twoNodes(engine)
    const { project_id } = record
    const [old] = await kids(a, project_id)
    const { jwt } = await newSession(a, project_id, 60 * 24 * 40)
    const signed_by_old = await jwt()
    const { kid } = await rotateKeys(a, record, { at_once: false })
    for (const node of [a, b]) {
      assert.deepEqual(await kids(node, project_id), [old, kid])
      assert.equal(await signing(node, project_id), old)
    }
    clock.advance(HOUR - MINUTE)
    assert.equal(await signing(b, project_id), old)
    clock.advance(MINUTE)
    for (const node of [a, b]) assert.equal(await signing(node, project_id), kid)
    assert.equal(kidOf(await jwt()), kid)
    await verifySessionJwt(b, await environmentOf(b, project_id), signed_by_old)
    clock.advance(30 * DAY - MINUTE)
    assert.deepEqual(await kids(b, project_id), [old, kid])
    clock.advance(MINUTE)
    for (const node of [a, b]) assert.deepEqual(await kids(node, project_id), [kid])
    await assert.rejects(async () => verifySessionJwt(b, await environmentOf(b, project_id), signed_by_old), {
      error_type: 'unable_to_parse_session_jwt',
    })
  })

  test('a key rotated at once signs at once and takes all others with it, on the next call of every node', async () => {
    const { a, b, record } = await twoNodes(engine)
    const { project_id } = record
    const { jwt } = await newSession(b, project_id, 60)
    const leaked = await jwt()
    await rotateKeys(a, record, { at_once: false })
    await verifySessionJwt(b, await environmentOf(b, project_id), leaked)
    const { kid } = await rotateKeys(a, record, { at_once: true })
    for (const node of [a, b]) {
      assert.deepEqual(await kids(node, project_id), [kid])
      await assert.rejects(async () => verifySessionJwt(node, await environmentOf(node, project_id), leaked), {
        error_type: 'unable_to_parse_session_jwt',
      })
    }
    assert.equal(kidOf(await jwt()), kid)
  })

  test('a key is replaced by itself after 180 days, once, though two nodes do it at the same moment', async () => {
    const { a, b, clock, record } = await twoNodes(engine)
    const { project_id } = record
    const [old] = await kids(a, project_id)
    clock.advance(180 * DAY - MINUTE)
    await maintain(a, stay)
    assert.deepEqual(await kids(b, project_id), [old])
    clock.advance(MINUTE)
    // One process cannot wait for its own lock on the embedded database; there the nodes take turns.
    if (engine === 'postgres') await Promise.all([maintain(a, stay), maintain(b, stay)])
    else for (const node of [a, b]) await maintain(node, stay)
    const published = await kids(a, project_id)
    assert.equal(published.length, 2)
    assert.equal(await signing(a, project_id), old)
    clock.advance(HOUR)
    for (const node of [a, b]) assert.equal(await signing(node, project_id), published[1])
    await maintain(b, stay)
    assert.deepEqual(await kids(a, project_id), published)
    clock.advance(180 * DAY)
    await maintain(b, stay)
    const { rows } = await sql<{ kid: string }>`select kid from signing_keys where project_id = ${project_id}`.execute(
      a.store.read,
    )
    assert.ok(!rows.some(({ kid }) => kid === old), 'the retired key is deleted')
  })

  test('a key for ES256 signs and verifies, beside the RS256 key before it, and is replaced by one of its kind', async () => {
    const { a, b, clock, record } = await twoNodes(engine)
    const { project_id } = record
    const { jwt } = await newSession(a, project_id, 60 * 24 * 300)
    const by_rsa = await jwt()
    const { kid } = await rotateKeys(a, record, { at_once: false, algorithm: 'ES256' })
    clock.advance(HOUR)
    const by_ec = await jwt()
    assert.equal(kidOf(by_ec), kid)
    for (const token of [by_rsa, by_ec]) await verifySessionJwt(b, await environmentOf(b, project_id), token)
    clock.advance(180 * DAY)
    await maintain(b, stay)
    const keys = await loadSigningKeys(a, project_id)
    assert.deepEqual(
      keys.slice(-2).map(({ algorithm }) => algorithm),
      ['ES256', 'ES256'],
    )
  })

  test('what has ended is purged in several batches of one round; the living and the recent stay', async () => {
    const { a, clock, record } = await twoNodes(engine)
    const { project_id } = record
    const ended = await newSession(a, project_id, 5)
    const long = await newSession(a, project_id, 60 * 24 * 366)
    // Many rows at once: copies of the session that will have ended.
    const copies = 1200
    const numbers = keyTable(
      a.store,
      'n',
      ['i'],
      Array.from({ length: copies }, (_, index) => [String(index)]),
    )
    await sql`insert into sessions select s.project_id, s.session_id || n.i, owner_id, token_hash || n.i, sealed_token,
        authentication_factors, custom_claims, attributes, started_at, last_accessed_at, expires_at, revoked_at, version
      from sessions s cross join ${numbers} where s.session_id = ${ended.session.session_id}`.execute(a.store.write)
    const spend = (token_hash: string, expires_at: number) =>
      insertSpentToken(a.store, { project_id, purpose: 'x', token_hash, expires_at })
    await spend('old', now(a) + MINUTE)
    await spend('young', now(a) + 400 * DAY)
    await recordEvent(a, project_id, 'user.updated', 'old')
    const count = async (table: string) => {
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}
        where project_id = ${project_id}`.execute(a.store.write)
      return rows[0]?.n
    }

    clock.advance(7 * DAY + 4 * MINUTE)
    assert.equal((await maintain(a, stay)).purged, 1)
    assert.deepEqual([await count('sessions'), await count('spent_tokens')], [copies + 2, 1])
    clock.advance(2 * MINUTE)
    assert.deepEqual(await maintain(a, () => true), { purged: 0 })
    assert.equal(await purgeSessions(a, now(a) - 7 * DAY)(10), 10, 'never more than asked for')
    assert.equal((await maintain(a, stay)).purged, copies + 1 - 10)
    assert.equal(await count('sessions'), 1)

    await recordEvent(a, project_id, 'user.updated', 'young')
    const events = (await count('events')) as number
    clock.advance(365 * DAY - 5 * MINUTE)
    await maintain(a, stay)
    const { rows } = await sql<{ subject_id: string }>`select subject_id from events
      where type = 'user.updated'`.execute(a.store.read)
    assert.deepEqual(
      rows.map(({ subject_id }) => subject_id),
      ['young'],
    )
    assert.ok(((await count('events')) as number) < events)
    assert.equal(await count('sessions'), 1, 'the session of a year is still there')
    assert.equal(long.session.revoked_at, null)
  })
})
