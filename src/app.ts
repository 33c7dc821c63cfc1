/** Builds the one App value from configuration, store and keys, and takes it down again. */
import { LRUCache } from 'lru-cache'
import type { Config } from './config.ts'
import type { Keyring } from './crypto/keyring.ts'
import { newKeyPair } from './crypto/signing.ts'
import { createTransports } from './delivery/transports.ts'
import type { App, Log } from './domain/app.ts'
import { configurationCache } from './domain/configuration/cache.ts'
import { countRequests, type Use } from './domain/limits/limit.ts'
import { passwordWork } from './domain/passwords/work.ts'
import { sessionAccesses } from './domain/sessions/accesses.ts'
import { heldMemberSessions, heldUserSessions } from './domain/sessions/held.ts'
import { createKeySets } from './net/jwks.ts'
import { createOutbound } from './net/outbound.ts'
import { batch } from './store/batch.ts'
import { lane } from './store/lane.ts'
import { retryConflicts, type Store } from './store/store.ts'
import { SECOND } from './values/time.ts'

export type Parts = {
  config: Config
  store: Store
  keyring: Keyring
  log: Log
  /** Milliseconds since the epoch; the development clock moves it. */
  now: () => number
  new_key_pair?: App['new_key_pair']
}

export type RunningApp = {
  app: App
  /** Tells where the server listens, which is its public URL unless another one is configured. */
  listensAt(url: string): void
  /** Has `wake` called whenever a message was queued. */
  onQueued(wake: () => void): void
  close: () => Promise<void>
}

/** Joins the parts. `close` waits for background work and closes the transports; it does not close the store. */
export function buildApp({ config, store, keyring, log, now, new_key_pair = newKeyPair }: Parts): RunningApp {
  const outbound = createOutbound({ allow: config.outbound_allow })
  const transports = createTransports(config.delivery, { outbound, now })
  let wake = () => {}
  const background = new Set<Promise<unknown>>()
  let public_url = config.public_url ?? `${config.tls ? 'https' : 'http'}://${config.host}:${config.port}`

  const app: App = {
    settings: config,
    now,
    request_id: undefined,
    store,
    keyring,
    outbound,
    transports,
    deliveries: new Map(),
    wake_dispatcher: () => wake(),
    public_url: () => public_url,
    key_sets: createKeySets({ outbound, now }),
    log,
    new_key_pair,
    environment: configurationCache(store, () => app),
    lookups: {
      session: heldUserSessions(store, config.session_cache),
      member_session: heldMemberSessions(store, config.session_cache),
    },
    touches: sessionAccesses(store),
    requests: batch((uses: Use[]) => retryConflicts(() => countRequests(store, uses)), {
      width: 2,
      most: 1000,
      crowd: Number.POSITIVE_INFINITY,
    }),
    searches: lane({ width: 2, longest_queue: 400, longest_wait: config.queue_wait_seconds * SECOND }),
    // For sessions of both kinds.
    jwt_reuse: new LRUCache({ max: 2 * config.session_cache }),
    proven_jwts: new LRUCache({ max: 2 * config.session_cache }),
    passwords: passwordWork(config, { outbound, log }),
    later(name, work) {
      const running: Promise<unknown> = work()
        .catch((error: unknown) => log.warn({ err: error }, `Could not ${name}.`))
        .finally(() => background.delete(running))
      background.add(running)
    },
    async transaction(work) {
      let queued = false
      const wake_dispatcher = () => {
        queued = true
      }
      const result = await this.store.transaction((store) => work({ ...this, store, wake_dispatcher }))
      if (queued) this.wake_dispatcher()
      return result
    },
  }
  return {
    app,
    listensAt(url) {
      public_url = config.public_url ?? url
    },
    onQueued(callback) {
      wake = callback
    },
    async close() {
      await Promise.all(background)
      for (const transport of new Set(Object.values(transports))) transport.close?.()
    },
  }
}
