/** One-time passcodes: six digits that prove a phone number or an email address (reference: consumer.md §3.3; README "OTP, both verticals"). */
import { randomInt, randomUUID } from 'node:crypto'
import { sameHash } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import { MINUTE } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Attributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import {
  consumeCodeRow,
  countFailure,
  deleteCodes,
  deleteCodesOf,
  insertCode,
  selectCodes,
  supersedeCodes,
} from './table.ts'

/** Wrong tries after which a code is void. */
export const tries = 5

export type CodeDetails = { channel: 'sms' | 'whatsapp' | 'email'; attributes: Attributes }

export type OneTimeCode = {
  project_id: string
  code_id: string
  /** Whose it is. */
  owner_id: string
  /** What it proves: an `email_id`, a `phone_id`, or the address of a discovery. */
  method_id: string
  code_hash: string
  failures: number
  details: CodeDetails
  created_at: number
  expires_at: number
  superseded_at: number | null
  used_at: number | null
}

/** Refuses with `invalid_code` what is not six digits. */
export function checkCodeForm(code: string): void {
  if (!/^[0-9]{6}$/.test(code)) fail('invalid_code')
}

/** Makes a code for a method and returns its six digits; codes made for the method before are superseded. */
export async function issueOneTimeCode(
  app: App,
  { project_id }: Environment,
  given: Pick<OneTimeCode, 'owner_id' | 'method_id' | 'details'> & { minutes: number },
): Promise<string> {
  const { minutes, ...rest } = given
  const now = app.now()
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  const code_id = randomUUID()
  await supersedeCodes(app.store, project_id, rest.method_id, now)
  await insertCode(app.store, {
    ...rest,
    project_id,
    code_id,
    code_hash: hashCode(app, project_id, code_id, code),
    failures: 0,
    created_at: now,
    expires_at: now + minutes * MINUTE,
    superseded_at: null,
    used_at: null,
  })
  return code
}

/**
 * Finds out what a code is worth. `live`: it is the right one and can be redeemed. `spent`: it was right once, and was used,
 * superseded, voided or has expired. `wrong`: it counts as a failed try of the living code, if there is one.
 */
export async function checkOneTimeCode(
  app: App,
  { project_id }: Environment,
  method_id: string,
  code: string,
): Promise<{ verdict: 'live' | 'spent'; code: OneTimeCode } | { verdict: 'wrong' }> {
  const now = app.now()
  const codes = await selectCodes(app.store, project_id, method_id)
  const right = codes.filter((one) => sameHash(one.code_hash, hashCode(app, project_id, one.code_id, code)))
  const living = codes.find((one) => isLive(one, now))
  // Chance may have made the same digits before.
  if (living && right.includes(living)) return { verdict: 'live', code: living }
  if (right[0]) return { verdict: 'spent', code: right[0] }
  if (living) await countFailure(app.store, living)
  return { verdict: 'wrong' }
}

/** Redeems a code; false when it is not live any more or somebody was first. Belongs into the transaction of what it proves. */
export function consumeOneTimeCode(app: App, code: OneTimeCode): Promise<boolean> {
  return consumeCodeRow(app.store, code, tries, app.now())
}

/** Takes all codes of an owner, or several, back, or those of one method. */
export function revokeOneTimeCodes(
  app: App,
  { project_id }: Environment,
  owner_id: string | string[],
  method_id?: string,
): Promise<void> {
  return deleteCodesOf(app.store, project_id, owner_id, method_id)
}

/** Removes at most `limit` codes that expired before that time and returns how many. */
export function purgeOneTimeCodes(app: App, time: number, limit: number): Promise<number> {
  return deleteCodes(app.store, time, limit)
}

function isLive({ used_at, superseded_at, expires_at, failures }: OneTimeCode, now: number): boolean {
  return used_at === null && superseded_at === null && expires_at > now && failures < tries
}

/** Six digits are guessed in no time once their hash is known, so it is keyed by the master key. */
function hashCode(app: App, project_id: string, code_id: string, code: string): string {
  return app.keyring.mac('one-time code', `${project_id} ${code_id} ${code}`)
}
