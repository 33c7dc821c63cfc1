/** Everything that is configured from outside, read once at start: one table of environment variables. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { parseMasterKeys } from './crypto/keyring.ts'
import type { Channel } from './delivery/message.ts'
import { parseSender, parseSmtpUrl } from './delivery/smtp.ts'
import type { DeliverySettings } from './delivery/transports.ts'
import { isTwilioSender } from './delivery/twilio.ts'
import { parseWebhookSecret } from './delivery/webhook.ts'
import { type AllowList, parseAllowList } from './net/allow.ts'
import type { BreachSource } from './values/breach_source.ts'
import { isMailDomain } from './values/email.ts'
import type { LimitName, Limits } from './values/limit.ts'

export type PostgresDatabase = {
  engine: 'postgres'
  url: string
  pool: number
  wait_seconds: number
  pooler: 'none' | 'transaction'
}

export type Config = {
  host: string
  port: number
  /** Absolute path of the directory that holds the embedded database, the master key and the first credentials. */
  data_dir: string
  database: { engine: 'sqlite'; path: string } | PostgresDatabase
  /** The keys of `SELVAGE_MASTER_KEY`; undefined when the key is kept in the data directory. */
  master_keys: Buffer[] | undefined
  public_url: string | undefined
  workers: number
  /** How long the server goes on taking requests at shutdown while it is no longer ready. */
  drain_seconds: number
  /** How long requests in flight may take to finish after that. */
  shutdown_seconds: number
  log_level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  dev_clock: boolean
  outbound_allow: AllowList
  tls: { cert: string; key: string } | undefined
  jwt_reuse_seconds: number
  /** How many sessions of users, and as many of members, a process keeps parsed, each with its JWT. */
  session_cache: number
  error_docs_base: string
  /** Who may read `/metrics`. */
  metrics: 'loopback' | 'all'
  session_retention_days: number
  event_retention_days: number
  delivery: DeliverySettings
  limits: Limits
  /** How many requests a process works on at once. */
  requests_at_once: number
  /** How long a password or a search may wait for its turn. */
  queue_wait_seconds: number
  /** How many passwords a process hashes at once, and how many may wait for that. */
  password_hash_concurrency: number
  password_hash_queue: number
  breach_source: BreachSource
}

/** The variable and the default of each limit. */
const limitVariables = {
  email_links: ['SELVAGE_LIMIT_EMAIL_LINKS', '1/1', 'Magic links mailed to one address'],
  email_codes: ['SELVAGE_LIMIT_EMAIL_CODES', '1/1', 'Codes mailed to one address'],
  email_resets: ['SELVAGE_LIMIT_EMAIL_RESETS', '1/1', 'Password resets mailed to one address'],
  phone_number: ['SELVAGE_LIMIT_PHONE_NUMBER', '5/600', 'Messages to one phone number'],
  phone_prefix: ['SELVAGE_LIMIT_PHONE_PREFIX', '100/3600', 'Messages of an environment to one country calling code'],
  totp: ['SELVAGE_LIMIT_TOTP', '10/60', 'Authenticator app and recovery codes tried for one user or member'],
  user_search: ['SELVAGE_LIMIT_USER_SEARCH', '150/60', 'User searches of one environment'],
  password_migrate: ['SELVAGE_LIMIT_PASSWORD_MIGRATE', '100/1', 'Password migrations of one environment'],
  requests: ['SELVAGE_LIMIT_REQUESTS', 'off', 'Requests of one environment, of any kind'],
} as const satisfies Record<LimitName, readonly [name: string, fallback: string, meaning: string]>

/** A value that cannot be used; the sentence names the variable. */
export class ConfigError extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'ConfigError'
  }
}

