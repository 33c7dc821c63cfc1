/** What every domain verb receives first: the parts of the running server it may use. */

import type { Keyring } from '../crypto/keyring.ts'
import type { KeyPair, SigningAlgorithm } from '../crypto/signing.ts'
import type { Channel } from '../delivery/message.ts'
import type { Transports } from '../delivery/transport.ts'
import type { DeliverySettings } from '../delivery/transports.ts'
import type { KeySets } from '../net/jwks.ts'
import type { Outbound } from '../net/outbound.ts'
import type { Lane } from '../store/lane.ts'
import type { Store } from '../store/store.ts'
import type { Limits } from '../values/limit.ts'
import type { Environment } from './configuration/environment.ts'
import type { Use } from './limits/limit.ts'
import type { PasswordWork } from './passwords/work.ts'
import type { LookUp, MemberSession, UserSession } from './sessions/held.ts'
import type { JwtReuse, ProvenJwts } from './sessions/jwt.ts'
import type { Touch } from './sessions/table.ts'

/** Structured logging, most severe first; the fields come before the sentence. */
export type Log = {
  error(fields: object, sentence: string): void
  warn(fields: object, sentence: string): void
  info(fields: object, sentence: string): void
  debug(fields: object, sentence: string): void
}

export type App = {
  settings: {
    jwt_reuse_seconds: number
    error_docs_base: string
    metrics: 'loopback' | 'all'
    requests_at_once: number
    session_retention_days: number
    event_retention_days: number
    limits: Limits
    delivery: Pick<DeliverySettings, 'test_inbox' | 'message_retention_hours' | 'email_domains'>
  }
  /** The only clock: milliseconds since the epoch. */
  now(): number
  /** The request this App value serves, for the audit trail; undefined outside requests. */
  request_id: string | undefined
  store: Store
  keyring: Keyring
  outbound: Outbound
  /** Hands messages over to who carries them; a channel without a transport is missing. */
  transports: Transports
  /** What became of the attempts to send, since the process began. */
  deliveries: Map<Channel, Record<'sent' | 'retried' | 'failed', number>>
  /** Tells the dispatcher that a message waits; after the commit of the transaction, if there is one. */
  wake_dispatcher(): void
  /** The base URL under which people reach this server, without a slash at its end. */
  public_url(): string
  key_sets: KeySets
  log: Log
  /** Makes a key pair; tests hand out prepared ones. */
  new_key_pair(algorithm: SigningAlgorithm): Promise<KeyPair>
  /**
   * The validated configuration of an environment; undefined when there is none of that id. `version` is one that the store
   * told since the question came up, if it was asked anyway.
   */
  environment(project_id: string, version?: number): Promise<Environment | undefined> | Environment
  /** Look-ups that concurrent requests share; never used inside a transaction. */
  lookups: {
    session: LookUp<UserSession['owner']>
    member_session: LookUp<MemberSession['owner']>
  }
  /** Searches take turns here: they may read every row of an environment. Fair between environments. */
  searches: Lane
  /** Joins the group commit of session accesses; tells whether the session was still alive. At once when there is no news. */
  touches(touch: Touch): Promise<boolean> | true
  /** Counts requests of the same moment together; tells how many the period has had. */
  requests(use: Use): Promise<number>
  jwt_reuse: JwtReuse
  proven_jwts: ProvenJwts
  /** Hashing passwords, estimating them, asking about breaches: bounded, and never done inside a transaction. */
  passwords: PasswordWork
  /** Work that nobody waits for; its failure is logged, and closing the app waits for it. */
  later(name: string, work: () => Promise<unknown>): void
  /** Runs `work` in one transaction; the verbs it calls with the App it is given take part. */
  transaction<T>(work: (app: App) => Promise<T>): Promise<T>
}
