/** DELETE …/members/{member_id}/external_id: the external id is free again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../../support/call.ts'
import { membersOf, newMember, organizationIn, readMember } from '../../../../support/members.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import { onBothEngines } from '../../../../support/world.ts'

onBothEngines('organizations.members.deleteExternalId', (engine) => {
  test('takes the external id from the member, who stays as they are without one', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization, { external_id: 'ada' })
    const reply = await succeed(here, project, `DELETE ${members}/ada/external_id`, {})
    assert.deepEqual([reply.member_id, reply.member.external_id], [member_id, null])
    assert.deepEqual(await readMember(here, project, { member_id }), reply.member)
    await newMember(here, project, organization, { external_id: 'ada' })
    const again = await succeed(here, project, `DELETE ${members}/${member_id}/external_id`)
    assert.deepEqual(again.member, reply.member)
  })

  test('a member of another organization is not found', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const member = await newMember(here, project, organization, { external_id: 'ada' })
    const other = membersOf(await newOrganization(here, project))
    await refuse(here, project, `DELETE ${other}/${member.member_id}/external_id`, {}, 404, 'member_not_found')
    await refuse(here, project, `DELETE ${other}/ada/external_id`, {}, 404, 'member_not_found')
    assert.deepEqual(await readMember(here, project, member), member)
  })
})
