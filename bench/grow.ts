/**
 * `node bench/grow.ts`: fills an installation with as many users, organizations, members and sessions as a large site has,
 * in minutes. The rows are what the verbs of the domain would write, but for the audit trail; they go in in bulk.
 */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { systemClock } from '../src/clock.ts'
import { readConfig } from '../src/config.ts'
import type { App } from '../src/domain/app.ts'
import type { Environment } from '../src/domain/configuration/environment.ts'
import { addressIdentifiers, identifier as memberIdentifier } from '../src/domain/members/identifiers.ts'
import { type Member, toRow as toMemberRow } from '../src/domain/members/row.ts'
import { organizationScope } from '../src/domain/organizations/reference.ts'
import { type Organization, toRow as toOrganizationRow } from '../src/domain/organizations/row.ts'
import { newSettings } from '../src/domain/organizations/settings.ts'
import { addProof } from '../src/domain/sessions/factors.ts'
import { type Session, sealToken, tokenKey } from '../src/domain/sessions/session.ts'
import { findUserBy, userScope } from '../src/domain/users/reference.ts'
import { toRow as toUserRow, type User } from '../src/domain/users/row.ts'
import { emailIdentifiers } from '../src/domain/users/user.ts'
import type { FirstCredentials } from '../src/domain/workspace/installation.ts'
import { createLog } from '../src/http/log.ts'
import { openInstallation } from '../src/installation.ts'
import type { Identifier } from '../src/store/identifiers.ts'
import type { Store } from '../src/store/store.ts'
import { newId } from '../src/values/id.ts'
import { DAY, HOUR } from '../src/values/time.ts'

export type Growth = {
  /** Tokens and addresses follow from it, so an installation grows once with a seed. Whoever knows it has the tokens. */
  seed: string
  users: number
  organizations: number
  members: number
  /** Of users, in turn. */
  sessions: number
  /** Of members, in turn. */
  member_sessions: number
  /** The share of sessions that have expired, during the last two weeks; from 0 to 1. */
  expired: number
}

type Progress = (rows: string, done: number, all: number) => void
type Row = Record<string, string | number | null>
/** Rows of one batch, table by table. */
type Batch = [table: string, rows: Row[]][]

const a_statement = 2000
/** Rows of a transaction: the embedded engine writes every page that one has touched when it ends. */
const a_transaction = { sqlite: 40_000, postgres: 2000 }
/** Transactions under way: while PostgreSQL writes one, the next is being made. */
const at_once = { sqlite: 1, postgres: 3 }

const firstNames = [
  'Ada',
  'Bruno',
  'Chloé',
  'Dmitri',
  'Elif',
  'Farah',
  'Goran',
  'Hana',
  'Imani',
  'Jörg',
  'Kamal',
  'Lucía',
]
const lastNames = [
  'Abe',
  'Bakker',
  'Costa',
  'Dubois',
  'Eriksen',
  'Fischer',
  'Gupta',
  'Haddad',
  'Ito',
  'Jansen',
  'Kowalski',
]

/** The token of a session that has been grown: the session of that number, of users or of members. */
export function tokenAt(seed: string, kind: 'user' | 'member', number: number): string {
  return digest(`${seed}\0${kind} session ${number}`).subarray(0, 33).toString('base64url')
}

/** Whether the session of that number has been grown as an expired one. */
export function isExpiredAt({ expired }: Pick<Growth, 'expired'>, number: number): boolean {
  // Spreads them evenly over the numbers.
  return Math.floor((number + 1) * expired) > Math.floor(number * expired)
}

/**
 * Grows an installation. The counts may be zero; sessions need somebody to be of. Throws an Error with one plain sentence
 * when it has grown with this seed before.
 */
