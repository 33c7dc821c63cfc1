/** POST /v1/b2b/otps/email/discovery/send. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discoveryScene } from '../../../../../support/discovery.ts'
import { testDiscoverySending } from '../../../../../support/discovery_sending.ts'
import { messagesTo } from '../../../../../support/inbox.ts'
import { newAddress } from '../../../../../support/links.ts'
import { onBothEngines } from '../../../../../support/world.ts'

testDiscoverySending('code')

onBothEngines('otps.email.discovery.send', (engine) => {
  test('the message has six digits and no link, and a newer one voids it', async () => {
    const { here, project, ask, enter, refuseEnter } = await discoveryScene(engine)
    const email_address = newAddress()
    await ask('code', email_address)
    await ask('code', email_address)
    const [newest, older] = await messagesTo(here, email_address, project)
    assert.ok(newest && older)
    assert.match(String(newest.code), /^[0-9]{6}$/)
    assert.deepEqual(newest.links, [])
    // One time in a million both are the same.
    if (newest.code !== older.code) {
      await refuseEnter('code', { email_address, code: older.code }, 401, 'unable_to_auth_otp_code')
    }
    await enter('code', { email_address, code: newest.code })
  })
})
