/** POST /v1/b2b/magic_links/email/discovery/send. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { switchSandbox } from '../../../../../../src/domain/projects/environment.ts'
import { refuse, succeed } from '../../../../../support/call.ts'
import { discoveryScene, ways } from '../../../../../support/discovery.ts'
import { testDiscoverySending } from '../../../../../support/discovery_sending.ts'
import { lastMessage, messagesTo } from '../../../../../support/inbox.ts'
import { newAddress, registeredUrl, traces } from '../../../../../support/links.ts'
import { register, withoutRedirectUrls } from '../../../../../support/redirect_urls.ts'
import { visit } from '../../../../../support/visit.ts'
import { onBothEngines, world } from '../../../../../support/world.ts'

const { send } = ways.link

testDiscoverySending('link')

onBothEngines('magic_links.email.discovery.send', (engine) => {
  test('a click leads on with the kind of the token and no organization, and spends nothing', async () => {
    const { here, project, ask, enter } = await discoveryScene(engine)
    const email_address = newAddress()
    await ask('link', email_address, { discovery_redirect_url: registeredUrl })
    const [link] = (await lastMessage(here, email_address, project)).links
    const { pathname, search } = new URL(link?.url ?? '')
    for (const _ of [1, 2]) {
      const { status, headers } = await visit(here, `GET ${pathname}${search}`)
      assert.equal(status, 302)
      const { origin, pathname: path, searchParams } = new URL(String(headers.location))
      assert.equal(origin + path, registeredUrl)
      const types = { stytch_redirect_type: 'discovery', stytch_token_type: 'discovery' }
      assert.deepEqual(Object.fromEntries(searchParams), { ...types, token: link?.token })
    }
    await enter('link', { discovery_magic_links_token: link?.token })
  })

  test('a redirect URL has to be registered for discovery; refused ones leave nothing behind', async () => {
    const here = await world(engine)
    const project = await withoutRedirectUrls(here, 'B2B')
    const refused = (fields: object, status: number, type: string) =>
      refuse(here, project, send, { email_address: newAddress(), ...fields }, status, type)
    await register(here, project.path, 'https://app.example.com/login', ['LOGIN', 'SIGNUP'])
    await refused({}, 404, 'no_discovery_redirect_urls_set')
    await register(here, project.path, 'https://app.example.com/go', ['DISCOVERY'], { do_not_promote_defaults: true })
    const before = await traces(here, project)
    await refused({}, 400, 'no_default_discovery_redirect_url_set')
    await refused({ discovery_redirect_url: 'nowhere' }, 400, 'invalid_discovery_redirect_url')
    for (const url of ['https://elsewhere.example.com/', 'https://app.example.com/login']) {
      await refused({ discovery_redirect_url: url }, 400, 'no_match_for_provided_magic_link_url')
    }
    assert.deepEqual(await traces(here, project), before)
    const body = { email_address: newAddress(), discovery_redirect_url: 'https://app.example.com/go' }
    await succeed(here, project, send, body)
  })

  test('a code challenge is the hash of a verifier', async () => {
    const { here, project, refuseSend } = await discoveryScene(engine)
    const before = await traces(here, project)
    for (const pkce_code_challenge of ['short', `${'a'.repeat(43)}=`, 'a'.repeat(44)]) {
      await refuseSend('link', newAddress(), 400, 'invalid_pkce_code_challenge', { pkce_code_challenge })
    }
    assert.deepEqual(await traces(here, project), before)
  })

  test('links to one address are all good until they are used or expire, and share the limit of other links', async () => {
    const { here, project, proofFor, enter, organization, member } = await discoveryScene(engine)
    const email_address = newAddress()
    const proofs = [await proofFor('link', email_address), await proofFor('link', email_address)]
    for (const proof of proofs) await enter('link', proof)
    const { organization_id } = await organization()
    await member({ organization_id }, { email_address })
    const login = 'POST /v1/b2b/magic_links/email/login_or_signup'
    await refuse(here, project, login, { organization_id, email_address }, 429, 'too_many_requests')
  })

  test('the sandbox address is answered without a message, where the sandbox is on', async () => {
    const { here, project, ask } = await discoveryScene(engine)
    await switchSandbox(here.app, project.environment, true)
    assert.equal((await ask('link', 'sandbox@stytch.com')).status, 200)
    assert.deepEqual(await messagesTo(here, 'sandbox@stytch.com', project), [])
    const other = await discoveryScene(engine)
    assert.equal((await other.ask('link', 'sandbox@stytch.com')).status, 200)
    assert.equal((await messagesTo(here, 'sandbox@stytch.com', other.project)).length, 1)
  })
})
