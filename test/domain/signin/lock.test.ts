/** Locks: counted exactly however many guess at once, opened by time, operators and mailed links. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Environment } from '../../../src/domain/configuration/environment.ts'
import { updateEnvironment } from '../../../src/domain/projects/environment.ts'
import { createRedirectUrl } from '../../../src/domain/redirect_urls/redirect_url.ts'
import { attempt, failedAttempt } from '../../../src/domain/signin/attempt.ts'
import { unlockByToken, unlockUser } from '../../../src/domain/signin/lock.ts'
import { Refusal } from '../../../src/errors.ts'
import { SECOND } from '../../../src/values/time.ts'
import { refuse, succeed } from '../../support/call.ts'
import { lastMessage, messagesTo } from '../../support/inbox.ts'
import { mailedLink, newAddress, registeredUrl } from '../../support/links.ts'
import { withoutRedirectUrls } from '../../support/redirect_urls.ts'
import { liveCredentials, newUser } from '../../support/users.ts'
import { type Engine, onBothEngines, type World, world } from '../../support/world.ts'

type Made = Awaited<ReturnType<typeof newUser>>

async function scene(engine: Engine, settings: Parameters<typeof updateEnvironment>[2] = {}) {
  const here = await world(engine)
  const project = await here.project()
  await updateEnvironment(here.app, project.id, settings)
  const environment = (await here.app.environment(project.id)) as Environment
  const user = await newUser(here, project)
  return { here, project, environment, user, ...around(here, environment, user) }
}

function around(here: World, environment: Environment, user: Made) {
  /** One failed attempt; returns the type it is refused with. */
  const failOnce = async (): Promise<string> => {
    const record = await here.app.environment(environment.project_id)
    assert.ok(record)
    const stored = { ...user, project_id: environment.project_id } as unknown as Parameters<typeof failedAttempt>[2]
    try {
      await attempt(here.app, (app) => failedAttempt(app, record, stored, 'unauthorized_credentials'))
    } catch (error) {
      if (error instanceof Refusal) return error.error_type
      throw error
    }
    throw new Error('a failed attempt succeeded')
  }
  const failTimes = async (count: number) => {
    const types = []
    for (let index = 0; index < count; index++) types.push(await failOnce())
    return types
  }
  return { failOnce, failTimes }
}

const own = 'unauthorized_credentials'

