/** Who signs in, a user or a member, as far as locks and mails about them care. */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { changeMember, takeMemberTurn } from '../members/member.ts'
import { findMember } from '../members/reference.ts'
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

/** The account of a user or a member. */
export function accountOf(environment: Environment, owner: User | Member): Account {
  return 'member_id' in owner ? accountOfMember(owner) : accountOfUser(environment, owner)
}

/** The account with that owner id; undefined when there is none any more. */
export async function findAccount(app: App, environment: Environment, owner_id: string): Promise<Account | undefined> {
  const owner =
    environment.vertical === 'B2B'
      ? await findMember(app, environment, owner_id)
      : await findUser(app, environment, owner_id)
  return owner && accountOf(environment, owner)
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
