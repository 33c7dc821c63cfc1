/** Verifying somebody's password, whoever they are: in rounds, because it takes a while and happens outside of transactions. */
import { needsRehash } from '../../crypto/passwords/hash.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { type AcceptedPassword, acceptAtLogin, acceptNewPassword, checkLength } from '../passwords/acceptance.ts'
import { renewPassword, type StoredPassword } from '../passwords/password.ts'
import type { Owner } from './account.ts'
import { attempt, failedAttempt, type Outcome } from './attempt.ts'
import { refuseLocked } from './lock.ts'

/** What every password operation adds to the session. */
export const passwordProof = { type: 'password', delivery_method: 'knowledge' } as const

/** Somebody with their password. Failures are counted for the owner, or for whom `counted` says. */
export type Verified<O extends Owner> = { owner: O; stored: StoredPassword; counted?: Owner }

/** Whose password it would be; `owner` without one is whom a failure is counted for. */
export type Candidate<O extends Owner> = Verified<O> | { owner: Owner; stored: undefined; counted?: undefined }

/** How one kind of people is found and held, and what a password of theirs means. */
export type Kind<O extends Owner> = {
  /** Looks somebody up anew, without a transaction; may refuse. */
  find(app: App): Promise<Candidate<O>>
  /**
   * Somebody as of now, held until the transaction ends; undefined when they are not meant any more. Reads after it has held: a
   * lock that was committed while this one waited for its turn must be seen.
   */
  hold(app: App, owner: Candidate<O>['owner']): Promise<Candidate<O> | undefined>
  /** Whether the password has to be reset before it counts again. */
  mustReset(verified: Verified<O>): boolean
  /** Makes it so. */
  requireReset(app: App, verified: Verified<O>): Promise<unknown>
  /** What a right password is refused with that has to be reset. */
  refusal: 'reset_password' | 'member_reset_password'
  /** The words about somebody that a password should not be made of. */
  wordsAbout(owner: O): string[]
}

/** How often an attempt begins again because the password was replaced while it was verified. */
const most_rounds = 5

/**
 * Verifies a password and goes on with `work`. Everything begins again when the password was replaced meanwhile: `work` tells so
 * by returning undefined. Who has none, or is not known, takes as long as anybody. A wrong password is counted in a transaction
 * of its own; the lock is looked at before and after. Refuses as `find` does, with `user_lock_limit_reached` and
 * `unauthorized_credentials`.
 */
async function withVerifiedPassword<O extends Owner, T>(
  app: App,
  environment: Environment,
  kind: Kind<O>,
  password: string,
  work: (verified: Verified<O>) => Promise<T | undefined>,
): Promise<T> {
  checkLength(password)
  app.passwords.check(environment.project_id)
  for (let round = 0; round < most_rounds; round++) {
    const candidate = await kind.find(app)
    refuseLocked(app, countedOf(candidate))
    const isRight = await app.passwords.verify(environment.project_id, candidate.stored, password)
    if (candidate.stored && isRight) {
      const result = await work(candidate)
      if (result !== undefined) return result
    } else await countWrongPassword(app, environment, kind, candidate)
  }
  // Somebody replaces the password again and again.
  fail('server_unavailable')
}

/**
 * Verifies a password that somebody logs in with and finishes with `finish`, in the transaction in which its owner is held.
 * Refuses as `withVerifiedPassword` does, and a right password that must be reset, or is not accepted any more, by the kind's
 * refusal. A breached password stays breached, whatever the environment asks for later.
 */
export function loggingIn<O extends Owner, T>(
  app: App,
  environment: Environment,
  kind: Kind<O>,
  password: string,
  finish: (app: App, owner: O) => Promise<T>,
): Promise<T> {
  return withVerifiedPassword(app, environment, kind, password, async (verified) => {
    const { owner, stored } = verified
    const refuse = (isBreached: boolean) => refuseUntilReset(app, environment, kind, verified, isBreached)
    if (kind.mustReset(verified)) return refuse(false)
    const acceptance = await acceptAtLogin(app, environment, stored, password, kind.wordsAbout(owner))
    if (acceptance.verdict !== 'accepted') return refuse(acceptance.verdict === 'breached')
    const { accepted_by } = acceptance
    const hash = needsRehash(stored, password) ? await app.passwords.hash(environment.project_id, password) : undefined
    return app.transaction(async (app) => {
      const current = await holdUnlocked(app, kind, verified)
      if (!current) return undefined
      if (kind.mustReset(current)) fail(kind.refusal)
      await renewPassword(app, stored, { hash, accepted_by })
      return finish(app, current.owner)
    })
  })
}

