/** Intermediate sessions: what has been proven of somebody who is not in an organization yet (reference: b2b.md §3). */
import { hashToken, isTokenShaped, newToken } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'
import { MINUTE } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { AuthenticationFactor } from '../sessions/factors.ts'
import {
  consumeRow,
  deleteExpired,
  endRowsOf,
  insertIntermediateSession,
  selectIntermediateSession,
  updateFactors,
} from './table.ts'

export type IntermediateSession = {
  project_id: string
  token_hash: string
  /** Whose it is: the proven address. */
  email_address: string
  /** The organization whose login it comes out of; null for discovery. */
  organization_id: string | null
  authentication_factors: AuthenticationFactor[]
  details: {
    /** Whether its factors count in that organization only, as passwords and single sign-on do. */
    bound: boolean
    /** Whether the address was proven in this very flow by another way than a factor, for example by a mailed reset link. */
    address_proven?: boolean | undefined
    full_name?: string | undefined
  }
  created_at: number
  expires_at: number
  used_at: number | null
  version: number
}

const purpose = 'intermediate session token'
const lifetime = 10 * MINUTE

/** Starts an intermediate session, which lasts ten minutes, and returns it with its token. */
export async function startIntermediateSession(
  app: App,
  { project_id }: Environment,
  given: Pick<IntermediateSession, 'email_address' | 'organization_id' | 'authentication_factors' | 'details'>,
): Promise<{ intermediate: IntermediateSession; token: string }> {
  const token = newToken()
  const now = app.now()
  const intermediate: IntermediateSession = {
    ...given,
    project_id,
    token_hash: hashToken(purpose, project_id, token),
    created_at: now,
    expires_at: now + lifetime,
    used_at: null,
    version: 1,
  }
  await insertIntermediateSession(app.store, intermediate)
  return { intermediate, token }
}

/** The usable intermediate session of a token. Refuses every other one with `intermediate_session_not_found`. */
export async function getIntermediateSession(
  app: App,
  { project_id }: Environment,
  token: string,
): Promise<IntermediateSession> {
  const found = isTokenShaped(token)
    ? await selectIntermediateSession(app.store, project_id, hashToken(purpose, project_id, token))
    : undefined
  if (!found || found.used_at !== null || found.expires_at <= app.now()) fail('intermediate_session_not_found')
  return found
}

/**
 * Puts other factors into an intermediate session; its token and its expiry stay. With `bound_to`, one of them counts in that
 * organization only, and so does the intermediate session from then on. With `address_proven`, the address has been proven, too.
 */
export async function replaceFactors(
  app: App,
  intermediate: IntermediateSession,
  authentication_factors: AuthenticationFactor[],
  { bound_to, address_proven = false }: { bound_to?: string | undefined; address_proven?: boolean } = {},
): Promise<IntermediateSession> {
  const place = bound_to === undefined ? {} : { organization_id: bound_to }
  const details = {
    ...intermediate.details,
    bound: intermediate.details.bound || bound_to !== undefined,
    address_proven: intermediate.details.address_proven || address_proven,
  }
  const next = { ...intermediate, ...place, authentication_factors, details }
  if (!(await updateFactors(app.store, next, app.now()))) throw new WriteConflict()
  return { ...next, version: intermediate.version + 1 }
}

/**
 * Refuses with `invalid_intermediate_session_token_for_organization` an intermediate session that counts in another
 * organization only; without an organization one that counts in any only, which discovery has no use for (reference: b2b.md
 * §3.4).
 */
export function refuseBoundElsewhere(
  { details, organization_id }: Pick<IntermediateSession, 'details' | 'organization_id'>,
  organization: { organization_id: string } | undefined,
): void {
  if (!details.bound || (organization && organization_id === organization.organization_id)) return
  fail('invalid_intermediate_session_token_for_organization')
}

/**
 * Uses an intermediate session up, because a session comes out of it; belongs into that transaction. Refuses with
 * `intermediate_session_not_found` when somebody was first.
 */
export async function consumeIntermediateSession(app: App, intermediate: IntermediateSession): Promise<void> {
  if (!(await consumeRow(app.store, intermediate, app.now()))) fail('intermediate_session_not_found')
}

/**
 * Ends the intermediate sessions of an address, but for one when given; with an organization only those that come out of its
 * logins. Belongs into the transaction that demands it.
 */
export function endIntermediateSessionsOf(
  app: App,
  { project_id }: Environment,
  email_address: string,
  { organization_id, except }: { organization_id?: string | undefined; except?: IntermediateSession | undefined },
): Promise<void> {
  const which = { project_id, email_address, organization_id, except: except?.token_hash }
  return endRowsOf(app.store, which, app.now())
}

/** Removes at most `limit` intermediate sessions that expired before that time and returns how many. */
export function purgeIntermediateSessions(app: App, time: number, limit: number): Promise<number> {
  return deleteExpired(app.store, time, limit)
}
