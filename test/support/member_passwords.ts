/** Members with passwords in tests, where passwords are single members' and where members of an address share one. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { updateEnvironment } from '../../src/domain/projects/environment.ts'
import { MINUTE, SECOND } from '../../src/values/time.ts'
import { type Answer, call, refuse, succeed } from './call.ts'
import { lastMessage } from './inbox.ts'
import { newAddress } from './links.ts'
import { give, memberIn, readMember } from './members.ts'
import { environmentOf, newOrganization } from './organizations.ts'
import { storedPassword, strong, traces } from './passwords.ts'
import { type Engine, type TestProject, type World, world } from './world.ts'

/** Whose passwords are: single members', or those of an address. */
export const modes = ['member', 'address'] as const
export type Mode = (typeof modes)[number]

export const passwords = {
  authenticate: 'POST /v1/b2b/passwords/authenticate',
  migrate: 'POST /v1/b2b/passwords/migrate',
  resetStart: 'POST /v1/b2b/passwords/email/reset/start',
  reset: 'POST /v1/b2b/passwords/email/reset',
  requireReset: 'POST /v1/b2b/passwords/email/require_reset',
  bySession: 'POST /v1/b2b/passwords/session/reset',
  byExisting: 'POST /v1/b2b/passwords/existing_password/reset',
  discover: 'POST /v1/b2b/passwords/discovery/authenticate',
  discoveryResetStart: 'POST /v1/b2b/passwords/discovery/email/reset/start',
  discoveryReset: 'POST /v1/b2b/passwords/discovery/email/reset',
} as const

export const wrong = 'not-that-7-Password'
export const deadToken = [401, 'unable_to_auth_password_reset_token'] as const
export const unauthorized = [401, 'unauthorized_credentials'] as const

/** What a migration of that password says of its hash; a cheap one, which the first login replaces. */
export function hashed(password: string): { hash: string; hash_type: string } {
  return { hash: hash('sha512', password, 'hex'), hash_type: 'sha_512' }
}

/** Lets members of an address share passwords in a project from now on. */
export async function sharePasswords({ app }: World, { id }: TestProject, cross_org_passwords_enabled = true) {
  await updateEnvironment(app, id, { cross_org_passwords_enabled })
}

/** A B2B project with passwords of that mode, an organization, and the calls that tests make. */
export async function passwordScene(engine: Engine, mode: Mode, settings: object = {}) {
  const here = await world(engine)
  const project = await here.project('B2B')
  if (mode === 'address') await sharePasswords(here, project)
  const organization = await newOrganization(here, project, settings)
  const { organization_id } = organization
  const ask = (name: keyof typeof passwords, body: object): Promise<Answer> =>
    call(here, project, passwords[name], body)
  const ok = (name: keyof typeof passwords, body: object): Promise<Answer['body']> =>
    succeed(here, project, passwords[name], body)
  return {
    ...{ here, project, organization, organization_id, ask, ok },
    no: (name: keyof typeof passwords, body: object, [status, type]: readonly [number, string]) =>
      refuse(here, project, passwords[name], body, status, type),
    change: (fields: object) => succeed(here, project, `PUT /v1/b2b/organizations/${organization_id}`, fields),
    set: (change: Parameters<typeof updateEnvironment>[2]) => updateEnvironment(here.app, project.id, change),
    member: (given: Parameters<typeof memberIn>[3] = {}) => memberIn(here, project, organization, given),
    /** A member with a password, `strong` unless told otherwise; of another organization when given. */
    async withPassword(body: object = {}, place = organization) {
      const given = { organization_id: place.organization_id, email_address: newAddress(), ...hashed(strong), ...body }
      const { member } = await ok('migrate', given)
      return member
    },
    /** What `authenticate` takes to sign a member in. */
    login: (member: { organization_id: string; email_address: string }, password = strong) => {
      const { organization_id, email_address } = member
      return { organization_id, email_address, password }
    },
    /** Asks for a reset mail, a second after whatever was before; `token` and `other` are those of its two links. */
    async mailReset(email_address: string, body: object = {}, place = organization) {
      here.clock.advance(SECOND)
      const reply = await ok('resetStart', { organization_id: place.organization_id, email_address, ...body })
      return { ...reply, ...(await linksTo(here, project, email_address)) }
    },
    /** The same before an organization is chosen. */
    async mailDiscoveryReset(email_address: string, body: object = {}) {
      here.clock.advance(SECOND)
      await ok('discoveryResetStart', { email_address, ...body })
      return linksTo(here, project, email_address)
    },
    /** Parts of a stored member, and the member as the API shows it. */
    async give(member_id: string, parts: Parameters<typeof give>[3]) {
      await give(here, project, member_id, parts)
      return readMember(here, project, { member_id })
    },
    read: (member_id: string) => readMember(here, project, { member_id }),
    /** The row of a password: of a member, or of an address. */
    row: (owner_id: string) => storedPassword(here, project, owner_id),
    environment: () => environmentOf(here, project),
    /** How many sessions of a member live. */
    async sessions(member_id: string): Promise<number> {
      const { sessions } = (await traces(here, project)) as {
        sessions: { owner_id: string; revoked_at: unknown; expires_at: number }[]
      }
      const living = ({ revoked_at, expires_at }: (typeof sessions)[number]) =>
        revoked_at === null && expires_at > here.clock.now()
      return sessions.filter((one) => one.owner_id === member_id && living(one)).length
    },
    async lock(member_id: string) {
      const now = here.clock.now()
      await give(here, project, member_id, { lock_created_at: now, lock_expires_at: now + 5 * MINUTE })
    },
  }
}

async function linksTo(here: World, project: TestProject, email_address: string) {
  const message = await lastMessage(here, email_address, project)
  const [reset, other] = message.links
  assert.equal(reset?.purpose, 'reset_password')
  return { password_reset_token: reset.token, other: other?.token, message }
}

/** The types of the factors of a session in a reply. */
export function factorTypes({ member_session }: { member_session: { authentication_factors: { type: string }[] } }) {
  return member_session.authentication_factors.map(({ type }) => type)
}

/** How many passwords are verified while `work` runs. */
export async function countingVerifications<T>(here: World, work: () => Promise<T>): Promise<number> {
  const parts = here.app.passwords
  const before = parts.verify
  let count = 0
  parts.verify = (project_id, stored, password) => {
    count++
    return before(project_id, stored, password)
  }
  try {
    await work()
  } finally {
    parts.verify = before
  }
  return count
}
