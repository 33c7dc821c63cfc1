/** POST /v1/b2b/passwords/session/reset. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newToken } from '../../../../../src/crypto/tokens.ts'
import { MINUTE, SECOND } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { newAddress } from '../../../../support/links.ts'
import { factorTypes, modes, passwordScene, passwords, unauthorized } from '../../../../support/member_passwords.ts'
import { memberSession, signIn } from '../../../../support/members.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import { happeningAfter, leavingNoTrace, strong, stronger, weak, whileBreached } from '../../../../support/passwords.ts'
import { onBothEngines } from '../../../../support/world.ts'

const missing = [400, 'invalid_session_missing_primary_factor'] as const
const unproven = [400, 'member_has_no_active_verified_email'] as const

onBothEngines('passwords.sessions.reset of members', (engine) => {
  for (const mode of modes) {
    test(`keeps the session, which gains the factor, and ends all others (password of one ${mode})`, async () => {
      const scene = await passwordScene(engine, mode)
      const { here, project, organization, organization_id, ok, no, withPassword, login, sessions } = scene
      const known = await withPassword()
      const [own] = [
        await memberSession(here, project, organization, known),
        await signIn(here, project, known.member_id),
      ]
      const { session_token } = own
      const reply = await ok('bySession', { organization_id, password: stronger, session_token, locale: 'fr' })
      assert.deepEqual([reply.member_id, reply.member_authenticated], [known.member_id, true])
      assert.deepEqual([reply.session_token, factorTypes(reply)], [session_token, ['magic_link', 'password']])
      assert.equal(reply.member_session.expires_at, own.member_session?.expires_at)
      assert.equal(reply.member.member_password_id, known.member_password_id)
      assert.equal(await sessions(known.member_id), 1)
      await no('authenticate', login(known), unauthorized)
      await ok('authenticate', login(known, stronger))
    })

    test(`gives a first password by a mailed proof, also after the last one was taken (password of one ${mode})`, async () => {
      const { here, project, organization, organization_id, ok, member, login } = await passwordScene(engine, mode)
      const known = await member()
      const { session_jwt } = await memberSession(here, project, organization, known)
      const reply = await ok('bySession', { organization_id, password: strong, session_jwt })
      assert.match(reply.member.member_password_id, /^member-password-test-/)
      await ok('authenticate', login(known))
    })
  }

  test('the proof must be of the last five minutes', async () => {
    const scene = await passwordScene(engine, 'member')
    const { here, project, organization, organization_id, ok, no, withPassword, login } = scene
    const known = await withPassword()
    const { session_token } = await memberSession(here, project, organization, known)
    const body = { organization_id, password: stronger, session_token }
    here.clock.advance(5 * MINUTE + SECOND)
    await leavingNoTrace(here, project, () => no('bySession', body, [400, 'session_too_old_to_reset_password']))
    await ok('authenticate', { ...login(known), session_token })
    here.clock.advance(5 * MINUTE)
    await ok('bySession', body)
    const { organization_id: place } = organization
    const vouched = await signIn(here, project, known.member_id)
    await no('bySession', { organization_id: place, password: strong, session_token: vouched }, missing)
  })

  test('nobody chooses the password of an address that they have not proven', async () => {
    for (const mode of modes) {
      const scene = await passwordScene(engine, mode)
      const { here, project, organization, organization_id, no, ok, withPassword, give, login } = scene
      const known = await withPassword()
      const { session_token } = await ok('authenticate', login(known))
      const linked = await memberSession(here, project, organization, known)
      const members = `/v1/b2b/organizations/${organization_id}/members`
      const email_address = newAddress()
      // An administrator moves the member to the address of somebody else, who has a password.
      const place = await newOrganization(here, project)
      const victim = await withPassword({ email_address }, place)
      await succeed(here, project, `PUT ${members}/${known.member_id}`, { email_address })
      const body = { organization_id, password: stronger }
      await leavingNoTrace(here, project, async () => {
        await no('bySession', { ...body, session_token }, unproven)
        await no('bySession', { ...body, session_token: linked.session_token }, unproven)
      })
      // Somebody vouches for the address: what the sessions have proven is still another one, and no password of this one.
      await give(known.member_id, { email_address_verified: true })
      await no('bySession', { ...body, session_token: linked.session_token }, missing)
      await ok('authenticate', login(victim))
    }
  })

  test('a password that was taken, or must be reset, proves nothing any more', async () => {
    const { here, project, no, ok, withPassword, login } = await passwordScene(engine, 'address')
    const known = await withPassword()
    const { organization_id, email_address } = known
    const alone = await ok('authenticate', login(known))
    const body = { organization_id, password: stronger }
    await withPassword({ email_address }, await newOrganization(here, project))
    await ok('requireReset', { email_address })
    await no('bySession', { ...body, session_token: alone.session_token }, missing)
    const other = await withPassword()
    const { session_token } = await ok('authenticate', login(other))
    await ok('requireReset', { email_address: other.email_address })
    await no('bySession', { ...body, session_token }, missing)
  })

  test('one that must be reset from now on, while the new one is hashed, proves nothing any more', async () => {
    const { here, project, no, ok, withPassword, login } = await passwordScene(engine, 'address')
    const known = await withPassword()
    const { organization_id, email_address } = known
    await withPassword({ email_address }, await newOrganization(here, project))
    const { session_token } = await ok('authenticate', login(known))
    const require = () => ok('requireReset', { email_address })
    const body = { organization_id, password: stronger, session_token }
    await happeningAfter(here, 'hash', require, () => no('bySession', body, missing))
  })

  test('refuses missing, foreign and dead sessions, and what is no new password, and leaves no trace', async () => {
    const scene = await passwordScene(engine, 'member')
    const { here, project, organization, organization_id, no, withPassword, change, lock } = scene
    const known = await withPassword()
    const { session_token, session_jwt } = await memberSession(here, project, organization, known)
    const place = await newOrganization(here, project)
    const body = { organization_id, password: stronger, session_token }
    const cases: [object, number, string][] = [
      [{ session_token: undefined }, 400, 'no_session_arguments'],
      [{ session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ organization_id: place.organization_id }, 403, 'session_authorization_tenancy_error'],
      [{ organization_id: 'nowhere' }, 404, 'organization_not_found'],
      [{ organization_id: undefined }, 400, 'bad_request'],
      [{ password: weak }, 400, 'weak_password'],
      [{ password: undefined }, 400, 'bad_request'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ locale: 'de' }, 400, 'invalid_locale'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [fields, ...refusal] of cases) await no('bySession', { ...body, ...fields }, refusal)
      await whileBreached(here, [stronger], () => no('bySession', body, [400, 'breached_password']))
      await refuse(here, await here.project('B2B'), passwords.bySession, body, 404, 'session_not_found')
    })
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['magic_link'] })
    await no('bySession', body, [403, 'operation_restricted_by_organization_auth_methods'])
    await change({ auth_methods: 'ALL_ALLOWED' })
    await lock(known.member_id)
    await no('bySession', body, [429, 'user_lock_limit_reached'])
  })

  test('a session that ends meanwhile sets nothing', async () => {
    for (const mode of modes) {
      const scene = await passwordScene(engine, mode)
      const { here, project, organization, organization_id, ok, no, withPassword, login } = scene
      const known = await withPassword()
      const { session_token } = await memberSession(here, project, organization, known)
      const revoke = () => succeed(here, project, 'POST /v1/b2b/sessions/revoke', { session_token })
      const body = { organization_id, password: stronger, session_token }
      await happeningAfter(here, 'hash', revoke, () => no('bySession', body, [404, 'session_not_found']))
      await ok('authenticate', login(known))
    }
  })
})
