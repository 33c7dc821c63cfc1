/** Passwords of imported members where they share them by their addresses (reference: b2b.md §7.3). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { holdAddresses } from '../members/address_password.ts'
import { membersOfAddresses } from '../members/many.ts'
import type { Member } from '../members/row.ts'
import { findPasswords } from '../passwords/password.ts'
import type { Credentials } from './credentials.ts'

/**
 * What members have of passwords where those are of addresses: the one that the address has, or else the first that comes;
 * `passwords` are those to be stored, `others` who is there already and has them from now on. Holds the addresses.
 */
export async function shareByAddress(
  app: App,
  environment: Environment,
  placed: { member: Member; credentials: Credentials }[],
) {
  const living = placed.filter(({ member }) => member.status !== 'deleted')
  const addresses = [...new Set(living.map(({ member }) => member.email_address))]
  await holdAddresses(app, environment, addresses)
  const stored = await findPasswords(app, environment, addresses)
  const ids = new Map(stored.map(({ owner_id, password_id }) => [owner_id, password_id]))
  const passwords: { owner_id: string; credentials: Credentials }[] = []
  for (const { member, credentials } of living) {
    const { password } = credentials
    if (!password || ids.has(member.email_address)) continue
    ids.set(member.email_address, password.password_id)
    passwords.push({ owner_id: member.email_address, credentials: { password, totp: undefined } })
  }
  const members = placed.map(({ member, credentials: { password } }): Member => {
    const password_id = member.status === 'deleted' ? undefined : ids.get(member.email_address)
    return { ...member, password: password_id === undefined ? null : { password_id, inherited: !password } }
  })
  const fresh = passwords.map(({ owner_id }) => owner_id)
  const there = fresh.length > 0 ? await membersOfAddresses(app, environment, fresh) : []
  const others = there.map((member) => ({ member, password_id: ids.get(member.email_address) as string }))
  return { members, passwords, others }
}
