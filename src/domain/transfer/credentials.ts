/** Passwords and authenticator apps of records: read, stored for those who are new, and written for an export. */
import { describeHash } from '../../crypto/passwords/exported.ts'
import type { PasswordHash } from '../../crypto/passwords/hash.ts'
import { parseImportedHash } from '../../crypto/passwords/imported.ts'
import { parseRecoveryCode } from '../../crypto/recovery_codes.ts'
import { newId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { addPasswords, findPasswords } from '../passwords/password.ts'
import { addTotps, type KnownTotp, revealTotps } from '../proofs/totp/totp.ts'
import { readImportedTotp } from '../signin/member_totp.ts'
import { idHere } from './names.ts'
import type { Findings } from './problem.ts'
import type { Password, Totp } from './record.ts'

/** A password by its hash, with what its owner shows of it. */
export type GivenPassword = { password_id: string; requires_reset: boolean; hash: PasswordHash }
export type GivenTotp = Omit<KnownTotp, 'owner_id'>
export type Credentials = { password: GivenPassword | undefined; totp: GivenTotp | undefined }

/** Reads a password; undefined when there is none, or none that can be kept. */
export function readPassword(
  environment: Environment,
  prefix: 'password' | 'member-password',
  given: Password | undefined,
  findings: Findings,
): GivenPassword | undefined {
  if (!given) return undefined
  // One an address, in all organizations: that is another row than the ones stored here.
  if (environment.vertical === 'B2B' && environment.settings.cross_org_passwords_enabled) {
    const rule = 'this environment has one password an address (cross_org_passwords_enabled)'
    return void findings.add('password', `${rule}, and these cannot be imported yet; leave it out`)
  }
  const hash = findings.check('password', () => parseImportedHash(given.hash_type, given.hash, given))
  const id = idHere(environment, prefix, 'password.password_id', given.password_id, findings)
  const password_id = id ?? newId(prefix, environment.type)
  return hash && { password_id, requires_reset: given.requires_reset ?? false, hash }
}

/** Reads an authenticator app; undefined when there is none, or none that can be kept. */
export function readTotp(
  environment: Environment,
  prefix: 'totp' | 'member-totp',
  given: Totp | undefined,
  findings: Findings,
): GivenTotp | undefined {
  if (!given) return undefined
  const { secret, recovery_codes } = given
  const read = findings.check('totp', () => readImportedTotp({ secret, recovery_codes: recovery_codes ?? [] }))
  const id = idHere(environment, prefix, 'totp.totp_id', given.totp_id, findings)
  const codes = recovery_codes && read?.recovery_codes
  // `totps.recover` reads no others; members may have them in any form.
  if (prefix === 'totp' && codes?.some((code) => parseRecoveryCode(code) === undefined)) {
    findings.add(
      'totp.recovery_codes',
      'those of users have the form xxxx-xxxx-xxxx; leave them out to get ten new ones',
    )
  }
  return read && { totp_id: id ?? newId(prefix, environment.type), secret: read.secret, recovery_codes: codes }
}

/**
 * Stores the credentials of those who were just added with their ids; belongs into the transaction that adds them. Whether a
 * password meets the policy is found out when somebody first logs in with it.
 */
export async function storeCredentials(
  app: App,
  environment: Environment,
  owners: { owner_id: string; credentials: Credentials }[],
): Promise<void> {
  const { project_id } = environment
  const passwords = owners.flatMap(({ owner_id, credentials: { password } }) =>
    password ? [{ project_id, owner_id, password_id: password.password_id, ...password.hash, accepted_by: '' }] : [],
  )
  const totps = owners.flatMap(({ owner_id, credentials: { totp } }) => (totp ? [{ owner_id, ...totp }] : []))
  await addPasswords(app, passwords)
  await addTotps(app, environment, totps)
}

/** The credentials of these owners as records have them, by owner. */
export async function exportCredentials(
  app: App,
  environment: Environment,
  owners: { owner_id: string; password: { requires_reset: boolean } | null }[],
): Promise<Map<string, { password?: Password; totp?: Totp }>> {
  const owner_ids = owners.map(({ owner_id }) => owner_id)
  const passwords = await findPasswords(app, environment, owner_ids)
  const totps = await revealTotps(app, environment, owner_ids)
  const found = new Map<string, { password?: Password; totp?: Totp }>(owner_ids.map((owner_id) => [owner_id, {}]))
  const requires_reset = new Map(owners.map(({ owner_id, password }) => [owner_id, password?.requires_reset ?? false]))
  for (const { owner_id, password_id, scheme, hash } of passwords) {
    const described = { ...describeHash({ scheme, hash }) }
    Object.assign(found.get(owner_id) ?? {}, {
      password: { password_id, requires_reset: requires_reset.get(owner_id), ...described },
    })
  }
  for (const { owner_id, ...totp } of totps) Object.assign(found.get(owner_id) ?? {}, { totp })
  return found
}
