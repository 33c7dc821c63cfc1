/** The rows of the audit trail. */
import type { Kysely } from 'kysely'
import { purgeInOrder } from '../../store/purge.ts'
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

/** Returns what removes events created before that time, like `purgeInOrder`. */
export function purgeRows(store: Store, time: number): (limit: number) => Promise<number> {
  return purgeInOrder(store, { table: 'events', id: 'event_id', column: 'created_at' }, time)
}
