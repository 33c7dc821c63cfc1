/** Signing in by a magic link, mailed or embedded (reference: consumer.md §1.4, §3.1). */
import { fail } from '../../../errors.ts'
import type { App } from '../../app.ts'
import type { Attributes } from '../../attributes.ts'
import type { Environment } from '../../configuration/environment.ts'
import { type AttributeOptions, matchAttributes } from '../../proofs/attribute_match.ts'
import { consumeOneTimeToken, findOneTimeToken, isRedeemable, type OneTimeToken } from '../../proofs/one_time_token.ts'
import { verifyPkce } from '../../proofs/pkce.ts'
import type { Proof } from '../../sessions/factors.ts'
import type { Presented } from '../../sessions/presented.ts'
import type { SessionChange } from '../../sessions/session.ts'
import { findContactOwner } from '../../users/contacts.ts'
import { getUser } from '../../users/reference.ts'
import { holdUser } from '../../users/user.ts'
import { refuseLocked } from '../lock.ts'
import { type SignIn, signInUser } from '../user.ts'

/** What a request redeems, and what it says about who redeems it. */
export type Redemption = {
  token: string
  code_verifier?: string | undefined
  attributes?: Partial<Attributes> | undefined
  options?: AttributeOptions | undefined
}

/**
 * Redeems a link: once, in one transaction with all that follows, so that any refusal leaves it as it was. Refuses with
 * `magic_link_not_found` an unknown token, with `unable_to_auth_magic_link` one that was used, has expired, or proves an
 * address that its user no longer has, and as `refuseLocked`, `verifyPkce`, `matchAttributes` and `signInUser` do.
 */
export function signInByMagicLink(
  app: App,
  environment: Environment,
  { token, code_verifier, attributes, options }: Redemption,
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn & { method_id: string }> {
  return app.transaction(async (app) => {
    const link = (await findOneTimeToken(app, environment, 'magic link', token)) ?? fail('magic_link_not_found')
    await holdUser(app, { project_id: environment.project_id, user_id: link.owner_id })
    const user = await getUser(app, environment, link.owner_id)
    refuseLocked(app, user)
    if (!isRedeemable(link, app.now())) fail('unable_to_auth_magic_link')
    const proof = await proofOf(app, environment, link)
    verifyPkce(link.details.code_challenge, code_verifier)
    matchAttributes(link.details.attributes, attributes, options)
    if (!(await consumeOneTimeToken(app, link))) fail('unable_to_auth_magic_link')
    const contact_id = proof.delivery_method === 'email' ? link.method_id : undefined
    const signIn = await signInUser(app, environment, user, proof, presented, change, contact_id)
    return { ...signIn, method_id: link.method_id }
  })
}

/** An embedded link was never mailed, so it proves no address; any other proves that its user reads the address now. */
async function proofOf(
  app: App,
  environment: Environment,
  { owner_id, method_id, details }: OneTimeToken,
): Promise<Extract<Proof, { type: 'magic_link' }>> {
  if (details.kind === 'embedded') {
    const embeddable_magic_link_factor = { embedded_id: method_id }
    return { type: 'magic_link', delivery_method: 'embedded', embeddable_magic_link_factor }
  }
  const found = await findContactOwner(app, environment, 'email_id', method_id)
  if (found?.user.user_id !== owner_id) fail('unable_to_auth_magic_link')
  const email_factor = { email_id: method_id, email_address: found.contact.value }
  return { type: 'magic_link', delivery_method: 'email', email_factor }
}
