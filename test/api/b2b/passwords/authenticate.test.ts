/** POST /v1/b2b/passwords/authenticate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { MINUTE, rfc3339, SECOND } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { messagesTo } from '../../../support/inbox.ts'
import { newAddress } from '../../../support/links.ts'
import {
  countingVerifications,
  factorTypes,
  hashed,
  modes,
  passwordScene,
  passwords,
  unauthorized,
  wrong,
} from '../../../support/member_passwords.ts'
import { proofFor, verifiedPhone } from '../../../support/member_ways.ts'
import { memberSession } from '../../../support/members.ts'
import { newOrganization } from '../../../support/organizations.ts'
import {
  configure,
  happeningAfter,
  leavingNoTrace,
  strong,
  stronger,
  whileBreached,
} from '../../../support/passwords.ts'
import { onBothEngines } from '../../../support/world.ts'

const mustReset = [400, 'member_reset_password'] as const
const locked = [429, 'user_lock_limit_reached'] as const

onBothEngines('passwords.authenticate of members', (engine) => {
  for (const mode of modes) {
    const begin = (settings: object = {}) => passwordScene(engine, mode, settings)

    test(`the right password signs in, and replaces an imported hash once (password of one ${mode})`, async () => {
      const { here, organization_id, ok, withPassword, login, row } = await begin()
      const member = await withPassword()
      const owner = mode === 'member' ? member.member_id : member.email_address
      assert.equal((await row(owner))?.scheme, 'sha_512')
      const claims = { session_custom_claims: { plan: 'pro' }, telemetry_id: 'x', locale: 'fr' }
      const reply = await ok('authenticate', { ...login(member), ...claims })
      assert.deepEqual([reply.member_id, reply.organization_id], [member.member_id, organization_id])
      assert.deepEqual(
        [reply.member_authenticated, reply.intermediate_session_token, reply.mfa_required, reply.primary_required],
        [true, '', null, null],
      )
      assert.deepEqual(factorTypes(reply), ['password'])
      assert.equal(reply.member_session.authentication_factors[0].sequence_order, 'PRIMARY')
      assert.equal(reply.member_session.expires_at, rfc3339(here.clock.now() + 60 * MINUTE))
      assert.deepEqual(reply.member_session.custom_claims, { plan: 'pro' })
      const renewed = await row(owner)
      assert.equal(renewed?.scheme, 'argon_2id')
      assert.equal(renewed?.password_id, member.member_password_id)
      const again = await ok('authenticate', { ...login(member), session_duration_minutes: 5 })
      assert.equal(again.member_session.expires_at, rfc3339(here.clock.now() + 5 * MINUTE))
      assert.equal((await row(owner))?.hash, renewed?.hash)
      for (const line of here.logged) assert.ok(!line.includes(strong) && !line.includes(renewed?.hash))
    })

    test(`nothing tells a wrong password from a stranger or a member without one (password of one ${mode})`, async () => {
      const { here, project, ok, no, withPassword, member, login, set } = await begin()
      await set({ user_lock_threshold: 3, user_lock_self_serve_enabled: true })
      const known = await withPassword()
      const stranger = newAddress()
      const elsewhere = (await withPassword({}, await newOrganization(here, project))).email_address
      const cases = [known.email_address, (await member()).email_address, stranger, elsewhere]
      for (const email_address of cases) {
        const body = { ...login(known, wrong), email_address }
        for (let time = 0; time < 3; time++) {
          assert.equal(await countingVerifications(here, () => no('authenticate', body, unauthorized)), 1)
        }
        assert.equal(await countingVerifications(here, () => no('authenticate', body, locked)), 0)
      }
      await no('authenticate', login(known), locked)
      assert.deepEqual(await messagesTo(here, stranger), [])
      // Guessing at who is a stranger here locks nobody elsewhere.
      const there = (await ok('migrate', { ...login(known), ...hashed(strong), email_address: newAddress() })).member
      await ok('authenticate', login(there))
      here.clock.advance(60 * MINUTE)
      await ok('authenticate', login(known))
    })

    test(`a breached password is right, but has to be reset from then on (password of one ${mode})`, async () => {
      const { here, ok, no, withPassword, login, mailReset } = await begin()
      const known = await withPassword()
      await whileBreached(here, [strong], () => no('authenticate', login(known), mustReset))
      await no('authenticate', login(known), mustReset)
      await no('authenticate', login(known, wrong), unauthorized)
      const { password_reset_token } = await mailReset(known.email_address)
      await ok('reset', { password_reset_token, password: stronger })
      await ok('authenticate', login(known, stronger))
    })
  }

  test('a password that misses the policy has to be reset, until the policy is met again', async () => {
    const { here, project, ok, no, withPassword, login } = await passwordScene(engine, 'member')
    const known = await withPassword(hashed('password1'))
    await no('authenticate', login(known, 'password1'), mustReset)
    await configure(here, project, { validate_on_authentication: false })
    await ok('authenticate', login(known, 'password1'))
  })

  test('a password that several share has to be reset for all of them', async () => {
    const { here, project, ok, no, withPassword, login } = await passwordScene(engine, 'address')
    const known = await withPassword()
    const { email_address } = known
    const twin = await withPassword({ email_address }, await newOrganization(here, project))
    assert.equal(twin.member_password_id, known.member_password_id)
    await whileBreached(here, [strong], () => no('authenticate', login(twin), mustReset))
    await no('authenticate', login(known), mustReset)
    await no('discover', { email_address, password: strong }, mustReset)
    assert.ok(await ok('resetStart', login(known)))
  })

  test('who has not proven the address gives it for an intermediate session, and goes on with a link', async () => {
    for (const mode of modes) {
      const scene = await passwordScene(engine, mode)
      const { here, project, organization_id, ok, withPassword, login, give } = scene
      for (const parts of [
        { email_address_verified: false },
        { status: 'pending' },
        { status: 'invited', email_address_verified: false },
      ] as const) {
        const { member_id } = await withPassword()
        const known = await give(member_id, parts)
        const reply = await ok('authenticate', login(known))
        assert.deepEqual([reply.member_authenticated, reply.session_token], [false, ''])
        assert.ok(reply.primary_required.allowed_auth_methods.includes('magic_link'))
        assert.equal(reply.member.status, known.status)
        const { intermediate_session_token } = reply
        const proof = await proofFor(here, project, 'link', organization_id, known.email_address)
        const body = { ...proof, intermediate_session_token }
        const done = await succeed(here, project, 'POST /v1/b2b/magic_links/authenticate', body)
        assert.deepEqual(factorTypes(done), ['password', 'magic_link'])
        assert.deepEqual([done.member.status, done.member.email_address_verified], ['active', true])
        await ok('authenticate', login(known))
      }
    }
  })

  test('where passwords are forbidden it is refused, but a step after another method, and breakglass members, pass', async () => {
    const scene = await passwordScene(engine, 'member')
    const { here, project, organization, ok, no, withPassword, login, change, give } = scene
    const known = await withPassword()
    await change({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const { intermediate_session_token } = await memberSession(here, project, organization, known)
    await change({ mfa_policy: 'OPTIONAL', auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] })
    const forbidden = [403, 'operation_restricted_by_organization_auth_methods'] as const
    await leavingNoTrace(here, project, async () => {
      await no('authenticate', login(known), forbidden)
      await no('authenticate', login(known, wrong), forbidden)
      await no('authenticate', { ...login(known), email_address: newAddress() }, forbidden)
    })
    const step = await ok('authenticate', { ...login(known), intermediate_session_token })
    assert.deepEqual(step.primary_required, { allowed_auth_methods: ['sso'] })
    assert.equal(step.intermediate_session_token, intermediate_session_token)
    await give(known.member_id, { is_breakglass: true })
    assert.equal((await ok('authenticate', login(known))).member_authenticated, true)
  })

  test('a second factor is asked for, and a code sent by itself', async () => {
    const { here, project, ok, withPassword, login, change, give } = await passwordScene(engine, 'member')
    const { member_id } = await withPassword()
    const { mfa_phone } = verifiedPhone()
    const known = await give(member_id, { mfa_phone, mfa_enrolled: true })
    await change({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const reply = await ok('authenticate', login(known))
    assert.equal(reply.member_authenticated, false)
    assert.deepEqual(reply.mfa_required, {
      member_options: { mfa_phone_number: 'XXXXXXX0123', totp_registration_id: '' },
      secondary_auth_initiated: 'sms_otp',
    })
    const [message] = await messagesTo(here, known.mfa_phone_number, project)
    const { organization_id } = known
    const { intermediate_session_token } = reply
    const body = { organization_id, member_id, code: message?.code, intermediate_session_token }
    const done = await succeed(here, project, 'POST /v1/b2b/otps/sms/authenticate', body)
    assert.deepEqual(factorTypes(done), ['password', 'otp'])
    // A session that is presented has met it before.
    const { session_token } = done
    const again = await ok('authenticate', { ...login(known), session_token })
    assert.equal(again.session_token, session_token)
  })

  test('a session of the member gains the factor, one of another member is ignored', async () => {
    const { here, project, organization, ok, withPassword, member, login } = await passwordScene(engine, 'member')
    const [known, other] = [await withPassword(), await member()]
    const { session_token } = await memberSession(here, project, organization, known)
    const gained = await ok('authenticate', { ...login(known), session_token, session_custom_claims: { a: 1 } })
    assert.deepEqual([gained.session_token, factorTypes(gained)], [session_token, ['magic_link', 'password']])
    const foreign = await memberSession(here, project, organization, other)
    const fresh = await ok('authenticate', { ...login(known), session_token: foreign.session_token })
    assert.notEqual(fresh.session_token, foreign.session_token)
    assert.deepEqual(factorTypes(fresh), ['password'])
  })

  test('an intermediate session counts elsewhere only where the password does', async () => {
    for (const mode of modes) {
      const { here, project, ok, withPassword, login, change } = await passwordScene(engine, mode)
      const known = await withPassword()
      const { email_address } = known
      const place = await newOrganization(here, project)
      const twin = await withPassword({ email_address }, place)
      await change({ mfa_policy: 'REQUIRED_FOR_ALL' })
      const { intermediate_session_token } = await ok('authenticate', login(known))
      const proof = await proofFor(here, project, 'link', twin.organization_id, email_address)
      const body = { ...proof, intermediate_session_token }
      const route = 'POST /v1/b2b/magic_links/authenticate'
      if (mode === 'member') {
        await refuse(here, project, route, body, 400, 'invalid_intermediate_session_token_for_organization')
      } else assert.deepEqual(factorTypes(await succeed(here, project, route, body)), ['password', 'magic_link'])
    }
  })

  test('malformed requests leave no trace and count nothing', async () => {
    const { here, project, no, ok, withPassword, login, organization } = await passwordScene(engine, 'member')
    const known = await withPassword()
    const { session_token, session_jwt } = await memberSession(here, project, organization, known)
    const body = login(known)
    const cases: [object, number, string][] = [
      [{ email_address: 'no address' }, 400, 'invalid_email'],
      [{ email_address: undefined }, 400, 'bad_request'],
      [{ password: undefined }, 400, 'bad_request'],
      [{ password: 'é'.repeat(513) }, 400, 'bad_request'],
      [{ organization_id: 'nowhere' }, 404, 'organization_not_found'],
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ intermediate_session_token: newToken() }, 404, 'intermediate_session_not_found'],
      [{ session_token, intermediate_session_token: newToken() }, 400, 'too_many_session_arguments'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ locale: 'xx' }, 400, 'invalid_locale'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [fields, ...refusal] of cases) await no('authenticate', { ...body, ...fields }, refusal)
      await refuse(here, await here.project('B2B'), passwords.authenticate, body, 404, 'organization_not_found')
      await refuse(here, await here.project(), passwords.authenticate, body, 400, 'invalid_b2b_endpoint')
    })
    await ok('authenticate', { ...body, email_address: known.email_address.toUpperCase() })
  })

  test('of many guesses at once as many are weighed as in a row', async () => {
    for (const mode of modes) {
      const { ask, no, withPassword, login, set } = await passwordScene(engine, mode)
      await set({ user_lock_threshold: 5 })
      const known = await withPassword()
      for (const email_address of [known.email_address, newAddress()]) {
        const body = { ...login(known, wrong), email_address }
        const answers = await Promise.all(Array.from({ length: 20 }, () => ask('authenticate', body)))
        const types = answers.map(({ body: { error_type } }) => error_type)
        assert.equal(types.filter((type) => type === 'unauthorized_credentials').length, 5)
        assert.equal(types.filter((type) => type === 'user_lock_limit_reached').length, 15)
      }
      await no('authenticate', login(known), locked)
    }
  })

  test('an organization that adds members for an address of somebody else gets no more guesses by it', async () => {
    const { here, project, ok, no, withPassword, login, set } = await passwordScene(engine, 'address')
    await set({ user_lock_threshold: 4 })
    const victim = await withPassword()
    const { email_address } = victim
    for (let round = 0; round < 2; round++) {
      const { organization_id } = await newOrganization(here, project)
      const members = `/v1/b2b/organizations/${organization_id}/members`
      const { member } = await succeed(here, project, `POST ${members}`, { email_address })
      for (let time = 0; time < 2; time++) {
        await no('authenticate', { organization_id, email_address, password: wrong }, unauthorized)
      }
      await succeed(here, project, `DELETE ${members}/${member.member_id}`)
    }
    const { organization_id } = await newOrganization(here, project)
    await succeed(here, project, `POST /v1/b2b/organizations/${organization_id}/members`, { email_address })
    await no('authenticate', { organization_id, email_address, password: strong }, locked)
    await no('discover', { email_address, password: strong }, locked)
    // Who has proven the address is not kept out of the own organization.
    await ok('authenticate', login(victim))
  })

  test('an organization that deletes a member and brings them back gets no more guesses by it', async () => {
    const { here, project, no, withPassword, login, set } = await passwordScene(engine, 'address')
    await set({ user_lock_threshold: 4 })
    const victim = await withPassword()
    // Somewhere else, so that the password outlives the membership.
    await withPassword({ email_address: victim.email_address }, await newOrganization(here, project))
    const path = `/v1/b2b/organizations/${victim.organization_id}/members/${victim.member_id}`
    for (let time = 0; time < 4; time++) {
      await no('authenticate', login(victim, wrong), unauthorized)
      await succeed(here, project, `DELETE ${path}`)
      await succeed(here, project, `PUT ${path}/reactivate`, {})
    }
    await no('authenticate', login(victim), locked)
  })

  test('a password that was replaced while it was verified lets nobody in', async () => {
    for (const mode of modes) {
      const { here, ok, no, withPassword, login, mailReset, sessions } = await passwordScene(engine, mode)
      const known = await withPassword()
      const { password_reset_token } = await mailReset(known.email_address)
      let isReset = false
      const reset = async () => {
        if (isReset) return
        isReset = true
        await ok('reset', { password_reset_token, password: stronger })
      }
      await happeningAfter(here, 'verify', reset, () => no('authenticate', login(known), unauthorized))
      assert.equal(await sessions(known.member_id), 1)
    }
  })

  test('who is deleted, or gets another address, while a password is verified is a stranger', async () => {
    for (const mode of modes) {
      const { here, project, no, withPassword, login, organization_id } = await passwordScene(engine, mode)
      const members = `/v1/b2b/organizations/${organization_id}/members`
      const leaving = [
        ({ member_id }: { member_id: string }) => succeed(here, project, `DELETE ${members}/${member_id}`),
        ({ member_id }: { member_id: string }) =>
          succeed(here, project, `PUT ${members}/${member_id}`, { email_address: newAddress() }),
      ]
      for (const leave of leaving) {
        const known = await withPassword()
        let isGone = false
        const once = async () => {
          if (!isGone) await leave(known)
          isGone = true
        }
        await happeningAfter(here, 'verify', once, () => no('authenticate', login(known), unauthorized))
      }
    }
  })

  test('the lock is told before the organization’s methods, and a success begins the count anew', async () => {
    const { here, ok, no, withPassword, login, set, lock, change } = await passwordScene(engine, 'member')
    await set({ user_lock_threshold: 3 })
    const known = await withPassword()
    for (let round = 0; round < 2; round++) {
      for (let time = 0; time < 2; time++) await no('authenticate', login(known, wrong), unauthorized)
      await ok('authenticate', login(known))
    }
    await lock(known.member_id)
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] })
    await no('authenticate', login(known), locked)
    here.clock.advance(5 * MINUTE + SECOND)
    await no('authenticate', login(known), [403, 'operation_restricted_by_organization_auth_methods'])
  })
})
