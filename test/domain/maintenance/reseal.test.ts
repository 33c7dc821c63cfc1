/** Changing the master key for good. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { buildApp } from '../../../src/app.ts'
import { createKeyring, newMasterKey, parseMasterKeys, SealError } from '../../../src/crypto/keyring.ts'
import { totpCode, totpStep } from '../../../src/crypto/totp.ts'
import { reseal } from '../../../src/domain/maintenance/reseal.ts'
import { listInbox, sendMessage } from '../../../src/domain/messages/message.ts'
import { startSession, tokenOf } from '../../../src/domain/sessions/session.ts'
import { selectSession } from '../../../src/domain/sessions/table.ts'
import { signInByRecoveryCode, signInByTotp } from '../../../src/domain/signin/totp.ts'
import { enrolTotp, listRecoveryCodes } from '../../../src/domain/signin/totp_enrolment.ts'
import { loadSigningKeys } from '../../../src/domain/signing_keys/signing_key.ts'
import { createUser } from '../../../src/domain/users/user.ts'
import { checkMasterKey, initialise } from '../../../src/domain/workspace/installation.ts'
import { createLog } from '../../../src/http/log.ts'
import { migrate } from '../../../src/store/migrate.ts'
import {
  type Engine,
  emptyDatabase,
  onBothEngines,
  openStore,
  preparedKeyPair,
  testConfig,
} from '../../support/world.ts'

/** A migrated database of its own, two master keys, and the app as it is under some of them. */
async function emptyInstallation(engine: Engine) {
  const { url, drop } = await emptyDatabase(engine)
  const store = await openStore(url)
  after(async () => {
    await store.close()
    await drop()
  })
  await migrate(store, Date.now())
  const appWith = (keys: string) =>
    buildApp({
      config: testConfig({ SELVAGE_LIMIT_TOTP: 'off' }),
      store,
      keyring: createKeyring(parseMasterKeys(keys)),
      log: createLog('silent'),
      now: Date.now,
      new_key_pair: preparedKeyPair,
    }).app
  return { store, appWith, old: newMasterKey(), fresh: newMasterKey() }
}

onBothEngines('resealing', (engine) => {
  test('after it the new key opens everything by itself, and nothing has changed', async () => {
    const { store, appWith, old, fresh } = await emptyInstallation(engine)

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

    const enrolled = await enrolTotp(before, environment, { user_id: user.user_id })
    await sendMessage(before, environment, 'ada@example.com', {
      ...({ channel: 'email', template: 'otp_login', locale: 'en' } as const),
      ...{ code: '123456', links: [], minutes: 10 },
    })

    await assert.rejects(checkMasterKey(appWith(fresh)), /does not open this database/)
    const both = appWith(`${fresh},${old}`)
    assert.deepEqual(await reseal(both), { signing_keys: 4, session_tokens: 501, totps: 1, messages: 1 })
    assert.deepEqual(await reseal(both), { signing_keys: 0, session_tokens: 0, totps: 0, messages: 0 })

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
    const { totps } = await listRecoveryCodes(alone, environment, user.user_id)
    assert.deepEqual(totps[0]?.recovery_codes, enrolled.recovery_codes)
    const code = totpCode(enrolled.secret, totpStep(alone.now()))
    const given = { user_id: user.user_id, code }
    await signInByTotp(alone, environment, given, undefined, { ...change, duration_minutes: undefined })
    await assert.rejects(listRecoveryCodes(before, environment, user.user_id), SealError)
    await assert.rejects(loadSigningKeys(before, project_id), SealError)
    assert.equal((await listInbox(alone, { project_id, limit: 10 }))[0]?.code, '123456')
    await assert.rejects(listInbox(before, { project_id, limit: 10 }), SealError)
  })

  test('a recovery code that is used meanwhile does not come back', async () => {
    const { appWith, old, fresh } = await emptyInstallation(engine)
    const before = appWith(old)
    const first = await initialise(before, () => {})
    const environment = await before.environment(first?.consumer.project_id as string)
    assert.ok(environment)
    const { user_id } = await createUser(before, environment, { email: 'ada@example.com', status: 'active' })
    const { recovery_codes } = await enrolTotp(before, environment, { user_id })
    const [kept, ...used] = recovery_codes
    const both = appWith(`${fresh},${old}`)
    const none = { duration_minutes: undefined, custom_claims: undefined }
    const use = (code: string) => signInByRecoveryCode(both, environment, { user_id, code }, undefined, none)
    await Promise.all([reseal(both), ...used.map(use), reseal(both)])
    const { totps } = await listRecoveryCodes(appWith(fresh), environment, user_id)
    assert.deepEqual(totps[0]?.recovery_codes, [kept])
  })
})
