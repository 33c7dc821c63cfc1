/** What carries messages: a mail server, a phone vendor, a webhook. */
import type { Channel, Letter, Words } from './message.ts'

/** A message ready to be sent. `created_at` is in milliseconds since the epoch; on a retry everything is the same again. */
export type Outgoing = {
  message_id: string
  project_id: string
  channel: Channel
  /** An email address, or a phone number in E.164. */
  to: string
  letter: Letter
  words: Words
  created_at: number
}

/** Resolves once the carrier has taken the message; throws DeliveryError when it has not. `close` drops idle connections. */
export type Transport = { send(message: Outgoing): Promise<void>; close?(): void }

export type Transports = Partial<Record<Channel, Transport>>

/** Why a message was not taken. The sentence is for operators: it names no recipient, code or link. */
export class DeliveryError extends Error {
  /** Whether trying again is pointless. */
  readonly permanent: boolean
  /** Whether it is the recipient who takes nothing: no such mailbox, a number that opted out. */
  readonly recipient_refused: boolean
  constructor(sentence: string, permanent: boolean, recipient_refused = false) {
    super(sentence)
    this.name = 'DeliveryError'
    this.permanent = permanent
    this.recipient_refused = recipient_refused
  }
}
