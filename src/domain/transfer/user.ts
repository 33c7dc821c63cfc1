/** Users of an import: what a record says, and the user it becomes. */
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import { newId } from '../../values/id.ts'
import { parsePhoneNumber } from '../../values/phone.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { mergeMetadata } from '../metadata.ts'
import { checkAssignable, userRoles } from '../rbac/check.ts'
import { addUsers, listUsersAfter, namesOfUsers } from '../users/many.ts'
import type { User } from '../users/row.ts'
import {
  checkNewExternalId,
  emailIdentifiers,
  externalIdentifier,
  mergeName,
  passwordIdentifier,
  phoneIdentifiers,
  totpIdentifier,
} from '../users/user.ts'
import { type Credentials, exportCredentials, readPassword, readTotp, storeCredentials } from './credentials.ts'
import { type Claim, idHere, type Kind, type Names, refuseRepeated } from './names.ts'
import type { Findings } from './problem.ts'
import type { UserRecord, Written } from './record.ts'
import { readTime, timeOf } from './time.ts'

export type UserDraft = { names: Names; user: User; credentials: Credentials }

export const users: Kind = {
  noun: 'user',
  async lookUp(app, environment, ids) {
    const found = await namesOfUsers(app, environment, ids)
    return found.map(({ user_id, external_id }) => ({ id: user_id, external_id }))
  },
}

/** The user of a record; undefined, with everything that is wrong, when it cannot be one. */
export function draftUser(
  app: App,
  environment: Environment,
  record: UserRecord,
  findings: Findings,
): UserDraft | undefined {
  const { project_id, type, policy } = environment
  const id = idHere(environment, 'user', 'user_id', record.user_id, findings)
  const { external_id } = record
  const password = readPassword(environment, 'password', record.password, findings)
  const totp = readTotp(environment, 'totp', record.totp, findings)
  const assigned_roles = [...new Set(record.roles)].filter((role) => role !== 'stytch_user')
  findings.check('roles', () => checkAssignable(policy, assigned_roles))
  const user: User = {
    project_id,
    user_id: id ?? newId('user', type),
    status: record.status ?? 'active',
    name: findings.check('name', () => mergeName(unnamed, record.name)) ?? unnamed,
    external_id: (external_id && findings.check('external_id', () => checkNewExternalId(external_id))) || null,
    emails: readEmails(environment, record, findings),
    phone_numbers: readPhoneNumbers(environment, record, findings),
    providers: [],
    webauthn_registrations: [],
    biometric_registrations: [],
    totps: totp ? [{ totp_id: totp.totp_id, verified: true }] : [],
    crypto_wallets: [],
    password: password ? { password_id: password.password_id, requires_reset: password.requires_reset } : null,
    assigned_roles,
    roles: userRoles(policy, assigned_roles),
    trusted_metadata: findings.check('trusted_metadata', () => mergeMetadata({}, record.trusted_metadata)) ?? {},
    untrusted_metadata: findings.check('untrusted_metadata', () => mergeMetadata({}, record.untrusted_metadata)) ?? {},
    lock_created_at: null,
    lock_expires_at: null,
    created_at: readTime(record, 'created_at', findings) ?? app.now(),
    version: 1,
  }
  if (!id && user.external_id === null && user.emails.length + user.phone_numbers.length === 0) {
    findings.add('', 'a user needs an email address, a phone number, an external_id or a user_id')
  }
  if (password && !record.emails?.length) findings.add('password', 'needs an email address to log in with')
  const names = namesOf(findings.line, id, user)
  refuseRepeated(names, findings)
  return findings.problems.length > 0 ? undefined : { names, user, credentials: { password, totp } }
}

const unnamed: User['name'] = { first_name: '', middle_name: '', last_name: '' }

