/** GET /v1/b2b/organizations/members/dangerously_get/{member_id}: any member of the environment, deleted ones when asked for. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../../support/call.ts'
import { newMember, organizationIn } from '../../../../support/members.ts'
import { onBothEngines } from '../../../../support/world.ts'

const route = (member_id: string, include_deleted?: string) =>
  `GET /v1/b2b/organizations/members/dangerously_get/${member_id}${include_deleted ? `?include_deleted=${include_deleted}` : ''}`

onBothEngines('organizations.members.dangerouslyGet', (engine) => {
  test('answers the member with the organization, and a deleted one only when asked to', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const member = await newMember(here, project, organization)
    const { member_id } = member
    for (const include of [undefined, 'false', 'true']) {
      const reply = await succeed(here, project, route(member_id, include))
      assert.deepEqual([reply.member, reply.member_id], [member, member_id])
      assert.equal(reply.organization.organization_id, organization.organization_id)
    }
    await succeed(here, project, `DELETE ${members}/${member_id}`)
    await refuse(here, project, route(member_id), undefined, 404, 'member_not_found')
    await refuse(here, project, route(member_id, 'false'), undefined, 404, 'member_not_found')
    assert.equal((await succeed(here, project, route(member_id, 'true'))).member.status, 'deleted')
    await refuse(here, project, route(member_id, 'perhaps'), undefined, 400, 'bad_request')
  })

  test('takes ids only, of this environment only', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization, { external_id: 'ada' })
    await refuse(here, project, route('ada'), undefined, 400, 'invalid_id')
    await refuse(here, project, route(`member-test-${randomUUID()}`), undefined, 404, 'member_not_found')
    await refuse(
      here,
      project,
      route(`member-live-${randomUUID()}`),
      undefined,
      400,
      'live_id_used_in_test_environment',
    )
    await refuse(here, await here.project('B2B'), route(member_id, 'true'), undefined, 404, 'member_not_found')
  })
})
