/** Identifiers of the form `<prefix>-<test|live>-<uuid>` (reference: wire.md §6.1) and the external ids that may stand for them. */
import { randomUUID } from 'node:crypto'

export type EnvironmentType = 'LIVE' | 'TEST'

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const grammar = new RegExp(`^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)-(live|test)-${uuid}$`)

/** A new identifier, for example `user-test-16d9ba61-97a1-4ba4-9720-b03761dc50c6`. */
export function newId(prefix: string, type: EnvironmentType): string {
  return `${prefix}-${type === 'LIVE' ? 'live' : 'test'}-${randomUUID()}`
}

/** The prefix and environment type of an identifier; undefined when the text is none. */
export function parseId(text: string): { prefix: string; type: EnvironmentType } | undefined {
  const match = grammar.exec(text)
  if (!match) return undefined
  return { prefix: match[1] as string, type: match[2] === 'live' ? 'LIVE' : 'TEST' }
}

/** Whether the text begins like one of our identifiers, `user-test-…`, complete or not. */
export function startsLikeId(text: string, prefix: string): boolean {
  return text.startsWith(`${prefix}-test-`) || text.startsWith(`${prefix}-live-`)
}

/** Whether the text is in the alphabet and length of external ids. */
export function isExternalId(text: string): boolean {
  return /^[A-Za-z0-9._|-]{1,128}$/.test(text)
}

/** Prefixes of the objects that people name in requests and that external ids must not be confused with. */
const prefixes = new Set(
  [
    'project request-id secret secret-id public-token workspace-key user session member-session email phone-number totp',
    'totp-recovery-code password webauthn-registration biometric-registration crypto-wallet oauth-user oauth-callback',
    'embedded organization member member-email member-phone member-totp member-password saml-connection oidc-connection',
    'external-connection saml-verification-key saml-encryption-key saml-member-registration oidc-member-registration',
    'scim-connection scim-group m2m-client connected-app jwk pem-file trusted-auth-token-profile ttp',
  ].flatMap((line) => line.split(' ')),
)

/** Whether the text can be given to somebody as an external id. */
export function isAssignableExternalId(text: string): boolean {
  return isExternalId(text) && !looksLikeId(text)
}

/** Whether the text begins like any identifier of the API, so that it cannot be chosen as an external id. */
export function looksLikeId(text: string): boolean {
  const match = /^([a-z0-9-]+?)-(?:test|live)-/.exec(text)
  return match !== null && prefixes.has(match[1] as string)
}
