/** Invitations: a pending user and a magic link by email, until the link is used or taken back (reference: consumer.md §3.1). */
import type { Locale } from '../../../delivery/message.ts'
import { fail } from '../../../errors.ts'
import type { App } from '../../app.ts'
import { type Attributes, checkAttributes } from '../../attributes.ts'
import type { Environment } from '../../configuration/environment.ts'
import { countAgainst } from '../../limits/limit.ts'
import { namedTemplate } from '../../messages/template.ts'
import { expireOneTimeTokens, linkMinutes, listOneTimeTokens } from '../../proofs/one_time_token.ts'
import { resolveRedirectUrl } from '../../redirect_urls/resolve.ts'
import { type Contact, contactsOf, findContactOwner, type OwnContact, renewContact } from '../../users/contacts.ts'
import type { User } from '../../users/row.ts'
import { createUser, type NewUser, takeTurn, updateUser } from '../../users/user.ts'
import { beginningAgain } from '../again.ts'
import { emailContact, mailDraft, usualMinutes } from './mail.ts'

type Profile = Pick<NewUser, 'name' | 'trusted_metadata' | 'untrusted_metadata'>

/** What a request for an invitation may say; every field but `email` may be missing. */
export type Invitation = Profile & {
  email: string
  invite_magic_link_url?: string | undefined
  invite_expiration_minutes?: number | undefined
  invite_template_id?: string | undefined
  attributes?: Partial<Attributes> | undefined
  locale?: Locale | undefined
}

type Invited = { user: User; contact: OwnContact }

/**
 * Invites the owner of an address as a pending user with that name and metadata; one who is pending already gets them,
 * and another link. Refuses with `duplicate_email` an active user's address, with `too_many_requests` the second link to an
 * address in a second, and whatever the request has wrong.
 */
export async function inviteUser(app: App, environment: Environment, request: Invitation): Promise<Invited> {
  const { invite_magic_link_url, invite_expiration_minutes, invite_template_id, locale } = request
  const contact = emailContact(request.email)
  const minutes = linkMinutes('invite_expiration_minutes', invite_expiration_minutes, usualMinutes.invite)
  const redirect_url = resolveRedirectUrl(environment, 'INVITE', invite_magic_link_url)
  const template = await namedTemplate(app, environment, 'INVITE', invite_template_id)
  const attributes = checkAttributes(request.attributes)
  return app.transaction(async (app) => {
    await countAgainst(app, environment, 'email_links', contact.value)
    const invited = await provision(app, environment, contact, request)
    await mailDraft(app, environment, invited, { kind: 'invite', minutes, redirect_url, attributes, locale, template })
    return invited
  })
}

async function provision(
  app: App,
  environment: Environment,
  { value: email }: Contact,
  { name, trusted_metadata, untrusted_metadata }: Profile,
): Promise<Invited> {
  const profile = { name, trusted_metadata, untrusted_metadata }
  const known = await findContactOwner(app, environment, 'email', email)
  if (!known) {
    const user = await beginningAgain(createUser(app, environment, { ...profile, email, status: 'pending' }))
    return { user, contact: contactsOf(user)[0] as OwnContact }
  }
  const { status, user_id } = await takeTurn(app, environment, known.user)
  if (status === 'active') fail('duplicate_email')
  const user = await updateUser(app, environment, user_id, profile)
  await renewContact(app, environment, user, known.contact)
  return { user, contact: known.contact }
}

/**
 * Takes the invitations of an address back: their links have expired. The pending user stays. Refuses with
 * `email_not_found` an address that has none, or whose owner has become active.
 */
export function revokeInvites(app: App, environment: Environment, email: string): Promise<void> {
  const { value } = emailContact(email)
  return app.transaction(async (app) => {
    const found = (await findContactOwner(app, environment, 'email', value)) ?? fail('email_not_found')
    const user = await takeTurn(app, environment, found.user)
    const { id } = found.contact
    const tokens = await listOneTimeTokens(app, environment, user.user_id)
    const invited = tokens.some(({ details, method_id }) => details.kind === 'invite' && method_id === id)
    if (!invited || user.status === 'active') fail('email_not_found')
    const invites = { purpose: 'magic link', kind: 'invite', method_id: id } as const
    await expireOneTimeTokens(app, environment, user.user_id, invites)
  })
}
