/** What a page is: the declaration of an HTML document for people, beside the operations that machines call. */
import { z } from 'zod'
import type { App } from '../domain/app.ts'
import type { Document } from '../pages/document.ts'

type Shape = Readonly<Record<string, z.ZodType>>
type Given<S extends Shape> = z.output<z.ZodObject<S>>

/** A document with its status, 200 unless given; or another address, to which the browser is sent with 302. */
export type PageAnswer = { status?: number; document: Document } | { redirect: string }

type Declaration<Query extends Shape> = {
  /** Method and path, for example `GET /dev/inbox`. Pages take what they need from the query, posted ones too. */
  route: `${'GET' | 'POST'} ${string}`
  /** `workspace`: an operator, whom the browser asks for a workspace key. `public`: anybody. */
  caller: 'workspace' | 'public'
  query?: Query
  run: (app: App, call: { query: Given<Query> }) => Promise<PageAnswer>
}

/** A page as the server sees it, whatever its types. */
export type Page = {
  method: 'GET' | 'POST'
  path: string
  caller: 'workspace' | 'public'
  query: z.ZodObject
  run: (app: App, call: unknown) => Promise<PageAnswer>
}

/** Declares a page. Its refusals are shown as pages, too. */
export function page<Query extends Shape = Record<never, never>>(declaration: Declaration<Query>): Page {
  const [method = '', path = ''] = declaration.route.split(' ')
  return {
    method: method as Page['method'],
    path,
    caller: declaration.caller,
    query: z.object(declaration.query ?? {}),
    run: declaration.run as Page['run'],
  }
}
