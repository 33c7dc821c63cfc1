/** Completing a change of address: what it swaps and keeps, and what can no longer be completed. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  completeEmailUpdate,
  findMemberByEmailUpdate,
  startEmailUpdate,
} from '../../../src/domain/members/email_update.ts'
import { findMemberByAddress } from '../../../src/domain/members/reference.ts'
import { holdOrganization } from '../../../src/domain/organizations/organization.ts'
import { Refusal } from '../../../src/errors.ts'
import { MINUTE } from '../../../src/values/time.ts'
import { call, refuse, succeed } from '../../support/call.ts'
import {
  give,
  isSignedIn,
  newMember,
  organizationIn,
  provenMember,
  readMember,
  signIn,
  stored,
} from '../../support/members.ts'
import { environmentOf, newOrganization } from '../../support/organizations.ts'
import { type Engine, onBothEngines } from '../../support/world.ts'

async function changing(engine: Engine, email_address: string, body: object = {}) {
  const place = await organizationIn(engine)
  const { here, project, organization, members } = place
  const { member_id } = await provenMember(here, project, organization, { email_address: 'old@example.com', ...body })
  await succeed(here, project, `POST ${members}/${member_id}/start_email_update`, { email_address })
  const member = await stored(here, project, member_id)
  const environment = await environmentOf(here, project)
  const complete = (email_id = String(member.email_update?.email_id)) =>
    here.app.transaction((app) => completeEmailUpdate(app, environment, member, email_id))
  return { ...place, environment, member, member_id, complete }
}

const impossible = (error: unknown) =>
  error instanceof Refusal && error.error_type === 'unable_to_verify_member_email_update'

onBothEngines('starting a change of address', (engine) => {
  test('takes turns with other changes in the organization: two could wait for the lapsed one of each other', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const { member_id } = await provenMember(here, project, organization)
    const [known, environment] = [await stored(here, project, member_id), await environmentOf(here, project)]
    const request = { email_address: 'new@example.com', delivery_method: 'EMAIL_OTP' } as const
    let started = false
    const { starting } = await here.app.transaction(async (app) => {
      await holdOrganization(app, known)
      const starting = startEmailUpdate(here.app, environment, known, request)
      starting.then(() => {
        started = true
      })
      await pause(50)
      assert.equal(started, false)
      return { starting }
    })
    assert.equal((await starting).email_update?.email_address, 'new@example.com')
  })

  test('members who want the lapsed address of each other at once are all answered', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const people = [await provenMember(here, project, organization), await provenMember(here, project, organization)]
    const start = (index: number, wanted: number) =>
      call(here, project, `POST ${members}/${people[index]?.member_id}/start_email_update`, {
        email_address: `${wanted}@example.com`,
        delivery_method: 'EMAIL_OTP',
      })
    for (const index of [0, 1]) assert.equal((await start(index, index)).status, 200)
    here.clock.advance(6 * MINUTE)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => start(index % 2, 1 - (index % 2))))
    assert.equal(answers.filter(({ status }) => status === 200).length, 2)
    assert.equal(answers.filter(({ status }) => status === 429).length, 18)
  })
})

onBothEngines('completing a change of address', (engine) => {
  test('makes the new address the verified one, retires the old, keeps password and sessions', async () => {
    const { here, project, members, member, member_id, complete } = await changing(engine, 'new@example.com')
    const password_id = `member-password-test-${randomUUID()}`
    await give(here, project, member_id, { password: { password_id, inherited: false } })
    await signIn(here, project, member_id)
    const found = await findMemberByEmailUpdate(here.app, member, 'new@example.com')
    assert.equal(found?.member_id, member_id)
    assert.equal(await findMemberByAddress(here.app, member, 'new@example.com'), undefined)
    await complete()
    const shown = await readMember(here, project, { member_id })
    assert.deepEqual(
      [shown.email_address, shown.email_address_verified, shown.member_password_id],
      ['new@example.com', true, password_id],
    )
    assert.deepEqual(shown.retired_email_addresses, [{ email_id: member.email_id, email_address: 'old@example.com' }])
    const changed = await stored(here, project, member_id)
    assert.deepEqual([changed.email_update, changed.email_id], [null, member.email_update?.email_id])
    assert.equal(await isSignedIn(here, project, member_id), true)
    assert.equal((await findMemberByAddress(here.app, member, 'new@example.com'))?.member_id, member_id)
    assert.equal(await findMemberByEmailUpdate(here.app, member, 'new@example.com'), undefined)
    await refuse(here, project, `POST ${members}`, { email_address: 'new@example.com' }, 400, 'duplicate_member_email')
    await refuse(here, project, `POST ${members}`, { email_address: 'old@example.com' }, 400, 'retired_member_email')
  })

  test('is refused when another organization has claimed the domain meanwhile', async () => {
    const { here, project, member_id, complete } = await changing(engine, 'new@acme.test')
    await newOrganization(here, project, { claimed_email_domains: ['acme.test'] })
    await assert.rejects(
      complete(),
      (error) => error instanceof Refusal && error.error_type === 'action_not_allowed_email_domain_is_claimed',
    )
    assert.equal((await readMember(here, project, { member_id })).email_address, 'old@example.com')
  })

  test('goes back to a retired address', async () => {
    const { here, project, members, member, member_id, complete } = await changing(engine, 'new@example.com')
    await complete()
    await succeed(here, project, `POST ${members}/${member_id}/start_email_update`, {
      email_address: 'old@example.com',
    })
    await complete(member.email_id)
    const shown = await readMember(here, project, { member_id })
    assert.deepEqual([shown.email_address, shown.email_address_verified], ['old@example.com', true])
    assert.equal(shown.retired_email_addresses.length, 1)
  })

  test('happens once, in time, and for the address asked for last', async () => {
    const first = await changing(engine, 'new@example.com')
    await first.complete()
    await assert.rejects(first.complete(), impossible)

    const late = await changing(engine, 'new@example.com')
    late.here.clock.advance(5 * MINUTE)
    await assert.rejects(late.complete(), impossible)

    const replaced = await changing(engine, 'new@example.com')
    const body = { email_address: 'other@example.com' }
    const route = `POST ${replaced.members}/${replaced.member_id}/start_email_update`
    await succeed(replaced.here, replaced.project, route, body)
    await assert.rejects(replaced.complete(), impossible)

    const overruled = await changing(engine, 'new@example.com')
    const put = `PUT ${overruled.members}/${overruled.member_id}`
    await succeed(overruled.here, overruled.project, put, body)
    await assert.rejects(overruled.complete(), impossible)
    const shown = await readMember(overruled.here, overruled.project, overruled)
    assert.deepEqual([shown.email_address, shown.email_address_verified], ['other@example.com', false])
  })

  test('gives way to a member who has got the address meanwhile, and changes nothing then', async () => {
    const { here, project, organization, member_id, complete } = await changing(engine, 'new@example.com')
    const before = await stored(here, project, member_id)
    await newMember(here, project, organization, { email_address: 'new@example.com' })
    await assert.rejects(complete(), impossible)
    assert.deepEqual(await stored(here, project, member_id), before)
  })

  test('of many completions at once, one counts', async () => {
    const { complete } = await changing(engine, 'new@example.com')
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => complete()))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('ends with the member', async () => {
    const { here, project, members, member, member_id } = await changing(engine, 'new@example.com')
    await succeed(here, project, `DELETE ${members}/${member_id}`)
    assert.equal(await findMemberByEmailUpdate(here.app, member, 'new@example.com'), undefined)
    assert.equal((await stored(here, project, member_id)).email_update, null)
  })
})
