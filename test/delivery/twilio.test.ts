/** Text messages against a vendor on loopback that speaks Twilio's API. */
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { DeliveryError } from '../../src/delivery/transport.ts'
import { isTwilioSender, type TwilioSettings, twilioTransport } from '../../src/delivery/twilio.ts'
import { parseAllowList } from '../../src/net/allow.ts'
import { createOutbound } from '../../src/net/outbound.ts'
import { startTwilio } from '../fakes/twilio.ts'
import { letter, outgoing } from '../support/letters.ts'

const vendor = await startTwilio()
after(() => vendor.stop())
const service = `MG${'0123456789abcdef'.repeat(2)}`
const template = `HX${'0123456789abcdef'.repeat(2)}`

beforeEach(() => {
  vendor.received.length = 0
  vendor.answer = 'take'
})

function transport(change: Partial<TwilioSettings> = {}, allow = '127.0.0.1') {
  const { base_url, account_sid, auth_token } = vendor
  const senders = { from: '+15005550001', whatsapp_from: '+15005550002', whatsapp_content_sid: undefined }
  return twilioTransport(
    { base_url, account_sid, auth_token, ...senders, ...change },
    createOutbound({ allow: parseAllowList(allow) }),
  )
}

const sms = outgoing(letter('otp_login', { channel: 'sms' }))
const whatsapp = outgoing(letter('otp_login', { channel: 'whatsapp' }))

async function refused(sending: Promise<void>): Promise<DeliveryError> {
  const error = await sending.then(
    () => assert.fail('It was taken.'),
    (error) => error,
  )
  assert.ok(error instanceof DeliveryError, String(error))
  assert.doesNotMatch(error.message, /\+1|123456|twilio auth token|AC0123/)
  return error
}

test('an SMS goes out with its text, from a number or a messaging service', async () => {
  await transport().send(sms)
  await transport({ from: service }).send(sms)
  assert.deepEqual(
    vendor.received.map(({ fields }) => fields),
    [
      { To: '+14155550123', From: '+15005550001', Body: sms.words.text },
      { To: '+14155550123', MessagingServiceSid: service, Body: sms.words.text },
    ],
  )
})

test('a WhatsApp message goes from the WhatsApp sender, as the approved template when there is one', async () => {
  await transport().send(whatsapp)
  await transport({ whatsapp_content_sid: template }).send(whatsapp)
  const addresses = { To: 'whatsapp:+14155550123', From: 'whatsapp:+15005550002' }
  assert.deepEqual(
    vendor.received.map(({ fields }) => fields),
    [
      { ...addresses, Body: whatsapp.words.text },
      { ...addresses, ContentSid: template, ContentVariables: '{"1":"123456"}' },
    ],
  )
})

test('which refusals are final', async () => {
  const cases: [status: number, code: number, permanent: boolean, recipient_refused: boolean][] = [
    [400, 21610, true, true],
    [400, 21211, true, false],
    [403, 20003, true, false],
    [404, 20404, true, false],
    [401, 20003, false, false],
    [408, 0, false, false],
    [429, 20429, false, false],
    [500, 20500, false, false],
    [503, 20503, false, false],
    [307, 0, false, false],
  ]
  for (const [status, code, permanent, recipient_refused] of cases) {
    vendor.answer = { status, code }
    const error = await refused(transport().send(sms))
    assert.deepEqual([error.permanent, error.recipient_refused], [permanent, recipient_refused], String(status))
    if (status !== 307) assert.match(error.message, new RegExp(`${status} \\(error ${code}\\)`))
  }
  assert.deepEqual(vendor.received, [])
})

test('a vendor that is not there, or may not be reached, may be later', async () => {
  const gone = await startTwilio()
  await gone.stop()
  assert.equal((await refused(transport({ base_url: gone.base_url }).send(sms))).permanent, false)
  const error = await refused(transport({}, '').send(sms))
  assert.equal(error.permanent, false)
  assert.match(error.message, /allow list/)
})

test('wrong credentials can be mended later', async () => {
  const error = await refused(transport({ auth_token: 'wrong' }).send(sms))
  assert.equal(error.permanent, false)
  assert.match(error.message, /401 \(error 20003\)/)
})

test('who can send', () => {
  for (const text of ['+14155550123', '12345', service, 'Acme', 'Acme Login']) assert.ok(isTwilioSender(text), text)
  for (const text of [
    '',
    '+0123456',
    '1234567890',
    'A much too long name',
    'whatsapp:+14155550123',
    'MG12',
    '+1 415',
  ]) {
    assert.ok(!isTwilioSender(text), text)
  }
})
