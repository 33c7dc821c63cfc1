/** POST /v1/b2b/magic_links/email/invite. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { deleteMember } from '../../../../../src/domain/members/removal.ts'
import { MINUTE, SECOND } from '../../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { lastMessage } from '../../../../support/inbox.ts'
import { newAddress, registeredUrl, traces } from '../../../../support/links.ts'
import { memberScene, verifiedPhone } from '../../../../support/member_ways.ts'
import { memberIn, stored } from '../../../../support/members.ts'
import { toPeriodStart } from '../../../../support/one_time_codes.ts'
import { environmentOf, newOrganization, setB2bPolicy } from '../../../../support/organizations.ts'
import { withoutRedirectUrls } from '../../../../support/redirect_urls.ts'
import { type Engine, onBothEngines, world } from '../../../../support/world.ts'

const route = 'POST /v1/b2b/magic_links/email/invite'
const inviting = { email_invites: 'ALL_ALLOWED' }
const week = 7 * 24 * 60 * MINUTE

async function scene(engine: Engine, settings: object = inviting) {
  const base = await memberScene(engine, 'link', settings)
  const { here, project, organization_id } = base
  const invite = (email_address: string, fields: object = {}) => {
    here.clock.advance(SECOND)
    return succeed(here, project, route, { organization_id, email_address, ...fields })
  }
  return {
    ...base,
    invite,
    refuseInvite(email_address: string, status: number, type: string, fields: object = {}) {
      here.clock.advance(SECOND)
      return refuse(here, project, route, { organization_id, email_address, ...fields }, status, type)
    },
    async tokenOf(email_address: string, fields: object = {}) {
      await invite(email_address, fields)
      return { magic_links_token: (await lastMessage(here, email_address, project)).links[0]?.token }
    },
  }
}

onBothEngines('magic_links.email.invite', (engine) => {
  test('creates an invited member with what is said of them, and mails a link that makes them active', async () => {
    const { here, project, organization, member, invite, enter } = await scene(engine)
    await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'editor', description: '', permissions: [] }] })
    const inviter = await member({ external_id: 'boss' })
    const email_address = newAddress()
    const reply = await invite(email_address.toUpperCase(), {
      name: 'Ada',
      roles: ['editor', 'stytch_admin'],
      trusted_metadata: { plan: 'pro' },
      untrusted_metadata: { theme: 'dark' },
      invite_redirect_url: registeredUrl,
      invited_by_member_id: inviter.member_id,
      locale: 'fr',
    })
    assert.deepEqual(reply.organization, organization)
    const { member_id, status, name, email_address_verified, is_admin } = reply.member
    assert.deepEqual(
      [reply.member_id, status, name, email_address_verified, is_admin],
      [member_id, 'invited', 'Ada', false, true],
    )
    assert.deepEqual(
      [reply.member.email_address, reply.member.trusted_metadata, reply.member.untrusted_metadata],
      [email_address, { plan: 'pro' }, { theme: 'dark' }],
    )
    const { template, locale, links } = await lastMessage(here, email_address, project)
    assert.deepEqual([template, locale, links[0]?.purpose], ['invite', 'fr', 'invite'])
    const entered = await enter({ magic_links_token: links[0]?.token })
    assert.deepEqual([entered.member.status, entered.member.email_address_verified], ['active', true])
    assert.deepEqual(entered.member_session.roles.toSorted(), ['editor', 'stytch_admin', 'stytch_member'])
    await invite(newAddress(), { invited_by_member_id: 'boss' })
  })

  test('only the newest invitation counts; links to log in stay as they are', async () => {
    const { invite, tokenOf, proofFor, enter, refuseEnter } = await scene(engine)
    const email_address = newAddress()
    const first = await tokenOf(email_address)
    const own = await proofFor(email_address)
    const second = await tokenOf(email_address, { name: 'Ada', trusted_metadata: { a: 1 } })
    await refuseEnter(first, 401, 'unable_to_auth_magic_link')
    const again = await invite(email_address, { trusted_metadata: { b: 2 } })
    assert.deepEqual(
      [again.member.status, again.member.name, again.member.trusted_metadata],
      ['invited', 'Ada', { a: 1, b: 2 }],
    )
    await refuseEnter(second, 401, 'unable_to_auth_magic_link')
    await enter(own)
    await enter(await proofFor(email_address))
  })

  test('turns a pending member into an invited one', async () => {
    const { here, project, member, invite } = await scene(engine)
    const known = await member({ status: 'pending', email_address_verified: false, roles: ['stytch_admin'] })
    const { member: invited } = await invite(known.email_address)
    assert.deepEqual([invited.member_id, invited.status, invited.is_admin], [known.member_id, 'invited', true])
    assert.deepEqual((await stored(here, project, known.member_id)).assigned_roles, ['stytch_admin'])
    const { member: without } = await invite(known.email_address, { roles: [] })
    assert.equal(without.is_admin, false)
  })

  test('an invitation lasts a week, or as long as it says; deleting the member takes it back', async () => {
    const { here, project, invite, tokenOf, enter, refuseEnter } = await scene(engine)
    const lasting = await tokenOf(newAddress())
    const spent = await tokenOf(newAddress())
    const short = await tokenOf(newAddress(), { invite_expiration_minutes: 5 })
    here.clock.advance(5 * MINUTE)
    await refuseEnter(short, 401, 'unable_to_auth_magic_link')
    here.clock.advance(week - 5 * MINUTE - 3 * SECOND)
    await enter(lasting)
    here.clock.advance(3 * SECOND)
    await refuseEnter(spent, 401, 'unable_to_auth_magic_link')
    const email_address = newAddress()
    const gone = await tokenOf(email_address)
    const { member_id } = (await invite(email_address)).member
    const newest = { magic_links_token: (await lastMessage(here, email_address, project)).links[0]?.token }
    await deleteMember(here.app, await environmentOf(here, project), await stored(here, project, member_id))
    for (const link of [gone, newest]) await refuseEnter(link, 404, 'magic_link_not_found')
    assert.notEqual((await invite(email_address)).member.member_id, member_id)
  })

  test('who may be invited is up to the organization', async () => {
    const { here, project, change, invite, refuseInvite } = await scene(engine, { email_invites: 'NOT_ALLOWED' })
    const before = await traces(here, project)
    await refuseInvite(newAddress(), 400, 'invalid_email_for_invites')
    assert.deepEqual(await traces(here, project), before)
    await change({ email_invites: 'RESTRICTED', email_allowed_domains: ['example.com'] })
    const between = await traces(here, project)
    await refuseInvite('ada@sub.example.com', 400, 'invalid_email_for_invites')
    await refuseInvite('ada@example.org', 400, 'invalid_email_for_invites')
    assert.deepEqual(await traces(here, project), between)
    const email_address = newAddress()
    await invite(email_address)
    await change({ email_invites: 'NOT_ALLOWED' })
    await refuseInvite(email_address, 400, 'invalid_email_for_invites')
  })

  test('nobody is invited by a link where links cannot be used, nor to a claimed domain', async () => {
    const { here, project, change, member, refuseInvite, invite } = await scene(engine)
    const exempt = await member({ status: 'pending', is_breakglass: true })
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] })
    const before = await traces(here, project)
    await refuseInvite(newAddress(), 403, 'operation_restricted_by_organization_auth_methods')
    assert.deepEqual(await traces(here, project), before)
    await invite(exempt.email_address)
    await change({ auth_methods: 'ALL_ALLOWED' })
    await newOrganization(here, project, { claimed_email_domains: ['example.com'] })
    const between = await traces(here, project)
    await refuseInvite(newAddress(), 400, 'action_not_allowed_email_domain_is_claimed')
    await refuseInvite(exempt.email_address, 400, 'action_not_allowed_email_domain_is_claimed')
    assert.deepEqual(await traces(here, project), between)
  })

  test('an active member, or the address one has retired, cannot be invited', async () => {
    const { here, project, member, refuseInvite } = await scene(engine)
    const { email_address } = await member()
    const before = await traces(here, project)
    await refuseInvite(email_address, 400, 'duplicate_member_email', { name: 'Eve' })
    assert.deepEqual(await traces(here, project), before)
  })

  test('what is wrong with the request is refused before anybody is added or written to', async () => {
    const { here, project, member, refuseInvite, invite } = await scene(engine)
    const pending = await member({ status: 'pending', ...verifiedPhone() })
    const elsewhere = await memberIn(here, project, await newOrganization(here, project))
    const theirs = await here.project('B2B')
    const before = await traces(here, project)
    for (const address of [newAddress(), pending.email_address]) {
      const cases: [number, string, object][] = [
        [400, 'invalid_email', { email_address: 'ada' }],
        [400, 'bad_request', { email_address: undefined }],
        [404, 'organization_not_found', { organization_id: 'nowhere' }],
        [400, 'invalid_expiration', { invite_expiration_minutes: 4 }],
        [400, 'invalid_expiration', { invite_expiration_minutes: 10_081 }],
        [400, 'invalid_locale', { locale: 'it' }],
        [404, 'email_template_not_found', { invite_template_id: 'mine' }],
        [400, 'invalid_invite_redirect_url', { invite_redirect_url: 'nowhere' }],
        [400, 'no_match_for_provided_magic_link_url', { invite_redirect_url: 'https://elsewhere.example.com' }],
        [400, 'invalid_rbac_role_assignment', { roles: ['nobody'] }],
        [400, 'bad_request', { roles: 'stytch_admin' }],
        [400, 'bad_request', { name: 'x'.repeat(257) }],
        [400, 'metadata_invalid_format', { trusted_metadata: [] }],
        [400, 'metadata_too_large', { untrusted_metadata: { a: 'x'.repeat(5000) } }],
        [404, 'member_not_found', { invited_by_member_id: elsewhere.member_id }],
        [404, 'member_not_found', { invited_by_member_id: `member-test-${randomUUID()}` }],
        [400, 'invalid_id', { invited_by_member_id: 'member-test-1' }],
      ]
      for (const [status, type, fields] of cases) await refuseInvite(address, status, type, fields)
    }
    const { organization_id } = pending
    const body = { organization_id, email_address: newAddress() }
    await refuse(here, theirs, route, body, 404, 'organization_not_found')
    await refuse(here, await here.project(), route, body, 400, 'invalid_b2b_endpoint')
    assert.deepEqual(await traces(here, project), before)
    await invite(pending.email_address)
    const bare = await withoutRedirectUrls(here, 'B2B')
    const organization = await newOrganization(here, bare, inviting)
    const there = { organization_id: organization.organization_id, email_address: newAddress() }
    await refuse(here, bare, route, there, 404, 'no_invite_redirect_urls_set')
  })

  test('a member who calls needs to be allowed to create members, and to give roles', async () => {
    const { here, project, organization_id, member, proofFor, enter } = await scene(engine)
    const tokenFor = async (roles: string[]) => {
      const { email_address } = await member({ roles })
      return (await enter(await proofFor(email_address))).session_token as string
    }
    const [admin, plain] = [await tokenFor(['stytch_admin']), await tokenFor([])]
    const as = async (token: string, fields: object = {}) => {
      here.clock.advance(SECOND)
      const { statusCode, json } = await here.server.inject({
        method: 'POST',
        url: route.slice(5),
        headers: {
          authorization: `Basic ${Buffer.from(`${project.id}:${project.secret}`).toString('base64')}`,
          'content-type': 'application/json',
          'x-stytch-member-session': token,
        },
        payload: JSON.stringify({ organization_id, email_address: newAddress(), ...fields }),
      })
      return [statusCode, json().error_type]
    }
    const before = await traces(here, project)
    assert.deepEqual(await as(plain), [403, 'session_authorization_error'])
    assert.deepEqual(await as(admin, { trusted_metadata: {} }), [401, 'cannot_update_trusted_metadata'])
    const { organization_id: other } = await newOrganization(here, project, inviting)
    const refused = await as(admin, { organization_id: other })
    assert.deepEqual(refused, [403, 'session_authorization_tenancy_error'])
    const { members, messages, tokens } = before as Record<string, unknown>
    const after = (await traces(here, project)) as Record<string, unknown>
    assert.deepEqual([after.members, after.messages, after.tokens], [members, messages, tokens])
    assert.deepEqual(await as(admin, { roles: ['stytch_admin'] }), [200, undefined])
  })

  test('a hundred invitations of one address at once make one member and one link that works', async () => {
    const { here, project, organization_id, sent, enter } = await scene(engine)
    toPeriodStart(here, 1)
    const body = { organization_id, email_address: newAddress() }
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, body)))
    assert.deepEqual(
      [200, 429].map((status) => answers.filter((answer) => answer.status === status).length),
      [1, 99],
    )
    const [message] = await sent(body.email_address)
    assert.equal((await enter({ magic_links_token: message?.links[0]?.token })).member.status, 'active')
  })

  test('an invitation and its acceptance at once leave an active member, or one with a link that works', async () => {
    const { here, project, organization_id, tokenOf, authenticate, sent, enter } = await scene(engine)
    for (let round = 0; round < 5; round++) {
      const email_address = newAddress()
      const first = await tokenOf(email_address)
      here.clock.advance(SECOND)
      const [accepted, invited] = await Promise.all([
        call(here, project, authenticate, first),
        call(here, project, route, { organization_id, email_address }),
      ])
      assert.notEqual(accepted.status, invited.status)
      if (accepted.status === 200) {
        assert.deepEqual([invited.status, invited.body.error_type], [400, 'duplicate_member_email'])
        continue
      }
      assert.equal(accepted.body.error_type, 'unable_to_auth_magic_link')
      const [newest] = await sent(email_address)
      await enter({ magic_links_token: newest?.links[0]?.token })
    }
  })

  test('invitations know only their own project', async () => {
    const here = await world(engine)
    const { organization_id, project } = await scene(engine)
    const other = await here.project('B2B')
    const before = await traces(here, project)
    await refuse(here, other, route, { organization_id, email_address: newAddress() }, 404, 'organization_not_found')
    assert.deepEqual(await traces(here, project), before)
  })
})
