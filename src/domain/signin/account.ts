/** Who signs in, a user, a member or an address that is nobody yet, as far as locks and mails about them care. */
import { type Address, findAddress, lockAddress, takeAddressTurn } from '../addresses/address.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { changeMember, takeMemberTurn } from '../members/member.ts'
import { findMember, findMembersOf } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import { findUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { changeUser, takeTurn } from '../users/user.ts'

export type Lock = { lock_created_at: number | null; lock_expires_at: number | null }

export type Account = Lock & {
  project_id: string
  owner_id: string
  /** Where a mail reaches the person. */
  addresses: { email_id: string; email: string; verified: boolean }[]
  /** The account as it is once it is this transaction's turn. */
  takeTurn(app: App): Promise<Account>
  setLock(app: App, lock: Lock): Promise<Account>
}

/** Whose failures are counted. */
export type Owner = User | Member | Address

/** The account of a user, a member or an address. */
export function accountOf(environment: Environment, owner: Owner): Account {
  if ('member_id' in owner) return accountOfMember(owner)
  return 'user_id' in owner ? accountOfUser(environment, owner) : accountOfAddress(environment, owner, [])
}

/** What the account of an owner is filed under. No id holds an "@". */
export function ownerIdOf(owner: Pick<User, 'user_id'> | Pick<Member, 'member_id'> | Pick<Address, 'email_address'>) {
  if ('member_id' in owner) return owner.member_id
  return 'user_id' in owner ? owner.user_id : owner.email_address
}

/** The account with that owner id; undefined when there is none any more. */
export async function findAccount(app: App, environment: Environment, owner_id: string): Promise<Account | undefined> {
  const owner = await findOwner(app, environment, owner_id)
  return owner && accountOf(environment, owner)
}

function findOwner(app: App, environment: Environment, owner_id: string): Promise<Owner | undefined> {
  if (environment.vertical !== 'B2B') return findUser(app, environment, owner_id)
  return owner_id.includes('@') ? findAddress(app, environment, owner_id) : findMember(app, environment, owner_id)
}

function accountOfUser(environment: Environment, user: User): Account {
  const { project_id, user_id, emails, lock_created_at, lock_expires_at } = user
  return {
    project_id,
    owner_id: user_id,
    lock_created_at,
    lock_expires_at,
    addresses: emails,
    takeTurn: async (app) => accountOfUser(environment, await takeTurn(app, environment, user)),
    setLock: async (app, lock) =>
      accountOfUser(
        environment,
        await changeUser(app, environment, user_id, (_, current) => ({ ...current, ...lock })),
      ),
  }
}

function accountOfMember(member: Member): Account {
  const { project_id, member_id, email_id, email_address, email_address_verified: verified } = member
  const { lock_created_at, lock_expires_at } = member
  return {
    project_id,
    owner_id: member_id,
    lock_created_at,
    lock_expires_at,
    addresses: [{ email_id, email: email_address, verified }],
    takeTurn: async (app) => accountOfMember(await takeMemberTurn(app, member)),
    setLock: async (app, lock) =>
      accountOfMember(await changeMember(app, member, (_, current) => ({ ...current, ...lock }))),
  }
}

function accountOfAddress(environment: Environment, address: Address, addresses: Account['addresses']): Account {
  const { project_id, email_address, lock_created_at, lock_expires_at } = address
  return {
    project_id,
    owner_id: email_address,
    lock_created_at,
    lock_expires_at,
    addresses,
    takeTurn: async (app) => {
      const current = await takeAddressTurn(app, address)
      // Nobody is written to because a stranger has tried their address here.
      const isKnown = (await findMembersOf(app, environment, email_address)).length > 0
      const known = [{ email_id: email_address, email: email_address, verified: true }]
      return accountOfAddress(environment, current, isKnown ? known : [])
    },
    setLock: async (app, lock) => accountOfAddress(environment, await lockAddress(app, address, lock), addresses),
  }
}
