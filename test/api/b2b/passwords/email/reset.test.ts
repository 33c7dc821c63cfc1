/** POST /v1/b2b/passwords/email/reset. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../../src/crypto/tokens.ts'
import { MINUTE } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { exchangeRoute } from '../../../../support/discovery.ts'
import { lastMessage } from '../../../../support/inbox.ts'
import { newAddress } from '../../../../support/links.ts'
import {
  deadToken,
  factorTypes,
  modes,
  passwordScene,
  passwords,
  unauthorized,
} from '../../../../support/member_passwords.ts'
import { open, verifiedPhone } from '../../../../support/member_ways.ts'
import { memberIn, memberSession } from '../../../../support/members.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import { happeningAfter, leavingNoTrace, strong, stronger, weak, whileBreached } from '../../../../support/passwords.ts'
import { onBothEngines } from '../../../../support/world.ts'

const verifier = 'a'.repeat(43)
const code_challenge = hash('sha256', verifier, 'base64url')
const route = passwords.reset

onBothEngines('passwords.email.reset of members', (engine) => {
  for (const mode of modes) {
    test(`sets the password, ends all sessions, and signs in (password of one ${mode})`, async () => {
      const scene = await passwordScene(engine, mode)
      const { here, project, organization, ok, no, withPassword, login, mailReset, sessions } = scene
      const known = await withPassword()
      const old = await memberSession(here, project, organization, known)
      const { password_reset_token, member_email_id } = await mailReset(known.email_address)
      const body = { password_reset_token, password: stronger, session_custom_claims: { seat: 7 } }
      const reply = await ok('reset', body)
      assert.deepEqual([reply.member_id, reply.member_email_id], [known.member_id, member_email_id])
      assert.deepEqual([reply.member_authenticated, factorTypes(reply)], [true, ['password']])
      assert.deepEqual(reply.member_session.custom_claims, { seat: 7 })
      assert.equal(reply.member.member_password_id, known.member_password_id)
      assert.equal(await sessions(known.member_id), 1)
      const { session_token } = old
      await refuse(here, project, 'POST /v1/b2b/sessions/authenticate', { session_token }, 404, 'session_not_found')
      await no('authenticate', login(known), unauthorized)
      await ok('authenticate', login(known, stronger))
      await no('reset', body, deadToken)
    })

    test(`who may join sets the first password and is in (password of one ${mode})`, async () => {
      const { ok, mailReset, login } = await passwordScene(engine, mode, open)
      const { password_reset_token, member } = await mailReset(newAddress())
      assert.equal(member.member_password_id, '')
      const reply = await ok('reset', { password_reset_token, password: strong })
      assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['active', true])
      assert.match(reply.member.member_password_id, /^member-password-test-/)
      await ok('authenticate', login(member))
    })

    test(`a success voids the older reset links, and nobody else’s (password of one ${mode})`, async () => {
      const { ok, no, withPassword, mailReset } = await passwordScene(engine, mode)
      const [known, other] = [await withPassword(), await withPassword()]
      const [first, second] = [await mailReset(known.email_address), await mailReset(known.email_address)]
      const foreign = await mailReset(other.email_address)
      const reset = ({ password_reset_token }: { password_reset_token: string }) => ({
        password_reset_token,
        password: stronger,
      })
      await ok('reset', reset(second))
      await no('reset', reset(first), deadToken)
      await ok('reset', reset(foreign))
    })

    test(`twenty calls at once redeem a link exactly once (password of one ${mode})`, async () => {
      const { ask, withPassword, mailReset, sessions } = await passwordScene(engine, mode)
      const known = await withPassword()
      const { password_reset_token } = await mailReset(known.email_address)
      const body = { password_reset_token, password: stronger }
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('reset', body)))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      const types = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error_type)
      assert.deepEqual(new Set(types), new Set(['unable_to_auth_password_reset_token']))
      assert.equal(await sessions(known.member_id), 1)
    })
  }

  test('the presented session ends, and a new one goes on with its factors and the time it had', async () => {
    const { here, project, organization, ok, withPassword, mailReset, sessions, member } = await passwordScene(
      engine,
      'member',
    )
    for (const duration of [undefined, 30]) {
      const known = await withPassword()
      const before = await memberSession(here, project, organization, known)
      const { session_token } = before
      const { password_reset_token } = await mailReset(known.email_address)
      here.clock.advance(MINUTE)
      const body = { password_reset_token, password: stronger, session_token, session_duration_minutes: duration }
      const reply = await ok('reset', body)
      assert.notEqual(reply.session_token, session_token)
      assert.notEqual(reply.member_session.member_session_id, before.member_session?.member_session_id)
      assert.deepEqual(factorTypes(reply), ['magic_link', 'password'])
      assert.equal(reply.member_session.expires_at === before.member_session?.expires_at, duration === undefined)
      assert.equal(await sessions(known.member_id), 1)
    }
    // One of somebody else is neither used nor ended.
    const [known, other] = [await withPassword(), await member()]
    const { session_token } = await memberSession(here, project, organization, other)
    const { password_reset_token } = await mailReset(known.email_address)
    const reply = await ok('reset', { password_reset_token, password: stronger, session_token })
    assert.deepEqual(factorTypes(reply), ['password'])
    assert.equal(await sessions(other.member_id), 1)
  })

  test('a second factor is asked for, unless a session of the member is presented', async () => {
    const { here, project, organization, ok, member, mailReset, change, give } = await passwordScene(engine, 'member')
    const { member_id, email_address } = await member()
    const { mfa_phone } = verifiedPhone()
    const { session_token } = await memberSession(here, project, organization, { member_id })
    await give(member_id, { mfa_phone, email_address_verified: false })
    await change({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const first = await mailReset(email_address)
    const { password_reset_token } = first
    const presented = await ok('reset', { password_reset_token, password: strong, session_token })
    assert.deepEqual([presented.member_authenticated, presented.member.email_address_verified], [true, true])
    await give(member_id, { email_address_verified: false })
    const second = await mailReset(email_address)
    const open = await ok('reset', { password_reset_token: second.password_reset_token, password: stronger })
    assert.deepEqual(
      [open.member_authenticated, open.session_token, open.member.email_address_verified],
      [false, '', true],
    )
    assert.equal(open.mfa_required.secondary_auth_initiated, 'sms_otp')
    const other = { password: stronger }
    assert.equal(
      (await ok('authenticate', { organization_id: organization.organization_id, email_address, ...other }))
        .member_authenticated,
      false,
    )
  })

  test('where passwords are forbidden by now nothing is reset, but a step after another method is', async () => {
    const { here, project, organization, ok, no, withPassword, mailReset, change, login } = await passwordScene(
      engine,
      'member',
    )
    const known = await withPassword()
    await change({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const { intermediate_session_token } = await memberSession(here, project, organization, known)
    const { password_reset_token } = await mailReset(known.email_address)
    await change({ mfa_policy: 'OPTIONAL', auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] })
    const body = { password_reset_token, password: stronger }
    await leavingNoTrace(here, project, () =>
      no('reset', body, [403, 'operation_restricted_by_organization_auth_methods']),
    )
    const reply = await ok('reset', { ...body, intermediate_session_token })
    assert.deepEqual(reply.primary_required, { allowed_auth_methods: ['sso'] })
    assert.equal(reply.intermediate_session_token, intermediate_session_token)
    await change({ auth_methods: 'ALL_ALLOWED' })
    await ok('authenticate', login(known, stronger))
  })

  test('the address is proven for other organizations, too, while the intermediate session lasts', async () => {
    for (const isGoingOn of [false, true]) {
      const scene = await passwordScene(engine, 'address', { mfa_policy: 'REQUIRED_FOR_ALL' })
      const { here, project, ok, withPassword, mailReset, login } = scene
      const { email_address } = await withPassword()
      const invited = { email_address, email_address_verified: false, status: 'invited' } as const
      const elsewhere = await newOrganization(here, project)
      await memberIn(here, project, elsewhere, invited)
      const discovered = isGoingOn ? await ok('discover', { email_address, password: strong }) : {}
      const { password_reset_token } = await mailReset(email_address)
      const { intermediate_session_token } = discovered
      const reset = { password_reset_token, password: stronger, intermediate_session_token }
      const { intermediate_session_token: token } = await ok('reset', reset)
      const { organization_id } = elsewhere
      const enter = { intermediate_session_token: token, organization_id }
      const { member } = await succeed(here, project, exchangeRoute, enter)
      assert.deepEqual([member.status, member.email_address_verified], ['active', true])
      // A password that is only known proves nothing of the kind.
      const another = await newOrganization(here, project)
      await memberIn(here, project, another, invited)
      const known = await ok('authenticate', login({ ...another, email_address }, stronger))
      assert.equal(known.member.status, 'invited')
    }
  })

  test('whoever is on the way in with the old password does not get there', async () => {
    for (const mode of modes) {
      const { here, project, ok, withPassword, mailReset, login, change } = await passwordScene(engine, mode)
      const known = await withPassword()
      const place = await newOrganization(here, project)
      await change({ mfa_policy: 'REQUIRED_FOR_ALL' })
      const { intermediate_session_token } = await ok('authenticate', login(known))
      const elsewhere = await memberSession(
        here,
        project,
        place,
        await withPassword({ email_address: known.email_address }, place),
      )
      const { password_reset_token } = await mailReset(known.email_address)
      const reply = await ok('reset', { password_reset_token, password: stronger })
      const body = { organization_id: known.organization_id, member_id: known.member_id, code: '000000' }
      const totp = { ...body, intermediate_session_token }
      await refuse(here, project, 'POST /v1/b2b/totp/authenticate', totp, 404, 'intermediate_session_not_found')
      // The one that the reset itself has started goes on.
      const own = { ...body, intermediate_session_token: reply.intermediate_session_token }
      await refuse(here, project, 'POST /v1/b2b/totp/authenticate', own, 404, 'totp_not_found')
      const { session_token } = elsewhere
      const route = 'POST /v1/b2b/sessions/authenticate'
      // The password was the same in the other organization only where members share it.
      if (mode === 'member') await succeed(here, project, route, { session_token })
      else await refuse(here, project, route, { session_token }, 404, 'session_not_found')
    }
  })

  test('a change of address that somebody who was in has asked for is not completed', async () => {
    for (const mode of modes) {
      const { here, project, organization_id, ok, withPassword, mailReset } = await passwordScene(engine, mode)
      const known = await withPassword()
      const { password_reset_token } = await mailReset(known.email_address)
      const members = `/v1/b2b/organizations/${organization_id}/members`
      const email_address = newAddress()
      await succeed(here, project, `POST ${members}/${known.member_id}/start_email_update`, { email_address })
      const { links } = await lastMessage(here, email_address, project)
      await ok('reset', { password_reset_token, password: stronger })
      const body = { magic_links_token: links[0]?.token }
      await refuse(here, project, 'POST /v1/b2b/magic_links/authenticate', body, 404, 'magic_link_not_found')
    }
  })

  test('PKCE, bad passwords and bad sessions refuse without burning the link', async () => {
    const { here, project, organization, ok, no, withPassword, mailReset } = await passwordScene(engine, 'member')
    const known = await withPassword({ name: 'Krzyzanowska Oosterhout' })
    const { session_token, session_jwt } = await memberSession(here, project, organization, known)
    const bound = await mailReset(known.email_address, { code_challenge })
    const free = await mailReset(known.email_address)
    const [{ password_reset_token }, other] = [bound, free.password_reset_token]
    const body = { password_reset_token, password: stronger, code_verifier: verifier }
    const cases: [object, number, string][] = [
      [{ code_verifier: undefined }, 400, 'pkce_expected_code_verifier'],
      [{ code_verifier: 'b'.repeat(43) }, 400, 'pkce_mismatch'],
      [{ code_verifier: 'short' }, 400, 'invalid_pkce_code_verifier'],
      [{ password_reset_token: other }, 400, 'pkce_did_not_expect_code_verifier'],
      [{ password: weak }, 400, 'weak_password'],
      [{ password: 'krzyzanowska7' }, 400, 'weak_password'],
      [{ password: 'é'.repeat(513) }, 400, 'bad_request'],
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ intermediate_session_token: newToken() }, 404, 'intermediate_session_not_found'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ locale: 'de' }, 400, 'invalid_locale'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [fields, ...refusal] of cases) await no('reset', { ...body, ...fields }, refusal)
      await whileBreached(here, [stronger], () => no('reset', body, [400, 'breached_password']))
    })
    await ok('reset', body)
  })

  test('refuses unknown, foreign and expired tokens alike', async () => {
    const { here, project, no, ok, withPassword, mailReset } = await passwordScene(engine, 'member')
    const { email_address } = await withPassword()
    const { password_reset_token, other } = await mailReset(email_address, { reset_password_expiration_minutes: 5 })
    for (const token of ['', 'x', newToken(), other]) {
      await no('reset', { password_reset_token: token, password: stronger }, deadToken)
    }
    const body = { password_reset_token, password: stronger }
    await refuse(here, await here.project('B2B'), route, body, ...deadToken)
    await refuse(here, await here.project(), route, body, 400, 'invalid_b2b_endpoint')
    here.clock.advance(5 * MINUTE)
    await leavingNoTrace(here, project, () => no('reset', body, deadToken))
    // What the call presents comes first, whichever kind of session it is.
    for (const kind of ['session', 'intermediate_session'] as const) {
      await no('reset', { ...body, [`${kind}_token`]: newToken() }, [404, `${kind}_not_found`])
    }
    const fresh = await mailReset(email_address)
    await ok('reset', { ...body, password_reset_token: fresh.password_reset_token })
  })

  test('a link is void once the member has another address, or has gone, also while the password is hashed', async () => {
    for (const mode of modes) {
      const { here, project, organization_id, no, withPassword, mailReset } = await passwordScene(engine, mode)
      const members = `/v1/b2b/organizations/${organization_id}/members`
      const ends = [
        (id: string) => succeed(here, project, `PUT ${members}/${id}`, { email_address: newAddress() }),
        (id: string) => succeed(here, project, `DELETE ${members}/${id}`),
      ]
      for (const end of ends) {
        const known = await withPassword()
        const { password_reset_token } = await mailReset(known.email_address)
        const body = { password_reset_token, password: stronger }
        await happeningAfter(
          here,
          'hash',
          () => end(known.member_id),
          () => no('reset', body, deadToken),
        )
        await no('reset', body, deadToken)
      }
    }
  })

  test('a locked member waits, and the link stays', async () => {
    const { here, project, ok, no, withPassword, mailReset, lock } = await passwordScene(engine, 'member')
    const known = await withPassword()
    const { password_reset_token } = await mailReset(known.email_address)
    await lock(known.member_id)
    const body = { password_reset_token, password: stronger }
    await leavingNoTrace(here, project, () => no('reset', body, [429, 'user_lock_limit_reached']))
    here.clock.advance(5 * MINUTE)
    await ok('reset', body)
  })
})
