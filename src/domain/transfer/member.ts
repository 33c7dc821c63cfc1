/** Members of an import: what a record says, and the member it becomes in its organization. */
import { fail } from '../../errors.ts'
import { findOwners } from '../../store/identifiers.ts'
import { parseEmail } from '../../values/email.ts'
import { newId } from '../../values/id.ts'
import { parsePhoneNumber } from '../../values/phone.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { passwordOwnerOf, sharesPasswords } from '../members/address_password.ts'
import { identifier } from '../members/identifiers.ts'
import { addMembers, identifiersOfMember, listMembersAfter, namesOfMembers } from '../members/many.ts'
import { checkExternalId, checkName, newEmailId } from '../members/member.ts'
import { showPassword } from '../members/password.ts'
import { assignable, isRole } from '../members/roles.ts'
import type { Member } from '../members/row.ts'
import { checkDefaultMethod } from '../members/update.ts'
import { mergeMetadata } from '../metadata.ts'
import { domainOf } from '../organizations/domains.ts'
import { findOrganizations, holdOrganizations, organizationsOfIds } from '../organizations/many.ts'
import { organizationScope } from '../organizations/reference.ts'
import type { Organization } from '../organizations/row.ts'
import { holdPasswordMode } from '../projects/environment.ts'
import { shareByAddress } from './address_password.ts'
import { type Credentials, exportCredentials, readPassword, readTotp, storeCredentials } from './credentials.ts'
import { type Claim, idHere, type Kind, type Names, refuseRepeated } from './names.ts'
import { type Findings, findingsOf, type Problem } from './problem.ts'
import type { MemberRecord, Written } from './record.ts'
import { readTime, timeOf } from './time.ts'

/** A member who is not in an organization yet. */
export type MemberDraft = {
  line: number
  /** The id it brings along, as it counts here. */
  id: string | undefined
  /** Names the organization: an id, a slug or an external id. */
  organization: string
  member: Omit<Member, 'organization_id'>
  credentials: Credentials
}

/** The same in its organization. */
export type PlacedMember = { names: Names; member: Member; credentials: Credentials }

export const members: Kind = {
  noun: 'member',
  async lookUp(app, environment, ids) {
    const found = await namesOfMembers(app, environment, ids)
    return found.map(({ member_id, organization_id, external_id }) => ({
      id: member_id,
      external_id,
      place: organization_id,
    }))
  },
}

/** The member of a record; undefined, with everything that is wrong by itself, when it cannot be one. */
export function draftMember(
  app: App,
  environment: Environment,
  record: MemberRecord,
  findings: Findings,
): MemberDraft | undefined {
  const { project_id, type } = environment
  const id = idHere(environment, 'member', 'member_id', record.member_id, findings)
  const { external_id } = record
  const password = readPassword(environment, 'member-password', record.password, findings)
  const totp = readTotp(environment, 'member-totp', record.totp, findings)
  const created_at = readTime(record, 'created_at', findings) ?? app.now()
  const factors = {
    mfa_phone: readPhone(environment, record, findings),
    totp: totp ? { totp_id: totp.totp_id, verified: true } : null,
  }
  const member: MemberDraft['member'] = {
    project_id,
    member_id: id ?? newId('member', type),
    status: record.status ?? 'active',
    name: findings.check('name', () => checkName(record.name ?? '')) ?? '',
    external_id: (external_id && findings.check('external_id', () => checkExternalId(external_id))) || null,
    email_id: idHere(environment, 'member-email', 'email_id', record.email_id, findings) ?? newEmailId(environment),
    email_address: readAddress('email_address', record.email_address, findings),
    email_address_verified: record.email_address_verified ?? false,
    retired_email_addresses: readRetired(environment, record, findings),
    email_update: null,
    is_breakglass: record.is_breakglass ?? false,
    mfa_enrolled: record.mfa_enrolled ?? false,
    ...factors,
    default_mfa_method: readDefaultMethod(factors, record, findings),
    password: password ? { password_id: password.password_id, inherited: false } : null,
    sso_registrations: [],
    oauth_registrations: [],
    scim_registration: null,
    assigned_roles: (record.roles ?? []).filter((role_id) => role_id !== undefined),
    trusted_metadata: findings.check('trusted_metadata', () => mergeMetadata({}, record.trusted_metadata)) ?? {},
    untrusted_metadata: findings.check('untrusted_metadata', () => mergeMetadata({}, record.untrusted_metadata)) ?? {},
    lock_created_at: null,
    lock_expires_at: null,
    created_at,
    updated_at: readTime(record, 'updated_at', findings) ?? created_at,
    version: 1,
  }
  if (member.status === 'deleted') checkDeleted(id, member, findings)
  const organization = readReference(environment, record.organization_id, findings)
  if (findings.problems.length > 0 || organization === undefined) return undefined
  return { line: findings.line, id, organization, member, credentials: { password, totp } }
}

