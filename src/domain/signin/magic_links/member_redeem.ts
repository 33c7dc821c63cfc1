/** Signing a member in by a magic link (reference: b2b.md §1.5, §7.1). */
import { fail } from '../../../errors.ts'
import type { App } from '../../app.ts'
import type { Environment } from '../../configuration/environment.ts'
import { completeEmailUpdate, holdEmailUpdate } from '../../members/email_update.ts'
import { takeMemberTurn } from '../../members/member.ts'
import { findMember } from '../../members/reference.ts'
import type { Member } from '../../members/row.ts'
import { getOrganization } from '../../organizations/reference.ts'
import type { Organization } from '../../organizations/row.ts'
import { consumeOneTimeToken, findOneTimeToken, isRedeemable, type OneTimeToken } from '../../proofs/one_time_token.ts'
import { verifyPkce } from '../../proofs/pkce.ts'
import { refuseLocked } from '../lock.ts'
import { type MemberSignIn, type SignInContext, signInMember } from '../member.ts'
import { refuseForbiddenMethod } from '../policy.ts'
import { type Presenting, readPresenting } from '../presenting.ts'

/**
 * Redeems a link: once, in one transaction with all that follows, so that any refusal leaves it as it was. A link of a change
 * of address completes the change. Refuses with `magic_link_not_found` an unknown token, with `unable_to_auth_magic_link` one
 * that was used, has expired, or proves an address that its member no longer has, with
 * `operation_restricted_by_organization_auth_methods` where links cannot be used and no intermediate session tells of another
 * method, and as `refuseLocked`, `verifyPkce`, `completeEmailUpdate` and `signInMember` do.
 */
export function signInMemberByMagicLink(
  app: App,
  environment: Environment,
  { token, code_verifier }: { token: string; code_verifier: string | undefined },
  presenting: Presenting,
): Promise<MemberSignIn & { method_id: string }> {
  return app.transaction(async (app) => {
    const link = (await findOneTimeToken(app, environment, 'magic link', token)) ?? fail('magic_link_not_found')
    const { organization, member } = await takeTurn(app, environment, link)
    const context = await readPresenting(app, environment, presenting)
    refuseLocked(app, member)
    if (!isRedeemable(link, app.now())) fail('unable_to_auth_magic_link')
    refuseForbidden(organization, member, link, context)
    verifyPkce(link.details.code_challenge, code_verifier)
    if (!(await consumeOneTimeToken(app, link))) fail('unable_to_auth_magic_link')
    const session_id = context.presented?.session.session_id
    const proven = await proveAddress(app, environment, member, link, session_id)
    const email_factor = { email_id: proven.email_id, email_address: proven.email_address }
    const proof = { type: 'magic_link', delivery_method: 'email', email_factor } as const
    const signIn = await signInMember(app, environment, organization, proven, proof, context)
    return { ...signIn, method_id: link.method_id }
  })
}

async function takeTurn(
  app: App,
  environment: Environment,
  { owner_id, details }: OneTimeToken,
): Promise<{ organization: Organization; member: Member }> {
  const known = await findMember(app, environment, owner_id)
  if (!known || known.status === 'deleted') fail('magic_link_not_found')
  if (details.kind === 'email_update') await holdEmailUpdate(app, environment, known)
  const member = await takeMemberTurn(app, known)
  return { member, organization: await getOrganization(app, environment, member.organization_id) }
}

/** A change of address is no login: it is completed whatever methods the organization has. What follows is decided as ever. */
function refuseForbidden(
  organization: Organization,
  member: Member,
  { details }: OneTimeToken,
  { intermediate }: SignInContext,
): void {
  const isStep = intermediate?.record.email_address === member.email_address
  if (details.kind !== 'email_update' && !isStep) refuseForbiddenMethod(organization, member, 'magic_link')
}

/** The member with the address that the link proves as the primary one. */
async function proveAddress(
  app: App,
  environment: Environment,
  member: Member,
  { details, method_id }: OneTimeToken,
  session_id: string | undefined,
): Promise<Member> {
  if (details.kind === 'email_update') return completeEmailUpdate(app, environment, member, method_id, session_id)
  return member.email_id === method_id ? member : fail('unable_to_auth_magic_link')
}
