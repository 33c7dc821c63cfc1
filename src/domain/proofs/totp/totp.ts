/** Authenticator apps and their recovery codes (reference: consumer.md §3.5): one an owner, unverified until its first code. */
import { newRecoveryCode, plainRecoveryCode } from '../../../crypto/recovery_codes.ts'
import { sameHash } from '../../../crypto/tokens.ts'
import { matchTotp, newTotpSecret } from '../../../crypto/totp.ts'
import { fail } from '../../../errors.ts'
import { WriteConflict } from '../../../store/store.ts'
import { newId } from '../../../values/id.ts'
import { MINUTE } from '../../../values/time.ts'
import type { App } from '../../app.ts'
import type { Environment } from '../../configuration/environment.ts'
import {
  deleteTotpOf,
  insertTotp,
  insertTotps,
  raiseLastStep,
  type SealedTotp,
  selectSealed,
  selectTotp,
  selectVerified,
  updateSealed,
} from './table.ts'

export type Totp = {
  project_id: string
  owner_id: string
  totp_id: string
  sealed_secret: string
  /** The codes not used yet, as JSON. */
  sealed_recovery_codes: string
  verified: boolean
  /** The newest 30 seconds of which a code was used, counted from the epoch. */
  last_step: number
  /** When it ceases to be usable unless it was verified before. */
  expires_at: number
  created_at: number
  /** Counts the changes of the recovery codes, so that one made on an outdated reading is noticed. */
  version: number
}

export type RecoveryCode = { totp_recovery_code_id: string; code: string }

const recoveryCodes = 10

export type NewTotp = {
  id_prefix: 'totp' | 'member-totp'
  /** How long it may wait for its first code; undefined for one that is imported, which is verified already. */
  minutes: number | undefined
  /** An imported secret, in base32 without padding. */
  secret?: string | undefined
  /** Imported codes; new ones are made when there are none. */
  recovery_codes?: string[] | undefined
  /** Whether an app that still waits for its first code gives way. */
  replaces_pending?: boolean
}

/**
 * Enrols an app and returns what is shown once, its secret, and its recovery codes. An unverified one that has expired
 * gives way; refuses with `active_totp_exists` or `pending_totp_exists` when there is another. Belongs into a transaction.
 */
export async function createTotp(
  app: App,
  { project_id, type }: Environment,
  owner_id: string,
  { id_prefix, minutes, secret = newTotpSecret(), recovery_codes = [], replaces_pending }: NewTotp,
): Promise<{ totp: Totp; secret: string; recovery_codes: string[] }> {
  const now = app.now()
  const known = await selectTotp(app.store, project_id, owner_id)
  if (known?.verified) fail('active_totp_exists')
  if (known && known.expires_at > now && !replaces_pending) fail('pending_totp_exists')
  if (known) await deleteTotpOf(app.store, project_id, owner_id)
  const totp_id = newId(id_prefix, type)
  const codes =
    recovery_codes.length > 0 ? recovery_codes.map((code) => toRecoveryCode(type, code)) : newRecoveryCodes(type)
  const totp: Totp = {
    project_id,
    owner_id,
    totp_id,
    ...seal(app, { project_id, totp_id }, secret, codes),
    verified: minutes === undefined,
    last_step: 0,
    expires_at: now + (minutes ?? 0) * MINUTE,
    created_at: now,
    version: 1,
  }
  if (!(await insertTotp(app.store, totp))) throw new WriteConflict()
  return { totp, secret, recovery_codes: codes.map(({ code }) => code) }
}

/** An app that somebody has proven elsewhere. */
export type KnownTotp = {
  owner_id: string
  totp_id: string
  /** Base32 without padding. */
  secret: string
  /** Those not used yet; undefined for ten new ones. */
  recovery_codes: string[] | undefined
}

/** Stores the apps of many owners who have none; they are verified. Throws `WriteConflict` when one of them has one. */
export function addTotps(app: App, { project_id, type }: Environment, given: KnownTotp[]): Promise<void> {
  const now = app.now()
  const totps = given.map(({ owner_id, totp_id, secret, recovery_codes }): Totp => {
    const codes = recovery_codes?.map((code) => toRecoveryCode(type, code)) ?? newRecoveryCodes(type)
    const sealed = seal(app, { project_id, totp_id }, secret, codes)
    const times = { last_step: 0, expires_at: now, created_at: now }
    return { project_id, owner_id, totp_id, ...sealed, verified: true, ...times, version: 1 }
  })
  return insertTotps(app.store, totps)
}

/** The verified apps of those of the owners who have one, with their secrets in the clear: for exports alone. */
export async function revealTotps(
  app: App,
  { project_id }: Environment,
  owner_ids: string[],
): Promise<Required<KnownTotp>[]> {
  const totps = await selectVerified(app.store, project_id, owner_ids)
  return totps.map((totp) => ({
    owner_id: totp.owner_id,
    totp_id: totp.totp_id,
    secret: app.keyring.open(secretPurpose, placeOf(totp), totp.sealed_secret),
    recovery_codes: openRecoveryCodes(app, totp).map(({ code }) => code),
  }))
}

function newRecoveryCodes(type: Environment['type']): RecoveryCode[] {
  return Array.from({ length: recoveryCodes }, () => toRecoveryCode(type, newRecoveryCode()))
}

function toRecoveryCode(type: Environment['type'], code: string): RecoveryCode {
  return { totp_recovery_code_id: newId('totp-recovery-code', type), code }
}

/** The app of an owner, verified or waiting for its first code; undefined when there is none. */
export function findTotp(app: App, { project_id }: Environment, owner_id: string): Promise<Totp | undefined> {
  return selectTotp(app.store, project_id, owner_id)
}

