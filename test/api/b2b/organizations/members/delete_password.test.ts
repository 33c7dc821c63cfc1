/** DELETE …/members/passwords/{member_password_id}: the password and its resets go, sessions stay. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { findPassword, storePassword } from '../../../../../src/domain/passwords/password.ts'
import { issueOneTimeToken, listOneTimeTokens } from '../../../../../src/domain/proofs/one_time_token.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { passwordScene } from '../../../../support/member_passwords.ts'
import {
  give,
  isSignedIn,
  membersOf,
  newMember,
  organizationIn,
  readMember,
  signIn,
} from '../../../../support/members.ts'
import { environmentOf, newOrganization } from '../../../../support/organizations.ts'
import { type Engine, onBothEngines } from '../../../../support/world.ts'

async function withPassword(engine: Engine) {
  const place = await organizationIn(engine)
  const { here, project, organization } = place
  const { member_id } = await newMember(here, project, organization)
  const password_id = `member-password-test-${randomUUID()}`
  await give(here, project, member_id, { password: { password_id, inherited: false } })
  const kept = { project_id: project.id, owner_id: member_id, password_id, accepted_by: '' }
  await storePassword(here.app, { ...kept, scheme: 'argon_2id', hash: 'x' })
  return { ...place, member_id, password_id, environment: await environmentOf(here, project) }
}

onBothEngines('organizations.members.deletePassword', (engine) => {
  test('takes the password with resets under way, and leaves sessions', async () => {
    const { here, project, members, member_id, password_id, environment } = await withPassword(engine)
    assert.equal((await readMember(here, project, { member_id })).member_password_id, password_id)
    await signIn(here, project, member_id)
    await issueOneTimeToken(here.app, environment, {
      purpose: 'password reset',
      owner_id: member_id,
      method_id: 'member-email-test-1',
      minutes: 30,
      details: { kind: 'reset_password', attributes: { ip_address: '', user_agent: '' } },
    })
    const { member } = await succeed(here, project, `DELETE ${members}/passwords/${password_id}`, {})
    assert.deepEqual([member.member_id, member.member_password_id], [member_id, ''])
    assert.deepEqual(await readMember(here, project, { member_id }), member)
    assert.equal(await findPassword(here.app, environment, member_id), undefined)
    assert.deepEqual(await listOneTimeTokens(here.app, environment, member_id), [])
    assert.equal(await isSignedIn(here, project, member_id), true)
    const again = `DELETE ${members}/passwords/${password_id}`
    await refuse(here, project, again, {}, 404, 'member_password_not_found')
  })

  test('refuses what is malformed, unknown or of another organization', async () => {
    const { here, project, members, member_id, password_id, environment } = await withPassword(engine)
    const refusals: [id: string, status: number, error_type: string][] = [
      ['password', 400, 'invalid_id'],
      [`password-test-${randomUUID()}`, 400, 'invalid_id'],
      [`member-password-live-${randomUUID()}`, 400, 'live_id_used_in_test_environment'],
      [`member-password-test-${randomUUID()}`, 404, 'member_password_not_found'],
    ]
    for (const [id, status, type] of refusals) {
      await refuse(here, project, `DELETE ${members}/passwords/${id}`, {}, status, type)
    }
    const other = membersOf(await newOrganization(here, project))
    await refuse(here, project, `DELETE ${other}/passwords/${password_id}`, {}, 404, 'member_password_not_found')
    assert.ok(await findPassword(here.app, environment, member_id))
  })

  test('refuses where a password holds for all organizations', async () => {
    const { here, project, withPassword, row } = await passwordScene(engine, 'address')
    const { member_password_id, email_address, organization_id } = await withPassword()
    const route = `DELETE ${membersOf({ organization_id })}/passwords/${member_password_id}`
    await refuse(here, project, route, {}, 400, 'cross_org_passwords_enabled')
    assert.ok(await row(email_address))
  })
})
