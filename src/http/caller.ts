/** Who is calling: Basic credentials read from the request and confirmed against the store (reference: wire.md §2). */
import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { Operation } from '../api/operation.ts'
import { hashSecret, sameHash } from '../crypto/tokens.ts'
import type { App } from '../domain/app.ts'
import type { Environment } from '../domain/configuration/environment.ts'
import { countRequest } from '../domain/limits/limit.ts'
import { noteSecretUse, type Secret } from '../domain/secrets/secret.ts'
import { isWorkspaceKey } from '../domain/workspace/key.ts'
import { fail } from '../errors.ts'
import { type EnvironmentType, parseId } from '../values/id.ts'

/** The id of a pair, which may be that of a project of some type, and the hash of its secret. */
export type Credentials = { id: string; project_type: EnvironmentType | undefined; secret_hash: string }

/**
 * What headers say, by their digests: a backend sends the same one with every request. No secret is kept. Those that nobody has
 * confirmed are kept apart, and fewer: however many strangers make up, they push out nobody who is known.
 */
const known = new LRUCache<string, Credentials>({ max: 10_000 })
const unconfirmed = new LRUCache<string, Credentials>({ max: 1000 })
const digests = new WeakMap<Credentials, string>()
/** Characters of a header that is kept; ours are a third of that. */
const longest = 512

/**
 * The pair in an `Authorization: Basic` header (RFC 7617); mostly the same object for the same header. Refuses with `invalid_authorization_header` what is none, and
 * with `unauthorized_credentials` what can belong to nobody.
 */
export function readCredentials(header: string | undefined): Credentials {
  const digest = hash('sha256', header ?? '', 'base64')
  const recognised = known.get(digest) ?? unconfirmed.get(digest)
  if (recognised) return recognised
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header ?? '') ?? []
  if (encoded === undefined) fail('invalid_authorization_header')
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) fail('invalid_authorization_header')
  // The standard bars control characters. A NUL, which PostgreSQL refuses, would fail every look-up of its batch.
  if (/\p{Cc}/u.test(pair)) fail('unauthorized_credentials')
  const id = pair.slice(0, colon)
  const parsed = parseId(id)
  const project_type = parsed?.prefix === 'project' ? parsed.type : undefined
  const credentials = { id, project_type, secret_hash: hashSecret(pair.slice(colon + 1)) }
  if (pair.length <= longest) {
    unconfirmed.set(digest, credentials)
    digests.set(credentials, digest)
  }
  return credentials
}

/** Keeps credentials that have been confirmed for as long as there is room. */
export function keepCredentials(credentials: Credentials): void {
  const digest = digests.get(credentials)
  if (digest === undefined) return
  digests.delete(credentials)
  unconfirmed.delete(digest)
  known.set(digest, credentials)
}

/**
 * The environment whose backend calls, with its configuration as it is now; `version` is that of the configuration, if the
 * store has told it since the request came. Refuses every wrong pair alike, with
 * `unauthorized_credentials`, a project of the other vertical with `invalid_…_endpoint`,
 * and with `too_many_requests` one that asks too often.
 */
export async function confirmProject(
  app: App,
  credentials: Credentials,
  vertical: Operation['vertical'],
  version?: number,
): Promise<Environment> {
  // Nothing else is looked up: what is no project id belongs to nobody.
  const environment = credentials.project_type && (await app.environment(credentials.id, version))
  const match = environment && matching(environment, credentials)
  if (!match) fail('unauthorized_credentials')
  noteSecretUse(app, environment.project_id, match)
  if (vertical === 'b2b' && environment.vertical !== 'B2B') fail('invalid_b2b_endpoint')
  if (vertical === 'consumer' && environment.vertical !== 'CONSUMER') fail('invalid_consumer_endpoint')
  await countRequest(app, environment)
  return environment
}

/** The secrets that credentials were found to be. An environment whose secrets change is another object from then on. */
const matches = new WeakMap<Credentials, { environment: Environment; match: Secret }>()

function matching(environment: Environment, credentials: Credentials): Secret | undefined {
  const known = matches.get(credentials)
  if (known?.environment === environment) return known.match
  const match = environment.secrets.find(({ secret_hash }) => sameHash(secret_hash, credentials.secret_hash))
  if (match) matches.set(credentials, { environment, match })
  return match
}

/** Refuses with `unauthorized_credentials` what is no workspace key. */
export async function confirmWorkspace(app: App, { id, secret_hash }: Credentials): Promise<void> {
  if (!(await isWorkspaceKey(app, { key_id: id, secret_hash }))) fail('unauthorized_credentials')
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
