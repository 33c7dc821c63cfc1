/** POST /v1/b2b/passwords/email/reset/start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SECOND } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { messagesTo } from '../../../../support/inbox.ts'
import { newAddress } from '../../../../support/links.ts'
import { factorTypes, modes, passwordScene, passwords } from '../../../../support/member_passwords.ts'
import { open } from '../../../../support/member_ways.ts'
import { memberIn } from '../../../../support/members.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import { leavingNoTrace } from '../../../../support/passwords.ts'
import { register, withoutRedirectUrls } from '../../../../support/redirect_urls.ts'
import { onBothEngines } from '../../../../support/world.ts'

onBothEngines('passwords.email.resetStart of members', (engine) => {
  test('mails two links that lead to the application with the organization, and answers with the member', async () => {
    const { here, project, organization, member, mailReset } = await passwordScene(engine, 'member')
    const known = await member()
    const { message, ...reply } = await mailReset(known.email_address, { locale: 'es' })
    assert.deepEqual([reply.member_id, reply.member_email_id], [known.member_id, known.email_id])
    assert.equal(reply.member.email_address, known.email_address)
    assert.deepEqual([message.template, message.locale], ['reset_password', 'es'])
    const led = []
    for (const { url, token, purpose } of message.links) {
      const { pathname, search, searchParams: own } = new URL(url)
      const { statusCode, headers } = await here.server.inject({ url: pathname + search })
      assert.equal(statusCode, 302)
      const { searchParams: parameters } = new URL(String(headers.location))
      assert.deepEqual([parameters.get('token'), parameters.get('slug')], [token, organization.organization_slug])
      const types = [parameters.get('stytch_token_type'), parameters.get('stytch_redirect_type')]
      led.push([purpose, ...types, parameters.get('public_token') === own.get('public_token')])
    }
    assert.deepEqual(led, [
      ['reset_password', 'multi_tenant_passwords', 'reset_password', true],
      ['login', 'multi_tenant_magic_links', 'login', false],
    ])
    const magic_links_token = reply.other
    const signedIn = await succeed(here, project, 'POST /v1/b2b/magic_links/authenticate', { magic_links_token })
    assert.deepEqual([signedIn.member_id, factorTypes(signedIn)], [known.member_id, ['magic_link']])
  })

  test('says that the address is proven with the first password of an address', async () => {
    const { mailReset, member, withPassword } = await passwordScene(engine, 'address')
    assert.equal((await mailReset((await member()).email_address)).message.template, 'verify_email')
    assert.equal((await mailReset((await withPassword()).email_address)).message.template, 'reset_password')
  })

  test('adds who may join by the address as a pending member, and nobody else', async () => {
    for (const mode of modes) {
      const { here, project, organization_id, no, mailReset } = await passwordScene(engine, mode, open)
      const email_address = newAddress()
      const reply = await mailReset(email_address)
      assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['pending', false])
      assert.equal((await mailReset(email_address)).member_id, reply.member_id)
      const closed = await newOrganization(here, project)
      here.clock.advance(SECOND)
      const cases: [string, string, number, string][] = [
        [organization_id, 'a@elsewhere.example', 404, 'member_not_found'],
        [closed.organization_id, email_address, 404, 'member_not_found'],
      ]
      await leavingNoTrace(here, project, async () => {
        for (const [organization_id, email_address, ...refusal] of cases) {
          await no('resetStart', { organization_id, email_address }, refusal)
        }
      })
    }
  })

  test('where passwords are forbidden nothing is sent; where links are, there is one link only', async () => {
    const scene = await passwordScene(engine, 'member', { auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] })
    const { here, project, organization_id, no, member, mailReset, change } = scene
    const { email_address } = await member()
    const forbidden = [403, 'operation_restricted_by_organization_auth_methods'] as const
    for (const one of [email_address, newAddress()]) {
      await leavingNoTrace(here, project, () => no('resetStart', { organization_id, email_address: one }, forbidden))
    }
    await change({ allowed_auth_methods: ['password'] })
    assert.equal((await mailReset(email_address)).message.links.length, 1)
    await change({ allowed_auth_methods: ['password', 'magic_link'] })
    assert.equal((await mailReset(email_address)).message.links.length, 2)
    const free = await member({ is_breakglass: true })
    await change({ allowed_auth_methods: ['sso'] })
    assert.equal((await mailReset(free.email_address)).message.links.length, 2)
  })

  test('refuses what is malformed or not registered, and sends nothing', async () => {
    const { here, project, organization_id, no, member } = await passwordScene(engine, 'member')
    const { email_address } = await member()
    here.clock.advance(SECOND)
    const cases: [change: object, status: number, error_type: string][] = [
      [{ email_address: 'nobody' }, 400, 'invalid_email'],
      [{ email_address: undefined }, 400, 'bad_request'],
      [{ organization_id: undefined }, 400, 'bad_request'],
      [{ organization_id: 'nowhere' }, 404, 'organization_not_found'],
      [{ reset_password_expiration_minutes: 4 }, 400, 'invalid_expiration'],
      [{ reset_password_expiration_minutes: 10_081 }, 400, 'invalid_expiration'],
      [{ reset_password_redirect_url: 'nowhere' }, 400, 'invalid_password_reset_redirect_url'],
      [{ reset_password_redirect_url: 'https://evil.example' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ login_redirect_url: 'nowhere' }, 400, 'invalid_login_redirect_url'],
      [{ login_redirect_url: 'https://evil.example' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ code_challenge: 'short' }, 400, 'invalid_pkce_code_challenge'],
      [{ locale: 'de' }, 400, 'invalid_locale'],
      [{ reset_password_template_id: 'mine' }, 404, 'email_template_not_found'],
      [{ verify_email_template_id: 'mine' }, 404, 'email_template_not_found'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [change, ...refusal] of cases) {
        await no('resetStart', { organization_id, email_address, ...change }, refusal)
      }
      await refuse(
        here,
        await here.project('B2B'),
        passwords.resetStart,
        { organization_id, email_address },
        404,
        'organization_not_found',
      )
    })
  })

  test('leads where the request says, when that is registered', async () => {
    const { here } = await passwordScene(engine, 'member')
    const bare = await withoutRedirectUrls(here, 'B2B')
    const organization = await newOrganization(here, bare)
    const { email_address } = await memberIn(here, bare, organization)
    const body = { organization_id: organization.organization_id, email_address }
    await refuse(here, bare, passwords.resetStart, body, 400, 'no_password_reset_redirect_url')
    assert.deepEqual(await messagesTo(here, email_address, bare), [])
    await register(here, bare.path, 'https://app.example.com/reset', ['RESET_PASSWORD'])
    here.clock.advance(SECOND)
    await succeed(here, bare, passwords.resetStart, body)
    // No login URL is known, and a reset does not depend on one.
    assert.equal((await messagesTo(here, email_address, bare))[0]?.links.length, 1)
  })

  test('mails one address once a second', async () => {
    const { here, project, organization_id, no, member, mailReset } = await passwordScene(engine, 'member')
    const { email_address } = await member()
    await mailReset(email_address)
    await leavingNoTrace(here, project, () =>
      no('resetStart', { organization_id, email_address }, [429, 'too_many_requests']),
    )
    await mailReset(email_address)
  })
})
