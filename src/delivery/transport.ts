/** What carries messages to people, and how it says that it could not. */
import { OutboundError } from '../net/outbound.ts'
import type { Channel, Letter, Words } from './message.ts'

/** A message on its way. `created_at` is in milliseconds; a retry is the same value again. */
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

/** Resolves when the other side has taken the message over. Throws `DeliveryError`. `close` drops idle connections. */
export type Transport = { send(message: Outgoing): Promise<void>; close?(): void }

/**
 * A message was not taken over, as far as we know. `permanent`: sending the same again cannot succeed. The sentence is for
 * the operator and names neither the recipient nor anything of the content.
 */
export class DeliveryError extends Error {
  readonly permanent: boolean
  constructor(sentence: string, { permanent }: { permanent: boolean }) {
    super(sentence)
    this.name = 'DeliveryError'
    this.permanent = permanent
  }
}

/** How long an HTTP vendor may take: to begin its answer, and to finish it. Its answer is not of much interest. */
export const patience = { timeout_ms: 15_000, total_ms: 20_000, max_bytes: 1024 * 1024 }

/** What a failed call through the door means for the message: the target may be reachable, or allowed, later. */
export function unreachable(error: unknown): DeliveryError {
  if (error instanceof OutboundError) return new DeliveryError(error.message, { permanent: false })
  throw error
}
