/** An operator's own sender on loopback: it takes signed webhooks as Standard Webhooks asks receivers to. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { startHttpReceiver } from './http_receiver.ts'

export type FakeMessageWebhook = {
  url: string
  /** As `SELVAGE_MESSAGE_WEBHOOK_SECRET` wants it. */
  secret: string
  /** What was taken: the id of the webhook and its body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they need
  received: { id: string; body: any }[]
  asked(): number
  answer: 'take' | 'hang' | { status: number; headers?: Record<string, string> }
  stop(): Promise<void>
}

/** Starts the receiver; it refuses with 401 what is not signed, or signed more than five minutes from `now`. */
export async function startMessageWebhook(now: () => number = Date.now): Promise<FakeMessageWebhook> {
  const key = randomBytes(32)
  const isSigned = (id: string, timestamp: string, signatures: string, body: string) => {
    if (Math.abs(now() / 1000 - Number(timestamp)) > 300) return false
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
    return signatures.split(' ').some((signature) => {
      const [version, value = ''] = signature.split(',')
      const given = Buffer.from(value, 'base64')
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
    })
  }
  const receiver = await startHttpReceiver(({ headers, body }) => {
    const [id, at, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
      String(headers[`webhook-${name}`] ?? ''),
    )
    if (!id || !at || !signatures || !isSigned(id, at, signatures, body)) return { status: 401 }
    if (fake.answer === 'hang') return 'hang'
    if (fake.answer !== 'take') return fake.answer
    fake.received.push({ id, body: JSON.parse(body) })
    return { status: 202 }
  })
  const fake: FakeMessageWebhook = {
    url: `${receiver.url}/messages?from=selvage`,
    secret: `whsec_${key.toString('base64')}`,
    received: [],
    asked: () => receiver.requests.length,
    answer: 'take',
    stop: receiver.stop,
  }
  return fake
}
