/** GET /v1/b2b/recovery_codes/{organization_id}/{member_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteTotp } from '../../../../src/domain/members/factors.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { memberIn } from '../../../support/members.ts'
import { environmentOf, newOrganization } from '../../../support/organizations.ts'
import { memberScene } from '../../../support/second_factor.ts'
import { onBothEngines } from '../../../support/world.ts'

const path = (organization_id: string, member_id: string) =>
  `GET /v1/b2b/recovery_codes/${organization_id}/${encodeURIComponent(member_id)}`
const none = [404, 'recovery_codes_not_found'] as const

onBothEngines('recoveryCodes.get', (engine) => {
  test('shows the codes that have not been used, by ids of every kind', async () => {
    const { here, project, member, organization, enrol } = await memberScene(engine, {
      settings: { organization_slug: 'acme' },
      given: { external_id: 'hr|9' },
    })
    const { recovery_codes } = await enrol()
    for (const route of [path(organization.organization_id, member.member_id), path('acme', 'hr|9')]) {
      const reply = await succeed(here, project, route)
      assert.deepEqual(reply.recovery_codes, recovery_codes)
      assert.deepEqual([reply.member_id, reply.member.member_id], [member.member_id, member.member_id])
      assert.equal(reply.organization.organization_id, organization.organization_id)
    }
  })

  test('refuses a member who has none: without an app, with one that has expired, or was deleted', async () => {
    const { here, project, named, enrol, now } = await memberScene(engine)
    const route = path(named.organization_id, named.member_id)
    await refuse(here, project, route, undefined, ...none)
    await enrol({ expiration_minutes: 5 })
    here.clock.advance(5 * 60_000)
    await refuse(here, project, route, undefined, ...none)
    await enrol()
    await succeed(here, project, route)
    await deleteTotp(here.app, await environmentOf(here, project), await now())
    await refuse(here, project, route, undefined, ...none)
  })

  test('refuses organizations and members that there are not', async () => {
    const { here, project, named } = await memberScene(engine)
    const elsewhere = await newOrganization(here, project)
    const stranger = await memberIn(here, project, elsewhere)
    const { organization_id } = named
    await refuse(here, project, path(organization_id, 'nobody'), undefined, 404, 'member_not_found')
    await refuse(here, project, path(organization_id, stranger.member_id), undefined, 404, 'member_not_found')
    await refuse(here, project, path('nowhere', named.member_id), undefined, 404, 'organization_not_found')
    await refuse(
      here,
      await here.project(),
      path(organization_id, named.member_id),
      undefined,
      400,
      'invalid_b2b_endpoint',
    )
  })
})
