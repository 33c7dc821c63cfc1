/** One-time codes in tests: asked for, read from the inbox, guessed. */
import type { CodeDetails } from '../../src/domain/proofs/one_time_code.ts'
import { succeed } from './call.ts'
import { lastMessage } from './inbox.ts'
import type { Credentials, World } from './world.ts'

export type Channel = CodeDetails['channel']
export const channels: Channel[] = ['sms', 'whatsapp', 'email']

export type SentCode = { user_id: string; user_created?: boolean; method_id: string; code: string }

const phone = {
  field: 'phone_number',
  id: 'phone_id',
  list: 'phone_numbers',
  to: '+14155550123',
  other: '+12125550199',
  malformed: ['', '4155550123', '+1 415 555 0123', '+14155550123x', '+1415555', '+10000000000', '+999123456789'],
  invalid: 'invalid_phone_number',
  unknown: 'phone_number_not_found',
  duplicate: 'duplicate_phone_number',
  limit: { count: 5, seconds: 600 },
} as const
const email = {
  field: 'email',
  id: 'email_id',
  list: 'emails',
  to: 'ada@example.com',
  other: 'other@example.com',
  malformed: ['', 'ada', 'ada@', '@example.com', 'ada@example', 'a b@example.com', 'ada@example.com, eve@example.com'],
  invalid: 'invalid_email',
  unknown: 'email_not_found',
  duplicate: 'duplicate_email',
  limit: { count: 1, seconds: 1 },
} as const

/** What the channels call things, addresses good and bad, and how often one may be written to. */
export const kinds = { sms: phone, whatsapp: phone, email }

/** Has a code sent by `login_or_create` and reads it. */
export function newCode(
  here: World,
  project: Credentials,
  channel: Channel = 'email',
  to: string = kinds[channel].to,
  fields: object = {},
): Promise<SentCode> {
  return sentBy(here, project, `POST /v1/otps/${channel}/login_or_create`, channel, { ...at(channel, to), ...fields })
}

/** Has a code sent by `send` and reads it. */
export function sendCode(
  here: World,
  project: Credentials,
  channel: Channel = 'email',
  to: string = kinds[channel].to,
  fields: object = {},
): Promise<SentCode> {
  return sentBy(here, project, `POST /v1/otps/${channel}/send`, channel, { ...at(channel, to), ...fields })
}

/** The request field that says whereto. */
export function at(channel: Channel, to: string): Record<string, string> {
  return { [kinds[channel].field]: to }
}

async function sentBy(
  here: World,
  project: Credentials,
  route: string,
  channel: Channel,
  body: Record<string, unknown>,
): Promise<SentCode> {
  const reply = await succeed(here, project, route, body)
  const { field, id } = kinds[channel]
  const { code } = await lastMessage(here, String(body[field]), project)
  return { user_id: reply.user_id, user_created: reply.user_created, method_id: reply[id], code: code as string }
}

/** A code that is another one. */
export function wrong(code: string, by = 1): string {
  return String((Number(code) + by) % 1_000_000).padStart(6, '0')
}

/** Moves the clock to the beginning of a period of that length. */
export function toPeriodStart({ clock }: World, seconds: number): void {
  const length = seconds * 1000
  clock.advance(length - (clock.now() % length))
}
