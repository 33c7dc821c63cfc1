/** GET /v1/b2b/organizations/{organization_id}/member: one member by id, external id or address, and nobody of elsewhere. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { HOUR, rfc3339 } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { give, newMember, organizationIn } from '../../../../support/members.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import { onBothEngines } from '../../../../support/world.ts'

const routeTo = (organization_id: string, query: Record<string, string>) =>
  `GET /v1/b2b/organizations/${organization_id}/member?${new URLSearchParams(query)}`

onBothEngines('organizations.members.get', (engine) => {
  test('answers the member, however it is named', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const { organization_id } = organization
    const email_address = 'ada+b2b@example.com'
    const member = await newMember(here, project, organization, { email_address, external_id: 'ada|1' })
    const { member_id } = member
    const names: Record<string, string>[] = [
      { member_id },
      { member_id: 'ada|1' },
      { email_address },
      { email_address: ' ADA+b2b@Example.com ' },
      { member_id, email_address },
      { member_id, email_address: '' },
    ]
    for (const query of names) {
      const reply = await succeed(here, project, routeTo(organization_id, query))
      assert.deepEqual([reply.member, reply.member_id], [member, member_id], JSON.stringify(query))
      assert.equal(reply.organization.organization_id, organization_id)
    }
  })

  test('refuses when it is named by nothing, malformed, or by what is of different members', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const { organization_id } = organization
    const ada = await newMember(here, project, organization)
    const bob = await newMember(here, project, organization)
    const refusals: [query: Record<string, string>, status: number, error_type: string][] = [
      [{}, 400, 'invalid_member_get_fields'],
      [{ member_id: '', email_address: '' }, 400, 'invalid_member_get_fields'],
      [{ member_id: 'member-test-1' }, 400, 'invalid_id'],
      [{ member_id: `member-live-${randomUUID()}` }, 400, 'live_id_used_in_test_environment'],
      [{ email_address: 'nonsense' }, 400, 'invalid_email'],
      [{ member_id: ada.member_id, email_address: 'nonsense' }, 400, 'invalid_email'],
      [{ member_id: ada.member_id, email_address: bob.email_address }, 404, 'member_not_found'],
      [{ member_id: 'nobody' }, 404, 'member_not_found'],
      [{ email_address: 'nobody@example.com' }, 404, 'member_not_found'],
    ]
    for (const [query, status, type] of refusals) {
      await refuse(here, project, routeTo(organization_id, query), undefined, status, type)
    }
  })

  test('does not find members of other organizations and environments, nor by retired addresses', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization, {
      email_address: 'old@example.com',
      external_id: 'ada',
    })
    const other = await newOrganization(here, project)
    const names: Record<string, string>[] = [{ member_id }, { member_id: 'ada' }, { email_address: 'old@example.com' }]
    for (const query of names) {
      await refuse(here, project, routeTo(other.organization_id, query), undefined, 404, 'member_not_found')
    }
    const elsewhere = await here.project('B2B')
    const foreign = await newOrganization(here, elsewhere)
    await refuse(here, elsewhere, routeTo(foreign.organization_id, { member_id }), undefined, 404, 'member_not_found')
    await succeed(here, project, `PUT ${members}/${member_id}`, { email_address: 'new@example.com' })
    const retired = routeTo(organization.organization_id, { email_address: 'old@example.com' })
    await refuse(here, project, retired, undefined, 404, 'member_not_found')
  })

  test('shows the lock while it lasts', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization)
    const now = here.clock.now()
    await give(here, project, member_id, { lock_created_at: now, lock_expires_at: now + HOUR })
    const route = routeTo(organization.organization_id, { member_id })
    const locked = (await succeed(here, project, route)).member
    assert.deepEqual(
      [locked.is_locked, locked.lock_created_at, locked.lock_expires_at],
      [true, rfc3339(now), rfc3339(now + HOUR)],
    )
    here.clock.advance(HOUR)
    const { member } = await succeed(here, project, route)
    assert.deepEqual([member.is_locked, member.lock_created_at, member.lock_expires_at], [false, null, null])
  })
})
