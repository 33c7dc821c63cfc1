/** GET /dev/inbox: how the page is handed out; what it does is tested in a browser, in test/pages. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visit } from '../../support/visit.ts'
import { onBothEngines, world } from '../../support/world.ts'

onBothEngines('the inbox', (engine) => {
  test('is a page for operators', async () => {
    const here = await world(engine)
    const { status, text, policy } = await visit(here, 'GET /dev/inbox', here.workspace)
    assert.equal(status, 200)
    assert.match(text, /<title>Inbox<\/title>/)
    assert.match(policy, /script-src 'sha256-[^']+';/)
    assert.match(policy, /connect-src 'self';/)
  })

  test('asks everybody else for a workspace key, in the way that browsers understand', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const caller of [undefined, project, { ...here.workspace, secret: 'wrong' }, { id: '', secret: '' }]) {
      const { status, text, headers } = await visit(here, 'GET /dev/inbox', caller)
      assert.equal(status, 401)
      assert.equal(headers['www-authenticate'], 'Basic realm="Selvage", charset="UTF-8"')
      assert.match(text, /workspace key/)
      assert.doesNotMatch(text, /<script/)
    }
  })
})
