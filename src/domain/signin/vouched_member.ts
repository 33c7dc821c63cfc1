/** Signing a member in by the word of somebody whom the project trusts: a session for sure, or a refusal (reference: b2b.md §1.10, §1.11). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { changeMember, takeMemberTurn } from '../members/member.ts'
import type { Member } from '../members/row.ts'
import type { Proof } from '../sessions/factors.ts'
import type { PresentedMember } from '../sessions/presented.ts'
import { gatherFactor, type Session, type SessionChange, startSession } from '../sessions/session.ts'
import { forgetFailedAttempts, refuseLocked } from './lock.ts'
import { usualMinutes } from './member.ts'

/** What signing in brings along. */
type Context = {
  /** A session of the same member, which gains the factor. */
  presented?: PresentedMember | undefined
  change: SessionChange
  /** What the vouching changes about the member; returns the member it was given when that is nothing. */
  settle: (app: App, member: Member) => Member | Promise<Member>
}

/**
 * Starts a session of a member, or adds the factor to the one presented; belongs into the transaction of the proof. Neither
 * the methods an organization allows nor its second factors apply: no setting has a name for this factor, and the answer
 * could not say what is missing. Refuses a locked member.
 */
export async function signInVouchedMember(
  app: App,
  environment: Environment,
  known: Member,
  proof: Proof,
  { presented, change, settle }: Context,
): Promise<{ member: Member; session: Session }> {
  refuseLocked(app, await takeMemberTurn(app, known))
  const member = await changeMember(app, known, settle)
  await forgetFailedAttempts(app, member)
  if (presented) {
    const session = await gatherFactor(app, environment, presented.session.session_id, proof, change)
    return { member, session }
  }
  const duration_minutes = change.duration_minutes ?? usualMinutes
  const session = await startSession(app, environment, member.member_id, proof, { ...change, duration_minutes })
  return { member, session }
}

/** The member as active, with a verified address, when somebody vouches for who was not let in yet. */
export function admitted(member: Member): Member {
  if (member.status === 'active') return member
  return { ...member, status: 'active', email_address_verified: true }
}