/** Every variable the server reads: name, default as shown to people, meaning. The README's table repeats it, under test. */
export const variables: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  ['PORT', '3000', 'TCP port of the listener'],
  ['HOST', '127.0.0.1', 'Address of the listener; `0.0.0.0` or `::` for all'],
  ['DATABASE_URL', 'sqlite:<data dir>/selvage.db', '`sqlite:PATH` for the embedded database or `postgres://…`'],
  ['SELVAGE_DATABASE_POOL', '10', 'PostgreSQL connections per process (1–200)'],
  [
    'SELVAGE_DATABASE_WAIT_SECONDS',
    '5',
    'How long a request waits for a PostgreSQL connection before it is refused with 503 (1–600)',
  ],
  [
    'SELVAGE_DATABASE_POOLER',
    'none',
    '`transaction` when DATABASE_URL leads to PgBouncer or another pooler in transaction mode',
  ],
  ['SELVAGE_DATA_DIR', './data', 'Directory of the embedded database, the master key and the first credentials'],
  [
    'SELVAGE_MASTER_KEY',
    '<data dir>/master.key',
    '32 bytes in base64 or hex; several, separated by commas, to rotate: the first seals, all open',
  ],
  [
    'SELVAGE_PUBLIC_URL',
    'http://HOST:PORT',
    'Base URL under which people reach this server: links in messages begin with it',
  ],
  ['SELVAGE_WORKERS', '1', 'Processes that share the port (1–64; more than one on PostgreSQL only)'],
  [
    'SELVAGE_DRAIN_SECONDS',
    '0',
    'How long at shutdown requests are still taken while `/readyz` already refuses, so that load balancers turn away (0–600)',
  ],
  ['SELVAGE_SHUTDOWN_SECONDS', '10', 'How long requests in flight may take to finish at shutdown (0–600)'],
  ['SELVAGE_LOG_LEVEL', 'info', '`debug` (every request), `info` (refusals too), `warn`, `error` or `silent`'],
  ['SELVAGE_METRICS', 'loopback', 'Who may read `/metrics`: callers on this machine (`loopback`) or `all`'],
  ['SELVAGE_TLS_CERT', '', 'PEM file of the certificate chain; with `SELVAGE_TLS_KEY` the listener speaks https'],
  ['SELVAGE_TLS_KEY', '', 'PEM file of the private key'],
  [
    'SELVAGE_OUTBOUND_ALLOW',
    '',
    'Addresses, CIDRs or hosts (each with an optional `:port`) that outgoing calls may reach although private or plain http',
  ],
  [
    'SELVAGE_SESSION_CACHE',
    '10000',
    'Sessions of users, and as many of members, that a process remembers parsed, at about six kilobytes each (100–1000000)',
  ],
  ['SELVAGE_JWT_REUSE_SECONDS', '10', 'How long an unchanged session JWT is handed out again (0–240; 0 always signs)'],
  ['SELVAGE_SESSION_RETENTION_DAYS', '7', 'How long ended sessions are kept before they are purged (0–3650)'],
  ['SELVAGE_EVENT_RETENTION_DAYS', '365', 'How long audit events are kept before they are purged (1–36500)'],
  [
    'SELVAGE_SMTP_URL',
    '',
    'Mail server: `smtp://user:password@host:port` (STARTTLS; plain with `?tls=off` and to this machine) or `smtps://…`',
  ],
  ['SELVAGE_EMAIL_FROM', '', 'Sender of email, `Name <address>`; without a name, each project’s own'],
  [
    'SELVAGE_EMAIL_DOMAINS',
    '',
    'Domains, separated by commas, that email templates may be from, beside that of `SELVAGE_EMAIL_FROM`; unset: any in test environments',
  ],
  ['SELVAGE_TWILIO_ACCOUNT_SID', '', 'Account that sends SMS and WhatsApp messages'],
  ['SELVAGE_TWILIO_AUTH_TOKEN', '', 'Its secret'],
  ['SELVAGE_TWILIO_FROM', '', 'Sender of SMS: number, short code, name, or messaging service (`MG…`); unset: no SMS'],
  ['SELVAGE_TWILIO_WHATSAPP_FROM', '', 'Sender of WhatsApp messages: number or messaging service; unset: no WhatsApp'],
  ['SELVAGE_TWILIO_WHATSAPP_CONTENT_SID', '', 'Approved WhatsApp template (`HX…`) whose variable `1` is the code'],
  ['SELVAGE_TWILIO_BASE_URL', 'https://api.twilio.com', 'Base URL of a vendor that speaks the same API'],
  ['SELVAGE_MESSAGE_WEBHOOK_URL', '', 'Where to `POST` messages, signed, for any other vendor'],
  ['SELVAGE_MESSAGE_WEBHOOK_SECRET', '', '`whsec_` and 24 to 64 bytes in base64, with which they are signed'],
  [
    'SELVAGE_MESSAGE_WEBHOOK_CHANNELS',
    '',
    'Which of `email`, `sms`, `whatsapp` the webhook takes; unset: those that nothing else sends',
  ],
  ['SELVAGE_MESSAGE_RETENTION_HOURS', '72', 'How long records of messages are kept, the test inbox too (1–8760)'],
  [
    'SELVAGE_TEST_INBOX',
    'auto',
    'Test environments keep messages in the inbox where nothing would send them (`auto`), or `always`',
  ],
  ['SELVAGE_ERROR_DOCS_BASE', 'https://stytch.com/docs', 'Base of the `error_url` in refusals'],
  ...Object.values(limitVariables).map(
    ([name, fallback, meaning]) => [name, fallback, `${meaning}: count/seconds, or \`off\``] as const,
  ),
  [
    'SELVAGE_REQUESTS_AT_ONCE',
    '1000',
    'Requests that a process works on at once (10–100000), shared fairly between projects; more are refused with 429 or 503',
  ],
  [
    'SELVAGE_QUEUE_WAIT_SECONDS',
    '5',
    'How long a login by password or a search may wait for its turn (1–60); it is refused at once when it would be longer',
  ],
  [
    'SELVAGE_PASSWORD_HASH_CONCURRENCY',
    'cores − 1',
    'Passwords that a process hashes at once (1–64), at 19 MiB each; by default one less than its share of the cores, but one at least',
  ],
  [
    'SELVAGE_PASSWORD_HASH_QUEUE',
    '200',
    'Logins that may wait for that in a process (0–100000), shared fairly between environments; more are refused with 429 or 503',
  ],
  [
    'SELVAGE_BREACH_CHECK',
    'off',
    'Who knows breached passwords: URL of a Have I Been Pwned range API, `file:PATH` of a downloaded list, or `off`',
  ],
  ['SELVAGE_DEV_CLOCK', '', '`1` serves `POST /dev/clock`, which moves the clock; for tests and local work only'],
]

