/** The keys of an environment that sign session JWTs: published before they sign, published for a while after the last signature. */
import type { KeyObject } from 'node:crypto'
import {
  algorithmOf,
  type KeyPair,
  type PublicJwk,
  readPrivateKey,
  readPublicKey,
  type SigningAlgorithm,
} from '../../crypto/signing.ts'
import { type EnvironmentType, newId } from '../../values/id.ts'
import { DAY, HOUR } from '../../values/time.ts'
import type { App } from '../app.ts'
import { recordEvent } from '../events/event.ts'
import { changeConfiguration } from '../projects/environment.ts'
import { deleteRetired, insertSigningKey, retireOthers, selectSigningKeys, updateSealedKey } from './table.ts'

export type SigningKey = {
  kid: string
  algorithm: SigningAlgorithm
  public_jwk: PublicJwk
  public_key: KeyObject
  private_key: KeyObject
  created_at: number
  /** From when on it signs. */
  active_at: number
  /** From when on it is no longer published or accepted; null while no newer key replaces it. */
  retired_at: number | null
}

const sealPurpose = 'signing key'

type Owner = { project_id: string; type: EnvironmentType }

/** How long a new key is published before it signs, longer than clients cache the key set (reference: consumer.md §1.13). */
const lead = HOUR
/** How long the old key stays published once the new one signs. */
const overlap = 30 * DAY
/** The age at which a key is replaced by itself. */
const lifetime = 180 * DAY

/** The keys of an environment with their private halves opened, in the order in which they sign. */
export async function loadSigningKeys(app: App, project_id: string): Promise<SigningKey[]> {
  const rows = await selectSigningKeys(app.store, project_id)
  return rows.map(({ kid, public_jwk, sealed_private_key, created_at, active_at, retired_at }) => {
    const jwk = JSON.parse(public_jwk) as PublicJwk
    const pem = app.keyring.open(sealPurpose, `${project_id} ${kid}`, sealed_private_key)
    return {
      kid,
      algorithm: algorithmOf(jwk),
      public_jwk: jwk,
      public_key: readPublicKey(jwk),
      private_key: readPrivateKey(pem),
      created_at,
      active_at,
      retired_at,
    }
  })
}

/** The keys that are published, and accepted in tokens, at that time. */
export function publishedKeys(keys: SigningKey[], now: number): SigningKey[] {
  return keys.filter(({ retired_at }) => retired_at === null || retired_at > now)
}

/** The key that signs at that time: the newest active one. */
export function currentKey(keys: SigningKey[], now: number): SigningKey {
  const usable = publishedKeys(keys, now)
  const current = usable.findLast(({ active_at }) => active_at <= now) ?? usable.at(-1)
  if (!current) throw new Error('The environment has no signing key.')
  return current
}

/** Gives a new environment its first key, which signs at once. */
export async function createFirstKey(app: App, owner: Owner): Promise<void> {
  await insertKey(app, owner, await app.new_key_pair('RS256'), app.now())
}

/**
 * Adds a key that is published at once, signs after an hour and lets its predecessors retire 30 days later. `at_once` is for
 * a key that leaked: the new one signs immediately and all others are dropped with it, so every JWT signed by them is refused.
 * Without an algorithm it stays as it is.
 */
export async function rotateKeys(
  app: App,
  owner: Owner,
  { at_once, algorithm }: { at_once: boolean; algorithm?: SigningAlgorithm | undefined },
): Promise<{ kid: string; active_at: number }> {
  const pair = await app.new_key_pair(algorithm ?? (await newestAlgorithm(app, owner)))
  return changeConfiguration(app, owner.project_id, (app) => rotate(app, owner, pair, at_once))
}

/** Seals the keys of an environment under the current master key that are not yet, and returns how many. */
export async function resealSigningKeys(app: App, project_id: string): Promise<number> {
  const rows = await selectSigningKeys(app.store, project_id)
  const outdated = rows.filter(({ sealed_private_key }) => !app.keyring.isCurrent(sealed_private_key))
  for (const { kid, sealed_private_key } of outdated) {
    const place = `${project_id} ${kid}`
    const pem = app.keyring.open(sealPurpose, place, sealed_private_key)
    await updateSealedKey(app.store, { project_id, kid, sealed_private_key: app.keyring.seal(sealPurpose, place, pem) })
  }
  return outdated.length
}

/** Rotates when the newest key has reached its age; two nodes that try at once rotate once. */
export async function rotateWhenDue(app: App, owner: Owner): Promise<void> {
  if (!(await isDue(app, owner))) return
  const pair = await app.new_key_pair(await newestAlgorithm(app, owner))
  await changeConfiguration(app, owner.project_id, async (app) => {
    if (await isDue(app, owner)) await rotate(app, owner, pair, false)
  })
}

async function isDue(app: App, { project_id }: Owner): Promise<boolean> {
  const newest = (await selectSigningKeys(app.store, project_id)).at(-1)
  return newest !== undefined && newest.created_at + lifetime <= app.now()
}

/** What the key before was for. */
async function newestAlgorithm(app: App, { project_id }: Owner): Promise<SigningAlgorithm> {
  const newest = (await selectSigningKeys(app.store, project_id)).at(-1)
  return newest ? algorithmOf(JSON.parse(newest.public_jwk) as PublicJwk) : 'RS256'
}

async function rotate(
  app: App,
  owner: Owner,
  pair: KeyPair,
  at_once: boolean,
): Promise<{ kid: string; active_at: number }> {
  const active_at = app.now() + (at_once ? 0 : lead)
  const kid = await insertKey(app, owner, pair, active_at)
  await retireOthers(app.store, owner.project_id, kid, at_once ? active_at : active_at + overlap)
  await deleteRetired(app.store, owner.project_id, app.now())
  await recordEvent(app, owner.project_id, 'signing_key.rotated', kid, { at_once })
  return { kid, active_at }
}

async function insertKey(app: App, { project_id, type }: Owner, pair: KeyPair, active_at: number): Promise<string> {
  const kid = newId('jwk', type)
  await insertSigningKey(app.store, {
    project_id,
    kid,
    public_jwk: JSON.stringify(pair.public_jwk),
    sealed_private_key: app.keyring.seal(sealPurpose, `${project_id} ${kid}`, pair.private_pem),
    created_at: app.now(),
    active_at,
    retired_at: null,
  })
  return kid
}
