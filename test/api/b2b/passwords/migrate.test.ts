/** POST /v1/b2b/passwords/migrate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SECOND } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { newAddress } from '../../../support/links.ts'
import { hashed, type Mode, modes, passwordScene, passwords, unauthorized } from '../../../support/member_passwords.ts'
import { readMember, signIn } from '../../../support/members.ts'
import { newOrganization, setB2bPolicy } from '../../../support/organizations.ts'
import { leavingNoTrace, strong, stronger } from '../../../support/passwords.ts'
import { type Engine, onBothEngines } from '../../../support/world.ts'

const exists = [400, 'password_already_exists'] as const
const role = (role_id: string) => ({ role_id, description: '', permissions: [] })

async function scene(engine: Engine, mode: Mode, settings: object = {}) {
  const base = await passwordScene(engine, mode, settings)
  await setB2bPolicy(base.here, base.project, { custom_roles: [role('editor'), role('author')] })
  const { organization_id } = base
  const given = (body: object = {}) => ({ organization_id, email_address: newAddress(), ...hashed(strong), ...body })
  return { ...base, given }
}

onBothEngines('passwords.migrate of members', (engine) => {
  for (const mode of modes) {
    test(`adds a member who is in, with the address verified and the password (one of a ${mode})`, async () => {
      const { ok, organization, given, login } = await scene(engine, mode)
      const reply = await ok('migrate', {
        ...given(),
        name: 'Ada',
        trusted_metadata: { a: 1 },
        untrusted_metadata: { b: 2 },
        roles: ['editor'],
        preserve_existing_sessions: true,
        mfa_phone_number: '+14155550123',
        external_id: 'ada|1',
      })
      const { member } = reply
      assert.deepEqual([reply.member_created, reply.member_id], [true, member.member_id])
      assert.deepEqual(reply.organization, organization)
      assert.deepEqual([member.status, member.email_address_verified, member.name], ['active', true, 'Ada'])
      assert.deepEqual([member.trusted_metadata, member.untrusted_metadata], [{ a: 1 }, { b: 2 }])
      assert.deepEqual([member.mfa_phone_number, member.mfa_phone_number_verified], ['+14155550123', false])
      assert.equal(member.external_id, 'ada|1')
      assert.ok(member.roles.some(({ role_id }: { role_id: string }) => role_id === 'editor'))
      assert.match(member.member_password_id, /^member-password-test-/)
      assert.equal((await ok('authenticate', login(member))).member_authenticated, true)
    })

    test(`lets in a member who is there, and changes what is given (one of a ${mode})`, async () => {
      const { ok, no, given, member, login } = await scene(engine, mode)
      const known = await member({
        status: 'invited',
        email_address_verified: false,
        name: 'Ada',
        external_id: 'kept',
        roles: ['author'],
        trusted_metadata: { a: 1 },
        mfa_phone_number: '+14155550123',
      })
      const { email_address } = known
      const body = given({
        email_address: email_address.toUpperCase(),
        roles: ['editor'],
        trusted_metadata: { b: 2 },
        mfa_phone_number: '+14155550123',
        set_phone_number_verified: true,
        external_id: 'other',
      })
      const { member: next, member_created } = await ok('migrate', body)
      assert.deepEqual([member_created, next.member_id, next.status], [false, known.member_id, 'active'])
      assert.deepEqual([next.email_address_verified, next.name, next.external_id], [true, 'Ada', 'kept'])
      assert.deepEqual(next.trusted_metadata, { a: 1, b: 2 })
      const roles = next.roles.map(({ role_id }: { role_id: string }) => role_id)
      assert.deepEqual(roles, ['stytch_member', 'editor'])
      assert.equal(next.mfa_phone_number_verified, true)
      await no('migrate', body, exists)
      await ok('authenticate', login(known))
    })

    test(`sessions from before the address was verified end, others stay (password of one ${mode})`, async () => {
      const { here, project, ok, given, member, sessions } = await scene(engine, mode)
      for (const email_address_verified of [false, true]) {
        const { member_id, email_address } = await member({ email_address_verified })
        await signIn(here, project, member_id)
        await ok('migrate', given({ email_address }))
        assert.equal(await sessions(member_id), email_address_verified ? 1 : 0)
      }
    })

    test(`twenty calls at once give one password, to a new member as to a known one (one of a ${mode})`, async () => {
      const { here, ask, given, member, row } = await scene(engine, mode)
      for (const email_address of [newAddress(), (await member()).email_address]) {
        here.clock.advance(SECOND)
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) => ask('migrate', given({ email_address, ...hashed(`${strong}${n}`) }))),
        )
        const won = answers.findIndex(({ status }) => status === 200)
        const types = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error_type)
        assert.deepEqual([types.length, [...new Set(types)]], [19, ['password_already_exists']])
        const owner = mode === 'member' ? answers[won]?.body.member_id : email_address
        assert.ok(String((await row(owner))?.hash).includes(hashed(`${strong}${won}`).hash))
      }
    })
  }

  test('the second migration of a member is refused, whatever has given the password', async () => {
    const { ok, no, given, member, withPassword, mailReset } = await scene(engine, 'member')
    const known = await withPassword()
    await no('migrate', given({ email_address: known.email_address }), exists)
    const { email_address } = await member()
    const { password_reset_token } = await mailReset(email_address)
    await ok('reset', { password_reset_token, password: strong })
    await no('migrate', given({ email_address }), exists)
  })

  test('where an address shares a password, each organization migrates its member once, and the first hash counts', async () => {
    const base = await scene(engine, 'address')
    const { here, project, ok, no, given, withPassword, login, member, row, read, mailDiscoveryReset } = base
    const [place, third] = [await newOrganization(here, project), await newOrganization(here, project)]
    const first = await withPassword()
    const { email_address } = first
    const there = { ...given({ email_address }), organization_id: place.organization_id, ...hashed(stronger) }
    const second = await ok('migrate', there)
    assert.deepEqual([second.member_created, second.member.member_password_id], [true, first.member_password_id])
    await no('migrate', there, exists)
    await no('migrate', given({ email_address }), exists)
    await ok('authenticate', login(second.member))
    await no('authenticate', login(second.member, stronger), unauthorized)
    // A member who has it by the address alone is migrated once, too, and so is one whom discovery gave it.
    const body = { email_address, organization_id: third.organization_id }
    const { member: joined } = await succeed(
      here,
      project,
      `POST /v1/b2b/organizations/${third.organization_id}/members`,
      body,
    )
    assert.equal(joined.member_password_id, first.member_password_id)
    const before = await row(email_address)
    assert.equal((await ok('migrate', { ...there, ...body })).member_created, false)
    await no('migrate', { ...there, ...body }, exists)
    assert.deepEqual(await row(email_address), before)
    // So is one whom a reset before an organization was chosen has given it.
    const { member_id, email_address: discovered } = await member()
    const { password_reset_token } = await mailDiscoveryReset(discovered)
    await ok('discoveryReset', { password_reset_token, password: strong })
    const kept = (await read(member_id)).member_password_id
    assert.equal((await ok('migrate', given({ email_address: discovered }))).member.member_password_id, kept)
    await no('migrate', given({ email_address: discovered }), exists)
  })

  test('twenty organizations that migrate one address at once share one password', async () => {
    const { here, project, ask, given, row } = await scene(engine, 'address')
    const places = await Promise.all(Array.from({ length: 20 }, () => newOrganization(here, project)))
    const email_address = newAddress()
    const answers = await Promise.all(
      places.map(({ organization_id }, n) =>
        ask('migrate', { ...given({ email_address, ...hashed(`${strong}${n}`) }), organization_id }),
      ),
    )
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    const { password_id } = (await row(email_address)) as { password_id: string }
    for (const { body } of answers) {
      assert.equal((await readMember(here, project, body)).member_password_id, password_id)
    }
  })

  test('refuses hashes and members that cannot be, and leaves no trace', async () => {
    const { here, project, organization_id, given, no, member } = await scene(engine, 'member')
    const known = await member({ mfa_phone_number: '+14155550123' })
    const { email_address } = known
    await member({ mfa_phone_number: '+14155550124', external_id: 'taken' })
    const claimer = await newOrganization(here, project, { claimed_email_domains: ['claimed.example'] })
    assert.ok(claimer)
    const other = newAddress()
    const left = await member({ email_address: other })
    const members = `/v1/b2b/organizations/${organization_id}/members`
    await succeed(here, project, `PUT ${members}/${left.member_id}`, { email_address: newAddress() })
    here.clock.advance(SECOND)
    const cases: [object, number, string][] = [
      [{ email_address: 'nobody' }, 400, 'invalid_email'],
      [{ organization_id: 'nowhere' }, 404, 'organization_not_found'],
      [{ organization_id: undefined }, 400, 'bad_request'],
      [{ hash_type: 'sha_256' }, 400, 'invalid_hash_type'],
      [{ hash: 'abc' }, 400, 'invalid_sha_512_hash'],
      [{ hash: undefined }, 400, 'bad_request'],
      [{ mfa_phone_number: '555' }, 400, 'invalid_phone_number'],
      [{ mfa_phone_number: '+14155550124' }, 400, 'duplicate_member_phone_number'],
      [{ email_address, mfa_phone_number: '+14155550125' }, 400, 'duplicate_member_phone_number_for_member'],
      [{ external_id: 'taken' }, 400, 'duplicate_member_external_id'],
      [{ external_id: 'member-test-x' }, 400, 'bad_request'],
      [{ roles: ['nobody'] }, 400, 'invalid_rbac_role_assignment'],
      [{ email_address, roles: ['nobody'] }, 400, 'invalid_rbac_role_assignment'],
      [{ trusted_metadata: 7 }, 400, 'metadata_invalid_format'],
      [{ email_address: 'a@claimed.example' }, 400, 'action_not_allowed_email_domain_is_claimed'],
      [{ email_address: other }, 400, 'retired_member_email'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [body, ...refusal] of cases) await no('migrate', given(body), refusal)
      await refuse(here, await here.project(), passwords.migrate, given(), 400, 'invalid_b2b_endpoint')
    })
  })

  test('takes a hundred a second from one environment, and no more', async () => {
    const { here, ask, given } = await scene(engine, 'member')
    here.clock.advance(SECOND)
    const answers = await Promise.all(Array.from({ length: 101 }, () => ask('migrate', given())))
    const refused = answers.filter(({ status }) => status !== 200)
    assert.deepEqual(
      refused.map(({ status, body }) => [status, body.error_type]),
      [[429, 'too_many_requests']],
    )
  })
})
