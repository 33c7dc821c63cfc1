/** Users: created, changed, deleted (reference: consumer.md §2). */
import { type ErrorType, fail } from '../../errors.ts'
import {
  claimIdentifiers,
  type Identifier,
  releaseAllIdentifiers,
  releaseIdentifiers,
} from '../../store/identifiers.ts'
import { WriteConflict } from '../../store/store.ts'
import { parseEmail } from '../../values/email.ts'
import { isExternalId, looksLikeId, newId } from '../../values/id.ts'
import type { JsonObject } from '../../values/json.ts'
import { parsePhoneNumber } from '../../values/phone.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { mergeMetadata } from '../metadata.ts'
import { checkAssignable, userRoles } from '../rbac/check.ts'
import { getUser, userScope } from './reference.ts'
import type { User } from './row.ts'
import { countActiveUsers, deleteUserRow, holdUserRow, insertUser, updateUserRow } from './table.ts'

export type NewUser = {
  email?: string | undefined
  /** True when the address has been proven by the way the user is created. */
  email_verified?: boolean | undefined
  phone_number?: string | undefined
  name?: Partial<User['name']> | undefined
  status: User['status']
  external_id?: string | undefined
  roles?: string[] | undefined
  trusted_metadata?: JsonObject | undefined
  untrusted_metadata?: JsonObject | undefined
}

export type UserChange = Pick<NewUser, 'name' | 'external_id' | 'roles' | 'trusted_metadata' | 'untrusted_metadata'> & {
  /** Roles to assign besides those the user keeps. */
  added_roles?: string[] | undefined
}

/** Creates a user. Refuses a malformed or taken address, number or external id, an unknown role, oversized metadata. */
export function createUser(app: App, environment: Environment, given: NewUser): Promise<User> {
  const { project_id, type, policy } = environment
  if (!given.email && !given.phone_number) fail('invalid_create_user_request')
  const email = given.email ? (parseEmail(given.email) ?? fail('invalid_email')) : undefined
  const phone_number = given.phone_number
    ? (parsePhoneNumber(given.phone_number) ?? fail('invalid_phone_number'))
    : undefined
  const external_id = given.external_id ? checkNewExternalId(given.external_id) : null
  const assigned_roles = [...new Set(given.roles ?? [])]
  checkAssignable(policy, assigned_roles)
  const user: User = {
    project_id,
    user_id: newId('user', type),
    status: given.status,
    name: mergeName({ first_name: '', middle_name: '', last_name: '' }, given.name),
    external_id,
    emails: email ? [{ email_id: newId('email', type), email, verified: given.email_verified ?? false }] : [],
    phone_numbers: phone_number ? [{ phone_id: newId('phone-number', type), phone_number, verified: false }] : [],
    providers: [],
    webauthn_registrations: [],
    biometric_registrations: [],
    totps: [],
    crypto_wallets: [],
    password: null,
    assigned_roles,
    roles: userRoles(policy, assigned_roles),
    trusted_metadata: mergeMetadata({}, given.trusted_metadata),
    untrusted_metadata: mergeMetadata({}, given.untrusted_metadata),
    lock_created_at: null,
    lock_expires_at: null,
    created_at: app.now(),
    version: 1,
  }
  return app.transaction(async (app) => {
    await claim(app, user, [
      ...user.emails.flatMap(emailIdentifiers),
      ...user.phone_numbers.flatMap(phoneIdentifiers),
      ...(external_id === null ? [] : [externalIdentifier(external_id)]),
    ])
    await insertUser(app.store, user)
    await recordEvent(app, project_id, 'user.created', user.user_id)
    return user
  })
}

/** Changes the parts of a user that are given: name parts and metadata keys one by one, the role list as a whole. */
export function updateUser(app: App, environment: Environment, reference: string, change: UserChange): Promise<User> {
  return changeUser(app, environment, reference, async (app, user) => {
    const { roles, added_roles = [] } = change
    // Only what is newly assigned must be in the policy: a role that has left it meanwhile is no reason to refuse others.
    checkAssignable(environment.policy, [...(roles ?? []), ...added_roles])
    const assigned_roles = [...new Set([...(roles ?? user.assigned_roles), ...added_roles])]
    let { external_id } = user
    if (change.external_id && change.external_id !== external_id) {
      const next = checkNewExternalId(change.external_id)
      if (external_id !== null) await release(app, user, [externalIdentifier(external_id)])
      await claim(app, user, [externalIdentifier(next)])
      external_id = next
    }
    return {
      ...user,
      external_id,
      name: mergeName(user.name, change.name),
      assigned_roles,
      roles: userRoles(environment.policy, assigned_roles),
      trusted_metadata: mergeMetadata(user.trusted_metadata, change.trusted_metadata),
      untrusted_metadata: mergeMetadata(user.untrusted_metadata, change.untrusted_metadata),
    }
  })
}

/** Takes the external id from a user; a user without one stays as it is. */
export function deleteExternalId(app: App, environment: Environment, reference: string): Promise<User> {
  return changeUser(app, environment, reference, async (app, user) => {
    if (user.external_id !== null) await release(app, user, [externalIdentifier(user.external_id)])
    return { ...user, external_id: null }
  })
}

