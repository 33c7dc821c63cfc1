/** POST /v1/b2b/otps/email/discovery/authenticate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../../../../../support/call.ts'
import { discoveryScene, ways } from '../../../../../support/discovery.ts'
import { testDiscoveryEntering } from '../../../../../support/discovery_entering.ts'
import { newAddress, traces } from '../../../../../support/links.ts'
import { stored } from '../../../../../support/members.ts'
import { wrong } from '../../../../../support/one_time_codes.ts'
import { onBothEngines } from '../../../../../support/world.ts'

type Proof = { email_address: string; code: string }

testDiscoveryEntering('code')

onBothEngines('otps.email.discovery.authenticate', (engine) => {
  test('wrong codes void the code with the fifth try and lock the address, but no member', async () => {
    const { here, project, organization, member, proofFor, enter, refuseEnter } = await discoveryScene(engine)
    const { email_address, member_id } = await member(await organization())
    const newProof = async () => (await proofFor('code', email_address)) as Proof
    const proof = await newProof()
    for (let n = 1; n <= 5; n++) {
      await refuseEnter('code', { ...proof, code: wrong(proof.code, n) }, 404, 'otp_code_not_found')
    }
    await refuseEnter('code', proof, 401, 'unable_to_auth_otp_code')
    const next = await newProof()
    for (let n = 1; n <= 4; n++) {
      await refuseEnter('code', { ...next, code: wrong(next.code, n) }, 404, 'otp_code_not_found')
    }
    await enter('code', next)
    const last = await newProof()
    for (let n = 1; n <= 4; n++) {
      await refuseEnter('code', { ...last, code: wrong(last.code, n) }, 404, 'otp_code_not_found')
    }
    await enter('code', last)
    for (let n = 0; n < 10; n++) await refuseEnter('code', { email_address, code: '000000' }, 404, 'otp_code_not_found')
    await refuseEnter('code', await newProof(), 429, 'user_lock_limit_reached')
    assert.equal((await stored(here, project, member_id)).lock_expires_at, null)
    const { failures } = (await traces(here, project)) as { failures: { owner_id: string }[] }
    assert.ok(failures.every(({ owner_id }) => owner_id !== member_id))
    here.clock.advance(3_600_000)
    await enter('code', await newProof())
  })

  test('many wrong guesses at once are weighed one after another, until the lock', async () => {
    const { here, project, proofFor } = await discoveryScene(engine)
    const proof = (await proofFor('code', newAddress())) as Proof
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        call(here, project, ways.code.authenticate, { ...proof, code: wrong(proof.code, n + 1) }),
      ),
    )
    const count = (type: string) => answers.filter(({ body }) => body.error_type === type).length
    assert.deepEqual([count('otp_code_not_found'), count('user_lock_limit_reached')], [10, 20])
  })

  test('the code of one address is a wrong one for another, known or not', async () => {
    const { proofFor, refuseEnter, enter, organization, member } = await discoveryScene(engine)
    const known = await member(await organization())
    const proof = (await proofFor('code', newAddress())) as Proof
    for (const email_address of [known.email_address, newAddress()]) {
      await refuseEnter('code', { ...proof, email_address }, 404, 'otp_code_not_found')
    }
    await enter('code', { ...proof, email_address: ` ${proof.email_address.toUpperCase()}` })
  })

  test('malformed codes and addresses count for nothing', async () => {
    const { here, project, proofFor, refuseEnter, enter } = await discoveryScene(engine)
    const proof = (await proofFor('code', newAddress())) as Proof
    const before = await traces(here, project)
    for (const code of ['', '12345', '1234567', 'abcdef', '１２３４５６', ` ${proof.code}`]) {
      await refuseEnter('code', { ...proof, code }, 400, 'invalid_code')
    }
    await refuseEnter('code', { ...proof, email_address: 'ada' }, 400, 'invalid_email')
    for (const field of ['email_address', 'code']) {
      await refuseEnter('code', { ...proof, [field]: undefined }, 400, 'bad_request')
    }
    assert.deepEqual(await traces(here, project), before)
    await enter('code', proof)
  })
})
