/** Members: created, read anew and changed in turn (reference: b2b.md §5.4, §5.6). */
import { fail } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'
import { parseEmail } from '../../values/email.ts'
import { isAssignableExternalId, newId } from '../../values/id.ts'
import type { JsonObject } from '../../values/json.ts'
import { parsePhoneNumber } from '../../values/phone.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { mergeMetadata } from '../metadata.ts'
import { admitsByInvite, refuseClaimedDomain } from '../organizations/domains.ts'
import { holdOrganization } from '../organizations/organization.ts'
import type { Organization } from '../organizations/row.ts'
import { inheritedPassword } from './address_password.ts'
import { addressIdentifiers, claim, identifier, phoneIdentifiers } from './identifiers.ts'
import { assignable } from './roles.ts'
import type { Member } from './row.ts'
import { holdMemberRow, insertMember, selectMember, updateMemberRow } from './table.ts'

export type NewMember = {
  email_address: string
  /** True when the address has been proven by the way the member is created. */
  email_address_verified?: boolean | undefined
  status: 'pending' | 'invited' | 'active'
  name?: string | undefined
  external_id?: string | undefined
  is_breakglass?: boolean | undefined
  mfa_phone_number?: string | undefined
  mfa_enrolled?: boolean | undefined
  roles?: string[] | undefined
  trusted_metadata?: JsonObject | undefined
  untrusted_metadata?: JsonObject | undefined
  /** True when a member asks for it: then the addresses that can be invited are those that can be added. */
  by_member?: boolean | undefined
}

/** What identifies a member to the verbs that read it anew. */
export type Known = Pick<Member, 'project_id' | 'organization_id' | 'member_id'>

/**
 * Adds a member to an organization; nothing is sent. Refuses a malformed or taken address, number or external id, an address
 * in a domain that another organization has claimed, an unknown role, oversized metadata, and with `organization_not_found`
 * when the organization is being deleted; with `invalid_email_for_invites` what a member asks for and the organization would
 * not invite.
 */
export function createMember(
  app: App,
  environment: Environment,
  organization: Organization,
  given: NewMember,
): Promise<Member> {
  const { project_id, type, policy } = environment
  const { organization_id } = organization
  const now = app.now()
  const member: Member = {
    project_id,
    organization_id,
    member_id: newId('member', type),
    status: given.status,
    name: checkName(given.name ?? ''),
    external_id: given.external_id ? checkExternalId(given.external_id) : null,
    email_id: newEmailId(environment),
    email_address: parseEmail(given.email_address) ?? fail('invalid_email'),
    email_address_verified: given.email_address_verified ?? false,
    retired_email_addresses: [],
    email_update: null,
    is_breakglass: given.is_breakglass ?? false,
    mfa_enrolled: given.mfa_enrolled ?? false,
    default_mfa_method: '',
    mfa_phone: given.mfa_phone_number ? newPhone(environment, given.mfa_phone_number) : null,
    totp: null,
    password: null,
    sso_registrations: [],
    oauth_registrations: [],
    scim_registration: null,
    assigned_roles: assignable(policy, organization, given.roles ?? []),
    trusted_metadata: mergeMetadata({}, given.trusted_metadata),
    untrusted_metadata: mergeMetadata({}, given.untrusted_metadata),
    lock_created_at: null,
    lock_expires_at: null,
    created_at: now,
    updated_at: now,
    version: 1,
  }
  return app.transaction(async (app) => {
    await holdOrganization(app, organization)
    if (given.by_member && !admitsByInvite(organization, member.email_address)) fail('invalid_email_for_invites')
    await refuseClaimedDomain(app, environment, organization, member.email_address)
    // Holds the address, which comes before what is unique.
    const created = { ...member, password: await inheritedPassword(app, environment, member.email_address) }
    await claim(app, member, [
      ...addressIdentifiers(member, member),
      ...(member.mfa_phone ? phoneIdentifiers(member, member.mfa_phone) : []),
      ...(member.external_id === null ? [] : [identifier(member, 'external_id', member.external_id)]),
    ])
    await insertMember(app.store, created)
    await recordEvent(app, project_id, 'member.created', member.member_id, { organization_id })
    return created
  })
}

/**
 * Holds a member, lets `change` make the next state of it, and writes that, all in one transaction: changes of one member
 * take turns, and whatever else a change locks is locked after the member. Writes nothing when `change` returns the member it
 * was given. Refuses with `member_not_found` when the member is gone, or deleted.
 */
export function changeMember(
  app: App,
  known: Known,
  change: (app: App, member: Member) => Member | Promise<Member>,
  event: 'member.updated' | 'member.deleted' | 'member.reactivated' = 'member.updated',
): Promise<Member> {
  const { project_id, organization_id, member_id } = known
  return app.transaction(async (app) => {
    await holdMemberRow(app.store, project_id, member_id)
    const member = await selectMember(app.store, project_id, member_id)
    if (!member || (member.status === 'deleted' && event !== 'member.reactivated')) fail('member_not_found')
    const next = await change(app, member)
    if (next === member) return member
    await recordEvent(app, project_id, event, member_id, { organization_id })
    return updateMemberRow(app.store, { ...next, updated_at: app.now() })
  })
}

/**
 * Keeps a member from being changed or deleted by others until the transaction ends, and returns the version it has now.
 * Throws `WriteConflict` when it is gone, and the transaction begins again without the member. Whoever locks more than a
 * member locks the member first: then no two transactions wait for each other.
 */
export async function holdMember(
  app: App,
  { project_id, member_id }: Pick<Known, 'project_id' | 'member_id'>,
): Promise<number> {
  return (await holdMemberRow(app.store, project_id, member_id)) ?? conflict()
}

/**
 * Holds a member and returns them as they are then: transactions over one member take turns from here on, and each sees what
 * the one before it has left. Throws `WriteConflict` when the member has been deleted since it was read.
 */
export async function takeMemberTurn(app: App, known: Member): Promise<Member> {
  const version = await holdMember(app, known)
  if (version === known.version) return known
  const member = await selectMember(app.store, known.project_id, known.member_id)
  return member && member.status !== 'deleted' ? member : conflict()
}

/** A new id of an address. */
export function newEmailId({ type }: Pick<Environment, 'type'>): string {
  return newId('member-email', type)
}

/** A phone number for a member, not verified yet. Refuses with `invalid_phone_number`. */
export function newPhone({ type }: Pick<Environment, 'type'>, text: string): NonNullable<Member['mfa_phone']> {
  const phone_number = parsePhoneNumber(text) ?? fail('invalid_phone_number')
  return { phone_id: newId('member-phone', type), phone_number, verified: false }
}

/** The external id of a request. Refuses with `bad_request` what is none, or looks like an id of this API. */
export function checkExternalId(text: string): string {
  if (isAssignableExternalId(text)) return text
  return fail(
    'bad_request',
    'external_id must be 1 to 128 characters of letters, digits, ".", "_", "-" and "|", and not begin like an id of this API.',
  )
}

/** The name of a request. Refuses with `bad_request` one that is too long. */
export function checkName(name: string): string {
  return name.length > 256 ? fail('bad_request', 'name must be at most 256 characters.') : name
}

function conflict(): never {
  throw new WriteConflict()
}
