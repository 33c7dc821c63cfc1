/** The official B2B client against a listening server: passwords of single members, and passwords that hold across organizations. */
import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { B2BClient } from 'stytch'
import { SECOND } from '../../src/values/time.ts'
import { lastMessage } from '../support/inbox.ts'
import { newAddress, registeredUrl } from '../support/links.ts'
import { hashed, modes, sharePasswords } from '../support/member_passwords.ts'
import { strong, stronger, weak } from '../support/passwords.ts'
import { b2bClientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type TestProject, type World, world } from '../support/world.ts'

for (const engine of engines) {
  describe(`passwords of members with the official client (${engine})`, () => {
    let here: World
    let url: string
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      ;({ url, stop } = await listening(here))
    })
    after(() => stop())

    for (const mode of modes) {
      test(`a member is taken over, logs in, forgets the password and changes it (password of one ${mode})`, async () => {
        const { client, organization_id, mailed } = await begin(here, url, mode)
        const email_address = newAddress()
        const strength = await client.passwords.strengthCheck({ email_address, password: weak })
        assert.deepEqual([strength.valid_password, strength.strength_policy], [false, 'zxcvbn'])
        assert.notEqual(strength.zxcvbn_feedback?.warning, '')
        const migrated = await client.passwords.migrate({
          ...{ organization_id, email_address, name: 'Ada' },
          ...(hashed(strong) as { hash: string; hash_type: 'sha_512' }),
        })
        assert.deepEqual([migrated.member_created, migrated.member.email_address_verified], [true, true])
        const named = { organization_id, email_address }
        const login = await client.passwords.authenticate({ ...named, password: strong, session_duration_minutes: 60 })
        assert.equal(login.member_session?.authentication_factors[0]?.type, 'password')
        const wrong = client.passwords.authenticate({ ...named, password: stronger })
        await expectRefusal(wrong, 401, 'unauthorized_credentials')

        const verifier = randomBytes(32).toString('hex')
        const code_challenge = hash('sha256', verifier, 'base64url')
        const request = { ...named, reset_password_redirect_url: registeredUrl, code_challenge, locale: 'es' as const }
        const started = await client.passwords.email.resetStart(request)
        assert.equal(started.member_id, migrated.member_id)
        const { token: password_reset_token = '' } = (await mailed(email_address)).links[0] ?? {}
        const unproven = client.passwords.email.reset({ password_reset_token, password: stronger })
        await expectRefusal(unproven, 400, 'pkce_expected_code_verifier')
        const given = { password_reset_token, code_verifier: verifier }
        await expectRefusal(client.passwords.email.reset({ ...given, password: weak }), 400, 'weak_password')
        const reset = await client.passwords.email.reset({ ...given, password: stronger })
        assert.deepEqual([reset.member_authenticated, reset.member_email_id], [true, started.member_email_id])
        const { session_token } = login
        await expectRefusal(client.sessions.authenticate({ session_token }), 404, 'session_not_found')

        const own = reset.session_token
        const renewed = { organization_id, session_token: own, password: strong }
        const bySession = await client.passwords.sessions.reset(renewed)
        assert.equal(bySession.session_token, own)
        const existing = { ...named, existing_password: strong, new_password: stronger }
        const changed = await client.passwords.existingPassword.reset(existing)
        assert.equal(changed.member_id, migrated.member_id)
        await expectRefusal(client.sessions.authenticate({ session_token: own }), 404, 'session_not_found')

        const { member_password_id } = changed.member
        if (mode === 'member') {
          const deleted = await client.organizations.members.deletePassword({ organization_id, member_password_id })
          assert.equal(deleted.member.member_password_id, '')
          const shared = client.passwords.email.requireReset({ email_address })
          await expectRefusal(shared, 400, 'cross_org_passwords_not_enabled')
        } else {
          const single = client.organizations.members.deletePassword({ organization_id, member_password_id })
          await expectRefusal(single, 400, 'cross_org_passwords_enabled')
          const required = await client.passwords.email.requireReset({ email_address, organization_id })
          assert.equal(required.member?.member_password_id, '')
        }
        const gone = client.passwords.authenticate({ ...named, password: stronger })
        await expectRefusal(gone, 401, 'unauthorized_credentials')
      })
    }

    test('somebody new signs up with a password, founds an organization, and is asked into another one', async () => {
      const { client, organization_id, mailed } = await begin(here, url, 'address')
      const email_address = 'ada@lovelace.example'
      const { password_reset_token, template } = await discoveryLink()
      assert.equal(template, 'verify_email')
      const found = await client.passwords.discovery.email.reset({ password_reset_token, password: strong })
      assert.deepEqual([found.email_address, found.discovered_organizations], [email_address, []])
      const { intermediate_session_token } = found
      const founded = await client.discovery.organizations.create({ intermediate_session_token })
      assert.deepEqual([founded.member_authenticated, founded.organization?.organization_name], [true, 'lovelace'])
      assert.equal(founded.member_session?.authentication_factors[0]?.type, 'password')
      const own = founded.organization?.organization_id ?? ''

      // Another organization invites her: she has the password there, too, but has to prove the address once.
      await client.magicLinks.email.invite({ organization_id, email_address })
      const later = await client.passwords.discovery.authenticate({ email_address, password: strong })
      const places = later.discovered_organizations.map(({ membership, member_authenticated, primary_required }) => [
        membership?.type,
        member_authenticated,
        primary_required != null,
      ])
      assert.deepEqual(places, [
        ['active_member', true, false],
        ['invited_member', false, true],
      ])
      const tried = await client.discovery.intermediateSessions.exchange({
        intermediate_session_token: later.intermediate_session_token,
        organization_id,
      })
      assert.deepEqual([tried.member_authenticated, tried.primary_required !== null], [false, true])
      const { token: magic_links_token = '' } = (await mailed(email_address)).links[0] ?? {}
      const token = tried.intermediate_session_token
      const joined = await client.magicLinks.authenticate({ magic_links_token, intermediate_session_token: token })
      assert.deepEqual([joined.member_authenticated, joined.member.status], [true, 'active'])

      // From now on the password leads to both, and sessions go back and forth with it.
      const both = await client.passwords.discovery.authenticate({ email_address, password: strong })
      assert.deepEqual(
        both.discovered_organizations.map(({ member_authenticated }) => member_authenticated),
        [true, true],
      )
      const first = await client.discovery.intermediateSessions.exchange({
        intermediate_session_token: both.intermediate_session_token,
        organization_id: own,
      })
      const { session_token } = first
      const second = await client.sessions.exchange({ organization_id, session_token })
      assert.equal(second.member_authenticated, true)

      // Forgotten: one mail for both organizations, and nobody stays signed in by the old one.
      const again = await discoveryLink()
      assert.equal(again.template, 'reset_password')
      const reset = await client.passwords.discovery.email.reset({
        password_reset_token: again.password_reset_token,
        password: stronger,
      })
      assert.equal(reset.discovered_organizations.length, 2)
      await expectRefusal(client.sessions.authenticate({ session_token }), 404, 'session_not_found')
      for (const place of [own, organization_id]) {
        const old = { organization_id: place, email_address, password: strong }
        await expectRefusal(client.passwords.authenticate(old), 401, 'unauthorized_credentials')
        assert.ok((await client.passwords.authenticate({ ...old, password: stronger })).member_authenticated)
      }
      await client.passwords.email.requireReset({ email_address })
      const required = client.passwords.discovery.authenticate({ email_address, password: stronger })
      await expectRefusal(required, 400, 'member_reset_password')

      async function discoveryLink() {
        here.clock.advance(SECOND)
        await client.passwords.discovery.email.resetStart({
          email_address,
          reset_password_redirect_url: registeredUrl,
          discovery_redirect_url: registeredUrl,
          reset_password_expiration_minutes: 10,
        })
        const { links, template } = await mailed(email_address)
        return { password_reset_token: links[0]?.token ?? '', template }
      }
    })

    test('the second link of a discovery mail leads on without the password', async () => {
      const { client, mailed } = await begin(here, url, 'address')
      const email_address = newAddress()
      const verifier = randomBytes(32).toString('hex')
      const pkce_code_challenge = hash('sha256', verifier, 'base64url')
      await client.passwords.discovery.email.resetStart({ email_address, pkce_code_challenge })
      const [, { token: discovery_magic_links_token = '' } = {}] = (await mailed(email_address)).links
      const plain = client.magicLinks.discovery.authenticate({ discovery_magic_links_token })
      await expectRefusal(plain, 400, 'pkce_expected_code_verifier')
      const given = { discovery_magic_links_token, pkce_code_verifier: verifier }
      assert.equal((await client.magicLinks.discovery.authenticate(given)).email_address, email_address)
    })
  })
}

/** A project of that mode, the client for it, and an organization. */
async function begin(here: World, url: string, mode: (typeof modes)[number]) {
  const project: TestProject = await here.project('B2B')
  if (mode === 'address') await sharePasswords(here, project)
  const client: B2BClient = b2bClientOf(project, url)
  const { organization } = await client.organizations.create({ organization_name: 'Acme' })
  const { organization_id } = organization
  return { client, organization_id, mailed: (to: string) => lastMessage(here, to, project) }
}
