/** The official B2B client against a listening server: members from their creation to their deletion and back. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { B2BClient } from 'stytch'
import { lastMessage } from '../support/inbox.ts'
import { give } from '../support/members.ts'
import { setB2bPolicy } from '../support/organizations.ts'
import { b2bClientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type TestProject, type World, world } from '../support/world.ts'

for (const engine of engines) {
  describe(`members with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let client: B2BClient
    let stop: () => Promise<void>
    let organization_id: string

    before(async () => {
      here = await world(engine)
      const { url, stop: end } = await listening(here)
      stop = end
      project = await here.project('B2B')
      client = b2bClientOf(project, url)
      const { organization } = await client.organizations.create({
        organization_name: 'Acme',
        organization_slug: 'acme',
      })
      organization_id = organization.organization_id
    })
    after(() => stop())

    test('creates, reads, changes and finds a member', async () => {
      await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'editor', description: '', permissions: [] }] })
      const { members } = client.organizations
      const { member, member_id, organization } = await members.create({
        organization_id,
        email_address: 'ada@example.com',
        name: 'Ada',
        external_id: 'ada|1',
        roles: ['editor'],
        mfa_phone_number: '+14155550123',
        trusted_metadata: { plan: 'pro' },
      })
      assert.equal(organization.organization_id, organization_id)
      assert.deepEqual(
        member.roles.map(({ role_id, sources }) => [role_id, sources.map(({ type }) => type)]),
        [
          ['stytch_member', ['direct_assignment']],
          ['editor', ['direct_assignment']],
        ],
      )
      const names = [{ member_id }, { member_id: 'ada|1' }, { email_address: 'ada@example.com' }]
      for (const name of names) assert.deepEqual((await members.get({ organization_id, ...name })).member, member)
      assert.deepEqual((await members.get({ organization_id: 'acme', member_id })).member, member)
      assert.deepEqual((await members.dangerouslyGet({ member_id })).member, member)
      const changed = await members.update({
        organization_id,
        member_id: 'ada|1',
        name: 'Ada Lovelace',
        default_mfa_method: 'sms_otp',
      })
      assert.deepEqual([changed.member.name, changed.member.default_mfa_method], ['Ada Lovelace', 'sms_otp'])
      const found = await members.search({
        organization_ids: [organization_id],
        query: { operator: 'AND', operands: [{ filter_name: 'member_emails', filter_value: ['ada@example.com'] }] },
      })
      assert.deepEqual(found.members, [changed.member])
      assert.equal(found.results_metadata.total, 1)
      assert.equal(found.organizations[organization_id]?.organization_slug, 'acme')
      assert.equal((await members.deleteMFAPhoneNumber({ organization_id, member_id })).member.mfa_phone_number, '')
      assert.equal((await members.deleteExternalId({ organization_id, member_id })).member.external_id, null)
      await expectRefusal(members.deleteTOTP({ organization_id, member_id }), 404, 'totp_not_found')
      const member_password_id = 'member-password-test-11111111-1111-4111-8111-111111111111'
      const password = members.deletePassword({ organization_id, member_password_id })
      await expectRefusal(password, 404, 'member_password_not_found')
    })

    test('changes addresses, deletes and brings back', async () => {
      const { members } = client.organizations
      const { member_id } = await members.create({ organization_id, email_address: 'bob@example.com' })
      const moved = await members.update({ organization_id, member_id, email_address: 'bob2@example.com' })
      const [retired] = moved.member.retired_email_addresses
      assert.equal(retired?.email_address, 'bob@example.com')
      const taken = members.create({ organization_id, email_address: 'bob@example.com' })
      await expectRefusal(taken, 400, 'retired_member_email')
      await members.unlinkRetiredEmail({ organization_id, member_id, email_id: retired?.email_id })
      await give(here, project, member_id, { email_address_verified: true })
      await members.startEmailUpdate({ organization_id, member_id, email_address: 'bob3@example.com', locale: 'es' })
      assert.equal((await lastMessage(here, 'bob3@example.com', project)).template, 'verify_email')

      assert.equal((await members.delete({ organization_id, member_id })).member_id, member_id)
      await expectRefusal(members.get({ organization_id, member_id }), 404, 'member_not_found')
      await expectRefusal(members.dangerouslyGet({ member_id }), 404, 'member_not_found')
      const gone = await members.dangerouslyGet({ member_id, include_deleted: true })
      assert.equal(gone.member.status, 'deleted')
      const back = await members.reactivate({ organization_id, member_id })
      assert.deepEqual([back.member.status, back.member.email_address], ['active', 'bob2@example.com'])
    })

    test('a search leads through all pages', async () => {
      const { organization } = await client.organizations.create({ organization_name: 'Many' })
      const ids = { organization_id: organization.organization_id }
      for (let n = 0; n < 5; n++) {
        await client.organizations.members.create({ ...ids, email_address: `${n}@example.com` })
        here.clock.advance(1)
      }
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const organization_ids = [organization.organization_id]
        const { members, results_metadata } = await client.organizations.members.search({
          organization_ids,
          limit: 2,
          ...(cursor ? { cursor } : {}),
        })
        seen.push(...members.map(({ email_address }) => email_address))
        cursor = results_metadata.next_cursor
      } while (cursor)
      assert.deepEqual(seen, ['0@example.com', '1@example.com', '2@example.com', '3@example.com', '4@example.com'])
    })
  })
}
