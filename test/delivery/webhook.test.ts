/** Messages handed to an operator's own sender, signed. */
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { DeliveryError } from '../../src/delivery/transport.ts'
import { parseWebhookSecret, webhookSignature, webhookTransport } from '../../src/delivery/webhook.ts'
import { parseAllowList } from '../../src/net/allow.ts'
import { createOutbound } from '../../src/net/outbound.ts'
import { startHttpReceiver } from '../fakes/http_receiver.ts'
import { startMessageWebhook } from '../fakes/message_webhook.ts'
import { letter, linkFor, outgoing } from '../support/letters.ts'

const receiver = await startMessageWebhook()
after(() => receiver.stop())
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = 'take'
})

const outbound = createOutbound({ allow: parseAllowList('127.0.0.1') })
const transport = (url = receiver.url, secret = receiver.secret, now: () => number = Date.now) =>
  webhookTransport({ url, key: parseWebhookSecret(secret) }, outbound, now)

async function refused(sending: Promise<void>): Promise<DeliveryError> {
  const error = await sending.then(
    () => assert.fail('It was taken.'),
    (error) => error,
  )
  assert.ok(error instanceof DeliveryError, String(error))
  assert.doesNotMatch(error.message, /example|123456|secret|messages\?/)
  return error
}

test('an email is handed over whole', async () => {
  const message = outgoing(letter('login', { locale: 'es' }))
  await transport().send(message)
  const { message_id, project_id, channel, to, words } = message
  const data = {
    message_id,
    project_id,
    channel,
    to,
    template: 'login',
    locale: 'es',
    ...words,
    links: [linkFor('login')],
  }
  assert.deepEqual(receiver.received, [
    { id: message_id, body: { type: 'message.send', timestamp: '2025-04-22T07:00:00Z', data } },
  ])
})

test('who a template says a message is from is handed over with it', async () => {
  const sender = { name: 'Acme', local_part: 'hi', domain: 'acme.example', reply_to: { local_part: 'help' } }
  const words = { subject: 'Own', text: 'Own text', html: '<p>Own</p>' }
  await transport().send(outgoing(letter('login', { sender, words })))
  const { data } = receiver.received[0]?.body ?? {}
  assert.deepEqual([data.sender, data.subject, data.text, data.html], [sender, 'Own', 'Own text', '<p>Own</p>'])
})

test('a code stands by itself too', async () => {
  await transport().send(outgoing(letter('otp_login', { channel: 'sms' })))
  const { data } = receiver.received[0]?.body ?? {}
  assert.equal(data.code, '123456')
  assert.deepEqual([data.to, data.channel, data.links, 'html' in data], ['+14155550123', 'sms', [], false])
})

test('a retry has the same id, is signed at its own time, and says the same', async () => {
  let now = Date.now() - 60_000
  const sender = transport(receiver.url, receiver.secret, () => now)
  const message = outgoing(letter('otp_login'))
  await sender.send(message)
  now += 60_000
  await sender.send(message)
  assert.deepEqual(receiver.received[0], receiver.received[1])
  // The receiver refuses signatures older than five minutes.
  now -= 600_000
  assert.equal((await refused(sender.send(message))).permanent, false)
})

test('the signature is the one of the specification', () => {
  const key = parseWebhookSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  assert.equal(
    webhookSignature(key, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}'),
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})

test('another secret is refused by the receiver, and can be mended later', async () => {
  const other = `whsec_${Buffer.alloc(32).toString('base64')}`
  assert.equal((await refused(transport(receiver.url, other).send(outgoing(letter('login'))))).permanent, false)
})

test('which refusals are final', async () => {
  for (const [status, permanent] of [
    [400, true],
    [410, true],
    [422, true],
    [401, false],
    [404, false],
    [429, false],
    [500, false],
    [503, false],
  ] as const) {
    receiver.answer = { status }
    const error = await refused(transport().send(outgoing(letter('otp_login'))))
    assert.deepEqual([error.permanent, error.recipient_refused], [permanent, false], String(status))
  }
  receiver.answer = { status: 307, headers: { location: 'http://127.0.0.1:1/' } }
  assert.equal((await refused(transport().send(outgoing(letter('otp_login'))))).permanent, false)
})

test('the receiver may say that the recipient takes nothing any more', async () => {
  let status = 422
  const other = await startHttpReceiver(() => ({ status, body: { recipient_refused: true } }))
  after(() => other.stop())
  assert.equal((await refused(transport(other.url).send(outgoing(letter('login'))))).recipient_refused, true)
  status = 500
  assert.equal((await refused(transport(other.url).send(outgoing(letter('login'))))).recipient_refused, false)
})

test('a long answer is an answer', async () => {
  const chatty = await startHttpReceiver(() => ({ status: 200, body: 'x'.repeat(500_000) }))
  after(() => chatty.stop())
  await transport(chatty.url).send(outgoing(letter('login')))
})

test('reads a secret', () => {
  assert.equal(parseWebhookSecret(`whsec_${Buffer.alloc(24, 1).toString('base64')}`).length, 24)
  for (const text of [
    '',
    'whsec_',
    'whsec_AAAA',
    Buffer.alloc(32).toString('base64'),
    `whsec_${Buffer.alloc(65).toString('base64')}`,
    'whsec_not base64 at all, but long enough to be',
  ]) {
    assert.throws(() => parseWebhookSecret(text), /^Error: use whsec_/, text)
  }
})
