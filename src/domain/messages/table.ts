/** The rows of messages: those that wait to be sent, and those that a test environment keeps in its inbox. */
import { type Kysely, sql } from 'kysely'
import type { Channel, Locale, Template } from '../../delivery/message.ts'
import type { Handle, Store } from '../../store/store.ts'

/** `inbox`: captured, never sent. `waiting`: to be sent. `sent`: taken by the carrier. `failed`: given up. */
export type MessageState = 'inbox' | 'waiting' | 'sent' | 'failed'

export type MessageRow = {
  project_id: string
  message_id: string
  channel: Channel
  recipient: string
  template: Template
  locale: Locale
  /** The sealed letter; null once it is of no use any more. */
  sealed_content: string | null
  state: MessageState
  attempts: number
  next_attempt_at: number
  /** Who is sending it right now, until `claimed_until`. */
  claim: string | null
  claimed_until: number
  /** Why the last attempt failed, for operators. */
  problem: string | null
  created_at: number
  /** When what it carries is of no use any more. */
  expires_at: number
}
type Suppression = { project_id: string; channel: Channel; recipient: string; expires_at: number }
type Tables = { messages: MessageRow; suppressions: Suppression }
const tables = (handle: Handle) => handle as Kysely<Tables>

/** Adds a message. */
export async function insertMessage(store: Store, row: MessageRow): Promise<void> {
  await tables(store.write).insertInto('messages').values(row).execute()
}

/** Messages in inboxes, newest first; of one recipient or one environment when given. */
export function selectInbox(
  store: Store,
  { to, project_id, limit }: { to?: string | undefined; project_id?: string | undefined; limit: number },
): Promise<MessageRow[]> {
  let select = tables(store.read).selectFrom('messages').selectAll().where('state', '=', 'inbox')
  if (to !== undefined) select = select.where('recipient', '=', to)
  if (project_id !== undefined) select = select.where('project_id', '=', project_id)
  return select.orderBy('created_at', 'desc').orderBy('message_id', 'desc').limit(limit).execute()
}

/** The channels that have messages to be sent by now. */
export async function selectDueChannels(store: Store, now: number): Promise<Channel[]> {
  const { rows } = await sql<{ channel: Channel }>`select distinct channel from messages
    where state = 'waiting' and next_attempt_at <= ${now} and claimed_until <= ${now}`.execute(store.read)
  return rows.map(({ channel }) => channel)
}

/**
 * Takes at most `limit` messages that are due, those that wait longest first; nobody else takes them until `until`. The
 * conditions stand in the outer statement too: there PostgreSQL checks them again after waiting for another node's claim.
 */
export async function claimMessages(
  store: Store,
  { channel, claim, now, until, limit }: { channel: Channel; claim: string; now: number; until: number; limit: number },
): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    update messages set claim = ${claim}, claimed_until = ${until}, attempts = attempts + 1
    where state = 'waiting' and next_attempt_at <= ${now} and claimed_until <= ${now}
      and (project_id, message_id) in (select project_id, message_id from messages
        where state = 'waiting' and next_attempt_at <= ${now} and claimed_until <= ${now} and channel = ${channel}
        order by next_attempt_at, project_id, message_id limit ${limit})
    returning *`.execute(store.write)
  return rows
}

/** Writes what became of an attempt and gives the message back; false when somebody else has claimed it since. */
export async function updateClaimed(
  store: Store,
  { project_id, message_id, claim }: MessageRow,
  change: Pick<MessageRow, 'state' | 'next_attempt_at' | 'problem' | 'sealed_content'>,
): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('messages')
    .set({ ...change, claim: null, claimed_until: 0 })
    .where('project_id', '=', project_id)
    .where('message_id', '=', message_id)
    .where('claim', '=', claim)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** How many messages wait, of each channel. */
export async function countWaiting(store: Store): Promise<{ channel: Channel; count: number }[]> {
  const { rows } = await sql<{ channel: Channel; count: number }>`
    select channel, count(*) as count from messages where state = 'waiting' group by channel`.execute(store.read)
  return rows.map(({ channel, count }) => ({ channel, count: Number(count) }))
}

export type SealedContent = { project_id: string; message_id: string; sealed_content: string }

/** Sealed contents in the order of their keys, after that one; at most `limit`. */
export function selectSealedContents(
  store: Store,
  after: SealedContent | undefined,
  limit: number,
): Promise<SealedContent[]> {
  let select = tables(store.read).selectFrom('messages').select(['project_id', 'message_id', 'sealed_content'])
  if (after) select = select.where(sql<boolean>`(project_id, message_id) > (${after.project_id}, ${after.message_id})`)
  return select
    .where('sealed_content', 'is not', null)
    .$narrowType<SealedContent>()
    .orderBy('project_id')
    .orderBy('message_id')
    .limit(limit)
    .execute()
}

/** Replaces a sealed content; one that has been erased meanwhile stays erased. */
export async function updateSealedContent(store: Store, old: SealedContent, sealed_content: string): Promise<void> {
  await tables(store.write)
    .updateTable('messages')
    .set({ sealed_content })
    .where('project_id', '=', old.project_id)
    .where('message_id', '=', old.message_id)
    .where('sealed_content', '=', old.sealed_content)
    .execute()
}

/** Removes at most `limit` messages made before that time that wait for nothing any more, and returns how many. */
export async function deleteMessages(store: Store, time: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from messages where (project_id, message_id) in
    (select project_id, message_id from messages where created_at < ${time} and state <> 'waiting'
     order by created_at limit ${limit})`.execute(store.write)
  return Number(numAffectedRows ?? 0n)
}

/** Notes until when nothing is sent to a recipient. */
export async function insertSuppression(store: Store, row: Suppression): Promise<void> {
  await tables(store.write)
    .insertInto('suppressions')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'channel', 'recipient']).doUpdateSet({ expires_at: row.expires_at }),
    )
    .execute()
}

/** Until when nothing is sent to a recipient; undefined when nothing is known against it. */
export async function selectSuppression(
  store: Store,
  { project_id, channel, recipient }: Omit<Suppression, 'expires_at'>,
): Promise<number | undefined> {
  const row = await tables(store.read)
    .selectFrom('suppressions')
    .select('expires_at')
    .where('project_id', '=', project_id)
    .where('channel', '=', channel)
    .where('recipient', '=', recipient)
    .executeTakeFirst()
  return row?.expires_at
}

/** Removes at most `limit` suppressions that ended before that time and returns how many. */
export async function deleteSuppressions(store: Store, time: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from suppressions where (project_id, channel, recipient) in
    (select project_id, channel, recipient from suppressions where expires_at < ${time}
     order by expires_at limit ${limit})`.execute(store.write)
  return Number(numAffectedRows ?? 0n)
}