export async function grow(
  app: App,
  { consumer, b2b }: { consumer: Environment; b2b: Environment },
  growth: Growth,
  progress: Progress = () => {},
): Promise<void> {
  const { seed, users, organizations, members, sessions, member_sessions } = growth
  if (await findUserBy(app, consumer, 'email', addressAt(seed, 'user', 0))) {
    throw new Error('This installation has grown with that seed before: choose another --seed.')
  }
  const now = app.now()
  const organization_ids: string[] = []
  const user_ids: string[] = []
  const member_ids: string[] = []
  await insert(app.store, ['organizations', 'organizations'], organizations, progress, (number) => {
    const organization = organizationAt(b2b, growth, number, now)
    organization_ids.push(organization.organization_id)
    const slug = organization.organization_slug
    const held: Identifier[] = [
      { scope: organizationScope, kind: 'slug', value: slug },
      { scope: organizationScope, kind: 'name', value: slug },
    ]
    return [toOrganizationRow(organization), identifierRows(b2b, organization.organization_id, held)]
  })
  await insert(app.store, ['users', 'users'], users, progress, (number) => {
    const user = userAt(consumer, growth, number, now)
    user_ids.push(user.user_id)
    const external: Identifier = { scope: userScope, kind: 'external_id', value: user.external_id as string }
    return [
      toUserRow(user),
      identifierRows(consumer, user.user_id, [...user.emails.flatMap(emailIdentifiers), external]),
    ]
  })
  await insert(app.store, ['members', 'members'], members, progress, (number) => {
    const organization_id = organization_ids[placeOf(number, organizations)] as string
    const member = memberAt(b2b, organization_id, growth, number, now)
    member_ids.push(member.member_id)
    const external = memberIdentifier(member, 'external_id', member.external_id as string)
    return [
      toMemberRow(member),
      identifierRows(b2b, member.member_id, [...addressIdentifiers(member, member), external]),
    ]
  })
  for (const [kind, environment, owners, count] of [
    ['user', consumer, user_ids, sessions],
    ['member', b2b, member_ids, member_sessions],
  ] as const) {
    await insert(app.store, ['sessions', `sessions of ${kind}s`], count, progress, (number) => {
      const owner_id = owners[number % owners.length] as string
      return [sessionRow(sessionAt(app, environment, owner_id, growth, kind, number, now)), []]
    })
  }
}

/** Rows from 0 to `count`, each with what it holds in `identifiers`, in batches. */
async function insert(
  store: Store,
  [table, name]: [table: string, name: string],
  count: number,
  progress: Progress,
  make: (number: number) => [row: Row, identifiers: Row[]],
): Promise<void> {
  const under_way = new Set<Promise<void>>()
  let done = 0
  for (let from = 0; from < count; from += a_transaction[store.engine]) {
    const to = Math.min(count, from + a_transaction[store.engine])
    const made = Array.from({ length: to - from }, (_, index) => make(from + index))
    const batch: Batch = [
      [table, made.map(([row]) => row)],
      ['identifiers', made.flatMap(([, identifiers]) => identifiers)],
    ]
    const written: Promise<void> = write(store, batch).then(() => {
      under_way.delete(written)
      done += to - from
      progress(name, done, count)
    })
    under_way.add(written)
    if (under_way.size >= at_once[store.engine]) await Promise.race(under_way)
    // Lets the engine and the progress have a turn also where writing does not wait.
    await new Promise(setImmediate)
  }
  await Promise.all(under_way)
}

function write(store: Store, batch: Batch): Promise<void> {
  return store.transaction(async (store) => {
    if (store.engine === 'postgres') await sql`set local synchronous_commit = off`.execute(store.write)
    for (const [table, rows] of batch) {
      for (let from = 0; from < rows.length; from += a_statement) {
        await insertRows(store, table, rows.slice(from, from + a_statement))
      }
    }
  })
}

