/** Passwords that members share by their address: what they show is what is stored, whoever comes, goes or changes the address. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { givePassword, holdSharersOf } from '../../../src/domain/members/password.ts'
import { findMember } from '../../../src/domain/members/reference.ts'
import { deleteMember } from '../../../src/domain/members/removal.ts'
import { SECOND } from '../../../src/values/time.ts'
import { call, refuse, succeed } from '../../support/call.ts'
import { lastMessage } from '../../support/inbox.ts'
import { newAddress } from '../../support/links.ts'
import { hashed, modes, passwordScene, unauthorized } from '../../support/member_passwords.ts'
import { proofFor } from '../../support/member_ways.ts'
import { isSignedIn, memberSession, membersOf } from '../../support/members.ts'
import { newOrganization } from '../../support/organizations.ts'
import { strong, stronger } from '../../support/passwords.ts'
import { oneWayOrTheOther } from '../../support/waiting.ts'
import { type Engine, onBothEngines } from '../../support/world.ts'

type Shown = { organization_id: string; member_id: string; email_address: string; member_password_id: string }

async function scene(engine: Engine) {
  const base = await passwordScene(engine, 'address')
  const { here, project } = base
  const ask = (route: string, body?: object) => succeed(here, project, route, body)
  return {
    ...base,
    place: (settings: object = {}) => newOrganization(here, project, settings),
    /** Adds a member, who shows the password of the address. */
    async join(email_address: string, place: { organization_id: string }): Promise<Shown> {
      return (await ask(`POST ${membersOf(place)}`, { email_address })).member
    },
    update: (member: Shown, body: object) => ask(`PUT ${membersOf(member)}/${member.member_id}`, body),
    /** Lets a member ask for another address and, whoever it is, redeem the link that was mailed to it. */
    async moveTo(member: Shown, email_address: string, presented: object = {}) {
      here.clock.advance(SECOND)
      await ask(`POST ${membersOf(member)}/${member.member_id}/start_email_update`, { email_address })
      const { links } = await lastMessage(here, email_address, project)
      await ask('POST /v1/b2b/magic_links/authenticate', { magic_links_token: links[0]?.token, ...presented })
      return base.read(member.member_id)
    },
    remove: (member: Shown) => ask(`DELETE ${membersOf(member)}/${member.member_id}`),
    /** Of all addresses: what their living members show, and what is stored. */
    async agree() {
      const rows = await here.app.store.read
        .selectFrom('members')
        .selectAll()
        .where('project_id', '=', project.id)
        .execute()
      const stored = await here.app.store.read
        .selectFrom('passwords')
        .select(['owner_id', 'password_id'])
        .where('project_id', '=', project.id)
        .execute()
      const ids = new Map(stored.map(({ owner_id, password_id }) => [owner_id, password_id]))
      for (const { email_address, password, status, search_flags } of rows) {
        const shown = password === null ? undefined : JSON.parse(password).password_id
        assert.equal(shown, status === 'deleted' ? undefined : ids.get(email_address), email_address)
        assert.equal(search_flags.includes('|password|'), shown !== undefined)
      }
      return ids
    },
  }
}

