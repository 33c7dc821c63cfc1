/** Members who call operations on members themselves: what each needs, what nobody may, and that a refusal changes nothing. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { succeed } from '../../support/call.ts'
import { give, membersOf, newMember, organizationIn, provenMember, readMember, signIn } from '../../support/members.ts'
import { newOrganization, setB2bPolicy } from '../../support/organizations.ts'
import { type Credentials, type Engine, onBothEngines, type World } from '../../support/world.ts'

/** Calls as the member of that session; the answer is `200`, or the error type. */
async function as(here: World, project: Credentials, token: string, route: string, body?: object): Promise<string> {
  const [method = '', url = ''] = route.split(' ')
  const response = await here.server.inject({
    method: method as 'GET',
    url,
    headers: {
      authorization: `Basic ${Buffer.from(`${project.id}:${project.secret}`).toString('base64')}`,
      'x-stytch-member-session': token,
    },
    ...(body === undefined ? {} : { payload: body }),
  })
  return response.statusCode === 200 ? '200' : response.json().error_type
}

const denied = 'session_authorization_error'
const elsewhere = 'session_authorization_tenancy_error'

/** An organization with an administrator, a plain member, and one whose role allows one action on members. */
async function staffed(engine: Engine, action: string) {
  const place = await organizationIn(engine)
  const { here, project, organization } = place
  const permissions = [{ resource_id: 'stytch.member', actions: [action] }]
  await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'clerk', description: '', permissions }] })
  const person = async (...roles: string[]) => {
    const { member_id } = await provenMember(here, project, organization, { roles })
    return { member_id, token: await signIn(here, project, member_id) }
  }
  const [admin, plain, clerk] = [await person('stytch_admin'), await person(), await person('clerk')]
  const target = await newMember(here, project, organization, {
    mfa_phone_number: '+14155550123',
    external_id: 'target',
  })
  return { ...place, admin, plain, clerk, target }
}

