/** Members who change their own address: asked for, mailed to the new one, completed by proving it (reference: b2b.md §5.6.7). */
import type { Locale } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { findOwner } from '../../store/identifiers.ts'
import { parseEmail } from '../../values/email.ts'
import { MINUTE } from '../../values/time.ts'
import type { App } from '../app.ts'
import { checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import type { EmailTemplate } from '../email_templates/row.ts'
import { countAgainst } from '../limits/limit.ts'
import { linkTo } from '../messages/link.ts'
import { sendMessage } from '../messages/message.ts'
import { namedTemplate } from '../messages/template.ts'
import { refuseClaimedDomain } from '../organizations/domains.ts'
import { holdOrganization } from '../organizations/organization.ts'
import type { Organization } from '../organizations/row.ts'
import { issueOneTimeCode } from '../proofs/one_time_code.ts'
import { issueOneTimeToken } from '../proofs/one_time_token.ts'
import { resolveRedirectUrl } from '../redirect_urls/resolve.ts'
import { listSessions, revokeSession } from '../sessions/session.ts'
import { moveTo, ownRetired, withoutEmailUpdate } from './address.ts'
import { holdAddresses, passwordByNextAddress, sharesPasswords } from './address_password.ts'
import { addressIdentifiers, identifier, release, tryToClaim } from './identifiers.ts'
import { changeMember, type Known, newEmailId } from './member.ts'
import { findMemberBy } from './reference.ts'
import type { Member } from './row.ts'
import { selectMember } from './table.ts'

export type EmailUpdateRequest = {
  email_address: string
  login_redirect_url?: string | undefined
  login_template_id?: string | undefined
  locale?: Locale | undefined
  delivery_method?: 'EMAIL_MAGIC_LINK' | 'EMAIL_OTP' | undefined
}

/** What was asked for, checked as far as it does not depend on the member; without a redirect URL it is a code. */
type Draft = {
  email_address: string
  redirect_url: string | undefined
  locale: Locale
  template: EmailTemplate | undefined
}

const minutes = 5

/**
 * Mails a link or code to the address a member wants; whoever redeems it within five minutes completes the change. An
 * earlier change under way ends. Refuses malformed requests, members who are not active or have proven no address
 * (`email_updates_available_only_for_active_members`, `member_has_no_active_verified_email`), and addresses that are taken:
 * `duplicate_member_email`, `desired_email_deactivated_by_different_member`, `desired_email_updating_for_different_member`,
 * `action_not_allowed_email_domain_is_claimed`.
 */
export async function startEmailUpdate(
  app: App,
  environment: Environment,
  known: Known,
  request: EmailUpdateRequest,
): Promise<Member> {
  const draft = await readRequest(app, environment, request)
  return app.transaction(async (app) => {
    // Before the member, like everywhere: whoever mails to the address of a member has counted it before holding them.
    await countAgainst(app, environment, draft.redirect_url ? 'email_links' : 'email_codes', draft.email_address)
    // One change at a time begins in an organization: it may end one of another member that has lapsed.
    await holdOrganization(app, known)
    return changeMember(app, known, async (app, member) => {
      if (member.status !== 'active') fail('email_updates_available_only_for_active_members')
      if (!member.email_address_verified) fail('member_has_no_active_verified_email')
      await refuseTaken(app, member, draft.email_address)
      await refuseClaimedDomain(app, environment, member, draft.email_address)
      const next = await reserve(app, environment, await withoutEmailUpdate(app, environment, member), draft)
      await mail(app, environment, next, draft)
      return next
    })
  })
}

async function readRequest(app: App, environment: Environment, request: EmailUpdateRequest): Promise<Draft> {
  const email_address = parseEmail(request.email_address) ?? fail('invalid_email')
  const { login_redirect_url, locale = 'en', delivery_method = 'EMAIL_MAGIC_LINK' } = request
  if (login_redirect_url) resolveRedirectUrl(environment, 'LOGIN', login_redirect_url)
  const isLink = delivery_method === 'EMAIL_MAGIC_LINK'
  const type = isLink ? 'LOGIN' : 'ONE_TIME_PASSCODE'
  const template = await namedTemplate(app, environment, type, request.login_template_id)
  const redirect_url = isLink ? resolveRedirectUrl(environment, 'LOGIN', login_redirect_url) : undefined
  return { email_address, redirect_url, locale, template }
}

/** A member may go back to an address that was retired, but not to one that another member has or had. */
async function refuseTaken(app: App, member: Member, email_address: string): Promise<void> {
  const holder = await findMemberBy(app, member, 'email', email_address)
  if (!holder) return
  if (holder.email_address === email_address) fail('duplicate_member_email')
  if (holder.member_id !== member.member_id) fail('desired_email_deactivated_by_different_member')
}

/** The member with the change under way. One of another member that was not completed in time gives way. */
async function reserve(app: App, environment: Environment, member: Member, draft: Draft): Promise<Member> {
  const { email_address } = draft
  const wanted = [identifier(member, 'email_update', email_address)]
  if ((await tryToClaim(app, member, wanted)).length > 0) {
    await endLapsed(app, environment, member, email_address)
    if ((await tryToClaim(app, member, wanted)).length > 0) fail('desired_email_updating_for_different_member')
  }
  const email_id = ownRetired(member, email_address)?.email_id ?? newEmailId(environment)
  return { ...member, email_update: { email_id, email_address, expires_at: app.now() + minutes * MINUTE } }
}

async function endLapsed(app: App, environment: Environment, member: Member, email_address: string): Promise<void> {
  const other = await findMemberByEmailUpdate(app, member, email_address)
  if (!other?.email_update || other.email_update.expires_at > app.now()) return
  await changeMember(app, other, (app, current) => withoutEmailUpdate(app, environment, current))
}

async function mail(
  app: App,
  environment: Environment,
  { member_id: owner_id, email_update }: Member,
  { email_address, redirect_url, locale, template }: Draft,
): Promise<void> {
  const method_id = email_update?.email_id as string
  const attributes = checkAttributes(undefined)
  const letter = { channel: 'email', template: 'verify_email', locale, minutes } as const
  if (redirect_url === undefined) {
    const details = { channel: 'email' as const, attributes }
    const code = await issueOneTimeCode(app, environment, { owner_id, method_id, details, minutes })
    return sendMessage(app, environment, email_address, { ...letter, code, links: [] }, template)
  }
  const token = await issueOneTimeToken(app, environment, {
    purpose: 'magic link',
    owner_id,
    method_id,
    minutes,
    details: { kind: 'email_update', attributes, redirect_url },
  })
  const url = linkTo(app, environment, 'multi_tenant_magic_links', token)
  const links = [{ purpose: 'verify_email' as const, url, token }]
  return sendMessage(app, environment, email_address, { ...letter, links }, template)
}

/**
 * The member of the organization who is changing to that address, in time or not. An email passcode to it proves the
 * `email_id` of the change (`member.email_update`), which `completeEmailUpdate` takes.
 */
export async function findMemberByEmailUpdate(
  app: App,
  organization: Pick<Organization, 'project_id' | 'organization_id'>,
  email_address: string,
): Promise<Member | undefined> {
  const { project_id } = organization
  const owner = await findOwner(app.store, project_id, identifier(organization, 'email_update', email_address))
  return owner === undefined ? undefined : selectMember(app.store, project_id, owner)
}

/**
 * Makes the address that a member was changing to the primary one, because it has been proven: `email_id` is what the link
 * (of kind `email_update`) or code was for. The old one is retired, password and sessions stay. Where addresses share passwords,
 * `passwordByNextAddress` says which one counts, and sessions with a password of the old address end, but for the presented
 * one: elsewhere they would pass for the one who has the new address. Belongs into the transaction of the proof, which holds
 * the addresses (`holdEmailUpdate`). Refuses with `unable_to_verify_member_email_update` what was replaced, has expired, or is taken by now, and with
 * `action_not_allowed_email_domain_is_claimed` an address in a domain that another organization has claimed since.
 */
export function completeEmailUpdate(
  app: App,
  environment: Environment,
  known: Known,
  email_id: string,
  session_id?: string,
): Promise<Member> {
  return changeMember(app, known, async (app, member) => {
    const { email_update } = member
    if (email_update?.email_id !== email_id || email_update.expires_at <= app.now()) unable()
    const { email_address } = email_update
    await refuseClaimedDomain(app, environment, member, email_address)
    await release(app, member, [identifier(member, 'email_update', email_address)])
    if (!ownRetired(member, email_address)) {
      const taken = await tryToClaim(app, member, addressIdentifiers(member, { email_id, email_address }))
      if (taken.length > 0) unable()
    }
    const password = await passwordByNextAddress(app, environment, member, email_address)
    if (sharesPasswords(environment)) await endPasswordSessions(app, environment, member, session_id)
    const moved = await moveTo(app, environment, member, { email_id, email_address }, false)
    return { ...moved, password, email_update: null, email_address_verified: true }
  })
}

async function endPasswordSessions(
  app: App,
  environment: Environment,
  { project_id, member_id }: Member,
  except: string | undefined,
): Promise<void> {
  for (const { session_id, authentication_factors } of await listSessions(app, environment, member_id)) {
    const isByPassword = authentication_factors.some(({ type }) => type === 'password')
    if (!isByPassword || session_id === except) continue
    await revokeSession(app, environment, { project_id, column: 'session_id', value: session_id })
  }
}

/** Holds what completing a change of address changes beside the member, who is held after it. */
export function holdEmailUpdate(
  app: App,
  environment: Environment,
  { email_address, email_update }: Member,
): Promise<void> {
  return holdAddresses(app, environment, email_update ? [email_address, email_update.email_address] : [])
}

function unable(): never {
  fail('unable_to_verify_member_email_update')
}