onBothEngines('passwords of addresses', (engine) => {
  test('who joins later has the password of the address, and what it says of the member', async () => {
    const { here, project, ok, withPassword, join, place, login, agree, give } = await scene(engine)
    const known = await withPassword()
    const there = await place()
    const twin = await join(known.email_address, there)
    assert.equal(twin.member_password_id, known.member_password_id)
    // The password is right, but nobody has proven the address for this member.
    assert.equal((await ok('authenticate', login(twin))).member_authenticated, false)
    await give(twin.member_id, { email_address_verified: true })
    assert.equal((await ok('authenticate', login(twin))).member_authenticated, true)
    const query = { operator: 'AND', operands: [{ filter_name: 'member_password_exists', filter_value: true }] }
    const body = { organization_ids: [there.organization_id], query }
    const { members } = await succeed(here, project, 'POST /v1/b2b/organizations/members/search', body)
    assert.deepEqual(
      members.map(({ member_id }: Shown) => member_id),
      [twin.member_id],
    )
    await agree()
  })

  test('a password goes with the last member of its address, deleted alone or with the organization', async () => {
    const { here, project, withPassword, join, place, remove, row, agree, ok, login } = await scene(engine)
    for (const isWhole of [false, true]) {
      const known = await withPassword()
      const { email_address } = known
      const there = await place()
      const twin = await join(email_address, there)
      if (isWhole) await succeed(here, project, `DELETE /v1/b2b/organizations/${there.organization_id}`)
      else await remove(twin)
      await ok('authenticate', login(known))
      await agree()
      if (isWhole) await succeed(here, project, `DELETE /v1/b2b/organizations/${known.organization_id}`)
      else await remove(known)
      assert.equal(await row(email_address), undefined)
      await agree()
    }
  })

  test('deleting an organization leaves the password of an address that somebody has left before alone', async () => {
    const { here, project, withPassword, remove, mailDiscoveryReset, ok, row } = await scene(engine)
    const known = await withPassword()
    const { email_address, organization_id } = known
    await remove(known)
    const { password_reset_token } = await mailDiscoveryReset(email_address)
    await ok('discoveryReset', { password_reset_token, password: stronger })
    await succeed(here, project, `DELETE /v1/b2b/organizations/${organization_id}`)
    assert.ok(await row(email_address))
  })

  test('who comes back has the password that the address has by now', async () => {
    const { here, project, withPassword, join, place, remove, agree } = await scene(engine)
    const known = await withPassword()
    const twin = await join(known.email_address, await place())
    await remove(known)
    const back = `PUT ${membersOf(known)}/${known.member_id}/reactivate`
    assert.equal((await succeed(here, project, back, {})).member.member_password_id, known.member_password_id)
    await agree()
    await remove(known)
    await remove(twin)
    assert.equal((await succeed(here, project, back, {})).member.member_password_id, '')
    await agree()
  })

  test('a new address that nobody has proven ends the password for the member alone, and brings its own', async () => {
    const { withPassword, join, place, update, row, agree, ok, no, login } = await scene(engine)
    const [known, other] = [await withPassword(), await withPassword()]
    const { email_address } = known
    const there = await place()
    const twin = await join(email_address, there)
    const moved = (await update(twin, { email_address: newAddress() })).member
    assert.deepEqual([moved.member_password_id, moved.email_address_verified], ['', false])
    await ok('authenticate', login(known))
    const taking = (await update(moved, { email_address: other.email_address })).member
    assert.equal(taking.member_password_id, other.member_password_id)
    assert.equal((await ok('authenticate', login(taking))).member_authenticated, false)
    await agree()
    await update(known, { email_address: newAddress() })
    assert.equal(await row(email_address), undefined)
    await no('authenticate', login(known), unauthorized)
    await agree()
  })

  test('a proven new address leaves the password behind; one that it has itself counts', async () => {
    const { withPassword, join, place, row, agree, no, login, moveTo } = await scene(engine)
    const alone = await withPassword()
    const moved = await moveTo(alone, newAddress())
    assert.equal(moved.member_password_id, '')
    for (const address of [alone.email_address, moved.email_address]) assert.equal(await row(address), undefined)
    await no('authenticate', { ...login(alone), email_address: moved.email_address }, unauthorized)
    await agree()
    // Others have it: it stays theirs.
    const shared = await withPassword()
    await join(shared.email_address, await place())
    assert.equal((await moveTo(shared, newAddress())).member_password_id, '')
    assert.ok(await row(shared.email_address))
    await agree()
    // The new address has one: that counts.
    const other = await withPassword()
    const { member_password_id } = await moveTo(
      await withPassword({ email_address: newAddress() }, await place()),
      other.email_address,
    )
    assert.equal(member_password_id, other.member_password_id)
    await agree()
  })

  test('who makes somebody else confirm their address for the own membership gets nowhere with the own password', async () => {
    const { here, project, withPassword, join, place, ok, no, login, moveTo } = await scene(engine)
    const attacker = await withPassword()
    const { session_token } = await ok('authenticate', login(attacker))
    const elsewhere = await place()
    const victim = await join(newAddress(), elsewhere)
    const { organization_id } = elsewhere
    await moveTo(attacker, victim.email_address)
    const exchange = 'POST /v1/b2b/sessions/exchange'
    await refuse(here, project, exchange, { organization_id, session_token }, 404, 'session_not_found')
    const { password } = login(attacker)
    await no('authenticate', { organization_id, email_address: victim.email_address, password }, unauthorized)
    const discovery = 'POST /v1/b2b/passwords/discovery/authenticate'
    const guess = { email_address: victim.email_address, password }
    await refuse(here, project, discovery, guess, 401, 'unauthorized_credentials')
  })

  test('whoever confirms the new address with the session at hand keeps that session', async () => {
    const { here, project, withPassword, ok, login, moveTo } = await scene(engine)
    const known = await withPassword()
    const { session_token } = await ok('authenticate', login(known))
    await moveTo(known, newAddress(), { session_token })
    await succeed(here, project, 'POST /v1/b2b/sessions/authenticate', { session_token })
  })

  test('who joins while a password is being set, or taken with its last member, sees what comes of that', async () => {
    const { here, join, place, agree, environment, withPassword, member } = await scene(engine)
    const of = await environment()
    const [there, then] = [await place(), await place()]
    const { email_address } = await member()
    let joining: Promise<Shown> | undefined
    await here.app.transaction(async (app) => {
      const sharers = await holdSharersOf(app, of, email_address)
      joining = join(email_address, there)
      await oneWayOrTheOther(joining)
      await givePassword(app, of, sharers, { hash: { scheme: 'argon_2id', hash: 'x' }, accepted_by: '' })
    })
    assert.notEqual((await joining)?.member_password_id, '')
    await agree()
    const known = await withPassword()
    const leaving = await findMember(here.app, of, known.member_id)
    assert.ok(leaving)
    await here.app.transaction(async (app) => {
      await deleteMember(app, of, leaving)
      joining = join(known.email_address, then)
      await oneWayOrTheOther(joining)
    })
    assert.equal((await joining)?.member_password_id, '')
    await agree()
  })

  test('what changes at once leaves what is shown and what is stored the same', async () => {
    const { here, project, ask, join, place, agree, mailReset } = await scene(engine)
    const given = hashed(strong)
    const [a, b, c] = [await place(), await place(), await place()]
    for (let round = 0; round < 4; round++) {
      const [email_address, other] = [newAddress(), newAddress()]
      const [first, second] = [await join(email_address, a), await join(email_address, b)]
      const { password_reset_token } = await mailReset(email_address, {}, a)
      const route = ({ organization_id, member_id }: Shown) => `${membersOf({ organization_id })}/${member_id}`
      const answers = await Promise.all([
        ask('reset', { password_reset_token, password: stronger }),
        call(here, project, `POST ${membersOf(c)}`, { email_address }),
        call(here, project, `PUT ${route(second)}`, { email_address: other }),
        ask('migrate', { ...given, email_address, organization_id: b.organization_id }),
        ask('migrate', { ...given, email_address: other, organization_id: b.organization_id }),
        ask('requireReset', { email_address }),
        call(here, project, `DELETE ${route(first)}`),
        call(here, project, `PUT ${route(first)}`, { name: 'Ada' }),
      ])
      for (const { status, body } of answers) assert.ok(status < 500, JSON.stringify(body))
      await agree()
    }
  })

  test('an organization goes while its members get passwords and others come by their addresses', async () => {
    const { here, project, ask, place, agree } = await scene(engine)
    const [doomed, kept] = [await place(), await place()]
    const addresses = Array.from({ length: 6 }, () => newAddress())
    const given = (email_address: string, { organization_id }: { organization_id: string }) => ({
      ...hashed(strong),
      email_address,
      organization_id,
    })
    for (const email_address of addresses.slice(0, 3)) await ask('migrate', given(email_address, doomed))
    const answers = await Promise.all([
      ...addresses.map((email_address) => ask('migrate', given(email_address, doomed))),
      ...addresses.map((email_address) => call(here, project, `POST ${membersOf(kept)}`, { email_address })),
      call(here, project, `DELETE /v1/b2b/organizations/${doomed.organization_id}`),
    ])
    for (const { status, body } of answers) assert.ok(status < 500, JSON.stringify(body))
    const ids = await agree()
    for (const owner of ids.keys()) assert.ok(addresses.includes(owner))
  })

  test('sessions of those who share a password end with it, and those of others do not', async () => {
    for (const mode of modes) {
      const { here, project, withPassword, mailReset, ok, member } = await passwordScene(engine, mode)
      const place = await newOrganization(here, project)
      const known = await withPassword()
      const twin = await withPassword({ email_address: known.email_address }, place)
      const other = await member()
      await memberSession(here, project, place, twin)
      await memberSession(here, project, known, other)
      const { password_reset_token } = await mailReset(known.email_address)
      await ok('reset', { password_reset_token, password: stronger })
      assert.equal(await isSignedIn(here, project, twin.member_id), mode === 'member')
      assert.equal(await isSignedIn(here, project, other.member_id), true)
    }
  })

  test('a session exchanged by the password is one of the other organization, where members share it', async () => {
    for (const mode of modes) {
      const { here, project, withPassword, ok, login } = await passwordScene(engine, mode)
      const known = await withPassword()
      const place = await newOrganization(here, project)
      const { organization_id } = await withPassword({ email_address: known.email_address }, place)
      const { session_token } = await ok('authenticate', login(known))
      const route = 'POST /v1/b2b/sessions/exchange'
      const reply = await succeed(here, project, route, { organization_id, session_token })
      assert.equal(reply.member_authenticated, mode === 'address')
      if (mode === 'address') continue
      const { intermediate_session_token } = reply
      const proof = await proofFor(here, project, 'link', organization_id, known.email_address)
      const body = { ...proof, intermediate_session_token }
      assert.equal(
        (await succeed(here, project, 'POST /v1/b2b/magic_links/authenticate', body)).member_authenticated,
        true,
      )
    }
  })

  test('a password that only somebody else has is none here', async () => {
    const { here, project, no, withPassword, login } = await scene(engine)
    const known = await withPassword()
    const place = await newOrganization(here, project)
    await no('authenticate', { ...login(known), organization_id: place.organization_id }, unauthorized)
    const other = await passwordScene(engine, 'address')
    const { organization_id } = other
    await other.no('authenticate', { ...login(known), organization_id }, unauthorized)
    await refuse(
      here,
      other.project,
      'POST /v1/b2b/passwords/authenticate',
      login(known),
      404,
      'organization_not_found',
    )
  })
})
