/** Where a page of a search ended: a signed text that only the same search of the same project takes back. */
import { sameHash } from '../../../crypto/tokens.ts'
import { fail } from '../../../errors.ts'
import type { App } from '../../app.ts'
import type { UserQuery } from './query.ts'

/** The last user of a page. Both parts are needed: users may share a millisecond. */
export type Position = { created_at: number; user_id: string }

/** The cursor that continues the search after that position. */
export function writeCursor(app: App, project_id: string, query: UserQuery, position: Position): string {
  const text = Buffer.from(JSON.stringify([position.created_at, position.user_id])).toString('base64url')
  return `${text}.${signature(app, project_id, query, text)}`
}

/** The position in a cursor. Refuses with `user_search_invalid_cursor` what this search has not written. */
export function readCursor(app: App, project_id: string, query: UserQuery, cursor: string): Position {
  const [, text, signed] = /^([\w-]+)\.([\w-]+)$/.exec(cursor) ?? []
  if (!text || !signed || !sameHash(signed, signature(app, project_id, query, text))) fail('user_search_invalid_cursor')
  const [created_at, user_id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, string]
  return { created_at, user_id }
}

function signature(app: App, project_id: string, query: UserQuery, text: string): string {
  return app.keyring.mac('user search cursor', JSON.stringify([project_id, query, text]))
}
