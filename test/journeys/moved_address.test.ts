/** Somebody moves to another address in one of two organizations, while signed in there on two devices; with the official client. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SECOND } from '../../src/values/time.ts'
import { lastMessage } from '../support/inbox.ts'
import { newAddress, registeredUrl } from '../support/links.ts'
import { hashed, modes, sharePasswords } from '../support/member_passwords.ts'
import { strong } from '../support/passwords.ts'
import { b2bClientOf, expectRefusal, listening } from '../support/sdk.ts'
import { onBothEngines, type World, world } from '../support/world.ts'

onBothEngines('a move to another address', (engine) => {
  let here: World
  let url: string
  let stop: () => Promise<void>

  before(async () => {
    here = await world(engine)
    ;({ url, stop } = await listening(here))
  })
  after(() => stop())

  for (const mode of modes) {
    test(`goes by a link to the new address; the device it is opened on stays signed in (password of one ${mode})`, async () => {
      const project = await here.project('B2B')
      if (mode === 'address') await sharePasswords(here, project)
      const client = b2bClientOf(project, url)
      const [old, next] = [newAddress(), newAddress()]
      const mailed = async (to: string) => (await lastMessage(here, to, project)).links[0]?.token ?? ''
      const authenticate = (session_token: string) => client.sessions.authenticate({ session_token })

      // A member of two organizations, with a password in both.
      const join = async (organization_name: string) => {
        const { organization } = await client.organizations.create({ organization_name })
        const password = hashed(strong) as { hash: string; hash_type: 'sha_512' }
        const { organization_id } = organization
        const { member_id } = await client.passwords.migrate({ organization_id, email_address: old, ...password })
        return { organization_id, member_id }
      }
      const acme = await join('Acme')
      const globex = await join('Globex')
      const { organization_id, member_id } = acme

      // Signed in on the laptop by the password, and on the phone by a link.
      const laptop = await client.passwords.authenticate({ organization_id, email_address: old, password: strong })
      await client.magicLinks.email.loginOrSignup({
        ...{ organization_id, email_address: old },
        ...{ login_redirect_url: registeredUrl, signup_redirect_url: registeredUrl },
      })
      const phone = await client.magicLinks.authenticate({ magic_links_token: await mailed(old) })
      const there = await client.sessions.exchange({
        organization_id: globex.organization_id,
        session_token: phone.session_token,
      })
      assert.ok(laptop.member_authenticated && phone.member_authenticated && there.member_authenticated)

      // Asked for on the phone. Until the link is opened nothing has changed.
      here.clock.advance(SECOND)
      const { session_token } = phone
      const started = await client.organizations.members.startEmailUpdate(
        { organization_id, member_id, email_address: next, login_redirect_url: registeredUrl },
        { authorization: { session_token } },
      )
      assert.equal(started.member.email_address, old)
      const moved = await client.magicLinks.authenticate({ magic_links_token: await mailed(next), session_token })
      assert.deepEqual([moved.member_id, moved.member_authenticated], [member_id, true])
      assert.deepEqual([moved.member.email_address, moved.member.email_address_verified], [next, true])
      assert.deepEqual(
        moved.member.retired_email_addresses.map(({ email_address }) => email_address),
        [old],
      )

      // The phone stays signed in. The laptop was signed in by a password that may be somebody else's by now, if it is the address's.
      assert.equal(moved.session_token, session_token)
      const kept = await authenticate(session_token)
      assert.equal(kept.member.email_address, next)
      assert.equal(kept.member_session.member_session_id, phone.member_session?.member_session_id)
      if (mode === 'member') await authenticate(laptop.session_token)
      else await expectRefusal(authenticate(laptop.session_token), 404, 'session_not_found')
      await authenticate(there.session_token)

      // In Acme only the new address counts, in Globex still the old one.
      here.clock.advance(SECOND)
      const stale = client.otps.email.loginOrSignup({ organization_id, email_address: old })
      await expectRefusal(stale, 400, 'email_jit_provisioning_not_allowed')
      const placesOf = async (email_address: string) => {
        here.clock.advance(SECOND)
        await client.otps.email.discovery.send({ email_address })
        const { code = '' } = await lastMessage(here, email_address, project)
        const found = await client.otps.email.discovery.authenticate({ email_address, code })
        return found.discovered_organizations.map(({ organization }) => organization?.organization_name)
      }
      assert.deepEqual([await placesOf(next), await placesOf(old)], [['Acme'], ['Globex']])
      const away = client.sessions.exchange({ organization_id: globex.organization_id, session_token })
      await expectRefusal(away, 404, 'member_not_found')

      // The password goes along where it is the member's, and stays with the address where it is the address's.
      const login = (organization_id: string, email_address: string) =>
        client.passwords.authenticate({ organization_id, email_address, password: strong })
      await expectRefusal(login(organization_id, old), 401, 'unauthorized_credentials')
      if (mode === 'member') assert.equal((await login(organization_id, next)).member_id, member_id)
      else await expectRefusal(login(organization_id, next), 401, 'unauthorized_credentials')
      assert.equal((await login(globex.organization_id, old)).member_id, globex.member_id)
    })
  }
})
