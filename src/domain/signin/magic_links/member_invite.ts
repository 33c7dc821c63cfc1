/** Invitations to organizations: a member who has not come yet, and a magic link by email (reference: b2b.md §7.1). */
import type { Locale } from '../../../delivery/message.ts'
import { fail } from '../../../errors.ts'
import type { App } from '../../app.ts'
import type { Environment } from '../../configuration/environment.ts'
import { countAgainst } from '../../limits/limit.ts'
import { changeMember, type NewMember } from '../../members/member.ts'
import { getMember } from '../../members/reference.ts'
import type { Member } from '../../members/row.ts'
import { updateMember } from '../../members/update.ts'
import { namedTemplate } from '../../messages/template.ts'
import { admitsByInvite, refuseClaimedDomain } from '../../organizations/domains.ts'
import { getOrganization } from '../../organizations/reference.ts'
import type { Organization } from '../../organizations/row.ts'
import { expireOneTimeTokens, linkMinutes } from '../../proofs/one_time_token.ts'
import { resolveRedirectUrl } from '../../redirect_urls/resolve.ts'
import { addAddressee, holdAddressee } from '../member_addressee.ts'
import { refuseForbiddenMethod } from '../policy.ts'
import { emailContact } from './mail.ts'
import { mailMemberDraft } from './member_mail.ts'

type Profile = Pick<NewMember, 'name' | 'roles' | 'trusted_metadata' | 'untrusted_metadata'>

/** What a request for an invitation may say; every field but the first two may be missing. */
export type MemberInvitation = Profile & {
  organization_id: string
  email_address: string
  invite_redirect_url?: string | undefined
  /** The member in whose name it is sent, by id or external id. */
  invited_by_member_id?: string | undefined
  invite_template_id?: string | undefined
  invite_expiration_minutes?: number | undefined
  locale?: Locale | undefined
}

/** How many minutes an invitation lasts unless the request says otherwise: a week. */
const usualMinutes = 10_080

/**
 * Invites the owner of an address to an organization; who is pending or invited already gets what the request says of them,
 * and another link, which replaces the earlier invitations. Refuses with `invalid_email_for_invites` what the organization's
 * settings forbid, with `duplicate_member_email` an active member's address, with
 * `operation_restricted_by_organization_auth_methods` where nobody can use a link, with
 * `action_not_allowed_email_domain_is_claimed`, with `member_not_found` an inviter who is not there, and whatever else the
 * request has wrong.
 */
export async function inviteMember(
  app: App,
  environment: Environment,
  request: MemberInvitation,
): Promise<{ organization: Organization; member: Member }> {
  const { value: email_address } = emailContact(request.email_address)
  const { invite_expiration_minutes, invited_by_member_id, locale } = request
  const minutes = linkMinutes('invite_expiration_minutes', invite_expiration_minutes, usualMinutes)
  const redirect_url = resolveRedirectUrl(environment, 'INVITE', request.invite_redirect_url)
  const template = await namedTemplate(app, environment, 'INVITE', request.invite_template_id)
  return app.transaction(async (app) => {
    await countAgainst(app, environment, 'email_links', email_address)
    const organization = await getOrganization(app, environment, request.organization_id)
    if (invited_by_member_id) await getMember(app, environment, organization, invited_by_member_id)
    if (!admitsByInvite(organization, email_address)) fail('invalid_email_for_invites')
    const member = await provision(app, environment, organization, email_address, request)
    const { member_id, email_id: method_id } = member
    await expireOneTimeTokens(app, environment, member_id, { purpose: 'magic link', kind: 'invite', method_id })
    await mailMemberDraft(app, environment, member, { kind: 'invite', minutes, redirect_url, locale, template })
    return { organization, member }
  })
}

async function provision(
  app: App,
  environment: Environment,
  organization: Organization,
  email_address: string,
  { name, roles, trusted_metadata, untrusted_metadata }: Profile,
): Promise<Member> {
  const profile = { name, roles, trusted_metadata, untrusted_metadata }
  const known = await holdAddressee(app, organization, email_address)
  if (known?.status === 'active') fail('duplicate_member_email')
  refuseForbiddenMethod(organization, known, 'magic_link')
  if (!known) return addAddressee(app, environment, organization, { ...profile, email_address, status: 'invited' })
  await refuseClaimedDomain(app, environment, organization, email_address)
  const member = await updateMember(app, environment, organization, known, profile)
  return changeMember(app, member, (_, current) =>
    current.status === 'invited' ? current : { ...current, status: 'invited' },
  )
}
