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

/** Removes at most `limit` events created before that time and returns how many. */
export async function deleteRowsBefore(store: Store, time: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from events where (project_id, event_id) in
    (select project_id, event_id from events where created_at < ${time} order by created_at limit ${limit})`.execute(
    store.write,
  )
  return Number(numAffectedRows ?? 0n)
}