/**
 * Lets somebody replace a password that they know: checks and hashes the new one, and finishes with `finish` in the transaction in
 * which its owner is held, and before them what `hold` holds. Refuses as `withVerifiedPassword` does, with
 * `cannot_reset_password_with_existing_password` one that must be reset by email, and as a new password is refused.
 */
export async function replacingPassword<O extends Owner, Held, T>(
  app: App,
  environment: Environment,
  kind: Kind<O>,
  { existing_password, new_password }: { existing_password: string; new_password: string },
  {
    hold,
    finish,
  }: {
    hold: (app: App, owner: O) => Promise<Held>
    finish: (app: App, owner: O, accepted: AcceptedPassword, held: Held) => Promise<T>
  },
): Promise<T> {
  checkLength(existing_password, 'existing_password')
  checkLength(new_password, 'new_password')
  return withVerifiedPassword(app, environment, kind, existing_password, async (verified) => {
    const known = await app.transaction((app) => holdUnlocked(app, kind, verified))
    if (!known) return undefined
    refuseMustReset(kind, known)
    const accepted = await acceptNewPassword(app, environment, new_password, kind.wordsAbout(known.owner))
    return app.transaction(async (app) => {
      const held = await hold(app, verified.owner)
      const current = await holdUnlocked(app, kind, verified)
      if (!current) return undefined
      // The owner of the address may have proven it meanwhile, so that the password counts as somebody else's.
      refuseMustReset(kind, current)
      return finish(app, current.owner, accepted, held)
    })
  })
}

function refuseMustReset<O extends Owner>(kind: Kind<O>, verified: Verified<O>): void {
  if (kind.mustReset(verified)) fail('cannot_reset_password_with_existing_password')
}

/** Refuses a right password, unless its owner was locked meanwhile; undefined when it was replaced. */
function refuseUntilReset<O extends Owner>(
  app: App,
  environment: Environment,
  kind: Kind<O>,
  verified: Verified<O>,
  isBreached: boolean,
): Promise<undefined> {
  return attempt(app, async (app): Promise<Outcome<undefined>> => {
    const current = await holdUnlocked(app, kind, verified)
    if (!current) return undefined
    if (isBreached) await kind.requireReset(app, current)
    return failedAttempt(app, environment, countedOf(current), kind.refusal, { counts: false })
  })
}

/** Counts and refuses a wrong password; returns when it was replaced meanwhile, so that it may be right now. */
function countWrongPassword<O extends Owner>(
  app: App,
  environment: Environment,
  kind: Kind<O>,
  candidate: Candidate<O>,
): Promise<undefined> {
  return attempt(app, async (app): Promise<Outcome<undefined>> => {
    const current = await kind.hold(app, candidate.owner)
    if (!current || current.stored?.hash !== candidate.stored?.hash) return undefined
    refuseLocked(app, countedOf(current))
    return failedAttempt(app, environment, countedOf(current), 'unauthorized_credentials')
  })
}

/**
 * Somebody as of now, held; undefined when they have gone or have another password by now. Refuses who is locked: whatever tells
 * that a password was right comes after this, otherwise many guesses at once would tell more than as many in a row.
 */
async function holdUnlocked<O extends Owner>(
  app: App,
  kind: Kind<O>,
  { owner, stored }: Verified<O>,
): Promise<Verified<O> | undefined> {
  const current = await kind.hold(app, owner)
  if (current?.stored?.hash !== stored.hash) return undefined
  refuseLocked(app, countedOf(current as Verified<O>))
  return current as Verified<O>
}

function countedOf({ owner, counted }: Candidate<Owner>): Owner {
  return counted ?? owner
}
