/** Email addresses and phone numbers of users: found, added, proven, deleted (reference: consumer.md §2.5, §3.0). */
import { type ErrorType, fail } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'
import { parseEmail } from '../../values/email.ts'
import { newId } from '../../values/id.ts'
import { parsePhoneNumber } from '../../values/phone.ts'
import { MINUTE } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { requireOwnId } from '../own_id.ts'
import { removePassword } from '../passwords/password.ts'
import { findUserBy, getUser } from './reference.ts'
import type { User } from './row.ts'
import { deleteLapsed, deleteProvisional, insertProvisional, selectLapsed, selectProvisional } from './table.ts'
import {
  changeUser,
  claim,
  createUser,
  emailIdentifiers,
  holdUser,
  type NewUser,
  passwordIdentifier,
  phoneIdentifiers,
  release,
} from './user.ts'

/** An email address or a phone number, in its canonical form. */
export type Contact = { kind: 'email' | 'phone_number'; value: string }

/** A contact as a user has it; `id` is its `email_id` or `phone_id`. */
export type OwnContact = Contact & { id: string; verified: boolean }

/** How long an added contact waits to be proven before it is taken back. */
const toProve = 5 * MINUTE

/** All contacts of a user, the addresses first. */
export function contactsOf(user: User): OwnContact[] {
  return [
    ...user.emails.map(({ email_id, email, verified }) => ({
      kind: 'email' as const,
      value: email,
      id: email_id,
      verified,
    })),
    ...user.phone_numbers.map(({ phone_id, phone_number, verified }) => ({
      kind: 'phone_number' as const,
      value: phone_number,
      id: phone_id,
      verified,
    })),
  ]
}

/** The user who has a contact, by its value or its id. One that was not proven in time is taken back first. */
export function findContactOwner(
  app: App,
  environment: Environment,
  by: 'email' | 'email_id' | 'phone_number' | 'phone_id',
  value: string,
): Promise<{ user: User; contact: OwnContact } | undefined> {
  return app.transaction(async (app) => {
    const user = await findUserBy(app, environment, by, value)
    const contact = user && contactsOf(user).find((one) => one.value === value || one.id === value)
    if (!contact) return undefined
    if (contact.verified) return { user, contact }
    const expires_at = await selectProvisional(app.store, environment.project_id, contact.id)
    if (expires_at === undefined || expires_at > app.now()) return { user, contact }
    await holdUser(app, user)
    // Proven, or written to anew, at this very moment: then it stays.
    if (!(await deleteLapsed(app.store, environment.project_id, contact.id, app.now()))) throw new WriteConflict()
    await removeContact(app, environment, user.user_id, contact.id)
    return undefined
  })
}

/**
 * Takes back those of these contacts that were added to a user, whoever that is, and not proven in time: they stand in
 * nobody's way.
 */
export async function takeBackUnproven(app: App, environment: Environment, contacts: Contact[]): Promise<void> {
  for (const { kind, value } of contacts) await findContactOwner(app, environment, kind, value)
}

/** Creates a user, also with contacts that others were given and have not proven in time. Refuses as `createUser` does. */
export async function registerUser(app: App, environment: Environment, given: NewUser): Promise<User> {
  const email = given.email ? parseEmail(given.email) : undefined
  const phone_number = given.phone_number ? parsePhoneNumber(given.phone_number) : undefined
  if (email) await takeBackUnproven(app, environment, [{ kind: 'email', value: email }])
  if (phone_number) await takeBackUnproven(app, environment, [{ kind: 'phone_number', value: phone_number }])
  return createUser(app, environment, given)
}

/**
 * Adds a contact to a user, unverified; it is taken back unless it is proven within five minutes. Refuses with
 * `duplicate_email` or `duplicate_phone_number` when somebody has it, and with `too_many_unverified_factors` while
 * any other contact of the user is unproven: who has signed up with somebody else's address must not get in by a number of
 * their own once that address is proven by its owner.
 */
export async function addContact(
  app: App,
  environment: Environment,
  user_id: string,
  { kind, value }: Contact,
): Promise<{ user: User; contact: OwnContact }> {
  const id = newId(kind === 'email' ? 'email' : 'phone-number', environment.type)
  await takeBackLapsed(app, environment, user_id)
  const user = await changeUser(app, environment, user_id, async (app, user) => {
    const others = contactsOf(user)
    // A concurrent call has just added it.
    if (others.some((one) => one.kind === kind && one.value === value)) throw new WriteConflict()
    if (others.some(({ verified }) => !verified)) fail('too_many_unverified_factors')
    const email = { email_id: id, email: value, verified: false }
    const phone = { phone_id: id, phone_number: value, verified: false }
    await claim(app, user, kind === 'email' ? emailIdentifiers(email) : phoneIdentifiers(phone))
    return kind === 'email'
      ? { ...user, emails: [...user.emails, email] }
      : { ...user, phone_numbers: [...user.phone_numbers, phone] }
  })
  const { project_id } = environment
  await insertProvisional(app.store, {
    project_id,
    contact_id: id,
    owner_id: user.user_id,
    expires_at: app.now() + toProve,
  })
  return { user, contact: { kind, value, id, verified: false } }
}

