/** POST /v1/b2b/sessions/authenticate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJwt } from 'jose'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { deleteMember } from '../../../../src/domain/members/removal.ts'
import { changeOrganization } from '../../../../src/domain/organizations/organization.ts'
import { removeOrganization } from '../../../../src/domain/organizations/removal.ts'
import { HOUR, MINUTE, SECOND } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { give, memberIn, memberSession, stored } from '../../../support/members.ts'
import { environmentOf, newOrganization, setB2bPolicy } from '../../../support/organizations.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/b2b/sessions/authenticate'
const organizationClaim = 'https://stytch.com/organization'

async function scene(engine: Engine, settings: object = {}) {
  const here = await world(engine)
  const project = await here.project('B2B')
  const organization = await newOrganization(here, project, settings)
  const member = await memberIn(here, project, organization)
  const started = await memberSession(here, project, organization, member)
  const { organization_id } = organization
  const { member_id } = member
  const sessions = async () => {
    const query = `organization_id=${organization_id}&member_id=${member_id}`
    return (await succeed(here, project, `GET /v1/b2b/sessions?${query}`)).member_sessions
  }
  const { session_token, session_jwt } = started
  return { here, project, organization, organization_id, member_id, started, session_token, session_jwt, sessions }
}

onBothEngines('sessions.authenticate of members', (engine) => {
  test('by token and by JWT: answers session, member, organization, the same token and a JWT', async () => {
    const { here, project, organization, started, session_token, session_jwt } = await scene(engine)
    for (const body of [{ session_token }, { session_jwt }]) {
      const reply = await succeed(here, project, route, body)
      assert.deepEqual(reply.member_session, started.member_session)
      assert.deepEqual(reply.member, started.member)
      assert.deepEqual(reply.organization, organization)
      assert.equal(reply.session_token, session_token)
      assert.equal(reply.verdict, undefined)
      assert.equal('member_device' in reply, false)
    }
    const [factor] = started.member_session?.authentication_factors ?? []
    assert.equal(factor?.sequence_order, 'PRIMARY')
  })

  test('the JWT names the organization, and nothing that clients would take for a custom claim', async () => {
    const { here, project, organization, member_id, session_token } = await scene(engine)
    const reply = await succeed(here, project, route, { session_token, session_custom_claims: { plan: 'pro' } })
    const claims = decodeJwt<Record<string, unknown>>(reply.session_jwt)
    const names = ['aud', 'exp', 'https://stytch.com/organization', 'https://stytch.com/session', 'iat', 'iss', 'nbf']
    assert.deepEqual(Object.keys(claims).sort(), [...names, 'plan', 'sub'])
    assert.deepEqual(claims[organizationClaim], {
      organization_id: organization.organization_id,
      slug: organization.organization_slug,
    })
    assert.equal(claims.sub, member_id)
    assert.equal(claims.exp, Number(claims.iat) + 300)
  })

  test('by a JWT that has expired while the session lives: answers a new one, and notes the access', async () => {
    const { here, project, session_jwt } = await scene(engine)
    here.clock.advance(10 * MINUTE)
    const reply = await succeed(here, project, route, { session_jwt })
    assert.notEqual(reply.session_jwt, session_jwt)
    assert.equal(Date.parse(reply.member_session.last_accessed_at), Math.floor(here.clock.now() / SECOND) * SECOND)
  })

  test('extends only with a duration, which may also shorten; claims merge with and without one', async () => {
    const { here, project, started, session_token } = await scene(engine)
    here.clock.advance(MINUTE)
    const body = { session_token, session_custom_claims: { plan: 'pro', seats: { used: 1 } } }
    const merged = await succeed(here, project, route, body)
    assert.equal(merged.member_session.expires_at, started.member_session?.expires_at)
    assert.deepEqual(merged.member_session.custom_claims, { plan: 'pro', seats: { used: 1 } })
    const change = { plan: null, seats: { max: 5 } }
    const longer = await succeed(here, project, route, {
      session_token,
      session_duration_minutes: 120,
      session_custom_claims: change,
    })
    assert.equal(Date.parse(longer.member_session.expires_at), Math.floor((here.clock.now() + 2 * HOUR) / 1000) * 1000)
    assert.deepEqual(longer.member_session.custom_claims, { seats: { used: 1, max: 5 } })
    const shorter = await succeed(here, project, route, { session_token, session_duration_minutes: 5 })
    assert.ok(shorter.member_session.expires_at < longer.member_session.expires_at)
    assert.equal(shorter.member_session.member_session_id, started.member_session?.member_session_id)
  })

  test('roles are those of this moment: the project’s, the organization’s, and by a verified address', async () => {
    const { here, project, organization, member_id, session_token } = await scene(engine)
    const role = (role_id: string) => ({ role_id, description: '', permissions: [] })
    await setB2bPolicy(here, project, { custom_roles: [role('editor'), role('guest')] })
    const environment = await environmentOf(here, project)
    await changeOrganization(here.app, environment, organization.organization_id, (_, current) => ({
      ...current,
      custom_roles: [role('local')],
      settings: {
        ...current.settings,
        rbac_email_implicit_role_assignments: [{ domain: 'example.com', role_id: 'guest' }],
      },
    }))
    await give(here, project, member_id, { assigned_roles: ['editor', 'local', 'gone'] })
    const { member_session } = await succeed(here, project, route, { session_token })
    assert.deepEqual(member_session.roles, ['stytch_member', 'editor', 'local', 'guest'])
    await setB2bPolicy(here, project, { custom_roles: [role('guest')] })
    await give(here, project, member_id, { email_address_verified: false })
    const later = await succeed(here, project, route, { session_token })
    assert.deepEqual(later.member_session.roles, ['stytch_member', 'local'])
    const inside = decodeJwt<Record<string, { roles: string[] }>>(later.session_jwt)['https://stytch.com/session']
    assert.deepEqual(inside?.roles, ['stytch_member', 'local'])
  })

  test('a passed check tells every role that grants it, in the organization by id, slug or external id', async () => {
    const { here, project, organization, member_id, session_token } = await scene(engine, {
      organization_slug: 'Acme-Inc',
      organization_external_id: 'ext|1',
    })
    const grant = (role_id: string, ...actions: string[]) => ({
      role_id,
      description: '',
      permissions: [{ resource_id: 'documents', actions }],
    })
    await setB2bPolicy(here, project, {
      custom_resources: [{ resource_id: 'documents', description: '', available_actions: ['read', 'write'] }],
      custom_roles: [grant('reader', 'read'), grant('owner', '*')],
    })
    const environment = await environmentOf(here, project)
    await changeOrganization(here.app, environment, organization.organization_id, (_, current) => ({
      ...current,
      custom_roles: [grant('local_reader', 'read')],
    }))
    await give(here, project, member_id, { assigned_roles: ['owner', 'local_reader'] })
    const check = (organization_id: string, action: string, resource_id = 'documents') => ({
      session_token,
      authorization_check: { organization_id, resource_id, action },
    })
    for (const name of [organization.organization_id, 'acme-inc', 'Acme-Inc', 'ext|1']) {
      const { verdict } = await succeed(here, project, route, check(name, 'read'))
      assert.deepEqual(verdict, { authorized: true, granting_roles: ['owner', 'local_reader'] })
    }
    const { verdict } = await succeed(here, project, route, check('acme-inc', 'write'))
    assert.deepEqual(verdict, { authorized: true, granting_roles: ['owner'] })
    const self = await succeed(here, project, route, check('acme-inc', 'update.info.name', 'stytch.self'))
    assert.deepEqual(self.verdict.granting_roles, ['stytch_member'])
    for (const [action, resource] of [
      ['update.info.name', 'stytch.member'],
      ['read', 'elsewhere'],
      ['read', '*'],
      ['', 'stytch.self'],
    ] as const) {
      const body = check('acme-inc', action, resource)
      await refuse(here, project, route, body, 403, 'session_authorization_error')
    }
    await refuse(here, project, route, check('acme-inc', 'read', ''), 400, 'empty_rbac_resource_id')
  })

  test('a check in another organization is refused, and an unknown one likewise; nothing changes', async () => {
    const { here, project, organization_id, started, session_token, sessions } = await scene(engine)
    const other = await newOrganization(here, project, { organization_external_id: 'other' })
    here.clock.advance(MINUTE)
    const act = { resource_id: 'stytch.self', action: 'update.info.name' }
    const change = { session_token, session_duration_minutes: 600, session_custom_claims: { a: 1 } }
    const refuseCheck = (check: object, status: number, error_type: string) =>
      refuse(here, project, route, { ...change, authorization_check: check }, status, error_type)
    for (const name of [other.organization_id, other.organization_slug, 'other', 'nobody']) {
      await refuseCheck({ organization_id: name, ...act }, 403, 'session_authorization_tenancy_error')
    }
    await refuseCheck({ organization_id: '', ...act }, 400, 'invalid_organization_id')
    await refuseCheck({ organization_id, ...act, action: 'delete.all' }, 403, 'session_authorization_error')
    await refuseCheck({ organization_id, resource_id: 'x' }, 400, 'bad_request')
    await refuseCheck(act, 400, 'bad_request')
    assert.deepEqual(await sessions(), [started.member_session])
  })

  test('a slug in another case that is the external id of another organization names the other one', async () => {
    const { here, project, session_token } = await scene(engine, { organization_slug: 'twofold' })
    const check = { organization_id: 'TwoFold', resource_id: 'stytch.self', action: 'update.info.name' }
    const body = { session_token, authorization_check: check }
    await succeed(here, project, route, body)
    await newOrganization(here, project, { organization_external_id: 'TwoFold' })
    await refuse(here, project, route, body, 403, 'session_authorization_tenancy_error')
  })

  test('exactly one of token and JWT, and good ones', async () => {
    const { here, project, session_token, session_jwt, started, sessions } = await scene(engine)
    const cases: [object, number, string][] = [
      [{}, 400, 'no_session_arguments'],
      [{ session_token: '', session_jwt: null }, 400, 'no_session_arguments'],
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_token, session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ session_token, session_duration_minutes: 527_041 }, 400, 'invalid_session_duration_minutes'],
      [{ session_token, session_custom_claims: { a: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
      [{ session_token, session_custom_claims: { 'https://stytch.com/x': 1 } }, 400, 'stytch_claims_in_custom_claims'],
      [{ session_token, session_custom_claims: [] }, 400, 'bad_request'],
    ]
    for (const [body, status, error_type] of cases) await refuse(here, project, route, body, status, error_type)
    assert.deepEqual(await sessions(), [started.member_session])
  })

  test('expired, revoked, and of a member or organization that was deleted: gone, by token and by JWT', async () => {
    const ends: ((one: Awaited<ReturnType<typeof scene>>) => Promise<unknown> | unknown)[] = [
      ({ here }) => here.clock.advance(61 * MINUTE),
      ({ here, project, session_token }) => succeed(here, project, 'POST /v1/b2b/sessions/revoke', { session_token }),
      async ({ here, project, member_id }) =>
        deleteMember(here.app, await environmentOf(here, project), await stored(here, project, member_id)),
      async ({ here, project, organization_id }) =>
        removeOrganization(here.app, await environmentOf(here, project), organization_id),
    ]
    for (const end of ends) {
      const one = await scene(engine)
      await end(one)
      const { here, project, session_token, session_jwt } = one
      for (const body of [{ session_token }, { session_jwt }, { session_token, session_duration_minutes: 60 }]) {
        await refuse(here, project, route, body, 404, 'session_not_found')
      }
    }
  })

  test('a session of another project is unknown, and so are its JWTs', async () => {
    const { here, session_token, session_jwt } = await scene(engine)
    const stranger = await here.project('B2B')
    await refuse(here, stranger, route, { session_token }, 404, 'session_not_found')
    await refuse(here, stranger, route, { session_jwt }, 400, 'unable_to_parse_session_jwt')
  })

  test('projects of the other kind are refused on both sides', async () => {
    const { here, project, session_token } = await scene(engine)
    const consumer = await here.project()
    await refuse(here, consumer, route, { session_token }, 400, 'invalid_b2b_endpoint')
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 400, 'invalid_consumer_endpoint')
  })

  test('a locked member keeps the session', async () => {
    const { here, project, member_id, session_token } = await scene(engine)
    const now = here.clock.now()
    await give(here, project, member_id, { lock_created_at: now, lock_expires_at: now + HOUR })
    const { member } = await succeed(here, project, route, { session_token })
    assert.equal(member.is_locked, true)
  })

  test('an impersonated session is not extended', async () => {
    const { here, project, started, session_token } = await scene(engine)
    await here.app.store.write
      .updateTable('sessions')
      .set({
        authentication_factors: JSON.stringify([
          {
            type: 'impersonated',
            delivery_method: 'impersonation',
            impersonated_factor: { impersonator_id: 'x', impersonator_email_address: 'x@example.com' },
          },
        ]),
      })
      .where('session_id', '=', started.member_session?.member_session_id ?? '')
      .execute()
    const body = { session_token, session_duration_minutes: 60 }
    await refuse(here, project, route, body, 400, 'session_not_mutable')
    await succeed(here, project, route, { session_token })
  })

  test('claims merged by many calls at once are all there', async () => {
    const { here, project, session_token, sessions } = await scene(engine)
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        call(here, project, route, { session_token, session_custom_claims: { [`claim_${index}`]: index } }),
      ),
    )
    assert.ok(replies.every(({ status }) => status === 200))
    const [{ custom_claims }] = await sessions()
    assert.equal(Object.keys(custom_claims).length, 20)
  })
})
