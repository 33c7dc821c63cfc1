/** POST /v1/magic_links/email/invite: pending users with a name, metadata and a link. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRedirectUrl } from '../../../../../src/domain/redirect_urls/redirect_url.ts'
import { SECOND } from '../../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { lastMessage, messagesTo } from '../../../../support/inbox.ts'
import { mailedLink, newAddress, traces } from '../../../../support/links.ts'
import { withoutRedirectUrls } from '../../../../support/redirect_urls.ts'
import { liveCredentials, newUser } from '../../../../support/users.ts'
import { type Engine, onBothEngines, world } from '../../../../support/world.ts'

const route = 'POST /v1/magic_links/email/invite'
const authenticate = 'POST /v1/magic_links/authenticate'

async function scene(engine: Engine) {
  const here = await world(engine)
  return { here, project: await here.project() }
}

onBothEngines('magic_links.email.invite', (engine) => {
  test('creates a pending user with name and metadata, who becomes active by the link', async () => {
    const { here, project } = await scene(engine)
    const email = newAddress()
    const fields = {
      name: { first_name: 'Ada' },
      trusted_metadata: { plan: 'pro' },
      untrusted_metadata: { theme: 'dark' },
      attributes: { user_agent: 'tests' },
      locale: 'fr',
    }
    const { user_id, email_id, token } = await mailedLink(here, project, email, fields, 'invite')
    const user = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.deepEqual(
      [user.status, user.name.first_name, user.trusted_metadata, user.untrusted_metadata],
      ['pending', 'Ada', { plan: 'pro' }, { theme: 'dark' }],
    )
    assert.deepEqual(user.emails, [{ email_id, email, verified: false }])
    const message = await lastMessage(here, email)
    assert.deepEqual([message.template, message.locale, message.links[0]?.purpose], ['invite', 'fr', 'invite'])
    const reply = await succeed(here, project, authenticate, { token })
    assert.deepEqual([reply.user.status, reply.user.emails[0].verified, reply.method_id], ['active', true, email_id])
  })

  test('the link lasts an hour unless the request says otherwise', async () => {
    const { here, project } = await scene(engine)
    const usual = await mailedLink(here, project, newAddress(), {}, 'invite')
    const long = await mailedLink(here, project, newAddress(), { invite_expiration_minutes: 120 }, 'invite')
    here.clock.advance(3600 * SECOND)
    await refuse(here, project, authenticate, { token: usual.token }, 401, 'unable_to_auth_magic_link')
    await succeed(here, project, authenticate, { token: long.token })
  })

  test('who is pending already is invited again, and what is given is merged into the profile', async () => {
    const { here, project } = await scene(engine)
    const email = newAddress()
    const first = await mailedLink(
      here,
      project,
      email,
      { name: { first_name: 'A' }, trusted_metadata: { a: 1 } },
      'invite',
    )
    const fields = { name: { last_name: 'L' }, trusted_metadata: { b: 2 } }
    const second = await mailedLink(here, project, email, fields, 'invite')
    assert.deepEqual([second.user_id, second.email_id], [first.user_id, first.email_id])
    const user = await succeed(here, project, `GET /v1/users/${first.user_id}`)
    assert.deepEqual(
      [user.status, user.name, user.trusted_metadata],
      ['pending', { first_name: 'A', middle_name: '', last_name: 'L' }, { a: 1, b: 2 }],
    )
    assert.equal((await messagesTo(here, email)).length, 2)
    await succeed(here, project, authenticate, { token: first.token })
    await succeed(here, project, authenticate, { token: second.token })
  })

  test('an active user is no one to invite, and keeps the profile', async () => {
    const { here, project } = await scene(engine)
    const { user_id, emails } = await newUser(here, project)
    const before = await traces(here, project)
    const body = { email: emails[0].email, name: { first_name: 'Eve' }, trusted_metadata: { admin: true } }
    await refuse(here, project, route, body, 400, 'duplicate_email')
    assert.deepEqual(await traces(here, project), before)
    const user = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.deepEqual([user.name.first_name, user.trusted_metadata], ['', {}])
  })

  test('a request that is wrong anywhere is refused and leaves nothing', async () => {
    const { here, project } = await scene(engine)
    const bare = await withoutRedirectUrls(here)
    const pending = (await newUser(here, project, { create_user_as_pending: true })).emails[0].email
    const before = await traces(here, project)
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, 1]))
    const cases: [object, number, string][] = [
      [{ email: 'nonsense' }, 400, 'invalid_email'],
      [{ email: undefined }, 400, 'bad_request'],
      [{ invite_magic_link_url: 'nonsense' }, 400, 'invalid_invite_redirect_url'],
      [{ invite_magic_link_url: 'https://evil.example.com/' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ invite_expiration_minutes: 4 }, 400, 'invalid_expiration'],
      [{ invite_expiration_minutes: 10_081 }, 400, 'invalid_expiration'],
      [{ invite_template_id: 'any' }, 404, 'email_template_not_found'],
      [{ name: { first_name: 'x'.repeat(257) } }, 400, 'bad_request'],
      [{ attributes: { ip_address: 'here' } }, 400, 'invalid_ip_address'],
      [{ locale: 'de' }, 400, 'invalid_locale'],
      [{ trusted_metadata: [] }, 400, 'metadata_invalid_format'],
      [{ trusted_metadata: many }, 400, 'metadata_too_many_keys'],
      [{ untrusted_metadata: { a: 'x'.repeat(4096) } }, 400, 'metadata_too_large'],
    ]
    for (const email of [newAddress(), pending]) {
      for (const [fields, status, type] of cases) await refuse(here, project, route, { email, ...fields }, status, type)
    }
    await refuse(here, bare, route, { email: newAddress() }, 404, 'no_invite_redirect_urls_set')
    assert.deepEqual(await traces(here, project), before)
  })

  test('a live environment that cannot send invites nobody', async () => {
    const { here, project } = await scene(engine)
    const live = await liveCredentials(here, project)
    const valid_types = [{ type: 'INVITE', is_default: true }]
    await createRedirectUrl(here.app, project.live, { url: 'https://app.example.com/invited', valid_types })
    const before = await traces(here, live)
    await refuse(here, live, route, { email: newAddress() }, 400, 'downstream_carrier_error')
    assert.deepEqual(await traces(here, live), before)
  })

  test('a hundred invitations of one new address at once create one pending user', async () => {
    const { here, project } = await scene(engine)
    const email = newAddress()
    const { limits } = here.app.settings
    const kept = limits.email_links
    limits.email_links = undefined
    try {
      const body = { email, name: { first_name: 'Ada' } }
      const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, body)))
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
      assert.equal(new Set(answers.map((answer) => answer.body.user_id)).size, 1)
      assert.equal((await succeed(here, project, 'POST /v1/users/search', {})).results.length, 1)
    } finally {
      limits.email_links = kept
    }
  })
})
