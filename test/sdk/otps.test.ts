/** The official Node client against a listening server: one-time codes on every channel. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from 'stytch'
import { SECOND } from '../../src/values/time.ts'
import { lastMessage } from '../support/inbox.ts'
import { channels, kinds, wrong } from '../support/one_time_codes.ts'
import { clientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type TestProject, type World, world } from '../support/world.ts'

for (const engine of engines) {
  describe(`one-time codes with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let client: Client
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      const { url, stop: end } = await listening(here)
      stop = end
      project = await here.project()
      client = clientOf(project, url)
    })
    after(() => stop())

    const codeTo = async (to: string) => (await lastMessage(here, to, project)).code as string
    type Locale = 'en' | 'es' | 'pt-br'

    for (const channel of channels) {
      /** Has a code sent and returns its method id. */
      const loginOrCreate = async (to: string, locale?: Locale) => {
        const options = { locale, expiration_minutes: 10 }
        if (channel === 'email') {
          const { email_id, ...rest } = await client.otps.email.loginOrCreate({ email: to, ...options })
          return { ...rest, method_id: email_id }
        }
        const { phone_id, ...rest } = await client.otps[channel].loginOrCreate({ phone_number: to, ...options })
        return { ...rest, method_id: phone_id }
      }
      const send = async (to: string, selection: { session_token?: string; locale?: Locale } = {}) => {
        if (channel === 'email') return (await client.otps.email.send({ email: to, ...selection })).email_id
        return (await client.otps[channel].send({ phone_number: to, ...selection })).phone_id
      }
      const to = { sms: '+14155550101', whatsapp: '+14155550102', email: 'ada@example.com' }[channel]
      const second = { sms: '+14155550103', whatsapp: '+14155550104', email: 'second@example.com' }[channel]

      test(`${channel}: signs up, logs in again, and adds another contact to the session`, async () => {
        const created = await loginOrCreate(to)
        assert.equal(created.user_created, true)
        const signedUp = await client.otps.authenticate({
          method_id: created.method_id,
          code: await codeTo(to),
          session_duration_minutes: 60,
        })
        assert.deepEqual(
          [signedUp.method_id, signedUp.user_id, signedUp.reset_sessions, signedUp.user.status],
          [created.method_id, created.user_id, false, 'active'],
        )
        here.clock.advance(SECOND)
        const method_id = await send(to)
        assert.equal(method_id, created.method_id)
        const { session_token } = await client.otps.authenticate({
          method_id,
          code: await codeTo(to),
          session_token: signedUp.session_token,
        })
        assert.equal(session_token, signedUp.session_token)
        const added = await send(second, { session_token })
        const both = await client.otps.authenticate({ method_id: added, code: await codeTo(second), session_token })
        assert.equal(both.session?.authentication_factors.length, 2)
        assert.deepEqual(
          both.user[kinds[channel].list].map(({ verified }) => verified),
          [true, true],
        )
        const { session } = await client.sessions.authenticate({ session_token })
        assert.equal(session.authentication_factors[1]?.delivery_method, channel)
      })

      test(`${channel}: the words are in the language asked for`, async () => {
        const texts = new Map<string, string>()
        for (const locale of ['en', 'es', 'pt-br'] as const) {
          here.clock.advance(SECOND)
          await send(to, { locale })
          const message = await lastMessage(here, to, project)
          assert.equal(message.locale, locale)
          texts.set(locale, message.text.replaceAll(String(message.code), ''))
        }
        assert.equal(new Set(texts.values()).size, 3, JSON.stringify([...texts]))
      })

      test(`${channel}: refusals are the errors of the client`, async () => {
        here.clock.advance(11 * 60 * SECOND)
        const { method_id } = await loginOrCreate(to)
        const code = await codeTo(to)
        await expectRefusal(client.otps.authenticate({ method_id, code: wrong(code) }), 404, 'otp_code_not_found')
        await expectRefusal(client.otps.authenticate({ method_id, code: '12' }), 400, 'invalid_code')
        await expectRefusal(
          client.otps.authenticate({
            method_id,
            code,
            options: { ip_match_required: true, user_agent_match_required: false },
          }),
          401,
          'attribute_mismatch',
        )
        await client.otps.authenticate({ method_id, code })
        await expectRefusal(client.otps.authenticate({ method_id, code }), 401, 'unable_to_auth_otp_code')
        await expectRefusal(send('nonsense'), 400, kinds[channel].invalid)
        await expectRefusal(send(kinds[channel].other), 404, kinds[channel].unknown)
        for (let n = 1; n < kinds[channel].limit.count; n++) await send(to)
        await expectRefusal(send(to), 429, 'too_many_requests')
      })
    }
  })
}
