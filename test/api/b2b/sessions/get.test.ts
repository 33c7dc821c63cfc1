/** GET /v1/b2b/sessions. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { deleteMember } from '../../../../src/domain/members/removal.ts'
import { MINUTE } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { memberIn, memberSession } from '../../../support/members.ts'
import { environmentOf, newOrganization } from '../../../support/organizations.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const path = (organization_id: string, member_id: string) =>
  `GET /v1/b2b/sessions?${new URLSearchParams({ organization_id, member_id })}`

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project('B2B')
  const organization = await newOrganization(here, project, { organization_external_id: 'org|1' })
  const member = await memberIn(here, project, organization, { external_id: 'member|1' })
  return { here, project, organization, member, organization_id: organization.organization_id as string }
}

onBothEngines('sessions.get of members', (engine) => {
  test('lists the living sessions, newest first, by any name, without tokens and without touching them', async () => {
    const { here, project, organization, organization_id, member } = await scene(engine)
    const first = await memberSession(here, project, organization, member)
    here.clock.advance(MINUTE)
    const second = await memberSession(here, project, organization, member)
    const revoked = await memberSession(here, project, organization, member)
    await succeed(here, project, 'POST /v1/b2b/sessions/revoke', { session_token: revoked.session_token })
    for (const organizationName of [organization_id, organization.organization_slug, 'org|1']) {
      for (const memberName of [member.member_id, 'member|1']) {
        here.clock.advance(MINUTE)
        const { member_sessions } = await succeed(here, project, path(organizationName, memberName))
        assert.deepEqual(member_sessions, [second.member_session, first.member_session])
      }
    }
    here.clock.advance(60 * MINUTE)
    assert.deepEqual((await succeed(here, project, path(organization_id, 'member|1'))).member_sessions, [])
  })

  test('both names are needed', async () => {
    const { here, project, organization_id } = await scene(engine)
    const only = `GET /v1/b2b/sessions?organization_id=${organization_id}`
    assert.match((await refuse(here, project, only, undefined, 400, 'bad_request')).error_message, /member_id/)
    const other = 'GET /v1/b2b/sessions?member_id=x'
    assert.match((await refuse(here, project, other, undefined, 400, 'bad_request')).error_message, /organization_id/)
  })

  test('unknown, malformed, deleted and foreign names are refused', async () => {
    const { here, project, organization_id, member } = await scene(engine)
    const { member_id } = member
    const elsewhere = await newOrganization(here, project)
    const stranger = await here.project('B2B')
    const no = (organization: string, name: string, status: number, error_type: string, caller = project) =>
      refuse(here, caller, path(organization, name), undefined, status, error_type)
    await no('nobody', member_id, 404, 'organization_not_found')
    await no('a b', member_id, 400, 'invalid_organization_id')
    await no(organization_id, `member-test-${randomUUID()}`, 404, 'member_not_found')
    await no(organization_id, 'member-test-7', 400, 'invalid_id')
    await no(organization_id, `member-live-${randomUUID()}`, 400, 'live_id_used_in_test_environment')
    await no(elsewhere.organization_id, member_id, 404, 'member_not_found')
    await no(elsewhere.organization_id, 'member|1', 404, 'member_not_found')
    await no(organization_id, member_id, 404, 'organization_not_found', stranger)
    await deleteMember(here.app, await environmentOf(here, project), member)
    await no(organization_id, member_id, 404, 'member_not_found')
    await no(organization_id, 'member|1', 404, 'member_not_found')
  })
})
