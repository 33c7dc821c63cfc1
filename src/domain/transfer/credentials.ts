/** Passwords and authenticator apps of records: read, stored for those who are new, and written for an export. */
import { describeHash } from '../../crypto/passwords/exported.ts'
import type { PasswordHash } from '../../crypto/passwords/hash.ts'
import { parseImportedHash } from '../../crypto/passwords/imported.ts'
import { parseRecoveryCode } from '../../crypto/recovery_codes.ts'
import { newId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { addPasswords, findPasswords, type StoredPassword } from '../passwords/password.ts'
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
  const passwords = owners.flatMap(({ owner_id, credentials: { password } }) => {
    if (!password) return []
    const { password_id, hash } = password
    // Users say themselves whether theirs must be reset.
    const requires_reset = environment.vertical === 'B2B' && password.requires_reset
    return [{ project_id, owner_id, password_id, ...hash, accepted_by: '', requires_reset }]
  })
  const totps = owners.flatMap(({ owner_id, credentials: { totp } }) => (totp ? [{ owner_id, ...totp }] : []))
  await addPasswords(app, passwords)
  await addTotps(app, environment, totps)
}

/** Whose credentials are exported. */
export type Holder = {
  owner_id: string
  /** What the password is stored with, where that is not the owner. */
  password_owner?: string
  /** What users say of their passwords; those of members say it themselves. */
  requires_reset?: boolean | undefined
}

/** The credentials of these owners as records have them, by owner. */
export async function exportCredentials(
  app: App,
  environment: Environment,
  holders: Holder[],
): Promise<Map<string, { password?: Password; totp?: Totp }>> {
  const stored = new Map<string, StoredPassword>()
  const places = [...new Set(holders.map(({ owner_id, password_owner = owner_id }) => password_owner))]
  for (const one of await findPasswords(app, environment, places)) stored.set(one.owner_id, one)
  const owner_ids = holders.map(({ owner_id }) => owner_id)
  const totps = new Map((await revealTotps(app, environment, owner_ids)).map((totp) => [totp.owner_id, totp]))
  return new Map(
    holders.map(({ owner_id, password_owner = owner_id, requires_reset }) => {
      const password = stored.get(password_owner)
      const { owner_id: _, ...totp } = totps.get(owner_id) ?? { owner_id }
      return [
        owner_id,
        {
          ...(password && {
            password: described(password, requires_reset ?? password.requires_reset),
          }),
          ...(totps.has(owner_id) && { totp: totp as Totp }),
        },
      ]
    }),
  )
}

function described({ password_id, scheme, hash }: StoredPassword, requires_reset: boolean): Password {
  return { password_id, requires_reset, ...describeHash({ scheme, hash }) } as Password
}
