/** Changing the master key for good. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { buildApp } from '../../../src/app.ts'
import { createKeyring, newMasterKey, parseMasterKeys, SealError } from '../../../src/crypto/keyring.ts'
import { reseal } from '../../../src/domain/maintenance/reseal.ts'
import { listInbox, sendMessage } from '../../../src/domain/messages/message.ts'
import { startSession, tokenOf } from '../../../src/domain/sessions/session.ts'
import { selectSession } from '../../../src/domain/sessions/table.ts'
import { loadSigningKeys } from '../../../src/domain/signing_keys/signing_key.ts'
import { createUser } from '../../../src/domain/users/user.ts'
import { checkMasterKey, initialise } from '../../../src/domain/workspace/installation.ts'
import { createLog } from '../../../src/http/log.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { emptyDatabase, onBothEngines, openStore, preparedKeyPair, testConfig } from '../../support/world.ts'

onBothEngines('resealing', (engine) => {
  test('after it the new key opens everything by itself, and nothing has changed', async () => {
    const { url, drop } = await emptyDatabase(engine)
    const store = await openStore(url)
    after(async () => {
      await store.close()
      await drop()
    })
    await migrate(store, Date.now())
    const [old, fresh] = [newMasterKey(), newMasterKey()]
    const appWith = (keys: string) =>
      buildApp({
        config: testConfig(),
        store,
        keyring: createKeyring(parseMasterKeys(keys)),
        log: createLog('silent'),
        now: Date.now,
        new_key_pair: preparedKeyPair,
      }).app

    const before = appWith(old)
    const first = await initialise(before, () => {})
    const project_id = first?.consumer.project_id as string
    const environment = await before.environment(project_id)
    assert.ok(environment)
    const user = await createUser(before, environment, { email: 'ada@example.com', status: 'active' })
    const proof = { type: 'imported', delivery_method: 'imported_auth0' } as const
    const change = { duration_minutes: 60, custom_claims: undefined }
    // More than one batch, so that it has to find its way on.
    const sessions = await before.transaction(async (app) => {
      const started = []
      for (let n = 0; n < 501; n++) started.push(await startSession(app, environment, user.user_id, proof, change))
      return started
    })

    await sendMessage(before, environment, 'ada@example.com', {
      ...({ channel: 'email', template: 'otp_login', locale: 'en' } as const),
      ...{ code: '123456', links: [], minutes: 10 },
    })

    await assert.rejects(checkMasterKey(appWith(fresh)), /does not open this database/)
    const both = appWith(`${fresh},${old}`)
    assert.deepEqual(await reseal(both), { signing_keys: 4, session_tokens: 501, messages: 1 })
    assert.deepEqual(await reseal(both), { signing_keys: 0, session_tokens: 0, messages: 0 })

    const alone = appWith(fresh)
    await checkMasterKey(alone)
    assert.equal((await loadSigningKeys(alone, project_id)).length, 1)
    for (const session of [sessions[0], sessions.at(-1)]) {
      assert.ok(session)
      const key = { project_id, column: 'session_id', value: session.session_id } as const
      const resealed = await selectSession(store, key)
      assert.ok(resealed)
      assert.equal(tokenOf(alone, resealed), tokenOf(before, session))
    }
    await assert.rejects(loadSigningKeys(before, project_id), SealError)
    assert.equal((await listInbox(alone, { project_id, limit: 10 }))[0]?.code, '123456')
    await assert.rejects(listInbox(before, { project_id, limit: 10 }), SealError)
  })
})
