/** POST /v1/b2b/magic_links/email/login_or_signup. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteMember } from '../../../../../src/domain/members/removal.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { lastMessage } from '../../../../support/inbox.ts'
import { newAddress, registeredUrl, traces } from '../../../../support/links.ts'
import { testLoginOrSignup } from '../../../../support/member_sending.ts'
import { memberScene, open } from '../../../../support/member_ways.ts'
import { environmentOf, newOrganization } from '../../../../support/organizations.ts'
import { register, withoutRedirectUrls } from '../../../../support/redirect_urls.ts'
import { visit } from '../../../../support/visit.ts'
import { onBothEngines, world } from '../../../../support/world.ts'

const route = 'POST /v1/b2b/magic_links/email/login_or_signup'

testLoginOrSignup('link')

onBothEngines('magic_links.email.loginOrSignup', (engine) => {
  test('a click leads on with the slug of the organization, and spends nothing', async () => {
    const { here, project, organization, ask, enter } = await memberScene(engine, 'link', open)
    const email_address = newAddress()
    await ask(email_address, { signup_redirect_url: registeredUrl })
    const [link] = (await lastMessage(here, email_address, project)).links
    assert.equal(link?.purpose, 'signup')
    const { pathname, search } = new URL(link.url)
    for (const _ of [1, 2]) {
      const { status, headers } = await visit(here, `GET ${pathname}${search}`)
      assert.equal(status, 302)
      const { origin, pathname: path, searchParams } = new URL(String(headers.location))
      assert.deepEqual(
        [origin + path, Object.fromEntries(searchParams)],
        [
          registeredUrl,
          {
            slug: organization.organization_slug,
            stytch_redirect_type: 'signup',
            stytch_token_type: 'multi_tenant_magic_links',
            token: link.token,
          },
        ],
      )
    }
    assert.equal((await enter({ magic_links_token: link.token })).member_authenticated, true)
  })

  test('the link of a deleted member leads nowhere', async () => {
    const { here, project, ask, member } = await memberScene(engine, 'link')
    const known = await member()
    await ask(known.email_address)
    const [link] = (await lastMessage(here, known.email_address, project)).links
    await deleteMember(here.app, await environmentOf(here, project), known)
    const { pathname, search } = new URL(link?.url ?? '')
    assert.equal((await visit(here, `GET ${pathname}${search}`)).status, 404)
  })

  test('a redirect URL has to be registered for its type; refused ones leave nothing behind', async () => {
    const here = await world(engine)
    const project = await withoutRedirectUrls(here, 'B2B')
    const { organization_id } = await newOrganization(here, project, open)
    const refused = (fields: object, status: number, type: string) =>
      refuse(here, project, route, { organization_id, email_address: newAddress(), ...fields }, status, type)
    await refused({}, 404, 'no_signup_redirect_urls_set')
    await register(here, project.path, 'https://app.example.com/login', ['LOGIN'])
    await register(here, project.path, 'https://app.example.com/signup', ['SIGNUP'], { do_not_promote_defaults: true })
    const before = await traces(here, project)
    await refused({}, 400, 'no_default_signup_redirect_url_set')
    for (const kind of ['login', 'signup']) {
      const field = `${kind}_redirect_url`
      await refused({ [field]: 'nowhere' }, 400, `invalid_${kind}_redirect_url`)
      const elsewhere = { [field]: 'https://elsewhere.example.com/' }
      await refused(elsewhere, 400, 'no_match_for_provided_magic_link_url')
    }
    const swapped = { signup_redirect_url: 'https://app.example.com/login' }
    await refused(swapped, 400, 'no_match_for_provided_magic_link_url')
    assert.deepEqual(await traces(here, project), before)
    const body = { organization_id, email_address: newAddress(), signup_redirect_url: 'https://app.example.com/signup' }
    await succeed(here, project, route, body)
  })

  test('a code challenge is the hash of a verifier', async () => {
    const { here, project, refuseSend } = await memberScene(engine, 'link', open)
    const before = await traces(here, project)
    for (const pkce_code_challenge of ['short', `${'a'.repeat(43)}=`, 'a'.repeat(44)]) {
      await refuseSend(newAddress(), 400, 'invalid_pkce_code_challenge', { pkce_code_challenge })
    }
    assert.deepEqual(await traces(here, project), before)
  })

  test('links to one member are all good until they are used or expire', async () => {
    const { member, proofFor, enter } = await memberScene(engine, 'link')
    const { email_address } = await member()
    const proofs = [await proofFor(email_address), await proofFor(email_address)]
    for (const proof of proofs) await enter(proof)
  })
})