function readReference(environment: Environment, reference: string, findings: Findings): string | undefined {
  if (/^organization-(?:test|live)-/.test(reference)) {
    return idHere(environment, 'organization', 'organization_id', reference, findings)
  }
  if (/^[A-Za-z0-9._~|-]{1,128}$/.test(reference)) return reference
  return void findings.add('organization_id', 'expected the id, slug or external id of an organization')
}

function readAddress(field: string, given: string, findings: Findings): string {
  return findings.check(field, () => parseEmail(given) ?? fail('invalid_email')) ?? ''
}

function readRetired(
  environment: Environment,
  { retired_email_addresses = [] }: MemberRecord,
  findings: Findings,
): Member['retired_email_addresses'] {
  return retired_email_addresses.map((given, index) => {
    const field = `retired_email_addresses[${index}]`
    const id = idHere(environment, 'member-email', `${field}.email_id`, given.email_id, findings)
    const email_address = readAddress(`${field}.email_address`, given.email_address, findings)
    return { email_id: id ?? newEmailId(environment), email_address }
  })
}

function readPhone(environment: Environment, record: MemberRecord, findings: Findings): Member['mfa_phone'] {
  const { mfa_phone_number: given, mfa_phone_id, mfa_phone_number_verified: verified = false } = record
  const id = idHere(environment, 'member-phone', 'mfa_phone_id', mfa_phone_id, findings)
  if (!given) return null
  const phone_number = findings.check('mfa_phone_number', () => parsePhoneNumber(given) ?? fail('invalid_phone_number'))
  return phone_number === undefined
    ? null
    : { phone_id: id ?? newId('member-phone', environment.type), phone_number, verified }
}

function readDefaultMethod(
  factors: Pick<Member, 'mfa_phone' | 'totp'>,
  { default_mfa_method: given }: MemberRecord,
  findings: Findings,
): Member['default_mfa_method'] {
  return (given && findings.check('default_mfa_method', () => checkDefaultMethod(factors, given))) || ''
}

/** Deleted members hold nothing by which they could be found again, and have lost what deleting takes. */
function checkDeleted(id: string | undefined, member: MemberDraft['member'], findings: Findings): void {
  if (!id) findings.add('member_id', 'is required of deleted members')
  const { mfa_phone, totp, password, assigned_roles } = member
  const lost = { mfa_phone_number: mfa_phone, totp, password, roles: assigned_roles[0] }
  for (const [field, value] of Object.entries(lost)) {
    if (value) findings.add(field, 'deleted members have none; leave it out')
  }
}

/**
 * Puts members into their organizations, which are looked up in each of the databases. Refuses those whose organization is not
 * there, who have roles that it does not define, or whose domain another organization has claimed.
 */
export async function placeMembers(
  sources: App[],
  environment: Environment,
  drafts: MemberDraft[],
): Promise<{ placed: PlacedMember[]; problems: Problem[] }> {
  const organizations = await organizationsNamed(sources, environment, drafts)
  const claimers = await claimersOf(sources, environment, drafts)
  const placed: PlacedMember[] = []
  const problems: Problem[] = []
  for (const draft of drafts) {
    const findings = findingsOf(draft.line)
    const one = place(environment, organizations.get(draft.organization), claimers, draft, findings)
    if (one) placed.push(one)
    problems.push(...findings.problems)
  }
  return { placed, problems }
}

function place(
  environment: Environment,
  organization: Organization | undefined,
  claimers: Map<string, string>,
  { line, id, organization: reference, member: draft, credentials }: MemberDraft,
  findings: Findings,
): PlacedMember | undefined {
  if (!organization) {
    return void findings.add(
      'organization_id',
      `there is no organization "${reference}" yet; it comes before its members`,
    )
  }
  const { organization_id } = organization
  const assigned_roles =
    findings.check('roles', () => assignable(environment.policy, organization, draft.assigned_roles)) ?? []
  const member: Member = { ...draft, organization_id, assigned_roles }
  const claimer = claimers.get(domainOf(member.email_address))
  // Whoever has an id has been a member before, and stays one when a domain is claimed elsewhere.
  if (!id && claimer !== undefined && claimer !== organization_id) {
    findings.add('email_address', 'its domain is claimed by another organization')
  }
  const names = namesOf(environment, line, id, member)
  refuseRepeated(names, findings)
  return findings.problems.length > 0 ? undefined : { names, member, credentials }
}

async function organizationsNamed(
  sources: App[],
  environment: Environment,
  drafts: MemberDraft[],
): Promise<Map<string, Organization>> {
  const references = [...new Set(drafts.map(({ organization }) => organization))]
  const found: [string, Organization][] = []
  for (const app of sources) found.push(...(await findOrganizations(app, environment, references)))
  return new Map(found)
}

/** The organizations that have claimed the domains of these members. */
async function claimersOf(
  sources: App[],
  { project_id }: Environment,
  drafts: MemberDraft[],
): Promise<Map<string, string>> {
  const domains = [...new Set(drafts.map(({ member }) => domainOf(member.email_address)))]
  const claims = domains.map((value) => ({ scope: organizationScope, kind: 'claimed_domain', value }))
  const claimers = new Map<string, string>()
  for (const { store } of sources) {
    for (const { value, owner_id } of await findOwners(store, project_id, claims)) claimers.set(value, owner_id)
  }
  return claimers
}