/** One statement whose text is the same for any number of rows: a column is one parameter, or all rows are. */
async function insertRows(store: Store, table: string, rows: Row[]): Promise<void> {
  const columns = Object.keys(rows[0] as Row)
  const names = sql.join(columns.map((name) => sql.ref(name)))
  if (store.engine === 'postgres') {
    const arrays = columns.map((name) => {
      const values = rows.map((row) => row[name])
      const type = values.some((value) => typeof value === 'number') || isTime(name) ? 'bigint' : 'text'
      return sql`${values}::${sql.raw(type)}[]`
    })
    await sql`insert into ${sql.table(table)} (${names}) select * from unnest(${sql.join(arrays)})`.execute(store.write)
    return
  }
  const fields = sql.join(columns.map((_, index) => sql.raw(`value ->> ${index}`)))
  const values = JSON.stringify(rows.map((row) => columns.map((name) => row[name])))
  await sql`insert into ${sql.table(table)} (${names}) select ${fields} from json_each(${values})`.execute(store.write)
}

/** Columns that may be null in every row, and are numbers otherwise. */
function isTime(name: string): boolean {
  return name.endsWith('_at')
}

/**
 * Rows that a power cut takes can be grown again, so nothing waits for the disk. The embedded engine gets memory for its
 * indexes besides: keys that are drawn go everywhere in them.
 */
const hasty = ['synchronous = off', 'cache_size = -2000000', 'wal_autocheckpoint = 100000']
const careful = ['wal_checkpoint(truncate)', 'synchronous = full']

async function setPragmas(store: Store, pragmas: string[]): Promise<void> {
  if (store.engine === 'postgres') return
  for (const pragma of pragmas) await sql.raw(`pragma ${pragma}`).execute(store.write)
}

function organizationAt(
  { project_id, policy, type }: Environment,
  { seed, organizations }: Growth,
  number: number,
  now: number,
) {
  const created_at = createdAt(number, organizations, now)
  return {
    project_id,
    organization_id: newId('organization', type),
    organization_name: `${pick(lastNames, number)} & ${pick(firstNames, number)} ${number}`,
    organization_slug: `${tagOf(seed)}-${number}`,
    organization_external_id: null,
    organization_logo_url: '',
    settings: newSettings(policy, {}),
    custom_roles: [],
    trusted_metadata: {},
    created_at,
    updated_at: created_at,
    version: 1,
  } satisfies Organization
}

function userAt({ project_id, type }: Environment, { seed, users }: Growth, number: number, now: number) {
  return {
    project_id,
    user_id: newId('user', type),
    status: 'active',
    name: { first_name: pick(firstNames, number), middle_name: '', last_name: `${pick(lastNames, number)} ${number}` },
    external_id: `${tagOf(seed)}-${number}`,
    emails: [{ email_id: newId('email', type), email: addressAt(seed, 'user', number), verified: true }],
    phone_numbers: [],
    providers: [],
    webauthn_registrations: [],
    biometric_registrations: [],
    totps: [],
    crypto_wallets: [],
    password: null,
    assigned_roles: [],
    roles: ['stytch_user'],
    trusted_metadata: { plan: number % 10 === 0 ? 'pro' : 'free' },
    untrusted_metadata: {},
    lock_created_at: null,
    lock_expires_at: null,
    created_at: createdAt(number, users, now),
    version: 1,
  } satisfies User
}

function memberAt(
  { project_id, type }: Environment,
  organization_id: string,
  { seed, members }: Growth,
  number: number,
  now: number,
) {
  const created_at = createdAt(number, members, now)
  return {
    project_id,
    organization_id,
    member_id: newId('member', type),
    status: 'active',
    name: `${pick(firstNames, number)} ${pick(lastNames, number)}`,
    external_id: `${tagOf(seed)}-${number}`,
    email_id: newId('member-email', type),
    email_address: addressAt(seed, 'member', number),
    email_address_verified: true,
    retired_email_addresses: [],
    email_update: null,
    is_breakglass: false,
    mfa_enrolled: false,
    default_mfa_method: '',
    mfa_phone: null,
    totp: null,
    password: null,
    sso_registrations: [],
    oauth_registrations: [],
    scim_registration: null,
    assigned_roles: [],
    trusted_metadata: {},
    untrusted_metadata: {},
    lock_created_at: null,
    lock_expires_at: null,
    created_at,
    updated_at: created_at,
    version: 1,
  } satisfies Member
}

