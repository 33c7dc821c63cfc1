/** Who is calling: Basic credentials read from the request and confirmed against the store (reference: wire.md §2). */
import type { IncomingHttpHeaders } from 'node:http'
import type { Operation } from '../api/operation.ts'
import { hashSecret, sameHash } from '../crypto/tokens.ts'
import type { App } from '../domain/app.ts'
import type { Environment } from '../domain/configuration/environment.ts'
import { countRequest } from '../domain/limits/limit.ts'
import { noteSecretUse } from '../domain/secrets/secret.ts'
import { isWorkspaceKey } from '../domain/workspace/key.ts'
import { fail } from '../errors.ts'
import { parseId } from '../values/id.ts'

export type Credentials = { id: string; secret: string }

/**
 * The pair in an `Authorization: Basic` header (RFC 7617). Refuses with `invalid_authorization_header` what is none, and
 * with `unauthorized_credentials` what can belong to nobody.
 */
export function readCredentials(header: string | undefined): Credentials {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header ?? '') ?? []
  if (encoded === undefined) fail('invalid_authorization_header')
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) fail('invalid_authorization_header')
  // The standard bars control characters. A NUL, which PostgreSQL refuses, would fail every look-up of its batch.
  if (/\p{Cc}/u.test(pair)) fail('unauthorized_credentials')
  return { id: pair.slice(0, colon), secret: pair.slice(colon + 1) }
}

/**
 * The environment whose backend calls, with its configuration as it is now. Refuses every wrong pair alike, with
 * `unauthorized_credentials`, a project of the other vertical with `invalid_…_endpoint`,
 * and with `too_many_requests` one that asks too often.
 */
export async function confirmProject(
  app: App,
  { id, secret }: Credentials,
  vertical: Operation['vertical'],
): Promise<Environment> {
  // Nothing else is looked up: what is no project id belongs to nobody.
  const environment = parseId(id)?.prefix === 'project' ? await app.environment(id) : undefined
  const hash = hashSecret(secret)
  const match = environment?.secrets.find(({ secret_hash }) => sameHash(secret_hash, hash))
  if (!environment || !match) fail('unauthorized_credentials')
  noteSecretUse(app, environment.project_id, match)
  if (vertical === 'b2b' && environment.vertical !== 'B2B') fail('invalid_b2b_endpoint')
  if (vertical === 'consumer' && environment.vertical !== 'CONSUMER') fail('invalid_consumer_endpoint')
  await countRequest(app, environment)
  return environment
}

/** Refuses with `unauthorized_credentials` what is no workspace key. */
export async function confirmWorkspace(app: App, { id, secret }: Credentials): Promise<void> {
  if (!(await isWorkspaceKey(app, id, secret))) fail('unauthorized_credentials')
}

/**
 * Refuses with `unauthorized_credentials` what a browser says another site has made. A browser that knows a workspace key,
 * because somebody has opened the inbox with it, sends the key along with such requests, too.
 */
export function refuseOtherSites({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): void {
  // Browsers tell the one only over https and to their own machine, the other always when something may change.
  const isOwn =
    site !== undefined
      ? site === 'same-origin' || site === 'none'
      : origin === undefined || URL.parse(origin)?.host === host
  if (!isOwn) {
    fail('unauthorized_credentials', 'Workspace keys are not accepted from pages of other sites.')
  }
}
