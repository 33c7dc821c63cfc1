/** What an operation is: a declaration of who may call it with what, and a paragraph that does it. */
import { z } from 'zod'
import type { App } from '../domain/app.ts'
import type { Environment } from '../domain/configuration/environment.ts'
import type { MemberPermission, Target } from '../domain/rbac/acting.ts'
import type { PresentedMember } from '../domain/sessions/presented.ts'

/** The names in braces of a path: `'/v1/users/{user_id}'` gives `{ user_id: string }`. */
type Params<Route extends string> = Route extends `${string}{${infer Name}}${infer Rest}`
  ? { [Key in Name]: string } & Params<Rest>
  : unknown

/**
 * Who may call. `project`: the backend of an environment, by project id and secret. `workspace`: an operator, by
 * workspace key. `public`: anybody.
 */
export type Caller = 'project' | 'workspace' | 'public'

type Shape = Readonly<Record<string, z.ZodType>>
type Given<S extends Shape> = z.output<z.ZodObject<S>>

type Call<Who extends Caller, Route extends string, Query extends Shape, Body extends Shape> = {
  params: Params<Route>
  query: Given<Query>
  body: Given<Body>
} & (Who extends 'project'
  ? {
      environment: Environment
      /** The member as whom the call runs; set only on operations that declare a permission. */
      acting: PresentedMember | undefined
    }
  : unknown)

type Declaration<
  Who extends Caller,
  Route extends string,
  Query extends Shape,
  Body extends Shape,
  Reply extends Shape,
  Found,
> = {
  /** Method and path, for example `GET /v1/users/{user_id}`. */
  route: Route
  /** The name in the published contract: the operation id, and the stem of its request and response components. */
  name: string
  /** The call of the official Node client that ends here; empty when it has none. */
  sdk: string
  summary: string
  caller: Who
  /** Which projects may call; set for callers of kind `project`. */
  vertical?: 'consumer' | 'b2b' | 'both'
  query?: Query
  body?: Body
  /** The fields of the reply beside the envelope. */
  reply: Reply
  /** The HTTP status of success, 200 unless given. */
  status?: 200 | 201
  headers?: Record<string, string>
  /**
   * Reads that may begin before the caller is confirmed, so that both share one round trip: they may tell the version of the
   * environment's configuration. They may depend on the request alone; what they find is dropped when the caller is refused.
   */
  look_up?: (app: App, call: { project_id: string; body: Given<Body> }) => Promise<Found>
  /** What a member needs to hold when the call runs as one (`X-Stytch-Member-Session`). Without it the header is ignored. */
  permission?: MemberPermission
  /** Whom the call is about, where path and body do not say it by `organization_id` and `member_id`. */
  target?: (app: App, call: Call<Who, Route, Query, Body>) => Promise<Target>
  /** Answers sandbox values in place of `run`, and undefined to everything else (reference: wire.md §7). */
  sandbox?: (app: App, call: Call<Who, Route, Query, Body>) => Promise<z.input<z.ZodObject<Reply>> | undefined>
  run: (app: App, call: Call<Who, Route, Query, Body>, found: NoInfer<Found>) => Promise<z.input<z.ZodObject<Reply>>>
}

/** What a look-up finds tells besides, of which version the environment's configuration is, if the store was asked. */
type LookedUp = { config_version: number | undefined } | undefined

/** An operation as the server sees it, whatever its types. */
export type Operation = {
  method: string
  path: string
  name: string
  sdk: string
  summary: string
  caller: Caller
  vertical: 'consumer' | 'b2b' | 'both'
  query: z.ZodObject
  body: z.ZodObject
  reply: z.ZodObject
  has_query: boolean
  has_body: boolean
  status: 200 | 201
  headers: Record<string, string>
  permission?: MemberPermission | undefined
  target?: ((app: App, call: unknown) => Promise<Target>) | undefined
  look_up?: (app: App, call: { project_id: string; body: unknown }) => Promise<LookedUp>
  run: (app: App, call: unknown, found: unknown) => Promise<Record<string, unknown>>
}

/** Declares an operation. Its file's place follows from its route (see `CONTRIBUTING.md`). */
export function operation<
  const Who extends Caller,
  const Route extends string,
  Reply extends Shape,
  Query extends Shape = Record<never, never>,
  Body extends Shape = Record<never, never>,
  Found extends LookedUp = undefined,
>(declaration: Declaration<Who, Route, Query, Body, Reply, Found>): Operation {
  const { route, body, query, reply, look_up, sandbox, run } = declaration
  const answer: typeof run = async (app, call, found) => (await sandbox?.(app, call)) ?? run(app, call, found)
  const [method = '', path = ''] = route.split(' ')
  return {
    method,
    path,
    name: declaration.name,
    sdk: declaration.sdk,
    summary: declaration.summary,
    caller: declaration.caller,
    vertical: declaration.vertical ?? 'both',
    query: z.object(query ?? {}),
    body: z.object(body ?? {}),
    reply: z.strictObject(reply),
    has_query: query !== undefined,
    has_body: body !== undefined,
    status: declaration.status ?? 200,
    headers: declaration.headers ?? {},
    permission: declaration.permission,
    target: declaration.target as Operation['target'],
    look_up: look_up as Operation['look_up'],
    run: (sandbox ? answer : run) as Operation['run'],
  }
}
