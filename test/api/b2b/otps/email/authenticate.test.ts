/** POST /v1/b2b/otps/email/authenticate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { updateEnvironment } from '../../../../../src/domain/projects/environment.ts'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { lastMessage } from '../../../../support/inbox.ts'
import { newAddress, traces } from '../../../../support/links.ts'
import { testEntering } from '../../../../support/member_entering.ts'
import { memberScene, open, proofFor as proofForAny } from '../../../../support/member_ways.ts'
import { provenMember, stored } from '../../../../support/members.ts'
import { wrong } from '../../../../support/one_time_codes.ts'
import { newOrganization } from '../../../../support/organizations.ts'
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

  test('adding members for an address of somebody else, or changing to it, gives no more guesses at its codes', async () => {
    const { here, project, member, proofFor, refuseEnter, enter } = await memberScene(engine, 'code')
    await updateEnvironment(here.app, project.id, { user_lock_threshold: 5 })
    const victim = await member()
    const { email_address } = victim
    const elsewhere = async (): Promise<Proof> => {
      const { organization_id } = await newOrganization(here, project, open)
      return (await proofForAny(here, project, 'code', organization_id, email_address)) as Proof
    }
    const proofs = [await elsewhere(), await elsewhere()]
    for (const proof of proofs) {
      for (let n = 1; n <= 2; n++)
        await refuseEnter({ ...proof, code: wrong(proof.code, n) }, 404, 'otp_code_not_found')
    }
    const { organization_id } = await newOrganization(here, project)
    const { member_id } = await provenMember(here, project, { organization_id })
    const start = `POST /v1/b2b/organizations/${organization_id}/members/${member_id}/start_email_update`
    here.clock.advance(1000)
    await succeed(here, project, start, { email_address, delivery_method: 'EMAIL_OTP' })
    const { code = '' } = await lastMessage(here, email_address, project)
    const change = { organization_id, email_address, code }
    await refuseEnter({ ...change, code: wrong(code) }, 404, 'otp_code_not_found')
    for (const proof of [change, ...proofs, await elsewhere()]) await refuseEnter(proof, 429, 'user_lock_limit_reached')
    const discover = 'POST /v1/b2b/otps/email/discovery/authenticate'
    await refuse(here, project, discover, { email_address, code: '000000' }, 429, 'user_lock_limit_reached')
    // Who has proven the address is not kept out of the own organization.
    await enter(await proofFor(email_address))
  })

  test('the failures of an address are forgotten with the proof of it', async () => {
    const { here, project, proofFor, refuseEnter, enter } = await memberScene(engine, 'code', open)
    const email_address = newAddress()
    const proof = (await proofFor(email_address)) as Proof
    await refuseEnter({ ...proof, code: wrong(proof.code) }, 404, 'otp_code_not_found')
    await enter(proof)
    const { failures } = (await traces(here, project)) as { failures: unknown[] }
    assert.deepEqual(failures, [])
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
