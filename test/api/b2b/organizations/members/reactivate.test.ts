/** PUT …/members/{member_id}/reactivate: who comes back, with what, and who cannot. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../../support/call.ts'
import {
  give,
  membersOf,
  newMember,
  organizationIn,
  provenMember,
  race,
  readMember,
  stored,
} from '../../../../support/members.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import { onBothEngines } from '../../../../support/world.ts'

onBothEngines('organizations.members.reactivate', (engine) => {
  test('a deleted member is active again, with address and external id, without credentials and roles', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await provenMember(here, project, organization, {
      email_address: 'old@example.com',
      external_id: 'ada',
      name: 'Ada',
      mfa_phone_number: '+14155550123',
      roles: ['stytch_admin'],
      is_breakglass: true,
      trusted_metadata: { plan: 'pro' },
    })
    await succeed(here, project, `PUT ${members}/${member_id}`, { email_address: 'ada@example.com' })
    await give(here, project, member_id, { email_address_verified: true })
    await succeed(here, project, `DELETE ${members}/${member_id}`)
    const reply = await succeed(here, project, `PUT ${members}/${member_id}/reactivate`, {})
    const { member } = reply
    assert.deepEqual([reply.member_id, member.member_id, member.status], [member_id, member_id, 'active'])
    assert.deepEqual(
      [member.email_address, member.email_address_verified, member.external_id, member.name],
      ['ada@example.com', true, 'ada', 'Ada'],
    )
    assert.deepEqual(
      member.retired_email_addresses.map((one: { email_address: string }) => one.email_address),
      ['old@example.com'],
    )
    assert.deepEqual([member.mfa_phone_number, member.is_admin, member.roles.length], ['', false, 1])
    assert.equal(member.is_breakglass, false)
    assert.deepEqual(member.trusted_metadata, { plan: 'pro' })
    // What is unique is taken again.
    const { email_id } = await stored(here, project, member_id)
    assert.ok(email_id)
    await refuse(here, project, `POST ${members}`, { email_address: 'ada@example.com' }, 400, 'duplicate_member_email')
    await refuse(here, project, `POST ${members}`, { email_address: 'old@example.com' }, 400, 'retired_member_email')
    await refuse(
      here,
      project,
      `PUT ${members}/${member_id}/reactivate`,
      {},
      404,
      'no_deleted_member_found_for_reactivation',
    )
  })

  test('what others have taken meanwhile stays theirs', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization, {
      email_address: 'old@example.com',
      external_id: 'ada',
    })
    await succeed(here, project, `PUT ${members}/${member_id}`, { email_address: 'ada@example.com' })
    await give(here, project, member_id, { email_address_verified: true })
    await succeed(here, project, `DELETE ${members}/${member_id}`)
    const second = await newMember(here, project, organization, {
      email_address: 'old@example.com',
      external_id: 'ada',
    })
    const { member } = await succeed(here, project, `PUT ${members}/${member_id}/reactivate`, {})
    assert.deepEqual([member.external_id, member.retired_email_addresses], [null, []])
    assert.deepEqual(await readMember(here, project, second), second)
  })

  test('refuses a member whose address belongs to another one by now, also as a retired one', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await provenMember(here, project, organization, { email_address: 'ada@example.com' })
    await succeed(here, project, `DELETE ${members}/${member_id}`)
    const second = await newMember(here, project, organization, { email_address: 'ada@example.com' })
    const route = `PUT ${members}/${member_id}/reactivate`
    await refuse(here, project, route, {}, 400, 'reactivation_email_belongs_to_another_member')
    await succeed(here, project, `PUT ${members}/${second.member_id}`, { email_address: 'second@example.com' })
    await refuse(here, project, route, {}, 400, 'reactivation_email_belongs_to_another_member')
    assert.equal((await readMember(here, project, { member_id })).status, 'deleted')
    const body = { email_address: 'ada@example.com' }
    await succeed(here, project, `POST ${members}/${second.member_id}/unlink_retired_email`, body)
    await succeed(here, project, route, {})
  })

  test('refuses a member whose address was never verified', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization)
    await succeed(here, project, `DELETE ${members}/${member_id}`)
    await refuse(here, project, `PUT ${members}/${member_id}/reactivate`, {}, 400, 'email_unverified_for_reactivation')
    assert.equal((await readMember(here, project, { member_id })).status, 'deleted')
  })

  test('refuses an address in a domain that another organization has claimed since', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await provenMember(here, project, organization, { email_address: 'ada@acme.test' })
    await succeed(here, project, `DELETE ${members}/${member_id}`)
    const claimer = await newOrganization(here, project, { claimed_email_domains: ['acme.test'] })
    const route = `PUT ${members}/${member_id}/reactivate`
    await refuse(here, project, route, {}, 400, 'action_not_allowed_email_domain_is_claimed')
    assert.equal((await readMember(here, project, { member_id })).status, 'deleted')
    await succeed(here, project, `PUT /v1/b2b/organizations/${claimer.organization_id}`, { claimed_email_domains: [] })
    await succeed(here, project, route, {})
  })

  test('refuses whoever is not deleted, unknown or elsewhere; external ids name nobody here', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const member = await provenMember(here, project, organization, { external_id: 'ada' })
    const none = 'no_deleted_member_found_for_reactivation'
    await refuse(here, project, `PUT ${members}/${member.member_id}/reactivate`, {}, 404, none)
    await succeed(here, project, `DELETE ${members}/${member.member_id}`)
    const other = await newOrganization(here, project)
    await refuse(here, project, `PUT ${membersOf(other)}/${member.member_id}/reactivate`, {}, 404, none)
    await refuse(here, project, `PUT ${members}/member-test-${randomUUID()}/reactivate`, {}, 404, none)
    await refuse(here, project, `PUT ${members}/ada/reactivate`, {}, 400, 'invalid_id')
    const live = `member-live-${randomUUID()}`
    await refuse(here, project, `PUT ${members}/${live}/reactivate`, {}, 400, 'live_id_used_in_test_environment')
    const elsewhere = await here.project('B2B')
    const route = `PUT ${members}/${member.member_id}/reactivate`
    await refuse(here, elsewhere, route, {}, 404, 'organization_not_found')
    assert.equal((await readMember(here, project, member)).status, 'deleted')
  })

  test('of reactivating and taking the address at once, one succeeds', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await provenMember(here, project, organization, { email_address: 'ada@example.com' })
    await succeed(here, project, `DELETE ${members}/${member_id}`)
    const counts = await race(
      here,
      project,
      (index) => (index % 2 ? `POST ${members}` : `PUT ${members}/${member_id}/reactivate`),
      () => ({ email_address: 'ada@example.com' }),
      40,
    )
    assert.equal(counts[200], 1, JSON.stringify(counts))
  })
})
