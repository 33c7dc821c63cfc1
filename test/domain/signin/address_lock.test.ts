/** Locks of addresses that sign in before they are anybody's: counted exactly, mailed about only to people known here, forgotten in the end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findAddress, takeAddressTurn } from '../../../src/domain/addresses/address.ts'
import type { Environment } from '../../../src/domain/configuration/environment.ts'
import { updateEnvironment } from '../../../src/domain/projects/environment.ts'
import { attempt, failedAttempt } from '../../../src/domain/signin/attempt.ts'
import { forgetFailedAttempts, isLocked, purgeAddresses, unlockByToken } from '../../../src/domain/signin/lock.ts'
import { Refusal } from '../../../src/errors.ts'
import { DAY, MINUTE } from '../../../src/values/time.ts'
import { lastMessage, messagesTo } from '../../support/inbox.ts'
import { newAddress } from '../../support/links.ts'
import { newMember } from '../../support/members.ts'
import { newOrganization } from '../../support/organizations.ts'
import { type Engine, onBothEngines, world } from '../../support/world.ts'

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project('B2B')
  const settings = { user_lock_threshold: 3, user_lock_ttl: 300, user_lock_self_serve_enabled: true }
  await updateEnvironment(here.app, project.id, settings)
  const environment = (await here.app.environment(project.id)) as Environment
  /** One failed attempt of an address; returns the type it is refused with. */
  const failOnce = async (email_address: string) => {
    const fail = (app: typeof here.app) =>
      findAddress(app, environment, email_address).then((address) =>
        failedAttempt(app, environment, address, 'unauthorized_credentials'),
      )
    return attempt(here.app, fail).catch((error) =>
      error instanceof Refusal ? error.error_type : Promise.reject(error),
    )
  }
  const locked = async (email_address: string) =>
    isLocked(await findAddress(here.app, environment, email_address), here.app.now())
  return { here, project, environment, failOnce, locked }
}

onBothEngines('locks of addresses', (engine) => {
  test('the failure that reaches the threshold locks the address, in this environment only, until the time is over', async () => {
    const { here, failOnce, locked } = await scene(engine)
    const other = await scene(engine)
    const address = newAddress()
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => failOnce(address)))
    assert.equal(outcomes.filter((type) => type === 'unauthorized_credentials').length, 3)
    assert.equal(outcomes.filter((type) => type === 'user_lock_limit_reached').length, 7)
    assert.equal(await locked(address), true)
    assert.equal(await other.locked(address), false)
    here.clock.advance(5 * MINUTE)
    assert.equal(await locked(address), false)
    assert.equal(await failOnce(address), 'unauthorized_credentials')
  })

  test('a success in between begins the count anew', async () => {
    const { here, environment, failOnce, locked } = await scene(engine)
    const address = newAddress()
    await failOnce(address)
    await failOnce(address)
    await forgetFailedAttempts(here.app, { project_id: environment.project_id, email_address: address })
    await failOnce(address)
    await failOnce(address)
    assert.equal(await locked(address), false)
  })

  test('only people known here are written to, and their link unlocks the address', async () => {
    const { here, project, environment, failOnce, locked } = await scene(engine)
    const organization = await newOrganization(here, project)
    const known = newAddress()
    await newMember(here, project, organization, { email_address: known })
    const stranger = newAddress()
    for (const address of [known, stranger]) for (let time = 0; time < 3; time++) await failOnce(address)
    assert.deepEqual(await messagesTo(here, stranger), [])
    const { links } = await lastMessage(here, known)
    assert.equal(links[0]?.purpose, 'unlock')
    assert.equal(await unlockByToken(here.app, environment, links[0]?.token ?? ''), true)
    assert.equal(await locked(known), false)
    assert.equal(await locked(stranger), true)
  })

  test('addresses are forgotten with their failures when nobody has failed with them for long', async () => {
    const { here, environment, failOnce } = await scene(engine)
    const address = newAddress()
    await failOnce(address)
    await failOnce(address)
    here.clock.advance(9 * DAY)
    assert.ok((await purgeAddresses(here.app, here.app.now(), 500)) > 0)
    const { project_id } = environment
    await takeAddressTurn(here.app, { project_id, email_address: address })
    // The third failure in all, but the first that counts.
    await failOnce(address)
    assert.equal(isLocked(await findAddress(here.app, environment, address), here.app.now()), false)
  })
})
