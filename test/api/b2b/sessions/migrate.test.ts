/** POST /v1/b2b/sessions/migrate, against a UserInfo endpoint on loopback. What it may answer is tested with the consumer operation. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { updateEnvironment } from '../../../../src/domain/projects/environment.ts'
import { HOUR } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { give, memberIn, stored } from '../../../support/members.ts'
import { newOrganization } from '../../../support/organizations.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/b2b/sessions/migrate'
const email_address = 'ada@example.com'

onBothEngines('sessions.migrate of members', (engine) => {
  let claims: unknown = {}
  let asked: IncomingMessage | undefined
  const server = createServer((request, response) => {
    asked = request
    response.setHeader('content-type', 'application/json').end(JSON.stringify(claims))
  })
  const listening = new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  async function scene(on: Engine, settings: object = {}) {
    const here = await world(on)
    const project = await here.project('B2B')
    await updateEnvironment(here.app, project.id, { zero_downtime_session_migration_url: `${await listening}/me` })
    const organization = await newOrganization(here, project, { organization_external_id: 'acme', ...settings })
    const member = await memberIn(here, project, organization, { email_address })
    claims = { email: email_address }
    asked = undefined
    const body = { session_token: 'external-token', organization_id: organization.organization_id as string }
    const no = (fields: object, status: number, error_type: string) =>
      refuse(here, project, route, { ...body, ...fields }, status, error_type)
    const sessions = async () => {
      const query = `organization_id=${organization.organization_id}&member_id=${member.member_id}`
      return (await succeed(here, project, `GET /v1/b2b/sessions?${query}`)).member_sessions.length
    }
    return { here, project, organization, member, body, no, sessions }
  }

  test('signs in the member of that organization with the imported factor, for an hour, whatever the settings', async () => {
    const settings = { auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'], mfa_policy: 'REQUIRED_FOR_ALL' }
    const { here, project, organization, member, body } = await scene(engine, settings)
    claims = { email: ' Ada@Example.com ' }
    for (const organization_id of [organization.organization_id, organization.organization_slug, 'acme']) {
      const fields = { ...body, organization_id, session_custom_claims: { plan: 'pro' } }
      const reply = await succeed(here, project, route, fields)
      assert.equal(reply.member_id, member.member_id)
      assert.equal(reply.organization.organization_id, organization.organization_id)
      const { member_session } = reply
      assert.deepEqual(
        member_session.authentication_factors.map(({ type }: { type: string }) => type),
        ['imported'],
      )
      assert.equal(Date.parse(member_session.expires_at) - Date.parse(member_session.started_at), HOUR)
      assert.deepEqual(member_session.custom_claims, { plan: 'pro' })
      const { session_jwt } = reply
      await succeed(here, project, 'POST /v1/b2b/sessions/authenticate', { session_jwt })
    }
    assert.equal(asked?.headers.authorization, 'Bearer external-token')
  })

  test('an invited member becomes active only when the provider has verified the address', async () => {
    const { here, project, member, body } = await scene(engine)
    await give(here, project, member.member_id, { status: 'invited', email_address_verified: false })
    assert.equal((await succeed(here, project, route, body)).member.status, 'invited')
    claims = { email: email_address, email_verified: true }
    const reply = await succeed(here, project, route, body)
    assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['active', true])
    assert.equal((await stored(here, project, member.member_id)).status, 'active')
  })

  test('never creates anybody, and finds nobody in another organization or by a retired address', async () => {
    const { here, project, member, no } = await scene(engine)
    const other = await newOrganization(here, project)
    await no({ organization_id: other.organization_id }, 404, 'migrate_from_external_email_does_not_exist')
    claims = { email: 'nobody@example.com' }
    await no({}, 404, 'migrate_from_external_email_does_not_exist')
    claims = { email: email_address }
    await give(here, project, member.member_id, {
      email_address: 'new@example.com',
      retired_email_addresses: [{ email_id: member.email_id, email_address }],
    })
    await no({}, 404, 'migrate_from_external_email_does_not_exist')
  })

  test('refuses bad fields and unknown organizations before the endpoint is asked', async () => {
    const { here, no, sessions } = await scene(engine)
    const stranger = await here.project('B2B')
    const foreign = await newOrganization(here, stranger)
    await no({ session_token: undefined }, 400, 'bad_request')
    await no({ session_token: '' }, 400, 'bad_request')
    await no({ organization_id: undefined }, 400, 'bad_request')
    await no({ organization_id: 'nobody' }, 404, 'organization_not_found')
    await no({ organization_id: foreign.organization_id }, 404, 'organization_not_found')
    await no({ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes')
    await no({ session_custom_claims: { a: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large')
    assert.equal(asked, undefined)
    assert.equal(await sessions(), 0)
  })

  test('refuses an address that the provider does not vouch for, no endpoint, and a locked member', async () => {
    const { here, project, member, no, sessions } = await scene(engine)
    claims = { email: email_address, email_verified: false }
    await no({}, 400, 'migrate_from_external_unexpected_response')
    claims = { email: email_address }
    const now = here.clock.now()
    await give(here, project, member.member_id, { lock_created_at: now, lock_expires_at: now + HOUR })
    await no({}, 429, 'user_lock_limit_reached')
    await updateEnvironment(here.app, project.id, { zero_downtime_session_migration_url: '' })
    await no({}, 400, 'migrate_from_external_missing_userinfo')
    assert.equal(await sessions(), 0)
  })
})