/** The app that an owner can use. Refuses with `totp_not_found`, or `expired_totp` when it was not verified in time. */
export async function getUsableTotp(app: App, environment: Environment, owner_id: string): Promise<Totp> {
  const totp = (await findTotp(app, environment, owner_id)) ?? fail('totp_not_found')
  if (!isUsable(totp, app.now())) fail('expired_totp')
  return totp
}

/** Whether an app is verified, or still may be. */
export function isUsable({ verified, expires_at }: Totp, now: number): boolean {
  return verified || expires_at > now
}

/**
 * Redeems a six-digit code: `right` once, and the app is verified then; `used` when its 30 seconds or later ones have been
 * redeemed before (RFC 6238 §5.2); `wrong` otherwise. Belongs into the transaction of what it proves.
 */
export async function consumeTotpCode(app: App, totp: Totp, code: string): Promise<'right' | 'used' | 'wrong'> {
  const secret = app.keyring.open(secretPurpose, placeOf(totp), totp.sealed_secret)
  const step = matchTotp(secret, code, app.now())
  if (step === undefined) return 'wrong'
  return (await raiseLastStep(app.store, totp, step)) ? 'right' : 'used'
}

/**
 * Redeems a recovery code, as `plainRecoveryCode` reads it, which then is gone; undefined when it is none of those left.
 * Tells how many remain. Refuses with `recovery_codes_not_found` when none are left. Belongs into the transaction of what it
 * proves.
 */
export async function consumeRecoveryCode(
  app: App,
  totp: Totp,
  code: string,
): Promise<(RecoveryCode & { remaining: number }) | undefined> {
  const codes = openRecoveryCodes(app, totp)
  if (codes.length === 0) fail('recovery_codes_not_found')
  // All are compared, so the answer takes the same time whichever it is.
  const [right] = codes.filter((one) => sameHash(plainRecoveryCode(one.code), code))
  if (!right) return undefined
  const left = codes.filter((one) => one !== right)
  await replaceRecoveryCodes(app, totp, left)
  return { ...right, remaining: left.length }
}

/** Makes all recovery codes of an app void, and ten new ones; belongs into a transaction. */
export async function rotateRecoveryCodes(app: App, { type }: Environment, totp: Totp): Promise<string[]> {
  const codes = newRecoveryCodes(type)
  await replaceRecoveryCodes(app, totp, codes)
  return codes.map(({ code }) => code)
}

async function replaceRecoveryCodes(app: App, totp: Totp, codes: RecoveryCode[]): Promise<void> {
  const sealed_recovery_codes = sealRecoveryCodes(app, totp, codes)
  if (!(await updateSealed(app.store, { ...totp, sealed_recovery_codes }))) throw new WriteConflict()
}

/** The recovery codes of an app that have not been used. */
export function openRecoveryCodes(app: App, totp: SealedTotp): RecoveryCode[] {
  return JSON.parse(app.keyring.open(codesPurpose, placeOf(totp), totp.sealed_recovery_codes)) as RecoveryCode[]
}

/** Removes the app of an owner, or several, with its recovery codes; belongs into the transaction that demands it. */
export function removeTotp(app: App, { project_id }: Environment, owner_id: string | string[]): Promise<void> {
  return deleteTotpOf(app.store, project_id, owner_id)
}

/** Seals all secrets and recovery codes under the current master key that are not yet, and returns how many apps they are of. */
export async function resealTotps(app: App, batchSize: number): Promise<number> {
  let resealed = 0
  let last: SealedTotp | undefined
  do {
    const totps = await selectSealed(app.store, last, batchSize)
    const outdated = totps.filter((totp) => !isCurrent(app, totp))
    await app.transaction(async (app) => {
      for (const { project_id, owner_id } of outdated) await resealTotp(app, project_id, owner_id)
    })
    resealed += outdated.length
    last = totps.at(-1)
  } while (last)
  return resealed
}

/** Reads the row anew and writes it only as it was read: a recovery code used meanwhile must not come back. */
async function resealTotp(app: App, project_id: string, owner_id: string): Promise<void> {
  const totp = await selectTotp(app.store, project_id, owner_id)
  if (!totp) return
  const secret = app.keyring.open(secretPurpose, placeOf(totp), totp.sealed_secret)
  const sealed = seal(app, totp, secret, openRecoveryCodes(app, totp))
  if (!(await updateSealed(app.store, { ...totp, ...sealed }))) throw new WriteConflict()
}

const secretPurpose = 'totp secret'
const codesPurpose = 'totp recovery codes'

function placeOf({ project_id, totp_id }: Pick<Totp, 'project_id' | 'totp_id'>): string {
  return `${project_id} ${totp_id}`
}

function seal(app: App, place: Pick<Totp, 'project_id' | 'totp_id'>, secret: string, codes: RecoveryCode[]) {
  return {
    sealed_secret: app.keyring.seal(secretPurpose, placeOf(place), secret),
    sealed_recovery_codes: sealRecoveryCodes(app, place, codes),
  }
}

function sealRecoveryCodes(app: App, place: Pick<Totp, 'project_id' | 'totp_id'>, codes: RecoveryCode[]): string {
  return app.keyring.seal(codesPurpose, placeOf(place), JSON.stringify(codes))
}

function isCurrent(app: App, { sealed_secret, sealed_recovery_codes }: SealedTotp): boolean {
  return app.keyring.isCurrent(sealed_secret) && app.keyring.isCurrent(sealed_recovery_codes)
}
