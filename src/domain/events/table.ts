/** The rows of the audit trail. */
import { type Kysely, sql } from 'kysely'
import { type Handle, insertRows, type Store } from '../../store/store.ts'

export type EventRow = {
  project_id: string
  event_id: string
  type: string
  subject_id: string
  request_id: string | null
  details: string
  created_at: number
}
const tables = (handle: Handle) => handle as Kysely<{ events: EventRow }>

/** Adds an event. */
export async function insertEvent(store: Store, event: EventRow): Promise<void> {
  await tables(store.write).insertInto('events').values(event).execute()
}

/** Adds many events. */
export async function insertEvents(store: Store, events: EventRow[]): Promise<void> {
  await insertRows(store, 'events', events)
}

/** Removes at most `limit` events created from `since` on and before `time`, the oldest first; returns how many, and when the last was created. */
export async function deleteRowsBefore(
  store: Store,
  since: number,
  time: number,
  limit: number,
): Promise<{ removed: number; reached: number }> {
  const { rows } = await sql<{ created_at: number }>`delete from events where (project_id, event_id) in
    (select project_id, event_id from events where created_at >= ${since} and created_at < ${time}
     order by created_at limit ${limit}) returning created_at`.execute(store.write)
  return { removed: rows.length, reached: rows.reduce((last, row) => Math.max(last, row.created_at), since) }
}
