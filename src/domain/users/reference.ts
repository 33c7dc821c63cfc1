/** How requests name a user: by id, or by external id wherever an id is taken (reference: README.md "malformed against unknown"). */
import { fail } from '../../errors.ts'
import { findOwner } from '../../store/identifiers.ts'
import { isExternalId, parseId, startsLikeId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { checkOwnId } from '../own_id.ts'
import type { User } from './row.ts'
import { selectUser } from './table.ts'

/** Where identifiers of users are unique: in the whole environment. */
export const userScope = 'user'

/**
 * The user that a `user_id` field names. Refuses like `isUserId`, and with `user_not_found` what names nobody.
 */
export async function getUser(app: App, environment: Environment, reference: string): Promise<User> {
  const user = isUserId(environment, reference)
    ? await selectUser(app.store, environment, reference)
    : await findUserBy(app, environment, 'external_id', reference)
  return user ?? fail('user_not_found')
}

/**
 * Whether what a `user_id` field holds is a user id; otherwise it is an external id. Refuses with `invalid_user_id` what
 * can be neither, and with the two wrong-environment types an id of the other environment type.
 */
export function isUserId(environment: Environment, reference: string): boolean {
  if (!isExternalId(reference)) fail('invalid_user_id')
  checkOwnId(environment, reference)
  if (parseId(reference)?.prefix === 'user') return true
  if (startsLikeId(reference, 'user')) fail('invalid_user_id')
  return false
}

/** The user with that id, if there still is one. */
export function findUser(app: App, environment: Environment, user_id: string): Promise<User | undefined> {
  return selectUser(app.store, environment, user_id)
}

/** The user who holds an identifier, for example an `email` or a `phone_id`. */
export async function findUserBy(
  app: App,
  environment: Environment,
  kind: 'email' | 'email_id' | 'phone_number' | 'phone_id' | 'external_id' | 'password_id' | 'totp_id',
  value: string,
): Promise<User | undefined> {
  const owner = await findOwner(app.store, environment.project_id, { scope: userScope, kind, value })
  return owner === undefined ? undefined : selectUser(app.store, environment, owner)
}
