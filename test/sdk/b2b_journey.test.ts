/** The official Node client against a listening server: one member's way through organizations, from invitation to revocation. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { B2BClient } from 'stytch'
import { totpCode, totpStep } from '../../src/crypto/totp.ts'
import { SECOND } from '../../src/values/time.ts'
import { lastMessage } from '../support/inbox.ts'
import { newAddress, registeredUrl } from '../support/links.ts'
import { trustMemberIssuer } from '../support/member_issuer.ts'
import { toPeriodStart } from '../support/one_time_codes.ts'
import { b2bClientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type TestProject, type World, world } from '../support/world.ts'

const phone = '+14155550123'

for (const engine of engines) {
  describe(`the way of a member with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let client: B2BClient
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      toPeriodStart(here, 600)
      project = await here.project('B2B')
      const { url, stop: end } = await listening(here)
      client = b2bClientOf(project, url)
      stop = end
    })
    after(() => stop())

    const message = (to: string) => lastMessage(here, to, project)
    const newLink = async (to: string) => ({ magic_links_token: (await message(to)).links[0]?.token as string })
    const codeTo = async (to: string) => (await message(to)).code as string

    test('invited, asked for MFA, acting, switching organizations, recovered, signed out', async () => {
      const { organization } = await client.organizations.create({
        organization_name: 'Acme',
        mfa_policy: 'REQUIRED_FOR_ALL',
        email_invites: 'ALL_ALLOWED',
      })
      const { organization_id } = organization
      const email_address = newAddress()

      // Invited, and not let in by the link alone.
      const { member_id } = await client.magicLinks.email.invite({
        organization_id,
        email_address,
        name: 'Ada',
        invite_redirect_url: registeredUrl,
      })
      const named = { organization_id, member_id }
      const arrived = await client.magicLinks.authenticate(await newLink(email_address))
      assert.deepEqual([arrived.member_authenticated, arrived.session_token], [false, ''])
      assert.ok(arrived.mfa_required)
      const { intermediate_session_token } = arrived

      // The code completes what the link began.
      await client.otps.sms.send({ ...named, mfa_phone_number: phone, intermediate_session_token })
      const code = await codeTo(phone)
      const signedIn = await client.otps.sms.authenticate({ ...named, code, intermediate_session_token })
      assert.deepEqual([signedIn.member_id, signedIn.member.status], [member_id, 'active'])
      const { session_token } = signedIn
      const authorization = { session_token }

      // As that member the backend may do what the member may, and nothing else.
      const { members } = client.organizations
      const renamed = await members.update({ ...named, name: 'Ada Lovelace' }, { authorization })
      assert.equal(renamed.member.name, 'Ada Lovelace')
      const byJwt = { authorization: { session_jwt: signedIn.session_jwt } }
      assert.equal((await members.update({ ...named, name: 'Ada' }, byJwt)).member.name, 'Ada')
      const coup = client.organizations.update({ organization_id, organization_name: 'Mine' }, { authorization })
      await expectRefusal(coup, 403, 'session_authorization_error')
      const promotion = members.update({ ...named, roles: ['stytch_admin'] }, { authorization })
      await expectRefusal(promotion, 403, 'session_authorization_error')
      const kept = await client.organizations.get({ organization_id })
      assert.equal(kept.organization.organization_name, 'Acme')

      // Into other organizations, as far as each of them lets a mailed link do.
      const restricted = { auth_methods: 'RESTRICTED', allowed_auth_methods: ['password'] }
      const withMfa = { mfa_policy: 'REQUIRED_FOR_ALL' }
      const switchTo = async (settings: object) => {
        const other = await client.organizations.create({ organization_name: 'Other', ...settings })
        const there = { organization_id: other.organization.organization_id }
        await members.create({ ...there, email_address })
        return client.sessions.exchange({ ...there, session_token })
      }
      const outcome = ({
        member_authenticated,
        primary_required,
        mfa_required,
      }: Awaited<ReturnType<typeof switchTo>>) => {
        return [member_authenticated, primary_required?.allowed_auth_methods ?? null, Boolean(mfa_required)]
      }
      const open = await switchTo({})
      assert.deepEqual(outcome(open), [true, null, false])
      const elsewhere = { organization_id: open.organization.organization_id, member_id: open.member_id }
      const stray = members.update({ ...elsewhere, name: 'Eve' }, { authorization })
      await expectRefusal(stray, 403, 'session_authorization_tenancy_error')
      assert.deepEqual(outcome(await switchTo(restricted)), [false, ['password'], false])
      const halfway = await switchTo(withMfa)
      assert.deepEqual(outcome(halfway), [false, null, true])
      assert.deepEqual(outcome(await switchTo({ ...restricted, ...withMfa })), [false, ['password'], true])

      // What the exchange left open is done in the other organization.
      const there = {
        organization_id: halfway.organization.organization_id,
        member_id: halfway.member_id,
        intermediate_session_token: halfway.intermediate_session_token,
      }
      await client.otps.sms.send({ ...there, mfa_phone_number: phone })
      const completed = await client.otps.sms.authenticate({ ...there, code: await codeTo(phone) })
      assert.equal(completed.member_session?.organization_id, there.organization_id)

      // Another system vouches for the member in an organization that did not exist.
      const { profile_id, token } = await trustMemberIssuer(here, project)
      const attested = await client.sessions.attest({ profile_id, token: await token(email_address, 'tenant-7') })
      assert.equal(attested.organization.organization_external_id, 'tenant-7')
      assert.notEqual(attested.member_id, member_id)

      // The phone is lost, and so is the app: a recovery code gets the member back in.
      const enrolled = await client.totps.create({ ...named, session_token })
      const shown = totpCode(enrolled.secret, totpStep(here.clock.now()))
      await client.totps.authenticate({ ...named, code: shown, session_token })
      await members.deleteMFAPhoneNumber(named)
      here.clock.advance(SECOND)
      await client.magicLinks.email.loginOrSignup({ organization_id, email_address, login_redirect_url: registeredUrl })
      const back = await client.magicLinks.authenticate(await newLink(email_address))
      assert.equal(back.member_authenticated, false)
      assert.equal(back.mfa_required?.member_options?.totp_registration_id, enrolled.totp_registration_id)
      const recovered = await client.recoveryCodes.recover({
        ...named,
        recovery_code: enrolled.recovery_codes[0] as string,
        intermediate_session_token: back.intermediate_session_token,
      })
      assert.equal(recovered.recovery_codes_remaining, 9)

      // Signed out everywhere in this organization, and nowhere else.
      await client.sessions.revoke({ member_id })
      assert.deepEqual((await client.sessions.get(named)).member_sessions, [])
      for (const ended of [session_token, recovered.session_token]) {
        await expectRefusal(client.sessions.authenticate({ session_token: ended }), 404, 'session_not_found')
      }
      const dead = members.update({ ...named, name: 'Ghost' }, { authorization })
      await expectRefusal(dead, 404, 'session_not_found')
      for (const living of [open.session_token, completed.session_token, attested.session_token]) {
        await client.sessions.authenticate({ session_token: living })
      }
    })
  })
}
