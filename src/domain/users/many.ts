/** Users by the hundred, for imports and exports: found, added and read in batches. */
import { claimAll, type Identifier } from '../../store/identifiers.ts'
import { WriteConflict } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvents } from '../events/event.ts'
import type { User } from './row.ts'
import { insertUsers, selectProvisionals, selectUserNames, selectUsersAfter } from './table.ts'
import { emailIdentifiers, externalIdentifier, passwordIdentifier, phoneIdentifiers, totpIdentifier } from './user.ts'

/** Those of the users who exist, by the two ids they go by. */
export function namesOfUsers(
  app: App,
  { project_id }: Environment,
  user_ids: string[],
): Promise<{ user_id: string; external_id: string | null }[]> {
  return selectUserNames(app.store, project_id, user_ids)
}

/** Everything that is unique about a user. */
function identifiersOfUser(user: User): Identifier[] {
  return [
    ...user.emails.flatMap(emailIdentifiers),
    ...user.phone_numbers.flatMap(phoneIdentifiers),
    ...(user.external_id === null ? [] : [externalIdentifier(user.external_id)]),
    ...(user.password ? [passwordIdentifier(user.password.password_id)] : []),
    ...user.totps.map(totpIdentifier),
  ]
}

/**
 * Adds users as they are, checked by the caller, with everything unique about them. Throws `WriteConflict` when somebody has
 * any of it, so that the caller's transaction begins again and finds them.
 */
export async function addUsers(app: App, { project_id }: Environment, users: User[]): Promise<void> {
  const claims = users.flatMap((user) =>
    identifiersOfUser(user).map((identifier) => ({ ...identifier, owner_id: user.user_id })),
  )
  if (!(await claimAll(app.store, project_id, claims))) throw new WriteConflict()
  await insertUsers(app.store, users)
  // One event tells of the password, too: the trail of an import is long enough.
  await recordEvents(
    app,
    project_id,
    users.map(({ user_id, password }) => ({
      type: 'user.created' as const,
      subject_id: user_id,
      details: { imported: true, password: password !== null },
    })),
  )
}

/**
 * The next users after that id, at most `limit`, in the order of ids. Contacts that were added and still have to be proven are
 * left out: they may be somebody else's.
 */
export async function listUsersAfter(
  app: App,
  environment: Environment,
  user_id: string,
  limit: number,
): Promise<User[]> {
  const users = await selectUsersAfter(app.store, environment, user_id, limit)
  const unproven = users.flatMap(({ emails, phone_numbers }) => [
    ...emails.filter(({ verified }) => !verified).map(({ email_id }) => email_id),
    ...phone_numbers.filter(({ verified }) => !verified).map(({ phone_id }) => phone_id),
  ])
  const provisional = await selectProvisionals(app.store, environment.project_id, unproven)
  if (provisional.length === 0) return users
  const waiting = new Set(provisional.map(({ contact_id }) => contact_id))
  return users.map((user) => ({
    ...user,
    emails: user.emails.filter(({ email_id }) => !waiting.has(email_id)),
    phone_numbers: user.phone_numbers.filter(({ phone_id }) => !waiting.has(phone_id)),
  }))
}
