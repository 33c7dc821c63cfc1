/** The audit trail: written with what it tells of, or not at all. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventRow } from '../../../src/domain/events/table.ts'
import { refuse, succeed } from '../../support/call.ts'
import { startSession, trustIssuer } from '../../support/issuer.ts'
import { onBothEngines, type TestProject, type World, world } from '../../support/world.ts'

async function eventsOf({ app }: World, project: TestProject): Promise<EventRow[]> {
  return app.store.read
    .selectFrom('events')
    .selectAll()
    .where('project_id', '=', project.id)
    .orderBy('created_at')
    .execute() as Promise<EventRow[]>
}

onBothEngines('audit events', (engine) => {
  test('tell what happened to whom in which request', async () => {
    const here = await world(engine)
    const project = await here.project()
    const issuer = await trustIssuer(here, project)
    const known = new Set((await eventsOf(here, project)).map(({ event_id }) => event_id))
    const { user_id, session, session_token, request_id } = await startSession(here, project, issuer)
    here.clock.advance(1)
    const revoked = await succeed(here, project, 'POST /v1/sessions/revoke', { session_token })
    here.clock.advance(1)
    const deleted = await succeed(here, project, `DELETE /v1/users/${user_id}`)
    const events = (await eventsOf(here, project)).filter(({ event_id }) => !known.has(event_id))
    assert.deepEqual(
      new Set(events.map(({ type, subject_id, request_id }) => `${type} ${subject_id} ${request_id}`)),
      new Set([
        `user.created ${user_id} ${request_id}`,
        `session.started ${session.session_id} ${request_id}`,
        `session.ended ${session.session_id} ${revoked.request_id}`,
        `user.deleted ${user_id} ${deleted.request_id}`,
      ]),
    )
  })

  test('a refused call leaves none, and none holds a token, a secret or an address', async () => {
    const here = await world(engine)
    const project = await here.project()
    const issuer = await trustIssuer(here, project)
    const { session_token, session_jwt } = await startSession(here, project, issuer, 'ada@example.com')
    const before = await eventsOf(here, project)
    await refuse(here, project, 'POST /v1/users', { email: 'ada@example.com' }, 400, 'duplicate_email')
    const token = await issuer.token('new@example.com', { roles: ['unknown'] })
    const { profile_id } = issuer.profile
    await refuse(here, project, 'POST /v1/sessions/attest', { profile_id, token }, 400, 'invalid_rbac_role_id')
    const after = await eventsOf(here, project)
    assert.equal(after.length, before.length)
    const text = JSON.stringify(after)
    for (const secret of [session_token, session_jwt, project.secret, 'ada@example.com']) {
      assert.ok(!text.includes(secret))
    }
  })
})
