/** POST /v1/b2b/otps/email/discovery/send. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { takeAddressTurn } from '../../../../../../src/domain/addresses/address.ts'
import { countAgainst } from '../../../../../../src/domain/limits/limit.ts'
import { discoveryScene } from '../../../../../support/discovery.ts'
import { testDiscoverySending } from '../../../../../support/discovery_sending.ts'
import { messagesTo } from '../../../../../support/inbox.ts'
import { newAddress } from '../../../../../support/links.ts'
import { environmentOf } from '../../../../../support/organizations.ts'
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

  test('waits for its turn of the limit without holding the address: whoever joins by a code needs both', async () => {
    const { here, project, refuseSend } = await discoveryScene(engine)
    const [environment, email_address] = [await environmentOf(here, project), newAddress()]
    const { project_id } = environment
    const { asking } = await here.app.transaction(async (app) => {
      await countAgainst(app, environment, 'email_codes', email_address)
      const asking = refuseSend('code', email_address, 429, 'too_many_requests')
      await pause(50)
      // Two that wait for each other are told apart after a second only.
      const turn = takeAddressTurn(app, { project_id, email_address }).then(() => 'held')
      assert.equal(await Promise.race([turn, pause(600).then(() => 'waiting')]), 'held')
      return { asking }
    })
    await asking
  })
})
