/** The official Node client against a listening server: people who find their organizations, join some and found others. */
import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { B2BClient } from 'stytch'
import { SECOND } from '../../src/values/time.ts'
import { lastMessage } from '../support/inbox.ts'
import { newAddress, registeredUrl } from '../support/links.ts'
import { b2bClientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type TestProject, type World, world } from '../support/world.ts'

for (const engine of engines) {
  describe(`discovery with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let client: B2BClient
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      project = await here.project('B2B')
      const { url, stop: end } = await listening(here)
      client = b2bClientOf(project, url)
      stop = end
    })
    after(() => stop())

    /** Discovers by a code. */
    async function discover(email_address: string) {
      here.clock.advance(SECOND)
      await client.otps.email.discovery.send({ email_address, discovery_expiration_minutes: 5, locale: 'es' })
      const { code = '' } = await lastMessage(here, email_address, project)
      return client.otps.email.discovery.authenticate({ email_address, code })
    }

    test('somebody new comes by a link and founds an organization', async () => {
      const email_address = 'ada@lovelace.example'
      const verifier = randomBytes(32).toString('hex')
      await client.magicLinks.email.discovery.send({
        email_address,
        discovery_redirect_url: registeredUrl,
        pkce_code_challenge: hash('sha256', verifier, 'base64url'),
        discovery_expiration_minutes: 10,
      })
      const discovery_magic_links_token = (await lastMessage(here, email_address, project)).links[0]?.token as string
      const stranger = client.magicLinks.discovery.authenticate({ discovery_magic_links_token })
      await expectRefusal(stranger, 400, 'pkce_expected_code_verifier')
      const found = await client.magicLinks.discovery.authenticate({
        discovery_magic_links_token,
        pkce_code_verifier: verifier,
      })
      assert.deepEqual([found.email_address, found.discovered_organizations], [email_address, []])
      const { intermediate_session_token } = found
      const founded = await client.discovery.organizations.create({
        intermediate_session_token,
        email_jit_provisioning: 'RESTRICTED',
        email_allowed_domains: ['lovelace.example'],
        session_duration_minutes: 60,
      })
      assert.deepEqual([founded.member_authenticated, founded.organization?.organization_name], [true, 'lovelace'])
      assert.deepEqual(founded.member_session?.roles.toSorted(), ['stytch_admin', 'stytch_member'])
      const { session_jwt } = founded
      const { organization_id = '' } = founded.organization ?? {}
      const { member_session } = await client.sessions.authenticateJwt({
        session_jwt,
        authorization_check: { organization_id, resource_id: 'stytch.organization', action: 'update.info.name' },
      })
      assert.equal(member_session.organization_id, organization_id)
      const spent = client.discovery.organizations.create({ intermediate_session_token })
      await expectRefusal(spent, 404, 'intermediate_session_not_found')

      // A colleague is shown the organization because of the domain, and joins.
      const colleague = await discover('charles@lovelace.example')
      const [open] = colleague.discovered_organizations
      assert.equal(open?.membership?.type, 'eligible_to_join_by_email_domain')
      assert.deepEqual([open?.membership?.details, open?.member_authenticated], [{ domain: 'lovelace.example' }, true])
      const joined = await client.discovery.intermediateSessions.exchange({
        intermediate_session_token: colleague.intermediate_session_token,
        organization_id,
        session_custom_claims: { via: 'discovery' },
      })
      assert.deepEqual([joined.member_authenticated, joined.member.status], [true, 'active'])
      assert.deepEqual(joined.member_session?.custom_claims, { via: 'discovery' })
      const outsider = await discover(newAddress())
      const refused = client.discovery.intermediateSessions.exchange({
        intermediate_session_token: outsider.intermediate_session_token,
        organization_id,
      })
      await expectRefusal(refused, 400, 'invalid_email_for_jit_provisioning')
    })

    test('an invitation is found and accepted without its link', async () => {
      const { organization } = await client.organizations.create({ organization_name: 'Inviting' })
      const { organization_id } = organization
      const email_address = newAddress()
      await client.magicLinks.email.invite({ organization_id, email_address, name: 'Grace' })
      const { discovered_organizations, intermediate_session_token } = await discover(email_address)
      assert.deepEqual(
        discovered_organizations.map(({ membership }) => [membership?.type, membership?.member?.name]),
        [['invited_member', 'Grace']],
      )
      const place = { intermediate_session_token, organization_id }
      const { member } = await client.discovery.intermediateSessions.exchange(place)
      assert.deepEqual([member.status, member.name, member.email_address_verified], ['active', 'Grace', true])
    })

    test('a member of three organizations goes from one to the next, by session and by intermediate session', async () => {
      const email_address = newAddress()
      const ids: string[] = []
      for (const [organization_name, mfa_policy] of [
        ['One', 'OPTIONAL'],
        ['Two', 'OPTIONAL'],
        ['Zero trust', 'REQUIRED_FOR_ALL'],
      ]) {
        const settings = { organization_name: organization_name as string, mfa_policy: mfa_policy as string }
        const { organization } = await client.organizations.create(settings)
        ids.push(organization.organization_id)
        await client.organizations.members.create({ organization_id: organization.organization_id, email_address })
      }
      const [one = '', two = '', strict = ''] = ids
      const { intermediate_session_token, discovered_organizations } = await discover(email_address)
      const asked = discovered_organizations.map((found) => [found.member_authenticated, found.mfa_required !== null])
      assert.deepEqual(asked, [
        [true, false],
        [true, false],
        [false, true],
      ])
      const waiting = await client.discovery.intermediateSessions.exchange({
        intermediate_session_token,
        organization_id: strict,
        locale: 'ca-ES',
      })
      assert.ok(waiting.mfa_required)
      assert.equal(waiting.intermediate_session_token, intermediate_session_token)
      const first = await client.discovery.intermediateSessions.exchange({
        intermediate_session_token,
        organization_id: one,
      })
      const { session_token } = first
      const listed = await client.discovery.organizations.list({ session_token })
      assert.deepEqual(
        listed.discovered_organizations.map(({ organization, member_authenticated }) => [
          organization?.organization_name,
          member_authenticated,
        ]),
        [
          ['One', true],
          ['Two', true],
          ['Zero trust', false],
        ],
      )
      const second = await client.sessions.exchange({ organization_id: two, session_token })
      assert.deepEqual([second.member_authenticated, second.organization.organization_id], [true, two])

      // What the session lacks for the third goes on as an intermediate session, which leads back as well.
      const third = await client.sessions.exchange({ organization_id: strict, session_token })
      assert.equal(third.member_authenticated, false)
      const token = third.intermediate_session_token
      const again = await client.discovery.organizations.list({ intermediate_session_token: token })
      assert.equal(again.organization_id_hint, strict)
      const back = { intermediate_session_token: token, organization_id: one }
      assert.equal((await client.discovery.intermediateSessions.exchange(back)).member_authenticated, true)
      const dead = client.discovery.organizations.list({ intermediate_session_token: token })
      await expectRefusal(dead, 404, 'intermediate_session_not_found')
    })
  })
}
