/** POST /v1/b2b/magic_links/discovery/authenticate. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../../src/crypto/tokens.ts'
import { switchSandbox } from '../../../../../src/domain/projects/environment.ts'
import { discoveryScene } from '../../../../support/discovery.ts'
import { testDiscoveryEntering } from '../../../../support/discovery_entering.ts'
import { newAddress, traces } from '../../../../support/links.ts'
import { onBothEngines } from '../../../../support/world.ts'

const verifier = 'a'.repeat(43)
const pkce_code_challenge = hash('sha256', verifier, 'base64url')

testDiscoveryEntering('link')

onBothEngines('magic_links.discovery.authenticate', (engine) => {
  test('an unknown or malformed token is not found, and counts for nothing', async () => {
    const { here, project, refuseEnter } = await discoveryScene(engine)
    const before = await traces(here, project)
    for (const discovery_magic_links_token of ['', 'short', newToken(), `${newToken()}x`]) {
      await refuseEnter('link', { discovery_magic_links_token }, 404, 'magic_link_not_found')
    }
    await refuseEnter('link', {}, 400, 'bad_request')
    assert.deepEqual(await traces(here, project), before)
  })

  test('PKCE: only who knows the verifier redeems, and a failure burns nothing', async () => {
    const { here, project, proofFor, enter, refuseEnter } = await discoveryScene(engine)
    const bound = await proofFor('link', newAddress(), { pkce_code_challenge })
    const free = await proofFor('link', newAddress())
    const before = await traces(here, project)
    const cases: [object, object, string][] = [
      [bound, {}, 'pkce_expected_code_verifier'],
      [bound, { pkce_code_verifier: 'b'.repeat(43) }, 'pkce_mismatch'],
      [bound, { pkce_code_verifier: 'short' }, 'invalid_pkce_code_verifier'],
      [free, { pkce_code_verifier: verifier }, 'pkce_did_not_expect_code_verifier'],
    ]
    for (const [proof, fields, type] of cases) await refuseEnter('link', { ...proof, ...fields }, 400, type)
    assert.deepEqual(await traces(here, project), before)
    await enter('link', { ...bound, pkce_code_verifier: verifier })
    await enter('link', free)
  })

  test('the sandbox tokens are answered where the sandbox is on, and unknown elsewhere', async () => {
    const { here, project, enter, refuseEnter, create } = await discoveryScene(engine)
    const good = { discovery_magic_links_token: 'DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94=' }
    const spent = { discovery_magic_links_token: '3pzjQpgksDlGKWEwUq2Up--hCHC_0oamfLHyfspKDFU=' }
    const unknown = { discovery_magic_links_token: 'CprTtwhnRNiMBiUS2jSLcWYrfuO2POeBNdo5HhW6qTM=' }
    for (const token of [good, spent, unknown]) await refuseEnter('link', token, 404, 'magic_link_not_found')
    await switchSandbox(here.app, project.environment, true)
    const reply = await enter('link', good)
    assert.equal(reply.email_address, 'sandbox@stytch.com')
    assert.equal((await create(reply.intermediate_session_token)).member_authenticated, true)
    await enter('link', good)
    await refuseEnter('link', spent, 401, 'unable_to_auth_magic_link')
    await refuseEnter('link', unknown, 404, 'magic_link_not_found')
  })
})
