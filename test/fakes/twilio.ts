/** A vendor of text messages on loopback that speaks Twilio's Messages API. */
import { type HttpAnswer, startHttpReceiver } from './http_receiver.ts'

export type ReceivedText = { to: string; from?: string; body?: string; fields: Record<string, string> }

export type FakeTwilio = {
  base_url: string
  account_sid: string
  auth_token: string
  /** The messages that were taken. */
  received: ReceivedText[]
  /** How many requests came in all. */
  asked(): number
  /** What happens to the messages from now on: taken, refused with a status and an error of the vendor's, or left without answer. */
  answer: 'take' | 'hang' | { status: number; code?: number }
  stop(): Promise<void>
}

/** Starts the vendor; it refuses wrong credentials, other paths, and requests without a recipient, sender or text. */
export async function startTwilio(): Promise<FakeTwilio> {
  const account_sid = `AC${'0123456789abcdef'.repeat(2)}`
  const auth_token = 'twilio auth token'
  const problem = (status: number, code: number): HttpAnswer => ({
    status,
    body: { code, message: `Refused, to +15005550006`, more_info: '', status },
  })
  const receiver = await startHttpReceiver(({ method, path, headers, body }) => {
    const credentials = Buffer.from(`${account_sid}:${auth_token}`).toString('base64')
    if (headers.authorization !== `Basic ${credentials}`) return problem(401, 20003)
    if (method !== 'POST' || path !== `/2010-04-01/Accounts/${account_sid}/Messages.json`) return problem(404, 20404)
    const fields = Object.fromEntries(new URLSearchParams(body))
    if (!fields.To) return problem(400, 21604)
    if (!fields.From && !fields.MessagingServiceSid) return problem(400, 21603)
    if (!fields.Body && !fields.ContentSid) return problem(400, 21602)
    if (fake.answer === 'hang') return 'hang'
    if (fake.answer !== 'take') return problem(fake.answer.status, fake.answer.code ?? 20500)
    fake.received.push({ to: fields.To, from: fields.From, body: fields.Body, fields })
    return { status: 201, body: { sid: `SM${String(fake.received.length).padStart(32, '0')}`, status: 'queued' } }
  })
  const fake: FakeTwilio = {
    base_url: receiver.url,
    account_sid,
    auth_token,
    received: [],
    asked: () => receiver.requests.length,
    answer: 'take',
    stop: receiver.stop,
  }
  return fake
}
