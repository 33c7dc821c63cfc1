/** Messages handed to a webhook of the operator's, signed as Standard Webhooks describes, for any vendor there is. */
import { createHmac } from 'node:crypto'
import type { Outbound } from '../net/outbound.ts'
import { rfc3339 } from '../values/time.ts'
import { post } from './post.ts'
import { DeliveryError, type Outgoing, type Transport } from './transport.ts'

export type WebhookSettings = { url: string; key: Buffer }

/** Reads `whsec_` and 24 to 64 bytes in base64. Throws an Error that does not repeat the text. */
export function parseWebhookSecret(text: string): Buffer {
  const key = Buffer.from(/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1] ?? '', 'base64')
  if (key.length < 24 || key.length > 64) throw new Error('use whsec_ followed by 24 to 64 random bytes in base64')
  return key
}

/** The signature of a webhook: HMAC-SHA-256 over id, seconds and body (Standard Webhooks 1.0). */
export function webhookSignature(key: Buffer, id: string, seconds: number, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
}

/** One request a message; any 2xx takes it over. The id of the message is that of the webhook, on every try. */
export function webhookTransport({ url, key }: WebhookSettings, outbound: Outbound, now: () => number): Transport {
  return {
    async send(message) {
      const body = JSON.stringify(payload(message))
      const seconds = Math.floor(now() / 1000)
      const headers = {
        'content-type': 'application/json',
        'webhook-id': message.message_id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': webhookSignature(key, message.message_id, seconds, body),
      }
      const { status, body: answer } = await post(outbound, url, headers, body)
      if (status >= 200 && status < 300) return
      const permanent = [400, 410, 422].includes(status)
      throw new DeliveryError(
        `The message webhook answered ${status}.`,
        permanent,
        permanent && refusesRecipient(answer),
      )
    },
  }
}

/** Whether the receiver says that this recipient takes nothing any more. */
function refusesRecipient(answer: Buffer): boolean {
  try {
    return (JSON.parse(answer.toString()) as { recipient_refused?: unknown }).recipient_refused === true
  } catch {
    return false
  }
}

function payload({ message_id, project_id, channel, to, letter, words, created_at }: Outgoing) {
  const { template, locale, code, links, sender } = letter
  const { subject, text, html } = words
  return {
    type: 'message.send',
    timestamp: rfc3339(created_at),
    data: { message_id, project_id, channel, to, template, locale, sender, subject, text, html, code, links },
  }
}
