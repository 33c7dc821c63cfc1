/** One-time tokens: what links carry. Random, stored as a hash bound to purpose and project, redeemed once (reference: wire.md §6.2). */
import { hashToken, isTokenShaped, newToken } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import { MINUTE } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Attributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import {
  consumeTokenRow,
  deleteTokens,
  deleteTokensOf,
  expireTokensOf,
  insertToken,
  selectToken,
  selectTokensOf,
  type TokensOf,
} from './table.ts'

/** What a token opens. One of another purpose never matches. */
export type TokenPurpose =
  | 'magic link'
  | 'password reset'
  | 'unlock'
  | 'discovery magic link'
  | 'discovery password reset'

export type TokenDetails = {
  /** Which flow made it. `embedded` ones were never mailed, so they prove no address. */
  kind: 'login' | 'signup' | 'invite' | 'embedded' | 'reset_password' | 'email_update' | 'unlock' | 'discovery'
  /** What the call that made it said about the device of the person. */
  attributes: Attributes
  code_challenge?: string | undefined
  /** Where the click route leads to. */
  redirect_url?: string | undefined
}

export type OneTimeToken = {
  project_id: string
  purpose: TokenPurpose
  token_hash: string
  /** Whose it is; an address in discovery, where it is not known yet who that is. */
  owner_id: string
  /** What redeeming it proves: an `email_id`, the id of an embeddable link, or an address. */
  method_id: string
  details: TokenDetails
  created_at: number
  expires_at: number
  used_at: number | null
}

/**
 * How long a link lasts: the minutes that the field gives, or else `fallback`. Refuses with `invalid_expiration` what is
 * outside five minutes to seven days (reference: consumer.md §3.1).
 */
export function linkMinutes(field: string, given: number | undefined, fallback: number): number {
  const minutes = given ?? fallback
  if (minutes < 5 || minutes > 10_080) fail('invalid_expiration', `${field} must be between 5 and 10080.`)
  return minutes
}

/** Makes a token that lasts that many minutes and returns it. */
export async function issueOneTimeToken(
  app: App,
  { project_id }: Environment,
  given: Pick<OneTimeToken, 'purpose' | 'owner_id' | 'method_id' | 'details'> & { minutes: number },
): Promise<string> {
  const { minutes, ...rest } = given
  const token = newToken()
  const now = app.now()
  await insertToken(app.store, {
    ...rest,
    project_id,
    token_hash: hashToken(rest.purpose, project_id, token),
    created_at: now,
    expires_at: now + minutes * MINUTE,
    used_at: null,
  })
  return token
}

/** The record of a token, redeemable or not; undefined when there never was such a token. */
export async function findOneTimeToken(
  app: App,
  { project_id }: Environment,
  purpose: TokenPurpose,
  token: string,
): Promise<OneTimeToken | undefined> {
  if (!isTokenShaped(token)) return undefined
  return selectToken(app.store, project_id, purpose, hashToken(purpose, project_id, token))
}

/** Whether the token can be redeemed at this time, as far as its record tells. */
export function isRedeemable({ used_at, expires_at }: OneTimeToken, now: number): boolean {
  return used_at === null && expires_at > now
}

/** Redeems a token; false when it has expired or somebody was first. Belongs into the transaction of what it proves. */
export function consumeOneTimeToken(app: App, token: OneTimeToken): Promise<boolean> {
  return consumeTokenRow(app.store, token, app.now())
}

/** The tokens of an owner, newest first. */
export function listOneTimeTokens(app: App, { project_id }: Environment, owner_id: string): Promise<OneTimeToken[]> {
  return selectTokensOf(app.store, project_id, owner_id)
}

/** Takes tokens of an owner, or several, back: all of them, or those of one purpose, method or flow. */
export function revokeOneTimeTokens(
  app: App,
  { project_id }: Environment,
  owner_id: string | string[],
  which: TokensOf = {},
): Promise<void> {
  return deleteTokensOf(app.store, project_id, owner_id, which)
}

/** Ends tokens of an owner now: they stay known, and are refused as expired. */
export function expireOneTimeTokens(
  app: App,
  { project_id }: Environment,
  owner_id: string,
  which: TokensOf,
): Promise<void> {
  return expireTokensOf(app.store, project_id, owner_id, which, app.now())
}

/** Removes at most `limit` tokens that expired before that time and returns how many. */
export function purgeOneTimeTokens(app: App, time: number, limit: number): Promise<number> {
  return deleteTokens(app.store, time, limit)
}
