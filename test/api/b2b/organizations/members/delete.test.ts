/** DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}: what ends with a member, what stays, what is free again. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { issueOneTimeCode } from '../../../../../src/domain/proofs/one_time_code.ts'
import { issueOneTimeToken, listOneTimeTokens } from '../../../../../src/domain/proofs/one_time_token.ts'
import { createTotp, findTotp } from '../../../../../src/domain/proofs/totp/totp.ts'
import { refuse, succeed } from '../../../../support/call.ts'
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
import { onBothEngines } from '../../../../support/world.ts'

onBothEngines('organizations.members.delete', (engine) => {
  test('ends sessions, links, codes and credentials, and frees everything; the row stays with its address', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const environment = await environmentOf(here, project)
    const given = { email_address: 'ada@example.com', mfa_phone_number: '+14155550123', external_id: 'ada' }
    const { member_id } = await newMember(here, project, organization, {
      ...given,
      roles: ['stytch_admin'],
      name: 'Ada',
    })
    const { email_id } = await stored(here, project, member_id)
    await signIn(here, project, member_id)
    const { totp } = await createTotp(here.app, environment, member_id, { id_prefix: 'member-totp', minutes: 60 })
    const password_id = `member-password-test-${randomUUID()}`
    await give(here, project, member_id, {
      totp: { totp_id: totp.totp_id, verified: true },
      password: { password_id, inherited: false },
      default_mfa_method: 'totp',
    })
    const attributes = { ip_address: '', user_agent: '' }
    const proof = { owner_id: member_id, method_id: email_id, minutes: 60 }
    await issueOneTimeToken(here.app, environment, {
      ...proof,
      purpose: 'magic link',
      details: { kind: 'invite', attributes },
    })
    await issueOneTimeCode(here.app, environment, { ...proof, details: { channel: 'email', attributes } })

    const reply = await succeed(here, project, `DELETE ${members}/${member_id}`, {})
    assert.deepEqual(Object.keys(reply).sort(), ['member_id', 'request_id', 'status_code'])
    assert.equal(reply.member_id, member_id)
    assert.equal(await isSignedIn(here, project, member_id), false)
    assert.deepEqual(await listOneTimeTokens(here.app, environment, member_id), [])
    assert.equal(await findTotp(here.app, environment, member_id), undefined)
    const codes = await here.app.store.read
      .selectFrom('one_time_codes')
      .select('code_id')
      .where('project_id', '=', project.id)
      .where('owner_id', '=', member_id)
      .execute()
    assert.deepEqual(codes, [])

    const gone = await readMember(here, project, { member_id })
    assert.deepEqual([gone.status, gone.email_address, gone.name], ['deleted', 'ada@example.com', 'Ada'])
    assert.deepEqual(
      [gone.mfa_phone_number, gone.totp_registration_id, gone.member_password_id, gone.default_mfa_method],
      ['', '', '', ''],
    )
    assert.deepEqual([gone.is_admin, gone.roles.length], [false, 1])
    for (const query of [`member_id=${member_id}`, 'email_address=ada@example.com', 'member_id=ada']) {
      const route = `GET /v1/b2b/organizations/${organization.organization_id}/member?${query}`
      await refuse(here, project, route, undefined, 404, 'member_not_found')
    }
    await newMember(here, project, organization, given)
  })

  test('addresses that were retired are free, too', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization, { email_address: 'old@example.com' })
    await succeed(here, project, `PUT ${members}/${member_id}`, { email_address: 'new@example.com' })
    await succeed(here, project, `DELETE ${members}/${member_id}`)
    await newMember(here, project, organization, { email_address: 'old@example.com' })
    await newMember(here, project, organization, { email_address: 'new@example.com' })
  })

  test('the others keep their sessions', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const [ada, bob] = [await newMember(here, project, organization), await newMember(here, project, organization)]
    await signIn(here, project, bob.member_id)
    await succeed(here, project, `DELETE ${members}/${ada.member_id}`)
    assert.equal(await isSignedIn(here, project, bob.member_id), true)
    assert.deepEqual(await readMember(here, project, bob), bob)
  })

  test('takes pending members, and an external id for an id', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const body = { create_member_as_pending: true, external_id: 'ada|1' }
    const { member_id } = await newMember(here, project, organization, body)
    const reply = await succeed(here, project, `DELETE ${members}/${encodeURIComponent('ada|1')}`)
    assert.equal(reply.member_id, member_id)
  })

  test('whoever is unknown, elsewhere or deleted already is not found', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const member = await provenMember(here, project, organization)
    const other = await newOrganization(here, project)
    const elsewhere = await here.project('B2B')
    await refuse(here, project, `DELETE ${membersOf(other)}/${member.member_id}`, undefined, 404, 'member_not_found')
    const route = `DELETE ${members}/${member.member_id}`
    await refuse(here, elsewhere, route, undefined, 404, 'organization_not_found')
    const unknown = `member-test-${randomUUID()}`
    await refuse(here, project, `DELETE ${members}/${unknown}`, undefined, 404, 'member_not_found')
    await refuse(here, project, `DELETE ${members}/member-test-1`, undefined, 400, 'invalid_id')
    assert.deepEqual(await readMember(here, project, member), member)
    await succeed(here, project, route)
    await refuse(here, project, route, undefined, 404, 'member_not_found')
  })

  test('of many calls at once, one deletes', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization)
    const counts = await race(
      here,
      project,
      () => `DELETE ${members}/${member_id}`,
      () => ({}),
    )
    assert.deepEqual(counts, { 200: 1, member_not_found: 99 })
  })
})
