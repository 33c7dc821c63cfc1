/** What both `login_or_signup` operations have to do. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { deleteMember } from '../../src/domain/members/removal.ts'
import { updateMember } from '../../src/domain/members/update.ts'
import { suppress } from '../../src/domain/messages/suppression.ts'
import { getOrganization } from '../../src/domain/organizations/reference.ts'
import { MINUTE, SECOND } from '../../src/values/time.ts'
import { call, refuse, succeed } from './call.ts'
import { lastMessage } from './inbox.ts'
import { newAddress, traces } from './links.ts'
import { memberScene, open, type Way } from './member_ways.ts'
import { give, memberIn, stored } from './members.ts'
import { toPeriodStart } from './one_time_codes.ts'
import { environmentOf, newOrganization } from './organizations.ts'
import { liveCredentials } from './users.ts'
import { type Engine, onBothEngines } from './world.ts'

/** Tests of the `login_or_signup` of a way in. */
export function testLoginOrSignup(way: Way): void {
  onBothEngines(`loginOrSignup by ${way}`, (engine) => {
    testAddressees(way, engine)
    testAdmission(way, engine)
    testRequests(way, engine)
  })
}

function testAddressees(way: Way, engine: Engine): void {
  const begin = (settings: object = {}) => memberScene(engine, way, settings)

  test('an active member gets a login message, in the language asked for, and is not changed', async () => {
    const { here, project, organization, ask, member, templates } = await begin()
    const known = await member()
    for (const locale of ['en', 'es', 'pt-br', 'fr']) {
      const { body } = await ask(known.email_address.toUpperCase(), { locale })
      assert.deepEqual([body.member_id, body.member_created], [known.member_id, false])
      assert.deepEqual(body.organization, organization)
      const message = await lastMessage(here, known.email_address, project)
      assert.deepEqual([message.template, message.locale], [templates.login, locale])
    }
    assert.deepEqual(await stored(here, project, known.member_id), known)
  })

  test('who was not let in yet gets a sign-up message, and stays pending or invited', async () => {
    const { here, project, ask, member, templates } = await begin()
    for (const status of ['pending', 'invited'] as const) {
      const known = await member({ status, email_address_verified: false })
      const { body } = await ask(known.email_address)
      assert.deepEqual([body.member_created, body.member.status], [false, status])
      assert.equal((await lastMessage(here, known.email_address, project)).template, templates.signup)
    }
  })

  test('an address that may join becomes a pending member, once', async () => {
    const { here, project, ask, templates } = await begin(open)
    const email_address = newAddress()
    const { body } = await ask(` ${email_address.toUpperCase()}`)
    assert.equal(body.member_created, true)
    const { status, email_address_verified, roles, is_admin } = body.member
    assert.deepEqual([body.member.email_address, status, email_address_verified], [email_address, 'pending', false])
    assert.deepEqual([roles.map((role: { role_id: string }) => role.role_id), is_admin], [['stytch_member'], false])
    assert.equal((await lastMessage(here, email_address, project)).template, templates.signup)
    const again = (await ask(email_address)).body
    assert.deepEqual([again.member_id, again.member_created], [body.member_id, false])
    assert.equal((await lastMessage(here, email_address, project)).template, templates.signup)
  })

  test('the organization is named by id, slug or external id', async () => {
    const { ask, member, organization } = await begin({ organization_external_id: `ext-${randomUUID()}` })
    const { email_address, member_id } = await member()
    const { organization_id, organization_slug, organization_external_id } = organization
    for (const reference of [organization_id, organization_slug, organization_external_id]) {
      assert.equal((await ask(email_address, { organization_id: reference })).body.member_id, member_id)
    }
  })

  test('a deleted member is not found: who may join becomes somebody new, who may not is refused', async () => {
    const { here, project, ask, member, change, refuseSend } = await begin(open)
    const known = await member()
    await deleteMember(here.app, await environmentOf(here, project), known)
    const { body } = await ask(known.email_address)
    assert.equal(body.member_created, true)
    assert.notEqual(body.member_id, known.member_id)
    const other = await member()
    await deleteMember(here.app, await environmentOf(here, project), other)
    await change({ email_jit_provisioning: 'NOT_ALLOWED' })
    await refuseSend(other.email_address, 400, 'email_jit_provisioning_not_allowed')
  })

  test('an address that another member has retired is nobody else’s', async () => {
    const { here, project, organization_id, member, refuseSend } = await begin(open)
    const known = await member()
    const environment = await environmentOf(here, project)
    const organization = await getOrganization(here.app, environment, organization_id)
    await updateMember(here.app, environment, organization, known, { email_address: newAddress() })
    const before = await traces(here, project)
    await refuseSend(known.email_address, 400, 'retired_member_email')
    assert.deepEqual(await traces(here, project), before)
  })

  test('a locked member is still written to', async () => {
    const { here, project, ask, member } = await begin()
    const { member_id, email_address } = await member()
    await give(here, project, member_id, { lock_created_at: 1, lock_expires_at: here.clock.now() + 60 * MINUTE })
    assert.equal((await ask(email_address)).body.member.is_locked, true)
  })

  test('one address in two organizations is two members; in two projects as well', async () => {
    const { here, project, ask } = await begin(open)
    const email_address = newAddress()
    const first = (await ask(email_address)).body
    const second = await newOrganization(here, project, open)
    const there = (await ask(email_address, { organization_id: second.organization_id })).body
    assert.deepEqual([there.member_created, there.organization.organization_id], [true, second.organization_id])
    assert.notEqual(there.member_id, first.member_id)
  })

  test('a hundred at once for one new address make one member and one message', async () => {
    const { here, project, organization_id, send, sent } = await begin(open)
    toPeriodStart(here, 1)
    const email_address = newAddress()
    const body = { organization_id, email_address }
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, send, body)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(answers.filter(({ status }) => status === 429).length, 99)
    const { members } = (await traces(here, project)) as { members: unknown[] }
    assert.deepEqual([members.length, (await sent(email_address)).length], [1, 1])
  })

  test('links and codes to one new address at once make one member', async () => {
    const { here, project, organization_id, sent } = await begin(open)
    toPeriodStart(here, 1)
    const email_address = newAddress()
    const routes = ['POST /v1/b2b/magic_links/email/login_or_signup', 'POST /v1/b2b/otps/email/login_or_signup']
    const answers = await Promise.all(
      routes.map((route) => call(here, project, route, { organization_id, email_address })),
    )
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    )
    assert.equal(new Set(answers.map(({ body }) => body.member_id)).size, 1)
    assert.equal(answers.filter(({ body }) => body.member_created).length, 1)
    assert.equal((await sent(email_address)).length, 2)
  })

  test('an organization that is deleted meanwhile leaves nobody behind', async () => {
    const { here, project, organization_id, send } = await begin(open)
    const [, answer] = await Promise.all([
      succeed(here, project, `DELETE /v1/b2b/organizations/${organization_id}`),
      call(here, project, send, { organization_id, email_address: newAddress() }),
    ])
    assert.ok([200, 404].includes(answer.status), JSON.stringify(answer.body))
    const { members } = (await traces(here, project)) as { members: unknown[] }
    assert.deepEqual(members, [])
  })
}

