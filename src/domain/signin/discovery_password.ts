/** Passwords of addresses, before an organization is chosen: proven, asked to be reset, reset (reference: b2b.md §6.1, §7.3). */
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import { type Address, findAddress, takeAddressTurn } from '../addresses/address.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { type Discovery, startDiscovery } from '../discovery/start.ts'
import { countAgainst } from '../limits/limit.ts'
import { givePassword, holdSharersOf, requirePasswordReset } from '../members/password.ts'
import { findMembersOf } from '../members/reference.ts'
import { requireSharedPasswords } from '../members/required_reset.ts'
import { acceptNewPassword } from '../passwords/acceptance.ts'
import { findPassword } from '../passwords/password.ts'
import { consumeOneTimeToken } from '../proofs/one_time_token.ts'
import { verifyPkce } from '../proofs/pkce.ts'
import { forgetFailedAttempts, refuseLocked } from './lock.ts'
import { wordsAboutMembers } from './member_password.ts'
import { endSessionsOfSharers } from './member_password_reset.ts'
import { resetTemplate } from './member_password_reset_start.ts'
import { mailReset, type ResetMailRequest, readResetRequest } from './reset_mail.ts'
import { findResetToken } from './reset_token.ts'
import { type Kind, loggingIn, passwordProof } from './verified_password.ts'

/**
 * Starts the discovery of an address by its password. Refuses with `cross_org_passwords_not_enabled`, and as `loggingIn` does: an
 * address that nobody has, or that has no password, like a wrong one. Failures count for the address.
 */
export async function discoverByPassword(
  app: App,
  environment: Environment,
  { email_address, password }: { email_address: string; password: string },
): Promise<Discovery> {
  requireSharedPasswords(environment)
  return loggingIn(app, environment, addresses(environment, email_address), password, async (app, address) => {
    await forgetFailedAttempts(app, address)
    return startDiscovery(app, environment, { email_address: address.email_address, proof: passwordProof })
  })
}

function addresses(environment: Environment, text: string): Kind<Address> {
  const email_address = parseEmail(text) ?? fail('invalid_email')
  const candidate = async (app: App, owner: Address) => {
    const stored = await findPassword(app, environment, email_address)
    return stored ? { owner, stored } : { owner, stored: undefined }
  }
  return {
    refusal: 'member_reset_password',
    wordsAbout: () => wordsAboutMembers(email_address, []),
    find: async (app) => candidate(app, await findAddress(app, environment, email_address)),
    async hold(app, { project_id }) {
      return candidate(app, await takeAddressTurn(app, { project_id, email_address }))
    },
    mustReset: ({ stored }) => stored.requires_reset,
    requireReset: (app, { stored }) => requirePasswordReset(app, environment, stored),
  }
}

export type DiscoveryResetRequest = ResetMailRequest & {
  email_address: string
  discovery_redirect_url?: string | undefined
  pkce_code_challenge?: string | undefined
}

const links = {
  reset: { kind: 'discovery', purpose: 'discovery password reset', flow: 'reset_password' },
  other: { kind: 'discovery', purpose: 'discovery magic link', flow: 'discovery' },
} as const

/**
 * Mails an address, whoever has it, a link to set its password, and one to go on without it where the environment has a discovery
 * URL. Refuses with `cross_org_passwords_not_enabled`, as `readResetRequest` does, and with `too_many_requests` more than one a
 * second.
 */
export async function startDiscoveryPasswordReset(
  app: App,
  environment: Environment,
  given: DiscoveryResetRequest,
): Promise<void> {
  requireSharedPasswords(environment)
  const { email_address: text, pkce_code_challenge: code_challenge, discovery_redirect_url } = given
  const more = { email_address: text, code_challenge, other: ['DISCOVERY', discovery_redirect_url] } as const
  const draft = await readResetRequest(app, environment, given, more)
  const { email_address } = draft
  await app.transaction(async (app) => {
    await countAgainst(app, environment, 'email_resets', email_address)
    const template = await resetTemplate(app, environment, email_address)
    const of = { owner_id: email_address, method_id: email_address }
    await mailReset(app, environment, draft, template, of, links)
  })
}

/**
 * Sets the password of the address that a link was mailed to, ends the sessions of all its members, and starts its discovery: the
 * address is proven. Refuses with `cross_org_passwords_not_enabled`, with `unable_to_auth_password_reset_token`, while the
 * address is locked, with PKCE errors, and as a new password is refused; nothing but a success burns the token.
 */
export async function resetDiscoveryPassword(
  app: App,
  environment: Environment,
  given: { token: string; password: string; code_verifier: string | undefined },
): Promise<Discovery> {
  requireSharedPasswords(environment)
  const token = await findResetToken(app, environment, 'discovery password reset', given.token)
  const email_address = token.method_id
  refuseLocked(app, await findAddress(app, environment, email_address))
  verifyPkce(token.details.code_challenge, given.code_verifier)
  const words = wordsAboutMembers(email_address, await findMembersOf(app, environment, email_address))
  const accepted = await acceptNewPassword(app, environment, given.password, words)
  return app.transaction(async (app) => {
    const sharers = await holdSharersOf(app, environment, email_address)
    const address = await takeAddressTurn(app, { project_id: environment.project_id, email_address })
    refuseLocked(app, address)
    if (!(await consumeOneTimeToken(app, token))) fail('unable_to_auth_password_reset_token')
    await givePassword(app, environment, sharers, accepted)
    await endSessionsOfSharers(app, environment, sharers)
    await forgetFailedAttempts(app, address)
    return startDiscovery(app, environment, { email_address, proof: passwordProof, address_proven: true })
  })
}
