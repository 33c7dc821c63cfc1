/** Taking users over from another system with the hashes of their passwords (reference: consumer.md §3.4 "Migrate"). */
import { type HashConfigs, parseImportedHash } from '../../crypto/passwords/imported.ts'
import { fail, Refusal } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'
import { parseEmail } from '../../values/email.ts'
import { newId } from '../../values/id.ts'
import { parsePhoneNumber } from '../../values/phone.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { countAgainst } from '../limits/limit.ts'
import { contactsOf, findContactOwner, proven, registerUser, takeBackUnproven } from '../users/contacts.ts'
import { givePassword } from '../users/password.ts'
import { getUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { claim, holdUser, type NewUser, phoneIdentifiers, updateUser } from '../users/user.ts'

export type Migration = Pick<NewUser, 'name' | 'phone_number' | 'external_id' | 'roles'> &
  Pick<NewUser, 'trusted_metadata' | 'untrusted_metadata'> &
  HashConfigs & {
    email: string
    hash: string
    hash_type: string
    set_email_verified?: boolean | undefined
    set_phone_number_verified?: boolean | undefined
  }

/**
 * Gives the user of that address a password by its hash; creates the user where there is none. Refuses malformed hashes
 * (see `parseImportedHash`), `password_already_exists`, `too_many_unverified_factors` when a second number would have to be
 * proven, and as creating and updating users does. The password itself is checked when somebody first logs in with it.
 */
export async function migratePassword(
  app: App,
  environment: Environment,
  given: Migration,
): Promise<{ user: User; email_id: string; user_created: boolean }> {
  const email = parseEmail(given.email) ?? fail('invalid_email')
  const phone_number = given.phone_number
    ? (parsePhoneNumber(given.phone_number) ?? fail('invalid_phone_number'))
    : undefined
  const hash = parseImportedHash(given.hash_type, given.hash, given)
  return app.transaction(async (app) => {
    await countAgainst(app, environment, 'password_migrate', environment.project_id)
    const known = await findContactOwner(app, environment, 'email', email)
    const before = known
      ? await update(app, environment, known.user, { ...given, phone_number })
      : await create(app, environment, { ...given, email, phone_number })
    const user = await givePassword(app, environment, before, { hash, accepted_by: '' }, async (app, user) => {
      const withNumber = phone_number === undefined ? user : await addNumber(app, environment, user, phone_number)
      return prove(app, withNumber, [
        given.set_email_verified ? email : undefined,
        given.set_phone_number_verified ? phone_number : undefined,
      ])
    })
    const email_id = user.emails.find((entry) => entry.email === email)?.email_id as string
    return { user, email_id, user_created: !known }
  })
}

async function create(app: App, environment: Environment, given: Migration): Promise<User> {
  const { email, phone_number, name, external_id, roles, trusted_metadata, untrusted_metadata } = given
  const profile = { name, external_id, roles, trusted_metadata, untrusted_metadata }
  try {
    return await registerUser(app, environment, { email, phone_number, ...profile, status: 'active' })
  } catch (error) {
    // The address was free a moment ago: the transaction begins again and finds who was first.
    if (error instanceof Refusal && error.error_type === 'duplicate_email') throw new WriteConflict()
    throw error
  }
}

/** A user who exists keeps the external id, and all roles they have. */
async function update(app: App, environment: Environment, user: User, given: Migration): Promise<User> {
  const { phone_number } = given
  await takeBackUnproven(app, environment, [
    ...contactsOf(user).filter(({ verified }) => !verified),
    ...(phone_number ? [{ kind: 'phone_number' as const, value: phone_number }] : []),
  ])
  await holdUser(app, user)
  if ((await getUser(app, environment, user.user_id)).password) fail('password_already_exists')
  const { name, roles, trusted_metadata, untrusted_metadata } = given
  const change = { name, added_roles: roles, trusted_metadata, untrusted_metadata }
  return updateUser(app, environment, user.user_id, change)
}

/** The number is the user's for good, other than one that a message was sent to. */
async function addNumber(app: App, { type }: Environment, user: User, phone_number: string): Promise<User> {
  if (user.phone_numbers.some((entry) => entry.phone_number === phone_number)) return user
  if (user.phone_numbers.some(({ verified }) => !verified)) fail('too_many_unverified_factors')
  const added = { phone_id: newId('phone-number', type), phone_number, verified: false }
  await claim(app, user, phoneIdentifiers(added))
  return { ...user, phone_numbers: [...user.phone_numbers, added] }
}

async function prove(app: App, user: User, values: (string | undefined)[]): Promise<User> {
  let next = user
  for (const { id, value } of contactsOf(user)) if (values.includes(value)) next = await proven(app, next, id)
  return next
}
