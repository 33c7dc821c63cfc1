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