/** Reads the configuration. Throws `ConfigError` for the first value that cannot be used. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const value = (name: string) => env[name]?.trim() || undefined
  const data_dir = resolve(value('SELVAGE_DATA_DIR') ?? 'data')
  const workers = whole(env, 'SELVAGE_WORKERS', 1, 1, 64)
  const database = readDatabase(env, data_dir)
  const dev_clock = flag(env, 'SELVAGE_DEV_CLOCK')
  if (workers > 1 && database.engine === 'sqlite') {
    throw new ConfigError('SELVAGE_WORKERS: several processes need PostgreSQL; set DATABASE_URL or use one worker.')
  }
  if (workers > 1 && dev_clock) {
    throw new ConfigError('SELVAGE_DEV_CLOCK: the development clock lives in one process; set SELVAGE_WORKERS to 1.')
  }
  const smtp = readSmtp(env)
  return {
    host: value('HOST') ?? '127.0.0.1',
    port: whole(env, 'PORT', 3000, 0, 65535),
    data_dir,
    database,
    master_keys: readMasterKeys(value('SELVAGE_MASTER_KEY')),
    public_url: readUrl(env, 'SELVAGE_PUBLIC_URL'),
    workers,
    drain_seconds: whole(env, 'SELVAGE_DRAIN_SECONDS', 0, 0, 600),
    shutdown_seconds: whole(env, 'SELVAGE_SHUTDOWN_SECONDS', 10, 0, 600),
    log_level: oneOf(env, 'SELVAGE_LOG_LEVEL', 'info', ['debug', 'info', 'warn', 'error', 'silent']),
    dev_clock,
    outbound_allow: readAllowList(env),
    tls: readTls(env),
    session_cache: whole(env, 'SELVAGE_SESSION_CACHE', 10_000, 100, 1_000_000),
    jwt_reuse_seconds: whole(env, 'SELVAGE_JWT_REUSE_SECONDS', 10, 0, 240),
    metrics: oneOf(env, 'SELVAGE_METRICS', 'loopback', ['loopback', 'all']),
    error_docs_base: readUrl(env, 'SELVAGE_ERROR_DOCS_BASE') ?? 'https://stytch.com/docs',
    session_retention_days: whole(env, 'SELVAGE_SESSION_RETENTION_DAYS', 7, 0, 3650),
    event_retention_days: whole(env, 'SELVAGE_EVENT_RETENTION_DAYS', 365, 1, 36500),
    delivery: {
      test_inbox: oneOf(env, 'SELVAGE_TEST_INBOX', 'auto', ['auto', 'always']),
      message_retention_hours: whole(env, 'SELVAGE_MESSAGE_RETENTION_HOURS', 72, 1, 8760),
      email_domains: readEmailDomains(env, smtp),
      smtp,
      twilio: readTwilio(env),
      webhook: readMessageWebhook(env),
    },
    limits: readLimits(env),
    requests_at_once: whole(env, 'SELVAGE_REQUESTS_AT_ONCE', 1000, 10, 100_000),
    queue_wait_seconds: whole(env, 'SELVAGE_QUEUE_WAIT_SECONDS', 5, 1, 60),
    password_hash_concurrency: whole(env, 'SELVAGE_PASSWORD_HASH_CONCURRENCY', hashesAtOnce(workers), 1, 64),
    password_hash_queue: whole(env, 'SELVAGE_PASSWORD_HASH_QUEUE', 200, 0, 100_000),
    breach_source: readBreachSource(env),
  }
}

function readDatabase(env: NodeJS.ProcessEnv, data_dir: string): Config['database'] {
  const text = env.DATABASE_URL?.trim()
  const pool = whole(env, 'SELVAGE_DATABASE_POOL', 10, 1, 200)
  const wait_seconds = whole(env, 'SELVAGE_DATABASE_WAIT_SECONDS', 5, 1, 600)
  const pooler = oneOf(env, 'SELVAGE_DATABASE_POOLER', 'none', ['none', 'transaction'])
  if (!text) return { engine: 'sqlite', path: join(data_dir, 'selvage.db') }
  if (text.startsWith('sqlite:')) {
    const path = text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
    if (path === '' || path.startsWith('//')) {
      throw new ConfigError(
        'DATABASE_URL: write the path of the file after "sqlite:", for example sqlite:./data/selvage.db.',
      )
    }
    return { engine: 'sqlite', path: resolve(path) }
  }
  if (/^postgres(ql)?:\/\//.test(text) && isReadableUrl(text)) {
    return { engine: 'postgres', url: text, pool, wait_seconds, pooler }
  }
  throw new ConfigError('DATABASE_URL: use sqlite:PATH or postgres://user:password@host:port/database.')
}

/** Whether it is a URL whose escapes can be undone; the driver would stumble over `%` in a password only later. */
function isReadableUrl(text: string): boolean {
  try {
    return decodeURIComponent(new URL(text).href) !== ''
  } catch {
    return false
  }
}

