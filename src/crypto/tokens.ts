/** Opaque bearer tokens and API secrets: how they are made, recognised and hashed. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A new bearer token: 33 random bytes as 44 characters of unpadded base64url (reference: wire.md §6.2). */
export function newToken(): string {
  return randomBytes(33).toString('base64url')
}

/** Whether the text has the form of a bearer token: ours, or 32 bytes with padding. */
export function isTokenShaped(text: string): boolean {
  return /^[A-Za-z0-9_-]{44}$/.test(text) || /^[A-Za-z0-9_-]{43}=$/.test(text)
}

/**
 * What is stored of a token. The purpose and the tenant are part of the hash, so a token can match neither a row of
 * another kind nor a row of another environment.
 */
export function hashToken(purpose: string, project_id: string, token: string): string {
  return hash('sha256', `${purpose}\0${project_id}\0${token}`, 'base64url')
}

/** A new API secret: 26 random bytes as padded base64url after its prefix (reference: wire.md §2). */
export function newSecret(prefix: string): string {
  return `${prefix}-${randomBytes(26).toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`
}

/** What is stored of an API secret. It has 208 random bits, so a fast hash is enough. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url')
}

/** Compares two hashes in constant time; texts of another form are different, whatever is in them. */
export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
