/** The cache of sessions: nothing that has been committed is ever missed, and nobody can change what others are given. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { tokenKey } from '../../../src/domain/sessions/session.ts'
import { MINUTE } from '../../../src/values/time.ts'
import { refuse, succeed } from '../../support/call.ts'
import { give, memberIn, memberSession, organizationIn } from '../../support/members.ts'
import { defineRoles, newUser, startSession } from '../../support/users.ts'
import { type Engine, onBothEngines, world } from '../../support/world.ts'

const authenticate = 'POST /v1/sessions/authenticate'

async function userScene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const user = await newUser(here, project)
  const session_token = await startSession(here, project, user.user_id)
  const ask = () => succeed(here, project, authenticate, { session_token })
  // Read once, so that it is kept from here on.
  await ask()
  return { here, project, user, session_token, ask, path: `/v1/users/${user.user_id}` }
}

async function memberScene(engine: Engine) {
  const { here, project, organization } = await organizationIn(engine)
  const member = await memberIn(here, project, organization)
  const { session_token } = await memberSession(here, project, organization, member)
  const ask = () => succeed(here, project, 'POST /v1/b2b/sessions/authenticate', { session_token })
  await ask()
  return { here, project, organization, member, session_token, ask }
}

onBothEngines('kept sessions', (engine) => {
  test('a change of the user shows in the next answer', async () => {
    const { here, project, ask, path } = await userScene(engine)
    await succeed(here, project, `PUT ${path}`, { name: { first_name: 'Ada' }, trusted_metadata: { plan: 'pro' } })
    const { user } = await ask()
    assert.deepEqual([user.name.first_name, user.trusted_metadata], ['Ada', { plan: 'pro' }])
  })

  test('a role that the policy defines or forgets shows in user, session and JWT of the next answer', async () => {
    const { here, project, ask, path } = await userScene(engine)
    await defineRoles(here, project, 'editor')
    await succeed(here, project, `PUT ${path}`, { roles: ['editor'] })
    assert.deepEqual((await ask()).user.roles, ['stytch_user', 'editor'])
    await defineRoles(here, project, 'viewer')
    const { user, session, session_jwt } = await ask()
    const claims = JSON.parse(Buffer.from(session_jwt.split('.')[1], 'base64url').toString())
    for (const { roles } of [user, session, claims['https://stytch.com/session']]) {
      assert.deepEqual(roles, ['stytch_user'])
    }
  })

  test('claims, extension and end of a session count for the next call, by token and by JWT', async () => {
    const { here, project, session_token, ask } = await userScene(engine)
    const { session_jwt } = await ask()
    await succeed(here, project, authenticate, { session_jwt, session_custom_claims: { a: 1 } })
    assert.deepEqual((await ask()).session.custom_claims, { a: 1 })
    await succeed(here, project, authenticate, { session_jwt, session_duration_minutes: 90 })
    const { session } = await ask()
    assert.equal(Date.parse(session.expires_at) - Date.parse(session.last_accessed_at), 90 * MINUTE)
    await succeed(here, project, 'POST /v1/sessions/revoke', { session_token })
    await refuse(here, project, authenticate, { session_token }, 404, 'session_not_found')
    await refuse(here, project, authenticate, { session_jwt }, 404, 'session_not_found')
  })

  test('a session is over with its time and with its user', async () => {
    const first = await userScene(engine)
    await succeed(first.here, first.project, `DELETE ${first.path}`)
    await refuse(
      first.here,
      first.project,
      authenticate,
      { session_token: first.session_token },
      404,
      'session_not_found',
    )
    const second = await userScene(engine)
    second.here.clock.advance(366 * 24 * 60 * MINUTE)
    const { session_token } = second
    await refuse(second.here, second.project, authenticate, { session_token }, 404, 'session_not_found')
  })

  test('the lock of a user, which depends on the time, comes and goes', async () => {
    const { here, project, user, ask } = await userScene(engine)
    const lock = { lock_created_at: here.app.now(), lock_expires_at: here.app.now() + 5 * MINUTE }
    await here.app.store.write
      .updateTable('users')
      .set((eb) => ({ ...lock, version: eb('version', '+', 1) }))
      .where('project_id', '=', project.id)
      .where('user_id', '=', user.user_id)
      .execute()
    assert.equal((await ask()).user.is_locked, true)
    here.clock.advance(5 * MINUTE)
    assert.equal((await ask()).user.is_locked, false)
  })

  test('changes of member and organization show in the next answer', async () => {
    const { here, project, organization, member, ask } = await memberScene(engine)
    await give(here, project, member.member_id, { name: 'Ada', assigned_roles: ['stytch_admin'] })
    const changed = await ask()
    assert.deepEqual([changed.member.name, changed.member.is_admin], ['Ada', true])
    const slug = `slug-${randomUUID()}`
    const path = `/v1/b2b/organizations/${organization.organization_id}`
    await succeed(here, project, `PUT ${path}`, { organization_slug: slug })
    const renamed = await ask()
    const claims = JSON.parse(Buffer.from(renamed.session_jwt.split('.')[1], 'base64url').toString())
    assert.equal(renamed.organization.organization_slug, slug)
    assert.equal(claims['https://stytch.com/organization'].slug, slug)
  })

  test('a session is over with its member and with its organization', async () => {
    const first = await memberScene(engine)
    const path = `/v1/b2b/organizations/${first.organization.organization_id}`
    await succeed(first.here, first.project, `DELETE ${path}/members/${first.member.member_id}`)
    const route = 'POST /v1/b2b/sessions/authenticate'
    await refuse(first.here, first.project, route, { session_token: first.session_token }, 404, 'session_not_found')
    const second = await memberScene(engine)
    const { here, project, session_token } = second
    await succeed(here, project, `DELETE /v1/b2b/organizations/${second.organization.organization_id}`)
    await refuse(here, project, route, { session_token }, 404, 'session_not_found')
  })

  test('a session of another environment is not found by its token, kept or not', async () => {
    const { here, session_token } = await userScene(engine)
    const other = await here.project()
    await refuse(here, other, authenticate, { session_token }, 404, 'session_not_found')
  })

  test('many look-ups at once each get their own session, known, unknown and missing alike', async () => {
    const { here, project } = await userScene(engine)
    const users = await Promise.all(Array.from({ length: 10 }, () => newUser(here, project)))
    const tokens = []
    for (const { user_id } of users) tokens.push(await startSession(here, project, user_id))
    const known = tokens.slice(0, 5).map((token) => here.app.lookups.session(tokenKey(project.id, token)))
    await Promise.all(known)
    const missing = tokenKey(project.id, 'x'.repeat(44))
    const keys = [missing, ...tokens.map((token) => tokenKey(project.id, token)), missing]
    const found = await Promise.all(keys.map((key) => here.app.lookups.session(key)))
    assert.deepEqual(
      found.map(({ held }) => held?.owner.user_id),
      [undefined, ...users.map(({ user_id }) => user_id), undefined],
    )
  })

  test('what is handed out is frozen: one request cannot change what another one is given', async () => {
    const { here, project, session_token } = await userScene(engine)
    const { held } = await here.app.lookups.session(tokenKey(project.id, session_token))
    assert.ok(held)
    assert.throws(() => held.session.authentication_factors.pop(), TypeError)
    assert.throws(() => held.owner.emails.push({ email_id: '', email: '', verified: true }), TypeError)
    assert.throws(() => Object.assign(held.owner.trusted_metadata, { plan: 'free' }), TypeError)
  })
})