onBothEngines('members acting on members', (engine) => {
  test('fields of an update need their actions, some of them never by oneself', async () => {
    const { here, project, members, admin, plain, clerk, target } = await staffed(engine, 'update.info.name')
    const put = ({ member_id }: { member_id: string }) => `PUT ${members}/${member_id}`
    const own = [
      { name: 'Ada' },
      { untrusted_metadata: { a: 1 } },
      { mfa_phone_number: '+14155550177' },
      { mfa_enrolled: true },
      { default_mfa_method: 'sms_otp' },
    ]
    const others = [
      { is_breakglass: true },
      { roles: ['clerk'] },
      { external_id: 'x' },
      { preserve_existing_sessions: true },
    ]
    for (const body of own) {
      assert.equal(await as(here, project, plain.token, put(plain), body), '200', JSON.stringify(body))
      assert.equal(await as(here, project, plain.token, put(target), body), denied, JSON.stringify(body))
    }
    for (const body of others) {
      assert.equal(await as(here, project, plain.token, put(plain), body), denied, JSON.stringify(body))
      assert.equal(await as(here, project, clerk.token, put(target), body), denied, JSON.stringify(body))
      assert.equal(await as(here, project, admin.token, put(target), body), '200', JSON.stringify(body))
    }
    assert.equal(await as(here, project, clerk.token, put(target), { name: 'Bob' }), '200')
    assert.equal(await as(here, project, clerk.token, put(target), { name: 'Bob', mfa_enrolled: true }), denied)
    const trusted = { trusted_metadata: {} }
    assert.equal(await as(here, project, admin.token, put(target), trusted), 'cannot_update_trusted_metadata')
    assert.equal((await readMember(here, project, target)).name, 'Bob')
  })

  test('an empty session header is nobody, not the backend', async () => {
    const { here, project, members, admin, target } = await staffed(engine, 'search')
    const route = `DELETE ${members}/${target.member_id}`
    for (const token of ['', ' ', ', ']) {
      assert.equal(await as(here, project, token, route), 'invalid_session_token', JSON.stringify(token))
    }
    assert.equal((await readMember(here, project, target)).status, 'active')
    assert.equal(await as(here, project, admin.token, route), '200')
  })

  test('nobody changes the own address without proof, administrators that of others', async () => {
    const { here, project, members, admin, plain, target } = await staffed(engine, 'update.info.email')
    const put = ({ member_id }: { member_id: string }) => `PUT ${members}/${member_id}`
    const body = () => ({ email_address: `${randomUUID()}@example.com` })
    const forbidden = 'member_cannot_update_their_email_address'
    assert.equal(await as(here, project, plain.token, put(plain), body()), forbidden)
    assert.equal(await as(here, project, admin.token, put(admin), body()), forbidden)
    assert.equal(await as(here, project, plain.token, put(target), body()), denied)
    assert.equal(await as(here, project, admin.token, put(target), body()), '200')
    const start = (member_id: string) => `POST ${members}/${member_id}/start_email_update`
    assert.equal(await as(here, project, plain.token, start(plain.member_id), body()), '200')
    assert.equal(await as(here, project, plain.token, start(target.member_id), body()), denied)
  })

  test('creating needs "create", for roles the right to assign them, and an address that can be invited', async () => {
    const { here, project, organization, members, admin, plain, clerk } = await staffed(engine, 'create')
    const body = (more: object = {}) => ({ email_address: `${randomUUID()}@example.com`, ...more })
    const route = `POST ${members}`
    assert.equal(await as(here, project, plain.token, route, body()), denied)
    assert.equal(await as(here, project, clerk.token, route, body()), '200')
    assert.equal(await as(here, project, clerk.token, route, body({ roles: ['stytch_admin'] })), denied)
    assert.equal(await as(here, project, admin.token, route, body({ roles: ['stytch_admin'] })), '200')
    for (const more of [{ is_breakglass: true }, { external_id: 'chosen' }]) {
      assert.equal(await as(here, project, clerk.token, route, body(more)), denied, JSON.stringify(more))
      assert.equal(await as(here, project, admin.token, route, body(more)), '200', JSON.stringify(more))
    }
    assert.equal(
      await as(here, project, admin.token, route, body({ trusted_metadata: {} })),
      'cannot_update_trusted_metadata',
    )
    const other = membersOf(await newOrganization(here, project))
    assert.equal(await as(here, project, admin.token, `POST ${other}`, body()), elsewhere)

    const closed = await newOrganization(here, project, {
      email_invites: 'RESTRICTED',
      email_allowed_domains: ['acme.test'],
    })
    const owner = await provenMember(here, project, closed, { roles: ['stytch_admin'] })
    const token = await signIn(here, project, owner.member_id)
    const join = (email_address: string) => as(here, project, token, `POST ${membersOf(closed)}`, { email_address })
    assert.equal(await join('ada@example.com'), 'invalid_email_for_invites')
    assert.equal(await join('ada@acme.test'), '200')
    // Nor can who left be brought back, but by the backend.
    const left = await provenMember(here, project, closed, { email_address: 'bob@example.com' })
    await succeed(here, project, `DELETE ${membersOf(closed)}/${left.member_id}`)
    const back = `PUT ${membersOf(closed)}/${left.member_id}/reactivate`
    assert.equal(await as(here, project, token, back, {}), 'invalid_email_for_invites')
    await succeed(here, project, back, {})
    assert.ok(organization)
  })

  test('deleting others needs "delete", deleting oneself does not; bringing back needs "create"', async () => {
    const { here, project, members, admin, plain, clerk, target } = await staffed(engine, 'delete')
    assert.equal(await as(here, project, plain.token, `DELETE ${members}/${target.member_id}`), denied)
    assert.equal(await as(here, project, plain.token, `DELETE ${members}/target`), denied)
    await give(here, project, target.member_id, { email_address_verified: true })
    assert.equal(await as(here, project, clerk.token, `DELETE ${members}/${target.member_id}`), '200')
    const back = `PUT ${members}/${target.member_id}/reactivate`
    assert.equal(await as(here, project, clerk.token, back, {}), denied)
    assert.equal(await as(here, project, admin.token, back, {}), '200')
    assert.equal(await as(here, project, plain.token, `DELETE ${members}/${plain.member_id}`), '200')
    // The session has ended with the member.
    assert.equal(await as(here, project, plain.token, `DELETE ${members}/${plain.member_id}`), 'session_not_found')
  })

  test('factors and retired addresses of others need their actions, the own ones do not', async () => {
    const { here, project, members, plain, target } = await staffed(engine, 'search')
    const password_id = `member-password-test-${randomUUID()}`
    const mine = `member-password-test-${randomUUID()}`
    await give(here, project, target.member_id, { password: { password_id, inherited: false } })
    await give(here, project, plain.member_id, { password: { password_id: mine, inherited: false } })
    const routes = (member_id: string, password: string): [route: string, own: string][] => [
      [`DELETE ${members}/mfa_phone_numbers/${member_id}`, 'member_phone_number_not_found'],
      [`DELETE ${members}/${member_id}/totp`, 'totp_not_found'],
      [`DELETE ${members}/passwords/${password}`, '200'],
      [`POST ${members}/${member_id}/unlink_retired_email`, 'retired_email_missing_email_identifiers'],
    ]
    for (const [route] of routes(target.member_id, password_id)) {
      assert.equal(await as(here, project, plain.token, route), denied, route)
    }
    for (const [route, own] of routes(plain.member_id, mine)) {
      assert.equal(await as(here, project, plain.token, route), own, route)
    }
    const route = `DELETE ${members}/${plain.member_id}/external_id`
    assert.equal(await as(here, project, plain.token, route), denied)
    const before = await readMember(here, project, target)
    assert.deepEqual([before.mfa_phone_number, before.member_password_id], ['+14155550123', password_id])
  })

  test('searching needs "search", and sees the own organization only', async () => {
    const { here, project, organization, plain, clerk } = await staffed(engine, 'search')
    const other = await newOrganization(here, project)
    const route = 'POST /v1/b2b/organizations/members/search'
    const own = { organization_ids: [organization.organization_id] }
    const both = { organization_ids: [organization.organization_id, other.organization_id] }
    assert.equal(await as(here, project, plain.token, route, own), denied)
    assert.equal(await as(here, project, clerk.token, route, own), '200')
    assert.equal(
      await as(here, project, clerk.token, route, { organization_ids: [organization.organization_slug] }),
      '200',
    )
    assert.equal(await as(here, project, clerk.token, route, both), elsewhere)
  })
})
