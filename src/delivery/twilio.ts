/** Text messages and WhatsApp through Twilio's Messages API, or a vendor that speaks it. */
import type { Outbound } from '../net/outbound.ts'
import { post } from './post.ts'
import { DeliveryError, type Outgoing, type Transport } from './transport.ts'

export type TwilioSettings = {
  base_url: string
  account_sid: string
  auth_token: string
  /** A number, a short code, an alphanumeric sender, or a messaging service (`MG…`). */
  from: string | undefined
  whatsapp_from: string | undefined
  /** The approved WhatsApp template (`HX…`) whose variable 1 is the code; free text is only delivered in a conversation. */
  whatsapp_content_sid: string | undefined
}

/** The vendor's number for a recipient who has answered STOP. */
const optedOut = 21610

/** Whether the text can be a sender: E.164, a short code, a messaging service, or an alphanumeric name. */
export function isTwilioSender(text: string): boolean {
  return /^(\+[1-9]\d{5,14}|\d{3,8}|MG[0-9a-f]{32}|(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11})$/.test(text)
}

/** One request a message; the vendor has it when it answers 2xx. */
export function twilioTransport(settings: TwilioSettings, outbound: Outbound): Transport {
  const { base_url, account_sid, auth_token } = settings
  const url = `${base_url}/2010-04-01/Accounts/${encodeURIComponent(account_sid)}/Messages.json`
  const headers = {
    authorization: `Basic ${Buffer.from(`${account_sid}:${auth_token}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  }
  return {
    async send(message) {
      const body = new URLSearchParams(fields(settings, message)).toString()
      const { status, body: answer } = await post(outbound, url, headers, body)
      if (status >= 200 && status < 300) return
      const code = errorCode(answer)
      // Wrong credentials (401) are for the operator to mend while the message is still worth sending.
      const permanent = status >= 400 && status < 500 && ![401, 408, 429].includes(status)
      throw new DeliveryError(
        `The SMS vendor answered ${status}${code === undefined ? '' : ` (error ${code})`}.`,
        permanent,
        permanent && code === optedOut,
      )
    },
  }
}

function fields(settings: TwilioSettings, { channel, to, letter, words }: Outgoing): Record<string, string> {
  if (channel !== 'whatsapp') return { To: to, ...sender(settings.from ?? ''), Body: words.text }
  const addresses = { To: `whatsapp:${to}`, ...sender(settings.whatsapp_from ?? '', 'whatsapp:') }
  const { whatsapp_content_sid: ContentSid } = settings
  if (ContentSid === undefined || letter.code === undefined) return { ...addresses, Body: words.text }
  return { ...addresses, ContentSid, ContentVariables: JSON.stringify({ 1: letter.code }) }
}

function sender(from: string, prefix = ''): Record<string, string> {
  return /^MG[0-9a-f]{32}$/.test(from) ? { MessagingServiceSid: from } : { From: `${prefix}${from}` }
}

/** The vendor's number for what was wrong; its sentence may repeat the recipient. */
function errorCode(body: Buffer): number | undefined {
  try {
    const { code } = JSON.parse(body.toString()) as { code?: unknown }
    return typeof code === 'number' ? code : undefined
  } catch {
    return undefined
  }
}