function readMasterKeys(text: string | undefined): Buffer[] | undefined {
  return text === undefined ? undefined : parsed('SELVAGE_MASTER_KEY', () => parseMasterKeys(text))
}

function readTls(env: NodeJS.ProcessEnv): Config['tls'] {
  const read = (name: string) => {
    const path = env[name]?.trim()
    if (!path) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      throw new ConfigError(`${name}: the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
    }
  }
  const [cert, key] = [read('SELVAGE_TLS_CERT'), read('SELVAGE_TLS_KEY')]
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) {
    throw new ConfigError('SELVAGE_TLS_CERT and SELVAGE_TLS_KEY: set both or neither.')
  }
  const certificate = parsePem('SELVAGE_TLS_CERT: expected a certificate in PEM', () => new X509Certificate(cert))
  const private_key = parsePem('SELVAGE_TLS_KEY: expected an unencrypted private key in PEM', () =>
    createPrivateKey(key),
  )
  if (!certificate.checkPrivateKey(private_key)) {
    throw new ConfigError('SELVAGE_TLS_CERT and SELVAGE_TLS_KEY: the private key does not belong to the certificate.')
  }
  // Reads what the two above do not: the rest of the chain.
  parsePem('SELVAGE_TLS_CERT: the certificate chain cannot be used', () => createSecureContext({ cert, key }))
  return { cert, key }
}

function parsePem<T>(problem: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new ConfigError(`${problem} (${(error as Error).message}).`)
  }
}

function readAllowList(env: NodeJS.ProcessEnv): AllowList {
  try {
    return parseAllowList(env.SELVAGE_OUTBOUND_ALLOW ?? '')
  } catch (error) {
    throw new ConfigError(`SELVAGE_OUTBOUND_ALLOW: ${(error as Error).message}`)
  }
}

function readSmtp(env: NodeJS.ProcessEnv): DeliverySettings['smtp'] {
  const [server, from] = together(env, 'SELVAGE_SMTP_URL', 'SELVAGE_EMAIL_FROM')
  if (server === undefined || from === undefined) return undefined
  return {
    ...parsed('SELVAGE_SMTP_URL', () => parseSmtpUrl(server)),
    from: parsed('SELVAGE_EMAIL_FROM', () => parseSender(from)),
  }
}

function readEmailDomains(env: NodeJS.ProcessEnv, smtp: DeliverySettings['smtp']): DeliverySettings['email_domains'] {
  const given = env.SELVAGE_EMAIL_DOMAINS?.split(',').map((domain) => domain.trim().toLowerCase()) ?? []
  const listed = given.filter((domain) => domain !== '')
  if (!listed.every(isMailDomain)) {
    throw new ConfigError('SELVAGE_EMAIL_DOMAINS: use domains such as mail.example.com, separated by commas.')
  }
  const own = smtp?.from.address.split('@').slice(-1) ?? []
  return { verified: [...new Set([...listed, ...own])], others_in_test: listed.length === 0 }
}

function readTwilio(env: NodeJS.ProcessEnv): DeliverySettings['twilio'] {
  const [account_sid, auth_token] = together(env, 'SELVAGE_TWILIO_ACCOUNT_SID', 'SELVAGE_TWILIO_AUTH_TOKEN')
  const from = matching(env, 'SELVAGE_TWILIO_FROM', isTwilioSender)
  const whatsapp_from = matching(
    env,
    'SELVAGE_TWILIO_WHATSAPP_FROM',
    (text) => /^(\+[1-9]|MG)/.test(text) && isTwilioSender(text),
  )
  const whatsapp_content_sid = matching(env, 'SELVAGE_TWILIO_WHATSAPP_CONTENT_SID', (text) =>
    /^HX[0-9a-f]{32}$/.test(text),
  )
  const base_url = readTarget(env, 'SELVAGE_TWILIO_BASE_URL')?.replace(/\/+$/, '') ?? 'https://api.twilio.com'
  if (account_sid === undefined || auth_token === undefined) {
    if (from === undefined && whatsapp_from === undefined) return undefined
    throw new ConfigError('SELVAGE_TWILIO_ACCOUNT_SID and SELVAGE_TWILIO_AUTH_TOKEN: senders are set without them.')
  }
  if (from === undefined && whatsapp_from === undefined) {
    throw new ConfigError('SELVAGE_TWILIO_FROM or SELVAGE_TWILIO_WHATSAPP_FROM: say who sends the messages.')
  }
  return { base_url, account_sid, auth_token, from, whatsapp_from, whatsapp_content_sid }
}

function readMessageWebhook(env: NodeJS.ProcessEnv): DeliverySettings['webhook'] {
  const url = readTarget(env, 'SELVAGE_MESSAGE_WEBHOOK_URL')
  const [, secret] = together(env, 'SELVAGE_MESSAGE_WEBHOOK_URL', 'SELVAGE_MESSAGE_WEBHOOK_SECRET')
  const channels = env.SELVAGE_MESSAGE_WEBHOOK_CHANNELS?.split(',').map((channel) => channel.trim())
  const named = channels?.filter((channel) => channel !== '') ?? []
  if (!named.every((channel): channel is Channel => ['email', 'sms', 'whatsapp'].includes(channel))) {
    throw new ConfigError('SELVAGE_MESSAGE_WEBHOOK_CHANNELS: use some of email, sms, whatsapp, separated by commas.')
  }
  if (url === undefined || secret === undefined) {
    if (named.length === 0) return undefined
    throw new ConfigError('SELVAGE_MESSAGE_WEBHOOK_CHANNELS: set SELVAGE_MESSAGE_WEBHOOK_URL too.')
  }
  const key = parsed('SELVAGE_MESSAGE_WEBHOOK_SECRET', () => parseWebhookSecret(secret))
  return { url, key, channels: named.length > 0 ? named : undefined }
}

/** Two variables that mean nothing without each other. */
function together(env: NodeJS.ProcessEnv, first: string, second: string): [string | undefined, string | undefined] {
  const [a, b] = [env[first]?.trim() || undefined, env[second]?.trim() || undefined]
  if ((a === undefined) !== (b === undefined)) throw new ConfigError(`${first} and ${second}: set both or neither.`)
  return [a, b]
}

function matching(env: NodeJS.ProcessEnv, name: string, isRight: (text: string) => boolean): string | undefined {
  const text = env[name]?.trim()
  if (!text) return undefined
  if (!isRight(text)) throw new ConfigError(`${name}: the value has not the form of what it should be.`)
  return text
}

function parsed<T>(name: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new ConfigError(`${name}: ${(error as Error).message}.`)
  }
}

function readUrl(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name]?.trim()
  if (!text) return undefined
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new ConfigError(`${name}: use an absolute http or https URL.`)
  return text.replace(/\/+$/, '')
}

/** A URL to call, as it is written. */
function readTarget(env: NodeJS.ProcessEnv, name: string): string | undefined {
  if (readUrl(env, name) === undefined) return undefined
  const text = env[name]?.trim() ?? ''
  const { username, password } = new URL(text)
  if (username || password) throw new ConfigError(`${name}: write the URL without a user name and a password.`)
  return text
}

function whole(env: NodeJS.ProcessEnv, name: string, fallback: number, low: number, high: number): number {
  const text = env[name]?.trim()
  if (!text) return fallback
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < low || number > high) {
    throw new ConfigError(`${name}: use a whole number from ${low} to ${high}.`)
  }
  return number
}

function flag(env: NodeJS.ProcessEnv, name: string): boolean {
  const text = env[name]?.trim() ?? ''
  if (text === '' || text === '0' || text === 'false') return false
  if (text === '1' || text === 'true') return true
  throw new ConfigError(`${name}: use 1 or leave it unset.`)
}

function oneOf<const T extends string>(env: NodeJS.ProcessEnv, name: string, fallback: T, allowed: readonly T[]): T {
  const text = env[name]?.trim()
  if (!text) return fallback
  if (!allowed.includes(text as T)) throw new ConfigError(`${name}: use one of ${allowed.join(', ')}.`)
  return text as T
}

/** One less than a process has of cores: the event loop and the signatures of session JWTs need room beside the hashes. */
function hashesAtOnce(workers: number): number {
  return Math.min(64, Math.max(1, Math.floor(availableParallelism() / workers) - 1))
}

function readBreachSource(env: NodeJS.ProcessEnv): BreachSource {
  const name = 'SELVAGE_BREACH_CHECK'
  const text = env[name]?.trim() || 'off'
  if (text === 'off') return { kind: 'off' }
  if (text.startsWith('file:')) {
    const path = resolve(text.slice('file:'.length))
    if (!existsSync(path)) throw new ConfigError(`${name}: there is no ${path}.`)
    return { kind: 'file', path }
  }
  return { kind: 'url', url: `${readUrl(env, name)}/` }
}

function readLimits(env: NodeJS.ProcessEnv): Limits {
  const entries = Object.entries(limitVariables).map(([limit, [name, fallback]]) => {
    const text = env[name]?.trim() || fallback
    const [, count, seconds] = /^(\d{1,9})\/(\d{1,6})$/.exec(text) ?? []
    if (text !== 'off' && !(Number(count) > 0 && Number(seconds) > 0)) {
      throw new ConfigError(`${name}: use COUNT/SECONDS, for example ${fallback}, or off.`)
    }
    return [limit, text === 'off' ? undefined : { count: Number(count), seconds: Number(seconds) }]
  })
  return Object.fromEntries(entries) as Limits
}
