/** Who a code or link is for: the user who has the contact, a new one, or the one the contact is added to (reference: consumer.md §3.0). */
import { fail } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { Presented, SessionFields } from '../sessions/presented.ts'
import {
  addContact,
  type Contact,
  contactsOf,
  findContactOwner,
  type OwnContact,
  renewContact,
} from '../users/contacts.ts'
import { getUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { createUser, holdUser, takeTurn } from '../users/user.ts'
import { beginningAgain } from './again.ts'

/** `is_signup`: the message greets somebody new, with the texts, links and expiries of sign-ups. */
export type Addressee = { user: User; contact: OwnContact; user_created: boolean; is_signup: boolean }

/** Refuses with `too_many_user_selection_arguments` a request that selects the user in more than one way. */
export function checkSelection(
  fields: Pick<SessionFields, 'session_token' | 'session_jwt'> & { user_id?: string | undefined },
): void {
  const { user_id, session_token, session_jwt } = fields
  if ([user_id, session_token, session_jwt].filter(Boolean).length > 1) fail('too_many_user_selection_arguments')
}

/**
 * The addressee of a `send` operation; belongs into the transaction of the code or link. A contact that nobody has is added
 * to the selected user. Refuses with `email_not_found` or `phone_number_not_found` without one, with `duplicate_…` when
 * somebody else has it, and as `addContact` does.
 */
export async function selectAddressee(
  app: App,
  environment: Environment,
  contact: Contact,
  { user_id, presented }: { user_id?: string | undefined; presented?: Presented | undefined },
): Promise<Addressee> {
  const user_selected = user_id ? await getUser(app, environment, user_id) : presented?.user
  // Calls that add something to one user take turns from here on, instead of losing against each other.
  if (user_selected) await holdUser(app, user_selected)
  const selected = user_selected?.user_id
  const known = await findContactOwner(app, environment, contact.kind, contact.value)
  const isEmail = contact.kind === 'email'
  if (known && selected !== undefined && known.user.user_id !== selected) {
    fail(isEmail ? 'duplicate_email' : 'duplicate_phone_number')
  }
  if (known) return hold(app, environment, known)
  if (selected === undefined) fail(isEmail ? 'email_not_found' : 'phone_number_not_found')
  const { user, contact: added } = await beginningAgain(addContact(app, environment, selected, contact))
  return addressee(user, added, false)
}

/** The addressee of a `login_or_create` operation; belongs into the transaction of the code or link. */
export async function createAddressee(
  app: App,
  environment: Environment,
  contact: Contact,
  { create_user_as_pending }: { create_user_as_pending?: boolean | undefined },
): Promise<Addressee> {
  const known = await findContactOwner(app, environment, contact.kind, contact.value)
  if (known) return hold(app, environment, known)
  const status = create_user_as_pending ? 'pending' : 'active'
  const user = await beginningAgain(createUser(app, environment, { [contact.kind]: contact.value, status }))
  return addressee(user, contactsOf(user)[0] as OwnContact, true)
}

/**
 * Held until the transaction ends: what is sent to one person is sent in turn, and supersedes what was sent before. A contact
 * that waits to be proven has its full time again.
 */
async function hold(
  app: App,
  environment: Environment,
  known: { user: User; contact: OwnContact },
): Promise<Addressee> {
  const user = await takeTurn(app, environment, known.user)
  const contact = contactsOf(user).find(({ id }) => id === known.contact.id)
  if (!contact) throw new WriteConflict()
  await renewContact(app, environment, user, contact)
  return addressee(user, contact, false)
}

function addressee(user: User, contact: OwnContact, user_created: boolean): Addressee {
  return { user, contact, user_created, is_signup: user_created || user.status === 'pending' }
}