/** A living one lasts for up to a month from now, and was used during the last week; an expired one ended in the last two weeks. */
function sessionAt(
  app: App,
  { project_id, type }: Environment,
  owner_id: string,
  growth: Growth,
  kind: 'user' | 'member',
  number: number,
  now: number,
): Session {
  const session_id = newId('session', type)
  const token = tokenAt(growth.seed, kind, number)
  const chance = chanceOf(number)
  const expired = isExpiredAt(growth, number)
  const expires_at = Math.floor(expired ? now - 1 - chance * 14 * DAY : now + HOUR + chance * 30 * DAY)
  const last_accessed_at = Math.floor(Math.min(now, expires_at) - chance * 7 * DAY)
  const started_at = last_accessed_at - HOUR
  const token_id = `${tagOf(growth.seed)}-${kind}-${number}`
  const trusted_auth_token_factor = { token_id }
  return {
    project_id,
    session_id,
    owner_id,
    token_hash: tokenKey(project_id, token).value,
    sealed_token: sealToken(app, { project_id, session_id }, token),
    authentication_factors: addProof(
      [],
      { type: 'trusted_auth_token', delivery_method: 'trusted_token_exchange', trusted_auth_token_factor },
      started_at,
    ),
    custom_claims: {},
    attributes: { ip_address: '', user_agent: '' },
    started_at,
    last_accessed_at,
    expires_at,
    revoked_at: null,
    version: 1,
  }
}

function sessionRow(session: Session): Row {
  return {
    ...session,
    authentication_factors: JSON.stringify(session.authentication_factors),
    custom_claims: JSON.stringify(session.custom_claims),
    attributes: JSON.stringify(session.attributes),
  }
}

function identifierRows({ project_id }: Environment, owner_id: string, identifiers: Identifier[]): Row[] {
  return identifiers.map((one) => ({ project_id, owner_id, ...one }))
}

/** In the order of their numbers, as rows are added: during the last 700 days. */
function createdAt(number: number, count: number, now: number): number {
  return Math.floor(now - (1 - (number + chanceOf(number)) / count) * 700 * DAY)
}

/** The organization of a member: half of them are spread over all, the other half over the first hundredth, which are large. */
function placeOf(number: number, organizations: number): number {
  return number % 2 === 0 ? (number / 2) % organizations : ((number - 1) / 2) % Math.ceil(organizations / 100)
}

function addressAt(seed: string, kind: 'user' | 'member', number: number): string {
  return `${kind}-${number}@${tagOf(seed)}.example.com`
}

const tags = new Map<string, string>()

/** A seed as a word that may stand in addresses and ids, and says nothing about the seed. */
function tagOf(seed: string): string {
  let tag = tags.get(seed)
  if (tag === undefined) {
    tag = `grown-${digest(`${seed}\0tag`).toString('hex', 0, 6)}`
    tags.set(seed, tag)
  }
  return tag
}

