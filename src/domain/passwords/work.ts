/** What takes long about passwords: hashing, estimating, asking about breaches. Each is bounded, so that a flood of logins leaves room. */
import { randomUUID } from 'node:crypto'
import { isHeavy, type PasswordHash } from '../../crypto/passwords/hash.ts'
import type { Outbound } from '../../net/outbound.ts'
import { type Lane, lane } from '../../store/lane.ts'
import type { BreachSource } from '../../values/breach_source.ts'
import { SECOND } from '../../values/time.ts'
import type { Log } from '../app.ts'
import { breachCheck } from './breach.ts'
import { hashing } from './hashing.ts'
import { type Estimate, zxcvbn } from './zxcvbn.ts'

/** What takes turns is fair between environments, so it is told for which of them it is. */
export type PasswordWork = {
  /** Refuses when no password of the environment can have its turn soon, before anything is looked up for it. */
  check(project_id: string): void
  hash(project_id: string, password: string): Promise<PasswordHash>
  /** Whether it is the password; one that is not stored is not, and takes as long as one that is. */
  verify(project_id: string, stored: PasswordHash | undefined, password: string): Promise<boolean>
  /** Estimates a password; `inputs` are words that an attacker would try first, such as the name of the person. */
  estimate(project_id: string, password: string, inputs: string[]): Promise<Estimate>
  isBreached(password: string): Promise<boolean>
  lanes: Record<'password_hashes' | 'heavy_password_hashes' | 'password_estimates', Lane>
}

export type PasswordWorkSettings = {
  /** How many passwords are hashed at once; each takes a thread and 19 MiB. */
  password_hash_concurrency: number
  /** How many may wait for that, and for estimates. */
  password_hash_queue: number
  /** How long anything may wait for its turn. */
  queue_wait_seconds: number
  breach_source: BreachSource
}

/**
 * Makes them. Hashing takes turns: it shares cores with the event loop and the signatures of session JWTs, and memory must be
 * bounded. Imported hashes that need more memory than ours go one at a time.
 */
export function passwordWork(
  { password_hash_concurrency, password_hash_queue, queue_wait_seconds, breach_source }: PasswordWorkSettings,
  parts: { outbound: Outbound; log: Log },
): PasswordWork {
  const queue = { longest_queue: password_hash_queue, longest_wait: queue_wait_seconds * SECOND }
  const lanes = {
    // One runs in each thread and the next is there already, so that none waits for the event loop between two of them.
    password_hashes: lane({ width: password_hash_concurrency * 2, ...queue }),
    heavy_password_hashes: lane({ width: 1, ...queue }),
    password_estimates: lane({ width: 1, ...queue }),
  }
  const threads = hashing(password_hash_concurrency)
  const estimator = zxcvbn()
  const hash = (project_id: string, password: string) =>
    lanes.password_hashes.run(project_id, () => threads.hash(password))
  const verify = (project_id: string, stored: PasswordHash, password: string) => {
    const work = () => lanes.password_hashes.run(project_id, () => threads.verify(stored, password))
    return isHeavy(stored) ? lanes.heavy_password_hashes.run(project_id, work) : work()
  }
  let nobodys: PasswordHash | undefined
  return {
    check: lanes.password_hashes.check,
    hash,
    async verify(project_id, stored, password) {
      if (stored) return verify(project_id, stored, password)
      nobodys ??= await hash(project_id, randomUUID())
      await verify(project_id, nobodys, password)
      return false
    },
    estimate: (project_id, password, inputs) =>
      lanes.password_estimates.run(project_id, () => estimator(password, inputs)),
    isBreached: breachCheck(breach_source, parts),
    lanes,
  }
}
