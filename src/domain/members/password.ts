/** The password of a member, or of all members of an address: held, given, taken away (reference: b2b.md §7.3). */
import { newId } from '../../values/id.ts'
import { takeAddressTurn } from '../addresses/address.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import type { AcceptedPassword } from '../passwords/acceptance.ts'
import {
  findPassword,
  removePassword,
  requireReset,
  type StoredPassword,
  storePassword,
} from '../passwords/password.ts'
import { holdPasswordMode } from '../projects/environment.ts'
import { revokeOneTimeTokens } from '../proofs/one_time_token.ts'
import { passwordOwnerOf, sharesPasswords } from './address_password.ts'
import { claim, identifier } from './identifiers.ts'
import { changeMember, takeMemberTurn } from './member.ts'
import { findMember, findMembersOf } from './reference.ts'
import type { Member } from './row.ts'

/** Everybody who has one password, held until the transaction ends. */
export type Sharers = {
  /** What the password is stored with: a member, or an address. */
  owner_id: string
  email_address: string
  members: Member[]
}

/** What the member who sets a password becomes by it, beside having it. */
export type Setter = { member_id: string; change?: (app: App, member: Member) => Member | Promise<Member> }

/**
 * Holds everybody who has the password of a member, until the transaction ends: the member, or all members of the address where
 * they share one; undefined when the member has been deleted. Holds whose passwords are, too, so it comes before everything
 * else that is held.
 */
export async function holdSharers(app: App, environment: Environment, member_id: string): Promise<Sharers | undefined> {
  const known = await findMember(app, environment, member_id)
  if (!known || known.status === 'deleted') return undefined
  if (sharesPasswords(environment)) return holdSharersOf(app, environment, known.email_address)
  await holdPasswordMode(app, environment)
  const member = await takeMemberTurn(app, known)
  return { owner_id: member_id, email_address: member.email_address, members: [member] }
}

/** The same for an address whose members share a password, also when it is nobody's yet. */
export async function holdSharersOf(app: App, environment: Environment, email_address: string): Promise<Sharers> {
  await holdPasswordMode(app, environment)
  await takeAddressTurn(app, { project_id: environment.project_id, email_address })
  const members: Member[] = []
  for (const one of await findMembersOf(app, environment, email_address)) members.push(await takeMemberTurn(app, one))
  return { owner_id: email_address, email_address, members }
}

/** One of them; undefined when the member has gone, or has got another address. */
export function amongSharers(sharers: Pick<Sharers, 'members'> | undefined, member_id: string): Member | undefined {
  return sharers?.members.find((member) => member.member_id === member_id)
}

/**
 * Gives those who share it a password, replacing the one before, whose id it keeps; links to reset that one are void. Returns
 * them as they are then.
 */
export async function givePassword(
  app: App,
  environment: Environment,
  { owner_id, members }: Sharers,
  { hash, accepted_by }: AcceptedPassword,
  setter?: Setter,
): Promise<Member[]> {
  const { project_id, type } = environment
  const before = await findPassword(app, environment, owner_id)
  const password_id = before?.password_id ?? newId('member-password', type)
  await storePassword(app, { project_id, owner_id, password_id, ...hash, accepted_by })
  await recordEvent(app, project_id, 'member.password_set', setter?.member_id ?? password_id, { password_id })
  const member_ids = members.map(({ member_id }) => member_id)
  await revokeOneTimeTokens(app, environment, member_ids, { purpose: 'password reset' })
  await revokeOneTimeTokens(app, environment, owner_id, { purpose: 'discovery password reset' })
  return showPassword(app, environment, members, password_id, setter)
}

/**
 * Lets members, who are held, show that they have a password; the one who has set it has it as theirs from then on. Who shows it
 * already stays as given, unread: there may be thousands.
 */
export async function showPassword(
  app: App,
  environment: Environment,
  members: Member[],
  password_id: string,
  setter?: Setter,
): Promise<Member[]> {
  const isShared = sharesPasswords(environment)
  const shown: Member[] = []
  for (const one of members) {
    const isSetter = one.member_id === setter?.member_id
    if (isShared && !isSetter && one.password?.password_id === password_id) {
      shown.push(one)
      continue
    }
    const next = await changeMember(app, one, async (app, member) => {
      const inherited = isShared && !isSetter && (member.password?.inherited ?? true)
      // Only where a password is a single member's can it be named by its id.
      if (!isShared && !member.password) await claim(app, member, [identifier(member, 'password_id', password_id)])
      const isSame = member.password?.password_id === password_id && member.password.inherited === inherited
      const showing = isSame ? member : { ...member, password: { password_id, inherited } }
      return isSetter && setter.change ? setter.change(app, showing) : showing
    })
    shown.push(next)
  }
  return shown
}

/** Takes a password from those who share it by their address. Returns them as they are then. */
export async function takePassword(
  app: App,
  environment: Environment,
  { owner_id, members }: Sharers,
  { password_id }: StoredPassword,
): Promise<Member[]> {
  await removePassword(app, environment, owner_id)
  await recordEvent(app, environment.project_id, 'member.password_removed', password_id)
  const without: Member[] = []
  for (const one of members) {
    without.push(
      await changeMember(app, one, (_, member) => (member.password ? { ...member, password: null } : member)),
    )
  }
  return without
}

/** The password of a member, or of the address where members share one. */
export function findPasswordOf(
  app: App,
  environment: Environment,
  member: Pick<Member, 'member_id' | 'email_address'>,
): Promise<StoredPassword | undefined> {
  return findPassword(app, environment, passwordOwnerOf(environment, member))
}

/** From now on nobody logs in with a password of members before it was reset. */
export async function requirePasswordReset(
  app: App,
  { project_id }: Environment,
  stored: StoredPassword,
): Promise<void> {
  if (stored.requires_reset) return
  await requireReset(app, stored)
  await recordEvent(app, project_id, 'member.password_reset_required', stored.password_id)
}
