/** POST /v1/magic_links/redirect. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLocked } from '../../../src/domain/signin/lock.ts'
import { getUser } from '../../../src/domain/users/reference.ts'
import { changeUser } from '../../../src/domain/users/user.ts'
import { HOUR } from '../../../src/values/time.ts'
import { succeed } from '../../support/call.ts'
import { environmentOf, linkIn } from '../../support/clickable.ts'
import { visit } from '../../support/visit.ts'
import { onBothEngines, world } from '../../support/world.ts'

async function scene(engine: Parameters<typeof world>[0]) {
  const here = await world(engine)
  const project = await here.project()
  const environment = await environmentOf(here, project.id)
  const { user_id } = await succeed(here, project, 'POST /v1/users', { email: 'ada@example.com' })
  const lock = { lock_created_at: here.app.now(), lock_expires_at: here.app.now() + 5 * HOUR }
  await changeUser(here.app, environment, user_id, (_, current) => ({ ...current, ...lock }))
  const locked = async () => isLocked(await getUser(here.app, environment, user_id), here.app.now())
  const link = (redirect_url?: string) =>
    linkIn(here, environment, 'unlock', redirect_url, { owner_id: user_id, flow: 'unlock' })
  assert.ok(await locked())
  return { here, environment, locked, link }
}

onBothEngines('the button on the page of an unlock link', (engine) => {
  test('unlocks, and goes on to the application without a token', async () => {
    const { here, locked, link } = await scene(engine)
    const { route } = await link('https://app.example.com/login?a=1')
    await visit(here, `GET ${route}`)
    assert.ok(await locked())
    const { status, text } = await visit(here, `POST ${route}`)
    assert.equal(status, 200)
    assert.match(text, /Your account is unlocked/)
    assert.match(text, /href="https:\/\/app\.example\.com\/login\?a=1"/)
    assert.ok(!(await locked()))
    for (const method of ['GET', 'POST']) {
      const again = await visit(here, `${method} ${route}`)
      assert.equal(again.status, 404)
      assert.match(again.text, /does not unlock any more/)
    }
  })

  test('stays on the page when it is not known where the application is', async () => {
    const { here, locked, link } = await scene(engine)
    const { status, text } = await visit(here, `POST ${(await link()).route}`)
    assert.equal(status, 200)
    assert.doesNotMatch(text, /<script|href="http/)
    assert.ok(!(await locked()))
  })

  test('works once, of a hundred at the same time', async () => {
    const { here, locked, link } = await scene(engine)
    const { route } = await link('https://app.example.com/')
    const all = await Promise.all(Array.from({ length: 100 }, () => visit(here, `POST ${route}`)))
    assert.deepEqual(
      [200, 404].map((code) => all.filter(({ status }) => status === code).length),
      [1, 99],
    )
    assert.ok(!(await locked()))
  })

  test('does nothing once the link has expired', async () => {
    const { here, locked, link } = await scene(engine)
    const { route } = await link('https://app.example.com/')
    here.clock.advance(2 * HOUR)
    const { status, text } = await visit(here, `POST ${route}`)
    assert.equal(status, 404)
    assert.match(text, /does not unlock any more/)
    assert.ok(await locked())
  })

  test('has nothing to do once the lock has ended by itself', async () => {
    const { here, locked, link } = await scene(engine)
    here.clock.advance(5 * HOUR)
    assert.ok(!(await locked()))
    const { status, text } = await visit(here, `POST ${(await link()).route}`)
    assert.equal(status, 404)
    assert.match(text, /Locks also end by themselves/)
  })

  test('does nothing for a link of another kind, an unknown one, or none', async () => {
    const { here, environment, locked, link } = await scene(engine)
    const { token } = await link()
    const login = await linkIn(here, environment, 'magic_links', 'https://app.example.com/')
    const [{ public_token } = { public_token: '' }] = environment.public_tokens
    const unknown = new URLSearchParams({ public_token, stytch_token_type: 'unlock', token: token.toLowerCase() })
    for (const route of [login.route, `/v1/magic_links/redirect?${unknown}`, '/v1/magic_links/redirect']) {
      assert.equal((await visit(here, `POST ${route}`)).status, 404)
    }
    assert.ok(await locked())
  })
})
