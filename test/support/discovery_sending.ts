/** What both kinds of discovery messages have to do when they are asked for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suppress } from '../../src/domain/messages/suppression.ts'
import { MINUTE, SECOND } from '../../src/values/time.ts'
import { call, refuse } from './call.ts'
import { discoveryIn, discoveryScene, type Way, ways } from './discovery.ts'
import { messagesTo } from './inbox.ts'
import { newAddress, traces } from './links.ts'
import { toPeriodStart } from './one_time_codes.ts'
import { liveCredentials } from './users.ts'
import { onBothEngines } from './world.ts'

type Rows = Record<string, unknown[]>

/** Tests of the operation that sends. */
export function testDiscoverySending(way: Way): void {
  const { send, template, minutes, spent } = ways[way]
  onBothEngines(`discovery by ${way}: sending`, (engine) => {
    test('whoever has the address is written to alike, and the answer tells nothing', async () => {
      const { here, project, ask, organization, member } = await discoveryScene(engine)
      const acme = await organization()
      const [known, invited, stranger] = [newAddress(), newAddress(), newAddress()]
      await member(acme, { email_address: known })
      await member(acme, { email_address: invited, status: 'invited', email_address_verified: false })
      const seen = new Set<string>()
      for (const address of [known, invited, stranger]) {
        const before = (await traces(here, project)) as Rows
        const { body, headers } = await ask(way, ` ${address.toUpperCase()} `, { locale: 'fr' })
        assert.deepEqual(Object.keys(body).toSorted(), ['request_id', 'status_code'])
        const after = (await traces(here, project)) as Rows
        const grown = Object.keys(after).map((name) => [name, (after[name] ?? []).length - (before[name] ?? []).length])
        const [message] = await messagesTo(here, address, project)
        const { template, locale, subject, text } = message ?? {}
        const shown = JSON.stringify([grown, Object.keys(headers), template, locale, subject, text])
        seen.add(shown.replaceAll(/token=[^&\s]+|[0-9]{6}/g, ''))
      }
      assert.equal(seen.size, 1)
      const [message] = await messagesTo(here, stranger, project)
      assert.deepEqual([message?.template, message?.locale], [template, 'fr'])
    })

    test('what is wrong with the request is refused before anything is written', async () => {
      const { here, project, refuseSend } = await discoveryScene(engine)
      const before = await traces(here, project)
      for (const text of ['', 'ada', 'ada@example', 'a@example.com, b@example.com']) {
        await refuseSend(way, text, 400, 'invalid_email')
      }
      await refuseSend(way, undefined, 400, 'bad_request')
      await refuseSend(way, newAddress(), 400, 'invalid_locale', { locale: 'de-DE' })
      await refuseSend(way, newAddress(), 404, 'email_template_not_found', { login_template_id: 'mine' })
      for (const amount of [0, minutes.least - 1, minutes.most + 1]) {
        const fields = { discovery_expiration_minutes: amount }
        const { error_message } = await refuseSend(way, newAddress(), 400, minutes.refusal, fields)
        assert.ok(error_message.includes('discovery_expiration_minutes'))
      }
      await refuseSend(way, newAddress(), 400, 'bad_request', { discovery_expiration_minutes: 7.5 })
      assert.deepEqual(await traces(here, project), before)
      await refuse(here, await here.project(), send, { email_address: newAddress() }, 400, 'invalid_b2b_endpoint')
    })

    test('a message lasts as long as the request says, or else its usual time', async () => {
      const { here, proofFor, enter, refuseEnter } = await discoveryScene(engine)
      for (const [fields, lasts] of [
        [{}, minutes.usual],
        [{ discovery_expiration_minutes: minutes.least }, minutes.least],
        [{ discovery_expiration_minutes: minutes.most }, minutes.most],
      ] as const) {
        const [late, soon] = [await proofFor(way, newAddress(), fields), await proofFor(way, newAddress(), fields)]
        here.clock.advance(lasts * MINUTE - 1)
        await refuseEnter(way, late, 401, spent)
        await enter(way, soon)
      }
    })

    test('one message to an address in a second, of many calls at once too', async () => {
      const { here, project } = await discoveryScene(engine)
      toPeriodStart(here, 1)
      const email_address = newAddress()
      const answers = await Promise.all(Array.from({ length: 20 }, () => call(here, project, send, { email_address })))
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array.from({ length: 19 }, () => 429)])
      assert.equal((await messagesTo(here, email_address, project)).length, 1)
      await refuse(here, project, send, { email_address }, 429, 'too_many_requests')
      here.clock.advance(SECOND)
      assert.equal((await call(here, project, send, { email_address })).status, 200)
    })

    test('nothing is promised to an address that nothing reaches, nor without a carrier', async () => {
      const { here, project, refuseSend } = await discoveryScene(engine)
      const bounced = newAddress()
      await suppress(here.app, project.id, 'email', bounced)
      const before = await traces(here, project)
      await refuseSend(way, bounced, 400, 'inactive_email')
      assert.deepEqual(await traces(here, project), before)
      const live = await liveCredentials(here, project)
      const path = project.path.replace(/[^/]+$/, project.live.environment_slug)
      const redirect = { url: 'https://app.example.com/', valid_types: [{ type: 'DISCOVERY', is_default: true }] }
      const made = await call(here, here.workspace, `POST ${path}/redirect_urls`, redirect)
      assert.equal(made.status, 200)
      await refuse(here, live, send, { email_address: newAddress() }, 400, 'downstream_carrier_error')
    })

    test('a locked address is written to', async () => {
      const { here, project, ask } = await discoveryScene(engine)
      const email_address = newAddress()
      for (let n = 0; n < 10; n++) {
        const { refuseEnter } = discoveryIn(here, project)
        await refuseEnter('code', { email_address, code: '000000' }, 404, 'otp_code_not_found')
      }
      assert.equal((await ask(way, email_address)).status, 200)
    })
  })
}
