/** The official Node client against a listening server: what a backend engineer does with magic links. */
import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Client } from 'stytch'
import { SECOND } from '../../src/values/time.ts'
import { lastMessage } from '../support/inbox.ts'
import { newAddress, registeredUrl } from '../support/links.ts'
import { clientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type World, world } from '../support/world.ts'

for (const engine of engines) {
  describe(`magic links with the official client (${engine})`, () => {
    let here: World
    let client: Client
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      const project = await here.project()
      const { url, stop: end } = await listening(here)
      client = clientOf(project, url)
      stop = end
    })
    after(() => stop())

    const tokenOf = async (email: string) => (await lastMessage(here, email)).links[0]?.token as string

    test('signs up by login_or_create, signs in by send, and adds an address to the user', async () => {
      const email = newAddress()
      const created = await client.magicLinks.email.loginOrCreate({
        email,
        login_magic_link_url: registeredUrl,
        signup_magic_link_url: registeredUrl,
        signup_expiration_minutes: 60,
        create_user_as_pending: true,
        locale: 'es',
      })
      assert.equal(created.user_created, true)
      const signedUp = await client.magicLinks.authenticate({
        token: await tokenOf(email),
        session_duration_minutes: 60,
        session_custom_claims: { plan: 'pro' },
      })
      assert.deepEqual([signedUp.user.status, signedUp.method_id], ['active', created.email_id])
      assert.equal(signedUp.reset_sessions, false)
      assert.equal(signedUp.session?.authentication_factors[0]?.email_factor?.email_address, email)

      here.clock.advance(SECOND)
      const sent = await client.magicLinks.email.send({ email })
      assert.equal(sent.user_id, created.user_id)
      const { session_token } = signedUp
      const again = await client.magicLinks.authenticate({ token: await tokenOf(email), session_token })
      assert.equal(again.session?.session_id, signedUp.session?.session_id)

      const another = newAddress()
      const added = await client.magicLinks.email.send({ email: another, session_token })
      assert.equal(added.user_id, created.user_id)
      await client.magicLinks.authenticate({ token: await tokenOf(another) })
      const user = await client.users.get({ user_id: created.user_id })
      assert.deepEqual(
        user.emails.map(({ verified }) => verified),
        [true, true],
      )
    })

    test('binds a link to a verifier and to the device', async () => {
      const email = newAddress()
      const code_verifier = randomBytes(32).toString('hex')
      const attributes = { ip_address: '203.0.113.1', user_agent: 'tests' }
      const code_challenge = hash('sha256', code_verifier, 'base64url')
      await client.magicLinks.email.loginOrCreate({ email, code_challenge, attributes })
      const token = await tokenOf(email)
      const options = { ip_match_required: true, user_agent_match_required: true }
      await expectRefusal(client.magicLinks.authenticate({ token }), 400, 'pkce_expected_code_verifier')
      const elsewhere = client.magicLinks.authenticate({ token, code_verifier, options })
      await expectRefusal(elsewhere, 401, 'attribute_mismatch')
      const { session } = await client.magicLinks.authenticate({
        token,
        code_verifier,
        options,
        attributes,
        session_duration_minutes: 5,
      })
      assert.deepEqual(session?.attributes, attributes)
    })

    test('invites, takes back, invites again', async () => {
      const email = newAddress()
      const invitation = { email, name: { first_name: 'Ada' }, trusted_metadata: { plan: 'pro' } }
      const { user_id } = await client.magicLinks.email.invite(invitation)
      const dead = await tokenOf(email)
      await client.magicLinks.email.revokeInvite({ email })
      await expectRefusal(client.magicLinks.authenticate({ token: dead }), 401, 'unable_to_auth_magic_link')
      here.clock.advance(SECOND)
      await client.magicLinks.email.invite({ email, invite_expiration_minutes: 5 })
      const { user } = await client.magicLinks.authenticate({ token: await tokenOf(email) })
      assert.deepEqual([user.user_id, user.name?.first_name, user.status], [user_id, 'Ada', 'active'])
      here.clock.advance(SECOND)
      await expectRefusal(client.magicLinks.email.invite({ email }), 400, 'duplicate_email')
    })

    test('embeds a link, and reads the refusals of a token as the documentation words them', async () => {
      const { user_id } = await client.users.create({ email: newAddress() })
      const { token } = await client.magicLinks.create({ user_id, expiration_minutes: 10 })
      const { session } = await client.magicLinks.authenticate({ token, session_duration_minutes: 5 })
      const [factor] = session?.authentication_factors ?? []
      assert.match(factor?.embeddable_magic_link_factor?.embedded_id ?? '', /^embedded-test-/)
      await assert.rejects(client.magicLinks.authenticate({ token }), {
        status_code: 401,
        error_type: 'unable_to_auth_magic_link',
        error_message:
          'The magic link could not be authenticated because it was either already used or expired. Send another magic link to this user.',
        error_url: 'https://stytch.com/docs/api/errors/401#unable_to_auth_magic_link',
      })
      const unknown = 'CprTtwhnRNiMBiUS2jSLcWYrfuO2POeBNdo5HhW6qTM='
      await assert.rejects(client.magicLinks.authenticate({ token: unknown }), {
        status_code: 404,
        error_type: 'magic_link_not_found',
        error_message: 'The magic link could not be authenticated, try sending another magic link to the user.',
        error_url: 'https://stytch.com/docs/api/errors/404#magic_link_not_found',
      })
    })
  })
}
