/** POST …/members/{member_id}/start_email_update: whom a proof is mailed to, every refusal, and one pending change an address. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listOneTimeTokens } from '../../../../../src/domain/proofs/one_time_token.ts'
import { MINUTE, SECOND } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { lastMessage, messagesTo } from '../../../../support/inbox.ts'
import {
  give,
  isSignedIn,
  membersOf,
  newMember,
  organizationIn,
  provenMember,
  race,
  readMember,
  signIn,
  stored,
} from '../../../../support/members.ts'
import { environmentOf, newOrganization } from '../../../../support/organizations.ts'
import { register, withoutRedirectUrls } from '../../../../support/redirect_urls.ts'
import { type Engine, onBothEngines } from '../../../../support/world.ts'

async function proven(engine: Engine, body: object = {}) {
  const place = await organizationIn(engine)
  const { here, project, organization, members } = place
  const member = await provenMember(here, project, organization, body)
  const routeOf = ({ member_id }: { member_id: string }) => `POST ${members}/${member_id}/start_email_update`
  return { ...place, member, routeOf, route: routeOf(member) }
}

onBothEngines('organizations.members.startEmailUpdate', (engine) => {
  test('mails a link of five minutes to the new address; the member stays as they are until it is used', async () => {
    const { here, project, organization, member, route } = await proven(engine)
    await signIn(here, project, member.member_id)
    const reply = await succeed(here, project, route, { email_address: ' New@Example.com ' })
    assert.deepEqual(
      [reply.member_id, reply.organization.organization_id],
      [member.member_id, organization.organization_id],
    )
    assert.deepEqual(
      { ...reply.member, updated_at: '' },
      { ...member, updated_at: '' },
      'a change under way is not shown',
    )
    const message = await lastMessage(here, 'new@example.com', project)
    assert.deepEqual([message.channel, message.template, message.locale], ['email', 'verify_email', 'en'])
    const [link] = message.links
    assert.equal(link?.purpose, 'verify_email')
    assert.equal(new URL(String(link?.url)).searchParams.get('stytch_token_type'), 'multi_tenant_magic_links')
    const environment = await environmentOf(here, project)
    const [token] = await listOneTimeTokens(here.app, environment, member.member_id)
    assert.equal(token?.expires_at, here.clock.now() + 5 * MINUTE)
    assert.deepEqual([token?.purpose, token?.details.kind], ['magic link', 'email_update'])
    const { email_update } = await stored(here, project, member.member_id)
    assert.deepEqual([email_update?.email_address, email_update?.email_id], ['new@example.com', token?.method_id])
    assert.deepEqual(await messagesTo(here, member.email_address, project), [])
    assert.equal(await isSignedIn(here, project, member.member_id), true)
  })

  test('mails a code instead when asked to, in the language asked for', async () => {
    const { here, project, route } = await proven(engine)
    const body = { email_address: 'new@example.com', delivery_method: 'EMAIL_OTP', locale: 'fr' }
    await succeed(here, project, route, body)
    const message = await lastMessage(here, 'new@example.com', project)
    assert.deepEqual([message.template, message.locale, message.links], ['verify_email', 'fr', []])
    assert.match(String(message.code), /^\d{6}$/)
    assert.ok(message.text.includes(String(message.code)))
    assert.ok(message.html?.includes(String(message.code)))
  })

  test('a second change replaces the first, and the first address is free for others', async () => {
    const { here, project, organization, member, route, routeOf } = await proven(engine)
    await succeed(here, project, route, { email_address: 'first@example.com' })
    await succeed(here, project, route, { email_address: 'second@example.com' })
    const environment = await environmentOf(here, project)
    assert.equal((await listOneTimeTokens(here.app, environment, member.member_id)).length, 1)
    const other = await provenMember(here, project, organization)
    const wanted = { email_address: 'second@example.com' }
    here.clock.advance(SECOND)
    const updating = 'desired_email_updating_for_different_member'
    await refuse(here, project, routeOf(other), wanted, 400, updating)
    here.clock.advance(SECOND)
    await succeed(here, project, routeOf(other), { email_address: 'first@example.com' })
  })

  test('a change that was not completed in time stands in nobody’s way', async () => {
    const { here, project, organization, member, route, routeOf } = await proven(engine)
    await succeed(here, project, route, { email_address: 'wanted@example.com' })
    const other = await provenMember(here, project, organization)
    here.clock.advance(5 * MINUTE - 1)
    const body = { email_address: 'wanted@example.com' }
    await refuse(here, project, routeOf(other), body, 400, 'desired_email_updating_for_different_member')
    here.clock.advance(SECOND)
    await succeed(here, project, routeOf(other), body)
    assert.equal((await stored(here, project, member.member_id)).email_update, null)
  })

  test('refuses addresses that are malformed or that somebody has or had, and sends nothing', async () => {
    const { here, project, organization, members, member, route } = await proven(engine)
    const bob = await newMember(here, project, organization, { email_address: 'bob@example.com' })
    await succeed(here, project, `PUT ${members}/${bob.member_id}`, { email_address: 'bob2@example.com' })
    const claimed = 'claimed.example'
    await newOrganization(here, project, { claimed_email_domains: [claimed] })
    const refusals: [email_address: unknown, error_type: string][] = [
      [undefined, 'bad_request'],
      ['', 'invalid_email'],
      ['nonsense', 'invalid_email'],
      [member.email_address, 'duplicate_member_email'],
      ['bob2@example.com', 'duplicate_member_email'],
      ['bob@example.com', 'desired_email_deactivated_by_different_member'],
      [`ada@${claimed}`, 'action_not_allowed_email_domain_is_claimed'],
    ]
    for (const [email_address, type] of refusals) {
      here.clock.advance(SECOND)
      await refuse(here, project, route, { email_address }, 400, type)
      if (typeof email_address === 'string') assert.deepEqual(await messagesTo(here, email_address, project), [])
    }
    assert.equal((await stored(here, project, member.member_id)).email_update, null)
  })

  test('a member may go back to an address of their own', async () => {
    const { here, project, members, member, route } = await proven(engine, { email_address: 'old@example.com' })
    const { email_id } = await stored(here, project, member.member_id)
    await succeed(here, project, `PUT ${members}/${member.member_id}`, { email_address: 'new@example.com' })
    await give(here, project, member.member_id, { email_address_verified: true })
    await succeed(here, project, route, { email_address: 'old@example.com' })
    assert.equal((await stored(here, project, member.member_id)).email_update?.email_id, email_id)
  })

  test('refuses members who are not active, or have proven no address', async () => {
    const { here, project, organization, members, routeOf } = await proven(engine)
    const body = { email_address: 'new@example.com' }
    const pending = await newMember(here, project, organization, { create_member_as_pending: true })
    await give(here, project, pending.member_id, { email_address_verified: true })
    const unavailable = 'email_updates_available_only_for_active_members'
    await refuse(here, project, routeOf(pending), body, 400, unavailable)
    await give(here, project, pending.member_id, { status: 'invited' })
    await refuse(here, project, routeOf(pending), body, 400, unavailable)
    const unproven = await newMember(here, project, organization)
    await refuse(here, project, routeOf(unproven), body, 400, 'member_has_no_active_verified_email')
    await succeed(here, project, `DELETE ${members}/${unproven.member_id}`)
    await refuse(here, project, routeOf(unproven), body, 404, 'member_not_found')
    assert.deepEqual(await messagesTo(here, body.email_address, project), [])
  })

  test('refuses what it does not know', async () => {
    const { here, project, route } = await proven(engine)
    const email_address = 'new@example.com'
    const refusals: [more: object, status: number, error_type: string][] = [
      [{ delivery_method: 'SMS' }, 400, 'bad_request'],
      [{ locale: 'xx' }, 400, 'invalid_locale'],
      [{ login_template_id: 'mine' }, 404, 'email_template_not_found'],
      [{ login_redirect_url: 'nonsense' }, 400, 'invalid_login_redirect_url'],
      [{ login_redirect_url: 'https://evil.example.com' }, 400, 'no_match_for_provided_magic_link_url'],
    ]
    for (const [more, status, type] of refusals) {
      await refuse(here, project, route, { email_address, ...more }, status, type)
    }
    assert.deepEqual(await messagesTo(here, email_address, project), [])
  })

  test('a link needs a login URL, a code does not', async () => {
    const { here } = await organizationIn(engine)
    const project = await withoutRedirectUrls(here, 'B2B')
    const organization = await newOrganization(here, project)
    const { member_id } = await provenMember(here, project, organization)
    const route = `POST ${membersOf(organization)}/${member_id}/start_email_update`
    const email_address = 'new@example.com'
    await refuse(here, project, route, { email_address }, 404, 'no_login_redirect_urls_set')
    await succeed(here, project, route, { email_address, delivery_method: 'EMAIL_OTP' })
    await register(here, project.path, 'https://app.example.com/login', ['LOGIN'])
    const given = { email_address, login_redirect_url: 'https://app.example.com/login' }
    await succeed(here, project, route, given)
    const [token] = await listOneTimeTokens(here.app, await environmentOf(here, project), member_id)
    assert.equal(token?.details.redirect_url, 'https://app.example.com/login')
  })

  test('an address gets one link a second', async () => {
    const { here, project, route } = await proven(engine)
    here.clock.advance(SECOND)
    const body = { email_address: 'new@example.com' }
    await succeed(here, project, route, body)
    await refuse(here, project, route, body, 429, 'too_many_requests')
    here.clock.advance(SECOND)
    await succeed(here, project, route, body)
  })

  test('of many members who want one address at once, one is written to', async () => {
    const { here, project, organization, routeOf } = await proven(engine)
    const routes: string[] = []
    for (let n = 0; n < 10; n++) routes.push(routeOf(await provenMember(here, project, organization)))
    const body = { email_address: 'wanted@example.com', delivery_method: 'EMAIL_OTP' }
    here.clock.advance(SECOND)
    const counts = await race(
      here,
      project,
      (index) => String(routes[index]),
      () => body,
      10,
    )
    assert.equal(counts[200], 1, JSON.stringify(counts))
    assert.equal((await messagesTo(here, 'wanted@example.com', project)).length, 1)
  })

  test('a member of another organization is not found', async () => {
    const { here, project, member } = await proven(engine)
    const other = membersOf(await newOrganization(here, project))
    const route = `POST ${other}/${member.member_id}/start_email_update`
    await refuse(here, project, route, { email_address: 'new@example.com' }, 404, 'member_not_found')
    assert.deepEqual(await readMember(here, project, member), member)
  })
})
