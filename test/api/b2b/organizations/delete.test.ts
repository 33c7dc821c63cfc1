/** DELETE /v1/b2b/organizations/{organization_id}: everything in the organization goes, and nothing else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMember } from '../../../../src/domain/members/member.ts'
import { selectMember } from '../../../../src/domain/members/table.ts'
import { getOrganization } from '../../../../src/domain/organizations/reference.ts'
import { createTotp, findTotp } from '../../../../src/domain/proofs/totp/totp.ts'
import { listSessions } from '../../../../src/domain/sessions/session.ts'
import { findOwner } from '../../../../src/store/identifiers.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import {
  actingWith,
  addMember,
  countOrganizations,
  environmentOf,
  newOrganization,
} from '../../../support/organizations.ts'
import { startSession } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const remove = (reference: string) => `DELETE /v1/b2b/organizations/${encodeURIComponent(reference)}`

onBothEngines('organizations.delete', (engine) => {
  test('deletes the organization for good; slug, external id and domains are free again', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const settings = {
      organization_slug: 'acme',
      organization_external_id: 'crm|7',
      claimed_email_domains: ['acme.com'],
      email_allowed_domains: ['acme.com'],
    }
    for (const by of ['organization_id', 'organization_slug', 'organization_external_id']) {
      const organization = await newOrganization(here, project, settings)
      const reply = await succeed(here, project, remove(organization[by]), {})
      assert.equal(reply.organization_id, organization.organization_id)
      for (const reference of [organization.organization_id, 'acme', 'crm|7']) {
        await refuse(here, project, remove(reference), undefined, 404, 'organization_not_found')
      }
      const operands = [{ filter_name: 'allowed_domains', filter_value: ['acme.com'] }]
      const query = { operator: 'AND', operands }
      const { organizations } = await succeed(here, project, 'POST /v1/b2b/organizations/search', { query })
      assert.deepEqual(organizations, [])
    }
    assert.equal(await countOrganizations(here, project), 0)
  })

  test('members go with everything they had; those of other organizations stay', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const environment = await environmentOf(here, project)
    const [doomed, kept] = [await newOrganization(here, project), await newOrganization(here, project)]
    const members = [
      await addMember(here, project, doomed, { email_address: 'ada@example.com' }),
      await addMember(here, project, doomed, { status: 'deleted' }),
    ]
    const survivor = await addMember(here, project, kept, { email_address: 'ada@example.com' })
    for (const { member_id } of [...members, survivor]) {
      await startSession(here, project, member_id)
      await createTotp(here.app, environment, member_id, { id_prefix: 'member-totp', minutes: 60 })
    }
    await succeed(here, project, remove(doomed.organization_id))
    for (const { member_id } of members) {
      assert.equal(await selectMember(here.app.store, project.id, member_id), undefined)
      assert.deepEqual(await listSessions(here.app, environment, member_id), [])
      assert.equal(await findTotp(here.app, environment, member_id), undefined)
    }
    const address = { kind: 'email', value: 'ada@example.com' }
    const holder = ({ organization_id }: { organization_id: string }) =>
      findOwner(here.app.store, project.id, { scope: organization_id, ...address })
    assert.deepEqual([await holder(doomed), await holder(kept)], [undefined, survivor.member_id])
    assert.equal((await listSessions(here.app, environment, survivor.member_id)).length, 1)
    assert.ok(await findTotp(here.app, environment, survivor.member_id))
    const { member_count } = await succeed(here, project, `GET /v1/b2b/organizations/${kept.organization_id}/metrics`)
    assert.equal(member_count, 1)
  })

  test('an organization of another project stays', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project('B2B'), await here.project('B2B')]
    const { organization_id } = await newOrganization(here, project, { organization_slug: 'acme' })
    for (const reference of [organization_id, 'acme']) {
      await refuse(here, other, remove(reference), undefined, 404, 'organization_not_found')
    }
    await refuse(here, other, remove('organization-test-7'), undefined, 400, 'invalid_organization_id')
    assert.equal(await countOrganizations(here, project), 1)
  })

  test('of 100 calls at once exactly one deletes', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const { organization_id } = await newOrganization(here, project)
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, remove(organization_id))))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [200, ...Array(99).fill(404)])
  })

  test('nobody joins an organization while it is being deleted', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const environment = await environmentOf(here, project)
    const { organization_id } = await newOrganization(here, project)
    const organization = await getOrganization(here.app, environment, organization_id)
    const join = (index: number) =>
      createMember(here.app, environment, organization, { email_address: `m${index}@example.com`, status: 'active' })
    const joined = Promise.allSettled(Array.from({ length: 20 }, (_, index) => join(index)))
    await succeed(here, project, remove(organization_id))
    for (const outcome of await joined) {
      if (outcome.status === 'rejected') assert.equal(outcome.reason.error_type, 'organization_not_found')
    }
    await assert.rejects(join(20), { error_type: 'organization_not_found' })
    const { metrics } = await succeed(here, project, 'GET /v1/projects/metrics')
    assert.deepEqual(metrics[2], { metric_type: 'MEMBER_COUNT', count: 0 })
  })

  test('members need to hold the action, and reach their own organization only', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const [organization, other] = [await newOrganization(here, project), await newOrganization(here, project)]
    const acting = async (...assigned_roles: string[]) => {
      const { member_id } = await addMember(here, project, organization, { assigned_roles })
      return actingWith(here, await startSession(here, project, member_id))
    }
    const route = remove(organization.organization_id)
    const admin = await acting('stytch_admin')
    await refuse(await acting(), project, route, undefined, 403, 'session_authorization_error')
    await refuse(await acting(), project, `${route}/external_id`, undefined, 403, 'session_authorization_error')
    await succeed(admin, project, `${route}/external_id`)
    const foreign = remove(other.organization_id)
    await refuse(admin, project, foreign, undefined, 403, 'session_authorization_tenancy_error')
    await succeed(admin, project, route)
    await refuse(admin, project, route, undefined, 404, 'session_not_found')
    assert.equal(await countOrganizations(here, project), 1)
  })
})
