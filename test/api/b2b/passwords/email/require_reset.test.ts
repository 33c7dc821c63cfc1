/** POST /v1/b2b/passwords/email/require_reset. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../../support/call.ts'
import { newAddress } from '../../../../support/links.ts'
import { passwordScene, passwords, unauthorized } from '../../../../support/member_passwords.ts'
import { memberSession, signIn } from '../../../../support/members.ts'
import { actingWith, newOrganization, setB2bPolicy } from '../../../../support/organizations.ts'
import { leavingNoTrace, strong, stronger } from '../../../../support/passwords.ts'
import { type Engine, onBothEngines } from '../../../../support/world.ts'

const mustReset = [400, 'member_reset_password'] as const
const route = passwords.requireReset

async function scene(engine: Engine) {
  const base = await passwordScene(engine, 'address')
  const { here, project, withPassword } = base
  const place = await newOrganization(here, project)
  return {
    ...base,
    place,
    /** Members of both organizations who share a password. */
    async twins() {
      const known = await withPassword()
      return [known, await withPassword({ email_address: known.email_address }, place)]
    },
  }
}

onBothEngines('passwords.email.requireReset', (engine) => {
  test('nobody logs in with a password of several before it was reset; sessions stay', async () => {
    const { here, project, organization, ok, no, twins, login, sessions, mailReset, place } = await scene(engine)
    const [known, twin] = await twins()
    await memberSession(here, project, organization, known)
    const { email_address } = known
    const { request_id: _, ...reply } = await ok('requireReset', { email_address: email_address.toUpperCase() })
    assert.deepEqual(reply, { status_code: 200, member_id: '', member: null, organization: null })
    for (const member of [known, twin]) await no('authenticate', login(member), mustReset)
    await no('discover', { email_address, password: strong }, mustReset)
    assert.equal(await sessions(known.member_id), 1)
    await ok('requireReset', { email_address })
    const { password_reset_token } = await mailReset(email_address, {}, place)
    await ok('reset', { password_reset_token, password: stronger })
    for (const member of [known, twin]) await ok('authenticate', login(member, stronger))
  })

  test('the password of one active member is removed', async () => {
    const { ok, no, twins, login, give, read, row } = await scene(engine)
    const [known, twin] = await twins()
    await give(twin.member_id, { status: 'pending' })
    const { email_address, organization_id, member_id } = known
    const reply = await ok('requireReset', { email_address, organization_id })
    assert.deepEqual([reply.member_id, reply.member.member_password_id], [member_id, ''])
    assert.equal(reply.organization.organization_id, organization_id)
    assert.equal(await row(email_address), undefined)
    assert.equal((await read(twin.member_id)).member_password_id, '')
    await no('authenticate', login(known), unauthorized)
    await no('requireReset', { email_address }, [404, 'member_password_not_found'])
  })

  test('names the member by organization, by id, or by external id', async () => {
    const { here, project, ok, no, twins, withPassword, place } = await scene(engine)
    const [known] = await twins()
    const { email_address, member_id, organization_id } = known
    for (const body of [{ member_id }, { organization_id }, { organization_id, member_id }]) {
      const reply = await ok('requireReset', { email_address, ...body })
      const isNamed = 'organization_id' in body
      assert.deepEqual(
        [reply.member_id, reply.organization?.organization_id],
        isNamed ? [member_id, organization_id] : ['', undefined],
      )
    }
    const external = await withPassword({ external_id: 'ada|1' })
    const named = { organization_id, member_id: 'ada|1', email_address: external.email_address }
    const other = await withPassword()
    const cases: [object, number, string][] = [
      [{ email_address: newAddress() }, 404, 'email_not_found'],
      [{ email_address: 'nobody' }, 400, 'invalid_email'],
      [{ email_address: undefined }, 400, 'bad_request'],
      [{ organization_id: 'nowhere' }, 404, 'organization_not_found'],
      [{ member_id: other.member_id }, 404, 'member_not_found'],
      [{ organization_id, member_id: other.member_id }, 404, 'member_not_found'],
      [{ organization_id: place.organization_id, member_id }, 404, 'member_not_found'],
      [{ member_id: 'ada|1' }, 400, 'invalid_id'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [body, ...refusal] of cases) await no('requireReset', { email_address, ...body }, refusal)
      const elsewhere = { organization_id: place.organization_id, email_address: other.email_address }
      await no('requireReset', elsewhere, [404, 'email_not_found'])
      await refuse(here, await here.project('B2B'), route, { email_address }, 400, 'cross_org_passwords_not_enabled')
    })
    assert.equal((await ok('requireReset', named)).member_id, external.member_id)
  })

  test('a member needs the permission, and reaches no password that somebody uses in another organization', async () => {
    const { here, project, organization, ok, no, twins, withPassword, member, login, place, give } = await scene(engine)
    const permissions = [{ resource_id: 'stytch.member', actions: ['update.info.delete.password'] }]
    await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'helpdesk', description: '', permissions }] })
    const acting = async (roles: string[]) =>
      actingWith(here, await signIn(here, project, (await member({ roles })).member_id))
    const [plain, helpdesk] = [await acting([]), await acting(['helpdesk'])]
    const [known, twin] = await twins()
    const [alone, elsewhere] = [await withPassword(), await withPassword({}, place)]
    const { email_address } = known
    const tenancy = [403, 'session_authorization_tenancy_error'] as const
    await leavingNoTrace(here, project, async () => {
      await refuse(plain, project, route, { email_address: alone.email_address }, 403, 'session_authorization_error')
      await refuse(helpdesk, project, route, { email_address }, ...tenancy)
      const there = { email_address, organization_id: place.organization_id }
      await refuse(helpdesk, project, route, there, ...tenancy)
      const foreign = { email_address: elsewhere.email_address }
      await refuse(helpdesk, project, route, foreign, 404, 'email_not_found')
      await refuse(helpdesk, project, route, { email_address, member_id: twin.member_id }, 404, 'member_not_found')
    })
    await ok('authenticate', login(twin))
    const reply = await succeed(helpdesk, project, route, { email_address: alone.email_address })
    assert.deepEqual(
      [reply.member_id, reply.organization.organization_id],
      [alone.member_id, organization.organization_id],
    )
    assert.equal(reply.member.member_password_id, '')
    await no('authenticate', login(alone), unauthorized)
    // Who has been asked in elsewhere, and has not come, uses nothing there.
    await give(twin.member_id, { status: 'invited' })
    await succeed(helpdesk, project, route, { email_address })
  })

  test('resets and requirements at once leave one password that works, or none', async () => {
    const { ask, ok, twins, login, mailReset, row } = await scene(engine)
    for (let round = 0; round < 3; round++) {
      const [known, twin] = await twins()
      const { email_address } = known
      const { password_reset_token } = await mailReset(email_address)
      const [reset] = await Promise.all([
        ask('reset', { password_reset_token, password: stronger }),
        ...Array.from({ length: 5 }, () => ask('requireReset', { email_address })),
      ])
      assert.equal(reset.status, 200)
      const { requires_reset } = (await row(email_address)) as { requires_reset: number }
      for (const member of [known, twin]) {
        const { status } = await ask('authenticate', login(member, stronger))
        assert.equal(status, requires_reset === 1 ? 400 : 200)
      }
      assert.ok(await ok('requireReset', { email_address }))
    }
  })
})
