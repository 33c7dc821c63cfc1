/** Changes of a member that touch what the address shares with members of other organizations (reference: b2b.md §7.3). */
import { fail } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { holdAddresses, sharesPasswords } from './address_password.ts'
import { changeMember, type Known } from './member.ts'
import { findMember } from './reference.ts'
import type { Member } from './row.ts'

/**
 * Like `changeMember`, for changes of what the member has by the address: holds it, and `others`, before the member. Begins
 * again when the member has got another address meanwhile.
 */
export function changeMemberByAddress(
  app: App,
  environment: Environment,
  known: Known,
  change: (app: App, member: Member) => Promise<Member>,
  { others = [], event }: { others?: string[]; event?: Parameters<typeof changeMember>[3] } = {},
): Promise<Member> {
  return app.transaction(async (app) => {
    const before = (await findMember(app, environment, known.member_id)) ?? fail('member_not_found')
    await holdAddresses(app, environment, [before.email_address, ...others])
    const unlessMoved = (app: App, member: Member) => {
      if (sharesPasswords(environment) && member.email_address !== before.email_address) throw new WriteConflict()
      return change(app, member)
    }
    return changeMember(app, known, unlessMoved, event)
  })
}