/**
 * Reads a user, lets `change` make the next state of it, and writes that, all in one transaction that begins again when
 * somebody else wrote first. Writes nothing when `change` returns the user it was given.
 */
export function changeUser(
  app: App,
  environment: Environment,
  reference: string,
  change: (app: App, user: User) => User | Promise<User>,
): Promise<User> {
  return app.transaction(async (app) => {
    const user = await getUser(app, environment, reference)
    const next = await change(app, user)
    if (next === user) return user
    await recordEvent(app, environment.project_id, 'user.updated', user.user_id)
    return updateUserRow(app.store, next)
  })
}

/**
 * Keeps a user from being changed or deleted by others until the transaction ends, and returns the version it has now.
 * Throws `WriteConflict` when it has been deleted, and the transaction begins again without the user. Whoever locks more
 * than a user locks the user first: then no two transactions wait for each other.
 */
export async function holdUser(
  app: App,
  { project_id, user_id }: Pick<User, 'project_id' | 'user_id'>,
): Promise<number> {
  return (await holdUserRow(app.store, project_id, user_id)) ?? conflict()
}

function conflict(): never {
  throw new WriteConflict()
}

/** Deletes a user with all identifiers; the ids are not used again. Refuses with `user_not_found`. */
export async function deleteUser(app: App, { project_id }: Environment, user: User): Promise<void> {
  if (!(await deleteUserRow(app.store, project_id, user.user_id))) fail('user_not_found')
  await releaseAllIdentifiers(app.store, project_id, user.user_id)
  await recordEvent(app, project_id, 'user.deleted', user.user_id)
}

/**
 * Holds a user and returns them as they are then: transactions over one user take turns from here on, and each sees what the
 * one before it has left, a lock for example. Throws `WriteConflict` as `holdUser` does.
 */
export async function takeTurn(app: App, environment: Environment, known: User): Promise<User> {
  const version = await holdUser(app, known)
  return version === known.version ? known : getUser(app, environment, known.user_id)
}

/** How many active users the environment has. */
export function countUsers(app: App, { project_id }: Pick<Environment, 'project_id'>): Promise<number> {
  return countActiveUsers(app.store, project_id)
}

/** The identifiers of an email address: the address and its id. */
export function emailIdentifiers({ email, email_id }: User['emails'][number]): Identifier[] {
  return [identifier('email', email), identifier('email_id', email_id)]
}

/** The identifiers of a phone number: the number and its id. */
export function phoneIdentifiers({ phone_number, phone_id }: User['phone_numbers'][number]): Identifier[] {
  return [identifier('phone_number', phone_number), identifier('phone_id', phone_id)]
}

/** The identifier of a password: its id. */
export function passwordIdentifier(password_id: string): Identifier {
  return identifier('password_id', password_id)
}

/** The identifier of an authenticator app: its id. */
export function totpIdentifier({ totp_id }: Pick<User['totps'][number], 'totp_id'>): Identifier {
  return identifier('totp_id', totp_id)
}

/** Gives identifiers of a user free. */
export function release(app: App, { project_id, user_id }: User, identifiers: Identifier[]): Promise<void> {
  return releaseIdentifiers(app.store, project_id, user_id, identifiers)
}

const duplicates: Record<string, ErrorType> = {
  email: 'duplicate_email',
  phone_number: 'duplicate_phone_number',
  external_id: 'duplicate_user_external_id',
}

/** Claims identifiers for a user. Refuses with the `duplicate_…` type of one that somebody has. */
export async function claim(app: App, { project_id, user_id }: User, identifiers: Identifier[]): Promise<void> {
  const [taken] = await claimIdentifiers(app.store, project_id, user_id, identifiers)
  if (taken) fail(duplicates[taken.kind] ?? 'internal_server_error')
}

function identifier(kind: string, value: string): Identifier {
  return { scope: userScope, kind, value }
}

/** The identifier of an external id. */
export function externalIdentifier(external_id: string): Identifier {
  return identifier('external_id', external_id)
}

/** The external id of a request. Refuses with `bad_request` what is none, or looks like an id of this API. */
export function checkNewExternalId(text: string): string {
  if (!isExternalId(text)) {
    fail('bad_request', 'external_id must be 1 to 128 characters of letters, digits, ".", "_", "-" and "|".')
  }
  if (looksLikeId(text))
    fail('bad_request', 'external_id must not begin like an id of this API, for example "user-test-".')
  return text
}

/** A name with the parts that are given put in their place. Refuses with `bad_request` a part that is too long. */
export function mergeName(name: User['name'], given: Partial<User['name']> | undefined): User['name'] {
  const merged = {
    first_name: given?.first_name ?? name.first_name,
    middle_name: given?.middle_name ?? name.middle_name,
    last_name: given?.last_name ?? name.last_name,
  }
  for (const [part, text] of Object.entries(merged)) {
    if (text.length > 256) fail('bad_request', `name.${part} must be at most 256 characters.`)
  }
  return merged
}