/** What was not proven in time must not stand in the way of what is added now. */
async function takeBackLapsed(app: App, environment: Environment, user_id: string): Promise<void> {
  const unproven = contactsOf(await getUser(app, environment, user_id)).filter(({ verified }) => !verified)
  for (const { id, kind } of unproven) {
    await findContactOwner(app, environment, kind === 'email' ? 'email_id' : 'phone_id', id)
  }
}

/** Gives a contact that was added and not yet proven its full time again, because it was written to anew. */
export async function renewContact(
  app: App,
  { project_id }: Environment,
  user: User,
  { id }: OwnContact,
): Promise<void> {
  if ((await selectProvisional(app.store, project_id, id)) === undefined) return
  await insertProvisional(app.store, {
    project_id,
    contact_id: id,
    owner_id: user.user_id,
    expires_at: app.now() + toProve,
  })
}

/** The user with that contact proven; belongs into the transaction of the proof. Writes nothing: the caller does. */
export async function proven(app: App, user: User, contact_id: string): Promise<User> {
  if (contactsOf(user).some(({ id, verified }) => id === contact_id && verified)) return user
  await deleteProvisional(app.store, user.project_id, contact_id)
  return {
    ...user,
    emails: user.emails.map((one) => (one.email_id === contact_id ? { ...one, verified: true } : one)),
    phone_numbers: user.phone_numbers.map((one) => (one.phone_id === contact_id ? { ...one, verified: true } : one)),
  }
}

/**
 * Takes an email address from its user, and with the last one the password that hangs on it. Always allowed: backend
 * deletes are administration (reference: consumer.md §2.5). Refuses with `invalid_email_id` or `email_not_found`.
 */
export function deleteEmail(app: App, environment: Environment, email_id: string): Promise<User> {
  requireOwnId(environment, email_id, 'email', 'invalid_email_id')
  return deleteContact(app, environment, 'email_id', email_id, 'email_not_found')
}

/** Takes a phone number from its user. Refuses with `invalid_id` or `phone_number_not_found`. */
export function deletePhoneNumber(app: App, environment: Environment, phone_id: string): Promise<User> {
  requireOwnId(environment, phone_id, 'phone-number', 'invalid_id')
  return deleteContact(app, environment, 'phone_id', phone_id, 'phone_number_not_found')
}

/** Takes back at most `limit` contacts that were not proven in time and returns how many. */
export async function removeLapsedContacts(
  app: App,
  environmentOf: App['environment'],
  limit: number,
): Promise<number> {
  const lapsed = await selectLapsed(app.store, app.now(), limit)
  for (const { project_id, contact_id } of lapsed) {
    const environment = await environmentOf(project_id)
    const by = contact_id.startsWith('email-') ? 'email_id' : 'phone_id'
    const found = environment && (await findContactOwner(app, environment, by, contact_id))
    // Nobody has it any more, or it was proven and stays.
    if (!found || found.contact.verified) await deleteProvisional(app.store, project_id, contact_id)
  }
  return lapsed.length
}

function deleteContact(
  app: App,
  environment: Environment,
  by: 'email_id' | 'phone_id',
  id: string,
  missing: ErrorType,
): Promise<User> {
  return app.transaction(async (app) => {
    const found = (await findContactOwner(app, environment, by, id)) ?? fail(missing)
    await holdUser(app, found.user)
    return removeContact(app, environment, found.user.user_id, id)
  })
}

function removeContact(app: App, environment: Environment, user_id: string, contact_id: string): Promise<User> {
  return changeUser(app, environment, user_id, async (app, user) => {
    const [email] = user.emails.filter((one) => one.email_id === contact_id)
    const [phone] = user.phone_numbers.filter((one) => one.phone_id === contact_id)
    if (email) await release(app, user, emailIdentifiers(email))
    if (phone) await release(app, user, phoneIdentifiers(phone))
    await deleteProvisional(app.store, environment.project_id, contact_id)
    const emails = user.emails.filter((one) => one !== email)
    const phone_numbers = user.phone_numbers.filter((one) => one !== phone)
    if (!user.password || !email || emails.length > 0) return { ...user, emails, phone_numbers }
    await release(app, user, [passwordIdentifier(user.password.password_id)])
    await removePassword(app, environment, user.user_id)
    return { ...user, emails, phone_numbers, password: null }
  })
}
