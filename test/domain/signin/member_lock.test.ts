/** Locks of members: opened by the link that is mailed to them and by operators, and ended links open nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findAddress } from '../../../src/domain/addresses/address.ts'
import { updateEnvironment } from '../../../src/domain/projects/environment.ts'
import { isLocked, unlockByToken, unlockMember } from '../../../src/domain/signin/lock.ts'
import { Refusal } from '../../../src/errors.ts'
import { newId } from '../../../src/values/id.ts'
import { SECOND } from '../../../src/values/time.ts'
import { refuse, succeed } from '../../support/call.ts'
import { lastMessage } from '../../support/inbox.ts'
import { memberScene } from '../../support/member_ways.ts'
import { give, membersOf, readMember } from '../../support/members.ts'
import { environmentOf } from '../../support/organizations.ts'
import { type Engine, onBothEngines } from '../../support/world.ts'

/** A member who is locked by one wrong code, and the link that was mailed. */
async function lockedMember(engine: Engine) {
  const base = await memberScene(engine, 'code')
  const { here, project, organization } = base
  await updateEnvironment(here.app, project.id, { user_lock_self_serve_enabled: true, user_lock_threshold: 1 })
  const environment = await environmentOf(here, project)
  const known = await base.member()
  const { email_address } = known
  const lock = async () => {
    const { organization_id } = organization
    await base.proofFor(email_address)
    const { code } = await lastMessage(here, email_address, project)
    const wrong = code === '000000' ? '000001' : '000000'
    const body = { organization_id, email_address, code: wrong }
    await refuse(here, project, 'POST /v1/b2b/otps/email/authenticate', body, 404, 'otp_code_not_found')
    const message = await lastMessage(here, email_address, project)
    assert.deepEqual([message.template, message.links.length], ['unlock', 1])
    return message.links[0]?.token as string
  }
  const isLocked = async () => (await readMember(here, project, known)).is_locked as boolean
  return { ...base, environment, known, lock, isLocked, route: `${membersOf(organization)}/${known.member_id}` }
}

onBothEngines('locks of members', (engine) => {
  test('the mailed link opens the lock once, of many at the same time, and signs nobody in', async () => {
    const { here, project, environment, lock, isLocked, proofFor, enter, known } = await lockedMember(engine)
    const token = await lock()
    assert.equal(await isLocked(), true)
    const body = { magic_links_token: token }
    await refuse(here, project, 'POST /v1/b2b/magic_links/authenticate', body, 404, 'magic_link_not_found')
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => unlockByToken(here.app, environment, token)))
    assert.equal(outcomes.filter(Boolean).length, 1)
    assert.equal(await isLocked(), false)
    here.clock.advance(SECOND)
    assert.equal((await enter(await proofFor(known.email_address))).member_authenticated, true)
    // The next lock has a link of its own.
    await lock()
    assert.equal(await unlockByToken(here.app, environment, token), false)
    assert.equal(await isLocked(), true)
  })

  test('the link ends with the address it was mailed to, and with the member', async () => {
    const moved = await lockedMember(engine)
    const toOld = await moved.lock()
    await succeed(moved.here, moved.project, `PUT ${moved.route}`, { email_address: 'elsewhere@example.com' })
    assert.equal(await unlockByToken(moved.here.app, moved.environment, toOld), false)
    assert.equal(await moved.isLocked(), true)
    const deleted = await lockedMember(engine)
    const token = await deleted.lock()
    await succeed(deleted.here, deleted.project, `DELETE ${deleted.route}`)
    assert.equal(await unlockByToken(deleted.here.app, deleted.environment, token), false)
  })

  test('who unlocks a member unlocks the address, too, which wrong codes lock until it is proven', async () => {
    const { here, project, environment, lock, known } = await lockedMember(engine)
    const { member_id, email_address } = known
    await give(here, project, member_id, { email_address_verified: false })
    const isAddressLocked = async () =>
      isLocked(await findAddress(here.app, environment, email_address), here.clock.now())
    for (const open of [
      (token: string) => unlockByToken(here.app, environment, token),
      () => unlockMember(here.app, environment, member_id),
    ]) {
      const token = await lock()
      assert.equal(await isAddressLocked(), true)
      await open(token)
      assert.deepEqual([await isAddressLocked(), (await readMember(here, project, known)).is_locked], [false, false])
    }
  })

  test('an operator unlocks at once, and the link that was mailed opens nothing any more', async () => {
    const { here, environment, lock, isLocked, known } = await lockedMember(engine)
    const token = await lock()
    const { member_id } = known
    const unlocked = await unlockMember(here.app, environment, member_id)
    assert.deepEqual([unlocked.lock_created_at, unlocked.lock_expires_at, await isLocked()], [null, null, false])
    assert.equal(await unlockByToken(here.app, environment, token), false)
    assert.equal((await unlockMember(here.app, environment, member_id)).version, unlocked.version)
    for (const [id, type] of [
      [newId('member', 'TEST'), 'member_not_found'],
      ['ada', 'invalid_id'],
    ] as const) {
      await assert.rejects(
        unlockMember(here.app, environment, id),
        (error) => error instanceof Refusal && error.error_type === type,
      )
    }
  })
})
