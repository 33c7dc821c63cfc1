/** POST /v1/b2b/passwords/discovery/authenticate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE, rfc3339 } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { lastMessage, messagesTo } from '../../../../support/inbox.ts'
import { newAddress } from '../../../../support/links.ts'
import {
  countingVerifications,
  factorTypes,
  passwordScene,
  passwords,
  unauthorized,
  wrong,
} from '../../../../support/member_passwords.ts'
import { open, proofFor } from '../../../../support/member_ways.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import { happeningAfter, leavingNoTrace, strong, stronger, whileBreached } from '../../../../support/passwords.ts'
import { onBothEngines } from '../../../../support/world.ts'

const mustReset = [400, 'member_reset_password'] as const
const locked = [429, 'user_lock_limit_reached'] as const

onBothEngines('passwords.discovery.authenticate', (engine) => {
  const begin = () => passwordScene(engine, 'address')

  test('the password of an address leads to its organizations, by an intermediate session that counts in all of them', async () => {
    const { here, project, organization, ok, withPassword, give } = await begin()
    const known = await withPassword()
    const { email_address } = known
    const place = await newOrganization(here, project, { organization_name: 'Beta', mfa_policy: 'REQUIRED_FOR_ALL' })
    const twin = await withPassword({ email_address }, place)
    await give(twin.member_id, { status: 'pending' })
    const reply = await ok('discover', { email_address: email_address.toUpperCase(), password: strong })
    assert.equal(reply.email_address, email_address)
    assert.equal(reply.intermediate_session_token_expires_at, rfc3339(here.clock.now() + 10 * MINUTE))
    const shown = reply.discovered_organizations.map(
      ({ organization, membership, ...rest }: Record<string, { organization_id?: string; type?: string }>) => [
        organization?.organization_id,
        membership?.type,
        rest.member_authenticated,
        rest.mfa_required !== null,
        rest.primary_required !== null,
      ],
    )
    assert.deepEqual(shown, [
      [organization.organization_id, 'active_member', true, false, false],
      [place.organization_id, 'pending_member', false, true, true],
    ])
    const { intermediate_session_token } = reply
    const body = {
      ...(await proofFor(here, project, 'link', known.organization_id, email_address)),
      intermediate_session_token,
    }
    const signedIn = await succeed(here, project, 'POST /v1/b2b/magic_links/authenticate', body)
    assert.deepEqual(factorTypes(signedIn), ['password', 'magic_link'])
  })

  test('nothing tells who has an address, or a password: not the answer, not its cost, not the lock', async () => {
    const { here, project, no, ok, withPassword, member, set, login } = await begin()
    await set({ user_lock_threshold: 3, user_lock_self_serve_enabled: true })
    const known = await withPassword()
    const passwordless = (await member()).email_address
    const stranger = newAddress()
    for (const email_address of [known.email_address, passwordless, stranger]) {
      const body = { email_address, password: wrong }
      for (let time = 0; time < 3; time++) {
        assert.equal(await countingVerifications(here, () => no('discover', body, unauthorized)), 1)
      }
      await no('discover', body, locked)
      await no('discover', { email_address, password: strong }, locked)
    }
    // The lock is of the address: in the organization the member signs in as ever.
    await ok('authenticate', login(known))
    assert.deepEqual(await messagesTo(here, stranger, project), [])
    const { links } = await lastMessage(here, known.email_address, project)
    assert.equal(links[0]?.purpose, 'unlock')
    here.clock.advance(60 * MINUTE)
    const right = { email_address: known.email_address, password: strong }
    for (let round = 0; round < 2; round++) {
      for (let time = 0; time < 2; time++) await no('discover', { ...right, password: wrong }, unauthorized)
      await ok('discover', right)
    }
  })

  test('of many guesses at once as many are weighed as in a row', async () => {
    const { ask, withPassword, set } = await begin()
    await set({ user_lock_threshold: 5 })
    for (const email_address of [(await withPassword()).email_address, newAddress()]) {
      const body = { email_address, password: wrong }
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('discover', body)))
      const types = answers.map(({ body: { error_type } }) => error_type)
      assert.equal(types.filter((type) => type === 'unauthorized_credentials').length, 5)
      assert.equal(types.filter((type) => type === 'user_lock_limit_reached').length, 15)
    }
  })

  test('a right password that is verified while the lock comes tells nothing', async () => {
    const { here, no, ask, withPassword, set } = await begin()
    await set({ user_lock_threshold: 2 })
    const { email_address } = await withPassword()
    let isLocking = false
    const lock = async () => {
      if (isLocking) return
      isLocking = true
      for (let time = 0; time < 2; time++) await ask('discover', { email_address, password: wrong })
    }
    const body = { email_address, password: strong }
    await happeningAfter(here, 'verify', lock, () => no('discover', body, locked))
  })

  test('a breached password has to be reset, everywhere', async () => {
    const { here, no, withPassword, login } = await begin()
    const known = await withPassword()
    const body = { email_address: known.email_address, password: strong }
    await whileBreached(here, [strong], () => no('discover', body, mustReset))
    await no('discover', body, mustReset)
    await no('authenticate', login(known), mustReset)
    await no('discover', { ...body, password: wrong }, unauthorized)
  })

  test('a password that was replaced while it was verified leads nowhere', async () => {
    const { here, ok, no, withPassword, mailDiscoveryReset } = await begin()
    const { email_address } = await withPassword()
    const { password_reset_token } = await mailDiscoveryReset(email_address)
    let isReset = false
    const reset = async () => {
      if (!isReset) await ok('discoveryReset', { password_reset_token, password: stronger })
      isReset = true
    }
    await happeningAfter(here, 'verify', reset, () => no('discover', { email_address, password: strong }, unauthorized))
  })

  test('refuses where every member has a password of their own, and what is malformed', async () => {
    const { here, project, no } = await begin()
    const other = await passwordScene(engine, 'member', open)
    const known = await other.withPassword()
    const body = { email_address: known.email_address, password: strong }
    await leavingNoTrace(here, other.project, () =>
      other.no('discover', body, [400, 'cross_org_passwords_not_enabled']),
    )
    await leavingNoTrace(here, project, async () => {
      await no('discover', { ...body, email_address: 'nobody' }, [400, 'invalid_email'])
      await no('discover', { ...body, password: undefined }, [400, 'bad_request'])
      await no('discover', { ...body, password: 'é'.repeat(513) }, [400, 'bad_request'])
      await refuse(here, await here.project(), passwords.discover, body, 400, 'invalid_b2b_endpoint')
    })
    // The address has no password in this project.
    await no('discover', body, unauthorized)
  })
})
