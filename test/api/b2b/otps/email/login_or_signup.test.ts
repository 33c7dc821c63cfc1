/** POST /v1/b2b/otps/email/login_or_signup. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAddress } from '../../../../support/links.ts'
import { testLoginOrSignup } from '../../../../support/member_sending.ts'
import { memberScene, open } from '../../../../support/member_ways.ts'
import { onBothEngines } from '../../../../support/world.ts'

testLoginOrSignup('code')

onBothEngines('otps.email.loginOrSignup', (engine) => {
  test('the message has six digits and no link, and a newer one voids it', async () => {
    const { ask, sent, organization_id, proof, enter, refuseEnter } = await memberScene(engine, 'code', open)
    const email_address = newAddress()
    await ask(email_address)
    await ask(email_address)
    const [newest, older] = await sent(email_address)
    assert.ok(newest && older)
    assert.match(String(newest.code), /^[0-9]{6}$/)
    assert.deepEqual(newest.links, [])
    // One time in a million both are the same.
    if (newest.code !== older.code) {
      await refuseEnter(proof(older, organization_id), 401, 'unable_to_auth_otp_code')
    }
    await enter(proof(newest, organization_id))
  })
})
