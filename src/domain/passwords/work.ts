/** What takes long about passwords: hashing, estimating, asking about breaches. Each is bounded, so that a flood of logins leaves room. */
import { randomUUID } from 'node:crypto'
import { hashPassword, isHeavy, type PasswordHash, verifyPassword } from '../../crypto/passwords/hash.ts'
import type { Outbound } from '../../net/outbound.ts'
import { lane } from '../../store/lane.ts'
import type { BreachSource } from '../../values/breach_source.ts'
import type { Log } from '../app.ts'
import { breachCheck } from './breach.ts'
import { type Zxcvbn, zxcvbn } from './zxcvbn.ts'

export type PasswordWork = {
  hash(password: string): Promise<PasswordHash>
  /** Whether it is the password; one that is not stored is not, and takes as long as one that is. */
  verify(stored: PasswordHash | undefined, password: string): Promise<boolean>
  estimate: Zxcvbn
  isBreached(password: string): Promise<boolean>
}

export type PasswordWorkSettings = {
  /** How many passwords are hashed at once; each takes a thread of the pool and 19 MiB. */
  password_hash_concurrency: number
  /** How many may wait for that; more are refused with `server_unavailable`. */
  password_hash_queue: number
  breach_source: BreachSource
}

/**
 * Makes them. Hashing takes turns: it shares the thread pool with the signatures of session JWTs, and memory must be
 * bounded. Imported hashes that need more memory than ours go one at a time.
 */
export function passwordWork(
  { password_hash_concurrency, password_hash_queue, breach_source }: PasswordWorkSettings,
  parts: { outbound: Outbound; log: Log },
): PasswordWork {
  const turn = lane(password_hash_concurrency, password_hash_queue)
  const heavyTurn = lane(1, password_hash_queue)
  const hash = (password: string) => turn(() => hashPassword(password))
  const verify = (stored: PasswordHash, password: string) => {
    const work = () => turn(() => verifyPassword(stored, password))
    return isHeavy(stored) ? heavyTurn(work) : work()
  }
  let nobodys: PasswordHash | undefined
  return {
    hash,
    async verify(stored, password) {
      if (stored) return verify(stored, password)
      nobodys ??= await hash(randomUUID())
      await verify(nobodys, password)
      return false
    },
    estimate: zxcvbn(),
    isBreached: breachCheck(breach_source, parts),
  }
}
