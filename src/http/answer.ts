/** From a request to the reply of its operation: who calls, with what, and then the operation itself. */
import type { FastifyRequest } from 'fastify'
import type { Operation } from '../api/operation.ts'
import type { App } from '../domain/app.ts'
import type { Environment } from '../domain/configuration/environment.ts'
import { authorizeActing, findActingMember, type Target } from '../domain/rbac/acting.ts'
import type { PresentedMember } from '../domain/sessions/presented.ts'
import { parseId } from '../values/id.ts'
import { fit, readJson } from './body.ts'
import { type Credentials, confirmProject, confirmWorkspace, readCredentials, refuseOtherSites } from './caller.ts'

/** The largest body, in bytes, that is read for somebody who is not confirmed yet. */
const smallBody = 16 * 1024

/**
 * Confirms the caller and runs the operation. A refusal of the caller goes before any complaint about the request, and a
 * look-up that the operation declares runs at the same time as the confirmation. A large body is read only for confirmed
 * callers: parsing it is work that strangers could ask for.
 */
export async function answer(
  app: App,
  operation: Operation,
  request: FastifyRequest,
): Promise<Record<string, unknown>> {
  const credentials = operation.caller === 'public' ? undefined : readCredentials(request.headers.authorization)
  if (operation.caller === 'workspace' && operation.method !== 'GET') refuseOtherSites(request.headers)
  const confirming = confirm(app, operation, credentials)
  if (bodySize(request) > smallBody) await confirming
  const reading = attempt(() => readInput(operation, request))
  const looking =
    credentials && 'input' in reading ? lookUp(app, operation, credentials, reading.input.body) : undefined
  // The caller's refusal comes first; until then a failed look-up must not count as unhandled.
  looking?.catch(() => {})
  const environment = await confirming
  if ('error' in reading) throw reading.error
  const call = { ...reading.input, environment }
  const acting = environment && (await findActing(app, environment, operation, request, call))
  return operation.run(app, { ...call, acting }, await looking)
}

/**
 * The member as whom the call runs, who may make it; undefined when it runs with the authority of the backend alone.
 */
async function findActing(
  app: App,
  environment: Environment,
  operation: Operation,
  { headers }: FastifyRequest,
  call: Input & { environment: Environment | undefined },
): Promise<PresentedMember | undefined> {
  const { permission, target = nameTarget } = operation
  const acting = permission && (await findActingMember(app, environment, headers))
  if (!acting) return undefined
  const fields = call.body as Record<string, unknown>
  const given = Object.keys(fields).filter((name) => fields[name] !== undefined)
  await authorizeActing(app, environment, acting, permission, await target(app, call), given)
  return acting
}

/** Whom a call is about, by the names that path and body have for it. */
async function nameTarget(_: App, call: unknown): Promise<Target> {
  const { params, body } = call as { params: Record<string, string>; body: Record<string, unknown> }
  const organization = params.organization_id ?? body.organization_id
  return { organizations: organization === undefined ? [] : [String(organization)], member: params.member_id }
}

function bodySize({ body }: FastifyRequest): number {
  return Buffer.isBuffer(body) ? body.length : 0
}

type Input = { params: unknown; query: unknown; body: unknown }

function readInput(operation: Operation, { params, query, body }: FastifyRequest): Input {
  return {
    params,
    query: fit(operation.query, query),
    body: operation.has_body ? fit(operation.body, readJson(body as Buffer | undefined)) : {},
  }
}

function attempt(read: () => Input): { input: Input } | { error: unknown } {
  try {
    return { input: read() }
  } catch (error) {
    return { error }
  }
}

/** Asynchronous to the letter: even what `look_up` throws at once must wait for the caller to be confirmed. */
async function lookUp(app: App, { look_up }: Operation, { id }: Credentials, body: unknown): Promise<unknown> {
  return parseId(id)?.prefix === 'project' ? look_up?.(app, { project_id: id, body }) : undefined
}

async function confirm(
  app: App,
  { caller, vertical }: Operation,
  credentials: Credentials | undefined,
): Promise<Environment | undefined> {
  if (caller === 'project' && credentials) return confirmProject(app, credentials, vertical)
  if (caller === 'workspace' && credentials) await confirmWorkspace(app, credentials)
  return undefined
}
