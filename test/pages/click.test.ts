/** The pages between a mail and the application, in a real browser. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findOneTimeToken, isRedeemable } from '../../src/domain/proofs/one_time_token.ts'
import { changeUser } from '../../src/domain/users/user.ts'
import { HOUR } from '../../src/values/time.ts'
import { listeningWorld, newPage, skip } from '../support/browser.ts'
import { succeed } from '../support/call.ts'
import { environmentOf, linkIn } from '../support/clickable.ts'

/** A project, and an application that its links lead to: another origin, where something is served that needs no credentials. */
async function scene(options: Parameters<typeof newPage>[0] = {}) {
  const { here, port } = await listeningWorld()
  const project = await here.project()
  const { page, trouble } = await newPage(options)
  await page.route('http://app.test/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: 'The application' }),
  )
  return {
    here,
    page,
    trouble,
    origin: `http://127.0.0.1:${port}`,
    application: `http://lan.test:${port}/healthz`,
    project,
    test: await environmentOf(here, project.id),
    live: await environmentOf(here, project.live.project_id),
  }
}

describe('a click in a browser', { skip }, () => {
  test('arrives at the application by itself, in test and in live environments, and spends nothing', async () => {
    const { here, page, trouble, origin, application, test, live } = await scene()
    for (const environment of [test, live]) {
      const { token, route } = await linkIn(here, environment, 'magic_links', `${application}?a=1&b=%26`)
      await page.goto(origin + route)
      await page.waitForURL(`${application}?a=1&b=%26&stytch_token_type=magic_links&token=${token}`)
      assert.equal(await page.evaluate('document.referrer'), '')
      const found = await findOneTimeToken(here.app, environment, 'magic link', token)
      assert.ok(found && isRedeemable(found, here.app.now()))
    }
    assert.deepEqual(trouble, [])
  })

  test('stays on the page without scripts, where the button leads on', async () => {
    const { here, page, origin, application, live } = await scene({ javaScriptEnabled: false })
    const { route } = await linkIn(here, live, 'login', application)
    await page.goto(origin + route)
    await page.waitForTimeout(300)
    assert.equal(page.url(), origin + route)
    await page.getByRole('link', { name: 'Continue' }).click()
    await page.waitForURL(`${application}?**`)
  })

  test('on a link to unlock asks, unlocks, and goes on', async () => {
    const { here, page, trouble, origin, application, project, test } = await scene()
    const { user_id } = await succeed(here, project, 'POST /v1/users', { email: 'ada@example.com' })
    const now = here.app.now()
    const lock = { lock_created_at: now, lock_expires_at: now + HOUR }
    await changeUser(here.app, test, user_id, (_, current) => ({ ...current, ...lock }))
    const { route } = await linkIn(here, test, 'unlock', application, { owner_id: user_id, flow: 'unlock' })
    await page.goto(origin + route)
    await page.getByRole('button', { name: 'Unlock my account' }).click()
    await page.getByText('Your account is unlocked').waitFor()
    await page.waitForURL(application)
    await page.goto(origin + route)
    await page.getByText('This link does not unlock any more').waitFor()
    assert.deepEqual(trouble, [])
  })
})
