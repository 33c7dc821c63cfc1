/** POST /v1/b2b/organizations/{organization_id}/members: what a new member has, every refusal, and that a refused one leaves nothing. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { rfc3339 } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { messagesTo } from '../../../../support/inbox.ts'
import { membersOf, newMember, organizationIn, race, readMember } from '../../../../support/members.ts'
import { newOrganization, setB2bPolicy } from '../../../../support/organizations.ts'
import { onBothEngines, type TestProject, type World } from '../../../../support/world.ts'

const unknown = `organization-test-${randomUUID()}`

async function countMembers(here: World, project: TestProject, ...organization_ids: string[]): Promise<number> {
  const body = { organization_ids }
  const { results_metadata } = await succeed(here, project, 'POST /v1/b2b/organizations/members/search', body)
  return results_metadata.total
}

onBothEngines('organizations.members.create', (engine) => {
  test('answers the member with everything unset as documented, and the organization; nothing is sent', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const email_address = `${randomUUID()}@Example.com`
    const reply = await succeed(here, project, `POST ${members}`, { email_address: ` ${email_address} ` })
    assert.match(reply.member_id, /^member-test-[0-9a-f-]{36}$/)
    const now = rfc3339(here.clock.now())
    assert.deepEqual(reply.member, {
      organization_id: organization.organization_id,
      member_id: reply.member_id,
      external_id: null,
      email_address: email_address.toLowerCase(),
      email_address_verified: false,
      retired_email_addresses: [],
      status: 'active',
      name: '',
      is_breakglass: false,
      is_admin: false,
      is_locked: false,
      lock_created_at: null,
      lock_expires_at: null,
      member_password_id: '',
      mfa_enrolled: false,
      mfa_phone_number: '',
      mfa_phone_number_verified: false,
      default_mfa_method: '',
      totp_registration_id: '',
      sso_registrations: [],
      oauth_registrations: [],
      scim_registration: null,
      roles: [{ role_id: 'stytch_member', sources: [{ type: 'direct_assignment', details: {} }] }],
      trusted_metadata: {},
      untrusted_metadata: {},
      created_at: now,
      updated_at: now,
    })
    assert.equal(reply.organization.organization_id, organization.organization_id)
    assert.deepEqual(await messagesTo(here, email_address), [])
  })

  test('takes everything that can be given, and reads back the same', async () => {
    const { here, project, organization } = await organizationIn(engine)
    await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'editor', description: '', permissions: [] }] })
    const member = await newMember(here, project, organization, {
      name: 'Ada Lovelace',
      create_member_as_pending: true,
      is_breakglass: true,
      mfa_phone_number: '+14155550123',
      mfa_enrolled: true,
      roles: ['editor', 'stytch_admin', 'editor', 'stytch_member'],
      external_id: 'ada|1',
      trusted_metadata: { plan: 'pro', gone: null },
      untrusted_metadata: { theme: 'dark' },
    })
    const { status, name, is_breakglass, mfa_phone_number, mfa_phone_number_verified, mfa_enrolled } = member
    assert.deepEqual(
      [status, name, is_breakglass, mfa_phone_number, mfa_phone_number_verified, mfa_enrolled],
      ['pending', 'Ada Lovelace', true, '+14155550123', false, true],
    )
    assert.deepEqual(
      member.roles.map(({ role_id }: { role_id: string }) => role_id),
      ['stytch_member', 'editor', 'stytch_admin'],
    )
    assert.equal(member.is_admin, true)
    assert.deepEqual([member.trusted_metadata, member.untrusted_metadata], [{ plan: 'pro' }, { theme: 'dark' }])
    assert.deepEqual(await readMember(here, project, member), member)
  })

  test('an organization is named by slug or external id too', async () => {
    const { here, project } = await organizationIn(engine)
    const slug = `acme-${randomUUID()}`
    const organization = await newOrganization(here, project, {
      organization_slug: slug,
      organization_external_id: 'acme|1',
    })
    for (const organization_id of [slug.toUpperCase(), 'acme|1']) {
      const member = await newMember(here, project, { organization_id: encodeURIComponent(organization_id) })
      assert.equal(member.organization_id, organization.organization_id)
    }
  })

  test('refuses what has the wrong form, and creates nobody', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const member = { email_address: 'ada@example.com' }
    const keys = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, index]))
    const bodies: [body: object, error_type: string][] = [
      [{}, 'bad_request'],
      [{ email_address: null }, 'bad_request'],
      [{ email_address: '' }, 'invalid_email'],
      [{ email_address: 'ada' }, 'invalid_email'],
      [{ ...member, name: 7 }, 'bad_request'],
      [{ ...member, name: 'x'.repeat(257) }, 'bad_request'],
      [{ ...member, create_member_as_pending: 'yes' }, 'bad_request'],
      [{ ...member, is_breakglass: 'yes' }, 'bad_request'],
      [{ ...member, mfa_enrolled: 1 }, 'bad_request'],
      [{ ...member, mfa_phone_number: '4155550123' }, 'invalid_phone_number'],
      [{ ...member, roles: 'editor' }, 'bad_request'],
      [{ ...member, roles: ['editor'] }, 'invalid_rbac_role_assignment'],
      [{ ...member, external_id: 'with space' }, 'bad_request'],
      [{ ...member, external_id: 'x'.repeat(129) }, 'bad_request'],
      [{ ...member, external_id: 'member-test-1' }, 'bad_request'],
      [{ ...member, trusted_metadata: [] }, 'metadata_invalid_format'],
      [{ ...member, untrusted_metadata: 'x' }, 'metadata_invalid_format'],
      [{ ...member, trusted_metadata: keys }, 'metadata_too_many_keys'],
      [{ ...member, untrusted_metadata: { x: 'x'.repeat(4096) } }, 'metadata_too_large'],
    ]
    for (const [body, error_type] of bodies) await refuse(here, project, `POST ${members}`, body, 400, error_type)
    assert.equal(await countMembers(here, project, organization.organization_id), 0)
    await succeed(here, project, `POST ${members}`, member)
  })

  test('refuses what another member of the organization has, and keeps nothing of the second', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const taken = { email_address: 'ada@example.com', mfa_phone_number: '+14155550123', external_id: 'ada' }
    const ada = await newMember(here, project, organization, taken)
    const free = { email_address: 'second@example.com', external_id: 'second' }
    await refuse(
      here,
      project,
      `POST ${members}`,
      { ...free, email_address: 'ADA@example.com' },
      400,
      'duplicate_member_email',
    )
    await refuse(here, project, `POST ${members}`, { ...free, external_id: 'ada' }, 400, 'duplicate_member_external_id')
    const phone = { ...free, mfa_phone_number: '+14155550123' }
    await refuse(here, project, `POST ${members}`, phone, 400, 'duplicate_member_phone_number')
    // An address that a member had before stays theirs until it is unlinked.
    await succeed(here, project, `PUT ${members}/${ada.member_id}`, { email_address: 'lovelace@example.com' })
    await refuse(
      here,
      project,
      `POST ${members}`,
      { ...free, email_address: 'ada@example.com' },
      400,
      'retired_member_email',
    )
    assert.equal(await countMembers(here, project, organization.organization_id), 1)
    await newMember(here, project, organization, free)
  })

  test('organizations and environments share neither addresses nor numbers nor external ids', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const given = { email_address: 'ada@example.com', mfa_phone_number: '+14155550123', external_id: 'ada' }
    await newMember(here, project, organization, given)
    const other = await newOrganization(here, project)
    await newMember(here, project, other, given)
    const elsewhere = await here.project('B2B')
    await newMember(here, elsewhere, await newOrganization(here, elsewhere), given)
    assert.equal(await countMembers(here, project, organization.organization_id, other.organization_id), 2)
  })

  test('refuses organizations that are unknown, malformed, or of another environment', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const body = { email_address: 'ada@example.com' }
    const live = unknown.replace('test', 'live')
    const refusals: [organization_id: string, status: number, error_type: string][] = [
      [unknown, 404, 'organization_not_found'],
      ['nowhere', 404, 'organization_not_found'],
      ['organization-test-1', 400, 'invalid_organization_id'],
      [live, 400, 'live_id_used_in_test_environment'],
    ]
    for (const [organization_id, status, type] of refusals) {
      await refuse(here, project, `POST ${membersOf({ organization_id })}`, body, status, type)
    }
    const elsewhere = await here.project('B2B')
    await refuse(here, elsewhere, `POST ${membersOf(organization)}`, body, 404, 'organization_not_found')
    const consumer = await here.project()
    await refuse(here, consumer, `POST ${membersOf(organization)}`, body, 400, 'invalid_b2b_endpoint')
    await refuse(here, undefined, `POST ${membersOf(organization)}`, body, 401, 'invalid_authorization_header')
  })

  test('of a hundred calls with one address, one makes a member', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const counts = await race(
      here,
      project,
      () => `POST ${members}`,
      () => ({ email_address: 'ada@example.com' }),
    )
    assert.deepEqual(counts, { 200: 1, duplicate_member_email: 99 })
    assert.equal(await countMembers(here, project, organization.organization_id), 1)
  })

  test('of a hundred calls with one phone number, one makes a member', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const body = (index: number) => ({ email_address: `${index}@example.com`, mfa_phone_number: '+14155550123' })
    const counts = await race(here, project, () => `POST ${members}`, body)
    assert.deepEqual(counts, { 200: 1, duplicate_member_phone_number: 99 })
    assert.equal(await countMembers(here, project, organization.organization_id), 1)
  })
})
