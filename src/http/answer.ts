/** From a request to the reply of its operation: who calls, with what, and then the operation itself. */
import type { FastifyRequest } from 'fastify'
import type { Operation } from '../api/operation.ts'
import type { App } from '../domain/app.ts'
import type { Environment } from '../domain/configuration/environment.ts'
import { authorizeActing, findActingMember, type Target } from '../domain/rbac/acting.ts'
import type { PresentedMember } from '../domain/sessions/presented.ts'
import { Refusal } from '../errors.ts'
import type { Admission } from './admission.ts'
import { fit, readJson } from './body.ts'
import { type Credentials, confirmProject, confirmWorkspace, refuseOtherSites } from './caller.ts'

/** The largest body, in bytes, that is read for somebody who is not confirmed yet. */
const smallBody = 16 * 1024

/**
 * Confirms the caller, by credentials that the operation may need, and runs the operation. A refusal of the caller goes before any complaint about the request, and a
 * look-up that the operation declares brings along what the confirmation would have to ask for. A large body is read only for
 * confirmed callers: parsing it is work that strangers could ask for.
 */
export async function answer(
  app: App,
  operation: Operation,
  request: FastifyRequest,
  credentials: Credentials | undefined,
  admission: Admission,
): Promise<Record<string, unknown>> {
  if (operation.caller === 'workspace' && operation.method !== 'GET') refuseOtherSites(request.headers)
  const confirmed =
    bodySize(request) > smallBody ? { by: await confirm(app, operation, credentials, admission) } : undefined
  const read = attempt(() => readInput(operation, request))
  const found = 'value' in read && credentials ? await lookUp(app, operation, credentials, read.value.body) : undefined
  const version = found && 'value' in found ? found.value?.config_version : undefined
  const environment = confirmed ? confirmed.by : await confirm(app, operation, credentials, admission, version)
  if ('error' in read) throw read.error
  if (found && 'error' in found) throw found.error
  const call = { ...read.value, environment }
  const acting = environment && (await findActing(app, environment, operation, request, call))
  return operation.run(app, { ...call, acting }, found?.value)
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
    query: operation.has_query ? fit(operation.query, query) : {},
    body: operation.has_body ? fit(operation.body, readJson(body as Buffer | undefined)) : {},
  }
}

/** What came of something that may throw: what it throws must wait until the caller is confirmed. */
type Outcome<T> = { value: T } | { error: unknown }

function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { value: work() }
  } catch (error) {
    return { error }
  }
}

async function lookUp(
  app: App,
  { look_up }: Operation,
  { id, project_type }: Credentials,
  body: unknown,
): Promise<Outcome<Awaited<ReturnType<NonNullable<Operation['look_up']>>>> | undefined> {
  if (!look_up || project_type === undefined) return undefined
  try {
    return { value: await look_up(app, { project_id: id, body }) }
  } catch (error) {
    return { error }
  }
}

/** Admission learns whose credentials these are: also when they are refused something, but not when nobody could be asked. */
async function confirm(
  app: App,
  { caller, vertical }: Operation,
  credentials: Credentials | undefined,
  admission: Admission,
  version?: number,
): Promise<Environment | undefined> {
  if (!credentials) return undefined
  try {
    const environment = caller === 'project' ? await confirmProject(app, credentials, vertical, version) : undefined
    if (caller === 'workspace') await confirmWorkspace(app, credentials)
    admission.know(credentials)
    return environment
  } catch (error) {
    if (error instanceof Refusal) {
      if (error.error_type === 'unauthorized_credentials') admission.forget(credentials)
      else admission.know(credentials)
    }
    throw error
  }
}