onBothEngines('locks', (engine) => {
  test('the failure that reaches the threshold answers its own error; from the next on the user is locked', async () => {
    const { here, project, user, failTimes } = await scene(engine, { user_lock_threshold: 3, user_lock_ttl: 300 })
    const read = () => succeed(here, project, `GET /v1/users/${user.user_id}`)
    assert.deepEqual(await failTimes(2), [own, own])
    assert.equal((await read()).is_locked, false)
    assert.deepEqual(await failTimes(2), [own, 'user_lock_limit_reached'])
    const locked = await read()
    assert.equal(locked.is_locked, true)
    assert.equal(Date.parse(locked.lock_expires_at) - Date.parse(locked.lock_created_at), 300 * SECOND)
    assert.deepEqual(await messagesTo(here, user.emails[0].email), [])
    here.clock.advance(300 * SECOND)
    assert.equal((await read()).is_locked, false)
    // The count begins anew.
    assert.deepEqual(await failTimes(3), [own, own, own])
    assert.equal((await read()).is_locked, true)
  })

  test('a hundred failures at once: as many answers as the threshold allows, and one lock', async () => {
    const { here, user, failOnce } = await scene(engine, { user_lock_self_serve_enabled: true })
    const types = await Promise.all(Array.from({ length: 100 }, () => failOnce()))
    assert.equal(types.filter((type) => type === own).length, 10)
    assert.equal(types.filter((type) => type === 'user_lock_limit_reached').length, 90)
    assert.equal((await messagesTo(here, user.emails[0].email)).length, 1)
  })

  test('failures and successes of one user at once all get their answers', async () => {
    const { here, project, user, failOnce } = await scene(engine, { user_lock_threshold: 100 })
    const tokens = []
    for (let index = 0; index < 20; index++) {
      tokens.push((await succeed(here, project, 'POST /v1/magic_links', { user_id: user.user_id })).token)
    }
    await Promise.all([
      ...tokens.map((token) => succeed(here, project, 'POST /v1/magic_links/authenticate', { token })),
      ...Array.from({ length: 20 }, () => failOnce()),
    ])
  })

  test('self-serve: the lock mails a link to the verified address, which opens it once', async () => {
    const settings = { user_lock_self_serve_enabled: true, user_lock_threshold: 1 }
    const { here, project, environment } = await scene(engine, settings)
    const email = newAddress()
    const proven = await mailedLink(here, project, newAddress())
    await succeed(here, project, 'POST /v1/magic_links/authenticate', { token: proven.token })
    await mailedLink(here, project, email, { user_id: proven.user_id }, 'send')
    const user = await succeed(here, project, `GET /v1/users/${proven.user_id}`)
    const verified = user.emails.find((one: { verified: boolean }) => one.verified).email
    await around(here, environment, user).failOnce()
    assert.deepEqual(
      (await messagesTo(here, email)).map(({ template }) => template),
      ['login'],
    )
    const message = await lastMessage(here, verified)
    assert.deepEqual([message.template, message.links.length, message.links[0]?.purpose], ['unlock', 1, 'unlock'])
    const { url = '', token = '' } = message.links[0] ?? {}
    assert.equal(new URL(url).searchParams.get('stytch_token_type'), 'unlock')
    assert.equal(new URL(url).searchParams.get('token'), token)
    const [row] = await here.app.store.read
      .selectFrom('one_time_tokens')
      .select('details')
      .where('project_id', '=', project.id)
      .where('purpose', '=', 'unlock')
      .execute()
    assert.equal(JSON.parse(row?.details).redirect_url, registeredUrl)
    // It is no way to sign in.
    await refuse(here, project, 'POST /v1/magic_links/authenticate', { token }, 404, 'magic_link_not_found')

    const outcomes = await Promise.all(Array.from({ length: 100 }, () => unlockByToken(here.app, environment, token)))
    assert.equal(outcomes.filter(Boolean).length, 1)
    assert.equal((await succeed(here, project, `GET /v1/users/${user.user_id}`)).is_locked, false)
    assert.equal(await unlockByToken(here.app, environment, token), false)
  })

  test('the link ends with its lock, and opens no later one', async () => {
    const settings = { user_lock_self_serve_enabled: true, user_lock_threshold: 1, user_lock_ttl: 330 }
    const { here, project, environment, user, failOnce } = await scene(engine, settings)
    const [{ email }] = user.emails
    const tokenNow = async () => (await lastMessage(here, email)).links[0]?.token as string
    await failOnce()
    const first = await tokenNow()
    here.clock.advance(330 * SECOND)
    assert.equal(await unlockByToken(here.app, environment, first), false)
    await failOnce()
    assert.equal(await unlockByToken(here.app, environment, first), false)
    assert.equal((await succeed(here, project, `GET /v1/users/${user.user_id}`)).is_locked, true)
    const second = await tokenNow()
    await unlockUser(here.app, environment, user.user_id)
    assert.equal(await unlockByToken(here.app, environment, second), false)
    for (const nonsense of ['', 'short', 'a'.repeat(44)]) {
      assert.equal(await unlockByToken(here.app, environment, nonsense), false)
    }
  })

  test('a link of one project opens nothing in another', async () => {
    const settings = { user_lock_self_serve_enabled: true, user_lock_threshold: 1 }
    const { here, environment, user, failOnce } = await scene(engine, settings)
    await failOnce()
    const token = (await lastMessage(here, user.emails[0].email)).links[0]?.token as string
    const other = (await here.app.environment((await here.project()).id)) as Environment
    assert.equal(await unlockByToken(here.app, other, token), false)
    assert.equal(await unlockByToken(here.app, environment, token), true)
  })

  test('without a default login URL, without an address, without a carrier: count and lock stand all the same', async () => {
    const { here, project } = await scene(engine)
    const settings = { user_lock_self_serve_enabled: true, user_lock_threshold: 1 }
    const bare = await withoutRedirectUrls(here)
    const live = await liveCredentials(here, project)
    const valid_types = [{ type: 'LOGIN', is_default: true }]
    await createRedirectUrl(here.app, project.live, { url: 'https://app.example.com/', valid_types })
    const cases = [
      { credentials: bare, record: bare.environment, body: {} },
      { credentials: live, record: project.live, body: {} },
      { credentials: project, record: project.environment, body: { email: undefined, phone_number: '+14155550123' } },
    ]
    for (const { credentials, record, body } of cases) {
      await updateEnvironment(here.app, record.project_id, settings)
      const environment = (await here.app.environment(record.project_id)) as Environment
      const user = await newUser(here, credentials, body)
      const { failOnce } = around(here, environment, user)
      assert.deepEqual([await failOnce(), await failOnce()], [own, 'user_lock_limit_reached'])
      assert.equal((await succeed(here, credentials, `GET /v1/users/${user.user_id}`)).is_locked, true)
      const tokens = await here.app.store.read
        .selectFrom('one_time_tokens')
        .selectAll()
        .where('project_id', '=', record.project_id)
        .execute()
      assert.deepEqual(tokens, [])
    }
  })

  test('an operator unlocks at once, and unlocking who is not locked changes nothing but the count', async () => {
    const { here, project, environment, user, failTimes } = await scene(engine, { user_lock_threshold: 2 })
    await failTimes(2)
    const unlocked = await unlockUser(here.app, environment, user.user_id)
    assert.deepEqual([unlocked.lock_created_at, unlocked.lock_expires_at], [null, null])
    await failTimes(1)
    const { version } = await unlockUser(here.app, environment, user.user_id)
    assert.equal(version, unlocked.version)
    assert.deepEqual(await failTimes(1), [own])
    assert.equal((await succeed(here, project, `GET /v1/users/${user.user_id}`)).is_locked, false)
    await assert.rejects(unlockUser(here.app, environment, 'nobody'), /User could not be found/)
  })

  test('failures of a user who is being deleted leave nothing behind', async () => {
    const { here, project, user, failOnce } = await scene(engine)
    await Promise.all([
      ...Array.from({ length: 10 }, () => failOnce().catch(() => 'gone')),
      succeed(here, project, `DELETE /v1/users/${user.user_id}`),
    ])
    const rows = await here.app.store.read
      .selectFrom('failed_attempts')
      .selectAll()
      .where('project_id', '=', project.id)
      .execute()
    assert.deepEqual(rows, [])
  })
})
