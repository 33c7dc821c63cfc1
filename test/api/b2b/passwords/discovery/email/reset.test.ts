/** POST /v1/b2b/passwords/discovery/email/reset. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../../../src/crypto/tokens.ts'
import { MINUTE } from '../../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../../support/call.ts'
import { newAddress } from '../../../../../support/links.ts'
import { deadToken, passwordScene, passwords, unauthorized, wrong } from '../../../../../support/member_passwords.ts'
import { memberSession, readMember } from '../../../../../support/members.ts'
import { newOrganization } from '../../../../../support/organizations.ts'
import { leavingNoTrace, strong, stronger, weak, whileBreached } from '../../../../../support/passwords.ts'
import { onBothEngines } from '../../../../../support/world.ts'

const verifier = 'a'.repeat(43)
const pkce_code_challenge = hash('sha256', verifier, 'base64url')

onBothEngines('passwords.discovery.email.reset', (engine) => {
  const begin = () => passwordScene(engine, 'address')

  test('sets the password of every member, ends their sessions, and leads to their organizations', async () => {
    const { here, project, organization, ok, no, withPassword, login, sessions, mailReset, mailDiscoveryReset } =
      await begin()
    const known = await withPassword()
    const { email_address } = known
    const place = await newOrganization(here, project, { organization_name: 'Beta' })
    const { member: twin } = await succeed(
      here,
      project,
      `POST /v1/b2b/organizations/${place.organization_id}/members`,
      {
        email_address,
        create_member_as_pending: true,
      },
    )
    await memberSession(here, project, organization, known)
    const { intermediate_session_token: old } = await ok('discover', { email_address, password: strong })
    const older = await mailReset(email_address)
    const { password_reset_token } = await mailDiscoveryReset(email_address)
    const body = { password_reset_token, password: stronger }
    const reply = await ok('discoveryReset', body)
    assert.equal(reply.email_address, email_address)
    // The address is proven, also for who has not been let in yet.
    const shown = reply.discovered_organizations.map(
      ({ membership, member_authenticated }: { membership: { type: string }; member_authenticated: boolean }) => [
        membership.type,
        member_authenticated,
      ],
    )
    assert.deepEqual(shown, [
      ['active_member', true],
      ['pending_member', true],
    ])
    assert.equal(await sessions(known.member_id), 0)
    assert.equal((await readMember(here, project, twin)).status, 'pending')
    const totp = { organization_id: known.organization_id, member_id: known.member_id, code: '000000' }
    const route = 'POST /v1/b2b/totp/authenticate'
    const given = { ...totp, intermediate_session_token: old }
    await refuse(here, project, route, given, 404, 'intermediate_session_not_found')
    await no('authenticate', login(known), unauthorized)
    await ok('authenticate', login(known, stronger))
    await no('discoveryReset', body, deadToken)
    await no('reset', { password_reset_token: older.password_reset_token, password: strong }, deadToken)
  })

  test('gives an address that is nobody’s a password, which its members have from the beginning', async () => {
    const { here, project, ok, login, mailDiscoveryReset } = await begin()
    const email_address = newAddress()
    const { password_reset_token } = await mailDiscoveryReset(email_address)
    const reply = await ok('discoveryReset', { password_reset_token, password: strong })
    assert.deepEqual(reply.discovered_organizations, [])
    assert.deepEqual((await ok('discover', { email_address, password: strong })).discovered_organizations, [])
    const place = await newOrganization(here, project)
    const { member } = await succeed(here, project, `POST /v1/b2b/organizations/${place.organization_id}/members`, {
      email_address,
    })
    assert.match(member.member_password_id, /^member-password-test-/)
    // The reset has proven the address then, and not for this member.
    assert.equal((await ok('authenticate', login(member))).member_authenticated, false)
  })

  test('twenty calls at once redeem a link exactly once', async () => {
    const { ask, mailDiscoveryReset } = await begin()
    const { password_reset_token } = await mailDiscoveryReset(newAddress())
    const body = { password_reset_token, password: strong }
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('discoveryReset', body)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const types = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error_type)
    assert.deepEqual(new Set(types), new Set(['unable_to_auth_password_reset_token']))
  })

  test('PKCE and bad passwords refuse without burning the link', async () => {
    const { here, project, ok, no, mailDiscoveryReset, member } = await begin()
    const { email_address } = await member({ name: 'Krzyzanowska' })
    const { password_reset_token } = await mailDiscoveryReset(email_address, { pkce_code_challenge })
    const free = await mailDiscoveryReset(email_address)
    const body = { password_reset_token, password: strong, pkce_code_verifier: verifier }
    const cases: [object, number, string][] = [
      [{ pkce_code_verifier: undefined }, 400, 'pkce_expected_code_verifier'],
      [{ pkce_code_verifier: 'b'.repeat(43) }, 400, 'pkce_mismatch'],
      [{ pkce_code_verifier: 'short' }, 400, 'invalid_pkce_code_verifier'],
      [{ password_reset_token: free.password_reset_token }, 400, 'pkce_did_not_expect_code_verifier'],
      [{ password: weak }, 400, 'weak_password'],
      [{ password: 'krzyzanowska7' }, 400, 'weak_password'],
      [{ password: undefined }, 400, 'bad_request'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [fields, ...refusal] of cases) await no('discoveryReset', { ...body, ...fields }, refusal)
      await whileBreached(here, [strong], () => no('discoveryReset', body, [400, 'breached_password']))
    })
    await ok('discoveryReset', body)
  })

  test('refuses unknown, foreign and expired tokens alike, and links of organizations', async () => {
    const { here, project, no, ok, withPassword, mailReset, mailDiscoveryReset } = await begin()
    const { email_address } = await withPassword()
    const { password_reset_token, other } = await mailDiscoveryReset(email_address)
    const ofMember = await mailReset(email_address)
    const password = stronger
    for (const token of ['', 'x', newToken(), other, ofMember.password_reset_token]) {
      await no('discoveryReset', { password_reset_token: token, password }, deadToken)
    }
    await no('reset', { password_reset_token, password }, deadToken)
    const foreign = await passwordScene(engine, 'address')
    await foreign.no('discoveryReset', { password_reset_token, password }, deadToken)
    const off = await passwordScene(engine, 'member')
    await off.no('discoveryReset', { password_reset_token, password }, [400, 'cross_org_passwords_not_enabled'])
    await refuse(
      here,
      await here.project(),
      passwords.discoveryReset,
      { password_reset_token, password },
      400,
      'invalid_b2b_endpoint',
    )
    here.clock.advance(30 * MINUTE)
    await leavingNoTrace(here, project, () => no('discoveryReset', { password_reset_token, password }, deadToken))
    const fresh = await mailDiscoveryReset(email_address)
    await ok('discoveryReset', { password_reset_token: fresh.password_reset_token, password })
  })

  test('a locked address waits, and the link stays', async () => {
    const { here, project, ok, no, mailDiscoveryReset, set } = await begin()
    await set({ user_lock_threshold: 1, user_lock_ttl: 300 })
    const email_address = newAddress()
    const { password_reset_token } = await mailDiscoveryReset(email_address)
    await no('discover', { email_address, password: wrong }, unauthorized)
    const body = { password_reset_token, password: strong }
    await leavingNoTrace(here, project, () => no('discoveryReset', body, [429, 'user_lock_limit_reached']))
    here.clock.advance(5 * MINUTE)
    await ok('discoveryReset', body)
  })
})
