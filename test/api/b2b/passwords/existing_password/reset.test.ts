/** POST /v1/b2b/passwords/existing_password/reset. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { newAddress } from '../../../../support/links.ts'
import {
  factorTypes,
  modes,
  passwordScene,
  passwords,
  unauthorized,
  wrong,
} from '../../../../support/member_passwords.ts'
import { memberSession } from '../../../../support/members.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import { happeningAfter, leavingNoTrace, strong, stronger, weak, whileBreached } from '../../../../support/passwords.ts'
import { onBothEngines } from '../../../../support/world.ts'

const forReset = ({ organization_id, email_address }: { organization_id: string; email_address: string }) => ({
  organization_id,
  email_address,
  existing_password: strong,
  new_password: stronger,
})

onBothEngines('passwords.existingPassword.reset of members', (engine) => {
  for (const mode of modes) {
    test(`replaces the password, ends all sessions and signs in (password of one ${mode})`, async () => {
      const scene = await passwordScene(engine, mode)
      const { here, project, organization, ok, no, withPassword, login, sessions, mailReset } = scene
      const known = await withPassword()
      await memberSession(here, project, organization, known)
      const { password_reset_token } = await mailReset(known.email_address)
      const reply = await ok('byExisting', { ...forReset(known), session_custom_claims: { seat: 7 } })
      assert.deepEqual([reply.member_id, reply.member_authenticated], [known.member_id, true])
      assert.deepEqual([factorTypes(reply), reply.member_session.custom_claims], [['password'], { seat: 7 }])
      assert.equal(reply.member.member_password_id, known.member_password_id)
      assert.equal(await sessions(known.member_id), 1)
      await no('authenticate', login(known), unauthorized)
      await ok('authenticate', login(known, stronger))
      const reset = { password_reset_token, password: strong }
      await no('reset', reset, [401, 'unable_to_auth_password_reset_token'])
    })

    test(`twenty calls at once replace it once (password of one ${mode})`, async () => {
      const { ask, withPassword, sessions, set } = await passwordScene(engine, mode)
      await set({ user_lock_threshold: 100 })
      const known = await withPassword()
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('byExisting', forReset(known))))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      const types = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error_type)
      assert.deepEqual(new Set(types), new Set(['unauthorized_credentials']))
      assert.equal(await sessions(known.member_id), 1)
    })
  }

  test('holds for every member of the address where they share it, with the organization’s own second factor', async () => {
    const scene = await passwordScene(engine, 'address')
    const { here, project, ok, no, withPassword, login, sessions, change } = scene
    const known = await withPassword()
    const place = await newOrganization(here, project)
    const twin = await withPassword({ email_address: known.email_address }, place)
    await memberSession(here, project, place, twin)
    await change({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const reply = await ok('byExisting', forReset(known))
    assert.deepEqual([reply.member_authenticated, reply.session_token], [false, ''])
    assert.notEqual(reply.intermediate_session_token, '')
    assert.equal(await sessions(twin.member_id), 0)
    await no('authenticate', login(twin), unauthorized)
    await ok('authenticate', login(twin, stronger))
  })

  test('the presented session ends, and a new one goes on with its factors', async () => {
    const { here, project, organization, ok, withPassword, sessions } = await passwordScene(engine, 'member')
    const known = await withPassword()
    const before = await memberSession(here, project, organization, known)
    const { session_jwt } = before
    const reply = await ok('byExisting', { ...forReset(known), session_jwt })
    assert.deepEqual(factorTypes(reply), ['magic_link', 'password'])
    assert.equal(reply.member_session.expires_at, before.member_session?.expires_at)
    assert.notEqual(reply.session_token, before.session_token)
    assert.equal(await sessions(known.member_id), 1)
  })

  test('strangers and wrong passwords are refused alike, and counted', async () => {
    const { no, withPassword, member, set } = await passwordScene(engine, 'member')
    await set({ user_lock_threshold: 2 })
    const known = await withPassword()
    for (const email_address of [known.email_address, (await member()).email_address, newAddress()]) {
      const body = { ...forReset(known), email_address, existing_password: wrong }
      for (let time = 0; time < 2; time++) await no('byExisting', body, unauthorized)
      await no('byExisting', body, [429, 'user_lock_limit_reached'])
    }
  })

  test('a password that must be reset cannot reset itself', async () => {
    for (const mode of modes) {
      const { no, here, withPassword, login } = await passwordScene(engine, mode)
      const known = await withPassword()
      await whileBreached(here, [strong], () => no('authenticate', login(known), [400, 'member_reset_password']))
      const refusal = [400, 'cannot_reset_password_with_existing_password'] as const
      await no('byExisting', forReset(known), refusal)
      await no('byExisting', { ...forReset(known), existing_password: wrong }, unauthorized)
    }
  })

  test('one that must be reset from now on, while the new one is hashed, does not reset itself either', async () => {
    const { here, project, ok, no, withPassword } = await passwordScene(engine, 'address')
    const known = await withPassword()
    const { email_address } = known
    await withPassword({ email_address }, await newOrganization(here, project))
    const refusal = [400, 'cannot_reset_password_with_existing_password'] as const
    const require = () => ok('requireReset', { email_address })
    await happeningAfter(here, 'hash', require, () => no('byExisting', forReset(known), refusal))
  })

  test('refuses where passwords are forbidden, bad passwords and bad sessions, and leaves no trace', async () => {
    const { here, project, organization, no, withPassword, change, lock } = await passwordScene(engine, 'member')
    const known = await withPassword()
    const { session_token, session_jwt } = await memberSession(here, project, organization, known)
    const body = forReset(known)
    const cases: [object, number, string][] = [
      [{ new_password: weak }, 400, 'weak_password'],
      [{ new_password: 'é'.repeat(513) }, 400, 'bad_request'],
      [{ existing_password: 'é'.repeat(513) }, 400, 'bad_request'],
      [{ new_password: undefined }, 400, 'bad_request'],
      [{ email_address: 'nobody' }, 400, 'invalid_email'],
      [{ organization_id: 'nowhere' }, 404, 'organization_not_found'],
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ locale: 'de' }, 400, 'invalid_locale'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [fields, ...refusal] of cases) await no('byExisting', { ...body, ...fields }, refusal)
      await whileBreached(here, [stronger], () => no('byExisting', body, [400, 'breached_password']))
      await refuse(here, await here.project('B2B'), passwords.byExisting, body, 404, 'organization_not_found')
    })
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] })
    await no('byExisting', body, [403, 'operation_restricted_by_organization_auth_methods'])
    await lock(known.member_id)
    await no('byExisting', body, [429, 'user_lock_limit_reached'])
    here.clock.advance(5 * MINUTE)
  })

  test('a member who is deleted meanwhile is a stranger', async () => {
    for (const mode of modes) {
      const { here, project, organization_id, no, withPassword } = await passwordScene(engine, mode)
      const known = await withPassword()
      const route = `DELETE /v1/b2b/organizations/${organization_id}/members/${known.member_id}`
      let isGone = false
      const leave = async () => {
        if (!isGone) await succeed(here, project, route)
        isGone = true
      }
      await happeningAfter(here, 'hash', leave, () => no('byExisting', forReset(known), unauthorized))
    }
  })
})
