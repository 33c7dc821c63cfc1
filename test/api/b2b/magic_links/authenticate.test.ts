/** POST /v1/b2b/magic_links/authenticate. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { updateMember } from '../../../../src/domain/members/update.ts'
import { getOrganization } from '../../../../src/domain/organizations/reference.ts'
import { newAddress, traces } from '../../../support/links.ts'
import { testEntering } from '../../../support/member_entering.ts'
import { memberScene } from '../../../support/member_ways.ts'
import { environmentOf } from '../../../support/organizations.ts'
import { onBothEngines } from '../../../support/world.ts'

const verifier = 'a'.repeat(43)
const pkce_code_challenge = hash('sha256', verifier, 'base64url')

testEntering('link')

onBothEngines('magic_links.authenticate of members', (engine) => {
  test('an unknown or malformed token is not found, a used one cannot be used again', async () => {
    const { here, project, member, proofFor, enter, refuseEnter } = await memberScene(engine, 'link')
    const { email_address } = await member()
    const proof = await proofFor(email_address)
    const before = await traces(here, project)
    for (const magic_links_token of ['', 'short', newToken(), `${newToken()}x`]) {
      await refuseEnter({ magic_links_token }, 404, 'magic_link_not_found')
    }
    assert.deepEqual(await traces(here, project), before)
    assert.equal((await enter(proof)).reset_sessions, false)
    // However often: no attack, so nothing counts towards the lock.
    for (let round = 0; round < 20; round++) await refuseEnter(proof, 401, 'unable_to_auth_magic_link')
    assert.equal((await enter(await proofFor(email_address))).member.is_locked, false)
  })

  test('PKCE: only who knows the verifier redeems, and a failure burns nothing', async () => {
    const { here, project, member, proofFor, enter, refuseEnter } = await memberScene(engine, 'link')
    const { email_address } = await member()
    const bound = await proofFor(email_address, { pkce_code_challenge })
    const free = await proofFor(email_address)
    const before = await traces(here, project)
    const cases: [object, object, string][] = [
      [bound, {}, 'pkce_expected_code_verifier'],
      [bound, { pkce_code_verifier: '' }, 'pkce_expected_code_verifier'],
      [bound, { pkce_code_verifier: 'b'.repeat(43) }, 'pkce_mismatch'],
      [bound, { pkce_code_verifier: pkce_code_challenge }, 'pkce_mismatch'],
      [bound, { pkce_code_verifier: 'short' }, 'invalid_pkce_code_verifier'],
      [free, { pkce_code_verifier: verifier }, 'pkce_did_not_expect_code_verifier'],
    ]
    for (const [proof, fields, type] of cases) await refuseEnter({ ...proof, ...fields }, 400, type)
    assert.deepEqual(await traces(here, project), before)
    await enter({ ...bound, pkce_code_verifier: verifier })
    await enter(free)
  })

  test('a link proves nothing once the member has another address', async () => {
    const { here, project, organization_id, member, proofFor, refuseEnter } = await memberScene(engine, 'link')
    const known = await member()
    const proof = await proofFor(known.email_address)
    const environment = await environmentOf(here, project)
    const organization = await getOrganization(here.app, environment, organization_id)
    await updateMember(here.app, environment, organization, known, { email_address: newAddress() })
    const before = await traces(here, project)
    await refuseEnter(proof, 404, 'magic_link_not_found')
    assert.deepEqual(await traces(here, project), before)
  })

  test('neither tokens nor verifiers are ever logged', async () => {
    const { here, member, proofFor, enter } = await memberScene(engine, 'link')
    const { email_address } = await member()
    const proof = (await proofFor(email_address, { pkce_code_challenge })) as { magic_links_token: string }
    const { session_token } = await enter({ ...proof, pkce_code_verifier: verifier })
    for (const line of here.logged) {
      for (const secret of [proof.magic_links_token, verifier, session_token]) assert.ok(!line.includes(secret))
    }
  })
})
