/** The official Node client against a listening server: members invited, and logged in by link and by code. */
import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { B2BClient } from 'stytch'
import { SECOND } from '../../src/values/time.ts'
import { lastMessage } from '../support/inbox.ts'
import { newAddress, registeredUrl } from '../support/links.ts'
import { b2bClientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type World, world } from '../support/world.ts'

for (const engine of engines) {
  describe(`logins of members with the official client (${engine})`, () => {
    let here: World
    let client: B2BClient
    let organization_id: string
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      const project = await here.project('B2B')
      const { url, stop: end } = await listening(here)
      client = b2bClientOf(project, url)
      stop = end
      const { organization } = await client.organizations.create({
        organization_name: 'Acme',
        email_allowed_domains: ['example.com'],
        email_jit_provisioning: 'RESTRICTED',
        email_invites: 'RESTRICTED',
      })
      organization_id = organization.organization_id
    })
    after(() => stop())

    const message = (email_address: string) => lastMessage(here, email_address)
    const tokenOf = async (email_address: string) => (await message(email_address)).links[0]?.token as string

    test('invites a member, who comes by the link', async () => {
      const email_address = newAddress()
      const invited = await client.magicLinks.email.invite({
        organization_id,
        email_address,
        name: 'Ada',
        roles: ['stytch_admin'],
        invite_redirect_url: registeredUrl,
        invite_expiration_minutes: 60,
      })
      assert.deepEqual([invited.member.status, invited.member.is_admin], ['invited', true])
      const reply = await client.magicLinks.authenticate({ magic_links_token: await tokenOf(email_address) })
      assert.deepEqual([reply.member_authenticated, reply.member.status], [true, 'active'])
      assert.deepEqual([reply.member_id, reply.reset_sessions], [invited.member_id, false])
      assert.deepEqual(reply.member_session?.roles.toSorted(), ['stytch_admin', 'stytch_member'])
      here.clock.advance(SECOND)
      const again = client.magicLinks.email.invite({ organization_id, email_address })
      await expectRefusal(again, 400, 'duplicate_member_email')
    })

    test('lets somebody in by a link that is bound to a verifier', async () => {
      const email_address = newAddress()
      const verifier = randomBytes(32).toString('hex')
      const created = await client.magicLinks.email.loginOrSignup({
        organization_id,
        email_address,
        login_redirect_url: registeredUrl,
        signup_redirect_url: registeredUrl,
        pkce_code_challenge: hash('sha256', verifier, 'base64url'),
        locale: 'pt-br',
      })
      assert.deepEqual([created.member_created, created.member.status], [true, 'pending'])
      const magic_links_token = await tokenOf(email_address)
      const stranger = client.magicLinks.authenticate({ magic_links_token })
      await expectRefusal(stranger, 400, 'pkce_expected_code_verifier')
      const reply = await client.magicLinks.authenticate({
        magic_links_token,
        pkce_code_verifier: verifier,
        session_duration_minutes: 30,
        session_custom_claims: { plan: 'pro' },
      })
      assert.deepEqual(reply.member_session?.custom_claims, { plan: 'pro' })
      const [factor] = reply.member_session?.authentication_factors ?? []
      assert.deepEqual([factor?.type, factor?.email_factor?.email_address], ['magic_link', email_address])
      const spent = client.magicLinks.authenticate({ magic_links_token, pkce_code_verifier: verifier })
      await expectRefusal(spent, 401, 'unable_to_auth_magic_link')
    })

    test('logs in by a code, and adds it to the session', async () => {
      const email_address = newAddress()
      await client.otps.email.loginOrSignup({ organization_id, email_address, signup_expiration_minutes: 5 })
      const code = (await message(email_address)).code as string
      const wrong = code === '000000' ? '000001' : '000000'
      const guess = client.otps.email.authenticate({ organization_id, email_address, code: wrong })
      await expectRefusal(guess, 404, 'otp_code_not_found')
      const reply = await client.otps.email.authenticate({ organization_id, email_address, code })
      assert.deepEqual([reply.member_authenticated, reply.organization.organization_id], [true, organization_id])
      here.clock.advance(SECOND)
      await client.magicLinks.email.loginOrSignup({ organization_id, email_address })
      const { session_token } = reply
      const magic_links_token = await tokenOf(email_address)
      const more = await client.magicLinks.authenticate({ magic_links_token, session_token })
      assert.equal(more.member_session?.member_session_id, reply.member_session?.member_session_id)
      assert.deepEqual(
        more.member_session?.authentication_factors.map(({ type }) => type),
        ['email_otp', 'magic_link'],
      )
    })

    test('reads what is still required', async () => {
      const { organization } = await client.organizations.create({
        organization_name: 'Strict',
        email_allowed_domains: ['example.com'],
        email_jit_provisioning: 'RESTRICTED',
        mfa_policy: 'REQUIRED_FOR_ALL',
      })
      const there = { organization_id: organization.organization_id, email_address: newAddress() }
      await client.otps.email.loginOrSignup(there)
      const code = (await message(there.email_address)).code as string
      const reply = await client.otps.email.authenticate({ ...there, code })
      assert.deepEqual([reply.member_authenticated, reply.session_token, reply.member_session], [false, '', null])
      assert.deepEqual(reply.mfa_required, { member_options: null, secondary_auth_initiated: null })
      assert.equal(reply.intermediate_session_token.length, 44)
      await client.organizations.update({
        organization_id: there.organization_id,
        auth_methods: 'RESTRICTED',
        allowed_auth_methods: ['password'],
      })
      here.clock.advance(SECOND)
      const forbidden = client.otps.email.loginOrSignup(there)
      await expectRefusal(forbidden, 403, 'operation_restricted_by_organization_auth_methods')
    })
  })
}
