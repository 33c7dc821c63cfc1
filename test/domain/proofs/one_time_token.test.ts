/** One-time tokens: bound to project and purpose, redeemed once, known for a while after that. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Environment } from '../../../src/domain/configuration/environment.ts'
import { maintain } from '../../../src/domain/maintenance/maintenance.ts'
import {
  consumeOneTimeToken,
  expireOneTimeTokens,
  findOneTimeToken,
  isRedeemable,
  issueOneTimeToken,
  linkMinutes,
  listOneTimeTokens,
  type OneTimeToken,
  revokeOneTimeTokens,
  type TokenDetails,
  type TokenPurpose,
} from '../../../src/domain/proofs/one_time_token.ts'
import { DAY, MINUTE } from '../../../src/values/time.ts'
import { type Engine, onBothEngines, world } from '../../support/world.ts'

const attributes = { ip_address: '', user_agent: '' }

async function scene(engine: Engine) {
  const here = await world(engine)
  const environment = (await here.app.environment((await here.project()).id)) as Environment
  const issue = (purpose: TokenPurpose, kind: TokenDetails['kind'] = 'login', method_id = 'method') =>
    issueOneTimeToken(here.app, environment, {
      purpose,
      owner_id: 'owner',
      method_id,
      minutes: 10,
      details: { kind, attributes },
    })
  const find = (purpose: TokenPurpose, token: string) => findOneTimeToken(here.app, environment, purpose, token)
  const kinds = async () => {
    const tokens = await listOneTimeTokens(here.app, environment, 'owner')
    return tokens
      .filter((one) => isRedeemable(one, here.clock.now()))
      .map(({ details }) => details.kind)
      .sort()
  }
  return { here, environment, issue, find, kinds }
}

onBothEngines('one-time tokens', (engine) => {
  test('what is stored is no token, and matches in its project and purpose only', async () => {
    const { here, environment, issue, find } = await scene(engine)
    const token = await issue('magic link')
    const found = await find('magic link', token)
    assert.ok(found && isRedeemable(found, here.clock.now()))
    assert.ok(!JSON.stringify(found).includes(token))
    assert.equal(await find('unlock', token), undefined)
    assert.equal(await find('magic link', found.token_hash), undefined)
    const other = (await here.app.environment((await here.project()).id)) as Environment
    assert.equal(await findOneTimeToken(here.app, other, 'magic link', token), undefined)
    assert.notEqual(other.project_id, environment.project_id)
  })

  test('redeemed exactly once by a hundred at a time, and never from the moment it expires', async () => {
    const { here, issue, find } = await scene(engine)
    const token = (await find('magic link', await issue('magic link'))) as OneTimeToken
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => consumeOneTimeToken(here.app, token)))
    assert.equal(outcomes.filter(Boolean).length, 1)
    const late = (await find('magic link', await issue('magic link'))) as OneTimeToken
    here.clock.advance(10 * MINUTE)
    assert.equal(isRedeemable(late, here.clock.now()), false)
    assert.equal(await consumeOneTimeToken(here.app, late), false)
  })

  test('a transaction that is undone leaves the token as it was', async () => {
    const { here, issue, find } = await scene(engine)
    const token = (await find('magic link', await issue('magic link'))) as OneTimeToken
    const undone = here.app.transaction(async (app) => {
      assert.equal(await consumeOneTimeToken(app, token), true)
      throw new Error('undone')
    })
    await assert.rejects(undone, /undone/)
    assert.equal(await consumeOneTimeToken(here.app, token), true)
  })

  test('taken back or ended by purpose, method and flow', async () => {
    const { here, environment, issue, find, kinds } = await scene(engine)
    await issue('magic link', 'login')
    await issue('magic link', 'invite')
    const invite = await issue('magic link', 'invite', 'another method')
    await issue('unlock', 'unlock')
    await issue('password reset', 'reset_password')
    await expireOneTimeTokens(here.app, environment, 'owner', {
      purpose: 'magic link',
      kind: 'invite',
      method_id: 'method',
    })
    assert.deepEqual(await kinds(), ['invite', 'login', 'reset_password', 'unlock'])
    await revokeOneTimeTokens(here.app, environment, 'owner', { method_id: 'another method' })
    assert.equal(await find('magic link', invite), undefined)
    await revokeOneTimeTokens(here.app, environment, 'owner', { purpose: 'unlock' })
    await revokeOneTimeTokens(here.app, environment, 'stranger')
    assert.deepEqual(await kinds(), ['login', 'reset_password'])
    await revokeOneTimeTokens(here.app, environment, 'owner')
    assert.deepEqual(await listOneTimeTokens(here.app, environment, 'owner'), [])
  })

  test('an ended token stays known for a week, and is purged then', async () => {
    const { here, issue, find } = await scene(engine)
    const token = await issue('magic link')
    here.clock.advance(7 * DAY)
    await maintain(here.app, () => false)
    assert.ok(await find('magic link', token))
    here.clock.advance(11 * MINUTE)
    await maintain(here.app, () => false)
    assert.equal(await find('magic link', token), undefined)
  })
})

test('links last five minutes to seven days', () => {
  for (const minutes of [5, 10_080]) assert.equal(linkMinutes('field', minutes, 60), minutes)
  assert.equal(linkMinutes('field', undefined, 60), 60)
  for (const minutes of [-5, 0, 4, 10_081, 1e12])
    assert.throws(() => linkMinutes('field', minutes, 60), /^Refusal: field/)
})
