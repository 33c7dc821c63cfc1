/** Where a page of a search ended: a signed text that only the same search of the same project takes back. */
import { sameHash } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'

/** The last result of a page, a user for example. Both parts are needed: results may share a millisecond. */
export type Position = { created_at: number; id: string }

/** A position, and how many results there were in all when the first page was asked for: what follows need not count again. */
export type Continuation = { after: Position; total: number }

/** Which search it is: what is looked for, and everything that was asked. */
export type Search = { of: 'user' | 'member' | 'organization'; query: unknown }

/** The cursor that continues the search there. */
export function writeCursor(app: App, project_id: string, search: Search, { after, total }: Continuation): string {
  const text = Buffer.from(JSON.stringify([after.created_at, after.id, total])).toString('base64url')
  return `${text}.${signature(app, project_id, search, text)}`
}

/** Where a cursor continues. Refuses with `user_search_invalid_cursor` what this search has not written. */
export function readCursor(app: App, project_id: string, search: Search, cursor: string): Continuation {
  const [, text, signed] = /^([\w-]+)\.([\w-]+)$/.exec(cursor) ?? []
  if (!text || !signed || !sameHash(signed, signature(app, project_id, search, text)))
    fail('user_search_invalid_cursor')
  const [created_at, id, total] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, string, number]
  return { after: { created_at, id }, total }
}

function signature(app: App, project_id: string, search: Search, text: string): string {
  return app.keyring.mac(`${search.of} search cursor`, JSON.stringify([project_id, search.query, text]))
}
