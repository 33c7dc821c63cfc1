/** POST /v1/b2b/otps/email/authenticate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../../../../support/call.ts'
import { newAddress, traces } from '../../../../support/links.ts'
import { testEntering } from '../../../../support/member_entering.ts'
import { memberScene, open } from '../../../../support/member_ways.ts'
import { stored } from '../../../../support/members.ts'
import { wrong } from '../../../../support/one_time_codes.ts'
import { onBothEngines } from '../../../../support/world.ts'

type Proof = { organization_id: string; email_address: string; code: string }

testEntering('code')

onBothEngines('otps.email.authenticate', (engine) => {
  test('wrong codes count towards the lock and void the code with the fifth try', async () => {
    const { here, project, member, proofFor, refuseEnter, enter } = await memberScene(engine, 'code')
    const { member_id, email_address } = await member()
    const proof = (await proofFor(email_address)) as Proof
    for (let n = 1; n <= 5; n++) await refuseEnter({ ...proof, code: wrong(proof.code, n) }, 404, 'otp_code_not_found')
    await refuseEnter(proof, 401, 'unable_to_auth_otp_code')
    const next = (await proofFor(email_address)) as Proof
    for (let n = 1; n <= 4; n++) await refuseEnter({ ...next, code: wrong(next.code, n) }, 404, 'otp_code_not_found')
    const last = (await proofFor(email_address)) as Proof
    await refuseEnter({ ...last, code: wrong(last.code) }, 404, 'otp_code_not_found')
    assert.ok((await stored(here, project, member_id)).lock_expires_at)
    await refuseEnter(last, 429, 'user_lock_limit_reached')
    here.clock.advance(3_600_000)
    const { member: entered } = await enter(await proofFor(email_address))
    assert.equal(entered.is_locked, false)
    const { failures } = (await traces(here, project)) as { failures: unknown[] }
    assert.deepEqual(failures, [])
  })

  test('a hundred wrong guesses at once are weighed one after another, until the lock', async () => {
    const { here, project, member, proofFor, authenticate } = await memberScene(engine, 'code')
    const { email_address } = await member()
    const proof = (await proofFor(email_address)) as Proof
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        call(here, project, authenticate, { ...proof, code: wrong(proof.code, n + 1) }),
      ),
    )
    const count = (type: string) => answers.filter(({ body }) => body.error_type === type).length
    assert.deepEqual([count('otp_code_not_found'), count('user_lock_limit_reached')], [10, 90])
  })

  test('an address that nobody has, or that another organization knows, is refused like a wrong code', async () => {
    const { here, project, proofFor, member, refuseEnter, organization_id } = await memberScene(engine, 'code', open)
    const known = await member()
    const proof = (await proofFor(known.email_address)) as Proof
    const before = await traces(here, project)
    await refuseEnter({ ...proof, email_address: newAddress() }, 404, 'otp_code_not_found')
    await refuseEnter({ organization_id, email_address: newAddress(), code: '000000' }, 404, 'otp_code_not_found')
    assert.deepEqual(await traces(here, project), before)
  })

  test('malformed codes, addresses and organizations count for nothing', async () => {
    const { here, project, member, proofFor, refuseEnter, enter } = await memberScene(engine, 'code')
    const { email_address } = await member()
    const proof = (await proofFor(email_address)) as Proof
    const before = await traces(here, project)
    for (const code of ['', '12345', '1234567', 'abcdef', '１２３４５６', ` ${proof.code}`]) {
      await refuseEnter({ ...proof, code }, 400, 'invalid_code')
    }
    await refuseEnter({ ...proof, email_address: 'ada' }, 400, 'invalid_email')
    await refuseEnter({ ...proof, organization_id: 'nowhere' }, 404, 'organization_not_found')
    await refuseEnter({ ...proof, organization_id: 'a b' }, 400, 'invalid_organization_id')
    for (const field of ['organization_id', 'email_address', 'code']) {
      await refuseEnter({ ...proof, [field]: undefined }, 400, 'bad_request')
    }
    assert.deepEqual(await traces(here, project), before)
    await enter({ ...proof, email_address: email_address.toUpperCase() })
  })

  test('where codes are forbidden nobody learns who is a member', async () => {
    const { member, proofFor, refuseEnter, change } = await memberScene(engine, 'code')
    const { email_address } = await member()
    const proof = await proofFor(email_address)
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] })
    for (const address of [email_address, newAddress()]) {
      const fields = { ...proof, email_address: address }
      await refuseEnter(fields, 403, 'operation_restricted_by_organization_auth_methods')
    }
  })

  test('codes are never logged', async () => {
    const { here, member, proofFor, enter } = await memberScene(engine, 'code')
    const { email_address } = await member()
    const from = here.logged.length
    const proof = (await proofFor(email_address)) as Proof
    await enter(proof)
    for (const line of here.logged.slice(from)) assert.ok(!line.includes(`"${proof.code}"`))
  })
})
