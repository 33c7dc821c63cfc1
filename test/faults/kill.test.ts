/** A server that is killed in the middle of writes has everything that it acknowledged when it is back. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import { findEnvironment } from '../../src/domain/projects/environment.ts'
import { createLog } from '../../src/http/log.ts'
import { openInstallation } from '../../src/installation.ts'
import { ask, inParallel, newDirectory, serve } from '../support/program.ts'
import { trustIssuer } from '../support/remote_issuer.ts'
import { emptyDatabase, onBothEngines } from '../support/world.ts'

/** What a client was told. */
type Told = {
  user_id: string
  first_name?: string
  session_token?: string
  counted?: number
  /** A revocation was sent; `acknowledged` when its answer arrived. */
  revocation?: 'sent' | 'acknowledged'
}

onBothEngines('kill -9 during writes', (engine) => {
  test('every acknowledged write is there, and what was revoked stays revoked', async () => {
    const { url, drop } = await emptyDatabase(engine)
    after(drop)
    const env = { SELVAGE_DATA_DIR: newDirectory(), DATABASE_URL: url, SELVAGE_LOG_LEVEL: 'info' }
    const { app, close, first } = await openInstallation(readConfig(env), createLog('silent'), systemClock)
    assert.ok(first)
    const project = first.consumer
    const environment = await findEnvironment(app, project.project_id)
    assert.ok(environment)
    const attestation = await trustIssuer(app, environment)
    await close()

    const server = await serve(env)
    const told: Told[] = []
    let killed = false
    let acknowledged = 0
    const send = async (route: string, body: object, expected: number) => {
      const reply = await ask(server.url, project, route, body)
      assert.equal(reply.status, expected, `${route}: ${JSON.stringify(reply.body)}`)
      if (++acknowledged === 120) {
        killed = true
        server.process.kill('SIGKILL')
      }
      return reply.body
    }
    const client = async (name: number) => {
      for (let turn = 0; ; turn++) {
        const created = await send('POST /v1/users', { email: `${name}-${turn}@example.com` }, 201)
        const entry: Told = { user_id: created.user_id }
        told.push(entry)
        await send(`PUT /v1/users/${entry.user_id}`, { name: { first_name: `Turn ${turn}` } }, 200)
        entry.first_name = `Turn ${turn}`
        const attested = await send('POST /v1/sessions/attest', await attestation(`s-${name}-${turn}@example.com`), 200)
        const session: Told = { user_id: attested.user_id, session_token: attested.session_token }
        told.push(session)
        const { session_token } = session
        for (const counted of [1, 2]) {
          await send('POST /v1/sessions/authenticate', { session_token, session_custom_claims: { counted } }, 200)
          session.counted = counted
        }
        if (turn % 2 === 0) continue
        session.revocation = 'sent'
        await send('POST /v1/sessions/revoke', { session_token }, 200)
        session.revocation = 'acknowledged'
      }
    }
    const ends = await Promise.allSettled(Array.from({ length: 6 }, (_, name) => client(name)))
    assert.ok(killed)
    for (const end of ends) {
      // The connection broke; anything else is a failure of this test.
      assert.ok(
        end.status === 'rejected' && end.reason instanceof TypeError,
        String((end as { reason?: Error }).reason?.stack),
      )
    }
    assert.equal((await server.ended).signal, 'SIGKILL')
    assert.ok(told.some(({ revocation }) => revocation === 'acknowledged'))

    const again = await serve(env)
    await inParallel(
      8,
      told.map((entry) => async () => {
        const { user_id, first_name, session_token, counted, revocation } = entry
        const user = await ask(again.url, project, `GET /v1/users/${user_id}`)
        assert.equal(user.status, 200, JSON.stringify(entry))
        if (first_name) assert.equal(user.body.name.first_name, first_name)
        if (!session_token) return
        const session = await ask(again.url, project, 'POST /v1/sessions/authenticate', { session_token })
        if (revocation === 'acknowledged') assert.equal(session.body.error_type, 'session_not_found')
        if (revocation === undefined) {
          assert.equal(session.status, 200, JSON.stringify(session.body))
          assert.ok((session.body.session.custom_claims?.counted ?? 0) >= (counted ?? 0))
        }
      }),
    )
    assert.equal((await again.stop()).status, 0)
  })
})