function readEmails(environment: Environment, { emails = [] }: UserRecord, findings: Findings): User['emails'] {
  return emails.flatMap((given, index) => {
    const field = `emails[${index}]`
    const email = findings.check(`${field}.email`, () => parseEmail(given.email) ?? fail('invalid_email'))
    const id = idHere(environment, 'email', `${field}.email_id`, given.email_id, findings)
    const email_id = id ?? newId('email', environment.type)
    return email === undefined ? [] : [{ email_id, email, verified: given.verified ?? false }]
  })
}

function readPhoneNumbers(
  environment: Environment,
  { phone_numbers = [] }: UserRecord,
  findings: Findings,
): User['phone_numbers'] {
  return phone_numbers.flatMap((given, index) => {
    const field = `phone_numbers[${index}]`
    const phone_number = findings.check(
      `${field}.phone_number`,
      () => parsePhoneNumber(given.phone_number) ?? fail('invalid_phone_number'),
    )
    const id = idHere(environment, 'phone-number', `${field}.phone_id`, given.phone_id, findings)
    const phone_id = id ?? newId('phone-number', environment.type)
    return phone_number === undefined ? [] : [{ phone_id, phone_number, verified: given.verified ?? false }]
  })
}

function namesOf(line: number, id: string | undefined, user: User): Names {
  const { external_id, emails, phone_numbers } = user
  const external: Claim[] =
    external_id === null ? [] : [{ field: 'external_id', identifier: externalIdentifier(external_id) }]
  const contacts = [
    ...emails.map((email, index) => ({ field: `emails[${index}]`, identifiers: emailIdentifiers(email) })),
    ...phone_numbers.map((phone, index) => ({
      field: `phone_numbers[${index}]`,
      identifiers: phoneIdentifiers(phone),
    })),
  ]
  // Of a contact, the value comes first, then its id.
  const values = contacts.flatMap(({ field, identifiers: [value] }) => (value ? [{ field, identifier: value }] : []))
  const ids = contacts.flatMap(({ field, identifiers: [, id] }) =>
    id ? [{ field: `${field}.${id.kind}`, identifier: id }] : [],
  )
  const parts = [
    ...ids,
    ...(user.password
      ? [{ field: 'password.password_id', identifier: passwordIdentifier(user.password.password_id) }]
      : []),
    ...user.totps.map((totp) => ({ field: 'totp.totp_id', identifier: totpIdentifier(totp) })),
  ]
  const found_by = [...external, ...values]
  return { line, id_field: 'user_id', id, new_id: user.user_id, external_id, found_by, parts }
}

/** Adds users who are new; belongs into a transaction. A rehearsal writes nothing secret. */
export async function writeUsers(
  app: App,
  environment: Environment,
  drafts: UserDraft[],
  { is_rehearsal }: { is_rehearsal: boolean },
): Promise<void> {
  if (drafts.length === 0) return
  await addUsers(
    app,
    environment,
    drafts.map(({ user }) => user),
  )
  if (is_rehearsal) return
  const owners = drafts.map(({ user, credentials }) => ({ owner_id: user.user_id, credentials }))
  await storeCredentials(app, environment, owners)
}

/** The records of the next users after that id, at most `limit`; none when there are no more. */
export async function exportUsers(
  app: App,
  environment: Environment,
  { after, limit, with_credentials }: { after: string; limit: number; with_credentials: boolean },
): Promise<{ last: string; record: Written }[]> {
  const found = await listUsersAfter(app, environment, after, limit)
  const owners = found.map(({ user_id, password }) => ({
    owner_id: user_id,
    requires_reset: password?.requires_reset ?? false,
  }))
  const credentials = with_credentials ? await exportCredentials(app, environment, owners) : undefined
  return found.map((user) => ({
    last: user.user_id,
    record: {
      type: 'user',
      user_id: user.user_id,
      external_id: user.external_id,
      status: user.status,
      name: user.name,
      emails: user.emails,
      phone_numbers: user.phone_numbers,
      roles: user.roles.filter((role) => user.assigned_roles.includes(role)),
      trusted_metadata: user.trusted_metadata,
      untrusted_metadata: user.untrusted_metadata,
      created_at: timeOf(user.created_at),
      ...credentials?.get(user.user_id),
    },
  }))
}
