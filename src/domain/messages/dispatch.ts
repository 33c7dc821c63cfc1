/** Sending what waits: claimed by one node at a time, tried again while it is worth sending, given up in sight of the operator. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Channel } from '../../delivery/message.ts'
import { DeliveryError } from '../../delivery/transport.ts'
import { render } from '../../delivery/words.ts'
import { retryConflicts } from '../../store/store.ts'
import { HOUR, MINUTE, SECOND } from '../../values/time.ts'
import type { App } from '../app.ts'
import { recordEvent } from '../events/event.ts'
import { letterOf } from './message.ts'
import { suppress } from './suppression.ts'
import { claimMessages, countWaiting, type MessageRow, selectDueChannels, updateClaimed } from './table.ts'

/** How long a transport may take, at most; the transports themselves give up before. */
const longestSend = MINUTE
/** How long a claim holds: longer than the longest send, the writing of its result, and what clocks of nodes differ. */
const lease = 2 * MINUTE
/** What to wait after each failed attempt; the last for all further ones. */
const backOff = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR]
/** With less time left than this a message is not tried again: nobody could use it any more. */
const tooLate = 10 * SECOND

/** The channels on which something is to be sent by now. */
export function dueChannels(app: App): Promise<Channel[]> {
  return selectDueChannels(app.store, app.now())
}

/** How many messages wait, of each channel. */
export function waitingMessages(app: App): Promise<{ channel: Channel; count: number }[]> {
  return countWaiting(app.store)
}

/** Claims at most `limit` messages of a channel that are due. Each belongs into `deliver` without delay. */
export function claimDue(app: App, channel: Channel, limit: number): Promise<MessageRow[]> {
  const now = app.now()
  const claim = { channel, claim: randomUUID(), now, until: now + lease, limit }
  return retryConflicts(() => claimMessages(app.store, claim))
}

/**
 * Sends a claimed message and writes what became of it: sent and its content erased, to be tried again, or given up.
 * At least once: when the process dies, or the database stays away, between the carrier's taking it and our writing so,
 * the message is sent again after the claim has run out, the same in everything. Never throws for what a carrier does.
 */
export async function deliver(app: App, row: MessageRow): Promise<void> {
  if (row.expires_at <= app.now())
    return giveUp(app, row, `It expired. ${row.problem ?? 'Nothing had sent it in time.'}`)
  try {
    await send(app, row)
  } catch (error) {
    return failed(app, row, error)
  }
  count(app, row, 'sent')
  const sent = { state: 'sent', next_attempt_at: row.next_attempt_at, problem: null, sealed_content: null } as const
  const noted = await persistently(() => updateClaimed(app.store, row, sent))
  if (!noted) app.log.warn(fieldsOf(row), 'A message was sent after its claim had run out; it may be sent twice.')
}

async function send(app: App, row: MessageRow): Promise<void> {
  const { project_id, message_id, channel, recipient: to, created_at } = row
  const transport = app.transports[channel]
  if (!transport) throw new DeliveryError(`No transport for ${channel} is configured.`, false)
  const letter = letterOf(app, row)
  const sending = transport.send({ message_id, project_id, channel, to, letter, words: render(letter), created_at })
  const patience = new AbortController()
  const late = pause(longestSend, undefined, { signal: patience.signal, ref: false }).then(() => {
    throw new DeliveryError('The transport did not finish in time.', false)
  })
  try {
    await Promise.race([sending, late])
  } finally {
    // Whichever was slower ends unheard.
    sending.catch(() => {})
    late.catch(() => {})
    patience.abort()
  }
}

async function failed(app: App, row: MessageRow, error: unknown): Promise<void> {
  const reason = reasonOf(error)
  const left = row.expires_at - app.now()
  const { permanent, recipient_refused } = error instanceof DeliveryError ? error : new DeliveryError('', false)
  if (permanent || left < tooLate) return giveUp(app, row, reason, recipient_refused)
  const wait = (backOff[row.attempts - 1] ?? HOUR) * (0.8 + 0.4 * Math.random())
  // A code lives for minutes: it is tried once more in the middle of what it has left, however long the pause should be.
  const next_attempt_at = app.now() + Math.round(Math.min(wait, left / 2))
  app.log.warn({ ...fieldsOf(row), reason, next_attempt_at }, 'A message could not be sent; it will be tried again.')
  count(app, row, 'retried')
  const again = { state: 'waiting', next_attempt_at, problem: reason, sealed_content: row.sealed_content } as const
  await persistently(() => updateClaimed(app.store, row, again))
}

async function giveUp(app: App, row: MessageRow, reason: string, recipient_refused = false): Promise<void> {
  const { project_id, message_id, channel, template, attempts, recipient, next_attempt_at } = row
  const change = { state: 'failed', next_attempt_at, problem: reason, sealed_content: null } as const
  const written = await persistently(() =>
    app.transaction(async (app) => {
      if (!(await updateClaimed(app.store, row, change))) return false
      if (recipient_refused) await suppress(app, project_id, channel, recipient)
      await recordEvent(app, project_id, 'message.failed', message_id, { channel, template, attempts, reason })
      return true
    }),
  )
  if (!written) return
  count(app, row, 'failed')
  app.log.error({ ...fieldsOf(row), reason }, 'A message was given up.')
}

/** What an operator may read. Of errors that are not our own, the message could repeat what they choked on. */
function reasonOf(error: unknown): string {
  if (error instanceof DeliveryError) return error.message
  return `Unexpected: ${error instanceof Error ? error.name : typeof error}.`
}

function fieldsOf({ project_id, message_id, channel, template, attempts }: MessageRow) {
  return { project_id, message_id, channel, template, attempts }
}

function count(app: App, { channel }: MessageRow, outcome: 'sent' | 'retried' | 'failed'): void {
  const counts = app.deliveries.get(channel) ?? { sent: 0, retried: 0, failed: 0 }
  counts[outcome]++
  app.deliveries.set(channel, counts)
}

/** A database that is away for a moment must not make us send a message twice. */
async function persistently<T>(write: () => Promise<T>): Promise<T> {
  for (const wait of [100, 500, 2000, 5000]) {
    try {
      return await write()
    } catch {
      await pause(wait)
    }
  }
  return write()
}