function testAdmission(way: Way, engine: Engine): void {
  const begin = (settings: object = {}) => memberScene(engine, way, settings)

  test('who may not join is refused, and leaves nothing behind', async () => {
    const { here, project, refuseSend, change } = await begin({ email_allowed_domains: ['example.com'] })
    const before = await traces(here, project)
    await refuseSend(newAddress(), 400, 'email_jit_provisioning_not_allowed')
    assert.deepEqual(await traces(here, project), before)
    await change({ email_jit_provisioning: 'RESTRICTED' })
    const between = await traces(here, project)
    for (const domain of ['other.example.com', 'example.com.evil.com', 'notexample.com', 'example.org']) {
      await refuseSend(`ada@${domain}`, 400, 'invalid_email_for_jit_provisioning')
    }
    assert.deepEqual(await traces(here, project), between)
  })

  test('a domain that another organization has claimed is its own; members there already stay', async () => {
    const { here, project, ask, member, refuseSend } = await begin(open)
    const known = await member()
    await newOrganization(here, project, { claimed_email_domains: ['example.com'] })
    const before = await traces(here, project)
    await refuseSend(newAddress(), 400, 'action_not_allowed_email_domain_is_claimed')
    assert.deepEqual(await traces(here, project), before)
    assert.equal((await ask(known.email_address)).status, 200)
  })

  test('where the organization forbids the method nobody is written to, but for breakglass members', async () => {
    const { here, project, ask, member, refuseSend, change, method } = await begin(open)
    const known = await member()
    const exempt = await member({ is_breakglass: true })
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso', 'password'] })
    const before = await traces(here, project)
    for (const address of [known.email_address, newAddress(), 'ada@elsewhere.example']) {
      await refuseSend(address, 403, 'operation_restricted_by_organization_auth_methods')
    }
    assert.deepEqual(await traces(here, project), before)
    assert.equal((await ask(exempt.email_address)).status, 200)
    await change({ allowed_auth_methods: ['sso', method] })
    assert.equal((await ask(known.email_address)).status, 200)
    assert.equal((await ask(newAddress())).body.member_created, true)
  })

  test('organizations and members of another project do not exist', async () => {
    const { here, project, organization, organization_id, send, refuseSend, member } = await begin({
      ...open,
      organization_slug: `slug-${randomUUID()}`,
    })
    const { email_address } = await member()
    const other = await here.project('B2B')
    const theirs = await newOrganization(here, other, open)
    const before = [await traces(here, project), await traces(here, other)]
    for (const reference of [organization_id, organization.organization_slug]) {
      await refuse(here, other, send, { organization_id: reference, email_address }, 404, 'organization_not_found')
    }
    await refuseSend(newAddress(), 404, 'organization_not_found', { organization_id: theirs.organization_id })
    await refuseSend(newAddress(), 400, 'live_id_used_in_test_environment', {
      organization_id: `organization-live-${randomUUID()}`,
    })
    assert.deepEqual([await traces(here, project), await traces(here, other)], before)
  })
}

