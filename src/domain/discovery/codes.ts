/** Discovery by one-time codes: mailed to any address, and authenticated for an intermediate session of it (reference: b2b.md §6.1, §7.2). */
import type { Locale } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import { takeAddressTurn } from '../addresses/address.ts'
import type { App } from '../app.ts'
import { checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { countAgainst } from '../limits/limit.ts'
import { sendMessage } from '../messages/message.ts'
import { namedTemplate } from '../messages/template.ts'
import { checkCodeForm, checkOneTimeCode, consumeOneTimeCode, issueOneTimeCode } from '../proofs/one_time_code.ts'
import { attempt, failedAttempt } from '../signin/attempt.ts'
import { forgetFailedAttempts, refuseLocked } from '../signin/lock.ts'
import { codeMinutes } from '../signin/member_code_sending.ts'
import { type Discovery, proofOfAddress, startDiscovery } from './start.ts'

/** What a request for a discovery code may say; every field but the first may be missing. */
export type DiscoveryCodeRequest = {
  email_address: string
  discovery_expiration_minutes?: number | undefined
  login_template_id?: string | undefined
  locale?: Locale | undefined
}

/**
 * Mails a code to an address, whoever has it: nobody is looked up, so nothing tells who is known here. Earlier discovery codes
 * to the address are superseded; codes of organizations stay. Refuses with `invalid_email`, `invalid_expiration_otp`,
 * `email_template_not_found`, with `too_many_requests` the second code to an address in a second, and as `sendMessage` does.
 */
export async function sendDiscoveryCode(
  app: App,
  environment: Environment,
  request: DiscoveryCodeRequest,
): Promise<void> {
  const email_address = parseEmail(request.email_address) ?? fail('invalid_email')
  const { project_id } = environment
  const { discovery_expiration_minutes, locale = 'en' } = request
  const minutes = codeMinutes('discovery_expiration_minutes', discovery_expiration_minutes)
  const template = await namedTemplate(app, environment, 'ONE_TIME_PASSCODE', request.login_template_id)
  const details = { channel: 'email' as const, attributes: checkAttributes(undefined) }
  const issue = { owner_id: email_address, method_id: methodOf(email_address), details, minutes }
  await app.transaction(async (app) => {
    // Before the address, like everywhere: who joins by a code has counted it before the address is held.
    await countAgainst(app, environment, 'email_codes', email_address)
    // What is sent to one address is sent in turn, so that only the newest code lives.
    await takeAddressTurn(app, { project_id, email_address })
    const code = await issueOneTimeCode(app, environment, issue)
    const letter = { channel: 'email', template: 'otp_login', locale, code, minutes } as const
    await sendMessage(app, environment, email_address, { ...letter, links: [] }, template)
  })
}

/**
 * Authenticates the code that was mailed to an address. Refuses with `invalid_code`, `invalid_email`, a locked address, with
 * `otp_code_not_found` a wrong code, which counts towards the lock of the address and voids the code with the fifth try, and
 * with `unable_to_auth_otp_code` one that was right once. Only a success uses the code.
 */
export function discoverByCode(
  app: App,
  environment: Environment,
  given: { email_address: string; code: string },
): Promise<Discovery> {
  checkCodeForm(given.code)
  const email_address = parseEmail(given.email_address) ?? fail('invalid_email')
  const { project_id } = environment
  return attempt(app, async (app) => {
    // No guess is weighed before those ahead of it count.
    const address = await takeAddressTurn(app, { project_id, email_address })
    refuseLocked(app, address)
    const checked = await checkOneTimeCode(app, environment, methodOf(email_address), given.code)
    if (checked.verdict === 'wrong') return failedAttempt(app, environment, address, 'otp_code_not_found')
    const spent = checked.verdict === 'spent' || !(await consumeOneTimeCode(app, checked.code))
    if (spent) return failedAttempt(app, environment, address, 'unable_to_auth_otp_code', { counts: false })
    await forgetFailedAttempts(app, address)
    return startDiscovery(app, environment, { email_address, proof: proofOfAddress('email_otp', email_address) })
  })
}

/** What codes of discovery prove. No id of a member's address looks like it, so codes of organizations are others. */
function methodOf(email_address: string): string {
  return `discovery:${email_address}`
}