const fieldsOfKinds: Record<string, string> = {
  phone_number: 'mfa_phone_number',
  phone_id: 'mfa_phone_id',
  password_id: 'password.password_id',
  totp_id: 'totp.totp_id',
}

function namesOf(environment: Environment, line: number, id: string | undefined, member: Member): Names {
  const { member_id: new_id, organization_id, external_id, status } = member
  const common = { line, id_field: 'member_id', id, new_id, external_id, place: organization_id }
  if (status === 'deleted') return { ...common, found_by: [], parts: [] }
  // The primary address comes first.
  const [address, ...others] = identifiersOfMember(environment, member)
  const found_by: Claim[] = [
    ...(external_id === null
      ? []
      : [{ field: 'external_id', identifier: identifier(member, 'external_id', external_id) }]),
    ...(address ? [{ field: 'email_address', identifier: address }] : []),
  ]
  const parts = others
    .filter(({ kind }) => kind !== 'external_id')
    .map((one) => {
      const ofAddress = one.value === member.email_id ? 'email_id' : 'retired_email_addresses'
      return { field: fieldsOfKinds[one.kind] ?? ofAddress, identifier: one }
    })
  return { ...common, found_by, parts }
}

/** Adds members who are new; belongs into a transaction. A rehearsal writes nothing secret. */
export async function writeMembers(
  app: App,
  environment: Environment,
  placed: PlacedMember[],
  { is_rehearsal }: { is_rehearsal: boolean },
): Promise<void> {
  if (placed.length === 0) return
  // Whose passwords are must not change while they are stored.
  if (!is_rehearsal && placed.some(({ credentials }) => credentials.password)) await holdPasswordMode(app, environment)
  const organization_ids = new Set(placed.map(({ member }) => member.organization_id))
  if (!is_rehearsal) await holdOrganizations(app, environment, [...organization_ids])
  const shared =
    sharesPasswords(environment) && !is_rehearsal ? await shareByAddress(app, environment, placed) : undefined
  const members = shared?.members ?? placed.map(({ member }) => member)
  await addMembers(app, environment, members)
  if (is_rehearsal) return
  await storeCredentials(app, environment, [
    ...placed.map(({ member, credentials: { password, totp } }) => ({
      owner_id: member.member_id,
      credentials: { password: shared ? undefined : password, totp },
    })),
    ...(shared?.passwords ?? []),
  ])
  for (const { member, password_id } of shared?.others ?? []) {
    await showPassword(app, environment, [member], password_id)
  }
}

/** The records of the next members after that id, at most `limit`; none when there are no more. */
export async function exportMembers(
  app: App,
  environment: Environment,
  { after, limit, with_credentials }: { after: string; limit: number; with_credentials: boolean },
): Promise<{ last: string; record: Written }[]> {
  const found = await listMembersAfter(app, environment, after, limit)
  const owners = found.map((member) => ({
    owner_id: member.member_id,
    password_owner: member.password ? passwordOwnerOf(environment, member) : '',
  }))
  const credentials = with_credentials ? await exportCredentials(app, environment, owners) : undefined
  const ids = [...new Set(found.map(({ organization_id }) => organization_id))]
  const places = new Map(
    (await organizationsOfIds(app, environment, ids)).map((place) => [place.organization_id, place]),
  )
  return found.map((member) => ({
    last: member.member_id,
    record: {
      type: 'member',
      organization_id: member.organization_id,
      member_id: member.member_id,
      external_id: member.external_id,
      status: member.status,
      email_address: member.email_address,
      email_address_verified: member.email_address_verified,
      email_id: member.email_id,
      retired_email_addresses: member.retired_email_addresses,
      name: member.name,
      is_breakglass: member.is_breakglass,
      mfa_enrolled: member.mfa_enrolled,
      mfa_phone_number: member.mfa_phone?.phone_number ?? '',
      mfa_phone_number_verified: member.mfa_phone?.verified ?? false,
      mfa_phone_id: member.mfa_phone?.phone_id ?? '',
      default_mfa_method: methodOf(member, with_credentials),
      roles: member.assigned_roles.filter((role_id) =>
        isRole(environment.policy, places.get(member.organization_id) ?? { custom_roles: [] }, role_id),
      ),
      trusted_metadata: member.trusted_metadata,
      untrusted_metadata: member.untrusted_metadata,
      created_at: timeOf(member.created_at),
      updated_at: timeOf(member.updated_at),
      ...credentials?.get(member.member_id),
    },
  }))
}

/** Without the authenticator app, it cannot be the default. */
function methodOf({ default_mfa_method, mfa_phone, totp }: Member, with_credentials: boolean): string {
  if (default_mfa_method === 'totp' && !(with_credentials && totp?.verified))
    return mfa_phone?.verified ? 'sms_otp' : ''
  return default_mfa_method
}
