/** POST /v1/b2b/passwords/discovery/email/reset/start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SECOND } from '../../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../../support/call.ts'
import { messagesTo } from '../../../../../support/inbox.ts'
import { newAddress } from '../../../../../support/links.ts'
import { passwordScene, passwords, sharePasswords } from '../../../../../support/member_passwords.ts'
import { leavingNoTrace } from '../../../../../support/passwords.ts'
import { register, withoutRedirectUrls } from '../../../../../support/redirect_urls.ts'
import { onBothEngines } from '../../../../../support/world.ts'

const route = passwords.discoveryResetStart

onBothEngines('passwords.discovery.email.resetStart', (engine) => {
  const begin = () => passwordScene(engine, 'address')

  test('mails two links that lead to the application, and answers the same to every address', async () => {
    const { here, ok, withPassword, mailDiscoveryReset } = await begin()
    const known = (await withPassword()).email_address
    const stranger = newAddress()
    const fields = { locale: 'fr', reset_password_expiration_minutes: 60 }
    const mails = [await mailDiscoveryReset(known, fields), await mailDiscoveryReset(stranger, fields)]
    assert.deepEqual(
      mails.map(({ message }) => [message.template, message.locale]),
      [
        ['reset_password', 'fr'],
        ['verify_email', 'fr'],
      ],
    )
    for (const { message } of mails) {
      const led = []
      for (const { url, token, purpose } of message.links) {
        const { pathname, search, searchParams: own } = new URL(url)
        const { statusCode, headers } = await here.server.inject({ url: pathname + search })
        assert.equal(statusCode, 302)
        const { searchParams: parameters } = new URL(String(headers.location))
        assert.deepEqual([parameters.get('token'), parameters.get('slug')], [token, null])
        const types = [parameters.get('stytch_token_type'), parameters.get('stytch_redirect_type')]
        led.push([purpose, ...types, parameters.get('public_token') === own.get('public_token')])
      }
      assert.deepEqual(led, [
        ['reset_password', 'discovery', 'reset_password', true],
        ['login', 'discovery', 'discovery', false],
      ])
    }
    here.clock.advance(SECOND)
    const replies = [known, stranger].map((email_address) => ok('discoveryResetStart', { email_address }))
    for (const { request_id, ...reply } of await Promise.all(replies)) assert.deepEqual(reply, { status_code: 200 })
  })

  test('refuses what is malformed or not registered, and sends nothing', async () => {
    const { here, project, no } = await begin()
    const email_address = newAddress()
    const cases: [change: object, status: number, error_type: string][] = [
      [{ email_address: 'nobody' }, 400, 'invalid_email'],
      [{ email_address: undefined }, 400, 'bad_request'],
      [{ reset_password_expiration_minutes: 4 }, 400, 'invalid_expiration'],
      [{ reset_password_redirect_url: 'nowhere' }, 400, 'invalid_password_reset_redirect_url'],
      [{ reset_password_redirect_url: 'https://evil.example' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ discovery_redirect_url: 'nowhere' }, 400, 'invalid_discovery_redirect_url'],
      [{ discovery_redirect_url: 'https://evil.example' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ pkce_code_challenge: 'short' }, 400, 'invalid_pkce_code_challenge'],
      [{ locale: 'de' }, 400, 'invalid_locale'],
      [{ reset_password_template_id: 'mine' }, 404, 'email_template_not_found'],
      [{ verify_email_template_id: 'mine' }, 404, 'email_template_not_found'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [change, ...refusal] of cases) await no('discoveryResetStart', { email_address, ...change }, refusal)
      const other = await here.project('B2B')
      await refuse(here, other, route, { email_address }, 400, 'cross_org_passwords_not_enabled')
      await refuse(here, await here.project(), route, { email_address }, 400, 'invalid_b2b_endpoint')
    })
  })

  test('leads where the request says, when that is registered', async () => {
    const { here } = await begin()
    const bare = await withoutRedirectUrls(here, 'B2B')
    await sharePasswords(here, bare)
    const email_address = newAddress()
    await refuse(here, bare, route, { email_address }, 400, 'no_password_reset_redirect_url')
    await register(here, bare.path, 'https://app.example.com/reset', ['RESET_PASSWORD'])
    here.clock.advance(SECOND)
    await succeed(here, bare, route, { email_address })
    assert.equal((await messagesTo(here, email_address, bare))[0]?.links.length, 1)
    await register(here, bare.path, 'https://app.example.com/discovery', ['DISCOVERY'])
    here.clock.advance(SECOND)
    await succeed(here, bare, route, { email_address, discovery_redirect_url: 'https://app.example.com/discovery' })
    assert.equal((await messagesTo(here, email_address, bare))[0]?.links.length, 2)
  })

  test('mails one address once a second', async () => {
    const { here, project, no, mailDiscoveryReset } = await begin()
    const email_address = newAddress()
    await mailDiscoveryReset(email_address)
    await leavingNoTrace(here, project, () => no('discoveryResetStart', { email_address }, [429, 'too_many_requests']))
    await mailDiscoveryReset(email_address)
  })
})
