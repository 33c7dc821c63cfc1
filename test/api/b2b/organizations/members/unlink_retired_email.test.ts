/** POST …/members/{member_id}/unlink_retired_email: a retired address is free for others again. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../../support/call.ts'
import { membersOf, newMember, organizationIn, race, readMember } from '../../../../support/members.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import { type Engine, onBothEngines } from '../../../../support/world.ts'

/** A member who had two addresses before. */
async function moved(engine: Engine) {
  const place = await organizationIn(engine)
  const { here, project, organization, members } = place
  const { member_id } = await newMember(here, project, organization, { email_address: 'one@example.com' })
  for (const email_address of ['two@example.com', 'three@example.com']) {
    await succeed(here, project, `PUT ${members}/${member_id}`, { email_address })
  }
  const member = await readMember(here, project, { member_id })
  return { ...place, member, route: `POST ${members}/${member_id}/unlink_retired_email` }
}

onBothEngines('organizations.members.unlinkRetiredEmail', (engine) => {
  test('frees the address named by id, by itself, or by both', async () => {
    for (const by of ['id', 'address', 'both']) {
      const { here, project, organization, members, member, route } = await moved(engine)
      const [first, second] = member.retired_email_addresses
      assert.equal(first.email_address, 'one@example.com')
      const { email_id } = first
      const email_address = ' One@example.com '
      const body = { id: { email_id }, address: { email_address, email_id: '' }, both: { email_id, email_address } }[by]
      const reply = await succeed(here, project, route, body)
      assert.deepEqual(
        [reply.organization_id, reply.member_id, reply.member.retired_email_addresses],
        [organization.organization_id, member.member_id, [second]],
      )
      await newMember(here, project, organization, { email_address: 'one@example.com' })
      await refuse(here, project, `POST ${members}`, { email_address: 'two@example.com' }, 400, 'retired_member_email')
      await refuse(here, project, route, body, 404, 'email_not_found')
    }
  })

  test('refuses what names no retired address of the member', async () => {
    const { here, project, member, route } = await moved(engine)
    const [first, second] = member.retired_email_addresses
    const refusals: [body: object, status: number, error_type: string][] = [
      [{}, 400, 'retired_email_missing_email_identifiers'],
      [{ email_id: '', email_address: null }, 400, 'retired_email_missing_email_identifiers'],
      [{ email_address: 'nonsense' }, 400, 'invalid_email'],
      [{ email_address: 'three@example.com' }, 404, 'email_not_found'],
      [{ email_address: 'four@example.com' }, 404, 'email_not_found'],
      [{ email_id: `member-email-test-${randomUUID()}` }, 404, 'email_not_found'],
      [{ email_id: first.email_id, email_address: second.email_address }, 404, 'email_not_found'],
    ]
    for (const [body, status, type] of refusals) await refuse(here, project, route, body, status, type)
    assert.deepEqual(await readMember(here, project, member), member)
  })

  test('a member of another organization is not found', async () => {
    const { here, project, member } = await moved(engine)
    const other = membersOf(await newOrganization(here, project))
    const body = { email_address: 'one@example.com' }
    const route = `POST ${other}/${member.member_id}/unlink_retired_email`
    await refuse(here, project, route, body, 404, 'member_not_found')
  })

  test('of many calls at once, one frees it', async () => {
    const { here, project, route } = await moved(engine)
    const counts = await race(
      here,
      project,
      () => route,
      () => ({ email_address: 'one@example.com' }),
      20,
    )
    assert.deepEqual(counts, { 200: 1, email_not_found: 19 })
  })
})
