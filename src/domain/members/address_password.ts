/**
 * Passwords that members share by their address, in environments where passwords hold for all organizations (reference: b2b.md
 * §7.3). Such a password is stored once, with the address as its owner, and members show that they have it. Whoever changes
 * what an address shares or who has it holds first the address and then members, so the two never tell different things.
 */
import { takeAddressTurns } from '../addresses/address.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { findPassword, removePassword } from '../passwords/password.ts'
import { findMembersOf } from './reference.ts'
import type { Member } from './row.ts'

/** Whether passwords are of addresses here, and not of single members. */
export function sharesPasswords({ settings }: Pick<Environment, 'settings'>): boolean {
  return settings.cross_org_passwords_enabled
}

/** The owner that the password of a member is stored with. */
export function passwordOwnerOf(
  environment: Pick<Environment, 'settings'>,
  { member_id, email_address }: Pick<Member, 'member_id' | 'email_address'>,
): string {
  return sharesPasswords(environment) ? email_address : member_id
}

/**
 * Keeps the passwords of addresses, and who has them, as they are until the transaction ends; does nothing where members
 * have passwords of their own. Comes before any member is held.
 */
export async function holdAddresses(app: App, environment: Environment, addresses: string[]): Promise<void> {
  if (sharesPasswords(environment)) await takeAddressTurns(app, environment, addresses)
}

/** The password that somebody has by the address from the moment it is theirs; holds the address, if nobody has yet. */
export async function inheritedPassword(
  app: App,
  environment: Environment,
  email_address: string,
): Promise<Member['password']> {
  if (!sharesPasswords(environment)) return null
  await holdAddresses(app, environment, [email_address])
  const stored = await findPassword(app, environment, email_address)
  return stored ? { password_id: stored.password_id, inherited: true } : null
}

/** Removes the password of an address that is held, unless other members have it by the address. */
export async function leavePassword(
  app: App,
  environment: Environment,
  { member_id, email_address }: Pick<Member, 'member_id' | 'email_address'>,
): Promise<void> {
  if (await isLast(app, environment, { member_id, email_address })) {
    await removePassword(app, environment, email_address)
  }
}

/**
 * What a member has of a password after having proven that they go on by another address; both are held. Only the password
 * that the next address has counts: their own was chosen by whoever had the old address, and whoever has the next one may be
 * somebody else, who was made to click.
 */
export async function passwordByNextAddress(
  app: App,
  environment: Environment,
  member: Member,
  next: string,
): Promise<Member['password']> {
  if (!sharesPasswords(environment)) return member.password
  await leavePassword(app, environment, member)
  return inheritedPassword(app, environment, next)
}

async function isLast(
  app: App,
  environment: Environment,
  { member_id, email_address }: Pick<Member, 'member_id' | 'email_address'>,
): Promise<boolean> {
  const members = await findMembersOf(app, environment, email_address)
  return members.every((other) => other.member_id === member_id)
}