function testRequests(way: Way, engine: Engine): void {
  const begin = (settings: object = {}) => memberScene(engine, way, settings)

  test('what is wrong with the request is refused before anybody is added or written to', async () => {
    const { here, project, refuseSend, member, ask, minutes } = await begin(open)
    const { email_address } = await member()
    const before = await traces(here, project)
    for (const text of ['', 'ada', 'ada@example', 'a@example.com, b@example.com']) {
      await refuseSend(text, 400, 'invalid_email')
    }
    await refuseSend(email_address, 400, 'bad_request', { email_address: undefined })
    await refuseSend(email_address, 400, 'bad_request', { organization_id: undefined })
    await refuseSend(email_address, 400, 'invalid_organization_id', { organization_id: 'a b' })
    await refuseSend(email_address, 404, 'organization_not_found', { organization_id: 'nowhere' })
    for (const locale of ['de-DE', 'EN', 7]) await refuseSend(email_address, 400, 'invalid_locale', { locale })
    for (const field of ['login_template_id', 'signup_template_id']) {
      await refuseSend(email_address, 404, 'email_template_not_found', { [field]: 'mine' })
    }
    for (const field of ['login_expiration_minutes', 'signup_expiration_minutes']) {
      for (const amount of [0, minutes.least - 1, minutes.most + 1]) {
        const { error_message } = await refuseSend(email_address, 400, minutes.refusal, { [field]: amount })
        assert.ok(error_message.includes(field))
      }
      await refuseSend(email_address, 400, 'bad_request', { [field]: 7.5 })
    }
    assert.deepEqual(await traces(here, project), before)
    assert.equal((await ask(email_address, { login_expiration_minutes: minutes.most })).status, 200)
    const consumer = await here.project()
    await refuse(here, consumer, (await begin()).send, {}, 400, 'invalid_b2b_endpoint')
  })

  test('a message of either kind lasts as long as the request says, or else its usual time', async () => {
    const { here, member, proofFor, enter, refuseEnter, minutes, spent } = await begin(open)
    const last = async (address: string, fields: object, expected: number) => {
      const proof = await proofFor(address, fields)
      here.clock.advance(expected * MINUTE - 1)
      const other = await proofFor(address, fields)
      here.clock.advance(expected * MINUTE - SECOND)
      await enter(other)
      await refuseEnter(proof, 401, spent)
    }
    const { email_address } = await member()
    await last(email_address, {}, minutes.usual)
    await last(
      email_address,
      { login_expiration_minutes: minutes.least, signup_expiration_minutes: minutes.most },
      minutes.least,
    )
    const proof = await proofFor(newAddress(), { signup_expiration_minutes: minutes.least })
    here.clock.advance(minutes.least * MINUTE)
    await refuseEnter(proof, 401, spent)
  })

  test('one message to an address in a second; a refused one counts for nothing', async () => {
    const { here, project, organization_id, send, member, ask, refuseSend, sent } = await begin(open)
    const { email_address } = await member()
    toPeriodStart(here, 1)
    here.clock.advance(-SECOND)
    assert.equal((await ask(email_address)).status, 200)
    const answer = await call(here, project, send, { organization_id, email_address })
    assert.deepEqual([answer.status, answer.body.error_type], [429, 'too_many_requests'])
    assert.equal(answer.headers['retry-after'], '1')
    await refuseSend(email_address, 429, 'too_many_requests')
    const other = newAddress()
    await refuseSend(other, 400, 'invalid_locale', { locale: 'xx' })
    assert.equal((await call(here, project, send, { organization_id, email_address: other })).status, 200)
    assert.equal((await sent(email_address)).length, 1)
  })

  test('where no carrier takes the message nobody is added', async () => {
    const { here, project, send, refuseSend } = await begin(open)
    const live = await liveCredentials(here, project)
    const organization = await newOrganization(here, live, open)
    const redirect = {
      url: 'https://app.example.com/',
      valid_types: ['LOGIN', 'SIGNUP'].map((type) => ({ type, is_default: true })),
    }
    const path = project.path.replace(/[^/]+$/, project.live.environment_slug)
    await succeed(here, here.workspace, `POST ${path}/redirect_urls`, redirect)
    const before = await traces(here, live)
    const body = { organization_id: organization.organization_id, email_address: newAddress() }
    await refuse(here, live, send, body, 400, 'downstream_carrier_error')
    assert.deepEqual(await traces(here, live), before)
    const bounced = newAddress()
    await suppress(here.app, project.id, 'email', bounced)
    await refuseSend(bounced, 400, 'inactive_email')
    const { members } = (await traces(here, project)) as { members: unknown[] }
    assert.deepEqual(members, [])
  })

  test('a member of one organization is not the one of another', async () => {
    const { here, project, refuseSend, organization_id } = await begin()
    const other = await newOrganization(here, project)
    const { email_address } = await memberIn(here, project, other)
    await refuseSend(email_address, 400, 'email_jit_provisioning_not_allowed', { organization_id })
  })
}
