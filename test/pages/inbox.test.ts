/** The inbox, in a real browser. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { createProjectWithEnvironments } from '../../src/domain/workspace/installation.ts'
import { listeningWorld, newPage, skip } from '../support/browser.ts'
import { send } from '../support/captured.ts'
import { environmentOf, linkIn } from '../support/clickable.ts'

/** The inbox of one project, which nothing else writes to. */
async function scene(options: Parameters<typeof newPage>[0] = {}, host = '127.0.0.1') {
  const { here, port, asked } = await listeningWorld()
  const { id: project_id } = await here.project()
  const httpCredentials = { username: here.workspace.id, password: here.workspace.secret }
  const { page, trouble } = await newPage({ httpCredentials, ...options })
  const origin = `http://${host}:${port}`
  return {
    here,
    page,
    trouble,
    project_id,
    origin,
    asked,
    open: () => page.goto(`${origin}/dev/inbox?project_id=${project_id}`),
    arrive: (to: string, letter: Parameters<typeof send>[3] = {}) => send(here, project_id, to, letter),
  }
}

const recipients = (page: Page) => page.locator('#messages .to').allTextContents()
const phone = { viewport: { width: 360, height: 740 } }

/** What is on the clipboard, pasted as a person would. */
async function pasted(page: Page): Promise<string> {
  await page.fill('#search', '')
  await page.focus('#search')
  await page.keyboard.press('Control+V')
  const text = await page.inputValue('#search')
  await page.fill('#search', '')
  return text
}

