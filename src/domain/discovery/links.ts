/** Discovery by magic links: mailed to any address, and redeemed for an intermediate session of it (reference: b2b.md §6.1, §7.1). */
import type { Locale } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import { findAddress } from '../addresses/address.ts'
import type { App } from '../app.ts'
import { checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { countAgainst } from '../limits/limit.ts'
import { linkTo } from '../messages/link.ts'
import { sendMessage } from '../messages/message.ts'
import { checkTemplates } from '../messages/template.ts'
import {
  consumeOneTimeToken,
  findOneTimeToken,
  isRedeemable,
  issueOneTimeToken,
  linkMinutes,
} from '../proofs/one_time_token.ts'
import { checkCodeChallenge, verifyPkce } from '../proofs/pkce.ts'
import { resolveRedirectUrl } from '../redirect_urls/resolve.ts'
import { forgetFailedAttempts, refuseLocked } from '../signin/lock.ts'
import { type Discovery, proofOfAddress, startDiscovery } from './start.ts'

/** What a request for a discovery link may say; every field but the first may be missing. */
export type DiscoveryLinkRequest = {
  email_address: string
  discovery_redirect_url?: string | undefined
  discovery_expiration_minutes?: number | undefined
  login_template_id?: string | undefined
  pkce_code_challenge?: string | undefined
  locale?: Locale | undefined
}

const purpose = 'discovery magic link'
/** How many minutes a link lasts unless the request says otherwise. */
const usualMinutes = 60

/**
 * Mails a discovery link to an address, whoever has it: nobody is looked up, so nothing tells who is known here. Refuses with
 * `too_many_requests` the second link to an address in a second, as `sendMessage` does, and whatever the request has wrong.
 */
export async function mailDiscoveryLink(
  app: App,
  environment: Environment,
  request: DiscoveryLinkRequest,
): Promise<void> {
  const email_address = parseEmail(request.email_address) ?? fail('invalid_email')
  const { discovery_redirect_url, discovery_expiration_minutes, locale = 'en' } = request
  const minutes = linkMinutes('discovery_expiration_minutes', discovery_expiration_minutes, usualMinutes)
  const redirect_url = resolveRedirectUrl(environment, 'DISCOVERY', discovery_redirect_url)
  checkTemplates(request.login_template_id)
  const code_challenge = checkCodeChallenge(request.pkce_code_challenge)
  const details = { kind: 'discovery', attributes: checkAttributes(undefined), code_challenge, redirect_url } as const
  const issue = { purpose, owner_id: email_address, method_id: email_address, minutes, details } as const
  await app.transaction(async (app) => {
    await countAgainst(app, environment, 'email_links', email_address)
    const token = await issueOneTimeToken(app, environment, issue)
    const links = [{ purpose: 'login' as const, url: linkTo(app, environment, 'discovery', token), token }]
    await sendMessage(app, environment, email_address, { channel: 'email', template: 'login', locale, links, minutes })
  })
}

/**
 * Redeems a discovery link, once. Refuses with `magic_link_not_found` an unknown token, with `unable_to_auth_magic_link` one
 * that was used or has expired, a locked address, and as `verifyPkce` does; then the link is as it was.
 */
export function discoverByMagicLink(
  app: App,
  environment: Environment,
  { token, code_verifier }: { token: string; code_verifier: string | undefined },
): Promise<Discovery> {
  return app.transaction(async (app) => {
    const link = (await findOneTimeToken(app, environment, purpose, token)) ?? fail('magic_link_not_found')
    const address = await findAddress(app, environment, link.owner_id)
    refuseLocked(app, address)
    if (!isRedeemable(link, app.now())) fail('unable_to_auth_magic_link')
    verifyPkce(link.details.code_challenge, code_verifier)
    if (!(await consumeOneTimeToken(app, link))) fail('unable_to_auth_magic_link')
    await forgetFailedAttempts(app, address)
    const { email_address } = address
    return startDiscovery(app, environment, { email_address, proof: proofOfAddress('magic_link', email_address) })
  })
}
