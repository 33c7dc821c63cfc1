/** An attempt to sign in that may fail: what a failure leaves behind (a count, a lock) is committed before it is answered. */
import { type ErrorType, fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { Owner } from './account.ts'
import { countFailedAttempt } from './lock.ts'

/** A failed attempt on its way out of its transaction, which commits. */
class Failed {
  readonly error_type: ErrorType
  constructor(error_type: ErrorType) {
    this.error_type = error_type
  }
}

/** The outcome of an attempt; `failedAttempt` makes the other one. */
export type Outcome<T> = T | Failed

/**
 * Runs an attempt in one transaction. When it returns what `failedAttempt` made, the transaction commits and the call is
 * refused then; whatever it throws undoes everything.
 */
export async function attempt<T>(app: App, work: (app: App) => Promise<Outcome<T>>): Promise<T> {
  const outcome = await app.transaction(work)
  if (outcome instanceof Failed) fail(outcome.error_type)
  return outcome as T
}

/**
 * A failed attempt of a user, a member or an address, counted towards the lock. `counts: false` for what tells of no attack,
 * such as a code that was right once.
 */
export async function failedAttempt(
  app: App,
  environment: Environment,
  owner: Owner,
  error_type: ErrorType,
  { counts }: { counts: boolean } = { counts: true },
): Promise<Failed> {
  if (counts) await countFailedAttempt(app, environment, owner)
  return new Failed(error_type)
}