describe('the inbox in a browser', { skip }, () => {
  test('is empty at first, then shows what arrives, and keeps what is open', async () => {
    const { page, trouble, open, arrive } = await scene()
    await open()
    await page.getByText('No message').waitFor()
    await arrive('ada@example.com', { code: '482913' })
    await page.locator('.reader .digits', { hasText: '482913' }).waitFor()
    await arrive('+14155550123', { channel: 'sms', code: '018394' })
    await page.locator('.row.fresh', { hasText: '+14155550123' }).waitFor()
    assert.deepEqual(await recipients(page), ['+14155550123', 'ada@example.com'])
    assert.equal(await page.locator('.reader .digits').textContent(), '482913')
    assert.equal(await page.title(), '(1) Inbox')
    await page.locator('.row.fresh .face').click()
    assert.match((await page.locator('.reader .bubble').textContent()) ?? '', /018394/)
    assert.equal(await page.title(), 'Inbox')
    assert.deepEqual(trouble, [])
  })

  test('finds messages by recipient, also by the digits of a number', async () => {
    const { page, open, arrive } = await scene()
    for (const to of ['ada@example.com', 'grace@example.com', '+14155550123']) await arrive(to)
    await open()
    for (const [wanted, found] of [
      ['GRACE', ['grace@example.com']],
      ['415 555-01', ['+14155550123']],
      ['example.com', ['grace@example.com', 'ada@example.com']],
      ['nobody', []],
    ] as const) {
      await page.fill('#search', wanted)
      assert.deepEqual((await recipients(page)).sort(), [...found].sort(), wanted)
    }
    await page.getByText('No message to this recipient').waitFor()
    assert.match(page.url(), /[?&]to=nobody/)
  })

  test('finds an old message by the whole address, behind all that are listed', async () => {
    const { page, open, arrive } = await scene()
    await arrive('first@example.com')
    await Promise.all(Array.from({ length: 205 }, (_, index) => arrive(`later${index}@example.com`)))
    await open()
    await page.locator('.row').nth(150).waitFor()
    assert.ok(!(await recipients(page)).includes('first@example.com'))
    await page.fill('#search', 'first@example.com')
    await page.locator('.row', { hasText: 'first@example.com' }).waitFor()
  })

  test('copies a code with one click, in the list or beside the message', async () => {
    const { page, open, arrive, origin } = await scene()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
    await arrive('ada@example.com', { code: '018394' })
    await open()
    const read = () => page.evaluate('navigator.clipboard.readText()')
    await page.locator('.quick.code').click()
    await page.getByText('Code copied').waitFor()
    assert.equal(await read(), '018394')
    await page.evaluate("navigator.clipboard.writeText('')")
    await page.getByRole('button', { name: 'Copy code' }).click()
    await page.locator('.button.done').waitFor()
    assert.equal(await read(), '018394')
  })

  test('copies on plain http in a network, too, where browsers have no clipboard for pages', async () => {
    const { page, open, arrive, trouble } = await scene({}, 'lan.test')
    await arrive('ada@example.com', { code: '471100' })
    await open()
    assert.equal(await page.evaluate('isSecureContext'), false)
    await page.getByRole('button', { name: 'Copy code' }).click()
    await page.getByText('Code copied').waitFor()
    assert.equal(await pasted(page), '471100')
    assert.deepEqual(trouble, [])
  })

  test('opens and copies links', async () => {
    const { here, page, open, arrive, project_id, origin } = await scene({}, 'lan.test')
    const { token, route } = await linkIn(
      here,
      await environmentOf(here, project_id),
      'magic_links',
      `${origin}/healthz`,
    )
    const url = `${origin}${route}`
    await arrive('ada@example.com', { template: 'login', links: [{ purpose: 'login', url, token }] })
    await open()
    for (const link of ['.reader a.primary', '.row .quick']) {
      const [opened] = await Promise.all([page.context().waitForEvent('page'), page.locator(link).click()])
      await opened.waitForURL(`${origin}/healthz?stytch_token_type=magic_links&token=${token}`)
      assert.equal(await opened.evaluate('document.referrer'), '')
      assert.equal(await opened.evaluate('window.opener'), null)
      await opened.close()
    }
    await page.getByRole('button', { name: 'Copy token' }).click()
    await page.getByText('Token copied').waitFor()
    assert.equal(await pasted(page), token)
    await page.getByRole('button', { name: 'Copy link' }).click()
    await page.getByText('Link copied').waitFor()
    assert.equal(await pasted(page), url)
  })

  test('shows a mail as its receiver sees it, as text, and as source', async () => {
    const { page, open, arrive } = await scene()
    await arrive('ada@example.com', { code: '482913' })
    await open()
    const mail = page.frameLocator('.reader iframe')
    await mail.getByText('482913').first().waitFor()
    await page.getByRole('button', { name: 'Text' }).click()
    assert.match((await page.locator('.plain').textContent()) ?? '', /482913/)
    await page.getByRole('button', { name: 'Source' }).click()
    assert.match((await page.locator('.plain').textContent()) ?? '', /<[a-z]/)
  })

  test('runs nothing and loads nothing that a message says', async () => {
    const { page, trouble, origin, asked } = await scene()
    const evil = '</pre></style></title><script>alert(1)</script><img src=/healthz onerror=alert(2)><b onclick=x>'
    const html = `<p>Hello</p>${evil}<script src="/healthz"></script><link rel="stylesheet" href="/healthz"><form action="/healthz"><button>go</button></form><iframe src="/healthz"></iframe><meta http-equiv="refresh" content="0;url=/healthz">`
    const [link] = [{ purpose: 'login', url: "javascript:alert('link')", token: evil }]
    const message = {
      message_id: 'message-test-1',
      created_at: '2026-01-01T00:00:00Z',
      project_id: evil,
      channel: evil,
      to: evil,
      template: evil,
      locale: evil,
      subject: evil,
      text: evil,
      html,
      code: evil,
      links: [link],
    }
    await page.route('**/dev/messages*', (route) => route.fulfill({ json: { messages: [message] } }))
    const from = asked.length
    await page.goto(`${origin}/dev/inbox`)
    await page.frameLocator('.reader iframe').getByText('Hello').waitFor()
    for (const name of ['Text', 'Source', 'Message']) await page.getByRole('button', { name, exact: true }).click()
    await page.frameLocator('.reader iframe').getByRole('button', { name: 'go' }).click()
    await page.waitForTimeout(1800)
    assert.deepEqual(trouble, [])
    assert.deepEqual([...new Set(asked.slice(from))], ['/dev/inbox'])
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0)
    assert.equal(await page.locator('#inbox script, #inbox img, #inbox b').count(), 0)
  })

  test('shows the name of a project as text, in the mail as in the list', async () => {
    const { here, page, trouble, origin } = await scene()
    const name = '<script>alert(1)</script><img src=x onerror=alert(2)>'
    const { project_id } = (await createProjectWithEnvironments(here.app, { name, vertical: 'CONSUMER' })).test
    await send(here, project_id, 'ada@example.com', { code: '482913' })
    await page.goto(`${origin}/dev/inbox?project_id=${project_id}`)
    await page.frameLocator('.reader iframe').getByText('482913').first().waitFor()
    await page.waitForTimeout(300)
    assert.deepEqual(trouble, [])
  })

  test('is worked by keys', async () => {
    const { page, open, arrive, origin } = await scene()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      await arrive(`${name}@example.com`, { code: `00000${index}` })
      await page.waitForTimeout(1100)
    }
    await open()
    await page.locator('.row.current').waitFor()
    const current = () => page.locator('.row.current .to').textContent()
    assert.equal(await current(), 'c@example.com')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    assert.equal(await current(), 'a@example.com')
    await page.keyboard.press('k')
    assert.equal(await current(), 'b@example.com')
    await page.keyboard.press('c')
    await page.getByText('Code copied').waitFor()
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), '000001')
    await page.keyboard.press('/')
    await page.keyboard.type('jack')
    assert.equal(await page.inputValue('#search'), 'jack')
    assert.equal(await page.locator('.reader .to').textContent(), 'b@example.com')
  })

  test('on a telephone, a message covers the list until one goes back', async () => {
    const { page, open, arrive } = await scene(phone)
    await arrive('ada@example.com', { code: '482913' })
    await open()
    await page.locator('.row').waitFor()
    assert.equal(await page.locator('.reader').isVisible(), false)
    for (const back of [() => page.goBack(), () => page.locator('.back').click()]) {
      await page.locator('.face').click()
      await page.locator('.reader .digits').waitFor()
      assert.equal(await page.locator('.list').isVisible(), false)
      await back()
      await page.locator('.list').waitFor()
      assert.equal(await page.locator('.reader').isVisible(), false)
    }
  })

  for (const [name, viewport] of Object.entries({ narrow: phone.viewport, wide: { width: 1200, height: 800 } })) {
    test(`fits on a ${name} screen, with long names too`, async () => {
      const { page, open, arrive } = await scene({ viewport })
      const links = [
        { purpose: 'login' as const, url: `https://example.com/${'x'.repeat(300)}`, token: 'y'.repeat(44) },
      ]
      await arrive(`${'long'.repeat(15)}@${'domain'.repeat(8)}.example.com`, { links, code: '000000' })
      await open()
      await page.locator('.face').click()
      await page.locator('.reader .card').first().waitFor()
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), viewport.width)
      const boxes = await page.locator('.reader .card, .reader .paper, .reader .button').all()
      for (const box of boxes) {
        const at = await box.boundingBox()
        assert.ok(at && at.x >= 0 && at.x + at.width <= viewport.width)
      }
    })
  }

  test('says when the server is away, and goes on when it is back', async () => {
    const { page, open, arrive } = await scene()
    await open()
    await page.getByText('Live', { exact: true }).waitFor()
    await page.route('**/dev/messages*', (route) => route.abort())
    await page.getByText('Connecting again').waitFor()
    await page.unroute('**/dev/messages*')
    await arrive('ada@example.com')
    await page.locator('.row', { hasText: 'ada@example.com' }).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
  })

  test('shows strangers nothing', async () => {
    const { page, origin } = await scene({ httpCredentials: { username: 'nobody', password: 'wrong' } })
    const answer = await page.request.get(`${origin}/dev/inbox`)
    assert.equal(answer.status(), 401)
  })
})
