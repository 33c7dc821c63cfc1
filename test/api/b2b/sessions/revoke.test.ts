/** POST /v1/b2b/sessions/revoke. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { deleteMember } from '../../../../src/domain/members/removal.ts'
import { MINUTE } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { memberIn, memberSession } from '../../../support/members.ts'
import { environmentOf, newOrganization } from '../../../support/organizations.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/b2b/sessions/revoke'

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project('B2B')
  const organization = await newOrganization(here, project)
  const member = await memberIn(here, project, organization, { external_id: 'ada' })
  const start = () => memberSession(here, project, organization, member)
  const alive = async ({ member_id } = member) => {
    const query = `organization_id=${organization.organization_id}&member_id=${member_id}`
    return (await succeed(here, project, `GET /v1/b2b/sessions?${query}`)).member_sessions.length
  }
  return { here, project, organization, member, start, alive }
}

onBothEngines('sessions.revoke of members', (engine) => {
  test('ends a session by id, by token and by JWT, even one past its expiry, and no other one', async () => {
    const { here, project, start, alive } = await scene(engine)
    await start()
    for (const selector of ['member_session_id', 'session_token', 'session_jwt', 'expired session_jwt']) {
      const started = await start()
      const { session_token, session_jwt } = started
      const member_session_id = started.member_session?.member_session_id
      const values: Record<string, unknown> = { member_session_id, session_token, session_jwt }
      if (selector.startsWith('expired')) here.clock.advance(6 * MINUTE)
      const name = selector.replace('expired ', '')
      assert.equal(await alive(), 2)
      const reply = await succeed(here, project, route, { [name]: values[name] })
      assert.deepEqual(Object.keys(reply).sort(), ['request_id', 'status_code'])
      assert.equal(await alive(), 1, selector)
      await refuse(
        here,
        project,
        'POST /v1/b2b/sessions/authenticate',
        { session_token: started.session_token },
        404,
        'session_not_found',
      )
    }
  })

  test('by member id it ends all sessions of that member and of nobody else; again is no error', async () => {
    const { here, project, organization, member, start, alive } = await scene(engine)
    const colleague = await memberIn(here, project, organization)
    await memberSession(here, project, organization, colleague)
    for (let count = 0; count < 3; count++) await start()
    for (let again = 0; again < 2; again++) {
      await succeed(here, project, route, { member_id: member.member_id })
      assert.deepEqual([await alive(), await alive(colleague)], [0, 1])
    }
  })

  test('revoking again is no error, nor is revoking an expired session that is still known', async () => {
    const { here, project, start } = await scene(engine)
    const { session_token } = await start()
    await succeed(here, project, route, { session_token })
    await succeed(here, project, route, { session_token })
    const expired = await start()
    here.clock.advance(61 * MINUTE)
    await succeed(here, project, route, { session_token: expired.session_token })
  })

  test('refuses none and several selectors, and ends nothing', async () => {
    const { here, project, member, start, alive } = await scene(engine)
    const { session_token, session_jwt } = await start()
    const { member_id } = member
    const none = await refuse(here, project, route, {}, 400, 'no_session_revoke_arguments')
    assert.match(none.error_message, /member_session_id/)
    await refuse(here, project, route, { member_id: '', session_jwt: null }, 400, 'no_session_revoke_arguments')
    for (const several of [
      { member_id, session_token },
      { session_token, session_jwt },
      { member_session_id: 'x', member_id },
      { member_session_id: 'x', member_id, session_token, session_jwt },
    ]) {
      await refuse(here, project, route, several, 400, 'too_many_session_revoke_arguments')
    }
    assert.equal(await alive(), 1)
  })

  test('refuses malformed, unknown, foreign and other-environment selectors', async () => {
    const { here, project, member, start, alive } = await scene(engine)
    const { session_token, session_jwt, member_session } = await start()
    const stranger = await here.project('B2B')
    const cases: [Record<string, unknown>, number, string][] = [
      [{ member_session_id: 'session-test-7' }, 400, 'invalid_session_id'],
      [{ member_session_id: `session-live-${randomUUID()}` }, 400, 'live_id_used_in_test_environment'],
      [{ member_session_id: `session-test-${randomUUID()}` }, 404, 'session_not_found'],
      [{ member_session_id: member_session?.member_session_id }, 404, 'session_not_found'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_token }, 404, 'session_not_found'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_jwt }, 400, 'unable_to_parse_session_jwt'],
      [{ member_id: `member-test-${randomUUID()}` }, 404, 'member_not_found'],
      [{ member_id: `member-live-${randomUUID()}` }, 400, 'live_id_used_in_test_environment'],
      [{ member_id: member.member_id }, 404, 'member_not_found'],
    ]
    for (const [body, status, error_type] of cases) await refuse(here, stranger, route, body, status, error_type)
    await refuse(here, project, route, { member_id: 'ada' }, 400, 'invalid_id')
    assert.equal(await alive(), 1)
    await deleteMember(here.app, await environmentOf(here, project), member)
    await refuse(here, project, route, { member_id: member.member_id }, 404, 'member_not_found')
  })
})

onBothEngines('sessions.revoke as a member', (engine) => {
  /** Calls with the session of a member beside the credentials of the backend. */
  async function as(one: Awaited<ReturnType<typeof scene>>, session: string, body: object) {
    const { here, project } = one
    const response = await here.server.inject({
      method: 'POST',
      url: route.split(' ')[1] as string,
      headers: {
        authorization: `Basic ${Buffer.from(`${project.id}:${project.secret}`).toString('base64')}`,
        'x-stytch-member-session': session,
      },
      payload: body,
    })
    return [response.statusCode, response.json().error_type]
  }

  test('members end their own sessions, administrators those of others, and nobody those of another organization', async () => {
    const one = await scene(engine)
    const { here, project, organization, member, start, alive } = one
    const colleague = await memberIn(here, project, organization)
    const admin = await memberIn(here, project, organization, { roles: ['stytch_admin'] })
    const theirs = await memberSession(here, project, organization, colleague)
    const acting = await memberSession(here, project, organization, admin)
    const elsewhere = await newOrganization(here, project)
    const outsider = await memberIn(here, project, elsewhere, { roles: ['stytch_admin'] })
    const outside = await memberSession(here, project, elsewhere, outsider)

    const mine = await start()
    const denied = [403, 'session_authorization_error']
    const foreign = [403, 'session_authorization_tenancy_error']
    const { session_token } = theirs
    const member_session_id = theirs.member_session?.member_session_id
    for (const body of [{ session_token }, { member_session_id }, { member_id: colleague.member_id }]) {
      assert.deepEqual(await as(one, mine.session_token, body), denied)
      assert.deepEqual(await as(one, outside.session_token, body), foreign)
    }
    assert.equal(await alive(colleague), 1)
    assert.deepEqual(await as(one, acting.session_token, { session_token }), [200, undefined])
    assert.equal(await alive(colleague), 0)
    assert.deepEqual(await as(one, mine.session_token, { member_id: member.member_id }), [200, undefined])
    assert.equal(await alive(), 0)
    assert.deepEqual(await as(one, mine.session_token, { member_id: member.member_id }), [404, 'session_not_found'])
  })
})