/** A number from 0 to 1 that looks random and is always the same. */
function chanceOf(number: number): number {
  let mixed = Math.imul(number + 1, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
}

function digest(text: string): Buffer {
  return hash('sha512', text, 'buffer')
}

function pick(names: string[], number: number): string {
  return names[number % names.length] as string
}

const usage = `node bench/grow.ts [options]

  --seed TEXT               what tokens and addresses follow from; an installation grows once with each [grown]
  --users NUMBER            [1000000]
  --organizations NUMBER    [10000]
  --members NUMBER          of organizations [100000]
  --sessions NUMBER         of users [5000000]
  --member-sessions NUMBER  [100000]
  --expired SHARE           of the sessions, from 0 to 1 [0]
  --tokens NUMBER           prints as many tokens of living sessions of users, evenly spread [0]
  --help                    prints this

It grows the installation that the environment variables of the server name (DATABASE_URL, SELVAGE_DATA_DIR), and sets a
new one up where there is none: its first two test environments. For test installations only: whoever knows the seed has
the tokens.
`

/** What the command prints on standard output at its end: where the rows are, and tokens that authenticate. */
export type Grown = { project_id: string; b2b_project_id: string; seed: string; tokens: string[] }

/** Opens the installation of these variables, sets it up where it is new, and grows it; `secret` is that of the consumer project. */
export async function growInstallation(
  env: NodeJS.ProcessEnv,
  growth: Growth,
  progress?: Progress,
): Promise<{ project_id: string; b2b_project_id: string; secret: string }> {
  const { app, first, credentials_path, close } = await openInstallation(
    readConfig(env),
    createLog('error'),
    systemClock,
  )
  try {
    const { consumer, b2b } = first ?? (JSON.parse(readFileSync(credentials_path, 'utf8')) as FirstCredentials)
    const [consumerEnvironment, b2bEnvironment] = await Promise.all([
      app.environment(consumer.project_id),
      app.environment(b2b.project_id),
    ])
    if (!consumerEnvironment || !b2bEnvironment) throw new Error(`${credentials_path} is not of this database.`)
    await setPragmas(app.store, hasty)
    await grow(app, { consumer: consumerEnvironment, b2b: b2bEnvironment }, growth, progress)
    await setPragmas(app.store, careful)
    await sql`analyze`.execute(app.store.write)
    return { project_id: consumer.project_id, b2b_project_id: b2b.project_id, secret: consumer.secret }
  } finally {
    await close()
  }
}

/** As many tokens of living sessions of users, evenly spread over all that were grown. */
export function livingTokens(growth: Growth, count: number): string[] {
  const { seed, sessions, expired } = growth
  if (expired >= 1) return []
  const step = Math.max(1, sessions / count)
  const numbers = Array.from({ length: Math.min(count, sessions) }, (_, index) => {
    let number = Math.floor(index * step)
    while (number > 0 && isExpiredAt(growth, number)) number--
    return number
  })
  return [...new Set(numbers)].map((number) => tokenAt(seed, 'user', number))
}

/** Tells on standard error how far it is, each time another tenth is done. */
export function reportProgress(): Progress {
  const began = Date.now()
  let told = ''
  return (rows, done, all) => {
    const text = `${rows} ${Math.floor((done / all) * 10) * 10} %`
    if (text === told) return
    told = text
    process.stderr.write(`growing: ${text} of ${all} after ${Math.round((Date.now() - began) / 1000)} s\n`)
  }
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: 'grown' },
      users: { type: 'string', default: '1000000' },
      organizations: { type: 'string', default: '10000' },
      members: { type: 'string', default: '100000' },
      sessions: { type: 'string', default: '5000000' },
      'member-sessions': { type: 'string', default: '100000' },
      expired: { type: 'string', default: '0' },
      tokens: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const whole = (name: 'users' | 'organizations' | 'members' | 'sessions' | 'member-sessions' | 'tokens') => {
    const number = Number(values[name])
    if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name}: use a whole number.`)
    return number
  }
  const growth: Growth = {
    seed: values.seed,
    users: whole('users'),
    organizations: whole('organizations'),
    members: whole('members'),
    sessions: whole('sessions'),
    member_sessions: whole('member-sessions'),
    expired: Number(values.expired),
  }
  if (!(growth.expired >= 0 && growth.expired <= 1)) throw new Error('--expired: use a number from 0 to 1.')
  if (growth.sessions > 0 && growth.users === 0) throw new Error('--sessions: sessions need users.')
  if (growth.members > 0 && growth.organizations === 0) throw new Error('--members: members need organizations.')
  if (growth.member_sessions > 0 && growth.members === 0) throw new Error('--member-sessions: they need members.')
  const tokens = whole('tokens')
  const { project_id, b2b_project_id } = await growInstallation(process.env, growth, reportProgress())
  const grown: Grown = { project_id, b2b_project_id, seed: growth.seed, tokens: livingTokens(growth, tokens) }
  process.stdout.write(`${JSON.stringify(grown, null, 2)}\n`)
}

if (import.meta.main) {
  try {
    await run()
  } catch (error) {
    process.stderr.write(`grow: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
  }
}
